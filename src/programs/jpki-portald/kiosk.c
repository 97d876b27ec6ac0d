/* SPDX-License-Identifier: Apache-2.0 */
/* Machines in shops that print certificates: kiosk add, list, revoke. */
#include "base/i18n.h"
#include "portal/kiosk/terminal.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/operate.h"

#include <stdio.h>

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

static int print(const struct json *terminal, struct err *err)
{
    const char *id, *name;

    TRY(json_get_text(terminal, "id", &id, err));
    TRY(json_get_text(terminal, "name", &name, err));
    (void)printf("%s  %s\n", id, name);
    return 0;
}

static const struct operate_list terminals = {
    .key = "terminals", .read = kiosk_terminal_list, .print = print};

const struct cli_command kiosk_add_command = OPERATE_ROW(
    "kiosk add", "ID NAME", N_("let a machine print certificates; prints its key, once"),
    operate_options, 2, 2, .act = add);

const struct cli_command kiosk_list_command = OPERATE_ROW(
    "kiosk list", "", N_("list the machines that print certificates"), operate_list_options, 0, 0,
    .list = &terminals);

const struct cli_command kiosk_renew_command = OPERATE_ROW(
    "kiosk renew", "ID", N_("give a machine another key and print it, once"), operate_options, 1, 1,
    .act = renew);

const struct cli_command kiosk_revoke_command = OPERATE_ROW(
    "kiosk revoke", "ID", N_("have a machine's key be nobody's from now on"), operate_options, 1, 1,
    .act = revoke);
