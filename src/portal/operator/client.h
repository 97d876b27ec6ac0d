/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators of services, as they apply and as the portal's operator decides (portal.md 2.2). What
 * they send is the metadata of OAuth 2.0 Dynamic Client Registration (RFC 7591, 2) with what the
 * review looks at: what is not public of the real procedure is this project's own. The review has a
 * verdict for each of its viewpoints.
 *
 *     applied ─► approved ◄─► suspended
 *      │ └► refused  └─► ended ◄─┘
 *      └► gone, if nobody confirms it (waiting.h)
 *
 * A service proves itself by its certificate (RFC 8705, 2.2), which it has shown when it applied,
 * or by a key of its own (RFC 7523); in production it has a certificate in any case,
 * and was tested before by whoever applies.
 */
#pragma once

#include "audit/audit.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "db/db.h"
#include "http/member.h"
#include "portal/limits.h"
#include "portal/operator/limits.h"

/* "SP" and eight digits, "_", two letters for the environment and four digits (portal.md 2.3). */
enum { OPERATOR_ID_SIZE = 18, OPERATOR_REQUESTER_SIZE = 24 };

enum operator_state {
    OPERATOR_APPLIED,
    OPERATOR_APPROVED,
    OPERATOR_REFUSED,
    OPERATOR_SUSPENDED,
    OPERATOR_ENDED,
    OPERATOR_STATES_
};
extern const char *const operator_states[];       /* "applied", ..., NULL */
extern const char *const operator_environments[]; /* "test", "production", NULL */
extern const char *const operator_methods[]; /* how it proves itself: RFC 8705, RFC 7591; NULL */
enum operator_method { OPERATOR_BY_CERTIFICATE, OPERATOR_BY_KEY };
extern const char *const operator_viewpoints[]; /* "body", ..., NULL: what a review looks at */

struct operator_client {
    char id[OPERATOR_ID_SIZE];
    enum operator_state state;
    bool has_certificate;
    struct digest certificate;              /* SHA-256 */
    struct json *metadata;                  /* as it was sent */
    struct json *verdicts;                  /* of the review; NULL: there was none yet */
    char reason[4 * OPERATOR_TEXT_MAX + 1]; /* of the last decision; may be empty */
    int64_t made_at, changed_at;
    int64_t confirmed_at; /* 0: it goes by itself (waiting.h) */
};
void operator_client_done(struct operator_client *client);

/* The members of what is sent, in the route's own table. */
extern const struct http_member operator_metadata_members[];
extern const struct http_member operator_verdict_members[];
extern const struct http_form operator_id_form;
/*
 * ERR_INPUT, naming the member, for what is no application: texts, addresses, names and keys that
 * are not as they have to be in this environment. certificate is what was shown; NULL: none.
 */
MUST_CHECK int operator_check(const struct json *metadata, const struct digest *certificate,
                              struct err *err);

/*
 * Keep an application. secret is what its operator looks up its state with, of which the hash is
 * kept. ERR_CONFLICT if OPERATOR_APPLICATIONS_MAX wait, or as many of this requester as may
 * (waiting.h), or the certificate is another service's.
 */
struct operator_application {
    const struct json *metadata;
    const struct digest *certificate; /* that was shown; NULL: none */
    const char *requester;            /* forgotten when it is decided */
};
struct operator_applied {
    struct operator_client client; /* to be released with operator_client_done */
    char secret[PORTAL_SECRET_SIZE];
};
MUST_CHECK int operator_apply(struct db *db, const struct operator_application *application,
                              const struct audit_origin *by, struct operator_applied *ret,
                              struct err *err);
/* Release with operator_client_done. ERR_ABSENT if there is none. */
MUST_CHECK int operator_get(struct db *db, const char *id, struct operator_client *ret,
                            struct err *err);
/* The same in a transaction. Inside this room only. */
MUST_CHECK int operator_get_in(struct db_txn *txn, const char *id, struct operator_client *ret,
                               struct err *err);
/* The one that this secret was given for; ERR_DENIED, also if there is none of that id. */
MUST_CHECK int operator_get_own(struct db *db, const char *id, const char *secret,
                                struct operator_client *ret, struct err *err);
/*
 * What is decided. The review of who applied has verdicts: all met for an approval, one at least
 * not for a refusal; other decisions have none, and leave those of the review. ERR_INPUT if that is
 * not so. ERR_CONFLICT for a step that there is not, and for a service in production whose service
 * in test is not approved or has used nobody's consent yet; ERR_ABSENT if there is no such service.
 */
struct operator_decision {
    enum operator_state state;
    const char *reason;          /* may be empty for an approval alone */
    const struct json *verdicts; /* "met" or "unmet" by viewpoint; NULL: none */
};
MUST_CHECK int operator_decide(struct db *db, const char *id,
                               const struct operator_decision *decision,
                               const struct audit_origin *by, struct err *err);

/* By id, after one; at most OPERATOR_PAGE_MAX. state -1: any. */
MUST_CHECK int operator_list(struct db *db, int state, const char *after,
                             struct operator_client ret[OPERATOR_PAGE_MAX], size_t *ret_count,
                             struct err *err);

/* A column with a SHA-256. Inside this room only. */
MUST_CHECK int operator_read_digest(const struct db_rows *rows, int column, struct digest *ret,
                                    struct err *err);

/* ---- what a service may ---- */

bool operator_may_use(const struct operator_client *client, const char *api);
bool operator_has_redirect(const struct operator_client *client, const char *uri);
/* A text of the metadata; "" if it is not there. */
const char *operator_text(const struct operator_client *client, const char *member);
enum operator_method operator_method(const struct operator_client *client);
bool operator_is_production(const struct operator_client *client);

enum operator_act {
    OPERATOR_ACT_APPLIED,
    OPERATOR_ACT_APPROVED,
    OPERATOR_ACT_REFUSED,
    OPERATOR_ACT_SUSPENDED,
    OPERATOR_ACT_ENDED,
    OPERATOR_ACT_CONSENTED,
    OPERATOR_ACT_WITHDRAWN, /* a consent: outcome says why */
    OPERATOR_ACT_REQUESTED,
    OPERATOR_ACT_PULLED,
    OPERATOR_ACT_NOTICES, /* pulled by a consent */
    OPERATOR_ACT_CONFIRMED,
    OPERATOR_ACT_PREPARED, /* an application for somebody */
    OPERATOR_ACT_ATTACHED, /* a file to that */
    OPERATOR_ACT_TAKEN_BACK,
    OPERATOR_ACT_STANDING, /* the service was told how that stands */
    OPERATOR_ACT_LAPSED,   /* an application that nobody confirmed */
    OPERATOR_ACTS_
};
extern const struct audit_act operator_acts[];
MUST_CHECK int operator_note(struct db_txn *txn, enum operator_act act, const char *subject,
                             const char *outcome, const struct audit_origin *by, struct err *err);
