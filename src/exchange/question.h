/* SPDX-License-Identifier: Apache-2.0 */
/* A question as it is stored. Inside this room only. */
#pragma once

#include "exchange/exchange.h"

struct question {
    int64_t id, person;
    char asker[CODE_SIZE], provider[CODE_SIZE], info[CODE_SIZE];
    char record[INQUIRY_LEN + 1];
    enum exchange_state state;
    int64_t asked_at;
    int64_t next_at; /* 0: it is over */
    int64_t answer_by;
    int64_t answered_at; /* 0: not yet */
};

#define QUESTION_COLUMNS                                                                           \
    "id, person, asker, provider, info, record, state, asked_at, coalesce(next_at, 0), answer_by," \
    " coalesce(answered_at, 0)"
MUST_CHECK int question_read(const struct db_rows *rows, struct question *ret, struct err *err);
struct exchange_standing question_standing(const struct question *question);
