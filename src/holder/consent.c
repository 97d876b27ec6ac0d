/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/consent.h"

#include "base/rand.h"
#include "holder/limits.h"
#include "holder/order.h"

#include <string.h>

void consent_order_done(struct consent_order *order)
{
    x509_cert_freep(&order->cert);
    buf_done(&order->signature);
}

/* What is signed, when the certificate is known. */
struct meaning {
    const char *origin;
    const struct consent_order *order;
};

/* The message is made here and nowhere else; no part of it comes from the authority. */
static int message_digest(const void *context, const struct x509_cert *cert, struct digest *ret,
                          struct err *err)
{
    const struct meaning *meaning = context;
    const struct tbs *tbs = x509_cert_tbs(cert);
    const struct bound_consent message = {
        .origin = meaning->origin,
        .issuer = tbs->authority_key_id,
        .serial = tbs->serial,
        .withdrawal = meaning->order->withdrawal,
        .at = meaning->order->at,
        .nonce = BYTES_ARRAY(meaning->order->nonce),
    };

    return bound_consent_digest(&message, ret, err);
}

int consent_sign(const struct consent_wish *wish, struct icc *icc, struct consent_order *ret,
                 struct err *err)
{
    struct consent_order order = {.withdrawal = wish->withdrawal, .at = wish->now};
    const struct meaning meaning = {wish->origin, &order};
    const struct own_message message = {wish->kind, wish->pin, wish->may_use_last_try,
                                        message_digest, &meaning};
    const char *id = wish->withdrawal;
    int rc;

    if (id != NULL &&
        (strlen(id) != CONSENT_ID_DIGITS || strspn(id, "0123456789abcdef") != CONSENT_ID_DIGITS))
        return FAIL(err, ERR_INPUT, "the id of a consent is %d hexadecimal digits",
                    CONSENT_ID_DIGITS);
    TRY(rand_fill(order.nonce, sizeof order.nonce, err));
    rc = own_sign(icc, &message, &order.cert, &order.signature, err);
    if (rc < 0)
        consent_order_done(&order);
    else
        *ret = order;
    return rc;
}

int own_consent_read(const struct json *json, struct own_consent *ret, struct err *err)
{
    struct own_consent consent = {.withdrawn_at = 0};

    TRY(json_get_text(json, "id", &consent.id, err));
    TRY(json_get_text(json, "provider_title", &consent.provider_title, err));
    TRY(json_get_text(json, "service_title", &consent.service_title, err));
    TRY(json_get_text(json, "verifier_title", &consent.verifier_title, err));
    TRY(json_get_array(json, "attributes", &consent.attributes, err));
    for (size_t i = 0; i < json_count(consent.attributes); i++)
        if (json_text(json_at(consent.attributes, i)) == NULL)
            return FAIL(err, ERR_INPUT, "an attribute is no text");
    TRY(json_get_int(json, "valid_from", &consent.valid_from, err));
    TRY(json_get_int(json, "valid_until", &consent.valid_until, err));
    if (!json_is_null_member(json, "withdrawn_at"))
        TRY(json_get_int(json, "withdrawn_at", &consent.withdrawn_at, err));
    *ret = consent;
    return 0;
}

static int put_order(struct json *body, const struct remote *remote,
                     const struct consent_order *order, struct err *err)
{
    const struct signed_order common = {order->cert, order->at, BYTES_ARRAY(order->nonce),
                                        buf_bytes(&order->signature)};

    if (order->withdrawal != NULL)
        TRY(json_put_text(body, "consent", order->withdrawal, err));
    return order_put(body, remote, &common, err);
}

static bool is_list(const struct json *answer)
{
    const struct json *list;
    struct own_consent consent;

    if (json_get_array(answer, "disclosures", &list, NULL) < 0 ||
        json_get_array(answer, "consents", &list, NULL) < 0)
        return false;
    for (size_t i = 0; i < json_count(list); i++)
        if (own_consent_read(json_at(list, i), &consent, NULL) < 0)
            return false;
    return true;
}

static bool is_withdrawal(const struct json *answer)
{
    int64_t at;

    return json_get_int(answer, "withdrawn_at", &at, NULL) == 0;
}

int consent_send(const struct remote *remote, const struct consent_order *order, struct json **ret,
                 struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *answer = NULL;
    const bool withdraws = order->withdrawal != NULL;

    TRY(put_order(body, remote, order, err));
    TRY(remote_ask(remote, withdraws ? "/v1/holder/withdrawals" : "/v1/holder/consents", body,
                   &answer, err));
    if (answer == NULL || !(withdraws ? is_withdrawal(answer) : is_list(answer)))
        return FAIL(err, ERR_REMOTE, "%s does not answer as an authority does",
                    remote_origin(remote));
    *ret = json_steal(&answer);
    return 0;
}
