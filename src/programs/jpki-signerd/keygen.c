/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-signerd/commands.h"

#include "base/daemon.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/secret.h"
#include "programs/exit.h"
#include "programs/output.h"
#include "signer/keyfile.h"
#include "signer/keyring.h"

#include <stdio.h>

struct keygen {
    const char *config;
    bool new_passphrase;
    bool json;
};

static const struct cli_option options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct keygen, config), N_("FILE"),
     N_("the configuration that names the key")},
    {0, "new-passphrase", CLI_FLAG, offsetof(struct keygen, new_passphrase), NULL,
     N_("make a random passphrase first, in passphrase_file")},
    {'j', "json", CLI_FLAG, offsetof(struct keygen, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int print_result(const struct keygen *keygen, const char *name,
                        const struct digest *fingerprint, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    CLEANUP(json_freep) struct json *value = NULL;
    const char *text;

    TRY(hex_append(&hex, digest_bytes(fingerprint), err));
    TRY(buf_text(&hex, &text, err));
    if (!keygen->json) {
        printf(tr("key %s made; SHA-256 of its public key: %s\n"), name, text);
        return 0;
    }
    value = json_object_new();
    TRY(json_put_text(value, "key", name, err));
    TRY(json_put_text(value, "spki_sha256", text, err));
    return output_json(value, err);
}

static int make(const struct keygen *keygen, const char *name, struct err *err)
{
    CLEANUP(signer_config_freep) struct signer_config *config = NULL;
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;
    CLEANUP(fd_done) int lock = -1;
    const struct key_config *row;
    struct digest fingerprint;

    if (keygen->config == NULL)
        return FAIL(err, ERR_USAGE, "--config is needed");
    TRY(daemon_harden(err));
    TRY(signer_config_read(keygen->config, &config, err));
    TRY(check_ca_names(config, err));
    TRY(signer_config_key(config, name, &row, err));
    TRY(keyring_lock(config->keys, &lock, err));
    if (keygen->new_passphrase)
        TRY(passphrase_create(config, err));
    TRY(passphrase_read(config, &passphrase, err));
    TRY(keyfile_create(config->keys, name, (unsigned)row->bits, &passphrase, &fingerprint, err));
    return print_result(keygen, name, &fingerprint, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    if (make(parsed, argv[0], &err) < 0)
        return fail(&err);
    return EXIT_CODE_DONE;
}

const struct cli_command command_keygen = {
    .path = "keygen",
    .arguments = N_("KEY"),
    .description = N_("make a key and its empty ledger; never replaces one"),
    .options = options,
    .size = sizeof(struct keygen),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
