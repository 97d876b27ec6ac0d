/* SPDX-License-Identifier: Apache-2.0 */
#include "base/daemon.h"
#include "base/i18n.h"
#include "platform/tenant/tenant.h"
#include "programs/exit.h"
#include "programs/jpki-platformd/commands.h"
#include "programs/jpki-platformd/config.h"
#include "programs/variant.h"

#include <stdio.h>
#include <unistd.h>

struct tenant_add {
    const char *config, *name, *origin;
};

static const struct cli_option tenant_add_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct tenant_add, config), "FILE",
     N_("the configuration file")},
    {0, "name", CLI_TEXT, offsetof(struct tenant_add, name), "NAME",
     N_("the provider's name, as people read it before they give their PIN")},
    {0, "origin", CLI_TEXT, offsetof(struct tenant_add, origin), "ORIGIN",
     N_("where the provider is: https://HOST[:PORT]")},
    CLI_OPTIONS_END,
};

static int add(const struct tenant_add *options, const char *client_id, struct err *err)
{
    CLEANUP(platformd_config_done) struct platformd_config config = {.database = NULL};
    CLEANUP(platform_store_closep) struct platform_store *store = NULL;
    const struct tenant_inputs inputs = {client_id, options->name, options->origin};
    const struct clock *clock;
    struct audit_origin by;
    char key[TENANT_KEY_SIZE];

    if (options->config == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    if (options->name == NULL || options->origin == NULL)
        return FAIL(err, ERR_USAGE, "--name NAME and --origin ORIGIN are needed");
    TRY(platformd_config_read(options->config, &config, err));
    TRY(daemon_harden(err));
    TRY(variant_clock(&clock, err));
    by = audit_by_uid(clock_now(clock), getuid(), NULL);
    TRY(platform_store_open(config.database, &store, err));
    TRY(tenant_add(store, &inputs, &by, key, err));
    (void)puts(key);
    return 0;
}

static int tenant_add_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return add(options, argv[0], &err) < 0 ? exit_report("jpki-platformd", &err) : EXIT_CODE_DONE;
}

const struct cli_command tenant_add_command = {
    "tenant add",
    "CLIENT_ID",
    N_("register a provider and print its key, once"),
    tenant_add_options,
    sizeof(struct tenant_add),
    1,
    1,
    tenant_add_run,
};
