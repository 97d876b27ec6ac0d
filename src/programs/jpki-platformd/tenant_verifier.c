/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "platform/verification/verifier.h"
#include "programs/exit.h"
#include "programs/jpki-platformd/commands.h"
#include "programs/jpki-platformd/tenants.h"

struct tenant_verifier {
    const char *config;
    bool end;
};

static const struct cli_option tenant_verifier_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct tenant_verifier, config), "FILE",
     N_("the configuration file")},
    {0, "end", CLI_FLAG, offsetof(struct tenant_verifier, end), NULL, N_("it is one no more")},
    CLI_OPTIONS_END,
};

static int set(const struct tenant_verifier *options, const char *client_id, struct err *err)
{
    CLEANUP(tenants_done) struct tenants tenants;

    TRY(tenants_open(options->config, &tenants, err));
    return platform_set_verifier(tenants.store, client_id, !options->end, &tenants.by, err);
}

static int tenant_verifier_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return set(options, argv[0], &err) < 0 ? exit_report("jpki-platformd", &err) : EXIT_CODE_DONE;
}

const struct cli_command tenant_verifier_command = {
    "tenant verifier",
    "CLIENT_ID",
    N_("note that a provider is certified as a signature verifier itself"),
    tenant_verifier_options,
    sizeof(struct tenant_verifier),
    1,
    1,
    tenant_verifier_run,
};
