/* SPDX-License-Identifier: Apache-2.0 */
/* Revocations in JSON and back. What may be revoked is decided in revoke.c. */
#include "authority/routes.h"

#include <stdlib.h>
#include <string.h>

enum {
    NUMBER_DIGITS_MAX = 18, /* fits an int64_t */
    /*
     * Of the feed. Version 1 had no member version and no gaps, version 2 no event: each entry was
     * a revocation, of a certificate that had none before. Version 5 has its events packed, for
     * who asks for that.
     */
    FEED_VERSION = 4,
    FEED_VERSION_PACKED = 5,
    /* An event: serial (4 octets), at (8), what it is. */
    PACKED_SIZE = 13,
    PACKED_AUTH = 0x80,    /* of the auth CA */
    PACKED_RELEASE = 0x40, /* a release; the rest is the reason */
};

/* The certificate that is meant. */
static int read_certificate(const struct json *json, enum ca_kind *ret_kind, uint32_t *ret_serial,
                            struct err *err)
{
    const char *text;
    int64_t serial;

    TRY(json_get_text(json, "kind", &text, err));
    TRY(ca_kind_from_name(text, ret_kind, err));
    TRY(json_get_int(json, "serial", &serial, err));
    if (serial < 1 || serial > UINT32_MAX)
        return FAIL(err, ERR_ABSENT, "there is no such certificate");
    *ret_serial = (uint32_t)serial;
    return 0;
}

static int read_request(const struct json *json, struct revocation_request *ret, struct err *err)
{
    const char *text;

    TRY(json_get_text(json, "request_id", &ret->request_id, err));
    TRY(json_get_text(json, "reason", &text, err));
    TRY(crl_reason_parse(text, &ret->reason, err));
    return read_certificate(json, &ret->kind, &ret->serial, err);
}

static int put_certificate(struct json *body, const struct revoked *event, struct err *err)
{
    TRY(json_put_int(body, "number", (int64_t)event->number, err));
    TRY(json_put_text(body, "kind", ca_kind_name(event->kind), err));
    TRY(json_put_int(body, "serial", event->serial, err));
    return json_put_int(body, "at", event->at, err);
}

static int put_revoked(struct json *body, const struct revoked *revoked, struct err *err)
{
    TRY(put_certificate(body, revoked, err));
    return json_put_text(body, "reason", crl_reason_name(revoked->reason), err);
}

