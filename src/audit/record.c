/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/record.h"

#include <string.h>

enum { SEQ_DIGITS_MAX = 18 }; /* fits an int64_t */

static int add_field(struct buf *out, struct bytes field, struct err *err)
{
    const uint8_t length[] = {(uint8_t)(field.len >> 24), (uint8_t)(field.len >> 16),
                              (uint8_t)(field.len >> 8), (uint8_t)field.len};

    TRY(buf_append(out, BYTES_ARRAY(length), err));
    return buf_append(out, field, err);
}

static int add_number(struct buf *out, int64_t number, struct err *err)
{
    uint8_t octets[8];

    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)((uint64_t)number >> (56 - 8 * i));
    return add_field(out, BYTES_ARRAY(octets), err);
}

static int encode(const struct record *r, struct buf *out, struct err *err)
{
    TRY(add_field(out, BYTES_LITERAL("OpenJPKI audit v1"), err));
    TRY(add_number(out, r->seq, err));
    TRY(add_number(out, r->by.at, err));
    TRY(add_field(out, bytes_text(r->by.actor), err));
    TRY(add_field(out, bytes_text(r->act), err));
    TRY(add_field(out, bytes_text(r->subject), err));
    TRY(add_field(out, digest_bytes(&r->commitment), err));
    TRY(add_field(out, bytes_text(r->outcome), err));
    return add_field(out, bytes_text(r->by.trace_id), err);
}

int record_leaf(const struct record *record, struct digest *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf leaf = BUF_INIT;

    TRY(buf_append_byte(&leaf, 0x00, err)); /* RFC 9162, 2.1.1: a leaf, not a node */
    TRY(encode(record, &leaf, err));
    return digest_compute(DIGEST_SHA256, buf_bytes(&leaf), ret, err);
}

int record_number(const char *name, const char *text, int64_t *ret, struct err *err)
{
    size_t len = strlen(text);
    int64_t number = 0;

    if (len == 0 || len > SEQ_DIGITS_MAX || strspn(text, "0123456789") != len)
        return FAIL(err, ERR_INPUT, "%s is the number of a record", name);
    for (size_t i = 0; i < len; i++)
        number = number * 10 + (text[i] - '0');
    *ret = number;
    return 0;
}

int record_last(struct db_txn *txn, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT coalesce(max(seq), 0) FROM audit", DB_NOTHING, &rows, err));
    return db_int(&rows, 0, ret, err);
}
