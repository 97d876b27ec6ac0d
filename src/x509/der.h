/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DER (X.690, 8 to 11): a strict reader without copies and a writer into a buf.
 *
 * One-byte tags, definite lengths in their shortest form, up to 2^32-1 bytes. What the reader
 * accepts has exactly one spelling, so accepted bytes may be compared and re-emitted as they are.
 */
#pragma once

#include "base/bytes.h"
#include "x509/oids.h"

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_UTF8_STRING = 0x0c,
    DER_PRINTABLE_STRING = 0x13,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
};

/* The detail of an ERR_INPUT if what is there is BER in a spelling that DER does not have (X.690,
 * 10). */
enum { DER_IS_BER = 0x42455201 };

/* Context-specific tags: [n] of primitive (IMPLICIT) and of constructed types. */
#define DER_CONTEXT(n)             (0x80 | (n))
#define DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n))

struct der {
    uint8_t tag;
    struct bytes value; /* the contents; points into the input */
    struct bytes whole; /* tag, length and contents */
};

/* Take the first element off *rest. ERR_ABSENT if *rest is empty, else ERR_INPUT. */
MUST_CHECK int der_next(struct bytes *rest, struct der *ret, struct err *err);
/* The first element must have this tag; what names it in the failure ("serialNumber"). */
MUST_CHECK int der_take(struct bytes *rest, uint8_t tag, const char *what, struct der *ret,
                        struct err *err);
/* The whole input is one element with this tag, nothing behind it. */
MUST_CHECK int der_only(struct bytes der, uint8_t tag, const char *what, struct der *ret,
                        struct err *err);
/*
 * Tag and length alone, of an element whose contents need not be there: *ret_len is how many bytes
 * they are to be, and *rest begins with them.
 */
MUST_CHECK int der_take_header(struct bytes *rest, uint8_t tag, const char *what, size_t *ret_len,
                               struct err *err);
/* Whether the next element has this tag. */
bool der_follows(struct bytes rest, uint8_t tag);
/* ERR_INPUT unless *rest is used up. */
MUST_CHECK int der_end(struct bytes rest, const char *what, struct err *err);

MUST_CHECK int der_take_oid(struct bytes *rest, const char *what, struct bytes *ret,
                            struct err *err);
/* BOOLEAN that is TRUE; FALSE is a DEFAULT everywhere here and so never encoded (X.690, 11.5). */
MUST_CHECK int der_take_true(struct bytes *rest, const char *what, struct err *err);
/* A positive INTEGER: its octets without the leading zero. Zero and negative are ERR_INPUT. */
MUST_CHECK int der_take_positive(struct bytes *rest, uint8_t tag, const char *what,
                                 struct bytes *ret, struct err *err);
/* A small INTEGER, 0 to 127. */
MUST_CHECK int der_take_small(struct bytes *rest, const char *what, unsigned *ret, struct err *err);
/* A BIT STRING of whole bytes. */
MUST_CHECK int der_take_bits(struct bytes *rest, const char *what, struct bytes *ret,
                             struct err *err);
/* Named bits 0 to 15, as der_put_named_bits writes them; at least one. */
MUST_CHECK int der_take_named_bits(struct bytes *rest, const char *what, unsigned *ret,
                                   struct err *err);
/* UTCTime until 2049, GeneralizedTime from 2050, both with seconds and Z (RFC 5280, 4.1.2.5). */
MUST_CHECK int der_take_time(struct bytes *rest, const char *what, int64_t *ret, struct err *err);
/* GeneralizedTime whatever the year, with seconds and Z (RFC 6960, 4.2.2.1). */
MUST_CHECK int der_take_generalized(struct bytes *rest, const char *what, int64_t *ret,
                                    struct err *err);

/* Append one element. */
MUST_CHECK int der_put(struct buf *out, uint8_t tag, struct bytes value, struct err *err);
MUST_CHECK int der_put_oid(struct buf *out, enum oid oid, struct err *err);
MUST_CHECK int der_put_null(struct buf *out, struct err *err);
MUST_CHECK int der_put_true(struct buf *out, struct err *err);
/* A positive INTEGER from big-endian octets; a zero octet is put in front where needed. */
MUST_CHECK int der_put_positive(struct buf *out, uint8_t tag, struct bytes octets, struct err *err);
MUST_CHECK int der_put_uint(struct buf *out, uint64_t number, struct err *err);
MUST_CHECK int der_put_bits(struct buf *out, struct bytes bytes, struct err *err);
/* Named bits: bit n of the mask is bit n of the BIT STRING; trailing zeros removed (X.690, 11.2.2).
 */
MUST_CHECK int der_put_named_bits(struct buf *out, unsigned mask, struct err *err);
/* UTCTime before 2050, else GeneralizedTime. ERR_USAGE before 1950 and after 9999. */
MUST_CHECK int der_put_time(struct buf *out, int64_t utc, struct err *err);
/* GeneralizedTime whatever the year. */
MUST_CHECK int der_put_generalized(struct buf *out, int64_t utc, struct err *err);

/*
 * Constructed elements: der_begin, the contents, der_finish with what der_begin gave. der_finish
 * writes the length, which moves the contents, so pointers into out are then stale.
 */
MUST_CHECK int der_begin(struct buf *out, uint8_t tag, size_t *ret_mark, struct err *err);
MUST_CHECK int der_finish(struct buf *out, size_t mark, struct err *err);
