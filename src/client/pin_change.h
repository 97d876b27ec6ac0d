/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing a PIN by its holder, who knows the old one (card.md 4.1: VERIFY, then CHANGE REFERENCE
 * DATA with the new one alone). A PIN that is locked cannot be changed by anybody but the counter.
 */
#pragma once

#include "client/pin.h"

struct icc_pin_change {
    enum icc_pin which;
    const struct secret *old, *replacement; /* both in the form icc_pin_normalise gives */
    bool may_use_last_try;
};

/*
 * Must be called inside a transaction for an application in which the PIN has a place, and once for
 * each of its places. Failures before the card has the old PIN are those of
 * icc_pin_verify. Then ERR_DENIED or ERR_REMOTE if the card refuses the new one, in which case the
 * old one counts; and if the answer is lost, a failure that says that nobody knows which counts.
 * Nothing is ever sent twice.
 */
MUST_CHECK int icc_pin_change(struct icc *icc, const struct icc_pin_change *change,
                              struct err *err);

/* Places of one PIN that are meant; see icc_pin_places. */
struct icc_pin_places {
    const struct icc_pin_place *list;
    size_t count;
};
/*
 * Change it in one place after the other, in transactions of their own. *done, 0 before, is how
 * many were changed, also if it then fails: the sentence says in which applications.
 */
MUST_CHECK int icc_pin_change_in(struct icc *icc, const struct icc_pin_change *change,
                                 const struct icc_pin_places *places, size_t *done,
                                 struct err *err);
