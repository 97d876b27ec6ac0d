/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-platformd/commands.h"
#include "programs/jpki-platformd/tenants.h"

#include <stdio.h>

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
    CLEANUP(tenants_done) struct tenants tenants = {.store = NULL};
    const struct tenant_inputs inputs = {client_id, options->name, options->origin};
    char key[TENANT_KEY_SIZE];

    if (options->name == NULL || options->origin == NULL)
        return FAIL(err, ERR_USAGE, "--name NAME and --origin ORIGIN are needed");
    TRY(tenants_open(options->config, &tenants, err));
    TRY(tenant_add(tenants.store, &inputs, &tenants.by, key, err));
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
