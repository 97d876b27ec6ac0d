/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DER wants the length of revokedCertificates before its first entry, so the source is walked
 * twice: once to add up sizes, once to write. Each entry is laid out by hand in a small block,
 * because this is where a list of a nation spends its time.
 */
#include "revocation/crl_write.h"

#include "base/caltime.h"
#include "revocation/entry_der.h"
#include "x509/algorithm.h"
#include "x509/der.h"

#include <endian.h>
#include <string.h>

enum {
    CRL_VERSION_2 = 1,
    BLOCK_SIZE = 32768,
    ENTRY_MAX = 64, /* bytes; the largest one has 40 */
    HEADER_MAX = 6, /* tag, 0x84 and four octets */
};

static int put_buf(void *context, struct bytes piece, struct err *err)
{
    return buf_append(context, piece, err);
}

struct crl_sink crl_sink_buf(struct buf *buf)
{
    return (struct crl_sink){buf, put_buf};
}

/* Tag and length into out; returns their size. */
static size_t lay_header(uint8_t out[HEADER_MAX], uint8_t tag, size_t len)
{
    size_t octets = len < 0x80 ? 0 : len < 0x100 ? 1 : len < 0x10000 ? 2 : len < 0x1000000 ? 3 : 4;

    out[0] = tag;
    if (octets == 0) {
        out[1] = (uint8_t)len;
        return 2;
    }
    out[1] = (uint8_t)(0x80 | octets);
    for (size_t i = 0; i < octets; i++)
        out[2 + i] = (uint8_t)(len >> (8 * (octets - 1 - i)));
    return 2 + octets;
}

/* Where days are counted from: behind a 29 February, so that leap days end years. */
enum { DAY = 86400, DAYS_1948_MARCH_TO_1970 = 7976, DAYS_IN_FOUR_YEARS = 1461 };
static const int64_t utc_time_first = -631152000; /* 1950-01-01 */
static const int64_t utc_time_end = 2524608000;   /* 2050-01-01 */

/* Two digits of a number below 100. */
static uint8_t *lay_two(uint8_t *out, unsigned number)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";

    memcpy(out, pairs + 2 * (size_t)(number % 100), 2);
    return out + 2;
}

/* The date of a day in UTCTime's hundred years, in which each fourth year is a leap year. */
static uint8_t *lay_date(uint8_t *out, uint32_t days)
{
    uint32_t year = (4 * days + 3) / DAYS_IN_FOUR_YEARS;
    uint32_t day_of_year = days - DAYS_IN_FOUR_YEARS * year / 4;
    uint32_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
    uint32_t day = day_of_year - (153 * month + 2) / 5 + 1;

    out = lay_two(out, 48 + year + (month >= 10 ? 1 : 0));
    out = lay_two(out, month < 10 ? month + 3 : month - 9);
    return lay_two(out, day);
}

/* A GeneralizedTime: for dates that nobody revokes at, yet (RFC 5280, 4.1.2.5). */
static uint8_t *lay_general_time(uint8_t *out, int64_t at)
{
    struct caltime t = caltime_at(at, 0);
    const int parts[] = {t.date.year / 100, t.date.year, t.date.month, t.date.day, t.hour,
                         t.minute,          t.second};

    *out++ = DER_GENERALIZED_TIME;
    *out++ = 15;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        out = lay_two(out, (unsigned)parts[i]);
    *out++ = 'Z';
    return out;
}

static bool fits_utc_time(int64_t at)
{
    return at >= utc_time_first && at < utc_time_end;
}

static uint8_t *lay_time(uint8_t *out, int64_t at)
{
    uint64_t seconds = (uint64_t)at + (uint64_t)DAYS_1948_MARCH_TO_1970 * DAY;
    uint32_t of_day = (uint32_t)(seconds % DAY);

    if (!fits_utc_time(at))
        return lay_general_time(out, at);
    *out++ = DER_UTC_TIME;
    *out++ = UTC_TIME_DER - 2;
    out = lay_date(out, (uint32_t)(seconds / DAY));
    out = lay_two(out, of_day / 3600);
    out = lay_two(out, of_day / 60 % 60);
    out = lay_two(out, of_day % 60);
    *out++ = 'Z';
    return out;
}

/* Octets of a serial number, with a zero in front where it would look negative. */
static size_t serial_octets(uint32_t serial)
{
    return (size_t)(32 - __builtin_clz(serial | 1)) / 8 + 1;
}

/* Bytes of an entry without its header of two. */
static size_t entry_contents(const struct revocation *entry)
{
    return 2 + serial_octets(entry->serial) + UTC_TIME_DER + (fits_utc_time(entry->at) ? 0 : 2) +
           (entry->reason == CRL_UNSPECIFIED ? 0 : REASON_DER);
}

