/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-platformd/commands.h"
#include "programs/jpki-platformd/tenants.h"

#include <stdio.h>

struct tenant_list {
    const char *config;
};

static const struct cli_option tenant_list_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct tenant_list, config), "FILE",
     N_("the configuration file")},
    CLI_OPTIONS_END,
};

static int show_keys(struct platform_store *store, const char *client_id, struct err *err)
{
    struct tenant_key keys[TENANT_KEYS_MAX];
    unsigned count;

    TRY(platform_list_tenant_keys(store, client_id, keys, &count, err));
    for (unsigned i = 0; i < count; i++)
        (void)printf("  %s\t%s\t%lld\t%lld\t%s\n", keys[i].id, tenant_roles[keys[i].role],
                     (long long)keys[i].expires_at, (long long)keys[i].used_at, keys[i].name);
    return 0;
}

static int show(const struct tenants *tenants, const char *client_id, struct err *err)
{
    struct tenant tenant;
    int64_t used;

    TRY(platform_get_tenant(tenants->store, client_id, &tenant, err));
    TRY(platform_count_usage(tenants->store, client_id, tenants->by.at, &used, err));
    (void)printf("%s\t%s\t%lld\t%lld\t%lld\t%s\t%s\t%s\n", client_id,
                 tenant_environments[tenant.rules.environment], (long long)tenant.rules.rate,
                 (long long)tenant.rules.quota, (long long)used, tenant.origin, tenant.name,
                 tenant.rules.sources);
    return show_keys(tenants->store, client_id, err);
}

static int list(const struct tenant_list *options, struct err *err)
{
    CLEANUP(tenants_done) struct tenants tenants = {.store = NULL};
    CLEANUP(json_freep) struct json *ids = NULL;

    TRY(tenants_open(options->config, &tenants, err));
    TRY(platform_list_tenants(tenants.store, &ids, err));
    for (size_t i = 0; i < json_count(ids); i++)
        TRY(show(&tenants, json_text(json_at(ids, i)), err));
    return 0;
}

static int tenant_list_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return list(options, &err) < 0 ? exit_report("jpki-platformd", &err) : EXIT_CODE_DONE;
}

const struct cli_command tenant_list_command = {
    "tenant list",
    "",
    N_("list providers, what they may use and used, and their keys"),
    tenant_list_options,
    sizeof(struct tenant_list),
    0,
    0,
    tenant_list_run,
};
