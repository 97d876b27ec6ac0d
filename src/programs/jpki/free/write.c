/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/commands.h"
#include "programs/jpki/files.h"
#include "programs/jpki/free/area.h"

#include "base/file.h"

#include <unistd.h>

struct options {
    struct card_options card;
    const char *issuer_key_file, *in;
};

static const struct cli_option rows[] = {
    ISSUER_OPTION(struct options),
    {'n', "in", CLI_TEXT, offsetof(struct options, in), "FILE",
     N_("the new contents; standard input if not given")},
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static int free_write(const struct options *options, const char *area, struct err *err)
{
    CLEANUP(icc_keys_done) struct icc_keys issuer = ICC_KEYS_INIT;
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(buf_done) struct buf contents = BUF_INIT;
    struct icc_aid aid;

    TRY(icc_area_named(area, &aid, err));
    TRY(free_issuer_keys(options->issuer_key_file, &issuer, err));
    if (options->in == NULL)
        TRY(file_read_fd(STDIN_FILENO, FREE_CONTENTS_MAX, &contents, err));
    else
        TRY(input_read(options->in, FREE_CONTENTS_MAX, &contents, err));
    TRY(open_card(&options->card, &icc, err));
    TRY(icc_free_write(icc, &aid, &issuer, buf_bytes(&contents), err));
    return free_tell(&aid, area, options->card.json, N_("Area written"), err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    return finish(free_write(given, argv[0], &err), given->card.json, &err);
}

const struct cli_command free_write_command = {
    .path = "free write",
    .arguments = "AREA",
    .description = N_("replace what an operator has on the card, as the issuer"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
