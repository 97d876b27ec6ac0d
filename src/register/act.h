/* SPDX-License-Identifier: Apache-2.0 */
/* Acts as somebody tells them: at the counter, by telephone when a card is lost. */
#pragma once

#include "register/counter.h"

/* What is told with an act; NULL: not told. Which of it an act needs is in its row. */
struct act_told {
    const char *name, *address, *municipality;
    /* May be left out, and then are none. */
    const char *name_substitutes, *registered_name, *kana, *former_name;
    const char *address_substitutes, *registered_address;
    const char *sex;        /* "male", "female", "unknown" */
    const char *birth_date; /* "1990-04-15" */
    const char *date;       /* "2026-11-23" */
    const char *stay_until; /* the same */
    const char *pin;        /* which one was set anew, never its value */
};

struct act_entry {
    const char *request_id;
    const char *act;             /* its name in life_acts */
    const char *resident, *card; /* one of them: whom or what it happens to */
    struct act_told told;
    const struct audit_origin *by;
};

struct act_done {
    bool is_new;                      /* false: done before */
    enum revocation_state revocation; /* what became of what it ordered */
    struct resident resident;         /* as it is now, or the holder */
    struct card card;                 /* as it is now; of an act of a card */
};

/* ERR_INPUT unless it is 1 to ACT_ID_MAX letters, digits and hyphens. */
MUST_CHECK int act_id_check(const char *id, struct err *err);
/*
 * Do an act and order the revocations that follow, which are delivered at once if the authority
 * answers and later if not. ERR_INPUT for a bad id, an act that is none, and for what is told
 * wrongly; else as register_act.
 */
MUST_CHECK int counter_act(const struct counter *counter, const struct act_entry *entry,
                           const char *traceparent, struct act_done *ret, struct err *err);
