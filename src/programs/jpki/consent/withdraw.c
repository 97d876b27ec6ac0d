/* SPDX-License-Identifier: Apache-2.0 */
/* jpki consent withdraw: nothing more is told to a service from now on. */
#include "programs/jpki/consent/ask.h"

#include "base/caltime.h"
#include "programs/jpki/commands.h"

#include <stdio.h>

static const struct cli_option rows[] = {
    {'y', "yes", CLI_FLAG, offsetof(struct consent_options, yes), NULL,
     N_("do not ask whether it may be withdrawn")},
    CONSENT_OPTIONS,
    CLI_OPTIONS_END,
};

static const struct consent_options defaults = {.pin = PIN_DEFAULTS};

static int agree(const struct consent_options *options, struct err *err)
{
    bool is_meant = options->yes;

    (void)fprintf(stderr, "%s\n",
                  tr("Withdrawing the consent: from now on the service gets no newer attributes. "
                     "Another consent can be given to the service only."));
    if (!is_meant)
        TRY(confirm(tr("Withdraw it?"), &is_meant, err));
    return is_meant ? 0 : FAIL(err, ERR_DENIED, "not withdrawn: you did not agree");
}

static int withdraw(const struct consent_options *options, const char *id, struct err *err)
{
    CLEANUP(json_freep) struct json *answer = NULL;
    char time[CALTIME_TEXT_SIZE];
    int64_t at;

    TRY(agree(options, err));
    TRY(consent_ask(options, id, &answer, err));
    if (options->card.json)
        return output_json(answer, err);
    TRY(json_get_int(answer, "withdrawn_at", &at, err));
    caltime_format(at, JST_OFFSET_SECONDS, time);
    printf(tr("Withdrawn since %s\n"), time);
    return 0;
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct consent_options *given = options;
    struct err err = {0};

    (void)argc;
    return finish(withdraw(given, argv[0], &err), given->card.json, &err);
}

const struct cli_command consent_withdraw_command = {
    .path = "consent withdraw",
    .arguments = "ID",
    .description = N_("withdraw a consent: the service gets no newer attributes"),
    .options = rows,
    .size = sizeof(struct consent_options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
    .defaults = &defaults,
};
