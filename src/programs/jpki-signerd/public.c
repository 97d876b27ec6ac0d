/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-signerd/commands.h"

#include "base/base64.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "signer/keyfile.h"
#include "signer/keyring.h"

#include <stdio.h>

struct public
{
    const char *config;
};

static const struct cli_option options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct public, config), N_("FILE"),
     N_("the configuration that names the key")},
    CLI_OPTIONS_END,
};

enum { PEM_LINE = 64 };

/* RFC 7468, 13. */
static int print_pem(struct bytes spki, struct err *err)
{
    CLEANUP(buf_done) struct buf digits = BUF_INIT;

    TRY(base64_append(&digits, BASE64_PADDED, spki, err));
    printf("-----BEGIN PUBLIC KEY-----\n");
    for (size_t at = 0; at < digits.len; at += PEM_LINE) {
        struct bytes line = bytes_part(buf_bytes(&digits), at, PEM_LINE);

        printf("%.*s\n", (int)line.len, (const char *)line.ptr);
    }
    printf("-----END PUBLIC KEY-----\n");
    return 0;
}

static int show(const struct public *public, const char *name, struct err *err)
{
    CLEANUP(signer_config_freep) struct signer_config *config = NULL;
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;
    CLEANUP(key_freep) struct key *key = NULL;
    CLEANUP(fd_done) int lock = -1;
    const struct key_config *row;

    if (public->config == NULL)
        return FAIL(err, ERR_USAGE, "--config is needed");
    TRY(daemon_harden(err));
    TRY(signer_config_read(public->config, &config, err));
    TRY(signer_config_key(config, name, &row, err));
    TRY(keyring_lock(config->keys, &lock, err));
    TRY(passphrase_read(config, &passphrase, err));
    TRY(key_open(config, row, &passphrase, &key, err));
    return print_pem(key_spki(key), err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    if (show(parsed, argv[0], &err) < 0)
        return fail(&err);
    return EXIT_CODE_DONE;
}

const struct cli_command command_public = {
    .path = "public",
    .arguments = N_("KEY"),
    .description = N_("print the public half of a key, in PEM"),
    .options = options,
    .size = sizeof(struct public),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
