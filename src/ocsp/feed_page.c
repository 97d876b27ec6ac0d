/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/feed_page.h"

#include <inttypes.h>
#include <string.h>

enum {
    VERSION_GAPS = 2,
    VERSION_EVENTS = 3,
    VERSION_RUNS = 4,
    VERSION_PACKED = 5,
    VERSION_MAX = 5
};
/* Of version 5: serial (4 octets), at (8), and what it is: which CA, a release, and the reason. */
enum { PACKED_SIZE = 13, PACKED_AUTH = 0x80, PACKED_RELEASE = 0x40 };

void feed_page_done(struct feed_page *page)
{
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        pending_done(&page->events[ca]);
}

static int read_serial(const struct json *object, const char *key, uint32_t *ret, struct err *err)
{
    int64_t number;

    TRY(json_get_int(object, key, &number, err));
    if (number < 0 || number > UINT32_MAX)
        return FAIL(err, ERR_INPUT, "a serial number out of range");
    *ret = (uint32_t)number;
    return 0;
}

/* What no event of a certificate can be. */
static int check_event(const struct event *event, uint32_t issued, struct err *err)
{
    if (event->serial == 0 || event->serial > issued)
        return FAIL(err, ERR_INPUT, "an event of what was never issued");
    if (event->is_release && event->reason != CRL_CERTIFICATE_HOLD)
        return FAIL(err, ERR_INPUT, "a release from something else than a hold");
    return 0;
}

/* Of version 3: before, all were revocations. */
static int read_event(const struct json *object, struct event *event, struct err *err)
{
    const char *text;

    TRY(json_get_text(object, "event", &text, err));
    event->is_release = strcmp(text, "release") == 0;
    if (!event->is_release && strcmp(text, "revoke") != 0)
        return FAIL(err, ERR_INPUT, "an event that is not known here");
    return 0;
}

static int read_entry(const struct json *object, int64_t version, struct feed_page *page,
                      struct err *err)
{
    struct event entry = {.is_release = false};
    enum ocsp_ca ca;
    const char *text;

    TRY(json_get_text(object, "kind", &text, err));
    TRY(ocsp_ca_from_name(text, &ca, err));
    TRY(read_serial(object, "serial", &entry.serial, err));
    TRY(json_get_int(object, "at", &entry.at, err));
    TRY(json_get_text(object, "reason", &text, err));
    TRY(crl_reason_parse(text, &entry.reason, err));
    if (version >= VERSION_EVENTS)
        TRY(read_event(object, &entry, err));
    TRY(check_event(&entry, page->serials[ca].issued, err));
    return pending_add(&page->events[ca], &entry, err);
}

/* Version 1 did not say so. */
static int read_version(const struct json *json, int64_t *ret, struct err *err)
{
    *ret = 1;
    if (!json_has(json, "version"))
        return 0;
    TRY(json_get_int(json, "version", ret, err));
    if (*ret < 1 || *ret > VERSION_MAX)
        return FAIL(err, ERR_INPUT, "version %" PRId64 " is not known here", *ret);
    return 0;
}

static int read_gaps(const struct json *list, uint32_t issued, struct gaps *ret, struct err *err)
{
    uint32_t first;
    uint32_t last;

    for (size_t i = 0; i < json_count(list); i++) {
        TRY(read_serial(json_at(list, i), "first", &first, err));
        TRY(read_serial(json_at(list, i), "last", &last, err));
        if (gaps_add_range(ret, first, last, err) < 0 || last > issued)
            return FAIL(err, ERR_INPUT, "gaps that make no sense");
    }
    return 0;
}

static int read_runs(const struct json *list, struct serial_runs *ret, struct err *err)
{
    uint32_t first;
    uint32_t generation;

    for (size_t i = 0; i < json_count(list); i++) {
        TRY(read_serial(json_at(list, i), "first", &first, err));
        TRY(read_serial(json_at(list, i), "generation", &generation, err));
        if (serial_runs_add(ret, first, generation, err) < 0)
            return FAIL(err, ERR_INPUT, "runs of serial numbers that make no sense");
    }
    return 0;
}

