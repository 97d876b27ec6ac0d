/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-softcard/commands.h"

#include "base/i18n.h"
#include "card/options.h"

#include <stdio.h>

struct nothing {
    bool nothing;
};

static const struct cli_option options[] = {CLI_OPTIONS_END};

/* The usual value is the first. */
static void print_values(const struct card_option_row *row)
{
    if (row->words == NULL)
        printf("%u|%u-%u", row->usual, row->least, row->most);
    for (size_t i = 0; row->words != NULL && row->words[i] != NULL; i++)
        printf("%s%s", i == 0 ? "" : "|", row->words[i]);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    (void)parsed;
    (void)argc;
    (void)argv;
    for (unsigned i = 0; i < CARD_OPTIONS_; i++) {
        printf("%s=", card_option_rows[i].name);
        print_values(&card_option_rows[i]);
        printf("\n    %s\n", tr(card_option_rows[i].meaning));
    }
    return 0;
}

const struct cli_command command_options = {
    .path = "options",
    .arguments = "",
    .description = N_("list what --option can say, the usual value first"),
    .options = options,
    .size = sizeof(struct nothing),
    .run = run,
};
