/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/requestor.h"

#include "base/rand.h"
#include "x509/algorithm.h"
#include "x509/name.h"
#include "x509/tbs.h"

enum { VERSION_3 = 2, SERIAL_SIZE = 16 };

static int put_name(const struct requestor *requestor, struct buf *out, struct err *err)
{
    const struct name_row rows[] = {
        {OID_COUNTRY, DER_PRINTABLE_STRING, "JP"},
        {OID_ORGANIZATION, DER_UTF8_STRING, "OpenJPKI TEST"},
        {OID_ORGANIZATIONAL_UNIT, DER_UTF8_STRING, "OpenJPKI TEST Verifiers"},
        {OID_COMMON_NAME, DER_UTF8_STRING, requestor->name},
    };
    CLEANUP(buf_done) struct buf name = BUF_INIT;

    TRY(name_build(rows, sizeof rows / sizeof rows[0], &name, err));
    return buf_append(out, buf_bytes(&name), err);
}

static int put_head(struct buf *out, struct err *err)
{
    uint8_t serial[SERIAL_SIZE];
    size_t mark;

    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(0), &mark, err));
    TRY(der_put_uint(out, VERSION_3, err));
    TRY(der_finish(out, mark, err));
    TRY(rand_fill(serial, sizeof serial, err));
    serial[0] = (serial[0] & 0x3f) | 0x40; /* positive, and always as long */
    TRY(der_put_positive(out, DER_INTEGER, BYTES_ARRAY(serial), err));
    return algorithm_put_signature(out, DIGEST_SHA256, err);
}

static int put_validity(const struct requestor *requestor, struct buf *out, struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_time(out, requestor->not_before, err));
    TRY(der_put_time(out, requestor->not_after, err));
    return der_finish(out, mark, err);
}

static int put_extension(enum oid id, bool is_critical, const struct buf *value, struct buf *out,
                         struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_oid(out, id, err));
    if (is_critical)
        TRY(der_put_true(out, err));
    TRY(der_put(out, DER_OCTET_STRING, buf_bytes(value), err));
    return der_finish(out, mark, err);
}

static int put_extensions(const struct requestor *requestor, struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf usage = BUF_INIT;
    CLEANUP(buf_done) struct buf key_id = BUF_INIT;
    size_t outer;
    size_t inner;

    TRY(der_put_named_bits(&usage, KEY_USAGE_DIGITAL_SIGNATURE, err));
    TRY(der_put(&key_id, DER_OCTET_STRING, requestor->key_id, err));
    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(3), &outer, err));
    TRY(der_begin(out, DER_SEQUENCE, &inner, err));
    TRY(put_extension(OID_KEY_USAGE, true, &usage, out, err));
    TRY(put_extension(OID_SUBJECT_KEY_ID, false, &key_id, out, err));
    TRY(der_finish(out, inner, err));
    return der_finish(out, outer, err);
}

int requestor_build(const struct requestor *requestor, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t mark;

    TRY(der_begin(&out, DER_SEQUENCE, &mark, err));
    TRY(put_head(&out, err));
    TRY(put_name(requestor, &out, err)); /* issuer */
    TRY(put_validity(requestor, &out, err));
    TRY(put_name(requestor, &out, err)); /* subject */
    TRY(buf_append(&out, requestor->spki, err));
    TRY(put_extensions(requestor, &out, err));
    TRY(der_finish(&out, mark, err));
    buf_move(ret, &out);
    return 0;
}
