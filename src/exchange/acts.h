/* SPDX-License-Identifier: Apache-2.0 */
/* The exchange's acts as the audit log names them. Inside this room only. */
#pragma once

#include "audit/audit.h"

enum exchange_act {
    ACT_PERSON_LINKED,   /* a body's code of a person became known */
    ACT_EXCHANGE_ASKED,  /* a question was taken; the outcome is its state */
    ACT_EXCHANGE_LOGGED, /* to a record of the log (log.h); the outcome is what it is */
    ACT_EXCHANGE_ENDED,  /* a question nobody answered, or a result that was removed */
    ACT_OUTAGE_ANNOUNCED,
    ACT_LOG_REMOVED,       /* records of before a day, because their time is over */
    ACT_QUESTIONS_REMOVED, /* the same for questions */
    ACT_REGISTERS_FILLED,  /* a body's, with fictional people */
    ACT_RECORDS_FILED,     /* by a provider, of a person */
    ACT_HOUSEHOLD_FILED,   /* a body's; how many people */
    ACT_SEAL_FILED,        /* of a person: registered or ended */
    ACT_PERSON_RELOCATED,  /* with the household, or alone; the outcome is where to */
    ACT_REGISTERS_READ,    /* of a person, for a certificate */
    ACT_PROVIDER_ASKED,    /* and what it answered */
    ACT_PROVIDER_TUNED,    /* how it answers from now on */
};

extern const struct audit_act exchange_acts[];
