/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-softcard/commands.h"

#include "base/daemon.h"
#include "base/i18n.h"
#include "card/issue.h"
#include "card/store.h"
#include "programs/exit.h"
#include "programs/jpki-softcard/issuer_keys.h"
#include "programs/keyset.h"

struct options {
    const char *key_file, *issuer_key_file;
};

static const struct cli_option rows[] = {
    {'i', "issuer-key-file", CLI_TEXT, offsetof(struct options, issuer_key_file), N_("FILE"),
     N_("the keys, as jpki free keys makes them")},
    {'k', "key-file", CLI_TEXT, offsetof(struct options, key_file), N_("FILE"),
     N_("open the card with the key in FILE instead of CARD.key")},
    CLI_OPTIONS_END,
};

int issuer_keys_read(const char *path, struct gp_keys *ret, struct err *err)
{
    CLEANUP(keyset_done) struct keyset keyset = KEYSET_INIT;

    TRY(keyset_read(path, &keyset, err));
    return gp_keys_make(keyset.version, &keyset.enc, &keyset.mac, &keyset.dek, ret, err);
}

static int issuer_keys(const struct options *given, const char *path, struct err *err)
{
    const struct store_paths paths = {path, given->key_file};
    CLEANUP(gp_keys_done) struct gp_keys keys = {.version = 0};
    CLEANUP(card_freep) struct card *card = NULL;

    if (given->issuer_key_file == NULL)
        return FAIL(err, ERR_USAGE, "--issuer-key-file is needed: which keys shall the card have?");
    TRY(daemon_harden(err));
    TRY(issuer_keys_read(given->issuer_key_file, &keys, err));
    TRY(store_open(&paths, &card, err));
    return card_put_issuer_keys(card, &keys, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {.kind = ERR_NONE};

    (void)argc;
    return issuer_keys(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_issuer_keys = {
    .path = "issuer-keys",
    .arguments = "CARD",
    .description = N_("put the issuer's keys for the free area on a card that is not served"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
