/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codes of the exchange, as texts. Three codes of names (1, 2 and 82) and four of items are
 * public; all others are this project's own and lie where no real one can: JM99..., JT99... and
 * TM99... have numbers that are far beyond the real ones, own items begin with 00, and no real name
 * has the number 0 (portal.md 2.4, 2.5, 8).
 */
#pragma once

#include "base/bytes.h"

enum {
    CODE_LEN = 16,            /* of a duty, a procedure, a name; of a body at most */
    CODE_SIZE = CODE_LEN + 1, /* with its NUL */
    ITEM_CODE_LEN = 10,       /* of an item */
    ITEM_CODE_SIZE = ITEM_CODE_LEN + 1,
    PERSON_CODE_BYTES = 16, /* what one body knows a person by */
    PERSON_CODE_LEN = 22,   /* the same as base64url */
};

/* What one body knows a person by; another body has another code for the same person. */
struct person_code {
    uint8_t value[PERSON_CODE_BYTES];
};

/* 1 to 16 of A-Z and 0-9, a letter first. */
bool code_is_body(const char *text);
/* The two letters and fourteen digits: "JM", "JT", "TM". */
bool code_is(const char *kind, const char *text);
/* Whether it lies in the range of this project. */
bool code_is_own(const char *text);
bool code_is_item(const char *text);
/*
 * Whether an item is one of a name: a public one begins with the last two digits of the name's
 * code, an own one with 00 and the last three.
 */
bool code_item_fits(const char *item, const char *name, bool is_own);

MUST_CHECK int person_code_parse(const char *text, struct person_code *ret, struct err *err);
MUST_CHECK int person_code_append(struct buf *buf, const struct person_code *code, struct err *err);
struct bytes person_code_bytes(const struct person_code *code);
