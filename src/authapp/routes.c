/* SPDX-License-Identifier: Apache-2.0 */
/* What all rows need, and those that belong to no subject of their own. */
#include "authapp/routes.h"

#include "audit/words.h"
#include "http/metrics.h"
#include "rpc/signer_worker.h"

int authapp_signer(struct http_call *call, struct signer **ret, struct err *err)
{
    const struct authapp *authapp = call->context;

    return signer_worker_get(call->worker, authapp->signer, ret, err);
}

int authapp_ready(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    struct signer *signer;
    struct signer_status status;

    TRY(authapp_store_ping(authapp->store, err));
    TRY(authapp_signer(call, &signer, err));
    return signer_status(signer, &status, err);
}

/* Never a relying party: the log tells of all of them. */
static int operator(const struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;

    if (authapp != NULL && http_peer_is_in(call, authapp->operators.uids, authapp->operators.count))
        return 0;
    return FAIL(err, ERR_DENIED, "only an operator may read that");
}

static const struct http_access authapp_operator = {
    "operator", operator, "Served on a Unix socket, to the user ids listed as operators." };

static int witness(const struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;

    if (authapp != NULL && audit_witness_asks(call, authapp->keeper))
        return 0;
    return authapp_operator.check(call, err);
}

static const struct http_access authapp_witness = {"witness-or-operator", witness,
                                                   AUDIT_WITNESS_MEANING};

static int get_audit(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;

    return audit_answer_list(call, authapp_store_db(authapp->store), err);
}

static int get_audit_tree(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;

    return audit_answer_tree(call, authapp_store_db(authapp->store), err);
}

static int on_checkpoint(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;

    return audit_answer_checkpoint(call, authapp->keeper, err);
}

const struct http_about authapp_about = {
    "authapp", "OpenJPKI authentication app",
    "An OpenID provider whose users log in with a card: OpenID Connect Core 1.0 for relying "
    "parties, and the protocol of a platform for cards. Times are UTC seconds."};

static const struct route service_routes[] = {
    AUDIT_ROUTES(&authapp_operator, &authapp_witness, get_audit, get_audit_tree, on_checkpoint),
    {.method = HTTP_GET,
     .path = "/metrics",
     .access = &authapp_operator,
     .handle = metrics_reply,
     .operation = "getMetrics",
     .summary = "Read what was counted",
     .answers = metrics_answers},
    {.path = NULL},
};

const struct route *const authapp_routes[] = {authapp_discovery_routes,
                                              authapp_auth_routes,
                                              authapp_browser_routes,
                                              authapp_token_routes,
                                              authapp_userinfo_routes,
                                              authapp_logout_routes,
                                              authapp_card_routes,
                                              authapp_agent_routes,
                                              authapp_page_routes,
                                              authapp_signing_routes,
                                              authapp_signing_card_routes,
                                              service_routes,
                                              NULL};
