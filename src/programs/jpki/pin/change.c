/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pin_change.h"

#include "programs/jpki/ask/pin.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/common.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    int64_t new_fd;
    const char *only;
};

static const struct cli_option rows[] = {
    {0, "new-pin-fd", CLI_INT, offsetof(struct options, new_fd), "N",
     N_("read the new PIN from this file descriptor instead of asking twice")},
    {0, "only", CLI_TEXT, offsetof(struct options, only), "APPLICATION",
     N_("of a PIN that is kept twice, change this one; for a change that was cut off")},
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS, .new_fd = -1};

static const enum icc_pin changeable[] = {ICC_PIN_AUTH, ICC_PIN_SIGN, ICC_PIN_TEXT, ICC_PIN_JUKI};

enum { CHANGEABLE = sizeof changeable / sizeof changeable[0] };

static int pin_named(const char *name, enum icc_pin *ret, struct err *err)
{
    for (size_t i = 0; i < CHANGEABLE; i++) {
        if (strcmp(name, icc_pin_name(changeable[i])) == 0) {
            *ret = changeable[i];
            return 0;
        }
    }
    return FAIL(err, ERR_USAGE,
                "'%s' is no PIN that can be changed; those are auth, sign, text, juki", name);
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

/* All places of a PIN, or the one of --only. */
static int find_places(enum icc_pin which, const char *only, struct icc_pin_places *ret,
                       struct err *err)
{
    const struct icc_pin_place *all;
    size_t count = icc_pin_places(which, &all);

    if (only == NULL) {
        *ret = (struct icc_pin_places){all, count};
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(only, icc_app_name(all[i].app)) == 0) {
            *ret = (struct icc_pin_places){&all[i], 1};
            return 0;
        }
    }
    return FAIL(err, ERR_USAGE, "the %s is not kept in the application '%s'",
                err_message(icc_pin_title(which)), only);
}

/* Before anybody types: none of the places may be locked, or be at its last try. */
static int check_places(struct icc *icc, enum icc_pin which, const struct icc_pin_places *places,
                        const struct pin_options *options, unsigned *ret_left, struct err *err)
{
    unsigned left = UINT_MAX;

    /* Of the one whose certificate may be missing, that is what is told. */
    if (which == ICC_PIN_SIGN)
        return pin_is_usable(icc, which, options, ret_left, err);
    for (size_t i = 0; i < places->count; i++) {
        unsigned here = 0;

        TRY(pin_is_usable_in(icc, which, places->list[i].app, options, &here, err));
        left = here < left ? here : left;
    }
    *ret_left = left;
    return 0;
}

static int change_all(struct icc *icc, const struct icc_pin_change *change,
                      const struct icc_pin_places *places, struct err *err)
{
    struct err why = {0};
    size_t done = 0;
    int rc = icc_pin_change_in(icc, change, places, &done, &why);

    if (rc < 0 && done > 0) /* in front, where a long reason does not cut it off */
        return FAIL_WITH(err, why.kind, why.detail, "go on with --only %s: %s",
                         icc_app_name(places->list[done].app), why.text);
    return rc < 0 ? err_copy(err, &why) : 0;
}

/* Both PINs are asked for before the card is kept from others. */
static int pin_change(const struct options *options, const char *name, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(secret_done) struct secret old = SECRET_INIT;
    CLEANUP(secret_done) struct secret replacement = SECRET_INIT;
    struct icc_pin_change change = {
        .old = &old, .replacement = &replacement, .may_use_last_try = options->pin.last_try};
    struct icc_pin_places places;
    unsigned left;

    TRY(pin_named(name, &change.which, err));
    TRY(find_places(change.which, options->only, &places, err));
    TRY(open_card(&options->card, &icc, err));
    TRY(check_places(icc, change.which, &places, &options->pin, &left, err));
    TRY(pin_ask(change.which, &options->pin, left, &old, err));
    TRY(pin_ask_new(change.which, &options->pin, options->new_fd, &replacement, err));
    TRY(change_all(icc, &change, &places, err));
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
