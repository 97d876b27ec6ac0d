/* SPDX-License-Identifier: Apache-2.0 */
/* People who work for municipalities in a browser: municipality invite, staff, dismiss. */
#include "portal/municipality/staff.h"
#include "base/i18n.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/operate.h"

#include <stdio.h>

static const struct cli_option invite_options[] = {
    OPERATE_CONFIG,
    {0, "days", CLI_INT, offsetof(struct operate, days), N_("N"),
     N_("how many days it counts; 7 unless this is given")},
    CLI_OPTIONS_END,
};

static int invite(const struct operate *options, struct db *db, char *const argv[],
                  const struct audit_origin *by, struct err *err)
{
    const struct municipality_invitation invitation = {argv[0], argv[2], argv[1], options->days};
    char text[MUNICIPALITY_INVITATION_SIZE];

    TRY(municipality_invite(db, &invitation, by, text, err));
    (void)puts(text);
    return 0;
}

static int dismiss(const struct operate *options, struct db *db, char *const argv[],
                   const struct audit_origin *by, struct err *err)
{
    (void)options;
    return municipality_dismiss(db, argv[0], argv[1], by, err);
}

static int print(const struct json *one, struct err *err)
{
    const char *id, *name, *role;
    bool is_invited;

    TRY(json_get_text(one, "id", &id, err));
    TRY(json_get_text(one, "role", &role, err));
    TRY(json_get_text(one, "name", &name, err));
    TRY(json_get_bool(one, "is_invited", &is_invited, err));
    (void)printf("%s  %s  %s%s\n", id, role, name, is_invited ? tr("  (invited)") : "");
    return 0;
}

static const struct operate_list staff = {
    .key = "staff", .read_of = municipality_staff_list, .print = print};

const struct cli_command municipality_invite_command = OPERATE_ROW(
    "municipality invite", "CODE ROLE NAME",
    N_("invite somebody to be a municipality's clerk or editor; prints what he "
       "enters when he has logged in, once"),
    invite_options, 3, 3, .act = invite, .days = 7);

const struct cli_command municipality_staff_command = OPERATE_ROW(
    "municipality staff", "CODE", N_("list who works for a municipality in a browser"),
    operate_list_options, 1, 1, .list = &staff);

const struct cli_command municipality_dismiss_command = OPERATE_ROW(
    "municipality dismiss", "CODE ID",
    N_("end that somebody works for a municipality, or an invitation"), operate_options, 2, 2,
    .act = dismiss);
