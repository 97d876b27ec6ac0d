/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpkictl key rotate: a ceremony that brings a further generation of a CA. It is refused where
 * verifiers would not have the new certificate in time.
 */
#include "base/clock.h"
#include "base/i18n.h"
#include "ceremony/script.h"
#include "programs/exit.h"
#include "programs/jpkictl/commands.h"
#include "programs/jpkictl/key/ceremony.h"

struct options {
    struct ceremony_options ceremony; /* first: CEREMONY_OPTIONS */
    int64_t lead_days;
};

static const struct options defaults = {.lead_days = 30};

static const struct cli_option rows[] = {
    CEREMONY_OPTIONS,
    {0, "lead-days", CLI_INT, offsetof(struct options, lead_days), N_("DAYS"),
     N_("how long verifiers have the certificate before it issues: 30 if not given")},
    CLI_OPTIONS_END,
};

static int accepts(const struct script *script, const void *context, struct err *err)
{
    const struct options *options = context;

    return script_check_rotation(script, clock_now(&clock_system), options->lead_days, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    const struct options *options = parsed;
    struct err err = {0};

    (void)argc;
    return ceremony_hold(&options->ceremony, argv[0], accepts, options, &err) < 0 ? fail(&err)
                                                                                  : EXIT_CODE_DONE;
}

const struct cli_command command_key_rotate = {
    .path = "key rotate",
    .arguments = N_("SCRIPT"),
    .description = N_("hold the ceremony that brings a further generation of a CA"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
    .defaults = &defaults,
};
