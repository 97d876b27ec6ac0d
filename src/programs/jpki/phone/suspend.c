/* SPDX-License-Identifier: Apache-2.0 */
/* jpki phone suspend: put the phone on hold that this card has enrolled, when it is lost. */
#include "base/caltime.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/phone/phone.h"

#include <stdio.h>

static const struct cli_option rows[] = {
    PHONE_OPTIONS,
    CLI_OPTIONS_END,
};

static int tell(const struct phone_options *options, const struct remote *remote, int64_t at,
                struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;
    char time[CALTIME_TEXT_SIZE];

    if (!options->card.json) {
        caltime_format(at, JST_OFFSET_SECONDS, time);
        printf(tr("The phone is on hold since %s.\n"), time);
        return 0;
    }
    caltime_format(at, 0, time);
    object = json_object_new();
    TRY(json_put_text(object, "authority", remote_origin(remote), err));
    TRY(json_put_text(object, "held_at", time, err));
    return output_json(object, err);
}

static int phone_suspend_with(const struct phone_options *options, struct err *err)
{
    CLEANUP(remote_freep) struct remote *remote = NULL;
    CLEANUP(phone_order_done) struct phone_order order = PHONE_ORDER_INIT;
    struct phone_wish wish = {.pin = NULL};
    int64_t at;

    TRY(phone_open_authority(options, &remote, err));
    TRY(phone_have_signed(options, remote,
                          tr("Putting your phone on hold: it neither signs nor logs in. Logging in "
                             "can be allowed again at the counter; to sign, enrol it again."),
                          &wish, &order, err));
    TRY(phone_suspend(remote, &order, &at, err));
    return tell(options, remote, at, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct phone_options *given = options;
    struct err err = {0};

    (void)argc, (void)argv;
    return finish(phone_suspend_with(given, &err), given->card.json, &err);
}

static const struct phone_options defaults = {.pin = PIN_DEFAULTS};

const struct cli_command phone_suspend_command = {
    .path = "phone suspend",
    .arguments = "",
    .description = N_("put the phone on hold that the card has enrolled"),
    .options = rows,
    .size = sizeof(struct phone_options),
    .run = run,
    .defaults = &defaults,
};
