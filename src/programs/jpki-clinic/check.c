/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki-clinic check: look up whether somebody is insured.
 *
 * The person says what the clinic may read, and then types the PIN: the card signs both for this
 * clinic. Or somebody who works there compares the person with the photo on the card, and answers
 * for it with a key of his own; what is read from the card then needs no PIN.
 */
#include "base/clock.h"
#include "holder/own_cert.h"
#include "programs/jpki-clinic/commands.h"
#include "programs/jpki-clinic/view.h"
#include "programs/jpki/ask/pin.h"
#include "programs/jpki/key_file.h"
#include "programs/jpki/outside.h"

#include <stdio.h>
#include <string.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    struct desk_options desk;
    const char *operator_file, *consents;
    bool photo, yes;
};

static const struct cli_option rows[] = {
    DESK_OPTIONS(struct options),
    {0, "consent", CLI_TEXT, offsetof(struct options, consents), "LIST",
     N_("what the person lets the clinic read, with commas between, or none; else it is asked")},
    {0, "photo", CLI_FLAG, offsetof(struct options, photo), NULL,
     N_("compare the person with the photo on the card, instead of a PIN")},
    {0, "operator-key-file", CLI_TEXT, offsetof(struct options, operator_file), "FILE",
     N_("the key of who compares")},
    {'y', "yes", CLI_FLAG, offsetof(struct options, yes), NULL,
     N_("say without being asked that it is the person on the photo")},
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS, .desk = {.wait = DESK_WAIT_DEFAULT}};

/* A lookup on its way. */
struct visit {
    struct remote *remote;
    struct challenge challenge;
    struct icc *icc;
    struct challenge_proof proof;
    unsigned consents;
};

static void visit_done(struct visit *visit)
{
    remote_free(visit->remote);
    challenge_done(&visit->challenge);
    icc_free(visit->icc);
    challenge_proof_done(&visit->proof);
}

/* ---- consents ---- */

static int take_consents(const char *list, unsigned *ret, struct err *err)
{
    char word[16];

    *ret = 0;
    if (strcmp(list, "none") == 0)
        return 0;
    for (;;) {
        size_t len = strcspn(list, ",");
        enum eligibility_kind kind;

        (void)snprintf(word, sizeof word, "%.*s", (int)len, list);
        TRY(err_prefix(err, eligibility_kind_of(word, &kind, err), "--consent"));
        *ret |= 1U << kind;
        if (list[len] == '\0')
            return 0;
        list += len + 1;
    }
}

/* The person answers each by itself (S140). */
static int ask_consents(const struct challenge *challenge, unsigned *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT;
    const char *clinic;

    TRY(outside_append(&name, challenge->provider_name, err));
    TRY(buf_text(&name, &clinic, err));
    (void)fprintf(stderr,
                  tr("What may %s read, for one day? Whether you are insured it is told in "
                     "any case.\n"),
                  clinic);
    *ret = 0;
    for (unsigned i = 0; i < ELIGIBILITY_KINDS_; i++) {
        char question[256];
        bool is_yes = false;

        (void)snprintf(question, sizeof question, tr("May the clinic read your %s?"),
                       tr(view_kind((enum eligibility_kind)i)));
        if (confirm(question, &is_yes, err) < 0)
            return FAIL(err, ERR_USAGE,
                        "nobody can be asked here; --consent says what the person lets be read");
        if (is_yes)
            *ret |= 1U << i;
    }
    return 0;
}

/* ---- with the PIN ---- */

enum { PATIENCE = 15 }; /* seconds that have to be left for the card to sign */

/* People take their time: whoever needed too much gets another challenge. */
static int refresh(struct visit *visit, struct err *err)
{
    if (visit->challenge.expires_at > clock_now(&clock_system) + PATIENCE)
        return 0;
    return eligibility_open(visit->remote, &visit->challenge, err);
}

