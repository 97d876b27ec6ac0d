/* SPDX-License-Identifier: Apache-2.0 */
/* The tables out of their files: each row by itself, then all of them against each other. */
#include "base/file.h"
#include "base/share.h"
#include "exchange/tables.h"
#include "exchange/tsv.h"

#include <stdio.h>
#include <stdlib.h>

const char *const body_kinds[] = {"portal", "municipality", "prefecture", "insurer",
                                  "labour", "pension",      NULL};
const char *const item_forms[] = {"text", "date", "yen", "number", "flag", "month", NULL};
const char *const table_files[TABLE_FILES_] = {
    [TABLE_BODIES] = "bodies.tsv",         [TABLE_DUTIES] = "duties.tsv",
    [TABLE_PROCEDURES] = "procedures.tsv", [TABLE_NAMES] = "names.tsv",
    [TABLE_ITEMS] = "items.tsv",           [TABLE_PERMISSIONS] = "permissions.tsv",
};
static const char *const yes_no[] = {"no", "yes", NULL};
static const char *const origins[] = {"public", "own", NULL};
static const char *const fields[] = {"disclosure", "social-security", "tax", "disaster", NULL};

/* Tables with what they point into. */
struct whole {
    struct tables tables;
    struct buf texts[TABLE_FILES_];
};

static int yes_or_no(const char *text, const char *what, bool *ret, struct err *err)
{
    unsigned value;

    TRY(tsv_word(text, yes_no, what, &value, err));
    *ret = value == 1;
    return 0;
}

static int read_kind(const char *text, enum body_kind *ret, struct err *err)
{
    unsigned value;

    TRY(tsv_word(text, body_kinds, "the kind of a body", &value, err));
    *ret = (enum body_kind)value;
    return 0;
}

/* Whether a code is own as its row says, and stands where it belongs. */
static int read_origin(const char *text, bool *ret, struct err *err)
{
    unsigned value;

    TRY(tsv_word(text, origins, "origin", &value, err));
    *ret = value == 1;
    return 0;
}

static int check_code(const char *kind, const char *code, struct err *err)
{
    return code_is(kind, code) ? 0 : FAIL(err, ERR_INPUT, "a code is %s and fourteen digits", kind);
}

static int ascending(const char *before, const char *code, struct err *err)
{
    if (before != NULL && strcmp(before, code) >= 0)
        return FAIL(err, ERR_INPUT, "%s is not above the one before", code);
    return 0;
}

/* ---- rows ---- */

static int take_body(void *context, const struct tsv_row *row, struct err *err)
{
    struct tables *t = context;
    struct body *body = &t->bodies[t->body_count];
    char *const *f = row->fields;

    TRY(tsv_width(row, 6, err));
    if (!code_is_body(f[0]))
        return FAIL(err, ERR_INPUT, "a body's code is up to %d of A-Z and 0-9", CODE_LEN);
    TRY(ascending(t->body_count == 0 ? NULL : body[-1].code, f[0], err));
    *body = (struct body){.code = f[0], .names = {f[4], f[5]}};
    TRY(read_kind(f[1], &body->kind, err));
    body->area = strcmp(f[2], "-") == 0 ? NULL : f[2];
    if (body->area != NULL && (strlen(f[2]) != 5 || strspn(f[2], "0123456789") != 5))
        return FAIL(err, ERR_INPUT, "an area is five digits");
    if ((body->area != NULL) != (body->kind == BODY_MUNICIPALITY || body->kind == BODY_PREFECTURE))
        return FAIL(err, ERR_INPUT, "municipalities and prefectures have an area, others none");
    TRY(yes_or_no(f[3], "connected", &body->is_connected, err));
    t->body_count++;
    return 0;
}

static int take_duty(void *context, const struct tsv_row *row, struct err *err)
{
    struct tables *t = context;
    struct duty *duty = &t->duties[t->duty_count];
    char *const *f = row->fields;
    unsigned field;

    TRY(tsv_width(row, 8, err));
    TRY(check_code("JM", f[0], err));
    TRY(ascending(t->duty_count == 0 ? NULL : duty[-1].code, f[0], err));
    TRY(tsv_word(f[1], fields, "the field of a duty", &field, err));
    *duty = (struct duty){f[0], f[1], {f[2], f[3]}, {f[4], f[5]}, {f[6], f[7]}};
    t->duty_count++;
    return 0;
}

/* Small letters, digits and hyphens, with a comma between; no text stands in two procedures. */
static int take_texts(const struct tables *t, char *list, const char **ret, struct err *err)
{
    for (const char *rest = list;; rest++) {
        char text[EXCHANGE_FIELD_MAX + 1];
        const size_t len = strcspn(rest, ",");

        (void)snprintf(text, sizeof text, "%.*s", (int)len, rest);
        if (len == 0 || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != len)
            return FAIL(err, ERR_INPUT, "the code of a text has small letters, digits, hyphens");
        if (tables_procedure_of_text(t, text) != NULL)
            return FAIL(err, ERR_INPUT, "the text %s is examined in another procedure", text);
        rest += len;
        if (*rest == '\0')
            break;
    }
    *ret = list;
    return 0;
}

