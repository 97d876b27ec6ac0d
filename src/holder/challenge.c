/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/challenge.h"

#include "base/hex.h"
#include "base/i18n.h"
#include "holder/answer.h"

#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = sizeof "/v1/logins//answer" + CHALLENGE_SESSION_MAX };

static int take_provider(const struct json *answer, struct challenge *ret, struct err *err)
{
    const struct json *provider;

    TRY(json_get_object(answer, "provider", &provider, err));
    TRY(answer_take_name(provider, "client_id", ret->client_id, sizeof ret->client_id, err));
    TRY(answer_take_text(provider, "name", ret->provider_name, sizeof ret->provider_name, err));
    return answer_take_text(provider, "origin", ret->provider_origin, sizeof ret->provider_origin,
                            err);
}

/* RFC 3986, 2: what an address is written with; nothing that could not be shown either. */
static bool is_uri(const char *text)
{
    for (; *text > ' ' && *text < 0x7f; text++)
        if (strchr("\"<>\\^`{|}", *text) != NULL)
            return false;
    return *text == '\0';
}

/*
 * The holder is shown the provider's origin and no more, so the browser goes on there and nowhere
 * else. What follows it begins a path or a query, not more of a host's name.
 */
static int take_redirect(const struct json *answer, struct challenge *ret, struct err *err)
{
    size_t len = strlen(ret->provider_origin);

    if (!json_has(answer, "redirect_uri"))
        return 0;
    TRY(answer_take_text(answer, "redirect_uri", ret->redirect_uri, sizeof ret->redirect_uri, err));
    if (!is_uri(ret->redirect_uri))
        return FAIL(err, ERR_INPUT, "the member \"redirect_uri\" is no address");
    if (strncmp(ret->redirect_uri, ret->provider_origin, len) != 0 ||
        strchr("/?", ret->redirect_uri[len]) == NULL)
        return FAIL(err, ERR_INPUT, "the browser would go on to another origin than is shown");
    return 0;
}

/* In the order of enum challenge_want. scope: as providers call it (OpenID Connect Core, 5.4). */
static const struct {
    const char *scope, *title;
} wants[CHALLENGE_WANTS_] = {
    {"name", N_("your name")},
    {"address", N_("your address")},
    {"birthdate", N_("your date of birth")},
    {"gender", N_("your sex")},
};

const char *challenge_want_title(size_t index)
{
    return wants[index].title;
}

const char *challenge_want_scope(size_t index)
{
    return wants[index].scope;
}

static int add_want(const char *scope, struct challenge *ret, struct err *err)
{
    for (size_t i = 0; scope != NULL && i < CHALLENGE_WANTS_; i++) {
        if (strcmp(wants[i].scope, scope) != 0 || (ret->wants & 1U << i) != 0)
            continue;
        ret->wants |= 1U << i;
        return 0;
    }
    return FAIL(err, ERR_INPUT, "something is asked for that is unknown here, or twice");
}

int challenge_take_wants(const struct json *answer, struct challenge *ret, struct err *err)
{
    const struct json *scopes;

    TRY(json_get_array(answer, "wants", &scopes, err));
    for (size_t i = 0; i < json_count(scopes); i++)
        TRY(add_want(json_text(json_at(scopes, i)), ret, err));
    return 0;
}

/* What is not said, or only half, the holder could not be told. */
static int take_wants(const struct json *answer, struct challenge *ret, struct err *err)
{
    bool is_asked = false;

    if (json_has(answer, "attributes"))
        TRY(json_get_bool(answer, "attributes", &is_asked, err));
    if (json_has(answer, "wants"))
        TRY(challenge_take_wants(answer, ret, err));
    if (is_asked != (ret->wants != 0))
        return FAIL(err, ERR_INPUT, "whether something is asked for, and what, do not agree");
    return 0;
}

static int take_nonce(const struct json *answer, struct challenge *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf nonce = BUF_INIT;

    TRY(json_get_base64(answer, "nonce", &nonce, err));
    if (nonce.len != sizeof ret->nonce)
        return FAIL(err, ERR_INPUT, "the nonce has not %d octets", BOUND_NONCE_SIZE);
    memcpy(ret->nonce, nonce.ptr, sizeof ret->nonce);
    return 0;
}

