/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody whom no register knew before: born, or come to live in Japan for the first time. Who was
 * here before comes back by the act move-in, with the number of then. A number is designated here
 * if none is told, as it is for a child; only a register of test residents can do so, because real
 * ones are made by one organisation for the whole country (Number Act, Articles 7 and 8).
 */
#pragma once

#include "register/counter.h"

enum arrival_reason { ARRIVED_BY_BIRTH, ARRIVED_FROM_ABROAD, ARRIVALS_ };

/* "birth", "from-abroad", ended by NULL. */
extern const char *const arrival_reason_names[];
/* ERR_INPUT if it is none of them. */
MUST_CHECK int arrival_reason_parse(const char *name, enum arrival_reason *ret, struct err *err);

struct arrival {
    const char *request_id; /* of the caller: the same one adds once */
    enum arrival_reason reason;
    struct caldate since;  /* the first day they live here; of a birth the day of it */
    bool is_somebody_else; /* checked, where somebody has the same name and day of birth */
    struct number_texts numbers;
};

/*
 * Check and record; resident->id is filled. *ret_is_new is false if this very request was done
 * before. ERR_INPUT for what is malformed, and for days that cannot be; ERR_DENIED without a number
 * where numbers are real; refused with resident-known, and ERR_CONFLICT for a number that is
 * another's.
 */
MUST_CHECK int counter_add_arrival(const struct counter *counter, struct resident *resident,
                                   const struct arrival *arrival, const struct audit_origin *by,
                                   bool *ret_is_new, struct err *err);

/* What the store is to keep of it. */
struct arrival_order {
    const struct arrival *arrival;
    const struct audit_origin *by;
    struct resident_numbers *numbers; /* an empty number is filled with one that is designated */
    enum mynumber_rule rule;          /* of the one that is designated */
};
MUST_CHECK int register_add_arrival(struct register_store *store, struct resident *resident,
                                    const struct arrival_order *order, bool *ret_is_new,
                                    struct err *err);