/* SEQUENCE { serial, date [, reason] }; unspecified is not written (RFC 5280, 5.3.1). */
static size_t lay_entry(uint8_t out[ENTRY_MAX], const struct revocation *entry)
{
    size_t octets = serial_octets(entry->serial);
    uint64_t serial = entry->serial;
    uint8_t *at = out;

    *at++ = DER_SEQUENCE;
    *at++ = (uint8_t)entry_contents(entry);
    *at++ = DER_INTEGER;
    *at++ = (uint8_t)octets;
    serial = htobe64(serial << (64 - 8 * octets));
    memcpy(at, &serial, sizeof serial); /* what is behind the octets is written over */
    at = lay_time(at + octets, entry->at);
    if (entry->reason != CRL_UNSPECIFIED) {
        memcpy(at, reason_der, sizeof reason_der);
        at += sizeof reason_der;
        *at++ = (uint8_t)entry->reason;
    }
    return (size_t)(at - out);
}

/* The next one, which must be behind the last; ERR_ABSENT at the end. */
static int take(const struct revocation_source *source, uint32_t *last, struct revocation *ret,
                struct err *err)
{
    TRY(source->next(source->context, ret, err));
    if (ret->serial <= *last)
        return FAIL(err, ERR_USAGE, "revocations out of order");
    *last = ret->serial;
    return 0;
}

/* First pass: how many bytes they are. */
static int add_up(const struct revocation_source *source, uint64_t *ret_size, struct err *err)
{
    struct revocation entry;
    uint32_t last = 0;
    uint64_t size = 0;
    int rc;

    TRY(source->rewind(source->context, err));
    while ((rc = take(source, &last, &entry, err)) == 0)
        size += 2 + entry_contents(&entry);
    if (rc != -ERR_ABSENT)
        return rc;
    *ret_size = size;
    return 0;
}

/* Second pass: a block is handed on when no further entry may fit. */
static int put_entries(const struct revocation_source *source, const struct crl_sink *sink,
                       uint64_t expected, struct err *err)
{
    uint8_t block[BLOCK_SIZE];
    struct revocation entry;
    size_t filled = 0;
    uint64_t size = 0;
    uint32_t last = 0;
    int rc;

    TRY(source->rewind(source->context, err));
    while ((rc = take(source, &last, &entry, err)) == 0) {
        filled += lay_entry(block + filled, &entry);
        if (filled <= BLOCK_SIZE - ENTRY_MAX)
            continue;
        TRY(sink->put(sink->context, bytes_of(block, filled), err));
        size += filled;
        filled = 0;
    }
    if (rc != -ERR_ABSENT)
        return rc;
    if (size + filled != expected)
        return FAIL(err, ERR_USAGE, "the revocations changed while the list was written");
    return sink->put(sink->context, bytes_of(block, filled), err);
}

/* Everything of the TBSCertList before revokedCertificates, without the outer header. */
static int build_front(const struct crl_head *head, struct buf *out, struct err *err)
{
    TRY(der_put_uint(out, CRL_VERSION_2, err));
    TRY(algorithm_put_signature(out, DIGEST_SHA256, err));
    TRY(buf_append(out, head->issuer, err));
    TRY(der_put_time(out, head->this_update, err));
    return der_put_time(out, head->next_update, err);
}

static int put_extension(struct buf *out, enum oid id, bool is_critical, struct bytes value,
                         struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_oid(out, id, err));
    if (is_critical)
        TRY(der_put_true(out, err));
    TRY(der_put(out, DER_OCTET_STRING, value, err));
    return der_finish(out, mark, err);
}

/* RFC 5280, 5.2.5: fullName [0] in distributionPoint [0], then at most one scope. */
static int build_issuing_point(const struct crl_head *head, struct buf *out, struct err *err)
{
    static const uint8_t yes[] = {0xff};
    size_t outer;
    size_t marks[3];

    TRY(der_begin(out, DER_SEQUENCE, &outer, err));
    if (head->distribution_point.len > 0) {
        TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(0), &marks[0], err));
        TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(0), &marks[1], err));
        TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(4), &marks[2], err));
        TRY(buf_append(out, head->distribution_point, err));
        for (int i = 2; i >= 0; i--)
            TRY(der_finish(out, marks[i], err));
    }
    if (head->scope != CRL_SCOPE_ALL)
        TRY(der_put(out, head->scope == CRL_SCOPE_USERS ? DER_CONTEXT(1) : DER_CONTEXT(2),
                    BYTES_ARRAY(yes), err));
    return der_finish(out, outer, err);
}