static int sign(const struct options *options, struct visit *visit, struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    struct challenge_signing with = {.origin = remote_origin(visit->remote),
                                     .pin = &pin,
                                     .may_use_last_try = options->pin.last_try};
    struct challenge chosen;
    unsigned left;

    TRY(pin_is_usable(visit->icc, ICC_PIN_AUTH, &options->pin, &left, err));
    TRY(pin_ask(ICC_PIN_AUTH, &options->pin, left, &pin, err));
    TRY(refresh(visit, err));
    TRY(eligibility_choose(&visit->challenge, visit->consents, &chosen, err));
    with.now = clock_now(&clock_system);
    return challenge_sign(&chosen, visit->icc, &with, &visit->proof, err);
}

static int check_by_pin(const struct options *options, struct visit *visit,
                        struct eligibility_answer *ret, struct err *err)
{
    TRY(sign(options, visit, err));
    const struct eligibility_card card = {visit->proof.cert, buf_bytes(&visit->proof.signature),
                                          NULL, visit->consents};

    return eligibility_show(visit->remote, &visit->challenge, &card, ret, err);
}

/* ---- with the photo ---- */

static int compare(const struct options *options, struct err *err)
{
    bool is_same = options->yes;

    if (!is_same)
        TRY(confirm(tr("Is the person in front of you the one on the card's photo?"), &is_same,
                    err));
    if (!is_same)
        return FAIL(err, ERR_DENIED, "not looked up: it is not the person on the photo");
    return 0;
}

static int check_by_photo(const struct options *options, struct visit *visit,
                          struct eligibility_answer *ret, struct err *err)
{
    const char *file = options->operator_file != NULL ? options->operator_file
                                                      : environment("JPKI_OPERATOR_KEY_FILE");
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    struct err why = {0};
    int rc;

    if (file == NULL)
        return FAIL(err, ERR_USAGE, "--photo needs --operator-key-file: somebody answers for it");
    TRY(key_file_read(file, TENANT_KEY_MAX, &key, err));
    rc = own_cert_read(visit->icc, ICC_CERT_AUTH, &visit->proof.cert, &why);
    if (rc == -ERR_DENIED)
        return FAIL(err, ERR_DENIED, "a phone has no photo and tells nothing without its PIN");
    if (rc < 0)
        return err_copy(err, &why);
    TRY(compare(options, err));
    TRY(refresh(visit, err));
    const struct eligibility_card card = {visit->proof.cert, {NULL, 0}, &key, visit->consents};

    return eligibility_show(visit->remote, &visit->challenge, &card, ret, err);
}

/* ---- all of it ---- */

static int check(const struct options *options, int *ret_code, struct err *err)
{
    CLEANUP(visit_done) struct visit visit = {.remote = NULL};
    struct eligibility_answer answer;

    if (options->consents != NULL)
        TRY(take_consents(options->consents, &visit.consents, err));
    TRY(desk_open(&options->desk, &visit.remote, err));
    TRY(open_card(&options->card, &visit.icc, err));
    TRY(eligibility_open(visit.remote, &visit.challenge, err));
    TRY(challenge_check_card(&visit.challenge, visit.icc, clock_now(&clock_system), err));
    if (options->consents == NULL)
        TRY(ask_consents(&visit.challenge, &visit.consents, err));
    if (options->photo)
        TRY(check_by_photo(options, &visit, &answer, err));
    else
        TRY(check_by_pin(options, &visit, &answer, err));
    TRY(desk_await(&options->desk, visit.remote, &answer, err));
    return view_answer(&answer, options->card.json, ret_code, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};
    int code = 0;
    int rc = check(given, &code, &err);

    (void)argc;
    (void)argv;
    return rc < 0 ? desk_finish(rc, given->card.json, &err) : code;
}

const struct cli_command check_command = {
    .path = "check",
    .arguments = "",
    .description = N_("look up whether the holder of a card is insured"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 0,
    .max_arguments = 0,
    .run = run,
    .defaults = &defaults,
};
