/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A question of one body to another as the file of a municipality has it: 220 characters of ASCII,
 * 18 fields of fixed width (portal.md 2.5). Texts are filled up with spaces on the right; what may
 * be missing is spaces alone.
 *
 *   numbering system 2, addressee 15, unified addressee 15, time 17 (to the millisecond, in Japan),
 *   department 20, user 20, asker 16, non-disclosure 1, duty 16, procedure 16, delegating asker 16,
 *   delegating provider 16, provider 16, name 16, kind of condition 1, kind of year 1, first day 8,
 *   last day 8
 *
 * Whom it is about is not in it: the code that the provider knows a person by travels beside it.
 * No field is the same in two questions because they are about the same person: bodies could know
 * by it that they have the same one. The values of numbering system, condition and year are this
 * project's own.
 */
#pragma once

#include "base/caltime.h"
#include "exchange/code.h"

enum { INQUIRY_LEN = 220, ADDRESSEE_LEN = 15, INQUIRY_WORD_LEN = 20 };

enum inquiry_condition {
    INQUIRY_LATEST, /* what holds now: no year, no days */
    INQUIRY_PERIOD, /* from a day to a day */
    INQUIRY_YEAR,   /* a year, by its first and last day */
};
enum inquiry_year {
    INQUIRY_NO_YEAR,
    INQUIRY_CALENDAR_YEAR, /* from January, as of taxes */
    INQUIRY_FISCAL_YEAR,   /* from April */
};

struct inquiry {
    char numbering[2 + 1];             /* digits */
    char addressee[ADDRESSEE_LEN + 1]; /* digits: drawn for this question alone */
    char unified[ADDRESSEE_LEN + 1];   /* digits, or empty: see decision 0116 */
    int64_t asked_at;                  /* UTC milliseconds */
    char department[INQUIRY_WORD_LEN + 1], user[INQUIRY_WORD_LEN + 1];
    char asker[CODE_SIZE];
    bool is_hidden; /* the asker says that it is not shown to the person */
    char duty[CODE_SIZE], procedure[CODE_SIZE];
    char delegating_asker[CODE_SIZE], delegating_provider[CODE_SIZE]; /* or empty */
    char provider[CODE_SIZE], info[CODE_SIZE];
    enum inquiry_condition condition;
    enum inquiry_year year;
    struct caldate first, last; /* year 0: none */
};

/* ERR_INPUT for a field that has not its form, or a condition without its days. */
MUST_CHECK int inquiry_encode(const struct inquiry *inquiry, char ret[INQUIRY_LEN + 1],
                              struct err *err);
/* The other way: ERR_INPUT, with the field, for everything that inquiry_encode does not write. */
MUST_CHECK int inquiry_decode(struct bytes record, struct inquiry *ret, struct err *err);
