/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry of a list. Nearly all look alike, so what looks like that is read at a glance, without
 * the general decoder: a list of a nation has millions. Whatever looks different, however little,
 * is left to the general decoder, which alone refuses.
 */
#include "revocation/crl.h"
#include "revocation/entry_der.h"
#include "x509/der.h"

#include <endian.h>
#include <string.h>

/* crlEntryExtensions: the reason, and nothing critical besides. */
static int parse_entry_extension(struct bytes *rest, enum crl_reason *reason, struct err *err)
{
    struct der extension;
    struct der value;
    struct der number;
    struct bytes oid;
    bool is_critical = false;

    TRY(der_take(rest, DER_SEQUENCE, "an extension of an entry", &extension, err));
    TRY(der_take_oid(&extension.value, "extnID", &oid, err));
    if (der_follows(extension.value, DER_BOOLEAN)) {
        TRY(der_take_true(&extension.value, "critical", err));
        is_critical = true;
    }
    TRY(der_take(&extension.value, DER_OCTET_STRING, "extnValue", &value, err));
    TRY(der_end(extension.value, "an extension of an entry", err));
    if (oid_find(oid) != OID_CRL_REASON)
        return is_critical ? FAIL(err, ERR_INPUT,
                                  "an entry has a critical extension that is not understood "
                                  "(RFC 5280, 5.3)")
                           : 0;
    TRY(der_only(value.value, DER_ENUMERATED, "reasonCode", &number, err));
    if (is_critical || number.value.len != 1 || number.value.ptr[0] >= CRL_REASONS_)
        return FAIL(err, ERR_INPUT, "a reasonCode that JPKI does not use (pki.md 2)");
    *reason = (enum crl_reason)number.value.ptr[0];
    return 0;
}

static int next_of_any_form(struct bytes *entries, struct revocation *ret, struct err *err)
{
    struct bytes left = *entries;
    struct revocation entry = {0, 0, CRL_UNSPECIFIED};
    struct bytes serial;
    struct der element;

    if (left.len == 0)
        return FAIL(err, ERR_ABSENT, "no further entry");
    TRY(der_take(&left, DER_SEQUENCE, "an entry of the list", &element, err));
    TRY(der_take_positive(&element.value, DER_INTEGER, "userCertificate", &serial, err));
    if (serial.len > REVOCATION_SERIAL_OCTETS)
        return FAIL(err, ERR_INPUT, "a serial number of more than %d octets",
                    REVOCATION_SERIAL_OCTETS);
    for (size_t i = 0; i < serial.len; i++)
        entry.serial = entry.serial << 8 | serial.ptr[i];
    TRY(der_take_time(&element.value, "revocationDate", &entry.at, err));
    if (element.value.len > 0) {
        struct der list;

        TRY(der_only(element.value, DER_SEQUENCE, "crlEntryExtensions", &list, err));
        if (list.value.len == 0)
            return FAIL(err, ERR_INPUT, "empty crlEntryExtensions");
        while (list.value.len > 0)
            TRY(parse_entry_extension(&list.value, &entry.reason, err));
    }
    *entries = left;
    *ret = entry;
    return 0;
}

/* Four numbers of two decimal digits; false if there is anything else among the eight. */
static bool read_pairs(const uint8_t *p, unsigned ret[4])
{
    const uint64_t lows = UINT64_C(0x00ff00ff00ff00ff);
    uint64_t digits;
    uint64_t pairs;

    memcpy(&digits, p, sizeof digits);
    digits = le64toh(digits) ^ UINT64_C(0x3030303030303030);
    /* 0x76 on top makes an octet above 9 negative, if it is not already. */
    if (((digits + UINT64_C(0x7676767676767676)) | digits) & UINT64_C(0x8080808080808080))
        return false;
    pairs = (digits & lows) * 10 + (digits >> 8 & lows);
    for (unsigned i = 0; i < 4; i++)
        ret[i] = (unsigned)(pairs >> 16 * i & 0xff);
    return true;
}

