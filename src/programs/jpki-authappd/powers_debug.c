/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the provider went by, for whoever writes the other side: the message that a card had to
 * sign, and what belongs to a code. No key, no code and no attribute is among it.
 */
#include "programs/jpki-authappd/powers_parts.h"

#include "authapp/client/store.h"
#include "authapp/oauth.h"
#include "authapp/token/token.h"
#include "base/hex.h"

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

/* Whose the code is, and what was sent when it was asked for. */
static int explain_code(const struct http_call *call, struct json *debug, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(found_token_done) struct found_token found = {.token = {.kind = TOKEN_CODE}};
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    struct http_fields fields = {NULL, 0};
    const char *code;

    TRY(http_form_read(call, &fields, err));
    code = http_form_get(&fields, "code");
    if (code == NULL)
        return 0;
    TRY(token_find(authapp, code, &found, err));
    TRY(authapp_get_client(authapp->store, found.grant.client_id, &client, err));
    TRY(json_put_text(debug, "client_id", found.grant.client_id, err));
    TRY(json_put_text(debug, "sector", client.sector, err));
    TRY(json_put_text(debug, "nonce", found.grant.nonce, err));
    TRY(json_put_text(debug, "redirect_uri", found.token.redirect_uri, err));
    TRY(json_put_text(debug, "code_challenge", found.token.challenge, err));
    return json_put_int(debug, "expires_at", found.token.expires_at, err);
}

int debug_explain(const struct http_call *call, struct json *debug, struct err *err)
{
    static const struct {
        const char *operation;
        int (*explain)(const struct http_call *call, struct json *debug, struct err *err);
    } rows[] = {
        {"getLogin", explain_login}, {"answerLogin", explain_login}, {"getTokens", explain_code}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].operation, call->route->operation) == 0)
            return rows[i].explain(call, debug, err);
    return 0;
}
