/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/revoke.h"

#include "base/rand.h"
#include "holder/order.h"

#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

void revoke_order_done(struct revoke_order *order)
{
    x509_cert_freep(&order->cert);
    buf_done(&order->signature);
}

/* What is signed, when the certificate is known. */
struct meaning {
    const struct revoke_wish *wish;
    const struct revoke_order *order;
};

/* The message is made here and nowhere else; no part of it comes from the authority. */
static int message_digest(const void *context, const struct x509_cert *cert, struct digest *ret,
                          struct err *err)
{
    const struct meaning *meaning = context;
    const struct tbs *tbs = x509_cert_tbs(cert);
    const struct bound_revocation message = {
        .origin = meaning->wish->origin,
        .issuer = tbs->authority_key_id,
        .serial = tbs->serial,
        .reason = meaning->order->reason,
        .at = meaning->order->at,
        .nonce = BYTES_ARRAY(meaning->order->nonce),
    };

    return bound_revocation_digest(&message, ret, err);
}

int revoke_sign(const struct revoke_wish *wish, struct icc *icc, struct revoke_order *ret,
                struct err *err)
{
    struct revoke_order order = {.reason = wish->reason, .at = wish->now};
    const struct meaning meaning = {wish, &order};
    const struct own_message message = {wish->kind, wish->pin, wish->may_use_last_try,
                                        message_digest, &meaning};
    int rc;

    if (!bound_is_reason(wish->reason))
        return FAIL(err, ERR_INPUT, "this is no reason for which a holder revokes");
    TRY(rand_fill(order.nonce, sizeof order.nonce, err));
    rc = own_sign(icc, &message, &order.cert, &order.signature, err);
    if (rc < 0)
        revoke_order_done(&order);
    else
        *ret = order;
    return rc;
}

int revoke_parse(const struct json *answer, struct revoke_answer *ret, struct err *err)
{
    struct revoke_answer parsed;
    const char *reason;
    size_t len;

    TRY(json_get_int(answer, "at", &parsed.at, err));
    if (parsed.at < 0)
        return FAIL(err, ERR_INPUT, "revoked before 1970");
    TRY(json_get_text(answer, "reason", &reason, err));
    len = strlen(reason);
    if (len == 0 || len > REVOKE_REASON_MAX || strspn(reason, LETTERS) != len)
        return FAIL(err, ERR_INPUT, "the reason is not 1 to %d letters", REVOKE_REASON_MAX);
    memcpy(parsed.reason, reason, len + 1);
    *ret = parsed;
    return 0;
}

static int put_order(struct json *body, const struct remote *remote,
                     const struct revoke_order *order, struct err *err)
{
    const struct signed_order common = {order->cert, order->at, BYTES_ARRAY(order->nonce),
                                        buf_bytes(&order->signature)};

    TRY(json_put_text(body, "reason", order->reason, err));
    return order_put(body, remote, &common, err);
}

/* Whoever has no such path, or objects to a state, is no authority. */
static int ask(const struct remote *remote, const struct json *body, struct json **ret,
               struct err *err)
{
    int rc = remote_ask(remote, "/v1/holder/revocations", body, ret, err);

    if (rc == -ERR_ABSENT || rc == -ERR_CONFLICT || (rc == 0 && *ret == NULL))
        return FAIL(err, ERR_REMOTE, "%s does not answer as an authority does",
                    remote_origin(remote));
    return rc;
}

int revoke_send(const struct remote *remote, const struct revoke_order *order,
                struct revoke_answer *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *answer = NULL;

    TRY(put_order(body, remote, order, err));
    TRY(ask(remote, body, &answer, err));
    if (revoke_parse(answer, ret, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "%s does not answer as an authority does",
                    remote_origin(remote));
    return 0;
}
