/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/consent/ask.h"

#include "base/clock.h"
#include "holder/consent.h"
#include "programs/jpki/authority.h"

struct job {
    const struct consent_options *options;
    struct remote *remote;
    struct icc *icc;
    struct consent_order order;
};

static void job_done(struct job *job)
{
    remote_free(job->remote);
    icc_free(job->icc);
    consent_order_done(&job->order);
}

static int fail_real(struct err *err)
{
    return FAIL(err, ERR_USAGE,
                "consents of real cards are kept by J-LIS, which has a service of its own; "
                "--authority or JPKI_AUTHORITY names another authority");
}

static int use_card(struct job *job, const char *withdrawal, struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    const struct consent_options *options = job->options;
    enum icc_pin which = options->cert.sign ? ICC_PIN_SIGN : ICC_PIN_AUTH;
    struct consent_wish wish = {
        .kind = options->cert.sign ? OWN_SIGN : OWN_AUTH,
        .origin = remote_origin(job->remote),
        .withdrawal = withdrawal,
        .pin = &pin,
        .may_use_last_try = options->pin.last_try,
    };
    unsigned left;

    TRY(open_card(&options->card, &job->icc, err));
    TRY(authority_check_card(job->icc, options->cert.sign, fail_real, err));
    TRY(pin_is_usable(job->icc, which, &options->pin, &left, err));
    TRY(pin_ask(which, &options->pin, left, &pin, err));
    wish.now = clock_now(&clock_system);
    return consent_sign(&wish, job->icc, &job->order, err);
}

int consent_ask(const struct consent_options *options, const char *withdrawal, struct json **ret,
                struct err *err)
{
    CLEANUP(job_done) struct job job = {.options = options, .order = CONSENT_ORDER_INIT};

    TRY(authority_open(options->authority, fail_real, &job.remote, err));
    TRY(use_card(&job, withdrawal, err));
    return consent_send(job.remote, &job.order, ret, err);
}
