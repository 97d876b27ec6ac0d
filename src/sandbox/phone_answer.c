/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/phone_answer.h"

#include "base/clock.h"
#include "base/trace.h"
#include "client/pin.h"
#include "holder/challenge.h"
#include "sandbox/clock_file.h"

#include <poll.h>
#include <string.h>

/* Commands after which a card that is to be pulled out is, and how slow a slow one is. */
enum { REMOVED_AFTER = 6, SLOW_MS = 150, NEWS_MS = 20000, NEWS_EVERY_MS = 250 };

static const char wrong_pin[] = "9999";
static const char other_wrong_pin[] = "9998";

struct answering {
    const struct persona *persona;
    const struct phone_login *login;
    struct remote *remote;
    struct challenge challenge;
    struct icc *icc;
    struct secret pin, sign_pin;
    int64_t now;
};

static void answering_done(struct answering *answering)
{
    challenge_done(&answering->challenge);
    remote_free(answering->remote);
    icc_free(answering->icc);
    secret_done(&answering->pin);
    secret_done(&answering->sign_pin);
}

static bool meets(const struct phone_login *login, enum named_fault fault)
{
    return (login->faults & UINT64_C(1) << fault) != 0;
}

static int join(struct answering *answering, struct err *err)
{
    static const char prefix[] = "/v1/logins/";
    struct origin origin;
    const char *path;

    TRY(origin_parse(answering->login->address, &origin, &path, err));
    if (strncmp(path, prefix, sizeof prefix - 1) != 0)
        return FAIL(err, ERR_INPUT, "this is not the address of a login");
    TRY(remote_new(&origin, &answering->remote, err));
    return challenge_join(answering->remote, path + sizeof prefix - 1, &answering->challenge, err);
}

static int sign(struct answering *answering, struct challenge_proof *ret, struct err *err)
{
    const struct persona *persona = answering->persona;
    const struct challenge_signing with = {
        .origin = remote_origin(answering->remote),
        .pin = &answering->pin,
        .sign_pin = answering->challenge.wants != 0 ? &answering->sign_pin : NULL,
        .may_use_last_try = true,
        .now = answering->now,
    };
    const char *pin = persona->pin_auth;

    if (meets(answering->login, NAMED_PIN_WRONG))
        pin = strcmp(pin, wrong_pin) == 0 ? other_wrong_pin : wrong_pin;
    TRY(secret_copy(bytes_text(pin), &answering->pin, err));
    TRY(secret_copy(bytes_text(persona->pin_sign), &answering->sign_pin, err));
    TRY(challenge_check_time(&answering->challenge, answering->now, err));
    TRY(challenge_check_card(&answering->challenge, answering->icc, answering->now, err));
    TRY(challenge_sign(&answering->challenge, answering->icc, &with, ret, err));
    trace_step("F3", "②", "the sandbox's phone had the card sign the message of a login", NULL);
    return 0;
}

/* Responders hear of a card that was issued just now a little later. */
static int send(const struct answering *answering, const struct challenge_proof *proof, bool is_new,
                struct err *err)
{
    int64_t deadline = monotonic_ms() + (is_new ? NEWS_MS : 0);

    for (;;) {
        int rc = challenge_answer(&answering->challenge, answering->remote, proof,
                                  answering->login->code, err);

        if (rc != -ERR_REMOTE || monotonic_ms() >= deadline)
            return rc;
        (void)poll(NULL, 0, NEWS_EVERY_MS);
    }
}

static int use_card(struct answering *answering, const struct hand *hand, struct err *err)
{
    CLEANUP(challenge_proof_done) struct challenge_proof proof = {.cert = NULL};
    const int64_t sent_us = monotonic_us();

    if (meets(answering->login, NAMED_CARD_SLOW))
        TRY(hand_trouble(hand, "latency_ms", SLOW_MS, err));
    if (meets(answering->login, NAMED_CARD_REMOVED))
        TRY(hand_trouble(hand, "remove_after", REMOVED_AFTER, err));
    TRY(hand_open(hand, &answering->icc, err));
    TRY(sign(answering, &proof, err));
    TRY(send(answering, &proof, hand->is_new, err));
    trace_step_at(sent_us, "F3", "③", "the sandbox's phone sent signature and certificate", NULL);
    return 0;
}

static int look_at_clock(const struct layout *layout, int64_t *ret, struct err *err)
{
    int64_t offset = 0;

    TRY(clock_file_read(layout, &offset, err));
    *ret = clock_now(&clock_system) + offset;
    return 0;
}

/* One that was in trouble is well again, for whoever takes it next. */
static int take_and_use(struct answering *answering, const struct hand_options *options,
                        struct err *err)
{
    CLEANUP(hand_done) struct hand hand = HAND_INIT;
    int rc;

    TRY(hand_take(options, answering->persona, &hand, err));
    TRY(look_at_clock(options->layout, &answering->now, err));
    rc = use_card(answering, &hand, err);
    if (meets(answering->login, NAMED_CARD_SLOW) || meets(answering->login, NAMED_CARD_REMOVED)) {
        icc_freep(&answering->icc);
        if (hand_mend(&hand, NULL) < 0 && rc == 0)
            return FAIL(err, ERR_REMOTE, "the card is not well again");
    }
    return rc;
}

int phone_answer(const struct hand_options *options, const struct persona *persona,
                 const struct phone_login *login, struct err *err)
{
    CLEANUP(answering_done)
    struct answering answering = {.persona = persona, .login = login, .remote = NULL};
    int rc;

    if (meets(login, NAMED_HOLDER_SILENT))
        return FAIL(err, ERR_DENIED, "the holder stays silent");
    TRY(join(&answering, err));
    if (meets(login, NAMED_HOLDER_DECLINES))
        rc = FAIL(err, ERR_DENIED, "the holder does not want to log in");
    else
        rc = take_and_use(&answering, options, err);
    /* What could not be answered is refused, as by somebody who gives up; or it is over already. */
    if (rc < 0 && challenge_refuse(&answering.challenge, answering.remote, login->code, NULL) < 0)
        return rc;
    return rc;
}