static int post_revocation(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = NULL;
    const struct audit_origin by = authority_caller(call);
    struct revocation_request request = {.by = &by};
    struct revoked revoked;

    TRY(read_request(call->request.json, &request, err));
    TRY(authority_revoke(call->context, &request, &revoked, err));
    body = json_object_new();
    TRY(put_revoked(body, &revoked, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int post_release(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = NULL;
    const struct audit_origin by = authority_caller(call);
    const struct json *json = call->request.json;
    struct release_request request = {.by = &by};
    struct revoked released;

    TRY(json_get_text(json, "request_id", &request.request_id, err));
    TRY(read_certificate(json, &request.kind, &request.serial, err));
    TRY(authority_release_hold(call->context, &request, &released, err));
    body = json_object_new();
    TRY(put_certificate(body, &released, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

/* A number of the query, 0 if it is not there. */
static int number_of(const struct http_call *call, const char *name, uint64_t *ret, struct err *err)
{
    const char *text = http_query(&call->request, name);
    size_t len = text == NULL ? 0 : strlen(text);
    uint64_t number = 0;

    if (text != NULL && (len == 0 || len > NUMBER_DIGITS_MAX || strspn(text, "0123456789") != len))
        return FAIL(err, ERR_INPUT, "%s is a number, or 0", name);
    for (size_t i = 0; i < len; i++)
        number = number * 10 + (uint64_t)(text[i] - '0');
    *ret = number;
    return 0;
}

int authority_wait_param(const struct http_call *call, int64_t *ret_ms, struct err *err)
{
    uint64_t ms;

    TRY(number_of(call, "wait", &ms, err));
    if (ms > HTTP_WAIT_MS)
        return FAIL(err, ERR_INPUT, "wait is more than %d milliseconds", HTTP_WAIT_MS);
    *ret_ms = (int64_t)ms;
    return 0;
}

static int put_gaps(struct json *body, enum ca_kind kind, const struct gaps *gaps, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < gaps->count; i++) {
        CLEANUP(json_freep) struct json *range = json_object_new();

        TRY(json_put_int(range, "first", gaps->ranges[i].first, err));
        TRY(json_put_int(range, "last", gaps->ranges[i].last, err));
        TRY(json_add(list, json_steal(&range), err));
    }
    return json_put(body, ca_kind_name(kind), json_steal(&list), err);
}

static int put_runs(struct json *body, enum ca_kind kind, const struct serial_runs *runs,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < runs->count; i++) {
        CLEANUP(json_freep) struct json *run = json_object_new();

        TRY(json_put_int(run, "first", runs->rows[i].first, err));
        TRY(json_put_int(run, "generation", runs->rows[i].generation, err));
        TRY(json_add(list, json_steal(&run), err));
    }
    return json_put(body, ca_kind_name(kind), json_steal(&list), err);
}

/* Which serial numbers are in use, and by which generations. */
static int put_serials(struct json *body, const struct revocation_page *page, struct err *err)
{
    CLEANUP(json_freep) struct json *issued = json_object_new();
    CLEANUP(json_freep) struct json *gaps = json_object_new();
    CLEANUP(json_freep) struct json *runs = json_object_new();

    for (unsigned i = 0; i < CA_KINDS_; i++) {
        enum ca_kind kind = (enum ca_kind)i;

        TRY(json_put_int(issued, ca_kind_name(kind), page->issued[kind], err));
        TRY(put_gaps(gaps, kind, &page->gaps[kind], err));
        TRY(put_runs(runs, kind, &page->runs[kind], err));
    }
    TRY(json_put(body, "issued", json_steal(&issued), err));
    TRY(json_put(body, "gaps", json_steal(&gaps), err));
    return json_put(body, "runs", json_steal(&runs), err);
}

static const char *const events[] = {"revoke", "release", NULL};

static int pack(const struct revoked *event, struct buf *out, struct err *err)
{
    uint8_t packed[PACKED_SIZE];

    for (unsigned i = 0; i < 4; i++)
        packed[i] = (uint8_t)(event->serial >> (24 - 8 * i));
    for (unsigned i = 0; i < 8; i++)
        packed[4 + i] = (uint8_t)((uint64_t)event->at >> (56 - 8 * i));
    packed[PACKED_SIZE - 1] = (uint8_t)((event->kind == CA_AUTH ? PACKED_AUTH : 0) |
                                        (event->is_release ? PACKED_RELEASE : 0) | event->reason);
    return buf_append(out, BYTES_ARRAY(packed), err);
}

static int put_packed(struct json *body, const struct revocation_page *page, struct err *err)
{
    CLEANUP(buf_done) struct buf packed = BUF_INIT;

    TRY(buf_reserve(&packed, page->count * PACKED_SIZE, err));
    for (size_t i = 0; i < page->count; i++)
        TRY(pack(&page->entries[i], &packed, err));
    TRY(json_put_int(body, "version", FEED_VERSION_PACKED, err));
    return json_put_base64(body, "packed", buf_bytes(&packed), err);
}

static int put_entries(struct json *body, const struct revocation_page *page, struct err *err)
{
    CLEANUP(json_freep) struct json *entries = json_array_new();

    for (size_t i = 0; i < page->count; i++) {
        CLEANUP(json_freep) struct json *entry = json_object_new();

        TRY(put_revoked(entry, &page->entries[i], err));
        TRY(json_put_text(entry, "event", events[page->entries[i].is_release], err));
        TRY(json_add(entries, json_steal(&entry), err));
    }
    TRY(json_put_int(body, "version", FEED_VERSION, err));
    return json_put(body, "entries", json_steal(&entries), err);
}

static const char *const page_forms[] = {"packed", NULL};

/* Whether events are to be packed: somebody has millions to take in. */
static int packed_param(const struct http_call *call, bool *ret, struct err *err)
{
    const char *text = http_query(&call->request, "form");

    if (text != NULL && strcmp(text, page_forms[0]) != 0)
        return FAIL(err, ERR_INPUT, "form is packed, or is left out");
    *ret = text != NULL;
    return 0;
}

static int put_page(struct json *body, const struct revocation_page *page, bool is_packed,
                    struct err *err)
{
    TRY(is_packed ? put_packed(body, page, err) : put_entries(body, page, err));
    TRY(put_serials(body, page, err));
    TRY(json_put_int(body, "last", (int64_t)page->last, err));
    return json_put_bool(body, "more", !page->is_last_page, err);
}

static void page_freep(struct revocation_page **page)
{
    free(*page);
}

static int get_revocations(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(page_freep) struct revocation_page *page = malloc(sizeof *page);
    CLEANUP(json_freep) struct json *body = NULL;
    uint64_t rings = http_bell_rings(authority_changes(authority->store));
    uint64_t since;
    int64_t wait_ms;
    bool is_packed;

    if (page == NULL)
        return FAIL_NOMEM(err);
    TRY(number_of(call, "since", &since, err));
    TRY(authority_wait_param(call, &wait_ms, err));
    TRY(packed_param(call, &is_packed, err));
    TRY(authority_list_revocations(authority->store, since, page, err));
    if (page->count == 0 && http_wait(call, rings, wait_ms))
        return 0;
    body = json_object_new();
    TRY(put_page(body, page, is_packed, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const char *const reasons[] = {
    "unspecified", "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",  "cessationOfOperation", "certificateHold", NULL};
static const struct http_member revocation_members[] = {
    {"request_id", HTTP_TEXT, HTTP_REQUIRED, "of the caller: the same one revokes once",
     .form = &authority_request_id},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = authority_kinds},
    {"serial", HTTP_INT, HTTP_REQUIRED, "number of the certificate"},
    {"reason", HTTP_TEXT, HTTP_REQUIRED, "as in lists of revocations", .values = reasons},
    {NULL},
};
static const struct http_member release_members[] = {
    {"request_id", HTTP_TEXT, HTTP_REQUIRED, "of the caller: the same one releases once",
     .form = &authority_request_id},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = authority_kinds},
    {"serial", HTTP_INT, HTTP_REQUIRED, "number of the certificate"},
    {NULL},
};
#define NUMBERED_MEMBERS                                                                           \
    {"number", HTTP_INT, HTTP_REQUIRED, "of the event: dense, in the order they were committed"},  \
        {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = authority_kinds},                 \
    {                                                                                              \
        "serial", HTTP_INT, HTTP_REQUIRED, "number of the certificate"                             \
    }
static const struct http_member revoked_members[] = {
    NUMBERED_MEMBERS,
    {"at", HTTP_INT, HTTP_REQUIRED, "since when it is revoked"},
    {"reason", HTTP_TEXT, HTTP_REQUIRED, "as in lists of revocations", .values = reasons},
    {NULL},
};
static const struct http_member released_members[] = {
    NUMBERED_MEMBERS,
    {"at", HTTP_INT, HTTP_REQUIRED, "when the hold was lifted"},
    {NULL},
};
static const struct http_member event_members[] = {
    NUMBERED_MEMBERS,
    {"at", HTTP_INT, HTTP_REQUIRED, "since when it is revoked, or when the hold was lifted"},
    {"reason", HTTP_TEXT, HTTP_REQUIRED, "as in lists of revocations; of a release the hold's",
     .values = reasons},
    {"event", HTTP_TEXT, HTTP_REQUIRED, "what happened; of version 2 and 1 always revoke",
     .values = events},
    {NULL},
};
static const struct http_answer revoked_answers[] = {
    {201, "the revocation; the same one for the same request_id", revoked_members}, {0}};
static const struct http_answer released_answers[] = {
    {201, "the release; the same one for the same request_id", released_members}, {0}};
static const struct http_member since_query[] = {
    {"since", HTTP_INT, HTTP_OPTIONAL, "number of the last event the caller knows, or 0"},
    {"wait", HTTP_INT, HTTP_OPTIONAL,
     "milliseconds to wait for something behind since, 0 to 25000; 0: answer at once"},
    {"form", HTTP_TEXT, HTTP_OPTIONAL, "events in member packed, for who has many to take in",
     .values = page_forms},
    {NULL},
};
static const struct http_member number_members[] = {
    {"sign", HTTP_INT, HTTP_REQUIRED, "of the sign CA"},
    {"auth", HTTP_INT, HTTP_REQUIRED, "of the auth CA"},
    {NULL},
};
static const struct http_member range_members[] = {
    {"first", HTTP_INT, HTTP_REQUIRED, "the lowest number"},
    {"last", HTTP_INT, HTTP_REQUIRED, "the highest number"},
    {NULL},
};
static const struct http_member gap_members[] = {
    {"sign", HTTP_ARRAY, HTTP_REQUIRED, "of the sign CA, ascending", range_members},
    {"auth", HTTP_ARRAY, HTTP_REQUIRED, "of the auth CA, ascending", range_members},
    {NULL},
};
static const struct http_member serial_run_members[] = {
    {"first", HTTP_INT, HTTP_REQUIRED, "the lowest number; the run lasts until the next"},
    {"generation", HTTP_INT, HTTP_REQUIRED, "of the CA"},
    {NULL},
};
static const struct http_member run_members[] = {
    {"sign", HTTP_ARRAY, HTTP_REQUIRED, "of the sign CA, ascending", serial_run_members},
    {"auth", HTTP_ARRAY, HTTP_REQUIRED, "of the auth CA, ascending", serial_run_members},
    {NULL},
};
static const struct http_member page_members[] = {
    {"version", HTTP_INT, HTTP_REQUIRED,
     "of this form: 4, packed 5; 3 had no runs, 2 no event, 1 neither this nor gaps"},
    {"entries", HTTP_ARRAY, HTTP_OPTIONAL, "events behind since, in order", event_members},
    {"packed", HTTP_TEXT, HTTP_OPTIONAL,
     "the same in 13 octets each: serial (4), at (8), and one with 0x80 for auth, 0x40 for a "
     "release, and the reason",
     .form = &http_form_base64},
    {"issued", HTTP_OBJECT, HTTP_REQUIRED, "the highest serial numbers given out", number_members},
    {"gaps", HTTP_OBJECT, HTTP_REQUIRED, "numbers below those that have no certificate",
     gap_members},
    {"runs", HTTP_OBJECT, HTTP_REQUIRED,
     "which generation has issued numbers; before the first run it is the first", run_members},
    {"last", HTTP_INT, HTTP_REQUIRED, "what to give as since next"},
    {"more", HTTP_BOOL, HTTP_REQUIRED, "whether there are more now"},
    {NULL},
};
static const struct http_answer page_answers[] = {{200, "a page of revocations", page_members},
                                                  {0}};

const struct route authority_revocation_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/revocations",
     .access = &http_listed_peer,
     .body = revocation_members,
     .handle = post_revocation,
     .operation = "revoke",
     .summary = "Revoke a certificate, or put it on hold",
     .answers = revoked_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/releases",
     .access = &http_listed_peer,
     .body = release_members,
     .handle = post_release,
     .operation = "release",
     .summary = "Lift the hold of a phone's auth certificate",
     .answers = released_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/revocations",
     .access = &authority_ocspd_peer,
     .query = since_query,
     .handle = get_revocations,
     .operation = "listRevocations",
     .summary = "Read what was revoked and released behind a number",
     .answers = page_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
