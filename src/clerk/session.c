/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/session.h"

#include "base/hex.h"
#include "fetch/fetch.h"

#include <stdio.h>
#include <string.h>

/* A card may have to be used, and a certificate be issued, before there is an answer. */
enum { CLERK_TIMEOUT_MS = 60 * 1000 };

void clerk_session_done(struct clerk_session *session)
{
    wipe(session->token, sizeof session->token);
}

/* One exchange, with the session's token if there is one. */
static int ask(const struct fetch_request *what, const char *token, struct json **ret,
               struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    char bearer[CLERK_TEXT_MAX + sizeof "Bearer "] = "";
    struct fetch_field fields[] = {{"Authorization", bearer}, {NULL, NULL}};
    struct fetch_request request = *what;
    int rc;

    request.timeout_ms = CLERK_TIMEOUT_MS;
    if (token != NULL) {
        (void)snprintf(bearer, sizeof bearer, "Bearer %s", token);
        request.fields = fields;
    }
    rc = fetch(&request, &response, err);
    wipe(bearer, sizeof bearer);
    TRY(rc);
    if (ret == NULL)
        return 0;
    if (response.json == NULL)
        return FAIL(err, ERR_REMOTE, "the register answers without JSON");
    *ret = json_steal(&response.json);
    return 0;
}

static int take_issuers(const struct json *answer, struct challenge *ret, struct err *err)
{
    const struct json *issuers;

    TRY(json_get_array(answer, "issuers", &issuers, err));
    for (size_t i = 0; i < json_count(issuers); i++) {
        CLEANUP(buf_done) struct buf key_id = BUF_INIT;
        const char *text = json_text(json_at(issuers, i));

        if (text == NULL || ret->issuer_count == CHALLENGE_ISSUERS_MAX)
            return FAIL(err, ERR_INPUT, "the list of authorities is malformed or too long");
        TRY(hex_decode(text, &key_id, err));
        if (key_id.len != sizeof ret->issuers[0])
            return FAIL(err, ERR_INPUT, "an authority's key identifier has another length");
        memcpy(ret->issuers[ret->issuer_count++], key_id.ptr, key_id.len);
    }
    return 0;
}

int clerk_challenge_parse(const struct json *answer, const char *counter, struct challenge *ret,
                          struct err *err)
{
    CLEANUP(buf_done) struct buf nonce = BUF_INIT;
    char session[CLERK_TEXT_MAX + 1];

    TRY(json_copy_text(answer, "session", session, sizeof session, err));
    TRY(json_get_base64(answer, "nonce", &nonce, err));
    TRY(json_get_int(answer, "expires_at", &ret->expires_at, err));
    if (nonce.len != sizeof ret->nonce || strlen(session) >= sizeof ret->session ||
        strlen(counter) >= sizeof ret->client_id)
        return FAIL(err, ERR_INPUT, "the register's challenge is malformed");
    memcpy(ret->nonce, nonce.ptr, nonce.len);
    memcpy(ret->session, session, strlen(session) + 1);
    memcpy(ret->client_id, counter, strlen(counter) + 1);
    return take_issuers(answer, ret, err);
}

static int open_login(const char *socket, const char *counter, struct clerk_session *session,
                      struct challenge *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *answer = NULL;
    const struct fetch_request request = {.socket = socket, .url = "/v1/challenges", .body = body};

    TRY(json_put_text(body, "counter", counter, err));
    TRY(ask(&request, NULL, &answer, err));
    TRY(json_copy_text(answer, "origin", session->origin, sizeof session->origin, err));
    return err_prefix(err, clerk_challenge_parse(answer, counter, ret, err), "the register");
}

static int answer_login(const char *socket, const struct challenge *challenge,
                        const struct x509_cert *cert, struct bytes signature,
                        struct json **ret_answer, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct fetch_request request = {.socket = socket, .url = "/v1/sessions", .body = body};

    TRY(json_put_text(body, "session", challenge->session, err));
    TRY(json_put_base64(body, "certificate", x509_cert_der(cert), err));
    TRY(json_put_base64(body, "signature", signature, err));
    return ask(&request, NULL, ret_answer, err);
}

