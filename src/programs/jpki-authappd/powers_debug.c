/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the provider went by, for whoever writes the other side: the message that a card had to
 * sign, who a client was found to be, and what belongs to a code. No key, no code and no attribute
 * is among it.
 */
#include "programs/jpki-authappd/powers_parts.h"

#include "authapp/client/store.h"
#include "authapp/token/token.h"
#include "base/base64.h"
#include "base/hex.h"
#include "http/form.h"

#include <string.h>

static int put_digest(struct json *debug, const struct bound *message, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest digest;

    TRY(bound_digest(message, &digest, err));
    TRY(hex_append(&hex, digest_bytes(&digest), err));
    return json_put_bytes(debug, "digest", buf_bytes(&hex), err);
}

/* Field by field, and their digest. */
static int explain_login(const struct http_call *call, struct json *debug, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(found_login_done) struct found_login found = {.json = NULL};

    TRY(oidc_login_find(authapp, http_param(&call->request, "session"), &found, err));
    const struct bound message = {.origin = authapp->origin,
                                  .client_id = found.client.id,
                                  .redirect_uri = found.request.redirect_uri,
                                  .session = found.login.session,
                                  .nonce = BYTES_ARRAY(found.login.nonce),
                                  .expires_at = found.login.expires_at};

    TRY(json_put_text(debug, "origin", message.origin, err));
    TRY(json_put_text(debug, "client_id", message.client_id, err));
    TRY(json_put_text(debug, "redirect_uri", message.redirect_uri, err));
    TRY(json_put_base64(debug, "nonce", message.nonce, err));
    TRY(json_put_int(debug, "expires_at", message.expires_at, err));
    TRY(json_put_text(debug, "sector", found.client.sector, err));
    return put_digest(debug, &message, err);
}

/* What the verifier that came with a code is the verifier of (RFC 7636, 4.6). */
static int put_challenge(const char *verifier, struct json *debug, struct err *err)
{
    CLEANUP(buf_done) struct buf computed = BUF_INIT;
    struct digest digest;

    if (verifier == NULL)
        return json_put_null(debug, "code_challenge_computed", err);
    TRY(digest_compute(DIGEST_SHA256, bytes_text(verifier), &digest, err));
    TRY(base64_append(&computed, BASE64_URL, digest_bytes(&digest), err));
    return json_put_bytes(debug, "code_challenge_computed", buf_bytes(&computed), err);
}

/* Whose the code is, and what was sent when it was asked for. */
static int put_code(const struct authapp *authapp, const char *code, struct json *debug,
                    struct err *err)
{
    CLEANUP(found_token_done) struct found_token found = {.token = {.kind = TOKEN_CODE}};
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    int rc = token_find(authapp, code, &found, err);

    TRY(json_put_bool(debug, "code_is_known", rc == 0, err));
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(authapp_get_client(authapp->store, found.grant.client_id, &client, err));
    TRY(json_put_text(debug, "client_id", found.grant.client_id, err));
    TRY(json_put_text(debug, "sector", client.sector, err));
    TRY(json_put_text(debug, "nonce", found.grant.nonce, err));
    TRY(json_put_text(debug, "redirect_uri", found.token.redirect_uri, err));
    TRY(json_put_text(debug, "code_challenge", found.token.challenge, err));
    return json_put_int(debug, "expires_at", found.token.expires_at, err);
}

/* Who asks, and with which code. */
static int explain_token(const struct http_call *call, struct json *debug, struct err *err)
{
    struct http_fields fields = {NULL, 0};

    TRY(http_form_read(call, &fields, err));
    TRY(debug_client(call, &fields, debug, err));
    if (http_form_get(&fields, "code") == NULL)
        return 0;
    TRY(put_code(call->context, http_form_get(&fields, "code"), debug, err));
    return put_challenge(http_form_get(&fields, "code_verifier"), debug, err);
}

int debug_explain(const struct http_call *call, struct json *debug, struct err *err)
{
    static const struct {
        const char *operation;
        int (*explain)(const struct http_call *call, struct json *debug, struct err *err);
    } rows[] = {{"getLogin", explain_login},
                {"answerLogin", explain_login},
                {"getTokens", explain_token},
                {"revokeToken", explain_token}};

    for (size_t i = 0; debug != NULL && i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].operation, call->route->operation) == 0)
            return rows[i].explain(call, debug, err);
    return 0;
}
