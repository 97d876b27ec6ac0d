/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/login/platform.h"

#include "base/file.h"
#include "fetch/fetch.h"

enum { TIMEOUT_MS = 15000, ANSWER_MAX = 64 * 1024 };

static int ask(const struct authapp *authapp, const char *path, const struct json *body,
               struct fetch_response *ret, struct err *err)
{
    CLEANUP(free_text) char *url = NULL;
    CLEANUP(buf_done) struct buf bearer = BUF_INIT;
    struct fetch_field fields[] = {{"Authorization", NULL}, {NULL, NULL}};
    struct fetch_request request = {.socket = authapp->platform.socket,
                                    .body = body,
                                    .fields = body == NULL ? NULL : fields,
                                    .timeout_ms = TIMEOUT_MS,
                                    .limit = ANSWER_MAX};

    TRY(path_format(&url, err, "%s%s", authapp->platform.url, path));
    TRY(buf_append_format(&bearer, err, "Bearer %s", authapp->platform.key));
    TRY(buf_text(&bearer, &fields[0].value, err));
    request.url = url;
    return fetch(&request, ret, err);
}

int platform_keys(const struct authapp *authapp, struct json **ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;

    if (ask(authapp, "/v1/keys", NULL, &response, NULL) < 0 || response.json == NULL)
        return FAIL(err, ERR_REMOTE, "the platform does not tell its keys; try later");
    *ret = response.json;
    response.json = NULL;
    return 0;
}

static int put_message(struct json *body, const struct bound *message, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "origin", message->origin, err));
    TRY(json_put_text(object, "client_id", message->client_id, err));
    TRY(json_put_text(object, "redirect_uri", message->redirect_uri, err));
    TRY(json_put_text(object, "session", message->session, err));
    TRY(json_put_base64(object, "nonce", message->nonce, err));
    TRY(json_put_int(object, "expires_at", message->expires_at, err));
    return json_put(body, "message", json_steal(&object), err);
}

static int put_sign(struct json *body, const struct json *sign, struct err *err)
{
    struct json *copy = NULL;

    if (sign == NULL)
        return 0;
    TRY(json_duplicate(sign, &copy, err));
    return json_put(body, "sign", copy, err);
}

/* What is the card's fault stays so; everything else is between the platform and us. */
static int translate(const struct err *why, struct err *err)
{
    if (why->kind == ERR_INPUT || why->kind == ERR_UNTRUSTED || why->kind == ERR_CONFLICT ||
        why->kind == ERR_NOMEM)
        return err_copy(err, why);
    return FAIL(err, ERR_REMOTE,
                "the platform cannot say now whether the card's answer holds; try again");
}

int platform_judge(const struct authapp *authapp, const struct bound *message,
                   const struct card_proof *proof, struct json **ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct err why = {0};

    TRY(put_message(body, message, err));
    TRY(json_put_text(body, "signature", proof->signature, err));
    TRY(json_put_text(body, "certificate", proof->certificate, err));
    TRY(put_sign(body, proof->sign, err));
    if (proof->wants_reference)
        TRY(json_put_bool(body, "person_reference", true, err));
    if (ask(authapp, "/v1/authentications", body, &response, &why) < 0)
        return translate(&why, err);
    if (response.json == NULL)
        return FAIL(err, ERR_REMOTE, "the platform gave no verdict; try again");
    *ret = response.json;
    response.json = NULL;
    return 0;
}
