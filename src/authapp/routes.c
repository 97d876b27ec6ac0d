/* SPDX-License-Identifier: Apache-2.0 */
/* What all rows need, and those that belong to no subject of their own. */
#include "authapp/routes.h"

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

const struct http_about authapp_about = {
    "authapp", "OpenJPKI authentication app",
    "An OpenID provider whose users log in with a card: OpenID Connect Core 1.0 for relying "
    "parties, and the protocol of a platform for cards. Times are UTC seconds."};

static const struct route service_routes[] = {
    {.method = HTTP_GET,
     .path = "/metrics",
     .access = &audit_operator,
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
                                              audit_desk_routes,
                                              service_routes,
                                              NULL};