int challenge_take_issuers(const struct json *answer, struct challenge *ret, struct err *err)
{
    const struct json *issuers;

    TRY(json_get_array(answer, "issuers", &issuers, err));
    if (json_count(issuers) > CHALLENGE_ISSUERS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d authorities are listed", CHALLENGE_ISSUERS_MAX);
    for (size_t i = 0; i < json_count(issuers); i++) {
        CLEANUP(buf_done) struct buf key_id = BUF_INIT;
        const char *text = json_text(json_at(issuers, i));

        if (text == NULL)
            return FAIL(err, ERR_INPUT, "an authority is not named by a text");
        TRY(hex_decode(text, &key_id, err));
        if (key_id.len != sizeof ret->issuers[0])
            return FAIL(err, ERR_INPUT, "an authority's key identifier has another length");
        memcpy(ret->issuers[ret->issuer_count++], key_id.ptr, sizeof ret->issuers[0]);
    }
    return 0;
}

int challenge_parse(const struct json *answer, struct challenge *ret, struct err *err)
{
    CLEANUP(challenge_done) struct challenge challenge = {.session = ""};

    TRY(answer_take_name(answer, "session", challenge.session, sizeof challenge.session, err));
    TRY(take_nonce(answer, &challenge, err));
    TRY(json_get_int(answer, "expires_at", &challenge.expires_at, err));
    if (challenge.expires_at < 0)
        return FAIL(err, ERR_INPUT, "the expiry is before 1970");
    TRY(take_provider(answer, &challenge, err));
    TRY(take_redirect(answer, &challenge, err));
    TRY(take_wants(answer, &challenge, err));
    TRY(challenge_take_issuers(answer, &challenge, err));
    if (json_has(answer, "secret"))
        TRY(answer_take_name(answer, "secret", challenge.secret, sizeof challenge.secret, err));
    *ret = challenge;
    return 0;
}

void challenge_done(struct challenge *challenge)
{
    wipe(challenge->secret, sizeof challenge->secret);
}

/* What a platform answered, as a challenge. */
static int take_answer(const struct remote *remote, const struct json *answer,
                       struct challenge *ret, struct err *err)
{
    struct err why = {0};
    int rc;

    if (answer == NULL)
        return remote_fail_answer(err, remote);
    rc = challenge_parse(answer, ret, &why);
    if (rc == -ERR_INPUT)
        return FAIL(err, ERR_REMOTE, "%s gave a challenge that cannot be used: %s",
                    remote_origin(remote), why.text);
    return rc < 0 ? err_copy(err, &why) : 0;
}

int challenge_open(const struct remote *remote, const char *client_id, struct challenge *ret,
                   struct err *err)
{
    CLEANUP(challenge_done) struct challenge challenge = {.session = ""};
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *answer = NULL;
    struct err why = {0};
    int rc;

    if (!remote_is_name(client_id, CHALLENGE_NAME_MAX))
        return FAIL(err, ERR_INPUT, "this is no name of a provider");
    TRY(json_put_text(body, "client_id", client_id, err));
    rc = remote_ask(remote, "/v1/logins", body, &answer, &why);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "%s has no provider \"%s\"", remote_origin(remote), client_id);
    if (rc < 0)
        return err_copy(err, &why);
    TRY(take_answer(remote, answer, &challenge, err));
    if (strcmp(challenge.client_id, client_id) != 0)
        return FAIL(err, ERR_UNTRUSTED, "%s gave a challenge of another provider",
                    remote_origin(remote));
    if (challenge.secret[0] == '\0')
        return FAIL(err, ERR_REMOTE, "%s gave a challenge without the secret to use it with",
                    remote_origin(remote));
    *ret = challenge;
    return 0;
}

/* "/v1/logins/SESSION" and the act. */
static void path_of(const char *session, const char *act, char ret[PATH_SIZE])
{
    (void)snprintf(ret, PATH_SIZE, "/v1/logins/%s%s", session, act);
}

/* A login that is over is nobody's fault: another one has to be opened. */
static int translate(const struct remote *remote, const struct err *why, struct err *err)
{
    if (why->kind == ERR_ABSENT)
        return FAIL(err, ERR_REMOTE,
                    "%s has no such login, or its time is over; begin again where you began",
                    remote_origin(remote));
    if (why->kind == ERR_CONFLICT)
        return FAIL(err, ERR_REMOTE,
                    "this login was answered already; if that was not you, tell whoever runs %s",
                    remote_origin(remote));
    return err_copy(err, why);
}

int challenge_join(const struct remote *remote, const char *session, struct challenge *ret,
                   struct err *err)
{
    CLEANUP(challenge_done) struct challenge challenge = {.session = ""};
    CLEANUP(json_freep) struct json *answer = NULL;
    char path[PATH_SIZE];
    struct err why = {0};

