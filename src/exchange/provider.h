/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the exchange reaches who has the information. The provider beside it (register.h) is one;
 * another process can be another.
 */
#pragma once

#include "exchange/code.h"

struct provider_question {
    int64_t id;                /* the same each time this question is asked */
    struct bytes record;       /* exchange/inquiry.h */
    struct person_code person; /* the provider's own code of whom it is about */
};

enum provider_outcome {
    PROVIDER_GIVES,   /* answer has it (exchange/answer.h) */
    PROVIDER_NOTHING, /* it holds nothing under this name */
    PROVIDER_LATER,   /* ask again at again_at */
    PROVIDER_FULL     /* it takes no further question now */
};

struct provider_answer {
    enum provider_outcome outcome;
    int64_t again_at; /* UTC seconds */
    struct buf answer;
};

struct provider {
    /* ERR_REMOTE while it cannot be reached. Asking again changes nothing. */
    int (*ask)(void *context, const struct provider_question *question, struct provider_answer *ret,
               struct err *err);
    void *context;
};
