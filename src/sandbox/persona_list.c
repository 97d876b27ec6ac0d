/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/persona_list.h"

#include "base/share.h"
#include "sandbox/persona.h"
#include "sandbox/state.h"

#include <string.h>

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
    TRY(json_put_text(row, "kind", persona->kind, err));
    TRY(json_put_text(row, "pin_auth", persona->pin_auth, err));
    TRY(json_put_text(row, "pin_sign", persona->pin_sign, err));
    TRY(json_put_bool(row, "plugged", strcmp(persona->name, plugged) == 0, err));
    *ret = json_steal(&row);
    return 0;
}

static int rows_json(const struct personas *personas, const char *plugged, struct json **ret,
                     struct err *err)
{
    CLEANUP(json_freep) struct json *rows = json_array_new();

    for (size_t i = 0; i < personas->count; i++) {
        struct json *row = NULL;

        TRY(row_json(&personas->list[i], plugged, &row, err));
        TRY(json_add(rows, row, err));
    }
    *ret = json_steal(&rows);
    return 0;
}

int persona_list_json(const struct layout *layout, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(personas_done) struct personas personas = {0};
    CLEANUP(json_freep) struct json *state = NULL;
    CLEANUP(free_text) char *path = NULL;
    const char *plugged = "";
    struct json *rows = NULL;

    TRY(share_path("openjpki/personas.json", &path, err));
    TRY(personas_load(path, layout, &personas, err));
    if (state_read(layout, &state, NULL) < 0 || json_get_text(state, "plugged", &plugged, NULL) < 0)
        plugged = "";
    TRY(rows_json(&personas, plugged, &rows, err));
    TRY(json_put(object, "personas", rows, err));
    *ret = json_steal(&object);
    return 0;
}
