/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lookup from its challenge to what the insurer says (docs/decisions/0098). The card signs a
 * message of crypto/bound.h for the clinic and this lookup, with the consents in it, so nobody
 * between the person and the portal adds one. The insurer is asked through the exchange, by its own
 * code of the person, under a duty that is in the tables.
 */
#pragma once

#include "exchange/exchange.h"
#include "portal/eligibility/judge.h"
#include "portal/eligibility/lookup.h"

/* What a terminal brings for a lookup. */
struct check_proof {
    const char *certificate;  /* compact JWE */
    const char *signature;    /* of the card; NULL: somebody compared the photo ... */
    const char *operator_key; /* ... whose key this is; NULL: the card signed */
    unsigned consents;
};
/*
 * Find out whose card it is and keep that it was shown. ERR_ABSENT if the lookup's time is over;
 * ERR_DENIED if the operator's key is none of the clinic's; ERR_CONFLICT if a card was shown
 * before; else as eligibility_judge and codes_ask.
 */
MUST_CHECK int check_card(const struct portal *portal, const struct lookup *lookup,
                          const struct check_proof *proof, const struct audit_origin *by,
                          struct err *err);

enum check_state {
    CHECK_ASKING, /* the insurer has not answered yet */
    CHECK_INSURED,
    CHECK_EXPIRED,
    CHECK_NOT_INSURED,
    CHECK_NO_ANSWER, /* it does not answer now; it may later */
    CHECK_STATES_
};
extern const char *const check_states[]; /* "asking", ..., NULL */

/*
 * The answer of a lookup that a card was shown for: the insurer is asked if that was not done. An
 * object as routes.c has it in a table. ERR_CONFLICT if no card was shown; ERR_ABSENT after
 * ELIGIBILITY_KEPT.
 */
MUST_CHECK int check_answer(const struct portal *portal, const struct lookup *lookup,
                            const struct audit_origin *by, struct json **ret, struct err *err);

/*
 * Read what whoever a card was shown for has consented to. ERR_CONFLICT if no card was shown; else
 * as reading_begin.
 */
MUST_CHECK int check_read(const struct portal *portal, const struct lookup *lookup,
                          enum consent_kind kind, const struct audit_origin *by,
                          struct reading *ret, struct err *err);
/* What a reading has come to, as check_answer. */
MUST_CHECK int check_reading(const struct portal *portal, const char *clinic,
                             const struct reading *reading, const struct audit_origin *by,
                             struct json **ret, struct err *err);
