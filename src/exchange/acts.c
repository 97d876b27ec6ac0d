/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/acts.h"

const struct audit_act exchange_acts[] = {
    [ACT_PERSON_LINKED] = {"person.linked", "person"},
    [ACT_EXCHANGE_ASKED] = {"exchange.asked", "question"},
    [ACT_EXCHANGE_LOGGED] = {"exchange.logged", "log-record"},
    [ACT_EXCHANGE_ENDED] = {"exchange.ended", "question"},
    [ACT_OUTAGE_ANNOUNCED] = {"outage.announced", "outage"},
    [ACT_LOG_REMOVED] = {"exchange.removed", "day"},
    [ACT_QUESTIONS_REMOVED] = {"exchange.questions_removed", "day"},
    [ACT_REGISTERS_FILLED] = {"registers.filled", "body"},
    [ACT_RECORDS_FILED] = {"records.filed", "person"},
    [ACT_HOUSEHOLD_FILED] = {"household.filed", "body"},
    [ACT_SEAL_FILED] = {"seal.filed", "person"},
    [ACT_PERSON_RELOCATED] = {"person.relocated", "person"},
    [ACT_REGISTERS_READ] = {"registers.read", "person"},
    [ACT_PROVIDER_ASKED] = {"provider.asked", "question"},
    [ACT_PROVIDER_TUNED] = {"provider.tuned", "body"},
};
