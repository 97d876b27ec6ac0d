/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki login: answer a platform's challenge with the auth key.
 *
 * Who asks is told before anybody types: the provider as the platform names it, and the platform
 * as it was reached. What cannot succeed is refused before the PIN is asked for.
 */
#include "base/clock.h"
#include "base/trace.h"
#include "holder/challenge.h"
#include "programs/jpki/ask/pin.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/common.h"

#include <stdio.h>
#include <string.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    const char *client, *code;
    bool yes;
};

static const struct cli_option rows[] = {
    {'c', "client", CLI_TEXT, offsetof(struct options, client), "ID",
     N_("open a login with this provider")},
    {0, "code", CLI_TEXT, offsetof(struct options, code), "NNNNNN",
     N_("the code that is shown where the login was opened")},
    {'y', "yes", CLI_FLAG, offsetof(struct options, yes), NULL,
     N_("do not ask whether to log in there")},
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS};

struct job {
    const struct options *options;
    struct remote *remote;
    struct challenge challenge;
    struct icc *icc;
    struct x509_cert *cert;
    struct buf signature;
    struct buf name, site;         /* of the provider, harmless */
    char subject[SUBJECT_MAX + 1]; /* "" if somebody else gets it */
};

static void job_done(struct job *job)
{
    remote_free(job->remote);
    challenge_done(&job->challenge);
    icc_free(job->icc);
    x509_cert_free(job->cert);
    buf_done(&job->signature);
    buf_done(&job->name);
    buf_done(&job->site);
}

/* Whether the path is that of a login; *ret_session is what follows. */
static bool has_session(const char *path, const char **ret_session)
{
    static const char prefix[] = "/v1/logins/";

    if (strncmp(path, prefix, sizeof prefix - 1) != 0)
        return false;
    *ret_session = path + sizeof prefix - 1;
    return true;
}

/* --client opens a login with a platform; without it the address is that of an open one. */
static int get_challenge(struct job *job, const char *url, struct err *err)
{
    const struct options *options = job->options;
    const char *path, *session;
    struct origin origin;

    TRY(origin_parse(url, &origin, &path, err));
    TRY(remote_new(&origin, &job->remote, err));
    if (options->code != NULL && !challenge_is_code(options->code))
        return FAIL(err, ERR_USAGE, "the code of a login is %d digits", CHALLENGE_CODE_LEN);
    if (has_session(path, &session)) {
        TRY(challenge_join(job->remote, session, &job->challenge, err));
        if (options->client == NULL || strcmp(options->client, job->challenge.client_id) == 0)
            return 0;
        return FAIL(err, ERR_UNTRUSTED, "this login is with another provider than %s",
                    options->client);
    }
    if (path[0] != '\0' && strcmp(path, "/") != 0)
        return FAIL(err, ERR_USAGE, "this is neither the address of a platform nor of a login");
    if (options->client == NULL)
        return FAIL(err, ERR_USAGE, "--client is needed, or the whole address of a login");
    if (options->code != NULL)
        return FAIL(err, ERR_USAGE, "--code is for a login that was opened elsewhere");
    return challenge_open(job->remote, options->client, &job->challenge, err);
}

static int take_names(struct job *job, struct err *err)
{
    const struct challenge *challenge = &job->challenge;

    TRY(append_shown(&job->name, bytes_text(challenge->provider_name), err));
    return append_shown(&job->site, bytes_text(challenge->provider_origin), err);
}

static bool is_ours(const struct job *job)
{
    return job->challenge.secret[0] != '\0';
}

static int agree(struct job *job, struct err *err)
{
    bool is_meant = job->options->yes;
    const char *name, *site;

    TRY(buf_text(&job->name, &name, err));
    TRY(buf_text(&job->site, &site, err));
    (void)fprintf(stderr, tr("Logging in to %s (%s)\n"), name, site);
    (void)fprintf(stderr, tr("through %s, as reached from here.\n"), remote_origin(job->remote));
    (void)fprintf(stderr, "%s\n",
                  tr("It learns a pseudonym, and neither your name nor your certificate."));
    if (!is_ours(job))
        (void)fprintf(stderr, "%s\n",
                      tr("Somebody opened this login elsewhere. If that was not you, do not go on: "
                         "they would be logged in as you."));
    if (!is_ours(job) && job->options->code == NULL)
        return FAIL(err, ERR_USAGE,
                    "this login was opened elsewhere: --code is needed, as it is shown there");
    if (!is_meant)
        TRY(confirm(tr("Log in?"), &is_meant, err));
    if (!is_meant)
        return FAIL(err, ERR_DENIED, "not logged in: you did not agree");
    return 0;
}

static int use_card(struct job *job, struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    struct challenge_signing with = {
        .origin = remote_origin(job->remote),
        .pin = &pin,
        .may_use_last_try = job->options->pin.last_try,
    };
    unsigned left;

    TRY(open_card(&job->options->card, &job->icc, err));
    TRY(challenge_check_card(&job->challenge, job->icc, clock_now(&clock_system), err));
    TRY(pin_is_usable(job->icc, ICC_PIN_AUTH, &job->options->pin, &left, err));
    TRY(agree(job, err));
    TRY(pin_ask(ICC_PIN_AUTH, &job->options->pin, left, &pin, err));
    with.now = clock_now(&clock_system);
    return challenge_sign(&job->challenge, job->icc, &with, &job->cert, &job->signature, err);
}

static int put_provider(struct json *object, const struct challenge *challenge, struct err *err)
{
    CLEANUP(json_freep) struct json *provider = json_object_new();

    TRY(json_put_text(provider, "client_id", challenge->client_id, err));
    TRY(json_put_text(provider, "name", challenge->provider_name, err));
    TRY(json_put_text(provider, "origin", challenge->provider_origin, err));
    return json_put(object, "provider", json_steal(&provider), err);
}

static int tell(const struct job *job, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    if (!job->options->card.json) {
        if (is_ours(job))
            printf(tr("Logged in as %s\n"), job->subject);
        else
            printf("%s\n", tr("Logged in. Go on where you opened the login."));
        return 0;
    }
    object = json_object_new();
    TRY(json_put_text(object, "platform", remote_origin(job->remote), err));
    TRY(put_provider(object, &job->challenge, err));
    TRY(json_put_optional(object, "sub", is_ours(job) ? job->subject : NULL, err));
    return output_json(object, err);
}

static int login(const struct options *options, const char *url, struct err *err)
{
    CLEANUP(job_done) struct job job = {.options = options};
    int64_t sent_us;

    TRY(get_challenge(&job, url, err));
    TRY(challenge_check_time(&job.challenge, clock_now(&clock_system), err));
    TRY(take_names(&job, err));
    TRY(use_card(&job, err));
    trace_step("F3", "②", "jpki had the card sign the message of a login", NULL);
    sent_us = monotonic_us();
    TRY(challenge_answer(&job.challenge, job.remote, job.cert, buf_bytes(&job.signature),
                         is_ours(&job) ? NULL : options->code, err));
    trace_step_at(sent_us, "F3", "③", "jpki sent signature and certificate to the platform", NULL);
    if (is_ours(&job))
        TRY(challenge_redeem(&job.challenge, job.remote, job.subject, err));
    return tell(&job, err);
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
