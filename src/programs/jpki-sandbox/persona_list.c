/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-sandbox/commands.h"

#include "base/i18n.h"
#include "base/share.h"
#include "programs/exit.h"
#include "programs/output.h"
#include "sandbox/persona.h"
#include "sandbox/state.h"

#include <stdio.h>
#include <string.h>

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

static int row_json(const struct persona *persona, const char *plugged, struct json **ret,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *row = json_object_new();

    TRY(json_put_text(row, "name", persona->name, err));
    TRY(json_put_text(row, "note", persona->note, err));
    TRY(json_put_text(row, "full_name", persona->full_name, err));
    TRY(json_put_text(row, "address", persona->address, err));
    TRY(json_put_text(row, "birth_date", persona->birth_date, err));
    TRY(json_put_text(row, "sex", persona->sex, err));
    TRY(json_put_text(row, "municipality", persona->municipality, err));
    TRY(json_put_text(row, "pin_auth", persona->pin_auth, err));
    TRY(json_put_text(row, "pin_sign", persona->pin_sign, err));
    TRY(json_put_bool(row, "plugged", strcmp(persona->name, plugged) == 0, err));
    *ret = row;
    row = NULL;
    return 0;
}

static int show_json(const struct personas *personas, const char *plugged, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    struct json *rows = json_array_new();

    TRY(json_put(object, "personas", rows, err));
    for (size_t i = 0; i < personas->count; i++) {
        struct json *row = NULL;

        TRY(row_json(&personas->list[i], plugged, &row, err));
        TRY(json_add(rows, row, err));
    }
    return output_json(object, err);
}

static void show_table(const struct personas *personas, const char *plugged)
{
    for (size_t i = 0; i < personas->count; i++) {
        const struct persona *persona = &personas->list[i];

        const char *where = strcmp(persona->name, plugged) == 0 ? tr("  (in the reader)") : "";

        printf("%-12s %s %-16s  %s%s\n", persona->name, persona->pin_auth, persona->pin_sign,
               persona->full_name, where);
        printf("%-12s %s\n", "", persona->note);
    }
}

static int show(const struct persona_list *list, struct err *err)
{
    CLEANUP(personas_done) struct personas personas = {0};
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(json_freep) struct json *state = NULL;
    CLEANUP(free_text) char *path = NULL;
    const char *plugged = "";

    TRY(layout_init(list->dir, &layout, err));
    TRY(share_path("openjpki/personas.json", &path, err));
    /* Also without a sandbox: then there are none but our own. */
    TRY(personas_load(path, &layout, &personas, err));
    if (state_read(&layout, &state, NULL) < 0 ||
        json_get_text(state, "plugged", &plugged, NULL) < 0)
        plugged = "";
    if (list->json)
        return show_json(&personas, plugged, err);
    show_table(&personas, plugged);
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
