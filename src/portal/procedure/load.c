/* SPDX-License-Identifier: Apache-2.0 */
/* The texts that come with the program. */
#include "portal/procedure/store.h"

#include "base/file.h"
#include "base/share.h"

enum { FILE_MAX = 1024 * 1024, FILE_VERSION = 1 };

static int read_file(const char *path, struct json **ret, struct err *err)
{
    CLEANUP(free_text) char *own = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    if (path == NULL)
        TRY(share_path("openjpki/procedures.json", &own, err));
    TRY(file_read(path == NULL ? own : path, FILE_MAX, &text, err));
    return json_parse(buf_bytes(&text), ret, err);
}

static int load_text(struct db *db, const struct json *row, int64_t place,
                     const struct audit_origin *by, struct err *err)
{
    static const char *const members[] = {"code", "content", "form", NULL};
    struct procedure_text text = {.owner = "", .place = place};
    int64_t id;

    TRY(json_only(row, members, err));
    TRY(json_get_text(row, "code", &text.code, err));
    TRY(json_get_object(row, "content", &text.content, err));
    if (json_has(row, "form"))
        TRY(json_get_object(row, "form", &text.form, err));
    return err_prefix(err, procedure_put_text(db, &text, by, &id, err), "%s", text.code);
}

int procedure_load(struct db *db, const char *path, const struct audit_origin *by, int64_t *ret,
                   struct err *err)
{
    static const char *const members[] = {"version", "texts", NULL};
    CLEANUP(json_freep) struct json *file = NULL;
    const struct json *texts;
    int64_t version;

    TRY(read_file(path, &file, err));
    TRY(json_only(file, members, err));
    TRY(json_get_int(file, "version", &version, err));
    if (version != FILE_VERSION)
        return FAIL(err, ERR_INPUT, "a file of procedures is of version %d", FILE_VERSION);
    TRY(json_get_array(file, "texts", &texts, err));
    for (size_t i = 0; i < json_count(texts); i++)
        TRY(load_text(db, json_at(texts, i), (int64_t)i + 1, by, err));
    *ret = (int64_t)json_count(texts);
    return 0;
}
