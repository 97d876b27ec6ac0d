/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/login/result.h"

#include "authapp/token/token.h"
#include "base/random_text.h"

#include <stdio.h>
#include <string.h>

static int append_end(const struct authapp *authapp, const struct auth_request *request,
                      struct buf *address, struct err *err)
{
    TRY(oauth_append(address, "state", request->state, err));
    return oauth_append(address, "iss", authapp->issuer, err);
}

int result_error(const struct authapp *authapp, const struct auth_request *request,
                 const struct oauth_error *error, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    TRY(buf_append_text(&address, request->redirect_uri, err));
    TRY(oauth_append(&address, "error", error->code, err));
    TRY(oauth_append(&address, "error_description", error->text, err));
    TRY(append_end(authapp, request, &address, err));
    buf_move(ret, &address);
    return 0;
}

/* Who it is for this client, and what of him goes with the code. */
static int fill_grant(const struct authapp *authapp, const struct found_login *found,
                      const struct json *kept, struct grant *ret, struct err *err)
{
    const char *holder = NULL;

    *ret = (struct grant){.scopes = found->request.scopes,
                          .auth_time = found->login.answered_at,
                          .expires_at = clock_now(authapp->clock) + AUTHAPP_GRANT_SECONDS};
    TRY(json_get_text(kept, "holder", &holder, err));
    TRY(subject_make(authapp, found->client.sector, holder, ret->sub, err));
    TRY(random_text(ret->id, sizeof ret->id, err));
    memcpy(ret->client_id, found->client.id, sizeof ret->client_id);
    if (found->request.nonce != NULL)
        (void)snprintf(ret->nonce, sizeof ret->nonce, "%s", found->request.nonce);
    return 0;
}

static int make_code(const struct authapp *authapp, const struct found_login *found,
                     const struct json *kept, struct new_token *ret, struct err *err)
{
    const struct json *attributes = NULL;

    if (json_has(kept, "attributes"))
        TRY(json_get_object(kept, "attributes", &attributes, err));
    TRY(token_make(TOKEN_CODE, found->request.scopes,
                   clock_now(authapp->clock) + AUTHAPP_CODE_SECONDS, attributes, ret, err));
    (void)snprintf(ret->row.redirect_uri, sizeof ret->row.redirect_uri, "%s",
                   found->request.redirect_uri);
    if (found->request.challenge != NULL)
        (void)snprintf(ret->row.challenge, sizeof ret->row.challenge, "%s",
                       found->request.challenge);
    return 0;
}

int result_code(const struct authapp *authapp, const struct found_login *found,
                const char *trace_id, struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *kept = NULL;
    CLEANUP(new_token_done) struct new_token code = {.row = {.kind = TOKEN_CODE}};
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    const struct audit_origin by = audit_by_role(clock_now(authapp->clock), "client",
                                                 found->client.id, trace_id);
    struct grant grant;

    TRY(oidc_login_holder(authapp, found, &kept, err));
    TRY(fill_grant(authapp, found, kept, &grant, err));
    TRY(make_code(authapp, found, kept, &code, err));
    TRY(authapp_take_login(authapp->store, found->login.session, err));
    TRY(authapp_make_grant(authapp->store, &grant, &code.row, 1, &by, err));
    TRY(buf_append_text(&address, found->request.redirect_uri, err));
    TRY(oauth_append(&address, "code", code.text, err));
    TRY(oauth_append(&address, "session_state", grant.id, err));
    TRY(append_end(authapp, &found->request, &address, err));
    buf_move(ret, &address);
    return 0;
}
