/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/token/access.h"

#include <stdio.h>
#include <string.h>

enum { FIELD_SIZE = 160 };

void access_done(struct access *access)
{
    found_token_done(&access->found);
}

int access_find(const struct http_call *call, const struct http_fields *fields, unsigned scopes,
                struct access *ret, struct oauth_error *ret_error, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(access_done) struct access access = {.text = oauth_bearer(call, fields)};
    int rc;

    *ret_error = (struct oauth_error){"invalid_token", "the access token is unknown or over"};
    if (access.text == NULL) {
        *ret_error = (struct oauth_error){"invalid_request", "there is no access token"};
        return 0;
    }
    rc = token_find(authapp, access.text, &access.found, err);
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    if (access.found.token.kind != TOKEN_ACCESS || !token_counts(authapp, &access.found))
        return 0;
    if ((access.found.token.scopes & scopes) != scopes) {
        *ret_error = (struct oauth_error){"insufficient_scope", "the access token is not for this"};
        return 0;
    }
    *ret_error = OAUTH_NO_ERROR;
    *ret = access;
    access.found.token.attributes = (struct buf)BUF_INIT;
    return 0;
}

int access_refuse(struct http_call *call, const struct oauth_error *error, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    bool is_scope = strcmp(error->code, "insufficient_scope") == 0;
    char field[FIELD_SIZE] = "Bearer realm=\"OpenJPKI\"";

    TRY(json_put_text(body, "error", error->code, err));
    TRY(json_put_text(body, "error_description", error->text, err));
    TRY(http_reply_json(&call->response, is_scope ? 403 : 401, json_steal(&body), err));
    /* Who sent no token is told no error (RFC 6750, 3.1). */
    if (strcmp(error->code, "invalid_request") != 0)
        (void)snprintf(field, sizeof field,
                       "Bearer realm=\"OpenJPKI\", error=\"%s\", error_description=\"%s\"",
                       error->code, error->text);
    return http_reply_field(&call->response, "WWW-Authenticate", field, err);
}
