/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a clerk finds somebody who stands before him: by the day of birth and what the name begins
 * with, among those of the counter's municipality; by the whole name, wherever they were, among
 * those who are on their way or abroad, and may arrive here; or by the individual number, which is
 * a use of it like each other one (mynumber.h) and leaves a record of purpose and actor.
 */
#pragma once

#include "register/store.h"

struct resident_search {
    const char *municipality; /* "00000": of all */
    struct caldate birth;
    const char *name; /* what name or kana begin with; "": whatever they are */
};
/* ERR_INPUT for a name that is too long. At most SEARCH_RESULTS_MAX, until tell fails. */
MUST_CHECK int register_search(struct register_store *store, const struct resident_search *search,
                               int (*tell)(void *context, const struct resident *, struct err *),
                               void *context, struct err *err);
/* The cards of a resident, the last one first, at most SEARCH_RESULTS_MAX. */
MUST_CHECK int register_each_card(struct register_store *store, const char *resident,
                                  int (*tell)(void *context, const struct card *, struct err *),
                                  void *context, struct err *err);
/*
 * Whose number that is, among those of a municipality ("00000": all). ERR_ABSENT if it is nobody's
 * there; ERR_DENIED as mynumber_use_check.
 */
MUST_CHECK int register_find_by_number(struct register_store *store, const struct mynumber *number,
                                       const char *municipality, const struct mynumber_use *use,
                                       struct resident *ret, struct err *err);
