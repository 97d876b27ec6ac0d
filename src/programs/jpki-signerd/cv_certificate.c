/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-signerd/commands.h"

#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "signer/keyfile.h"
#include "signer/keyring.h"

#include <stdio.h>

struct cv_certificate {
    const char *config;
    const char *root;
};

static const struct cli_option options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct cv_certificate, config), N_("FILE"),
     N_("the configuration that names both keys")},
    {0, "root", CLI_TEXT, offsetof(struct cv_certificate, root), N_("KEY"),
     N_("the key of role cv-root that signs")},
    CLI_OPTIONS_END,
};

static int open_key(const struct signer_config *config, const struct secret *passphrase,
                    const char *name, struct key **ret, struct err *err)
{
    const struct key_config *row;

    TRY(signer_config_key(config, name, &row, err));
    return key_open(config, row, passphrase, ret, err);
}

static int make(const struct cv_certificate *options_given, const char *name, struct err *err)
{
    CLEANUP(signer_config_freep) struct signer_config *config = NULL;
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;
    CLEANUP(key_freep) struct key *root = NULL;
    CLEANUP(key_freep) struct key *subject = NULL;
    CLEANUP(fd_done) int lock = -1;
    CLEANUP(buf_done) struct buf certificate = BUF_INIT;

    if (options_given->config == NULL || options_given->root == NULL)
        return FAIL(err, ERR_USAGE, "--config and --root are needed");
    TRY(daemon_harden(err));
    TRY(signer_config_read(options_given->config, &config, err));
    TRY(keyring_lock(config->keys, &lock, err));
    TRY(passphrase_read(config, &passphrase, err));
    TRY(open_key(config, &passphrase, options_given->root, &root, err));
    TRY(open_key(config, &passphrase, name, &subject, err));
    TRY(key_certify_card(root, subject, &certificate, err));
    if (fwrite(certificate.ptr, 1, certificate.len, stdout) != certificate.len)
        return FAIL_ERRNO(err, "the certificate could not be written");
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    if (make(parsed, argv[0], &err) < 0)
        return fail(&err);
    return EXIT_CODE_DONE;
}

const struct cli_command command_cv_certificate = {
    .path = "cv-certificate",
    .arguments = N_("KEY"),
    .description = N_("write the CV certificate of a key of card data, as it lies on cards"),
    .options = options,
    .size = sizeof(struct cv_certificate),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
