/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's own: keys for its programs, and the first of its people. */
#include "base/i18n.h"
#include "platform/member/member.h"
#include "platform/operator/store.h"
#include "programs/exit.h"
#include "programs/jpki-platformd/commands.h"
#include "programs/jpki-platformd/tenants.h"

#include <stdio.h>

enum { DAY_SECONDS = 86400 };

struct operator
{
    const char *config, *name;
    int64_t days;
};

#define CONFIG                                                                                     \
    {                                                                                              \
        'c', "config", CLI_TEXT, offsetof(struct operator, config), "FILE",                        \
            N_("the configuration file")                                                           \
    }
static const struct cli_option add_key_options[] = {
    CONFIG,
    {0, "name", CLI_TEXT, offsetof(struct operator, name), "NAME", N_("who will have it")},
    {0, "days", CLI_INT, offsetof(struct operator, days), "N",
     N_("how long it is good for; else until it is revoked")},
    CLI_OPTIONS_END,
};
static const struct cli_option invite_options[] = {
    CONFIG,
    {0, "name", CLI_TEXT, offsetof(struct operator, name), "NAME", N_("who it is, for the others")},
    CLI_OPTIONS_END,
};
static const struct cli_option config_options[] = {CONFIG, CLI_OPTIONS_END};

static int add_key(const struct operator* options, const char *unused, struct err *err)
{
    CLEANUP(tenants_done) struct tenants tenants = {.store = NULL};
    struct operator_key_inputs inputs = {options->name, 0};
    char key[OPERATOR_KEY_SIZE];
    struct operator_key made;

    (void)unused;
    if (options->name == NULL)
        return FAIL(err, ERR_USAGE, "--name NAME is needed");
    TRY(tenants_open(options->config, &tenants, err));
    if (options->days > 0)
        inputs.expires_at = tenants.by.at + options->days * DAY_SECONDS;
    TRY(operator_add_key(tenants.store, &inputs, &tenants.by, key, &made, err));
    (void)puts(key);
    return 0;
}

static int revoke_key(const struct operator* options, const char *id, struct err *err)
{
    CLEANUP(tenants_done) struct tenants tenants = {.store = NULL};

    TRY(tenants_open(options->config, &tenants, err));
    return platform_revoke_operator_key(tenants.store, id, &tenants.by, err);
}

static int list(const struct operator* options, const char *unused, struct err *err)
{
    CLEANUP(tenants_done) struct tenants tenants = {.store = NULL};
    struct operator_key keys[OPERATOR_KEYS_MAX];
    unsigned count;

    (void)unused;
    TRY(tenants_open(options->config, &tenants, err));
    TRY(platform_list_operator_keys(tenants.store, keys, &count, err));
    for (unsigned i = 0; i < count; i++)
        (void)printf("%s\t%lld\t%s\n", keys[i].id, (long long)keys[i].expires_at, keys[i].name);
    return 0;
}

static int invite(const struct operator* options, const char *unused, struct err *err)
{
    CLEANUP(tenants_done) struct tenants tenants = {.store = NULL};
    const struct member_inputs inputs = {"", options->name, "operator"};
    char code[MEMBER_SECRET_SIZE];
    struct member made;

    (void)unused;
    if (options->name == NULL)
        return FAIL(err, ERR_USAGE, "--name NAME is needed");
    TRY(tenants_open(options->config, &tenants, err));
    TRY(member_invite(tenants.store, &inputs, &tenants.by, code, &made, err));
    (void)puts(code);
    return 0;
}

#define COMMAND(function, words, takes, text, table)                                               \
    static int function##_run(const void *options, int argc, char *const argv[])                   \
    {                                                                                              \
        struct err err = {0};                                                                      \
                                                                                                   \
        return function(options, argc == 0 ? NULL : argv[0], &err) < 0                             \
                   ? exit_report("jpki-platformd", &err)                                           \
                   : EXIT_CODE_DONE;                                                               \
    }                                                                                              \
    const struct cli_command operator_##function##_command = {                                     \
        .path = (words),                                                                           \
        .arguments = (takes) ? "KEY_ID" : "",                                                      \
        .description = (text),                                                                     \
        .options = (table),                                                                        \
        .size = sizeof(struct operator),                                                           \
        .min_arguments = (takes),                                                                  \
        .max_arguments = (takes),                                                                  \
        .run = function##_run,                                                                     \
    }

COMMAND(add_key, "operator add-key", 0, N_("give the operator a key and print it, once"),
        add_key_options);
COMMAND(revoke_key, "operator revoke-key", 1,
        N_("have a key of the operator be nobody's from now on"), config_options);
COMMAND(list, "operator list", 0, N_("list the operator's keys"), config_options);
COMMAND(invite, "operator invite", 0,
        N_("invite somebody to log in for the operator and print the code, once"), invite_options);
