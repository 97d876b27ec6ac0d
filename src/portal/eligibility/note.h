/* SPDX-License-Identifier: Apache-2.0 */
/* What a clinic did, in the log of whom it is about; a lookup among the notices as well. */
#pragma once

#include "exchange/note.h"
#include "portal/eligibility/clinic.h"
#include "portal/limits.h"

struct eligibility_note {
    enum log_what what; /* LOG_ELIGIBILITY, LOG_PULLED */
    const char *clinic;
    const struct person_code *portal;    /* what the portal knows the person by */
    const char *duty, *procedure, *info; /* of the exchange's tables */
    const char *detail;                  /* how the person was recognised; NULL: nothing */
};
/* Inside a transaction that writes. */
MUST_CHECK int eligibility_note(struct db_txn *txn, const struct eligibility_note *note,
                                const struct audit_origin *by, struct err *err);
