/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki cert revoke: end a certificate of one's own, when its key can no longer be trusted. Only at
 * an authority that somebody configured: those of the real JPKI have a service of their own.
 */
#include "holder/revoke.h"
#include "base/clock.h"
#include "programs/jpki/authority.h"
#include "programs/jpki/cert/read.h"
#include "programs/jpki/commands.h"

#include <stdio.h>
#include <string.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    struct cert_options cert;
    const char *reason, *authority;
    bool yes;
};

static const struct cli_option rows[] = {
    {0, "reason", CLI_TEXT, offsetof(struct options, reason), "NAME",
     N_("why: keyCompromise, unspecified, or cessationOfOperation if not given")},
    {0, "authority", CLI_TEXT, offsetof(struct options, authority), "URL",
     N_("the authority that issued the certificate")},
    {'y', "yes", CLI_FLAG, offsetof(struct options, yes), NULL,
     N_("do not ask whether it may be revoked")},
    CERT_SIGN_OPTION(struct options),
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS, .reason = "cessationOfOperation"};

struct job {
    const struct options *options;
    struct remote *remote;
    struct icc *icc;
    struct revoke_order order;
    struct revoke_answer answer;
};

static void job_done(struct job *job)
{
    remote_free(job->remote);
    icc_free(job->icc);
    revoke_order_done(&job->order);
}

static int fail_real(struct err *err)
{
    return FAIL(err, ERR_USAGE,
                "certificates of real cards are revoked at your municipality's counter or by "
                "J-LIS's own service; --authority or JPKI_AUTHORITY names another authority");
}

static int agree(const struct job *job, struct err *err)
{
    bool is_sign = job->options->cert.sign;
    bool is_meant = job->options->yes;

    (void)fprintf(stderr, "%s\n",
                  is_sign ? tr("Revoking the signature certificate of this card, for ever: "
                               "nothing that is signed with it from now on will be valid.")
                          : tr("Revoking the authentication certificate of this card, for ever: "
                               "it logs you in nowhere any more."));
    (void)fprintf(stderr, "%s\n",
                  tr("This cannot be undone; your municipality issues a new one. The other "
                     "certificate of the card stays as it is."));
    (void)fprintf(stderr, tr("The authority is %s, as reached from here.\n"),
                  remote_origin(job->remote));
    if (!is_meant)
        TRY(confirm(tr("Revoke it?"), &is_meant, err));
    if (!is_meant)
        return FAIL(err, ERR_DENIED, "not revoked: you did not agree");
    return 0;
}

static int use_card(struct job *job, struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    const struct options *options = job->options;
    enum icc_pin which = options->cert.sign ? ICC_PIN_SIGN : ICC_PIN_AUTH;
    struct revoke_wish wish = {
        .kind = options->cert.sign ? OWN_SIGN : OWN_AUTH,
        .origin = remote_origin(job->remote),
        .reason = options->reason,
        .pin = &pin,
        .may_use_last_try = options->pin.last_try,
    };
    unsigned left;

    TRY(open_card(&options->card, &job->icc, err));
    TRY(authority_check_card(job->icc, options->cert.sign, fail_real, err));
    TRY(pin_is_usable(job->icc, which, &options->pin, &left, err));
    TRY(agree(job, err));
    TRY(pin_ask(which, &options->pin, left, &pin, err));
    wish.now = clock_now(&clock_system);
    return revoke_sign(&wish, job->icc, &job->order, err);
}

static int tell(const struct job *job, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;
    const struct tbs *tbs = x509_cert_tbs(job->order.cert);
    char time[CALTIME_TEXT_SIZE];

    if (!job->options->card.json) {
        caltime_format(job->answer.at, JST_OFFSET_SECONDS, time);
        printf(tr("Revoked since %s: %s\n"), time, job->answer.reason);
        return 0;
    }
    caltime_format(job->answer.at, 0, time);
    object = json_object_new();
    TRY(json_put_text(object, "certificate", icc_cert_name(cert_meant(&job->options->cert)), err));
    TRY(json_put_int(object, "serial", (int64_t)tbs_serial_number(tbs), err));
    TRY(json_put_text(object, "authority", remote_origin(job->remote), err));
    TRY(json_put_text(object, "revoked_at", time, err));
    TRY(json_put_text(object, "reason", job->answer.reason, err));
    return output_json(object, err);
}

static int cert_revoke(const struct options *options, struct err *err)
{
    CLEANUP(job_done) struct job job = {.options = options, .order = REVOKE_ORDER_INIT};

    if (!bound_is_reason(job.options->reason))
        return FAIL(err, ERR_USAGE,
                    "a reason is unspecified, keyCompromise or cessationOfOperation");
    TRY(authority_open(job.options->authority, fail_real, &job.remote, err));
    TRY(use_card(&job, err));
    TRY(revoke_send(job.remote, &job.order, &job.answer, err));
    return tell(&job, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc, (void)argv;
    return finish(cert_revoke(given, &err), given->card.json, &err);
}

const struct cli_command cert_revoke_command = {
    .path = "cert revoke",
    .arguments = "",
    .description = N_("revoke a certificate on the card, for ever, with the key that is in it"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
