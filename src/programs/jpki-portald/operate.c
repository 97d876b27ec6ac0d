/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-portald/operate.h"

#include "base/daemon.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/variant.h"

#include <unistd.h>

const struct cli_option operate_options[] = {OPERATE_CONFIG, CLI_OPTIONS_END};

static int run(const struct operate *options, operate_act *act, char *const argv[], struct err *err)
{
    CLEANUP(portald_config_done) struct portald_config config = {.database = NULL};
    CLEANUP(portal_store_closep) struct portal_store *store = NULL;
    struct operate own = *options;
    const struct clock *clock;
    struct audit_origin by;

    if (options->config == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    TRY(portald_config_read(options->config, &config, err));
    TRY(daemon_harden(err));
    TRY(variant_clock(&clock, err));
    by = audit_by_uid(clock_now(clock), getuid(), NULL);
    TRY(portal_store_open(config.database, &store, err));
    own.portald = &config;
    return act(&own, portal_store_db(store), argv, &by, err);
}

int operate(const void *options, operate_act *act, char *const argv[])
{
    struct err err = {0};

    return run(options, act, argv, &err) < 0 ? exit_report("jpki-portald", &err) : EXIT_CODE_DONE;
}
