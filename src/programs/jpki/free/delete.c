/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/commands.h"
#include "programs/jpki/free/area.h"

struct options {
    struct card_options card;
    const char *issuer_key_file;
};

static const struct cli_option rows[] = {
    ISSUER_OPTION(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static int free_delete(const struct options *options, const char *area, struct err *err)
{
    CLEANUP(icc_keys_done) struct icc_keys issuer = ICC_KEYS_INIT;
    CLEANUP(icc_freep) struct icc *icc = NULL;
    struct icc_aid aid;

    TRY(icc_area_named(area, &aid, err));
    TRY(free_issuer_keys(options->issuer_key_file, &issuer, err));
    TRY(open_card(&options->card, &icc, err));
    TRY(icc_free_delete(icc, &issuer, &aid, err));
    return free_tell(&aid, area, options->card.json, N_("Area removed"), err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    return finish(free_delete(given, argv[0], &err), given->card.json, &err);
}

const struct cli_command free_delete_command = {
    .path = "free delete",
    .arguments = "AREA",
    .description = N_("remove an operator's area with what is in it, as the issuer"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
