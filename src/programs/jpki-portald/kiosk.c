/* SPDX-License-Identifier: Apache-2.0 */
/* Machines in shops that print certificates: kiosk add, list, revoke. */
#include "base/i18n.h"
#include "portal/kiosk/terminal.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/operate.h"
#include "programs/output.h"

#include <stdio.h>

static const struct cli_option list_options[] = {
    OPERATE_CONFIG,
    {'j', "json", CLI_FLAG, offsetof(struct operate, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int add(const struct operate *options, struct db *db, char *const argv[],
               const struct audit_origin *by, struct err *err)
{
    char key[KIOSK_KEY_SIZE];

    (void)options;
    TRY(kiosk_terminal_add(db, argv[0], argv[1], by, key, err));
    (void)puts(key);
    return 0;
}

static int renew(const struct operate *options, struct db *db, char *const argv[],
                 const struct audit_origin *by, struct err *err)
{
    char key[KIOSK_KEY_SIZE];

    (void)options;
    TRY(kiosk_terminal_renew(db, argv[0], by, key, err));
    (void)puts(key);
    return 0;
}

static int revoke(const struct operate *options, struct db *db, char *const argv[],
                  const struct audit_origin *by, struct err *err)
{
    (void)options;
    return kiosk_terminal_revoke(db, argv[0], by, err);
}

static int print(const struct json *terminals, struct err *err)
{
    for (size_t i = 0; i < json_count(terminals); i++) {
        const char *id, *name;

        TRY(json_get_text(json_at(terminals, i), "id", &id, err));
        TRY(json_get_text(json_at(terminals, i), "name", &name, err));
        (void)printf("%s  %s\n", id, name);
    }
    return 0;
}

static int list(const struct operate *options, struct db *db, char *const argv[],
                const struct audit_origin *by, struct err *err)
{
    CLEANUP(json_freep) struct json *terminals = NULL;
    CLEANUP(json_freep) struct json *body = NULL;

    (void)argv;
    (void)by;
    TRY(kiosk_terminal_list(db, &terminals, err));
    if (!options->json)
        return print(terminals, err);
    body = json_object_new();
    TRY(json_put(body, "terminals", json_steal(&terminals), err));
    return output_json(body, err);
}

static int add_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, add, argv);
}

static int list_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, list, argv);
}

static int renew_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, renew, argv);
}

static int revoke_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, revoke, argv);
}

const struct cli_command kiosk_add_command = {
    "kiosk add",
    "ID NAME",
    N_("let a machine print certificates; prints its key, once"),
    operate_options,
    sizeof(struct operate),
    2,
    2,
    add_run,
};

const struct cli_command kiosk_list_command = {
    "kiosk list",
    "",
    N_("list the machines that print certificates"),
    list_options,
    sizeof(struct operate),
    0,
    0,
    list_run,
};

const struct cli_command kiosk_renew_command = {
    "kiosk renew",
    "ID",
    N_("give a machine another key and print it, once"),
    operate_options,
    sizeof(struct operate),
    1,
    1,
    renew_run,
};

const struct cli_command kiosk_revoke_command = {
    "kiosk revoke",
    "ID",
    N_("have a machine's key be nobody's from now on"),
    operate_options,
    sizeof(struct operate),
    1,
    1,
    revoke_run,
};
