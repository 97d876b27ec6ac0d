/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-sandbox/commands.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/output.h"
#include "sandbox/persona_list.h"

#include <stdio.h>

struct persona_list {
    const char *dir;
    bool json;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct persona_list, dir), N_("DIR"),
     N_("the sandbox's directory")},
    {'j', "json", CLI_FLAG, offsetof(struct persona_list, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int show_row(const struct json *row, struct err *err)
{
    const char *name = NULL;
    const char *note = NULL;
    const char *full_name = NULL;
    const char *kind = NULL;
    const char *pin_auth = NULL;
    const char *pin_sign = NULL;
    bool is_plugged = false;

    TRY(json_get_text(row, "name", &name, err));
    TRY(json_get_text(row, "note", &note, err));
    TRY(json_get_text(row, "full_name", &full_name, err));
    TRY(json_get_text(row, "kind", &kind, err));
    TRY(json_get_text(row, "pin_auth", &pin_auth, err));
    TRY(json_get_text(row, "pin_sign", &pin_sign, err));
    TRY(json_get_bool(row, "plugged", &is_plugged, err));
    printf("%-12s %s %-16s  %s%s\n", name, pin_auth, pin_sign, full_name,
           is_plugged ? tr("  (in the reader)") : "");
    printf("%-12s %s: %s\n", "", kind, note);
    return 0;
}

static int show(const struct persona_list *list, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(json_freep) struct json *object = NULL;
    const struct json *rows = NULL;

    TRY(layout_init(list->dir, &layout, err));
    TRY(persona_list_json(&layout, &object, err));
    if (list->json)
        return output_json(object, err);
    TRY(json_get_array(object, "personas", &rows, err));
    for (size_t i = 0; i < json_count(rows); i++)
        TRY(show_row(json_at(rows, i), err));
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return show(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_persona_list = {
    .path = "persona list",
    .arguments = "",
    .description = N_("list the people of the sandbox, with their PINs"),
    .options = options,
    .size = sizeof(struct persona_list),
    .run = run,
};
