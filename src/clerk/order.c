/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/order.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/rand.h"
#include "client/cert.h"
#include "client/pin.h"
#include "client/sign.h"
#include "docsign/cms.h"

#include <stdio.h>
#include <string.h>

void clerk_outcome_done(struct clerk_outcome *outcome)
{
    json_freep(&outcome->answer);
}

static int read_cert(struct icc *icc, enum icc_cert which, struct x509_cert **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    TRY(icc_read_cert(icc, which, &der, err));
    return x509_cert_parse(buf_bytes(&der), ret, err);
}

/* In the transaction in which the password was sent. */
static int sign_with(const struct clerk_hand *hand, struct bytes document,
                     const struct x509_cert *signer, struct buf *ret, struct err *err)
{
    enum key_kind kind = pubkey_kind(x509_cert_pubkey(signer));
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    TRY(digest_compute(key_kind_digest(kind), document, &digest, err));
    TRY(cms_prepare(&digest, signer, hand->now, &attributes, err));
    TRY(digest_compute(key_kind_digest(kind), buf_bytes(&attributes), &digest, err));
    TRY(icc_sign_kind(hand->icc, ICC_KEY_SIGN, kind, &digest, &signature, err));
    return cms_complete(buf_bytes(&attributes), buf_bytes(&signature), signer, NULL, ret, err);
}

/* Sign a document (bytes), detached: DER. The signature is checked before it is returned. */
static int clerk_sign(const struct clerk_hand *hand, struct bytes document, struct buf *ret,
                      struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(x509_cert_freep) struct x509_cert *signer = NULL;

    TRY(icc_begin(hand->icc, &txn, err));
    TRY(icc_pin_verify(hand->icc, ICC_PIN_SIGN, hand->pin, hand->may_use_last_try, err));
    TRY(read_cert(hand->icc, ICC_CERT_SIGN, &signer, err));
    return sign_with(hand, document, signer, ret, err);
}

/* The document that is signed, and the signature, as the members of an object. */
static int sign_json(const struct clerk_hand *hand, const struct json *document, const char *key,
                     struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *message = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    TRY(json_write(document, &text, err));
    TRY(clerk_sign(hand, buf_bytes(&text), &signature, err));
    TRY(json_put_base64(message, key, buf_bytes(&text), err));
    TRY(json_put_base64(message, "signature", buf_bytes(&signature), err));
    *ret = json_steal(&message);
    return 0;
}

static int put_body(struct json *request, const struct json *body, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct json *copy;

    if (body == NULL)
        return 0;
    TRY(json_write(body, &text, err));
    if (text.len > CLERK_BODY_MAX)
        return FAIL(err, ERR_INPUT, "more than %d bytes are told with the request", CLERK_BODY_MAX);
    TRY(json_parse(buf_bytes(&text), &copy, err));
    return json_put(request, "body", copy, err);
}

static int put_id(struct json *request, const char *id, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    uint8_t random[16];

    if (id != NULL)
        return json_put_text(request, "request_id", id, err);
    TRY(rand_fill(random, sizeof random, err));
    TRY(hex_append(&hex, BYTES_ARRAY(random), err));
    return json_put_bytes(request, "request_id", buf_bytes(&hex), err);
}

int clerk_write(const struct clerk_session *session, const struct clerk_order *order, int64_t now,
                struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *request = json_object_new();

    TRY(json_put_text(request, "origin", session->origin, err));
    TRY(json_put_text(request, "session", session->id, err));
    TRY(json_put_text(request, "counter", session->counter, err));
    TRY(put_id(request, order->request_id, err));
    TRY(json_put_int(request, "at", now, err));
    TRY(json_put_text(request, "path", order->path, err));
    TRY(put_body(request, order->body, err));
    *ret = json_steal(&request);
    return 0;
}

