/* SPDX-License-Identifier: Apache-2.0 */
/* Further keys of a provider, and their end. */
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-platformd/commands.h"
#include "programs/jpki-platformd/tenants.h"

#include <stdio.h>

enum { DAY_SECONDS = 86400 };

struct tenant_add_key {
    const char *config, *name, *role;
    int64_t days;
};

static const struct cli_option tenant_add_key_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct tenant_add_key, config), "FILE",
     N_("the configuration file")},
    {0, "name", CLI_TEXT, offsetof(struct tenant_add_key, name), "NAME", N_("who will have it")},
    {0, "role", CLI_TEXT, offsetof(struct tenant_add_key, role), "ROLE",
     N_("owner, developer, auditor or billing")},
    {0, "days", CLI_INT, offsetof(struct tenant_add_key, days), "N",
     N_("how long it is good for; else until it is revoked")},
    CLI_OPTIONS_END,
};

static int add_key(const struct tenant_add_key *options, const char *client_id, struct err *err)
{
    CLEANUP(tenants_done) struct tenants tenants = {.store = NULL};
    struct key_inputs inputs = {client_id, options->name, options->role, 0};
    char key[TENANT_KEY_SIZE];
    struct tenant_key made;

    if (options->name == NULL || options->role == NULL)
        return FAIL(err, ERR_USAGE, "--name NAME and --role ROLE are needed");
    TRY(tenants_open(options->config, &tenants, err));
    if (options->days > 0)
        inputs.expires_at = tenants.by.at + options->days * DAY_SECONDS;
    TRY(tenant_add_key(tenants.store, &inputs, &tenants.by, key, &made, err));
    (void)puts(key);
    return 0;
}

static int tenant_add_key_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return add_key(options, argv[0], &err) < 0 ? exit_report("jpki-platformd", &err)
                                               : EXIT_CODE_DONE;
}

const struct cli_command tenant_add_key_command = {
    "tenant add-key",
    "CLIENT_ID",
    N_("give a provider a further key and print it, once"),
    tenant_add_key_options,
    sizeof(struct tenant_add_key),
    1,
    1,
    tenant_add_key_run,
};

struct tenant_revoke_key {
    const char *config;
};

static const struct cli_option tenant_revoke_key_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct tenant_revoke_key, config), "FILE",
     N_("the configuration file")},
    CLI_OPTIONS_END,
};

static int revoke_key(const struct tenant_revoke_key *options, const char *client_id,
                      const char *id, struct err *err)
{
    CLEANUP(tenants_done) struct tenants tenants = {.store = NULL};

    TRY(tenants_open(options->config, &tenants, err));
    return platform_revoke_tenant_key(tenants.store, client_id, id, &tenants.by, err);
}

static int tenant_revoke_key_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return revoke_key(options, argv[0], argv[1], &err) < 0 ? exit_report("jpki-platformd", &err)
                                                           : EXIT_CODE_DONE;
}

const struct cli_command tenant_revoke_key_command = {
    "tenant revoke-key",
    "CLIENT_ID KEY_ID",
    N_("have a key of a provider be nobody's from now on"),
    tenant_revoke_key_options,
    sizeof(struct tenant_revoke_key),
    2,
    2,
    tenant_revoke_key_run,
};