static int take_procedure(void *context, const struct tsv_row *row, struct err *err)
{
    struct tables *t = context;
    struct procedure *procedure = &t->procedures[t->procedure_count];
    char *const *f = row->fields;

    TRY(tsv_width(row, row->count == 5 ? 5 : 4, err)); /* older files have no texts */
    TRY(check_code("JT", f[0], err));
    TRY(ascending(t->procedure_count == 0 ? NULL : procedure[-1].code, f[0], err));
    if (tables_duty(t, f[1]) == NULL)
        return FAIL(err, ERR_INPUT, "there is no duty %s", f[1]);
    *procedure = (struct procedure){f[0], f[1], {f[2], f[3]}, NULL};
    if (row->count == 5 && strcmp(f[4], "-") != 0)
        TRY(take_texts(t, f[4], &procedure->texts, err));
    t->procedure_count++;
    return 0;
}

static int take_info(void *context, const struct tsv_row *row, struct err *err)
{
    struct tables *t = context;
    struct info *info = &t->infos[t->info_count];
    char *const *f = row->fields;

    TRY(tsv_width(row, 7, err));
    TRY(check_code("TM", f[0], err));
    TRY(ascending(t->info_count == 0 ? NULL : info[-1].code, f[0], err));
    *info = (struct info){.code = f[0], .source = f[2], .group = f[3], .names = {f[5], f[6]}};
    TRY(read_origin(f[1], &info->is_own, err));
    if (info->is_own != code_is_own(f[0]))
        return FAIL(err, ERR_INPUT, "own codes, and no others, begin with TM99");
    TRY(read_kind(f[4], &info->provider, err));
    t->info_count++;
    return 0;
}

/* Items stand by name and code; the first of a name has level 0. */
static int check_item(const struct tables *t, const struct item *item, struct err *err)
{
    const struct item *before = t->item_count == 0 ? NULL : item - 1;
    bool is_first = before == NULL || strcmp(before->info, item->info) != 0;

    if (tables_info(t, item->info) == NULL)
        return FAIL(err, ERR_INPUT, "there is no name %s", item->info);
    if (!code_item_fits(item->code, item->info, item->is_own))
        return FAIL(err, ERR_INPUT, "%s is no code of an item of %s", item->code, item->info);
    if (!is_first)
        return ascending(before->code, item->code, err);
    if (item->level != 0)
        return FAIL(err, ERR_INPUT, "the first item of a name has level 0");
    return ascending(before == NULL ? NULL : before->info, item->info, err);
}

static int take_item(void *context, const struct tsv_row *row, struct err *err)
{
    static const char *const levels[] = {"0", "1", NULL};
    struct tables *t = context;
    struct item *item = &t->items[t->item_count];
    char *const *f = row->fields;
    unsigned form;

    TRY(tsv_width(row, 7, err));
    *item = (struct item){.info = f[0], .code = f[1], .names = {f[5], f[6]}};
    TRY(read_origin(f[2], &item->is_own, err));
    TRY(tsv_word(f[3], levels, "level", &item->level, err));
    TRY(tsv_word(f[4], item_forms, "form", &form, err));
    item->form = (enum item_form)form;
    TRY(check_item(t, item, err));
    t->item_count++;
    return 0;
}

/* Whether a permission comes behind another, and leaves none of its days to both. */
static int check_order(const struct permission *a, const struct permission *b, struct err *err)
{
    int order = strcmp(body_kinds[a->asker], body_kinds[b->asker]);

    if (order == 0)
        order = strcmp(a->duty, b->duty);
    if (order == 0)
        order = strcmp(a->procedure, b->procedure);
    if (order == 0)
        order = strcmp(a->info, b->info);
    if (order == 0 && a->until.year != 0)
        order = caldate_compare(a->until, b->from);
    if (order == 0 && a->until.year == 0)
        order = 1;
    if (order >= 0)
        return FAIL(err, ERR_INPUT, "not behind the row before, or for days of it");
    return 0;
}

static int check_permission(const struct tables *t, const struct permission *p, struct err *err)
{
    const struct procedure *procedure = tables_procedure(t, p->procedure);

    if (procedure == NULL || strcmp(procedure->duty, p->duty) != 0)
        return FAIL(err, ERR_INPUT, "there is no procedure %s in the duty %s", p->procedure,
                    p->duty);
    if (tables_info(t, p->info) == NULL)
        return FAIL(err, ERR_INPUT, "there is no name %s", p->info);
    if (p->until.year != 0 && caldate_compare(p->until, p->from) < 0)
        return FAIL(err, ERR_INPUT, "ends before it begins");
    return t->permission_count == 0 ? 0 : check_order(p - 1, p, err);
}

