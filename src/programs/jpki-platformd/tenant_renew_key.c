/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-platformd/commands.h"
#include "programs/jpki-platformd/tenants.h"

#include <stdio.h>

struct tenant_renew_key {
    const char *config;
};

static const struct cli_option tenant_renew_key_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct tenant_renew_key, config), "FILE",
     N_("the configuration file")},
    CLI_OPTIONS_END,
};

static int renew(const struct tenant_renew_key *options, const char *client_id, struct err *err)
{
    CLEANUP(tenants_done) struct tenants tenants = {.store = NULL};
    char key[TENANT_KEY_SIZE];

    TRY(tenants_open(options->config, &tenants, err));
    TRY(tenant_renew_key(tenants.store, client_id, &tenants.by, key, err));
    (void)puts(key);
    return 0;
}

static int tenant_renew_key_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return renew(options, argv[0], &err) < 0 ? exit_report("jpki-platformd", &err) : EXIT_CODE_DONE;
}

const struct cli_command tenant_renew_key_command = {
    "tenant renew-key",
    "CLIENT_ID",
    N_("give a provider another key in the place of a lost one and print it, once"),
    tenant_renew_key_options,
    sizeof(struct tenant_renew_key),
    1,
    1,
    tenant_renew_key_run,
};
