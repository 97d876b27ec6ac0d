/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/cert/read.h"
#include "programs/jpki/cert/view.h"
#include "programs/jpki/commands.h"

struct options {
    struct card_options card;
    struct pin_options pin;
    struct cert_options cert;
};

static const struct cli_option rows[] = {
    CERT_OPTIONS(struct options),
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS};

static int cert_show(const struct options *options, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(json_freep) struct json *object = NULL;

    TRY(cert_read(&options->cert, &options->card, &options->pin, &cert, err));
    if (!options->card.json) {
        print_certificate(cert);
        return 0;
    }
    object = json_object_new();
    TRY(json_put_text(object, "certificate", icc_cert_name(cert_meant(&options->cert)), err));
    TRY(put_certificate(object, cert, err));
    return output_json(object, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc, (void)argv;
    return finish(cert_show(given, &err), given->card.json, &err);
}

const struct cli_command cert_show_command = {
    .path = "cert show",
    .arguments = "",
    .description = N_("show what a certificate on the card says"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
