/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an insurer's answer about somebody's health insurance (TM99000000000104) comes to on a day:
 * the insurance that holds then, or the last one that did.
 */
#pragma once

#include "base/caltime.h"
#include "base/json.h"
#include "exchange/answer.h"

enum insurance_state {
    INSURANCE_NONE,    /* nothing is held that had begun */
    INSURANCE_EXPIRED, /* it had ended before that day */
    INSURANCE_HOLDS
};

enum { INSURANCE_TEXT_SIZE = ANSWER_CONTENT_MAX + 1 };

/* Texts are "" where the insurer says nothing. */
struct insurance {
    enum insurance_state state;
    char insurer[INSURANCE_TEXT_SIZE];
    char insurer_number[INSURANCE_TEXT_SIZE];
    char symbol[INSURANCE_TEXT_SIZE], number[INSURANCE_TEXT_SIZE], branch[INSURANCE_TEXT_SIZE];
    char category[INSURANCE_TEXT_SIZE]; /* the insured person or one of the family */
    char limit[INSURANCE_TEXT_SIZE];    /* category of the limit of high costs (S139) */
    struct caldate from, until;         /* until: year 0, no end is known */
    int64_t share;                      /* percent */
};

#define INSURANCE_NAME "TM99000000000104"

/* From an answer as answer_parse takes it. ERR_INPUT for one without what has to be there. */
MUST_CHECK int insurance_read(const struct json *answer, struct caldate day, struct insurance *ret,
                              struct err *err);
/* Members insurer, insurer_number, symbol, number, branch, category, valid_from, valid_until,
 * share_percent, limit_category; those that are unknown as null. */
MUST_CHECK int insurance_tell(const struct insurance *insurance, struct json **ret,
                              struct err *err);
