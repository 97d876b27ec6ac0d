/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/commands.h"
#include "programs/jpki/common.h"
#include "programs/jpki/pin/rows.h"

struct options {
    struct card_options card;
};

static const struct cli_option rows[] = {
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static int pin_status(const struct options *options, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(json_freep) struct json *object = NULL;
    struct pin_rows pins;

    TRY(open_card(&options->card, &icc, err));
    TRY(pin_rows_read(icc, &pins, err));
    if (!options->card.json) {
        print_pins(&pins);
        return 0;
    }
    object = json_object_new();
    TRY(json_put_text(object, "reader", icc_reader_name(icc), err));
    TRY(put_pins(object, &pins, err));
    return output_json(object, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc, (void)argv;
    return finish(pin_status(given, &err), given->card.json, &err);
}

const struct cli_command pin_status_command = {
    .path = "pin status",
    .arguments = "",
    .description = N_("tell how many tries the PINs have left; costs none"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