static int take_outcome(const struct json *reply, struct clerk_outcome *ret, struct err *err)
{
    CLEANUP(clerk_outcome_done) struct clerk_outcome outcome = {.answer = NULL};
    const char *text;
    int64_t status;

    TRY(json_copy_text(reply, "request_id", outcome.request_id, sizeof outcome.request_id, err));
    TRY(json_copy_text(reply, "digest", outcome.digest, sizeof outcome.digest, err));
    TRY(json_get_text(reply, "state", &text, err));
    outcome.is_pending = strcmp(text, "pending") == 0;
    if (!outcome.is_pending) {
        TRY(json_get_int(reply, "status", &status, err));
        TRY(json_get_text(reply, "answer", &text, err));
        outcome.status = (unsigned)status;
        if (text[0] != '\0')
            TRY(json_parse(bytes_text(text), &outcome.answer, err));
    }
    *ret = outcome;
    outcome.answer = NULL;
    return 0;
}

int clerk_sign_order(const struct clerk_session *session, const struct clerk_hand *hand,
                     const struct clerk_order *order, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *request = NULL;

    TRY(clerk_write(session, order, hand->now, &request, err));
    return sign_json(hand, request, "request", ret, err);
}

int clerk_file(const struct clerk_session *session, const struct clerk_hand *hand,
               const struct clerk_order *order, struct clerk_outcome *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *message = NULL;
    CLEANUP(json_freep) struct json *reply = NULL;

    TRY(clerk_sign_order(session, hand, order, &message, err));
    TRY(clerk_send(session, "/v1/filings", message, &reply, err));
    return err_prefix(err, take_outcome(reply, ret, err), "the register's answer");
}

int clerk_confirm(const struct clerk_session *session, const struct clerk_hand *hand,
                  const char *request_id, const char *digest, struct clerk_outcome *ret,
                  struct err *err)
{
    CLEANUP(clerk_outcome_done) struct clerk_outcome outcome = {.answer = NULL};
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *path = NULL;
    struct clerk_order order = {.body = body};

    TRY(json_put_text(body, "digest", digest, err));
    TRY(path_format(&path, err, "/v1/filings/%s/confirmation", request_id));
    order.path = path;
    TRY(clerk_file(session, hand, &order, &outcome, err));
    if (outcome.answer == NULL)
        return FAIL(err, ERR_REMOTE, "the register does not say what became of the request");
    return err_prefix(err, take_outcome(outcome.answer, ret, err), "the register's answer");
}

int clerk_withdraw(const struct clerk_session *session, const struct clerk_hand *hand,
                   const char *request_id, struct err *err)
{
    CLEANUP(clerk_outcome_done) struct clerk_outcome outcome = {.answer = NULL};
    CLEANUP(free_text) char *path = NULL;
    struct clerk_order order = {.body = NULL};

    TRY(path_format(&path, err, "/v1/filings/%s/withdrawal", request_id));
    order.path = path;
    return clerk_file(session, hand, &order, &outcome, err);
}

int clerk_apply(const struct clerk_hand *hand, const struct clerk_wish *wish, struct json **ret,
                struct err *err)
{
    CLEANUP(json_freep) struct json *application = json_object_new();
    CLEANUP(buf_done) struct buf auth = BUF_INIT;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    TRY(icc_begin(hand->icc, &txn, err));
    TRY(icc_read_cert(hand->icc, ICC_CERT_AUTH, &auth, err));
    TRY(json_put_text(application, "origin", wish->origin, err));
    TRY(json_put_text(application, "challenge", wish->challenge == NULL ? "" : wish->challenge,
                      err));
    TRY(json_put_text(application, "name", wish->name, err));
    TRY(json_put_text(application, "municipality", wish->municipality, err));
    TRY(json_put_text(application, "window", wish->window == NULL ? "" : wish->window, err));
    TRY(json_put_base64(application, "auth_certificate", buf_bytes(&auth), err));
    TRY(json_put_int(application, "at", hand->now, err));
    return sign_json(hand, application, "application", ret, err);
}
