/* SPDX-License-Identifier: Apache-2.0 */
/* What the audit log holds at most. Each is tested at the limit and one past it. */
#pragma once

enum {
    AUDIT_ACTOR_MAX = 80,     /* bytes of who did it: "tenant:" and a client id */
    AUDIT_NAME_MAX = 40,      /* bytes of an act's name, and of what it is done to */
    AUDIT_SUBJECT_MAX = 1536, /* bytes of an identifier that is committed to */
    AUDIT_OUTCOME_MAX = 240,  /* bytes of how it ended */
    AUDIT_PAGE_MAX = 500,     /* records in one answer */
};