static int build_key_id(const struct crl_head *head, struct buf *out, struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put(out, DER_CONTEXT(0), head->authority_key_id, err));
    return der_finish(out, mark, err);
}

/* crlExtensions [0]: authorityKeyIdentifier, cRLNumber, issuingDistributionPoint. */
static int build_back(const struct crl_head *head, struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    size_t outer;
    size_t list;

    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(0), &outer, err));
    TRY(der_begin(out, DER_SEQUENCE, &list, err));
    TRY(build_key_id(head, &value, err));
    TRY(put_extension(out, OID_AUTHORITY_KEY_ID, false, buf_bytes(&value), err));
    buf_clear(&value);
    TRY(der_put_uint(&value, head->number, err));
    TRY(put_extension(out, OID_CRL_NUMBER, false, buf_bytes(&value), err));
    if (head->distribution_point.len > 0 || head->scope != CRL_SCOPE_ALL) {
        buf_clear(&value);
        TRY(build_issuing_point(head, &value, err));
        TRY(put_extension(out, OID_ISSUING_DISTRIBUTION_POINT, true, buf_bytes(&value), err));
    }
    TRY(der_finish(out, list, err));
    return der_finish(out, outer, err);
}

static int put_header(const struct crl_sink *sink, uint8_t tag, size_t len, size_t *size,
                      struct err *err)
{
    uint8_t header[HEADER_MAX];
    size_t header_len = lay_header(header, tag, len);

    *size += header_len;
    return sink->put(sink->context, bytes_of(header, header_len), err);
}

static size_t element_size(size_t len)
{
    uint8_t header[HEADER_MAX];

    return lay_header(header, DER_SEQUENCE, len) + len;
}

static int check_head(const struct crl_head *head, struct err *err)
{
    if (head->issuer.len == 0 || head->authority_key_id.len == 0 || head->number == 0)
        return FAIL(err, ERR_USAGE, "a list without issuer, key identifier or number");
    if (head->next_update < head->this_update)
        return FAIL(err, ERR_USAGE, "a list whose nextUpdate is before its thisUpdate");
    return 0;
}

int crl_write_tbs(const struct crl_head *head, const struct revocation_source *source,
                  const struct crl_sink *sink, size_t *ret_size, struct err *err)
{
    CLEANUP(buf_done) struct buf front = BUF_INIT;
    CLEANUP(buf_done) struct buf back = BUF_INIT;
    uint64_t entries = 0;
    size_t size = 0;
    size_t total;

    TRY(check_head(head, err));
    TRY(build_front(head, &front, err));
    TRY(build_back(head, &back, err));
    TRY(add_up(source, &entries, err));
    if (entries > UINT32_MAX - BLOCK_SIZE)
        return FAIL(err, ERR_USAGE, "a list of more than 4 GiB");
    total = front.len + (entries == 0 ? 0 : element_size(entries)) + back.len;
    TRY(put_header(sink, DER_SEQUENCE, total, &size, err));
    TRY(sink->put(sink->context, buf_bytes(&front), err));
    if (entries > 0) {
        size_t ignored = 0;

        TRY(put_header(sink, DER_SEQUENCE, entries, &ignored, err));
        TRY(put_entries(source, sink, entries, err));
    }
    TRY(sink->put(sink->context, buf_bytes(&back), err));
    if (ret_size != NULL)
        *ret_size = size + total;
    return 0;
}

int crl_wrap(size_t tbs_len, struct bytes signature, struct buf *front, struct buf *back,
             struct err *err)
{
    uint8_t header[HEADER_MAX];

    if (tbs_len > UINT32_MAX - BLOCK_SIZE)
        return FAIL(err, ERR_USAGE, "a list of more than 4 GiB");
    TRY(algorithm_put_signature(back, DIGEST_SHA256, err));
    TRY(der_put_bits(back, signature, err));
    return buf_append(front,
                      bytes_of(header, lay_header(header, DER_SEQUENCE, tbs_len + back->len)), err);
}

int crl_assemble(struct bytes tbs, struct bytes signature, const struct crl_sink *sink,
                 struct err *err)
{
    CLEANUP(buf_done) struct buf front = BUF_INIT;
    CLEANUP(buf_done) struct buf back = BUF_INIT;

    TRY(crl_wrap(tbs.len, signature, &front, &back, err));
    TRY(sink->put(sink->context, buf_bytes(&front), err));
    TRY(sink->put(sink->context, tbs, err));
    return sink->put(sink->context, buf_bytes(&back), err);
}
