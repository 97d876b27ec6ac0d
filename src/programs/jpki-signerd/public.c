/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-signerd/commands.h"

#include "base/base64.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "note/key.h"
#include "programs/exit.h"
#include "signer/keyfile.h"
#include "signer/keyring.h"

#include <stdio.h>

struct public
{
    const char *config;
    const char *name;
};

static const struct cli_option options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct public, config), N_("FILE"),
     N_("the configuration that names the key")},
    {'n', "name", CLI_TEXT, offsetof(struct public, name), N_("NAME"),
     N_("print the key of a log or a witness of that name, in one line")},
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

/* Only keys that sign notes have that form. */
static int print_note_key(const struct key *key, const char *name, struct err *err)
{
    const struct key_config *row = key_config_of(key);
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    struct note_key note_key;
    const char *text;
    int rc;

    if (!key_config_is_of_notes(row))
        return FAIL(err, ERR_USAGE, "--name is for keys of roles checkpoint and cosignature");
    if (row->is == KEY_ROLE_CHECKPOINT && strcmp(name, row->origin) != 0)
        return FAIL(err, ERR_USAGE, "this key signs checkpoints of %s", row->origin);
    rc = note_key_of_spki(name, row->is == KEY_ROLE_CHECKPOINT ? NOTE_ED25519 : NOTE_COSIGNATURE,
                          key_spki(key), &note_key, err);
    if (rc == -ERR_INPUT)
        return FAIL(err, ERR_USAGE, "--name: 1 to %d letters without + and blanks", NOTE_NAME_MAX);
    TRY(rc);
    TRY(note_key_format(&note_key, &line, err));
    TRY(buf_text(&line, &text, err));
    printf("%s\n", text);
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
    return public->name != NULL ? print_note_key(key, public->name, err)
                                : print_pem(key_spki(key), err);
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
    .description = N_("print the public half of a key, in PEM or as a line"),
    .options = options,
    .size = sizeof(struct public),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