/* Of version 4: before, a CA had one generation. */
static int read_all_runs(const struct json *json, struct feed_page *page, struct err *err)
{
    const struct json *runs;
    const struct json *list;

    TRY(json_get_object(json, "runs", &runs, err));
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        TRY(json_get_array(runs, ocsp_ca_name((enum ocsp_ca)ca), &list, err));
        TRY(read_runs(list, &page->serials[ca].runs, err));
    }
    return 0;
}

static int read_serials(const struct json *json, int64_t version, struct feed_page *page,
                        struct err *err)
{
    const struct json *issued;
    const struct json *gaps = NULL;
    const struct json *list;

    TRY(json_get_object(json, "issued", &issued, err));
    if (version >= VERSION_GAPS)
        TRY(json_get_object(json, "gaps", &gaps, err));
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        const char *name = ocsp_ca_name((enum ocsp_ca)ca);
        struct serials *serials = &page->serials[ca];

        TRY(read_serial(issued, name, &serials->issued, err));
        if (gaps == NULL)
            continue;
        TRY(json_get_array(gaps, name, &list, err));
        TRY(read_gaps(list, serials->issued, &serials->gaps, err));
    }
    return 0;
}

static uint64_t number_at(const uint8_t *octets, size_t count)
{
    uint64_t number = 0;

    for (size_t i = 0; i < count; i++)
        number = number << 8 | octets[i];
    return number;
}

static int read_packed_event(const uint8_t *octets, struct feed_page *page, struct err *err)
{
    const uint8_t what = octets[PACKED_SIZE - 1];
    const enum ocsp_ca ca = (what & PACKED_AUTH) != 0 ? OCSP_CA_AUTH : OCSP_CA_SIGN;
    const unsigned reason = what & (PACKED_RELEASE - 1u);
    const struct event event = {.serial = (uint32_t)number_at(octets, 4),
                                .at = (int64_t)number_at(octets + 4, 8),
                                .reason = (enum crl_reason)reason,
                                .is_release = (what & PACKED_RELEASE) != 0};

    if (reason >= CRL_REASONS_)
        return FAIL(err, ERR_INPUT, "a reason that JPKI does not use");
    TRY(check_event(&event, page->serials[ca].issued, err));
    return pending_add(&page->events[ca], &event, err);
}

static int read_packed(const struct json *json, struct feed_page *page, struct err *err)
{
    CLEANUP(buf_done) struct buf packed = BUF_INIT;

    TRY(json_get_base64(json, "packed", &packed, err));
    if (packed.len % PACKED_SIZE != 0)
        return FAIL(err, ERR_INPUT, "a packed event that is cut off");
    for (size_t at = 0; at < packed.len; at += PACKED_SIZE)
        TRY(read_packed_event(packed.ptr + at, page, err));
    return 0;
}

static int read_entries(const struct json *json, int64_t version, struct feed_page *page,
                        struct err *err)
{
    const struct json *entries;

    TRY(json_get_array(json, "entries", &entries, err));
    for (size_t i = 0; i < json_count(entries); i++)
        TRY(read_entry(json_at(entries, i), version, page, err));
    return 0;
}

int feed_page_read(const struct json *json, struct feed_page *ret, struct err *err)
{
    int64_t version;
    int64_t last;

    TRY(read_version(json, &version, err));
    TRY(read_serials(json, version, ret, err));
    if (version >= VERSION_RUNS)
        TRY(read_all_runs(json, ret, err));
    TRY(version >= VERSION_PACKED ? read_packed(json, ret, err)
                                  : read_entries(json, version, ret, err));
    TRY(json_get_int(json, "last", &last, err));
    TRY(json_get_bool(json, "more", &ret->more, err));
    ret->last = last < 0 ? 0 : (uint64_t)last;
    return 0;
}
