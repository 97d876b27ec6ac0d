/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to logins and back. What a login means is decided in login.c. */
#include "base/hex.h"
#include "platform/handlers.h"
#include "platform/login.h"

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

int platform_post_login(struct http_call *call, struct err *err)
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

int platform_show_login(struct http_call *call, struct err *err)
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

int platform_post_answer(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct login_answer answer = {.session = http_param(&call->request, "session"),
                                  .trace_id = call->request.trace_id};
    struct signer *signer;

    TRY(json_get_text(json, "certificate", &answer.certificate, err));
    TRY(json_get_base64(json, "signature", &signature, err));
    TRY(optional_text(json, "secret", &answer.secret, err));
    TRY(optional_text(json, "code", &answer.code, err));
    answer.signature = buf_bytes(&signature);
    TRY(platform_signer(call, &signer, err));
    TRY(login_answer(call->context, signer, &answer, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

int platform_post_redeem(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    char subject[LOGIN_SUBJECT_SIZE];
    const char *secret;

    TRY(json_get_text(call->request.json, "secret", &secret, err));
    TRY(login_redeem(call->context, http_param(&call->request, "session"), secret,
                     call->request.trace_id, subject, err));
    TRY(json_put_text(body, "sub", subject, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}
