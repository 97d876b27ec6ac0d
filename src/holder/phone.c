/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/phone.h"

#include "base/rand.h"
#include "holder/order.h"
#include "holder/own_cert.h"
#include "x509/csr.h"

void phone_order_done(struct phone_order *order)
{
    x509_cert_freep(&order->cert);
    buf_done(&order->signature);
}

void phone_certs_done(struct phone_certs *certs)
{
    x509_cert_freep(&certs->sign);
    x509_cert_freep(&certs->auth);
    x509_cert_freep(&certs->sign_ca);
    x509_cert_freep(&certs->auth_ca);
}

static int check_request(struct bytes request, const char *what, struct csr *ret, struct err *err)
{
    int rc = csr_parse(request, ret, NULL);

    if (rc == -ERR_NOMEM || rc == -ERR_SYSTEM)
        return FAIL(err, ERR_SYSTEM, "the request for the %s key cannot be checked", what);
    if (rc < 0 || ret->kind != KEY_RSA)
        return FAIL(err, ERR_INPUT,
                    "the request for the %s key is no PKCS#10 in DER, signed by an RSA key", what);
    return 0;
}

int phone_check_requests(struct bytes sign_request, struct bytes auth_request, struct err *err)
{
    struct csr sign;
    struct csr auth;

    TRY(check_request(sign_request, "sign", &sign, err));
    TRY(check_request(auth_request, "auth", &auth, err));
    if (bytes_equal(sign.spki, auth.spki))
        return FAIL(err, ERR_INPUT, "both requests are for one key; a phone has two");
    return 0;
}

/* What is signed, when the certificate is known. */
struct meaning {
    const struct phone_wish *wish;
    const struct phone_order *order;
};

/* The message is made here and nowhere else; no part of it comes from the authority. */
static int message_digest(const void *context, const struct x509_cert *cert, struct digest *ret,
                          struct err *err)
{
    const struct meaning *meaning = context;
    const struct tbs *tbs = x509_cert_tbs(cert);
    const struct bound_phone message = {
        .origin = meaning->wish->origin,
        .issuer = tbs->authority_key_id,
        .serial = tbs->serial,
        .sign_request = meaning->order->sign_request,
        .auth_request = meaning->order->auth_request,
        .at = meaning->order->at,
        .nonce = BYTES_ARRAY(meaning->order->nonce),
    };

    return message.sign_request.len == 0 ? bound_suspension_digest(&message, ret, err)
                                         : bound_phone_digest(&message, ret, err);
}

int phone_sign(const struct phone_wish *wish, struct icc *icc, struct phone_order *ret,
               struct err *err)
{
    struct phone_order order = {
        .sign_request = wish->sign_request, .auth_request = wish->auth_request, .at = wish->now};
    const struct meaning meaning = {wish, &order};
    const struct own_message message = {OWN_SIGN, wish->pin, wish->may_use_last_try, message_digest,
                                        &meaning};
    int rc;

    TRY(rand_fill(order.nonce, sizeof order.nonce, err));
    rc = own_sign(icc, &message, &order.cert, &order.signature, err);
    if (rc < 0)
        phone_order_done(&order);
    else
        *ret = order;
    return rc;
}

static int put_card(struct json *body, const struct remote *remote, const struct phone_order *order,
                    struct err *err)
{
    const struct signed_order common = {order->cert, order->at, BYTES_ARRAY(order->nonce),
                                        buf_bytes(&order->signature)};

    return order_put(body, remote, &common, err);
}

static int get_certificate(const struct json *answer, const char *member, struct x509_cert **ret,
                           struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    TRY(json_get_base64(answer, member, &der, err));
    return x509_cert_parse(buf_bytes(&der), ret, err);
}

/* For that very key, by that CA. */
static int check_pair(const struct x509_cert *cert, const struct x509_cert *ca,
                      struct bytes request, struct err *err)
{
    struct csr csr;

    TRY(csr_parse(request, &csr, err));
    if (!bytes_equal(csr.spki, x509_cert_tbs(cert)->spki))
        return FAIL(err, ERR_INPUT, "a certificate for another key than was asked for");
    return x509_cert_is_issued_by(cert, ca, err);
}

static int read_answer(const struct json *answer, const struct phone_order *order,
                       struct phone_certs *certs, struct err *err)
{
    TRY(get_certificate(answer, "sign", &certs->sign, err));
    TRY(get_certificate(answer, "auth", &certs->auth, err));
    TRY(get_certificate(answer, "sign_ca", &certs->sign_ca, err));
    TRY(get_certificate(answer, "auth_ca", &certs->auth_ca, err));
    TRY(check_pair(certs->sign, certs->sign_ca, order->sign_request, err));
    return check_pair(certs->auth, certs->auth_ca, order->auth_request, err);
}

/*
 * What an authority answered: ERR_INPUT unless it is four certificates, of which two are for the
 * keys in the order's requests and are signed by the other two.
 */
static int phone_parse(const struct json *answer, const struct phone_order *order,
                       struct phone_certs *ret, struct err *err)
{
    struct phone_certs certs = {.sign = NULL};
    int rc = read_answer(answer, order, &certs, err);

    if (rc < 0)
        phone_certs_done(&certs);
    else
        *ret = certs;
    return rc == -ERR_UNTRUSTED ? -ERR_INPUT : rc;
}

/* Whoever has no such path, or answers nothing, is no authority. */
static int fail_stranger(const struct remote *remote, struct err *err)
{
    return FAIL(err, ERR_REMOTE, "%s does not answer as an authority does", remote_origin(remote));
}

/* Ask; what the authority cannot do as things stand is a refusal like any other of its. */
static int ask(const struct remote *remote, const char *path, const struct json *body,
               struct json **ret, struct err *err)
{
    struct err why = {0};
    int rc = remote_ask(remote, path, body, ret, &why);

    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_UNTRUSTED, "%s", why.text);
    if (rc == -ERR_ABSENT || (rc == 0 && *ret == NULL))
        return fail_stranger(remote, err);
    return rc < 0 ? err_copy(err, &why) : 0;
}

int phone_enrol(const struct remote *remote, const struct phone_order *order,
                struct phone_certs *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *answer = NULL;

    TRY(put_card(body, remote, order, err));
    TRY(json_put_base64(body, "sign_request", order->sign_request, err));
    TRY(json_put_base64(body, "auth_request", order->auth_request, err));
    TRY(ask(remote, "/v1/holder/phones", body, &answer, err));
    return phone_parse(answer, order, ret, NULL) < 0 ? fail_stranger(remote, err) : 0;
}

int phone_suspend(const struct remote *remote, const struct phone_order *order, int64_t *ret,
                  struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *answer = NULL;

    TRY(put_card(body, remote, order, err));
    TRY(ask(remote, "/v1/holder/phones/suspensions", body, &answer, err));
    return json_get_int(answer, "at", ret, NULL) < 0 ? fail_stranger(remote, err) : 0;
}
