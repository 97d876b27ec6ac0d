/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/operator/auth.h"

#include "crypto/client_proof.h"
#include "portal/gateway/door.h"
#include "portal/operator/consent.h"
#include "portal/portal.h"

#include <string.h>

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

static const struct oauth_error wrong = {
    "invalid_client", "this is no service that may ask, or not the way it proves itself"};

void operator_proof_done(struct operator_proof *proof)
{
    operator_client_done(&proof->client);
}

/* Signed by the service, in its time, for this door, and not before. */
static int check_assertion(const struct http_call *call, const struct jws *jws,
                           const struct operator_client *client, struct err *err)
{
    const struct portal *portal = call->context;
    const char *const audiences[] = {portal->door_origin, NULL};
    const int64_t now = clock_now(portal->clock);
    const struct json *keys;
    int64_t ends = 0;
    const char *jti;

    if (assertion_judge(jws->claims, audiences, now, &ends) != ASSERTION_FINE)
        return FAIL(err, ERR_UNTRUSTED,
                    "the assertion is late, early, for somebody else, or has no jti");
    TRY(json_get_object(client->metadata, "jwks", &keys, err));
    TRY(jws_verify_set(jws, keys, err));
    TRY(json_get_text(jws->claims, "jti", &jti, err));
    return operator_assertion_use(portal_store_db(portal->store), client->id, jti, ends, now, err);
}

static bool shows_its_own(const struct operator_proof *proof)
{
    return proof->is_shown &&
           bytes_equal(digest_bytes(&proof->certificate), digest_bytes(&proof->client.certificate));
}

static int check(const struct http_call *call, const char *assertion, const struct jws *jws,
                 const struct operator_proof *proof, struct err *err)
{
    const struct operator_client *client = &proof->client;

    if (client->has_certificate && !shows_its_own(proof))
        return FAIL(err, ERR_UNTRUSTED, "without its certificate");
    if ((operator_method(client) == OPERATOR_BY_KEY) != (assertion != NULL))
        return FAIL(err, ERR_UNTRUSTED, "not the way it proves itself");
    return assertion == NULL ? 0 : check_assertion(call, jws, client, err);
}

/* Who it says it is, alike in all places. */
static const char *name_in(const struct http_fields *fields, const struct jws *jws)
{
    const char *id = http_form_get(fields, "client_id");
    const char *name = jws->claims == NULL ? id : assertion_client(jws->claims);

    return name == NULL || (id != NULL && strcmp(id, name) != 0) ? NULL : name;
}

int operator_authenticate(const struct http_call *call, const struct http_fields *fields,
                          struct operator_proof *ret, struct oauth_error *ret_error,
                          struct err *err)
{
    const struct portal *portal = call->context;
    const char *assertion = http_form_get(fields, "client_assertion");
    const char *type = http_form_get(fields, "client_assertion_type");
    CLEANUP(operator_proof_done) struct operator_proof proof = {.is_shown = false};
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    const char *name;
    int rc;

    *ret_error = wrong;
    if (assertion != NULL && (type == NULL || strcmp(type, ASSERTION_TYPE) != 0 ||
                              jws_parse(bytes_text(assertion), &jws, NULL) < 0))
        return 0;
    name = name_in(fields, &jws);
    if (name == NULL)
        return 0;
    proof.is_shown = door_certificate(call, &proof.certificate, NULL) == 0;
    rc = operator_get(portal_store_db(portal->store), name, &proof.client, err);
    if (rc == 0 && proof.client.state != OPERATOR_APPROVED)
        rc = FAIL(err, ERR_UNTRUSTED, "not approved");
    if (rc == 0)
        rc = check(call, assertion, &jws, &proof, err);
    if (rc == -ERR_ABSENT || rc == -ERR_UNTRUSTED || rc == -ERR_INPUT || rc == -ERR_CONFLICT)
        return 0;
    TRY(rc);
    *ret_error = OAUTH_NO_ERROR;
    *ret = proof;
    proof.client.metadata = proof.client.verdicts = NULL;
    return 0;
}

int operator_prove(const struct http_call *call, const struct operator_client *client,
                   const char *assertion, struct err *err)
{
    struct operator_proof proof = {.client = *client}; /* which is released by whose it is */
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    const char *name;
    int rc = 0;

    if (assertion != NULL) {
        rc = jws_parse(bytes_text(assertion), &jws, err);
        name = rc < 0 ? NULL : assertion_client(jws.claims);
        if (rc == 0 && (name == NULL || strcmp(name, client->id) != 0))
            rc = FAIL(err, ERR_UNTRUSTED, "an assertion of another");
    }
    proof.is_shown = door_certificate(call, &proof.certificate, NULL) == 0;
    if (rc == 0)
        rc = check(call, assertion, &jws, &proof, err);
    return rc == -ERR_UNTRUSTED || rc == -ERR_INPUT || rc == -ERR_CONFLICT
               ? FAIL(err, ERR_DENIED, "the service does not prove itself as it said it would")
               : rc;
}