static int take_permission(void *context, const struct tsv_row *row, struct err *err)
{
    struct tables *t = context;
    struct permission *p = &t->permissions[t->permission_count];
    char *const *f = row->fields;

    TRY(tsv_width(row, 7, err));
    *p = (struct permission){.duty = f[1], .procedure = f[2], .info = f[3]};
    TRY(read_kind(f[0], &p->asker, err));
    TRY(caldate_parse_iso(f[4], &p->from, err));
    if (strcmp(f[5], "-") != 0)
        TRY(caldate_parse_iso(f[5], &p->until, err));
    TRY(yes_or_no(f[6], "hidden", &p->may_hide, err));
    TRY(check_permission(t, p, err));
    t->permission_count++;
    return 0;
}

/* ---- all of it ---- */

/* Each name can be told: it has items, and somebody who holds it. */
static int check_names(const struct tables *t, struct err *err)
{
    for (size_t i = 0; i < t->info_count; i++) {
        const struct info *info = &t->infos[i];
        bool is_held = false;
        size_t count;

        if (tables_items(t, info->code, &count) == NULL)
            return FAIL(err, ERR_INPUT, "items.tsv: %s has no items", info->code);
        for (size_t b = 0; b < t->body_count && !is_held; b++)
            is_held = t->bodies[b].kind == info->provider;
        if (!is_held)
            return FAIL(err, ERR_INPUT, "bodies.tsv: nobody holds %s", info->code);
    }
    return 0;
}

static int allocate(struct tables *t, struct err *err)
{
    t->bodies = calloc(EXCHANGE_ROWS_MAX, sizeof *t->bodies);
    t->duties = calloc(EXCHANGE_ROWS_MAX, sizeof *t->duties);
    t->procedures = calloc(EXCHANGE_ROWS_MAX, sizeof *t->procedures);
    t->infos = calloc(EXCHANGE_ROWS_MAX, sizeof *t->infos);
    t->items = calloc(EXCHANGE_ROWS_MAX, sizeof *t->items);
    t->permissions = calloc(EXCHANGE_ROWS_MAX, sizeof *t->permissions);
    if (t->bodies == NULL || t->duties == NULL || t->procedures == NULL || t->infos == NULL ||
        t->items == NULL || t->permissions == NULL)
        return FAIL_NOMEM(err);
    return 0;
}

int tables_parse(const struct bytes texts[TABLE_FILES_], struct tables **ret, struct err *err)
{
    static int (*const takers[])(void *, const struct tsv_row *, struct err *) = {
        [TABLE_BODIES] = take_body,          [TABLE_DUTIES] = take_duty,
        [TABLE_PROCEDURES] = take_procedure, [TABLE_NAMES] = take_info,
        [TABLE_ITEMS] = take_item,           [TABLE_PERMISSIONS] = take_permission,
    };
    CLEANUP(tables_freep) struct tables *tables = NULL;
    struct whole *whole = calloc(1, sizeof *whole);

    if (whole == NULL)
        return FAIL_NOMEM(err);
    tables = &whole->tables;
    TRY(allocate(tables, err));
    for (unsigned i = 0; i < TABLE_FILES_; i++) {
        TRY(buf_append(&whole->texts[i], texts[i], err));
        TRY(err_prefix(err, tsv_cut(&whole->texts[i], takers[i], tables, err), "%s",
                       table_files[i]));
    }
    TRY(check_names(tables, err));
    *ret = tables;
    tables = NULL;
    return 0;
}

int tables_load(const char *folder, struct tables **ret, struct err *err)
{
    struct buf texts[TABLE_FILES_] = {{NULL, 0, 0}};
    struct bytes views[TABLE_FILES_];
    CLEANUP(free_text) char *own = NULL;
    int rc = folder == NULL ? share_path("openjpki/exchange", &own, err) : 0;

    for (unsigned i = 0; rc == 0 && i < TABLE_FILES_; i++) {
        CLEANUP(free_text) char *path = NULL;

        rc = path_format(&path, err, "%s/%s", folder == NULL ? own : folder, table_files[i]);
        if (rc == 0)
            rc = file_read(path, EXCHANGE_FILE_MAX, &texts[i], err);
        views[i] = buf_bytes(&texts[i]);
    }
    if (rc == 0)
        rc = tables_parse(views, ret, err);
    for (unsigned i = 0; i < TABLE_FILES_; i++)
        buf_done(&texts[i]);
    return rc;
}

void tables_free(struct tables *tables)
{
    struct whole *whole = (struct whole *)tables; /* its first member */

    if (tables == NULL)
        return;
    free(tables->bodies);
    free(tables->duties);
    free(tables->procedures);
    free(tables->infos);
    free(tables->items);
    free(tables->permissions);
    for (unsigned i = 0; i < TABLE_FILES_; i++)
        buf_done(&whole->texts[i]);
    free(whole);
}

void tables_freep(struct tables **tables)
{
    tables_free(*tables);
    *tables = NULL;
}
