/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki login: answer a platform's challenge with the auth key.
 *
 * Who asks is told before anybody types: the provider as the platform names it, and the platform
 * as it was reached. What cannot succeed is refused before the PIN is asked for.
 */
#include "programs/jpki/answer.h"
#include "programs/jpki/commands.h"

#include <stdio.h>
#include <string.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    const char *client, *code;
    bool yes, deny;
};

static const struct cli_option rows[] = {
    {'c', "client", CLI_TEXT, offsetof(struct options, client), "ID",
     N_("open a login with this provider")},
    {0, "code", CLI_TEXT, offsetof(struct options, code), "NNNNNN",
     N_("the code that is shown where the login was opened")},
    {'y', "yes", CLI_FLAG, offsetof(struct options, yes), NULL,
     N_("do not ask whether to log in there")},
    {0, "deny", CLI_FLAG, offsetof(struct options, deny), NULL,
     N_("tell the service that you do not want to log in there")},
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS};

/* --client opens a login with a platform; without it the address is that of an open one. */
static int get_challenge(const struct options *options, struct answer *answer, const char *url,
                         struct err *err)
{
    const char *path;

    if (options->code != NULL && !challenge_is_code(options->code))
        return FAIL(err, ERR_USAGE, "the code of a login is %d digits", CHALLENGE_CODE_LEN);
    TRY(answer_at(answer, url, &path, err));
    if (path == NULL) {
        if (options->client == NULL || strcmp(options->client, answer->challenge.client_id) == 0)
            return 0;
        return FAIL(err, ERR_UNTRUSTED, "this login is with another provider than %s",
                    options->client);
    }
    if (path[0] != '\0' && strcmp(path, "/") != 0)
        return FAIL(err, ERR_USAGE, "this is neither the address of a platform nor of a login");
    if (options->client == NULL || options->deny)
        return FAIL(err, ERR_USAGE, "--client is needed, or the whole address of a login");
    if (options->code != NULL)
        return FAIL(err, ERR_USAGE, "--code is for a login that was opened elsewhere");
    return challenge_open(answer->remote, options->client, &answer->challenge, err);
}

static int tell_request(struct answer *answer, struct err *err)
{
    const char *text;

    TRY(answer_tell(answer, err));
    TRY(buf_text(&answer->text, &text, err));
    (void)fprintf(stderr, "%s\n", text);
    return 0;
}

static int agree(const struct options *options, const struct answer *answer, struct err *err)
{
    bool is_meant = options->yes;

    if (!answer_is_ours(answer))
        (void)fprintf(stderr, "%s\n",
                      tr("Somebody opened this login elsewhere. If that was not you, do not go on: "
                         "they would be logged in as you."));
    if (!answer_is_ours(answer) && options->code == NULL)
        return FAIL(err, ERR_USAGE,
                    "this login was opened elsewhere: --code is needed, as it is shown there");
    if (!is_meant)
        TRY(confirm(tr("Log in?"), &is_meant, err));
    if (!is_meant)
        return FAIL(err, ERR_DENIED, "not logged in: you did not agree");
    return 0;
}

static int put_provider(struct json *object, const struct challenge *challenge, struct err *err)
{
    CLEANUP(json_freep) struct json *provider = json_object_new();

    TRY(json_put_text(provider, "client_id", challenge->client_id, err));
    TRY(json_put_text(provider, "name", challenge->provider_name, err));
    TRY(json_put_text(provider, "origin", challenge->provider_origin, err));
    return json_put(object, "provider", json_steal(&provider), err);
}

/* subject: "" if somebody else gets it. */
static int tell(const struct options *options, const struct answer *answer, const char *subject,
                struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    if (!options->card.json) {
        if (options->deny)
            printf("%s\n", tr("The service was told that you do not want to log in."));
        else if (answer_is_ours(answer))
            printf(tr("Logged in as %s\n"), subject);
        else
            printf("%s\n", tr("Logged in. Go on where you opened the login."));
        return 0;
    }
    object = json_object_new();
    TRY(json_put_text(object, "platform", remote_origin(answer->remote), err));
    TRY(put_provider(object, &answer->challenge, err));
    TRY(json_put_optional(object, "sub", subject[0] != '\0' ? subject : NULL, err));
    TRY(json_put_bool(object, "denied", options->deny, err));
    return output_json(object, err);
}

static int refuse(const struct options *options, const struct answer *answer, struct err *err)
{
    if (options->code == NULL)
        return FAIL(err, ERR_USAGE,
                    "this login was opened elsewhere: --code is needed, as it is shown there");
    TRY(challenge_refuse(&answer->challenge, answer->remote, options->code, err));
    return tell(options, answer, "", err);
}

static int login(const struct options *options, const char *url, struct err *err)
{
    CLEANUP(answer_done) struct answer answer = {.remote = NULL};
    CLEANUP(answer_pins_done) struct answer_pins pins = {SECRET_INIT, SECRET_INIT};
    char subject[SUBJECT_MAX + 1] = "";

    TRY(get_challenge(options, &answer, url, err));
    if (options->deny)
        return refuse(options, &answer, err);
    TRY(answer_card(&answer, &options->card, &options->pin, err));
    TRY(tell_request(&answer, err));
    TRY(agree(options, &answer, err));
    TRY(answer_ask(&answer, &options->pin, &pins, err));
    TRY(answer_sign(&answer, &options->pin, &pins, err));
    TRY(answer_send(&answer, answer_is_ours(&answer) ? NULL : options->code, err));
    if (answer_is_ours(&answer))
        TRY(challenge_redeem(&answer.challenge, answer.remote, subject, err));
    return tell(options, &answer, subject, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    return finish(login(given, argv[0], &err), given->card.json, &err);
}

const struct cli_command login_command = {
    .path = "login",
    .arguments = "URL",
    .description = N_("log in to a provider with the authentication PIN"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
    .defaults = &defaults,
};
