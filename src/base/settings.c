/* SPDX-License-Identifier: Apache-2.0 */
#include "base/settings.h"

#include "base/json.h"

#include <inttypes.h>
#include <string.h>

static const char *const types[] = {
    [CONF_TEXT] = "text",
    [CONF_PATH] = "path",
    [CONF_INT] = "number",
    [CONF_FLAG] = "yes or no",
    [CONF_TEXTS] = "text, once or more",
    [CONF_PATHS] = "path, once or more",
};

static bool is_reloaded(const struct program_settings *settings, const struct conf_key *row)
{
    const char *const *key = settings->reloaded;

    while (key != NULL && *key != NULL && strcmp(*key, row->key) != 0)
        key++;
    return key != NULL && *key != NULL;
}

static int append_otherwise(const char *otherwise, struct buf *out, struct err *err)
{
    if (otherwise == NULL)
        return buf_append_text(out, "required", err);
    if (otherwise[0] == '\0')
        return buf_append_text(out, "not set by default", err);
    return buf_append_format(out, err, "default %s", otherwise);
}

static int append_key(const struct program_settings *settings, const struct conf_key *row,
                      struct buf *out, struct err *err)
{
    TRY(buf_append_format(out, err, "[%s] %s: %s, ", row->section, row->key, types[row->type]));
    if (row->type == CONF_INT)
        TRY(buf_append_format(out, err, "%" PRId64 " to %" PRId64 ", ", row->min, row->max));
    TRY(append_otherwise(row->otherwise, out, err));
    return buf_append_format(out, err, "%s\n    %s\n",
                             is_reloaded(settings, row) ? ", read again by SIGHUP" : "",
                             row->description);
}

int settings_text(const struct program_settings *settings, struct buf *ret, struct err *err)
{
    const struct settings_variable *variable = settings->variables;
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    for (size_t i = 0; settings->tables != NULL && settings->tables[i] != NULL; i++)
        for (const struct conf_key *row = settings->tables[i]; row->key != NULL; row++)
            TRY(append_key(settings, row, &out, err));
    for (; variable != NULL && variable->name != NULL; variable++) {
        TRY(buf_append_format(&out, err, "$%s: ", variable->name));
        TRY(append_otherwise(variable->otherwise, &out, err));
        TRY(buf_append_format(&out, err, "\n    %s\n", variable->description));
    }
    buf_move(ret, &out);
    return 0;
}

static int add_key(const struct program_settings *settings, const struct conf_key *row,
                   struct json *keys, struct err *err)
{
    CLEANUP(json_freep) struct json *key = json_object_new();

    TRY(json_put_text(key, "section", row->section, err));
    TRY(json_put_text(key, "key", row->key, err));
    TRY(json_put_text(key, "type", types[row->type], err));
    if (row->type == CONF_INT) {
        TRY(json_put_int(key, "min", row->min, err));
        TRY(json_put_int(key, "max", row->max, err));
    }
    TRY(json_put_optional(key, "default", row->otherwise, err));
    TRY(json_put_bool(key, "required", row->otherwise == NULL, err));
    TRY(json_put_bool(key, "reloaded", is_reloaded(settings, row), err));
    TRY(json_put_text(key, "description", row->description, err));
    return json_add(keys, json_steal(&key), err);
}

static int add_variables(const struct settings_variable *row, struct json *variables,
                         struct err *err)
{
    for (; row != NULL && row->name != NULL; row++) {
        CLEANUP(json_freep) struct json *variable = json_object_new();

        TRY(json_put_text(variable, "name", row->name, err));
        TRY(json_put_text(variable, "default", row->otherwise, err));
        TRY(json_put_text(variable, "description", row->description, err));
        TRY(json_add(variables, json_steal(&variable), err));
    }
    return 0;
}

int settings_json(const struct program_settings *settings, const char *program, struct buf *ret,
                  struct err *err)
{
    CLEANUP(json_freep) struct json *all = json_object_new();
    CLEANUP(json_freep) struct json *keys = json_array_new();
    CLEANUP(json_freep) struct json *variables = json_array_new();

    for (size_t i = 0; settings->tables != NULL && settings->tables[i] != NULL; i++)
        for (const struct conf_key *row = settings->tables[i]; row->key != NULL; row++)
            TRY(add_key(settings, row, keys, err));
    TRY(add_variables(settings->variables, variables, err));
    TRY(json_put_text(all, "program", program, err));
    TRY(json_put(all, "keys", json_steal(&keys), err));
    TRY(json_put(all, "variables", json_steal(&variables), err));
    return json_write(all, ret, err);
}