    if (!remote_is_name(session, CHALLENGE_SESSION_MAX))
        return FAIL(err, ERR_INPUT, "this is no address of a login");
    path_of(session, "", path);
    if (remote_ask(remote, path, NULL, &answer, &why) < 0)
        return translate(remote, &why, err);
    TRY(take_answer(remote, answer, &challenge, err));
    if (strcmp(challenge.session, session) != 0 || challenge.secret[0] != '\0')
        return FAIL(err, ERR_UNTRUSTED, "%s gave a challenge of another login",
                    remote_origin(remote));
    *ret = challenge;
    return 0;
}

int challenge_check_time(const struct challenge *challenge, int64_t now, struct err *err)
{
    if (now > challenge->expires_at)
        return FAIL(err, ERR_REMOTE,
                    "the time of this login is over, or this computer's clock is wrong; nothing "
                    "was sent to the card");
    if (challenge->expires_at - now > CHALLENGE_SECONDS_MAX)
        return FAIL(err, ERR_UNTRUSTED,
                    "this login would be good for longer than %d seconds, or this computer's clock "
                    "is wrong",
                    CHALLENGE_SECONDS_MAX);
    return 0;
}

int challenge_check_issuer(const struct challenge *challenge, struct bytes key_id, struct err *err)
{
    for (size_t i = 0; i < challenge->issuer_count; i++) {
        if (bytes_equal(key_id, BYTES_ARRAY(challenge->issuers[i])))
            return 0;
    }
    return FAIL(err, ERR_UNTRUSTED,
                "this service does not take cards of the authority that issued yours; nothing was "
                "sent to it");
}

bool challenge_is_code(const char *text)
{
    return strlen(text) == CHALLENGE_CODE_LEN && strspn(text, "0123456789") == CHALLENGE_CODE_LEN;
}

/* By what right: of whoever opened it, or of somebody who was shown its code. */
static int put_right(struct json *body, const struct challenge *challenge, const char *code,
                     struct err *err)
{
    if (code == NULL && challenge->secret[0] == '\0')
        return FAIL(err, ERR_USAGE, "a login that somebody else opened needs its code");
    return code == NULL ? json_put_text(body, "secret", challenge->secret, err)
                        : json_put_text(body, "code", code, err);
}

static int put_sign_part(struct json *body, struct remote *remote,
                         const struct challenge_proof *proof, struct err *err)
{
    CLEANUP(json_freep) struct json *sign = json_object_new();

    TRY(remote_put_certificate(remote, sign, proof->sign_cert, err));
    TRY(json_put_base64(sign, "signature", buf_bytes(&proof->sign_signature), err));
    return json_put(body, "sign", json_steal(&sign), err);
}

static int send_answer(const struct challenge *challenge, const struct remote *remote,
                       const struct json *body, struct err *err)
{
    char path[PATH_SIZE];
    struct err why = {0};

    path_of(challenge->session, "/answer", path);
    return remote_ask(remote, path, body, NULL, &why) < 0 ? translate(remote, &why, err) : 0;
}

int challenge_answer(const struct challenge *challenge, struct remote *remote,
                     const struct challenge_proof *proof, const char *code, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(put_right(body, challenge, code, err));
    TRY(remote_put_certificate(remote, body, proof->cert, err));
    TRY(json_put_base64(body, "signature", buf_bytes(&proof->signature), err));
    if (challenge->wants != 0)
        TRY(put_sign_part(body, remote, proof, err));
    return send_answer(challenge, remote, body, err);
}

int challenge_refuse(const struct challenge *challenge, const struct remote *remote,
                     const char *code, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(put_right(body, challenge, code, err));
    TRY(json_put_bool(body, "denied", true, err));
    return send_answer(challenge, remote, body, err);
}

int challenge_redeem(const struct challenge *challenge, const struct remote *remote,
                     char ret[SUBJECT_MAX + 1], struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *answer = NULL;
    char path[PATH_SIZE];
    struct err why = {0};

    if (challenge->secret[0] == '\0')
        return FAIL(err, ERR_USAGE, "only whoever opened a login learns its result");
    TRY(json_put_text(body, "secret", challenge->secret, err));
    path_of(challenge->session, "/redeem", path);
    if (remote_ask(remote, path, body, &answer, &why) < 0)
        return translate(remote, &why, err);
    if (answer == NULL || answer_take_name(answer, "sub", ret, SUBJECT_MAX + 1, NULL) < 0)
        return remote_fail_answer(err, remote);
    return 0;
}
