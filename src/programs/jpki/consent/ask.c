/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/consent/ask.h"

#include "base/clock.h"
#include "holder/consent.h"
#include "programs/jpki/trust.h"

#include <string.h>

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

static int open_authority(struct job *job, struct err *err)
{
    const char *url = job->options->authority;
    const char *path;
    struct origin origin;

    if (url == NULL)
        url = environment("JPKI_AUTHORITY");
    if (url == NULL)
        return fail_real(err);
    TRY(origin_parse(url, &origin, &path, err));
    if (path[0] != '\0' && strcmp(path, "/") != 0)
        return FAIL(err, ERR_USAGE, "this is not the address of an authority");
    return remote_new(&origin, &job->remote, err);
}

/* A real card's consents are not there: its PIN is not asked for. */
static int check_card(const struct job *job, struct err *err)
{
    CLEANUP(anchors_freep) struct anchors *anchors = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *ca = NULL;
    struct root_facts root;

    TRY(anchors_new(&anchors, err));
    TRY(cert_read_ca(job->icc, job->options->cert.sign, &ca, err));
    TRY(trust_root(anchors, ca, &root, err));
    return root.root == ROOT_PUBLISHED ? fail_real(err) : 0;
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
    TRY(check_card(job, err));
    TRY(pin_is_usable(job->icc, which, &options->pin, &left, err));
    TRY(pin_ask(which, &options->pin, left, &pin, err));
    wish.now = clock_now(&clock_system);
    return consent_sign(&wish, job->icc, &job->order, err);
}

int consent_ask(const struct consent_options *options, const char *withdrawal, struct json **ret,
                struct err *err)
{
    CLEANUP(job_done) struct job job = {.options = options, .order = CONSENT_ORDER_INIT};

    TRY(open_authority(&job, err));
    TRY(use_card(&job, withdrawal, err));
    return consent_send(job.remote, &job.order, ret, err);
}
