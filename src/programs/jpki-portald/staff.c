/* SPDX-License-Identifier: Apache-2.0 */
/* People who work for municipalities in a browser: municipality invite, staff, dismiss. */
#include "portal/municipality/staff.h"
#include "base/i18n.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/operate.h"
#include "programs/output.h"

#include <stdio.h>

static const struct cli_option invite_options[] = {
    OPERATE_CONFIG,
    {0, "days", CLI_INT, offsetof(struct operate, days), N_("N"),
     N_("how many days it counts; 7 unless this is given")},
    CLI_OPTIONS_END,
};
static const struct operate invite_defaults = {.days = 7};

static const struct cli_option staff_options[] = {
    OPERATE_CONFIG,
    {'j', "json", CLI_FLAG, offsetof(struct operate, json), NULL, N_("print JSON")},
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

static int print(const struct json *staff, struct err *err)
{
    for (size_t i = 0; i < json_count(staff); i++) {
        const char *id, *name, *role;
        bool is_invited;

        TRY(json_get_text(json_at(staff, i), "id", &id, err));
        TRY(json_get_text(json_at(staff, i), "role", &role, err));
        TRY(json_get_text(json_at(staff, i), "name", &name, err));
        TRY(json_get_bool(json_at(staff, i), "is_invited", &is_invited, err));
        (void)printf("%s  %s  %s%s\n", id, role, name, is_invited ? tr("  (invited)") : "");
    }
    return 0;
}

static int list(const struct operate *options, struct db *db, char *const argv[],
                const struct audit_origin *by, struct err *err)
{
    CLEANUP(json_freep) struct json *staff = NULL;
    CLEANUP(json_freep) struct json *body = NULL;

    (void)by;
    TRY(municipality_staff_list(db, argv[0], &staff, err));
    if (!options->json)
        return print(staff, err);
    body = json_object_new();
    TRY(json_put(body, "staff", json_steal(&staff), err));
    return output_json(body, err);
}

static int invite_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, invite, argv);
}

static int dismiss_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, dismiss, argv);
}

static int list_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, list, argv);
}

const struct cli_command municipality_invite_command = {
    .path = "municipality invite",
    .arguments = "CODE ROLE NAME",
    .description = N_("invite somebody to be a municipality's clerk or editor; prints what he "
                      "enters when he has logged in, once"),
    .options = invite_options,
    .size = sizeof(struct operate),
    .min_arguments = 3,
    .max_arguments = 3,
    .run = invite_run,
    .defaults = &invite_defaults,
};

const struct cli_command municipality_staff_command = {
    .path = "municipality staff",
    .arguments = "CODE",
    .description = N_("list who works for a municipality in a browser"),
    .options = staff_options,
    .size = sizeof(struct operate),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = list_run,
};

const struct cli_command municipality_dismiss_command = {
    .path = "municipality dismiss",
    .arguments = "CODE ID",
    .description = N_("end that somebody works for a municipality, or an invitation"),
    .options = operate_options,
    .size = sizeof(struct operate),
    .min_arguments = 2,
    .max_arguments = 2,
    .run = dismiss_run,
};
