/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/answer.h"

#include "base/clock.h"
#include "base/trace.h"
#include "programs/jpki/outside.h"

#include <string.h>

void answer_done(struct answer *answer)
{
    remote_free(answer->remote);
    challenge_done(&answer->challenge);
    icc_free(answer->icc);
    challenge_proof_done(&answer->proof);
    buf_done(&answer->text);
}

bool answer_is_ours(const struct answer *answer)
{
    return answer->challenge.secret[0] != '\0';
}

int answer_at(struct answer *answer, const char *url, const char **ret_path, struct err *err)
{
    static const char prefix[] = "/v1/logins/";
    struct origin origin;
    const char *path;

    TRY(origin_parse(url, &origin, &path, err));
    TRY(remote_new(&origin, &answer->remote, err));
    *ret_path = path;
    if (strncmp(path, prefix, sizeof prefix - 1) != 0)
        return 0;
    *ret_path = NULL;
    return challenge_join(answer->remote, path + sizeof prefix - 1, &answer->challenge, err);
}

/* What the provider wishes for, with commas between. */
static int add_wants(struct answer *answer, struct err *err)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    const char *text;

    for (size_t i = 0; i < CHALLENGE_WANTS_; i++) {
        if ((answer->challenge.wants & 1U << i) == 0)
            continue;
        if (list.len > 0)
            TRY(buf_append_text(&list, tr(", "), err));
        TRY(buf_append_text(&list, tr(challenge_want_title(i)), err));
    }
    TRY(buf_text(&list, &text, err));
    TRY(buf_append_format(&answer->text, err, tr("It asks for %s."), text));
    return buf_append_format(
        &answer->text, err, "\n%s",
        tr("They are read from your signature certificate, which only the platform can open; so "
           "the signature password is asked for as well."));
}

int answer_tell(struct answer *answer, struct err *err)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT, site = BUF_INIT;
    struct challenge *challenge = &answer->challenge;
    const char *shown_name, *shown_site;

    TRY(outside_append(&name, challenge->provider_name, err));
    TRY(outside_append(&site, challenge->provider_origin, err));
    TRY(buf_text(&name, &shown_name, err));
    TRY(buf_text(&site, &shown_site, err));
    TRY(buf_append_format(&answer->text, err, tr("Logging in to %s (%s)\n"), shown_name,
                          shown_site));
    TRY(buf_append_format(&answer->text, err, tr("through %s, as reached from here.\n"),
                          remote_origin(answer->remote)));
    if (challenge->wants != 0)
        return add_wants(answer, err);
    return buf_append_text(&answer->text,
                           tr("It learns a pseudonym, and neither your name nor your certificate."),
                           err);
}

int answer_card(struct answer *answer, const struct card_options *card,
                const struct pin_options *pin, struct err *err)
{
    const int64_t now = clock_now(&clock_system);

    TRY(challenge_check_time(&answer->challenge, now, err));
    TRY(open_card(card, &answer->icc, err));
    TRY(challenge_check_card(&answer->challenge, answer->icc, now, err));
    TRY(pin_is_usable(answer->icc, ICC_PIN_AUTH, pin, &answer->auth_left, err));
    if (answer->challenge.wants == 0)
        return 0;
    return pin_is_usable(answer->icc, ICC_PIN_SIGN, pin, &answer->sign_left, err);
}

void answer_pins_done(struct answer_pins *pins)
{
    secret_done(&pins->auth);
    secret_done(&pins->sign);
}

int answer_ask(const struct answer *answer, const struct pin_options *pin, struct answer_pins *ret,
               struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct pin_options asking = *pin;

    TRY(buf_append(&text, buf_bytes(&answer->text), err));
    TRY(buf_text(&text, &asking.description, err));
    TRY(pin_ask(ICC_PIN_AUTH, &asking, answer->auth_left, &ret->auth, err));
    if (answer->challenge.wants == 0)
        return 0;
    return pin_ask(ICC_PIN_SIGN, &asking, answer->sign_left, &ret->sign, err);
}

int answer_sign(struct answer *answer, const struct pin_options *pin,
                const struct answer_pins *pins, struct err *err)
{
    const struct challenge_signing with = {
        .origin = remote_origin(answer->remote),
        .pin = &pins->auth,
        .sign_pin = answer->challenge.wants != 0 ? &pins->sign : NULL,
        .may_use_last_try = pin->last_try,
        .now = clock_now(&clock_system),
    };

    TRY(challenge_sign(&answer->challenge, answer->icc, &with, &answer->proof, err));
    trace_step("F3", "②", "jpki had the card sign the message of a login", NULL);
    return 0;
}

int answer_send(struct answer *answer, const char *code, struct err *err)
{
    const int64_t sent_us = monotonic_us();

    TRY(challenge_answer(&answer->challenge, answer->remote, &answer->proof, code, err));
    trace_step_at(sent_us, "F3", "③", "jpki sent signature and certificate to the platform", NULL);
    return 0;
}
