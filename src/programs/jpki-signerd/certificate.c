/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-signerd/commands.h"

#include "base/clock.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/variant.h"
#include "signer/keyfile.h"
#include "signer/keyring.h"
#include "x509/cert.h"

#include <stdio.h>

struct certificate {
    const char *config;
};

static const struct cli_option options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct certificate, config), N_("FILE"),
     N_("the configuration that names the key")},
    CLI_OPTIONS_END,
};

static int print_pem(struct bytes der, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    const char *text;

    TRY(x509_cert_parse(der, &cert, err));
    TRY(x509_cert_append_pem(&pem, cert, err));
    TRY(buf_text(&pem, &text, err));
    printf("%s", text);
    return 0;
}

static int make(const struct certificate *certificate, const char *name, struct err *err)
{
    CLEANUP(signer_config_freep) struct signer_config *config = NULL;
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;
    CLEANUP(key_freep) struct key *key = NULL;
    CLEANUP(fd_done) int lock = -1;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct key_config *row;
    const struct clock *clock;

    if (certificate->config == NULL)
        return FAIL(err, ERR_USAGE, "--config is needed");
    TRY(daemon_harden(err));
    TRY(variant_clock(&clock, err));
    TRY(signer_config_read(certificate->config, &config, err));
    TRY(signer_config_key(config, name, &row, err));
    TRY(keyring_lock(config->keys, &lock, err));
    TRY(passphrase_read(config, &passphrase, err));
    TRY(key_open(config, row, &passphrase, &key, err));
    TRY(key_certify(key, clock_now(clock), &der, err));
    return print_pem(buf_bytes(&der), err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    if (make(parsed, argv[0], &err) < 0)
        return fail(&err);
    return EXIT_CODE_DONE;
}

const struct cli_command command_certificate = {
    .path = "certificate",
    .arguments = N_("KEY"),
    .description = N_("print a self-signed certificate for a verifier's key, to be registered"),
    .options = options,
    .size = sizeof(struct certificate),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
