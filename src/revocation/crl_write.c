/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DER wants the length of revokedCertificates before its first entry, so the source is walked
 * twice: once to add up sizes, once to write. Each entry is laid out by hand in a small block,
 * because this is where a list of a nation spends its time.
 */
#include "revocation/crl_write.h"

#include "base/caltime.h"
#include "base/file.h"
#include "x509/algorithm.h"
#include "x509/der.h"

#include <string.h>

enum {
    CRL_VERSION_2 = 1,
    BLOCK_SIZE = 16384,
    ENTRY_MAX = 64,      /* bytes; the largest one has 47 */
    HEADER_MAX = 6,      /* tag, 0x84 and four octets */
    YEAR_UTC_MAX = 2049, /* RFC 5280, 4.1.2.5 */
};

static int put_buf(void *context, struct bytes piece, struct err *err)
{
    return buf_append(context, piece, err);
}

static int put_fd(void *context, struct bytes piece, struct err *err)
{
    return file_write_all(*(const int *)context, piece, err);
}

struct crl_sink crl_sink_buf(struct buf *buf)
{
    return (struct crl_sink){buf, put_buf};
}

struct crl_sink crl_sink_fd(int *fd)
{
    return (struct crl_sink){fd, put_fd};
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

/* The date of the entry before, so that a day's worth of equal dates is formatted once. */
struct date_memo {
    int64_t at;
    size_t len;
    uint8_t der[17]; /* tag, length, 13 or 15 characters */
};

static void lay_two(uint8_t *out, int number)
{
    out[0] = (uint8_t)('0' + number / 10 % 10);
    out[1] = (uint8_t)('0' + number % 10);
}

static void remember_date(struct date_memo *memo, int64_t at)
{
    struct caltime t = caltime_at(at, 0);
    bool is_utc = t.date.year <= YEAR_UTC_MAX;
    uint8_t *out = memo->der + 2;

    if (!is_utc) {
        lay_two(out, t.date.year / 100);
        out += 2;
    }
    lay_two(out, t.date.year % 100);
    lay_two(out + 2, t.date.month);
    lay_two(out + 4, t.date.day);
    lay_two(out + 6, t.hour);
    lay_two(out + 8, t.minute);
    lay_two(out + 10, t.second);
    out[12] = 'Z';
    memo->der[0] = is_utc ? DER_UTC_TIME : DER_GENERALIZED_TIME;
    memo->der[1] = is_utc ? 13 : 15;
    memo->len = is_utc ? 15 : 17;
    memo->at = at;
}

/* SEQUENCE { serial, date [, reason] }; unspecified is not written (RFC 5280, 5.3.1). */
static size_t lay_entry(uint8_t out[ENTRY_MAX], const struct revocation *entry,
                        struct date_memo *memo)
{
    static const uint8_t reason[] = {0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55,
                                     0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01};
    uint8_t *at = out + 2;
    size_t octets = 1;

    if (entry->at != memo->at || memo->len == 0)
        remember_date(memo, entry->at);
    while (octets < 4 && entry->serial >> (8 * octets) != 0)
        octets++;
    *at++ = DER_INTEGER;
    if ((entry->serial >> (8 * octets - 1) & 1) != 0) {
        *at++ = (uint8_t)(octets + 1);
        *at++ = 0;
    } else {
        *at++ = (uint8_t)octets;
    }
    for (size_t i = octets; i > 0; i--)
        *at++ = (uint8_t)(entry->serial >> (8 * (i - 1)));
    memcpy(at, memo->der, memo->len);
    at += memo->len;
    if (entry->reason != CRL_UNSPECIFIED) {
        memcpy(at, reason, sizeof reason);
        at += sizeof reason;
        *at++ = (uint8_t)entry->reason;
    }
    out[0] = DER_SEQUENCE;
    out[1] = (uint8_t)(at - out - 2);
    return (size_t)(at - out);
}

struct pass {
    const struct crl_sink *sink; /* NULL: only add up */
    uint64_t size;
    size_t filled;
    uint8_t block[BLOCK_SIZE];
};

static int pass_flush(struct pass *pass, struct err *err)
{
    size_t filled = pass->filled;

    pass->filled = 0;
    return pass->sink == NULL || filled == 0
               ? 0
               : pass->sink->put(pass->sink->context, bytes_of(pass->block, filled), err);
}

static int walk(const struct revocation_source *source, struct pass *pass, struct err *err)
{
    struct date_memo memo = {0};
    uint32_t last = 0;

    TRY(source->rewind(source->context, err));
    for (;;) {
        struct revocation entry;
        size_t len;
        int rc = source->next(source->context, &entry, err);

        if (rc == -ERR_ABSENT)
            return pass_flush(pass, err);
        TRY(rc);
        if (entry.serial <= last)
            return FAIL(err, ERR_USAGE, "revocations out of order");
        last = entry.serial;
        if (pass->filled + ENTRY_MAX > BLOCK_SIZE)
            TRY(pass_flush(pass, err));
        len = lay_entry(pass->block + pass->filled, &entry, &memo);
        pass->filled += len;
        pass->size += len;
    }
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
    struct pass sizes = {.sink = NULL};
    struct pass writing = {.sink = sink};
    size_t size = 0;
    size_t total;

    TRY(check_head(head, err));
    TRY(build_front(head, &front, err));
    TRY(build_back(head, &back, err));
    TRY(walk(source, &sizes, err));
    if (sizes.size > UINT32_MAX - BLOCK_SIZE)
        return FAIL(err, ERR_USAGE, "a list of more than 4 GiB");
    total = front.len + (sizes.size == 0 ? 0 : element_size(sizes.size)) + back.len;
    TRY(put_header(sink, DER_SEQUENCE, total, &size, err));
    TRY(sink->put(sink->context, buf_bytes(&front), err));
    if (sizes.size > 0) {
        size_t ignored = 0;

        TRY(put_header(sink, DER_SEQUENCE, sizes.size, &ignored, err));
        TRY(walk(source, &writing, err));
        if (writing.size != sizes.size)
            return FAIL(err, ERR_USAGE, "the revocations changed while the list was written");
    }
    TRY(sink->put(sink->context, buf_bytes(&back), err));
    if (ret_size != NULL)
        *ret_size = size + total;
    return 0;
}

int crl_assemble(struct bytes tbs, struct bytes signature, const struct crl_sink *sink,
                 struct err *err)
{
    CLEANUP(buf_done) struct buf tail = BUF_INIT;
    size_t ignored = 0;

    TRY(algorithm_put_signature(&tail, DIGEST_SHA256, err));
    TRY(der_put_bits(&tail, signature, err));
    TRY(put_header(sink, DER_SEQUENCE, tbs.len + tail.len, &ignored, err));
    TRY(sink->put(sink->context, tbs, err));
    return sink->put(sink->context, buf_bytes(&tail), err);
}