/* Days from 1950 to a date in 1950 to 2049, where each fourth year is a leap year; < 0: no date. */
static int64_t days_since_1950(unsigned year, unsigned month, unsigned day)
{
    static const uint16_t before[] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    static const uint8_t lengths[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned since = year < 50 ? year + 50 : year - 50;
    unsigned is_leap = year % 4 == 0 ? 1 : 0;

    if (month < 1 || month > 12 || day < 1 || day > lengths[month] + (month == 2 ? is_leap : 0))
        return -1;
    return (int64_t)since * 365 + (since + 1) / 4 + before[month] + (month > 2 ? is_leap : 0) +
           day - 1;
}

/* A whole UTCTime. */
static bool read_utc_time(const uint8_t *p, int64_t *ret)
{
    enum { DAYS_1950_TO_1970 = 7305, DAY = 86400, HOUR = 3600, MINUTE = 60 };
    unsigned date[4]; /* year, month, day, hour */
    unsigned time[4]; /* day, hour, minute, second */
    int64_t days;

    if (p[0] != DER_UTC_TIME || p[1] != UTC_TIME_DER - 2 || p[UTC_TIME_DER - 1] != 'Z' ||
        !read_pairs(p + 2, date) || !read_pairs(p + 6, time) || time[1] > 23 || time[2] > 59 ||
        time[3] > 59)
        return false;
    days = days_since_1950(date[0], date[1], date[2]);
    *ret = (days - DAYS_1950_TO_1970) * DAY + time[1] * HOUR + time[2] * MINUTE + time[3];
    return days >= 0;
}

/* The contents of an INTEGER of 1 to 5 octets: positive, in its shortest form, 32 bits. */
static bool read_serial(const uint8_t *p, size_t octets, uint32_t *ret)
{
    uint64_t serial = 0;

    for (size_t i = 0; i < octets; i++)
        serial = serial << 8 | p[i];
    *ret = (uint32_t)serial;
    return p[0] < 0x80 && (octets == 1 || p[0] != 0 || p[1] >= 0x80) && serial != 0 &&
           serial <= UINT32_MAX;
}

/* Whether the extensions are a reason's and nothing else; in two comparisons, which overlap. */
static bool is_reason(const uint8_t *p)
{
    const size_t second = sizeof reason_der - sizeof(uint64_t);
    uint64_t there[2];
    uint64_t expected[2];

    memcpy(&there[0], p, sizeof there[0]);
    memcpy(&there[1], p + second, sizeof there[1]);
    memcpy(&expected[0], reason_der, sizeof expected[0]);
    memcpy(&expected[1], reason_der + second, sizeof expected[1]);
    return there[0] == expected[0] && there[1] == expected[1];
}

/* SEQUENCE { INTEGER, UTCTime [, a reason] }; false says nothing about the entry. */
static bool next_at_a_glance(struct bytes *entries, struct revocation *ret)
{
    enum { SERIAL_AT = 4, FIXED = SERIAL_AT + UTC_TIME_DER };
    const uint8_t *p = entries->ptr;
    struct revocation entry = {0, 0, CRL_UNSPECIFIED};
    size_t octets;
    size_t size;

    if (entries->len <= FIXED || p[0] != DER_SEQUENCE || p[2] != DER_INTEGER)
        return false;
    size = p[1] + (size_t)2;
    octets = p[3];
    if (octets < 1 || octets > REVOCATION_SERIAL_OCTETS + 1 || size > entries->len ||
        (size != FIXED + octets && size != FIXED + octets + REASON_DER))
        return false;
    if (!read_serial(p + SERIAL_AT, octets, &entry.serial) ||
        !read_utc_time(p + SERIAL_AT + octets, &entry.at))
        return false;
    if (size != FIXED + octets) {
        if (!is_reason(p + FIXED + octets) || p[size - 1] >= CRL_REASONS_)
            return false;
        entry.reason = (enum crl_reason)p[size - 1];
    }
    *entries = (struct bytes){p + size, entries->len - size};
    *ret = entry;
    return true;
}

int crl_next(struct bytes *entries, struct revocation *ret, struct err *err)
{
    return next_at_a_glance(entries, ret) ? 0 : next_of_any_form(entries, ret, err);
}
