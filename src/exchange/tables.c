/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into the tables, and the guard. */
#include "exchange/tables.h"

#include <stdlib.h>

/* Each row of a table that is looked into begins with its code. */
static int compare_code(const void *key, const void *row)
{
    return strcmp(key, *(const char *const *)row);
}

const struct body *tables_body(const struct tables *t, const char *code)
{
    return bsearch(code, t->bodies, t->body_count, sizeof *t->bodies, compare_code);
}

const struct duty *tables_duty(const struct tables *t, const char *code)
{
    return bsearch(code, t->duties, t->duty_count, sizeof *t->duties, compare_code);
}

const struct procedure *tables_procedure(const struct tables *t, const char *code)
{
    return bsearch(code, t->procedures, t->procedure_count, sizeof *t->procedures, compare_code);
}

static bool lists_text(const char *texts, const char *text)
{
    const size_t len = strlen(text);

    while (texts != NULL && *texts != '\0') {
        const size_t next = strcspn(texts, ",");

        if (next == len && strncmp(texts, text, len) == 0)
            return true;
        texts += next + (texts[next] == ',' ? 1 : 0);
    }
    return false;
}

const struct procedure *tables_procedure_of_text(const struct tables *t, const char *text)
{
    for (size_t i = 0; i < t->procedure_count; i++)
        if (lists_text(t->procedures[i].texts, text))
            return &t->procedures[i];
    return NULL;
}

const struct info *tables_info(const struct tables *t, const char *code)
{
    return bsearch(code, t->infos, t->info_count, sizeof *t->infos, compare_code);
}

const struct item *tables_items(const struct tables *t, const char *info, size_t *ret_count)
{
    const struct item *found = bsearch(info, t->items, t->item_count, sizeof *t->items,
                                       compare_code);
    const struct item *end = t->items + t->item_count;

    *ret_count = 0;
    if (found == NULL)
        return NULL;
    while (found > t->items && strcmp(found[-1].info, info) == 0)
        found--;
    while (found + *ret_count < end && strcmp(found[*ret_count].info, info) == 0)
        (*ret_count)++;
    return found;
}

const struct item *tables_item(const struct tables *t, const char *info, const char *code)
{
    size_t count;
    const struct item *items = tables_items(t, info, &count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(items[i].code, code) == 0)
            return &items[i];
    }
    return NULL;
}

static bool is_in_force(const struct permission *row, struct caldate day)
{
    return caldate_compare(row->from, day) <= 0 &&
           (row->until.year == 0 || caldate_compare(day, row->until) <= 0);
}

static const struct permission *find_permission(const struct tables *t, enum body_kind asker,
                                                const struct asking *asking)
{
    for (size_t i = 0; i < t->permission_count; i++) {
        const struct permission *row = &t->permissions[i];

        if (row->asker == asker && strcmp(row->duty, asking->duty) == 0 &&
            strcmp(row->procedure, asking->procedure) == 0 &&
            strcmp(row->info, asking->info) == 0 && is_in_force(row, asking->day))
            return row;
    }
    return NULL;
}

int tables_permit(const struct tables *tables, const struct asking *asking, struct err *err)
{
    const struct body *asker = tables_body(tables, asking->asker);
    const struct body *provider = tables_body(tables, asking->provider);
    const struct info *info = tables_info(tables, asking->info);
    const struct permission *row;

    if (asker == NULL || provider == NULL || info == NULL)
        return FAIL(err, ERR_DENIED, "the exchange knows no such body or name");
    if (provider->kind != info->provider)
        return FAIL(err, ERR_DENIED, "this is not what bodies of the provider's kind hold");
    row = find_permission(tables, asker->kind, asking);
    if (row == NULL)
        return FAIL(err, ERR_DENIED, "no duty allows this body to ask for this");
    if (asking->is_hidden && !row->may_hide)
        return FAIL(err, ERR_DENIED, "this duty does not allow hiding the exchange");
    return 0;
}
