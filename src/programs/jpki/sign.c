/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki sign: a detached CMS signature with the sign key.
 *
 * Everything that can be refused without the password is refused before it is asked for. The
 * password is sent in the transaction that reads the certificate and signs, and that transaction's
 * end drops what it opened. The signature is checked against the certificate before it is written.
 */
#include "client/sign.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/trace.h"
#include "docsign/cms.h"
#include "holder/own_cert.h"
#include "programs/jpki/ask/pin.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/common.h"
#include "programs/jpki/files.h"
#include "programs/jpki/order.h"

#include <stdio.h>
#include <string.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    const char *out;
    const char *code, *document;
    bool yes, force, deny;
};

static const struct cli_option rows[] = {
    {'o', "out", CLI_TEXT, offsetof(struct options, out), "FILE",
     N_("write the signature there instead of beside the file, with .p7s added")},
    {'f', "force", CLI_FLAG, offsetof(struct options, force), NULL,
     N_("replace the signature file if it exists")},
    {'y', "yes", CLI_FLAG, offsetof(struct options, yes), NULL,
     N_("do not ask whether the personal data may be in the signature")},
    {0, "code", CLI_TEXT, offsetof(struct options, code), "NNNNNN",
     N_("the code that the provider shows beside the address")},
    {0, "document", CLI_TEXT, offsetof(struct options, document), "FILE",
     N_("the document, where the provider's service does not hand it out")},
    {0, "deny", CLI_FLAG, offsetof(struct options, deny), NULL,
     N_("tell the service that you do not want to sign")},
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS};

struct job {
    const struct options *options;
    const char *file;
    char *target;
    int64_t now;
    struct digest document;
    struct icc *icc;
    struct x509_cert *signer, *ca; /* ca may be NULL */
    struct buf attributes, signature;
};

static void job_done(struct job *job)
{
    free_text(&job->target);
    icc_free(job->icc);
    x509_cert_free(job->signer);
    x509_cert_free(job->ca);
    buf_done(&job->attributes);
    buf_done(&job->signature);
}

static int choose_target(struct job *job, struct err *err)
{
    const struct inputs inputs = {.paths = {job->file}, .pin = &job->options->pin};

    if (job->options->out != NULL)
        TRY(path_format(&job->target, err, "%s", job->options->out));
    else
        TRY(path_format(&job->target, err, "%s.p7s", job->file));
    return output_check(job->target, job->options->force, &inputs, err);
}

/* The certificate can be read only after the password, so its contents are told as categories. */
static int agree(const struct job *job, struct err *err)
{
    CLEANUP(buf_done) struct buf room = BUF_INIT;
    bool is_meant = job->options->yes;

    (void)fprintf(stderr, tr("Signing %s.\n"), text_shown(job->file, &room));
    (void)fprintf(stderr, "%s\n",
                  tr("The signature will carry your certificate. Whoever gets it can read your "
                     "name, address, date of birth and sex."));
    if (!is_meant)
        TRY(confirm(tr("Sign?"), &is_meant, err));
    if (!is_meant)
        return FAIL(err, ERR_DENIED, "not signed: you did not agree");
    return 0;
}

static enum key_kind kind_of(const struct job *job)
{
    return pubkey_kind(x509_cert_pubkey(job->signer));
}

/* Only the certificate says by which hash, and it is behind the password; nearly always the first
   guess was right. */
static int digest_again(struct job *job, struct err *err)
{
    enum digest_alg alg = key_kind_digest(kind_of(job));

    return job->document.alg == alg ? 0 : document_digest(job->file, alg, &job->document, err);
}

/* The issuer's certificate helps verifiers; a card without it can sign all the same. */
static int read_ca(struct job *job, struct err *err)
{
    struct err why = {0};
    int rc = own_cert_read(job->icc, ICC_CERT_SIGN_CA, &job->ca, &why);

    if (rc == 0 || icc_is_missing(&why))
        return 0;
    return err_copy(err, &why);
}

