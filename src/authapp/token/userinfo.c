/* SPDX-License-Identifier: Apache-2.0 */
/* Claims for whoever has an access token (Core 1.0, 5.3), spelled as the client's profile has it.
 */
#include "authapp/routes.h"

#include "authapp/client/store.h"
#include "authapp/scope.h"
#include "authapp/token/access.h"

#include <string.h>

enum { DATE_LEN = 10 };

/* A claim out of what the platform told; nothing if it is not known. */
typedef int put_claim(struct json *body, enum client_profile profile, const char *value,
                      struct err *err);

static int put_name(struct json *body, enum client_profile profile, const char *value,
                    struct err *err)
{
    (void)profile;
    return json_put_text(body, "name", value, err);
}

static int put_address(struct json *body, enum client_profile profile, const char *value,
                       struct err *err)
{
    CLEANUP(json_freep) struct json *address = json_object_new();

    (void)profile;
    TRY(json_put_text(address, "formatted", value, err));
    return json_put(body, "address", json_steal(&address), err);
}

/* YYYY-MM-DD, or its eight digits (portal.md 4.3). */
static int put_birthdate(struct json *body, enum client_profile profile, const char *value,
                         struct err *err)
{
    char digits[] = "YYYYMMDD";

    if (strlen(value) != DATE_LEN)
        return FAIL(err, ERR_REMOTE, "the platform told a birth date of another form");
    if (profile == CLIENT_BASIC)
        return json_put_text(body, "birthdate", value, err);
    memcpy(digits, value, 4);
    memcpy(digits + 4, value + 5, 2);
    memcpy(digits + 6, value + 8, 2);
    return json_put_text(body, "birthdate", digits, err);
}

static int put_gender(struct json *body, enum client_profile profile, const char *value,
                      struct err *err)
{
    static const struct {
        const char *told, *number;
    } rows[] = {{"male", "1"}, {"female", "2"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].told, value) == 0)
            return json_put_text(body, "gender", profile == CLIENT_BASIC ? value : rows[i].number,
                                 err);
    return 0;
}

static const struct {
    enum scope scope;
    const char *attribute; /* as platforms call it */
    put_claim *put;
} claims[] = {
    {SCOPE_NAME, "name", put_name},
    {SCOPE_ADDRESS, "address", put_address},
    {SCOPE_BIRTHDATE, "birth_date", put_birthdate},
    {SCOPE_GENDER, "sex", put_gender},
};

static int put_claims(struct json *body, const struct access *access, enum client_profile profile,
                      struct err *err)
{
    CLEANUP(json_freep) struct json *attributes = NULL;

    TRY(token_attributes(&access->found, access->text, &attributes, err));
    for (size_t i = 0; attributes != NULL && i < sizeof claims / sizeof claims[0]; i++) {
        const char *value = NULL;

        if ((access->found.token.scopes & (unsigned)claims[i].scope) == 0)
            continue;
        TRY(json_get_text(attributes, claims[i].attribute, &value, err));
        TRY(claims[i].put(body, profile, value, err));
    }
    return 0;
}

static int get_userinfo(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    CLEANUP(access_done) struct access access = {.text = NULL};
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct http_fields fields = {NULL, 0};
    struct oauth_error error = {"invalid_request", "the parameters cannot be read"};

    if (call->request.method == HTTP_POST && http_form_read(call, &fields, NULL) < 0)
        return access_refuse(call, &error, err);
    TRY(access_find(call, &fields, SCOPE_OPENID, &access, &error, err));
    if (error.code != NULL)
        return access_refuse(call, &error, err);
    TRY(authapp_get_client(authapp->store, access.found.grant.client_id, &client, err));
    TRY(json_put_text(body, "sub", access.found.grant.sub, err));
    TRY(put_claims(body, &access, client.profile, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_member address_members[] = {
    {"formatted", HTTP_TEXT, HTTP_REQUIRED, "all of it"}, {NULL}};
static const struct http_member userinfo_members[] = {
    {"sub", HTTP_TEXT, HTTP_REQUIRED, "the person's pseudonym for the client's sector"},
    {"name", HTTP_TEXT, HTTP_OPTIONAL, "with scope name"},
    {"address", HTTP_OBJECT, HTTP_OPTIONAL, "with scope address", address_members},
    {"birthdate", HTTP_TEXT, HTTP_OPTIONAL,
     "with scope birthdate: eight digits, or YYYY-MM-DD for profile basic"},
    {"gender", HTTP_TEXT, HTTP_OPTIONAL,
     "with scope gender: 1 or 2, or male or female for profile basic"},
    {NULL},
};
static const struct http_answer userinfo_answers[] = {
    {200, "claims", userinfo_members},
    {401, "no access token that counts", oauth_error_members},
    {403, "an access token for something else", oauth_error_members},
    {0}};

const struct route authapp_userinfo_routes[] = {
    {.method = HTTP_GET,
     .path = AUTHAPP_OIDC "/userinfo",
     .access = &http_anyone,
     .handle = get_userinfo,
     .operation = "getUserinfo",
     .summary = "Read the claims of who logged in",
     .answers = userinfo_answers,
     .is_foreign = true},
    {.method = HTTP_POST,
     .path = AUTHAPP_OIDC "/userinfo",
     .access = &http_anyone,
     .body_type = HTTP_FORM_TYPE,
     .handle = get_userinfo,
     .operation = "postUserinfo",
     .summary = "The same by a form",
     .answers = userinfo_answers,
     .is_foreign = true},
    {.path = NULL},
};
