/* SPDX-License-Identifier: Apache-2.0 */
#include "card/control.h"

#include "card/issue.h"
#include "card/limits.h"
#include "card/status.h"

#include <string.h>
#include <unistd.h>

#define TOKEN_MANUFACTURER "OpenJPKI TEST"
#define TOKEN_MODEL        "SOFTCARD"

enum { CONTROL_WORKERS = 2 };

static int get_card(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct slot *slot = call->context;
    struct card_status status;
    struct json *answer;

    card_status(slot_lock(slot), &status);
    slot_unlock(slot);
    TRY(card_status_put(body, &status, err));
    TRY(json_put_bool(body, "inserted", slot_is_inserted(slot), err));
    answer = body;
    body = NULL;
    return http_reply_json(&call->response, 200, answer, err);
}

static int requested_key(const struct http_call *call, enum card_key *ret, struct err *err)
{
    const char *name;

    TRY(json_get_text(call->request.json, "key", &name, err));
    for (unsigned i = 0; i < CARD_KEYS_; i++) {
        if (strcmp(name, card_key_name((enum card_key)i)) == 0) {
            *ret = (enum card_key)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "a card has the keys \"sign\" and \"auth\"");
}

static int reply_base64(struct http_call *call, unsigned status, const char *key, struct bytes data,
                        struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct json *answer;

    TRY(json_put_base64(body, key, data, err));
    answer = body;
    body = NULL;
    return http_reply_json(&call->response, status, answer, err);
}

static int post_keys(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct slot *slot = call->context;
    enum card_key key;
    int rc;

    TRY(requested_key(call, &key, err));
    rc = card_make_key(slot_lock(slot), key, &spki, err);
    slot_unlock(slot);
    TRY(rc);
    return reply_base64(call, 201, "spki", buf_bytes(&spki), err);
}

static int post_requests(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    struct slot *slot = call->context;
    enum card_key key;
    int rc;

    TRY(requested_key(call, &key, err));
    rc = card_request(slot_lock(slot), key, &request, err);
    slot_unlock(slot);
    TRY(rc);
    return reply_base64(call, 200, "request", buf_bytes(&request), err);
}

/* The certificates as sent, decoded; released together. */
struct certificates {
    struct buf der[CARD_DATA_];
};

static void certificates_done(struct certificates *certificates)
{
    for (int i = 0; i < CARD_DATA_; i++)
        buf_done(&certificates->der[i]);
}

static int get_certificates(const struct json *body, struct certificates *certificates,
                            struct err *err)
{
    const struct json *object;

    TRY(json_get_object(body, "certificates", &object, err));
    for (unsigned i = 0; i < CARD_DATA_; i++) {
        const char *name = card_certificate_name((enum card_data)i);

        /* Who is too young has no sign certificate; the others are on every card. */
        if (name == NULL || (i == CARD_SIGN_CERT && !json_has(object, name)))
            continue;
        TRY(err_prefix(err, json_get_base64(object, name, &certificates->der[i], err),
                       "certificates"));
    }
    return 0;
}

static int get_pins(const struct json *body, struct card_personalisation *with, struct err *err)
{
    const struct json *object;
    const char *text;

    TRY(json_get_object(body, "pins", &object, err));
    TRY(err_prefix(err, json_get_text(object, "auth", &text, err), "pins"));
    with->auth_pin = bytes_text(text);
    if (!json_has(object, "sign"))
        return 0;
    TRY(err_prefix(err, json_get_text(object, "sign", &text, err), "pins"));
    with->sign_pin = bytes_text(text);
    return 0;
}

static int get_token(const struct json *body, struct token_info *token, struct err *err)
{
    static const char *const known[] = {"label", "manufacturer", "model", "serial", NULL};
    const char **const fields[] = {&token->label, &token->manufacturer, &token->model,
                                   &token->serial};
    const struct json *object;

    *token = (struct token_info){TOKEN_LABEL_PLASTIC, TOKEN_MANUFACTURER, TOKEN_MODEL, NULL};
    if (!json_has(body, "token"))
        return 0;
    TRY(json_get_object(body, "token", &object, err));
    for (size_t i = 0; known[i] != NULL; i++) {
        if (json_has(object, known[i]))
            TRY(err_prefix(err, json_get_text(object, known[i], fields[i], err), "token"));
    }
    return 0;
}

static int post_personalisation(struct http_call *call, struct err *err)
{
    CLEANUP(certificates_done) struct certificates certificates = {.der = {BUF_INIT}};
    const struct json *body = call->request.json;
    struct card_personalisation with = {.auth_cert = {NULL, 0}};
    struct slot *slot = call->context;
    int rc;

    TRY(get_certificates(body, &certificates, err));
    TRY(get_pins(body, &with, err));
    TRY(get_token(body, &with.token, err));
    with.auth_cert = buf_bytes(&certificates.der[CARD_AUTH_CERT]);
    with.auth_ca_cert = buf_bytes(&certificates.der[CARD_AUTH_CA_CERT]);
    with.sign_cert = buf_bytes(&certificates.der[CARD_SIGN_CERT]);
    with.sign_ca_cert = buf_bytes(&certificates.der[CARD_SIGN_CA_CERT]);
    rc = card_personalise(slot_lock(slot), &with, err);
    slot_unlock(slot);
    TRY(rc);
    http_reply_empty(&call->response, 204);
    return 0;
}

static int post_recertification(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf cert = BUF_INIT;
    struct slot *slot = call->context;
    int rc;

    TRY(json_get_base64(call->request.json, "sign", &cert, err));
    rc = card_recertify(slot_lock(slot), buf_bytes(&cert), err);
    slot_unlock(slot);
    TRY(rc);
    http_reply_empty(&call->response, 204);
    return 0;
}

static int post_insertion(struct http_call *call, struct err *err)
{
    bool inserted;

    TRY(json_get_bool(call->request.json, "inserted", &inserted, err));
    slot_insert(call->context, inserted);
    http_reply_empty(&call->response, 204);
    return 0;
}

/* One that is not there leaves *ret as it was. */
static int get_count(const struct json *body, const char *key, int64_t *ret, struct err *err)
{
    int64_t count;

    if (!json_has(body, key))
        return 0;
    TRY(json_get_int(body, key, &count, err));
    if (count < 0)
        return FAIL(err, ERR_INPUT, "%s is a number from 0", key);
    *ret = count;
    return 0;
}

static int post_trouble(struct http_call *call, struct err *err)
{
    struct slot_trouble trouble = SLOT_NO_TROUBLE;

    TRY(get_count(call->request.json, "remove_after", &trouble.remove_after, err));
    TRY(get_count(call->request.json, "garbage_after", &trouble.garbage_after, err));
    TRY(get_count(call->request.json, "mute_after", &trouble.mute_after, err));
    TRY(get_count(call->request.json, "latency_ms", &trouble.latency_ms, err));
    if (trouble.latency_ms > SLOT_LATENCY_MAX_MS)
        return FAIL(err, ERR_INPUT, "an answer is at most %d ms late", SLOT_LATENCY_MAX_MS);
    slot_trouble(call->context, &trouble);
    http_reply_empty(&call->response, 204);
    return 0;
}

const struct http_about control_about = {
    "softcard", "OpenJPKI software card",
    "What a counter's terminal and tests ask of a software card. No call gives a private key or a "
    "PIN."};

static const char *const key_values[] = {"sign", "auth", NULL};
static const struct http_form sign_password_form = {"^(?=.*[A-Z])(?=.*[0-9])[A-Z0-9]{6,16}$",
                                                    "6 to 16 of A-Z and 0-9, at least one of each"};
static const struct http_form auth_pin_form = {"^[0-9]{4}$", "four digits"};

static const struct http_member key_flags[] = {
    {"sign", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {"auth", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {NULL},
};
static const struct http_member certificate_flags[] = {
    {"sign", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {"sign_ca", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {"auth", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {"auth_ca", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {NULL},
};
static const struct http_member pin_members[] = {
    {"set", HTTP_BOOL, HTTP_REQUIRED, "whether it was chosen"},
    {"tries", HTTP_INT, HTTP_REQUIRED, "how many are left"},
    {"tries_most", HTTP_INT, HTTP_REQUIRED, "how many there are after a right one"},
    {NULL},
};
static const struct http_member pins_members[] = {
    {"sign", HTTP_OBJECT, HTTP_REQUIRED, "the sign password", pin_members},
    {"auth", HTTP_OBJECT, HTTP_REQUIRED, "the auth PIN", pin_members},
    {NULL},
};
static const struct http_member card_members[] = {
    {"serial", HTTP_TEXT, HTTP_REQUIRED, "as it is printed"},
    {"personalised", HTTP_BOOL, HTTP_REQUIRED, "whether it is somebody's"},
    {"keys", HTTP_OBJECT, HTTP_REQUIRED, "which there are", key_flags},
    {"certificates", HTTP_OBJECT, HTTP_REQUIRED, "which there are", certificate_flags},
    {"pins", HTTP_OBJECT, HTTP_REQUIRED, "their counters", pins_members},
    {"inserted", HTTP_BOOL, HTTP_REQUIRED, "whether it is in its reader"},
    {NULL},
};
static const struct http_answer card_answers[] = {
    {200, "what is on it, without secrets", card_members}, {0}};
static const struct http_member key_body[] = {
    {"key", HTTP_TEXT, HTTP_REQUIRED, "which one", .values = key_values},
    {NULL},
};
static const struct http_member spki_members[] = {
    {"spki", HTTP_TEXT, HTTP_REQUIRED, "the public key, SubjectPublicKeyInfo",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_answer spki_answers[] = {{201, "the key pair is made", spki_members}, {0}};
static const struct http_member csr_members[] = {
    {"request", HTTP_TEXT, HTTP_REQUIRED, "PKCS#10", .form = &http_form_base64},
    {NULL},
};
static const struct http_answer csr_answers[] = {
    {200, "a request signed with the key", csr_members}, {0}};
static const struct http_member certificate_members[] = {
    {"sign", HTTP_TEXT, HTTP_OPTIONAL, "DER; not for who is too young", .form = &http_form_base64},
    {"sign_ca", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {"auth", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {"auth_ca", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {NULL},
};
static const struct http_member secret_members[] = {
    {"sign", HTTP_TEXT, HTTP_OPTIONAL, "the password; with a sign certificate only",
     .form = &sign_password_form},
    {"auth", HTTP_TEXT, HTTP_REQUIRED, "the PIN", .form = &auth_pin_form},
    {NULL},
};
static const struct http_member token_members[] = {
    {"label", HTTP_TEXT, HTTP_OPTIONAL, "as PKCS#11 shows it"},
    {"manufacturer", HTTP_TEXT, HTTP_OPTIONAL, "as PKCS#11 shows it"},
    {"model", HTTP_TEXT, HTTP_OPTIONAL, "as PKCS#11 shows it"},
    {"serial", HTTP_TEXT, HTTP_OPTIONAL, "as PKCS#11 shows it"},
    {NULL},
};
static const struct http_member personalisation_body[] = {
    {"certificates", HTTP_OBJECT, HTTP_REQUIRED, "for the card's keys", certificate_members},
    {"pins", HTTP_OBJECT, HTTP_REQUIRED, "as the holder chose them", secret_members},
    {"token", HTTP_OBJECT, HTTP_OPTIONAL, "what the card calls itself", token_members},
    {NULL},
};
static const struct http_answer personalised_answers[] = {{204, "the card is the holder's"}, {0}};
static const struct http_member recertification_body[] = {
    {"sign", HTTP_TEXT, HTTP_REQUIRED, "for the new sign key, DER", .form = &http_form_base64},
    {NULL},
};
static const struct http_answer recertified_answers[] = {
    {204, "the new key and certificate are in use"}, {0}};
static const struct http_member insertion_body[] = {
    {"inserted", HTTP_BOOL, HTTP_REQUIRED, "false pulls it out"},
    {NULL},
};
static const struct http_member trouble_body[] = {
    {"remove_after", HTTP_INT, HTTP_OPTIONAL, "commands until it is pulled out"},
    {"garbage_after", HTTP_INT, HTTP_OPTIONAL, "commands until it answers nonsense"},
    {"mute_after", HTTP_INT, HTTP_OPTIONAL, "commands until it is silent"},
    {"latency_ms", HTTP_INT, HTTP_OPTIONAL, "how late each answer comes"},
    {NULL},
};
static const struct http_answer done_answers[] = {{204, "done"}, {0}};

const struct route control_routes[] = {
    {HTTP_GET, "/v1/card", &http_listed_peer, NULL, get_card, "getCard", "Read what is on the card",
     card_answers},
    {HTTP_POST, "/v1/keys", &http_listed_peer, key_body, post_keys, "makeKey", "Make a key pair",
     spki_answers, .fails = HTTP_FAIL(ERR_CONFLICT)},
    {HTTP_POST, "/v1/requests", &http_listed_peer, key_body, post_requests, "requestCertificate",
     "Ask for a certificate, with a proof that the card has the key", csr_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {HTTP_POST, "/v1/personalisation", &http_listed_peer, personalisation_body,
     post_personalisation, "personalise", "Make it somebody's, once", personalised_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_UNTRUSTED)},
    {HTTP_POST, "/v1/recertification", &http_listed_peer, recertification_body,
     post_recertification, "recertify", "Put a new sign key in the place of the old",
     recertified_answers, .fails = HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_UNTRUSTED)},
    {HTTP_POST, "/v1/insertion", &http_listed_peer, insertion_body, post_insertion, "insert",
     "Pull the card out or put it in", done_answers},
    {HTTP_POST, "/v1/trouble", &http_listed_peer, trouble_body, post_trouble, "makeTrouble",
     "Have the card fail after so many commands, for tests", done_answers},
    {.path = NULL},
};

int control_start(struct slot *slot, int listen_fd,
                  void (*observe)(void *context, const struct http_event *event),
                  struct http_server **ret, struct err *err)
{
    static uid_t uids[2]; /* must outlive the server; root is the other */
    const struct http_server_options options = {
        .routes = control_routes,
        .about = &control_about,
        .context = slot,
        .observe = observe,
        .uids = uids,
        .uid_count = 2,
        .workers = CONTROL_WORKERS,
    };

    uids[0] = geteuid();
    return http_server_start(&options, listen_fd, ret, err);
}
