/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loss line: day and night somebody calls whose card is gone, from wherever in the country. He
 * says what he is called, when he was born and part of where he lives; who answers finds nobody
 * else, sees no more than which cards there are to suspend, and each search leaves a record.
 */
#pragma once

#include "register/store.h"

/* As the caller says it; blanks in names and addresses mean nothing. */
struct loss_search {
    const char *name; /* all of it: as it is registered, as certificates have it, or in katakana */
    struct caldate birth;
    const char *address; /* LOSS_ADDRESS_MIN characters or more of what is behind the prefecture */
};

/*
 * Who is calling. ERR_ABSENT if nobody is called so, or the address is another one; ERR_CONFLICT if
 * it may be one of several, of whom none is told; ERR_INPUT for what is too short or too long. The
 * record of it is in the transaction, whatever comes out.
 */
MUST_CHECK int register_find_caller(struct register_store *store, const struct loss_search *search,
                                    const struct audit_origin *by, struct resident *ret,
                                    struct err *err);
