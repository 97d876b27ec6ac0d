/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/commands.h"
#include "programs/jpki/common.h"
#include "programs/keyset.h"

struct options {
    const char *out;
    int64_t bits;
};

static const struct cli_option rows[] = {
    {'o', "out", CLI_TEXT, offsetof(struct options, out), "FILE", N_("the key file to make")},
    {'b', "bits", CLI_INT, offsetof(struct options, bits), "BITS",
     N_("128, 192 or 256; 256 if not given")},
    CLI_OPTIONS_END,
};

static const struct options defaults = {.bits = 256};

static int free_keys(const struct options *options, struct err *err)
{
    CLEANUP(keyset_done) struct keyset keyset = KEYSET_INIT;

    if (options->out == NULL)
        return FAIL(err, ERR_USAGE, "--%s is needed", "out");
    if (options->bits != 128 && options->bits != 192 && options->bits != 256)
        return FAIL(err, ERR_USAGE, "keys have 128, 192 or 256 bits");
    TRY(keyset_make((size_t)options->bits / 8, &keyset, err));
    return keyset_write(options->out, &keyset, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc, (void)argv;
    return finish(free_keys(options, &err), false, &err);
}

const struct cli_command free_keys_command = {
    .path = "free keys",
    .arguments = "",
    .description = N_("make a file with new keys for an issuer or operator"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
