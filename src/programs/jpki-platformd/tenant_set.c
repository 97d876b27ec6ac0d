/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-platformd/commands.h"
#include "programs/jpki-platformd/tenants.h"

#include <stdio.h>
#include <string.h>

struct tenant_set {
    const char *config, *environment, *rate, *quota, *sources;
};

static const struct cli_option tenant_set_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct tenant_set, config), "FILE",
     N_("the configuration file")},
    {0, "environment", CLI_TEXT, offsetof(struct tenant_set, environment), "live|test",
     N_("what it is for")},
    {0, "rate", CLI_TEXT, offsetof(struct tenant_set, rate), "N",
     N_("requests a second at most; 0: as usual")},
    {0, "quota", CLI_TEXT, offsetof(struct tenant_set, quota), "N",
     N_("judgements a month at most; 0: any number")},
    {0, "sources", CLI_TEXT, offsetof(struct tenant_set, sources), "LIST",
     N_("addresses it asks from, with blanks between; \"\": any")},
    CLI_OPTIONS_END,
};

/* Up to nine digits and a thousand million; the rest of the rules is checked with all of them. */
static int read_number(const char *text, int64_t *ret, struct err *err)
{
    int64_t number = 0;

    if (text == NULL)
        return 0;
    if (*text == '\0' || strlen(text) > 10)
        return FAIL(err, ERR_USAGE, "rate and quota are numbers");
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return FAIL(err, ERR_USAGE, "rate and quota are numbers");
        number = number * 10 + (*text - '0');
    }
    *ret = number;
    return 0;
}

static int read_environment(const char *text, enum tenant_environment *ret, struct err *err)
{
    if (text == NULL)
        return 0;
    for (unsigned i = 0; i < ENVIRONMENTS_; i++) {
        if (strcmp(tenant_environments[i], text) == 0) {
            *ret = (enum tenant_environment)i;
            return 0;
        }
    }
    return FAIL(err, ERR_USAGE, "an environment is live or test");
}

static int set(const struct tenant_set *options, const char *client_id, struct err *err)
{
    CLEANUP(tenants_done) struct tenants tenants = {.store = NULL};
    struct tenant tenant;
    struct tenant_rules *rules = &tenant.rules;

    TRY(tenants_open(options->config, &tenants, err));
    TRY(platform_get_tenant(tenants.store, client_id, &tenant, err));
    TRY(read_environment(options->environment, &rules->environment, err));
    TRY(read_number(options->rate, &rules->rate, err));
    TRY(read_number(options->quota, &rules->quota, err));
    if (options->sources != NULL && strlen(options->sources) > TENANT_SOURCES_MAX)
        return FAIL(err, ERR_INPUT, "a list of sources has at most %d bytes", TENANT_SOURCES_MAX);
    if (options->sources != NULL)
        (void)snprintf(rules->sources, sizeof rules->sources, "%s", options->sources);
    TRY(tenant_rules_check(rules, err));
    return platform_set_tenant_rules(tenants.store, client_id, rules, &tenants.by, err);
}

static int tenant_set_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return set(options, argv[0], &err) < 0 ? exit_report("jpki-platformd", &err) : EXIT_CODE_DONE;
}

const struct cli_command tenant_set_command = {
    "tenant set",
    "CLIENT_ID",
    N_("set what a provider may use, and from where"),
    tenant_set_options,
    sizeof(struct tenant_set),
    1,
    1,
    tenant_set_run,
};
