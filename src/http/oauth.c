/* SPDX-License-Identifier: Apache-2.0 */
#include "http/oauth.h"

#include <string.h>
#include <strings.h>

const struct http_member oauth_error_members[] = {
    {"error", HTTP_TEXT, HTTP_REQUIRED, "a word of OAuth 2.0"},
    {"error_description", HTTP_TEXT, HTTP_REQUIRED, "a sentence for developers"},
    {NULL},
};

int oauth_refuse(struct http_call *call, const struct oauth_error *error, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    bool is_client = strcmp(error->code, "invalid_client") == 0;

    TRY(json_put_text(body, "error", error->code, err));
    TRY(json_put_text(body, "error_description", error->text, err));
    TRY(http_reply_json(&call->response, is_client ? 401 : 400, json_steal(&body), err));
    return is_client ? http_reply_field(&call->response, "WWW-Authenticate",
                                        "Basic realm=\"OpenJPKI\", charset=\"UTF-8\"", err)
                     : 0;
}

const char *oauth_bearer(const struct http_call *call, const struct http_fields *fields)
{
    static const char scheme[] = "Bearer ";
    const char *value = http_header(&call->request, "Authorization");

    if (value == NULL)
        return call->request.method == HTTP_POST ? http_form_get(fields, "access_token") : NULL;
    return strncasecmp(value, scheme, strlen(scheme)) == 0 ? value + strlen(scheme) : NULL;
}
