/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/prefill.h"

#include "client/pin.h"
#include "crypto/jwe.h"
#include "holder/answer.h"

#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = sizeof "/v1/readings//answer" + CHALLENGE_SESSION_MAX };

void prefill_done(struct prefill *prefill)
{
    pubkey_freep(&prefill->key);
    challenge_done(&prefill->asked);
}

/* ---- what is asked ---- */

int prefill_parse(const struct json *answer, struct prefill *ret, struct err *err)
{
    CLEANUP(prefill_done) struct prefill prefill = {.title = ""};
    struct challenge *asked = &prefill.asked;
    const struct json *key;

    TRY(answer_take_name(answer, "session", asked->session, sizeof asked->session, err));
    TRY(answer_take_text(answer, "title", prefill.title, sizeof prefill.title, err));
    TRY(challenge_take_wants(answer, asked, err));
    if (asked->wants == 0)
        return FAIL(err, ERR_INPUT, "nothing is asked for");
    TRY(challenge_take_issuers(answer, asked, err));
    TRY(json_get_int(answer, "expires_at", &asked->expires_at, err));
    if (asked->expires_at < 0)
        return FAIL(err, ERR_INPUT, "the expiry is before 1970");
    TRY(json_get_object(answer, "key", &key, err));
    TRY(jwk_check_public(key, err));
    TRY(jwk_parse(key, JWK_ENCRYPTION, &prefill.key, err));
    *ret = prefill;
    prefill.key = NULL;
    return 0;
}

static void path_of(const char *session, const char *below, char ret[PATH_SIZE])
{
    (void)snprintf(ret, PATH_SIZE, "/v1/readings/%s%s", session, below);
}

static int translate(const struct remote *remote, const struct err *why, struct err *err)
{
    if (why->kind == ERR_ABSENT)
        return FAIL(err, ERR_REMOTE,
                    "no form at %s waits for this, or its time is over; begin again there",
                    remote_origin(remote));
    if (why->kind == ERR_CONFLICT)
        return FAIL(err, ERR_REMOTE,
                    "this form has its answer already; if that was not you, tell whoever runs %s",
                    remote_origin(remote));
    return err_copy(err, why);
}

int prefill_get(const struct remote *remote, const char *session, struct prefill *ret,
                struct err *err)
{
    CLEANUP(prefill_done) struct prefill prefill = {.title = ""};
    CLEANUP(json_freep) struct json *answer = NULL;
    char path[PATH_SIZE];
    struct err why = {0};
    int rc;

    if (!remote_is_name(session, CHALLENGE_SESSION_MAX))
        return FAIL(err, ERR_INPUT, "this is no address of a form");
    path_of(session, "", path);
    if (remote_ask(remote, path, NULL, &answer, &why) < 0)
        return translate(remote, &why, err);
    if (answer == NULL)
        return remote_fail_answer(err, remote);
    rc = prefill_parse(answer, &prefill, &why);
    if (rc == -ERR_INPUT)
        return FAIL(err, ERR_REMOTE, "%s asks for what cannot be read: %s", remote_origin(remote),
                    why.text);
    if (rc < 0)
        return err_copy(err, &why);
    if (strcmp(prefill.asked.session, session) != 0)
        return FAIL(err, ERR_UNTRUSTED, "%s gave another form's", remote_origin(remote));
    *ret = prefill;
    prefill.key = NULL;
    return 0;
}

int prefill_check_time(const struct prefill *prefill, int64_t now, struct err *err)
{
    if (now > prefill->asked.expires_at)
        return FAIL(err, ERR_REMOTE,
                    "the form waits no longer, or this computer's clock is wrong; nothing was sent "
                    "to the card");
    if (prefill->asked.expires_at - now > CHALLENGE_SECONDS_MAX)
        return FAIL(err, ERR_UNTRUSTED,
                    "this form would wait for longer than %d seconds, or this computer's clock is "
                    "wrong",
                    CHALLENGE_SECONDS_MAX);
    return 0;
}

/* ---- what the card says ---- */

