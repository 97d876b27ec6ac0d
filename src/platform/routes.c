/* SPDX-License-Identifier: Apache-2.0 */
/* The rows, and what all of them need. */
#include "platform/routes.h"

#include "platform/handlers.h"

#include <stdlib.h>

struct worker {
    struct signer *signer; /* NULL until signerd was there for the first time */
};

int platform_worker_open(void *context, void **ret, struct err *err)
{
    struct worker *worker = calloc(1, sizeof *worker);

    (void)context;
    if (worker == NULL)
        return FAIL_NOMEM(err);
    *ret = worker;
    return 0;
}

void platform_worker_close(void *context, void *worker)
{
    struct worker *w = worker;

    (void)context;
    if (w != NULL)
        signer_close(w->signer);
    free(w);
}

int platform_signer(struct http_call *call, struct signer **ret, struct err *err)
{
    const struct platform *platform = call->context;
    struct worker *worker = call->worker;

    if (worker->signer == NULL)
        TRY(signer_open(platform->signer, &worker->signer, err));
    *ret = worker->signer;
    return 0;
}

int platform_ready(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct signer *signer;
    struct signer_status status;

    TRY(platform_store_ping(platform->store, err));
    TRY(platform_signer(call, &signer, err));
    return signer_status(signer, &status, err);
}

static int get_keys(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *keys = json_array_new();
    struct json *key;

    TRY(jwk_write(platform->exchange_key, JWK_ENCRYPTION, &key, err));
    TRY(json_add(keys, key, err));
    TRY(json_put(body, "keys", json_steal(&keys), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* Never a tenant, whatever it proves: the log tells of all tenants, and why a verdict was no. */
static int operator(const struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;

    if (platform != NULL &&
        http_peer_is_in(call, platform->operators.uids, platform->operators.count))
        return 0;
    return FAIL(err, ERR_DENIED, "only an operator may read the audit log");
}

static const struct http_access platform_operator = {"operator", operator};

static int get_audit(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct json *body;

    TRY(platform_list_audit(platform->store, http_query(&call->request, "since"), &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static const char *const since_query[] = {"since", NULL};

static const struct http_member verification_members[] = {
    {"digest", HTTP_OBJECT, HTTP_REQUIRED},
    {"signature", HTTP_TEXT, HTTP_REQUIRED},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED},
    {NULL, HTTP_TEXT, HTTP_OPTIONAL},
};

static const struct http_member login_members[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED},
    {NULL, HTTP_TEXT, HTTP_OPTIONAL},
};

static const struct http_member answer_members[] = {
    {"certificate", HTTP_TEXT, HTTP_REQUIRED}, {"signature", HTTP_TEXT, HTTP_REQUIRED},
    {"secret", HTTP_TEXT, HTTP_OPTIONAL},      {"code", HTTP_TEXT, HTTP_OPTIONAL},
    {NULL, HTTP_TEXT, HTTP_OPTIONAL},
};

static const struct http_member redeem_members[] = {
    {"secret", HTTP_TEXT, HTTP_REQUIRED},
    {NULL, HTTP_TEXT, HTTP_OPTIONAL},
};

const struct route platform_routes[] = {
    {.method = HTTP_GET, .path = "/v1/keys", .access = &http_anyone, .handle = get_keys},
    {.method = HTTP_POST,
     .path = "/v1/verifications",
     .access = &platform_tenant_access,
     .body = verification_members,
     .handle = platform_post_verification},
    {.method = HTTP_GET,
     .path = "/v1/verifications/:id",
     .access = &platform_tenant_access,
     .handle = platform_show_verification},
    {.method = HTTP_POST,
     .path = "/v1/logins",
     .access = &http_anyone,
     .body = login_members,
     .handle = platform_post_login},
    {.method = HTTP_GET,
     .path = "/v1/logins/:session",
     .access = &http_anyone,
     .handle = platform_show_login},
    {.method = HTTP_POST,
     .path = "/v1/logins/:session/answer",
     .access = &http_anyone,
     .body = answer_members,
     .handle = platform_post_answer},
    {.method = HTTP_POST,
     .path = "/v1/logins/:session/redeem",
     .access = &http_anyone,
     .body = redeem_members,
     .handle = platform_post_redeem},
    {.method = HTTP_GET,
     .path = "/v1/audit",
     .access = &platform_operator,
     .query = since_query,
     .handle = get_audit},
    {.path = NULL},
};
