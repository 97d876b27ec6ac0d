/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a municipality asks other bodies about who applied, while it works on an application: only
 * what the permissions of the exchange let it ask in the procedure in which such an application is
 * examined (data/exchange/procedures.tsv), and never itself. Bodies can be asked about somebody who
 * had logged in: who that is to them, the portal learns when the application is submitted, as it
 * may with the login of that moment. Each answer, each refusal is in the applicant's log.
 */
#pragma once

#include "portal/account/store.h"
#include "portal/application/store.h"
#include "portal/selfinfo/selfinfo.h"

struct inquiries {
    const struct exchange *x;
    const char *body;                  /* the municipality there */
    const struct procedure *procedure; /* NULL: nothing is to be asked for such an application */
    struct selfinfo_request permitted; /* its items; person 0: nobody whom bodies could know */
};

/* ERR_REMOTE if this portal has no exchange. */
MUST_CHECK int inquiries_find(const struct portal *portal, const struct application *application,
                              struct inquiries *ret, struct err *err);
/*
 * When it was submitted: have the bodies that may be asked know whom about. The failures are those
 * of selfinfo_learn_codes: where one hinders it, the municipality is told when it asks.
 */
MUST_CHECK int inquiries_learn(const struct portal *portal, const struct session *session,
                               const struct application *application, const struct audit_origin *by,
                               struct err *err);
/*
 * Ask for a name. ERR_CONFLICT unless the municipality is working on the application, for one in
 * which nothing is asked, and where the body cannot know whom about; ERR_INPUT for what there is
 * not, or what the municipality holds itself; ERR_DENIED for what is not permitted, which the
 * applicant sees in the log.
 */
MUST_CHECK int inquiries_ask(const struct portal *portal, const struct application *application,
                             const char *info, const struct audit_origin *by,
                             enum exchange_state *ret, struct err *err);
/* What may be asked of whom, and what was: {is_known, procedure, may_ask, inquiries}. */
MUST_CHECK int inquiries_tell(const struct portal *portal, const struct application *application,
                              struct json **ret, struct err *err);
