/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pin.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/common.h"

#include <stdio.h>

struct options {
    struct card_options card;
};

static const struct cli_option rows[] = {
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

enum { PINS = 2 };
static const enum icc_pin pins[PINS] = {ICC_PIN_AUTH, ICC_PIN_SIGN};

struct status {
    bool is_there; /* a card without a sign certificate has no password for it */
    unsigned left;
};

static int read_status(struct icc *icc, enum icc_pin which, const struct icc_presence *presence,
                       struct status *ret, struct err *err)
{
    struct err why = {0};
    int rc;

    ret->is_there = which != ICC_PIN_SIGN || !presence->is_told || presence->sign;
    if (!ret->is_there)
        return 0;
    rc = icc_pin_tries(icc, which, &ret->left, &why);
    ret->is_there = rc == 0;
    return rc == 0 || icc_is_missing(&why) ? 0 : err_copy(err, &why);
}

static int add_json(struct json *array, enum icc_pin which, const struct status *status,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *pin = json_object_new();
    struct json *taken;

    TRY(json_put_text(pin, "name", icc_pin_name(which), err));
    if (status->is_there)
        TRY(json_put_int(pin, "tries_left", status->left, err));
    else
        TRY(json_put_null(pin, "tries_left", err));
    TRY(json_put_int(pin, "tries_max", icc_pin_tries_max(which), err));
    TRY(json_put_bool(pin, "locked", status->is_there && status->left == 0, err));
    taken = pin;
    pin = NULL;
    return json_add(array, taken, err);
}

static int show_json(const struct icc *icc, const struct status status[], struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *array = json_array_new();
    struct json *taken;

    TRY(json_put_text(object, "reader", icc_reader_name(icc), err));
    for (int i = 0; i < PINS; i++)
        TRY(add_json(array, pins[i], &status[i], err));
    taken = array;
    array = NULL;
    TRY(json_put(object, "pins", taken, err));
    return output_json(object, err);
}

static void show(enum icc_pin which, const struct status *status)
{
    struct err locked;

    if (!status->is_there)
        print_field(tr(icc_pin_title(which)), tr("not on this card"));
    else if (status->left > 0)
        printf(tr("%s: %u of %u tries left\n"), tr(icc_pin_title(which)), status->left,
               icc_pin_tries_max(which));
    else if (icc_pin_fail_locked(&locked, which) < 0)
        printf("%s%s%s\n", colour_on(COLOUR_BAD), locked.text, colour_off());
}

static int pin_status(const struct options *options, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    struct icc_presence presence;
    struct status status[PINS];

    TRY(open_card(&options->card, &icc, err));
    TRY(icc_read_presence(icc, &presence, err));
    for (int i = 0; i < PINS; i++)
        TRY(read_status(icc, pins[i], &presence, &status[i], err));
    if (options->card.json)
        return show_json(icc, status, err);
    for (int i = 0; i < PINS; i++)
        show(pins[i], &status[i]);
    return 0;
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
