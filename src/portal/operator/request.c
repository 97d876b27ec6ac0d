/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/operator/request.h"

#include "crypto/client_proof.h"
#include "exchange/code.h"
#include "fetch/limits.h"
#include "fetch/uri.h"
#include "portal/portal.h"

#include <string.h>

#define REFUSE(code_, text_) ((struct oauth_error){(code_), (text_)})

void operator_request_done(struct operator_request *request)
{
    operator_client_done(&request->client);
}

/* Who it is from, and where its answer may go; everything else is told to that address. */
static int read_target(const struct portal *portal, const struct http_fields *fields,
                       struct operator_request *ret, struct err *err)
{
    const char *id = http_form_get(fields, "client_id");
    const char *uri = http_form_get(fields, "redirect_uri");
    int rc = id == NULL ? -ERR_ABSENT
                        : operator_get(portal_store_db(portal->store), id, &ret->client, err);

    if (rc == -ERR_ABSENT || (rc == 0 && ret->client.state != OPERATOR_APPROVED))
        return FAIL(err, ERR_UNTRUSTED, "this service is not known here, or not allowed to ask");
    TRY(rc);
    if (uri == NULL || strlen(uri) > FETCH_URI_MAX || !operator_has_redirect(&ret->client, uri))
        return FAIL(err, ERR_UNTRUSTED,
                    "the service named an address to come back to that is not its own");
    ret->redirect_uri = uri;
    return 0;
}

static struct oauth_error read_state(const struct http_fields *fields, struct operator_request *ret)
{
    const char *state = http_form_get(fields, "state");

    if (state == NULL || strlen(state) > OPERATOR_STATE_MAX)
        return REFUSE("invalid_request", "state is 1 to 255 characters");
    for (const char *c = state; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            return REFUSE("invalid_request", "state is printable ASCII");
    ret->state = state;
    return OAUTH_NO_ERROR;
}

static struct oauth_error read_protocol(const struct http_fields *fields,
                                        struct operator_request *ret)
{
    const char *type = http_form_get(fields, "response_type");
    const char *method = http_form_get(fields, "code_challenge_method");
    const char *challenge = http_form_get(fields, "code_challenge");

    if (type == NULL || strcmp(type, "code") != 0)
        return REFUSE("unsupported_response_type", "response_type is code");
    if (method == NULL || strcmp(method, "S256") != 0)
        return REFUSE("invalid_request", "code_challenge_method is S256");
    if (challenge == NULL || !pkce_is_s256(challenge))
        return REFUSE("invalid_request", "code_challenge is a SHA-256 hash in base64url");
    ret->challenge = challenge;
    return OAUTH_NO_ERROR;
}

static struct oauth_error read_scope(const struct http_fields *fields, struct operator_request *ret)
{
    const char *scope = http_form_get(fields, "scope");
    const char *period = http_form_get(fields, "period");

    ret->api = scope == NULL ? NULL : gateway_api_find(scope);
    if (ret->api == NULL || !ret->api->is_by_consent)
        return REFUSE("invalid_scope", "scope is one interface that people consent to");
    if (!operator_may_use(&ret->client, scope))
        return REFUSE("invalid_scope", "this service is not approved for that interface");
    if (period != NULL && (strcmp(period, "true") != 0 || ret->api->period_days == 0))
        return REFUSE("invalid_request", "this interface has no consent for a period");
    if (period == NULL && ret->api->is_always_period)
        return REFUSE("invalid_request", "consent to this interface is for a period: period=true");
    ret->is_period = period != NULL;
    return OAUTH_NO_ERROR;
}

static size_t count_words(const char *words)
{
    size_t count = 0;

    for (; *words != '\0'; words += strcspn(words, " ")) {
        words += strspn(words, " ");
        count += *words != '\0' ? 1 : 0;
    }
    return count;
}

/* Those of the client's that are asked for: what else is asked for makes the count differ. */
static struct oauth_error read_infos(const struct http_fields *fields, struct operator_request *ret)
{
    const char *asked = http_form_get(fields, "infos");
    const struct json *own = NULL;
    size_t count = 0;

    if (!ret->api->is_of_exchange)
        return asked == NULL ? OAUTH_NO_ERROR
                             : REFUSE("invalid_request", "this interface has no infos");
    if (json_has(ret->client.metadata, "infos") &&
        json_get_array(ret->client.metadata, "infos", &own, NULL) < 0)
        own = NULL;
    for (size_t i = 0; i < json_count(own); i++) {
        const char *info = json_text(json_at(own, i));

        if (gateway_api_has(ret->api, info) && (asked == NULL || text_has_word(asked, info)))
            ret->infos[count++] = info;
    }
    if (count == 0 || (asked != NULL && count != count_words(asked)))
        return REFUSE("invalid_scope", "infos has names that this service may not ask for here");
    return OAUTH_NO_ERROR;
}

int operator_request_read(const struct portal *portal, const struct http_fields *fields,
                          struct operator_request *ret, struct oauth_error *ret_error,
                          struct err *err)
{
    TRY(read_target(portal, fields, ret, err));
    *ret_error = read_state(fields, ret);
    if (ret_error->code == NULL)
        *ret_error = read_protocol(fields, ret);
    if (ret_error->code == NULL)
        *ret_error = read_scope(fields, ret);
    if (ret_error->code == NULL)
        *ret_error = read_infos(fields, ret);
    return 0;
}

int operator_request_answer(const struct portal *portal, const struct operator_request *request,
                            const char *name, const char *value, struct buf *ret, struct err *err)
{
    TRY(buf_append_text(ret, request->redirect_uri, err));
    TRY(uri_add_parameter(ret, name, value, err));
    TRY(uri_add_parameter(ret, "state", request->state, err));
    return uri_add_parameter(ret, "iss", portal->origin, err);
}