/* As certificates have it: what is not known in a date stays zero. */
static int put_birth(struct json *body, const char *key, struct bytes digits, struct err *err)
{
    char text[sizeof "1990-04-15"];

    if (digits.len != strlen("19900415"))
        return FAIL(err, ERR_REMOTE, "the date of birth on the card has not eight digits");
    (void)snprintf(text, sizeof text, "%.4s-%.2s-%.2s", (const char *)digits.ptr,
                   (const char *)digits.ptr + 4, (const char *)digits.ptr + 6);
    return json_put_text(body, key, text, err);
}

static const char *sex_word(struct bytes digit)
{
    if (bytes_equal(digit, BYTES_LITERAL("1")))
        return "male";
    return bytes_equal(digit, BYTES_LITERAL("2")) ? "female" : "unknown";
}

static int put_attributes(struct json *body, unsigned wants,
                          const struct text_attributes *attributes, struct err *err)
{
    for (size_t i = 0; i < CHALLENGE_WANTS_; i++) {
        const unsigned want = wants & 1U << i;
        const char *key = challenge_want_scope(i);

        if (want == CHALLENGE_WANTS_NAME)
            TRY(json_put_bytes(body, key, attributes->name, err));
        if (want == CHALLENGE_WANTS_ADDRESS)
            TRY(json_put_bytes(body, key, attributes->address, err));
        if (want == CHALLENGE_WANTS_BIRTH_DATE)
            TRY(put_birth(body, key, attributes->birth, err));
        if (want == CHALLENGE_WANTS_SEX)
            TRY(json_put_text(body, key, sex_word(attributes->sex), err));
    }
    return 0;
}

/* A copy of a card, or one that nobody here vouches for, fills in nothing. */
static int check_proven(const struct authenticity *found, struct err *err)
{
    if (authenticity_is_proven(found))
        return 0;
    for (int i = 0; i < DATA_FAULTS_; i++)
        if (found->has[i])
            return FAIL(err, ERR_UNTRUSTED, "nothing was handed over: %s",
                        err_message(data_fault_text((enum data_fault)i)));
    return FAIL(err, ERR_UNTRUSTED, "nothing was handed over");
}

int prefill_seal(const struct prefill *prefill, const struct text_data *data, struct buf *ret,
                 struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf plain = BUF_INIT;

    TRY(check_proven(&data->authenticity, err));
    /* So that what was read for one form is no answer for another of the same page. */
    TRY(json_put_text(body, "session", prefill->asked.session, err));
    TRY(put_attributes(body, prefill->asked.wants, &data->attributes, err));
    TRY(json_write(body, &plain, err));
    return jwe_encrypt(prefill->key, buf_bytes(&plain), ret, err);
}

int prefill_read(const struct prefill *prefill, struct icc *icc, const struct prefill_hand *hand,
                 struct buf *ret, struct err *err)
{
    CLEANUP(text_data_done) struct text_data data = {.number = SECRET_INIT};
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    TRY(icc_begin_app(icc, ICC_APP_TEXT, &txn, err));
    TRY(icc_pin_verify(icc, ICC_PIN_TEXT, hand->pin, hand->may_use_last_try, err));
    TRY(text_read(icc, TEXT_ATTRIBUTES, hand->roots, &data, err));
    icc_end(&txn);
    return prefill_seal(prefill, &data, ret, err);
}

/* ---- the answer ---- */

static int send_answer(const struct prefill *prefill, const struct remote *remote,
                       const struct json *body, struct err *err)
{
    char path[PATH_SIZE];
    struct err why = {0};

    path_of(prefill->asked.session, "/answer", path);
    return remote_ask(remote, path, body, NULL, &why) < 0 ? translate(remote, &why, err) : 0;
}

int prefill_answer(const struct prefill *prefill, const struct remote *remote,
                   const struct buf *sealed, const char *code, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "code", code, err));
    TRY(json_put_bytes(body, "attributes", buf_bytes(sealed), err));
    return send_answer(prefill, remote, body, err);
}

int prefill_refuse(const struct prefill *prefill, const struct remote *remote, const char *code,
                   struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "code", code, err));
    TRY(json_put_bool(body, "denied", true, err));
    return send_answer(prefill, remote, body, err);
}