static int use_card(struct job *job, const struct secret *password, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    struct digest digest;

    TRY(icc_begin(job->icc, &txn, err));
    TRY(icc_pin_verify(job->icc, ICC_PIN_SIGN, password, job->options->pin.last_try, err));
    TRY(own_cert_read(job->icc, ICC_CERT_SIGN, &job->signer, err));
    TRY(own_cert_check_times(job->signer, OWN_SIGN, job->now, err));
    TRY(read_ca(job, err));
    TRY(digest_again(job, err));
    TRY(cms_prepare(&job->document, job->signer, job->now, &job->attributes, err));
    TRY(digest_compute(job->document.alg, buf_bytes(&job->attributes), &digest, err));
    return icc_sign_kind(job->icc, ICC_KEY_SIGN, kind_of(job), &digest, &job->signature, err);
}

static int tell(const struct job *job, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;
    CLEANUP(buf_done) struct buf digest = BUF_INIT, room = BUF_INIT;
    char time[CALTIME_TEXT_SIZE];

    if (!job->options->card.json) {
        printf(tr("Signed: %s\n"), text_shown(job->target, &room));
        return 0;
    }
    caltime_format(job->now, JST_OFFSET_SECONDS, time);
    TRY(hex_append(&digest, digest_bytes(&job->document), err));
    object = json_object_new();
    TRY(output_put_name(object, "file", job->file, err));
    TRY(output_put_name(object, "signature", job->target, err));
    TRY(json_put_text(object, "digest_algorithm", digest_name(job->document.alg), err));
    TRY(json_put_bytes(object, "digest", buf_bytes(&digest), err));
    TRY(json_put_text(object, "signing_time", time, err));
    return output_json(object, err);
}

static int sign(const struct options *options, const char *file, struct err *err)
{
    CLEANUP(job_done) struct job job = {.options = options, .file = file};
    CLEANUP(secret_done) struct secret password = SECRET_INIT;
    CLEANUP(buf_done) struct buf cms = BUF_INIT;
    unsigned left;

    TRY(choose_target(&job, err));
    TRY(document_digest(file, DIGEST_SHA256, &job.document, err));
    TRY(open_card(&options->card, &job.icc, err));
    TRY(pin_is_usable(job.icc, ICC_PIN_SIGN, &options->pin, &left, err));
    TRY(agree(&job, err));
    TRY(pin_ask(ICC_PIN_SIGN, &options->pin, left, &password, err));
    job.now = clock_now(&clock_system);
    TRY(use_card(&job, &password, err));
    TRY(cms_complete(buf_bytes(&job.attributes), buf_bytes(&job.signature), job.signer, job.ca,
                     &cms, err));
    /* It names the person: for its owner first. */
    TRY(output_write(job.target, options->force, 0600, buf_bytes(&cms), err));
    trace_step("F2", "①", "jpki had the card sign a document's digest", NULL);
    return tell(&job, err);
}

static bool is_address(const char *argument)
{
    return strncmp(argument, "https://", 8) == 0 || strncmp(argument, "http://", 7) == 0;
}

static int sign_at(const struct options *options, const char *url, struct err *err)
{
    const struct order_options order = {
        .card = &options->card,
        .pin = &options->pin,
        .url = url,
        .code = options->code,
        .document = options->document,
        .out = options->out,
        .force = options->force,
        .yes = options->yes,
        .deny = options->deny,
    };

    return order_sign(&order, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};
    int rc;

    (void)argc;
    if (is_address(argv[0]))
        rc = sign_at(given, argv[0], &err);
    else if (given->code != NULL || given->document != NULL || given->deny)
        rc = FAIL(&err, ERR_USAGE,
                  "--code, --document and --deny are for the address of a signing");
    else
        rc = sign(given, argv[0], &err);
    return finish(rc, given->card.json, &err);
}

const struct cli_command sign_command = {
    .path = "sign",
    .arguments = "FILE|URL",
    .description = N_("sign a file, and write FILE.p7s, or what a provider asks for"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
    .defaults = &defaults,
};
