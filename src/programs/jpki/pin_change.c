/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pin_change.h"

#include "programs/jpki/commands.h"
#include "programs/jpki/common.h"
#include "programs/jpki/pin.h"

#include <stdio.h>
#include <string.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    int64_t new_fd;
};

static const struct cli_option rows[] = {
    {0, "new-pin-fd", CLI_INT, offsetof(struct options, new_fd), "N",
     N_("read the new PIN from this file descriptor instead of asking twice")},
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS, .new_fd = -1};

static const enum icc_pin changeable[] = {ICC_PIN_AUTH, ICC_PIN_SIGN};

enum { CHANGEABLE = sizeof changeable / sizeof changeable[0] };

static int pin_named(const char *name, enum icc_pin *ret, struct err *err)
{
    for (size_t i = 0; i < CHANGEABLE; i++) {
        if (strcmp(name, icc_pin_name(changeable[i])) == 0) {
            *ret = changeable[i];
            return 0;
        }
    }
    return FAIL(err, ERR_USAGE, "'%s' is no PIN that can be changed: auth, sign", name);
}

static int tell(const struct options *options, enum icc_pin which, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    if (!options->card.json) {
        printf(tr("Changed: %s\n"), tr(icc_pin_title(which)));
        return 0;
    }
    object = json_object_new();
    TRY(json_put_text(object, "name", icc_pin_name(which), err));
    TRY(json_put_bool(object, "changed", true, err));
    return output_json(object, err);
}

/* Both PINs are asked for before the card is kept from others. */
static int pin_change(const struct options *options, const char *name, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(secret_done) struct secret old = SECRET_INIT;
    CLEANUP(secret_done) struct secret replacement = SECRET_INIT;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    struct icc_pin_change change = {
        .old = &old, .replacement = &replacement, .may_use_last_try = options->pin.last_try};
    unsigned left;

    TRY(pin_named(name, &change.which, err));
    TRY(open_card(&options->card, &icc, err));
    TRY(pin_is_usable(icc, change.which, &options->pin, &left, err));
    TRY(pin_ask(change.which, &options->pin, left, &old, err));
    TRY(pin_ask_new(change.which, &options->pin, options->new_fd, &replacement, err));
    TRY(icc_begin(icc, &txn, err));
    TRY(icc_pin_change(icc, &change, err));
    icc_end(&txn);
    return tell(options, change.which, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    return finish(pin_change(given, argv[0], &err), given->card.json, &err);
}

const struct cli_command pin_change_command = {
    .path = "pin change",
    .arguments = "PIN",
    .description = N_("change a PIN; costs a try if the old one is wrong"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
    .defaults = &defaults,
};
