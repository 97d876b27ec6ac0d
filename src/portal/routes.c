/* SPDX-License-Identifier: Apache-2.0 */
/* What all rows need, and those that belong to no subject of their own. */
#include "portal/routes.h"

#include "http/metrics.h"
#include "portal/operator/routes.h"
#include "rpc/signer_worker.h"

int portal_signer(struct http_call *call, struct signer **ret, struct err *err)
{
    const struct portal *portal = call->context;

    return signer_worker_get(call->worker, portal->signer, ret, err);
}

int portal_ready(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct signer *signer;
    struct signer_status status;

    TRY(portal_store_ping(portal->store, err));
    TRY(portal_signer(call, &signer, err));
    return signer_status(signer, &status, err);
}

const struct http_about portal_about = {
    "portal", "OpenJPKI portal",
    "A portal for citizens, who log in with a card at an authentication app, and an interface for "
    "services that they let ask. Unofficial, for tests. Times are UTC seconds."};

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

const struct route *const portal_routes[] = {portal_login_routes,
                                             portal_session_routes,
                                             portal_selfinfo_routes,
                                             portal_history_routes,
                                             portal_provider_routes,
                                             portal_question_routes,
                                             portal_page_routes,
                                             portal_procedure_routes,
                                             portal_published_routes,
                                             portal_editor_routes,
                                             portal_application_routes,
                                             portal_clerk_routes,
                                             portal_notice_routes,
                                             portal_order_routes,
                                             portal_mail_routes,
                                             portal_mandate_routes,
                                             portal_legal_routes,
                                             portal_operator_review_routes,
                                             portal_consent_routes,
                                             portal_submission_routes,
                                             portal_eligibility_routes,
                                             portal_lookup_routes,
                                             portal_draft_routes,
                                             portal_staff_routes,
                                             portal_receipt_routes,
                                             audit_desk_routes,
                                             service_routes,
                                             NULL};
