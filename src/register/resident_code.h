/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resident code, by which municipalities know a resident among themselves (Basic Resident
 * Registration Act, Article 7). It tells one resident from another here, and nobody is told it or
 * asked for it (Article 30-38): this type has no formatter and no JSON, and nothing reads it back.
 */
#pragma once

#include "register/mynumber.h"

enum { RESIDENT_CODE_LEN = 11 };

struct resident_code {
    struct secret digits; /* for resident_code.c and the store, nobody else; empty: none is known */
};

#define RESIDENT_CODE_INIT                                                                         \
    {                                                                                              \
        SECRET_INIT                                                                                \
    }

/*
 * ERR_INPUT if text is not eleven digits with the check digit of the rule; NULL is none. As with
 * individual numbers, the rule for tests takes what nobody can have.
 */
MUST_CHECK int resident_code_parse(const char *text, enum mynumber_rule rule,
                                   struct resident_code *ret, struct err *err);
void resident_code_done(struct resident_code *code);
