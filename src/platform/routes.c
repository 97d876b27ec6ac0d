/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to logins and back. What a login means is decided in login.c. */
#include "platform/routes.h"

#include "base/hex.h"
#include "platform/login.h"

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

/* The worker's connection to signerd. */
static int worker_signer(struct http_call *call, struct signer **ret, struct err *err)
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
    TRY(worker_signer(call, &signer, err));
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

/* The key identifiers of the CAs whose cards can log in, so that a client can refuse before it
 * asks for a PIN. */
static int put_issuers(struct json *body, const struct anchors *cas, struct err *err)
{
    CLEANUP(json_freep) struct json *issuers = json_array_new();

    for (size_t i = 0; i < anchors_count(cas); i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        const char *hex;

        TRY(hex_append(&text, x509_cert_tbs(anchors_at(cas, i))->subject_key_id, err));
        TRY(buf_text(&text, &hex, err));
        TRY(json_add_text(issuers, hex, err));
    }
    return json_put(body, "issuers", json_steal(&issuers), err);
}

static int put_provider(struct json *body, const struct tenant *tenant, struct err *err)
{
    CLEANUP(json_freep) struct json *provider = json_object_new();

    TRY(json_put_text(provider, "name", tenant->name, err));
    TRY(json_put_text(provider, "origin", tenant->origin, err));
    TRY(json_put_text(provider, "client_id", tenant->client_id, err));
    return json_put(body, "provider", json_steal(&provider), err);
}

static int put_challenge(struct json *body, const struct platform *platform,
                         const struct opened_login *opened, struct err *err)
{
    TRY(json_put_text(body, "session", opened->login.session, err));
    TRY(json_put_base64(body, "nonce", BYTES_ARRAY(opened->login.nonce), err));
    TRY(json_put_int(body, "expires_at", opened->login.expires_at, err));
    TRY(put_provider(body, &opened->tenant, err));
    return put_issuers(body, platform->auth_cas, err);
}

static int post_login(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct opened_login opened;
    const char *client_id;

    TRY(json_get_text(call->request.json, "client_id", &client_id, err));
    TRY(login_open(platform, client_id, &opened, err));
    TRY(put_challenge(body, platform, &opened, err));
    TRY(json_put_text(body, "secret", opened.secret, err));
    TRY(json_put_text(body, "code", opened.login.code, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int get_login(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct opened_login opened;

    TRY(login_get(platform, http_param(&call->request, "session"), &opened, err));
    TRY(put_challenge(body, platform, &opened, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* A member that may be missing. */
static int optional_text(const struct json *json, const char *key, const char **ret,
                         struct err *err)
{
    return json_has(json, key) ? json_get_text(json, key, ret, err) : 0;
}

static int post_answer(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct login_answer answer = {.session = http_param(&call->request, "session")};
    struct signer *signer;

    TRY(json_get_text(json, "certificate", &answer.certificate, err));
    TRY(json_get_base64(json, "signature", &signature, err));
    TRY(optional_text(json, "secret", &answer.secret, err));
    TRY(optional_text(json, "code", &answer.code, err));
    answer.signature = buf_bytes(&signature);
    TRY(worker_signer(call, &signer, err));
    TRY(login_answer(call->context, signer, &answer, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int post_redeem(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    char subject[LOGIN_SUBJECT_SIZE];
    const char *secret;

    TRY(json_get_text(call->request.json, "secret", &secret, err));
    TRY(login_redeem(call->context, http_param(&call->request, "session"), secret, subject, err));
    TRY(json_put_text(body, "sub", subject, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

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
     .path = "/v1/logins",
     .access = &http_anyone,
     .body = login_members,
     .handle = post_login},
    {.method = HTTP_GET,
     .path = "/v1/logins/:session",
     .access = &http_anyone,
     .handle = get_login},
    {.method = HTTP_POST,
     .path = "/v1/logins/:session/answer",
     .access = &http_anyone,
     .body = answer_members,
     .handle = post_answer},
    {.method = HTTP_POST,
     .path = "/v1/logins/:session/redeem",
     .access = &http_anyone,
     .body = redeem_members,
     .handle = post_redeem},
    {.path = NULL},
};
