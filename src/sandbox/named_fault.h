/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The named faults of a sandbox: what goes wrong, where, and in which way it comes about. One
 * table for the daemons, the commands, the page and the documentation (docs/sandbox.md).
 */
#pragma once

#include "base/err.h"

/* In the order of their table; a fault's place is also its slot in the powers (powers_map.h). */
enum named_fault {
    NAMED_PIN_WRONG,
    NAMED_PIN_LAST_TRY,
    NAMED_PIN_LOCKED,
    NAMED_SIGN_PIN_LOCKED,
    NAMED_CARD_REMOVED,
    NAMED_CARD_SLOW,
    NAMED_HOLDER_DECLINES,
    NAMED_HOLDER_SILENT,
    NAMED_CARD_SUSPENDED,
    NAMED_AUTH_REVOKED,
    NAMED_SIGN_REVOKED_BY_MOVE,
    NAMED_OCSP_DOWN,
    NAMED_OCSP_SLOW,
    NAMED_CRL_DOWN,
    NAMED_CRL_STALE,
    NAMED_AUTHORITY_DOWN,
    NAMED_CONSENT_WITHDRAWN,
    NAMED_CONSENT_EXPIRED,
    NAMED_PLATFORM_DOWN,
    NAMED_RATE_LIMITED,
    NAMED_QUOTA_EXHAUSTED,
    NAMED_WEBHOOK_LOST,
    NAMED_PROVIDER_SILENT,
    NAMED_LOGIN_UNAVAILABLE,
    NAMED_TOKEN_DOWN,
    NAMED_JWKS_DOWN,
    NAMED_USERINFO_DOWN,
    NAMED_WRONG_NONCE,
    NAMED_WRONG_AUDIENCE,
    NAMED_WRONG_SUBJECT,
    NAMED_BAD_SIGNATURE,
    NAMED_UNSIGNED_TOKEN,
    NAMED_UNKNOWN_KID,
    NAMED_EXPIRED_TOKEN,
    NAMED_CLOCK_SKEW,
    NAMED_SLOW,
    NAMED_FAULTS_,
};

enum named_fault_way {
    NAMED_BY_REQUEST, /* while it is set, a daemon meets it; the header of one request does, too */
    NAMED_BY_HOLDER,  /* while it is set, the sandbox's phone meets it when somebody logs in */
    NAMED_BY_ACT,     /* done at once to one person, as in life, and not taken back by clearing */
    NAMED_WAYS_,
};

struct named_fault_row {
    const char *name;  /* "ocsp_down" */
    const char *place; /* the program in which it happens */
    enum named_fault_way way;
    const char *text; /* what it does: a msgid */
};

extern const struct named_fault_row named_faults[NAMED_FAULTS_];

/* ERR_ABSENT for a name that is none. */
MUST_CHECK int named_fault_find(const char *name, enum named_fault *ret, struct err *err);
const char *named_fault_way(enum named_fault_way way); /* "request", "holder", "act" */