static int take_session(const struct json *answer, struct clerk_session *ret, struct err *err)
{
    TRY(json_copy_text(answer, "session", ret->id, sizeof ret->id, err));
    TRY(json_copy_text(answer, "counter", ret->counter, sizeof ret->counter, err));
    TRY(json_copy_text(answer, "clerk", ret->clerk, sizeof ret->clerk, err));
    TRY(json_copy_text(answer, "name", ret->name, sizeof ret->name, err));
    TRY(json_copy_text(answer, "token", ret->token, sizeof ret->token, err));
    return json_get_int(answer, "expires_at", &ret->expires_at, err);
}

int clerk_log_in(const char *socket, const char *counter, const struct clerk_hand *hand,
                 struct clerk_session *ret, struct err *err)
{
    CLEANUP(clerk_session_done) struct clerk_session session = {.token = ""};
    CLEANUP(challenge_proof_done) struct challenge_proof proof = {.cert = NULL};
    CLEANUP(json_freep) struct json *answer = NULL;
    struct challenge challenge = {.session = ""};
    struct challenge_signing with = {.origin = session.origin,
                                     .pin = hand->pin,
                                     .may_use_last_try = hand->may_use_last_try,
                                     .now = hand->now};

    if (strlen(socket) > CLERK_TEXT_MAX)
        return FAIL(err, ERR_INPUT, "the register's socket has a path that is too long");
    (void)snprintf(session.socket, sizeof session.socket, "%s", socket);
    TRY(open_login(socket, counter, &session, &challenge, err));
    TRY(challenge_check_card(&challenge, hand->icc, hand->now, err));
    TRY(challenge_sign(&challenge, hand->icc, &with, &proof, err));
    TRY(answer_login(socket, &challenge, proof.cert, buf_bytes(&proof.signature), &answer, err));
    TRY(take_session(answer, &session, err));
    *ret = session;
    return 0;
}

int clerk_log_out(const struct clerk_session *session, struct err *err)
{
    const struct fetch_request request = {
        .method = "DELETE", .socket = session->socket, .url = "/v1/sessions/own"};

    return ask(&request, session->token, NULL, err);
}

int clerk_read(const struct clerk_session *session, const char *path, struct json **ret,
               struct err *err)
{
    const struct fetch_request request = {.socket = session->socket, .url = path};

    return ask(&request, session->token, ret, err);
}

int clerk_send(const struct clerk_session *session, const char *path, const struct json *body,
               struct json **ret, struct err *err)
{
    const struct fetch_request request = {.socket = session->socket, .url = path, .body = body};

    return ask(&request, session->token, ret, err);
}

static const struct {
    const char *name;
    size_t offset;
} members[] = {
    {"socket", offsetof(struct clerk_session, socket)},
    {"origin", offsetof(struct clerk_session, origin)},
    {"session", offsetof(struct clerk_session, id)},
    {"counter", offsetof(struct clerk_session, counter)},
    {"clerk", offsetof(struct clerk_session, clerk)},
    {"name", offsetof(struct clerk_session, name)},
    {"token", offsetof(struct clerk_session, token)},
};

int clerk_session_write(const struct clerk_session *session, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *json = json_object_new();

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        TRY(json_put_text(json, members[i].name, (const char *)session + members[i].offset, err));
    TRY(json_put_int(json, "expires_at", session->expires_at, err));
    *ret = json_steal(&json);
    return 0;
}

int clerk_session_parse(const struct json *json, struct clerk_session *ret, struct err *err)
{
    struct clerk_session session = {.token = ""};

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        TRY(json_copy_text(json, members[i].name, (char *)&session + members[i].offset,
                           CLERK_TEXT_MAX + 1, err));
    TRY(json_get_int(json, "expires_at", &session.expires_at, err));
    *ret = session;
    return 0;
}
