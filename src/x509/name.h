/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distinguished names, kept as the DER of Name (RFC 5280, 4.1.2.4).
 *
 * Names are compared byte by byte: one spelling per name is a rule of our profiles. Equal names
 * prove nothing about the issuer, because all generations of a CA share one (design 6, rule 3).
 */
#pragma once

#include "x509/der.h"

/* One relative distinguished name with one attribute. */
struct name_row {
    enum oid attribute;
    enum der_tag type; /* DER_PRINTABLE_STRING or DER_UTF8_STRING */
    const char *text;  /* UTF-8 */
};

/* Rows in the order of encoding (country first). ERR_INPUT for text that its type cannot hold. */
MUST_CHECK int name_build(const struct name_row *rows, size_t count, struct buf *ret,
                          struct err *err);
/* Whether der is one Name within limits.h; multi-valued RDNs are ERR_INPUT. */
MUST_CHECK int name_check(struct bytes der, struct err *err);
bool name_equal(struct bytes a, struct bytes b);
/*
 * Text of the nth (from 0) value of an attribute; ERR_ABSENT if there is none. Points into der,
 * which must have passed name_check.
 */
MUST_CHECK int name_find(struct bytes der, enum oid attribute, size_t nth, struct bytes *ret,
                         struct err *err);
/* RFC 4514: last RDN first, "CN=…,L=…,C=JP", special characters escaped; appended to buf. */
MUST_CHECK int name_append_text(struct buf *buf, struct bytes der, struct err *err);
