/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki phone enrol: have the keys of a phone certified by the authority of the card. Where the keys
 * are does not matter here: whoever has them makes a request for each.
 */
#include "base/caltime.h"
#include "base/file.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/files.h"
#include "programs/jpki/phone/phone.h"
#include "x509/limits.h"

#include <stdio.h>

struct options {
    struct phone_options phone; /* first: PHONE_OPTIONS */
    const char *sign_request, *auth_request, *out;
    bool force;
};

static const struct cli_option rows[] = {
    {0, "sign-request", CLI_TEXT, offsetof(struct options, sign_request), "FILE",
     N_("the request for the phone's key for signatures, PKCS#10 in DER")},
    {0, "auth-request", CLI_TEXT, offsetof(struct options, auth_request), "FILE",
     N_("the request for its key for authentication")},
    {'o', "out", CLI_TEXT, offsetof(struct options, out), "DIR",
     N_("where the certificates go: sign.pem, auth.pem, and those of their authorities")},
    {'f', "force", CLI_FLAG, offsetof(struct options, force), NULL, N_("replace existing files")},
    PHONE_OPTIONS,
    CLI_OPTIONS_END,
};

struct job {
    const struct options *options;
    struct remote *remote;
    struct buf sign_request, auth_request;
    struct phone_order order;
    struct phone_certs certs;
};

static void job_done(struct job *job)
{
    remote_free(job->remote);
    buf_done(&job->sign_request);
    buf_done(&job->auth_request);
    phone_order_done(&job->order);
    phone_certs_done(&job->certs);
}

static const struct {
    const char *name;
    size_t cert;
} files[] = {
    {"sign.pem", offsetof(struct phone_certs, sign)},
    {"auth.pem", offsetof(struct phone_certs, auth)},
    {"sign-ca.pem", offsetof(struct phone_certs, sign_ca)},
    {"auth-ca.pem", offsetof(struct phone_certs, auth_ca)},
};

enum { FILES = sizeof files / sizeof files[0] };

/* Everything that can be wrong before the password is asked for. */
static int prepare(struct job *job, struct err *err)
{
    const struct options *options = job->options;
    const struct inputs inputs = {.paths = {options->sign_request, options->auth_request},
                                  .pin = &options->phone.pin};

    if (options->sign_request == NULL || options->auth_request == NULL || options->out == NULL)
        return FAIL(err, ERR_USAGE, "--sign-request, --auth-request and --out are needed");
    TRY(input_read(options->sign_request, X509_CSR_MAX, &job->sign_request, err));
    TRY(input_read(options->auth_request, X509_CSR_MAX, &job->auth_request, err));
    TRY(phone_check_requests(buf_bytes(&job->sign_request), buf_bytes(&job->auth_request), err));
    for (size_t i = 0; i < FILES; i++) {
        CLEANUP(free_text) char *path = NULL;

        TRY(path_format(&path, err, "%s/%s", options->out, files[i].name));
        TRY(output_check(path, options->force, &inputs, err));
    }
    return phone_open_authority(&options->phone, &job->remote, err);
}

static int write_file(const struct job *job, size_t i, struct err *err)
{
    const struct x509_cert *cert = *(
        struct x509_cert *const *)(const void *)((const char *)&job->certs + files[i].cert);
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    TRY(path_format(&path, err, "%s/%s", job->options->out, files[i].name));
    TRY(x509_cert_append_pem(&pem, cert, err));
    return output_write(path, job->options->force, 0600, buf_bytes(&pem), err);
}

static int tell(const struct job *job, struct err *err)
{
    const struct tbs *sign = x509_cert_tbs(job->certs.sign);
    const struct tbs *auth = x509_cert_tbs(job->certs.auth);
    CLEANUP(json_freep) struct json *object = NULL;
    char time[CALTIME_TEXT_SIZE];

    if (!job->options->phone.card.json) {
        caltime_format(sign->not_after, JST_OFFSET_SECONDS, time);
        printf(tr("The phone's certificates are in %s. They are valid until %s.\n"),
               job->options->out, time);
        return 0;
    }
    caltime_format(sign->not_after, 0, time);
    object = json_object_new();
    TRY(json_put_text(object, "authority", remote_origin(job->remote), err));
    TRY(output_put_name(object, "out", job->options->out, err));
    TRY(json_put_int(object, "sign_serial", (int64_t)tbs_serial_number(sign), err));
    TRY(json_put_int(object, "auth_serial", (int64_t)tbs_serial_number(auth), err));
    TRY(json_put_text(object, "not_after", time, err));
    return output_json(object, err);
}

static int phone_enrol_with(const struct options *options, struct err *err)
{
    CLEANUP(job_done) struct job job = {.options = options, .order = PHONE_ORDER_INIT};
    struct phone_wish wish = {.pin = NULL};

    TRY(prepare(&job, err));
    wish.sign_request = buf_bytes(&job.sign_request);
    wish.auth_request = buf_bytes(&job.auth_request);
    TRY(phone_have_signed(&options->phone, job.remote,
                          tr("Having the keys of a phone certified: with them one signs and logs "
                             "in as you. The phone you had before ends."),
                          &wish, &job.order, err));
    TRY(phone_enrol(job.remote, &job.order, &job.certs, err));
    for (size_t i = 0; i < FILES; i++)
        TRY(write_file(&job, i, err));
    return tell(&job, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc, (void)argv;
    return finish(phone_enrol_with(given, &err), given->phone.card.json, &err);
}

static const struct options defaults = {.phone = {.pin = PIN_DEFAULTS}};

const struct cli_command phone_enrol_command = {
    .path = "phone enrol",
    .arguments = "",
    .description = N_("have the keys of a phone certified, with the sign key of the card"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
