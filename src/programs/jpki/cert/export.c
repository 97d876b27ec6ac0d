/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/cert/read.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/files.h"

#include <stdio.h>
#include <unistd.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    struct cert_options cert;
    const char *out;
    bool pem, der, force;
};

static const struct cli_option rows[] = {
    {'o', "out", CLI_TEXT, offsetof(struct options, out), "FILE",
     N_("write there instead of to standard output")},
    {'f', "force", CLI_FLAG, offsetof(struct options, force), NULL,
     N_("replace the file if it exists")},
    {0, "pem", CLI_FLAG, offsetof(struct options, pem), NULL, N_("write text (the default)")},
    {0, "der", CLI_FLAG, offsetof(struct options, der), NULL, N_("write binary")},
    CERT_OPTIONS(struct options),
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS};

/* The sign certificate names its holder: such a file is for its owner first. */
static mode_t mode_of(const struct options *options)
{
    return cert_meant(&options->cert) == ICC_CERT_SIGN ? 0600 : 0644;
}

static int check_options(const struct options *options, struct err *err)
{
    const struct inputs inputs = {.pin = &options->pin};

    if (options->pem && options->der)
        return FAIL(err, ERR_USAGE, "--pem and --der exclude each other");
    if (options->card.json && options->out == NULL)
        return FAIL(err, ERR_USAGE, "--json needs --out: standard output is for one of them");
    if (options->der && options->out == NULL && isatty(STDOUT_FILENO) == 1)
        return FAIL(err, ERR_USAGE, "binary does not go to a terminal; use --out");
    return options->out == NULL ? 0 : output_check(options->out, options->force, &inputs, err);
}

static int tell(const struct options *options, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    if (!options->card.json) {
        (void)fprintf(stderr, tr("Written: %s\n"), options->out);
        return 0;
    }
    object = json_object_new();
    TRY(json_put_text(object, "certificate", icc_cert_name(cert_meant(&options->cert)), err));
    TRY(output_put_name(object, "file", options->out, err));
    TRY(json_put_text(object, "format", options->der ? "der" : "pem", err));
    return output_json(object, err);
}

static int cert_export(const struct options *options, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(check_options(options, err));
    TRY(cert_read(&options->cert, &options->card, &options->pin, &cert, err));
    if (options->der)
        TRY(buf_append(&text, x509_cert_der(cert), err));
    else
        TRY(x509_cert_append_pem(&text, cert, err));
    if (options->out == NULL) {
        (void)fwrite(text.ptr, 1, text.len, stdout);
        return 0;
    }
    TRY(output_write(options->out, options->force, mode_of(options), buf_bytes(&text), err));
    return tell(options, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc, (void)argv;
    return finish(cert_export(given, &err), given->card.json, &err);
}

const struct cli_command cert_export_command = {
    .path = "cert export",
    .arguments = "",
    .description = N_("write a certificate on the card to a file"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
