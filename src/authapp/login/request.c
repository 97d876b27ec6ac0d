/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/login/request.h"

#include "authapp/page/locale.h"
#include "authapp/scope.h"
#include "authapp/session/session.h"
#include "crypto/client_proof.h"

#include <string.h>

enum { UUID_LEN = 36, SECONDS_LEN_MAX = 10 };

int auth_request_target(const struct http_fields *fields, const struct client *client,
                        struct auth_request *ret, struct err *err)
{
    const char *uri = http_form_get(fields, "redirect_uri");

    if (uri == NULL)
        return FAIL(err, ERR_UNTRUSTED, "the service did not say where to come back to");
    if (!client_has_uri(client, "redirect_uris", uri))
        return FAIL(err, ERR_UNTRUSTED,
                    "the service named an address to come back to that is not registered as its");
    ret->redirect_uri = uri;
    return 0;
}

/* So many printable ASCII characters at most, or nothing. */
static bool is_value(const char *text, size_t most)
{
    if (text == NULL)
        return true;
    for (const char *c = text; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            return false;
    return strlen(text) <= most;
}

static bool is_uuid(const char *text)
{
    if (strlen(text) != UUID_LEN)
        return false;
    for (size_t i = 0; i < UUID_LEN; i++) {
        bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;

        if (is_hyphen ? text[i] != '-' : strchr("0123456789abcdefABCDEF", text[i]) == NULL)
            return false;
    }
    return true;
}

#define REFUSE(code_, text_) ((struct oauth_error){(code_), (text_)})

static struct oauth_error check_type(const struct http_fields *fields, const struct client *client)
{
    const char *type = http_form_get(fields, "response_type");

    if (type == NULL)
        return REFUSE("invalid_request", "response_type is missing");
    if (strcmp(type, "code") != 0)
        return REFUSE("unsupported_response_type", "response_type is code");
    if ((client->grants & GRANT_CODE) == 0)
        return REFUSE("unauthorized_client", "this client is not registered for codes");
    return OAUTH_NO_ERROR;
}

static struct oauth_error read_scope(const struct http_fields *fields, const struct client *client,
                                     struct auth_request *ret)
{
    const char *text = http_form_get(fields, "scope");
    unsigned scopes = text == NULL ? 0 : scope_of(text);

    if ((scopes & SCOPE_OPENID) == 0)
        return REFUSE("invalid_scope", "scope has no openid");
    if ((scopes & ~client->scopes) != 0)
        return REFUSE("invalid_scope", "scope has more than this client is registered for");
    /* Whoever is told who somebody is for the register needs no attributes. */
    if ((scopes & SCOPE_PERSON_REFERENCE) != 0 && (scopes & SCOPE_ATTRIBUTES) != 0)
        return REFUSE("invalid_scope", "person_reference and attributes are not for one login");
    ret->scopes = scopes;
    return OAUTH_NO_ERROR;
}

static struct oauth_error read_values(const struct http_fields *fields, const struct client *client,
                                      struct auth_request *ret)
{
    const char *state = http_form_get(fields, "state");
    const char *nonce = http_form_get(fields, "nonce");

    if (client->profile == CLIENT_AUTHAPP && !is_value(state, AUTHAPP_VALUE_MAX))
        return REFUSE("invalid_request", "state is 1 to 255 printable ASCII characters");
    if (!is_value(state, AUTHAPP_STATE_MAX))
        return REFUSE("invalid_request", "state is 1 to 1024 printable ASCII characters");
    ret->state = state;
    if (!is_value(nonce, AUTHAPP_VALUE_MAX))
        return REFUSE("invalid_request", "nonce is 1 to 255 printable ASCII characters");
    ret->nonce = nonce;
    if (client->profile == CLIENT_AUTHAPP && (state == NULL || nonce == NULL))
        return REFUSE("invalid_request", "this client has to send state and nonce");
    return OAUTH_NO_ERROR;
}

static struct oauth_error read_challenge(const struct http_fields *fields,
                                         const struct client *client, struct auth_request *ret)
{
    const char *challenge = http_form_get(fields, "code_challenge");
    const char *method = http_form_get(fields, "code_challenge_method");

    if (challenge == NULL)
        return method != NULL || client->profile == CLIENT_AUTHAPP
                   ? REFUSE("invalid_request", "code_challenge is missing")
                   : OAUTH_NO_ERROR;
    if (method == NULL || strcmp(method, "S256") != 0)
        return REFUSE("invalid_request", "code_challenge_method is S256");
    if (!pkce_is_s256(challenge))
        return REFUSE("invalid_request", "code_challenge is a SHA-256 hash in base64url");
    ret->challenge = challenge;
    return OAUTH_NO_ERROR;
}

/* Which level of assurance; others may ask for what they like, and see in "acr" what it was. */
static struct oauth_error check_acr(const struct http_fields *fields, const struct client *client)
{
    const char *values = http_form_get(fields, "acr_values");

    if (client->profile != CLIENT_AUTHAPP || values == NULL || strcmp(values, "aal3 crl") == 0 ||
        strcmp(values, "aal3 ocsp") == 0)
        return OAUTH_NO_ERROR;
    return REFUSE("invalid_request", "acr_values is aal3 crl or aal3 ocsp");
}

/* Seconds, as digits. */
static bool read_seconds(const char *text, int64_t *ret)
{
    size_t len = strlen(text);

    if (len > SECONDS_LEN_MAX || strspn(text, "0123456789") != len)
        return false;
    *ret = 0;
    for (size_t i = 0; i < len; i++)
        *ret = *ret * 10 + (text[i] - '0');
    return true;
}

/* The card is shown each time, unless whoever asks says that he is content with less. */
static struct oauth_error read_age(const struct http_fields *fields, const struct client *client,
                                   struct auth_request *ret)
{
    const char *text = http_form_get(fields, "max_age");
    int64_t seconds = ret->is_silent ? INT64_MAX : -1;

    if (text != NULL && !read_seconds(text, &seconds))
        return REFUSE("invalid_request", "max_age is a number of seconds");
    if (!session_is_for(client))
        seconds = -1;
    ret->max_age = seconds;
    return OAUTH_NO_ERROR;
}

static struct oauth_error check_silent(const struct client *client, const struct auth_request *ret)
{
    if (!session_is_for(client))
        return REFUSE("login_required", "a card has to be shown");
    /* What is known of a session is who it is and no more. */
    if ((ret->scopes & SCOPE_CARD) != 0 || ret->transaction != NULL)
        return REFUSE("interaction_required", "for this a card has to be shown");
    return OAUTH_NO_ERROR;
}

static struct oauth_error read_prompt(const struct http_fields *fields, const struct client *client,
                                      struct auth_request *ret)
{
    static const char *const known[] = {"login", "consent", "select_account"};
    const char *prompt = http_form_get(fields, "prompt");
    struct oauth_error error;
    unsigned others = 0;

    for (size_t i = 0; prompt != NULL && i < sizeof known / sizeof known[0]; i++)
        others += text_has_word(prompt, known[i]);
    ret->is_silent = prompt != NULL && text_has_word(prompt, "none");
    if (ret->is_silent && others > 0)
        return REFUSE("invalid_request", "prompt none stands alone");
    if (prompt != NULL && !ret->is_silent && others == 0)
        return REFUSE("invalid_request", "prompt is none, login, consent or select_account");
    error = read_age(fields, client, ret);
    if (error.code != NULL)
        return error;
    if (others > 0 || (ret->scopes & SCOPE_CARD) != 0 || ret->transaction != NULL)
        ret->max_age = -1;
    return ret->is_silent ? check_silent(client, ret) : OAUTH_NO_ERROR;
}

static struct oauth_error read_transaction(const struct http_fields *fields,
                                           struct auth_request *ret)
{
    const char *id = http_form_get(fields, "sign_transaction_id");

    if (id != NULL && !is_uuid(id))
        return REFUSE("invalid_request", "sign_transaction_id is a UUID");
    if (id != NULL && (ret->scopes & SCOPE_SIGN) == 0)
        return REFUSE("invalid_scope", "sign_transaction_id needs the scope sign");
    ret->transaction = id;
    return OAUTH_NO_ERROR;
}

struct oauth_error auth_request_read(const struct http_fields *fields, const struct client *client,
                                     struct auth_request *ret)
{
    struct oauth_error error = read_values(fields, client, ret);

    ret->locale = locale_pick(http_form_get(fields, "ui_locales"));
    if (error.code == NULL)
        error = oauth_check_foreign(fields);
    if (error.code == NULL)
        error = check_type(fields, client);
    if (error.code == NULL)
        error = read_scope(fields, client, ret);
    if (error.code == NULL)
        error = read_challenge(fields, client, ret);
    if (error.code == NULL)
        error = check_acr(fields, client);
    if (error.code == NULL)
        error = read_transaction(fields, ret);
    return error.code == NULL ? read_prompt(fields, client, ret) : error;
}

/* ---- as it is kept ---- */

int auth_request_write(const struct auth_request *request, struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *json = json_object_new();

    TRY(json_put_text(json, "redirect_uri", request->redirect_uri, err));
    TRY(json_put_optional(json, "state", request->state, err));
    TRY(json_put_optional(json, "nonce", request->nonce, err));
    TRY(json_put_optional(json, "challenge", request->challenge, err));
    TRY(json_put_optional(json, "transaction", request->transaction, err));
    TRY(json_put_optional(json, "subject", request->subject, err));
    TRY(json_put_int(json, "scopes", request->scopes, err));
    return json_write(json, ret, err);
}

static int restore_optional(const struct json *json, const char *member, const char **ret,
                            struct err *err)
{
    if (json_is_null_member(json, member))
        return 0;
    return json_get_text(json, member, ret, err);
}

int auth_request_restore(const struct json *json, struct auth_request *ret, struct err *err)
{
    int64_t scopes;

    *ret = (struct auth_request){.max_age = -1};
    TRY(json_get_text(json, "redirect_uri", &ret->redirect_uri, err));
    TRY(restore_optional(json, "state", &ret->state, err));
    TRY(restore_optional(json, "nonce", &ret->nonce, err));
    TRY(restore_optional(json, "challenge", &ret->challenge, err));
    TRY(restore_optional(json, "transaction", &ret->transaction, err));
    if (json_has(json, "subject")) /* a login of before it was kept */
        TRY(restore_optional(json, "subject", &ret->subject, err));
    TRY(json_get_int(json, "scopes", &scopes, err));
    ret->scopes = (unsigned)scopes;
    return 0;
}
