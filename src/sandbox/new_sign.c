/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/new_sign.h"

#include "base/file.h"

static int ask_key(const struct clerk *clerk, const char *path, struct fetch_response *ret,
                   struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "key", "sign", err));
    return clerk_ask(clerk->card, path, body, ret, err);
}

int new_sign_prepare(const struct clerk *clerk, struct err *err)
{
    return ask_key(clerk, "/v1/keys", NULL, err);
}

int new_sign_finish(const struct clerk *clerk, const char *serial, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response request = FETCH_RESPONSE_INIT;
    CLEANUP(fetch_response_done) struct fetch_response issued = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *renewed = json_object_new();
    CLEANUP(free_text) char *path = NULL;
    struct json *requests = json_object_new();
    const struct json *given = NULL;
    const char *text = NULL;

    TRY(json_put(body, "requests", requests, err));
    TRY(ask_key(clerk, "/v1/requests", &request, err));
    TRY(json_get_text(request.json, "request", &text, err));
    TRY(json_put_text(requests, "sign", text, err));
    TRY(path_format(&path, err, "/v1/cards/%s/certificates", serial));
    TRY(clerk_order(clerk, path, body, &issued, err));
    TRY(json_get_object(issued.json, "certificates", &given, err));
    TRY(json_get_text(given, "sign", &text, err));
    TRY(json_put_text(renewed, "sign", text, err));
    return clerk_ask(clerk->card, "/v1/recertification", renewed, NULL, err);
}
