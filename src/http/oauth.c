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

struct oauth_error oauth_check_foreign(const struct http_fields *fields)
{
    static const struct {
        const char *name;
        struct oauth_error error;
    } rows[] = {
        {"request", {"request_not_supported", "request objects are not taken"}},
        {"request_uri", {"request_uri_not_supported", "request objects are not taken"}},
        {"registration", {"registration_not_supported", "clients are registered beforehand"}},
    };
    const char *mode = http_form_get(fields, "response_mode");

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (http_form_get(fields, rows[i].name) != NULL)
            return rows[i].error;
    if (mode != NULL && strcmp(mode, "query") != 0)
        return (struct oauth_error){"invalid_request", "response_mode is query"};
    return OAUTH_NO_ERROR;
}

const char *oauth_bearer(const struct http_call *call, const struct http_fields *fields)
{
    static const char scheme[] = "Bearer ";
    const char *value = http_header(&call->request, "Authorization");

    if (value == NULL)
        return call->request.method == HTTP_POST ? http_form_get(fields, "access_token") : NULL;
    return strncasecmp(value, scheme, strlen(scheme)) == 0 ? value + strlen(scheme) : NULL;
}
