/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/answer.h"

#include "base/utf8.h"
#include "exchange/limits.h"

#include <stdio.h>

/* "YYYY-MM"; a day of it as well, as bodies told a month before there was this form. */
static bool is_month(const char *content)
{
    char day[EXCHANGE_FIELD_MAX + 4];
    struct caldate date;

    (void)snprintf(day, sizeof day, "%s%s", content,
                   strlen(content) == ITEM_MONTH_LEN ? "-01" : "");
    return caldate_parse_iso(day, &date, NULL) == 0;
}

bool answer_content_fits(enum item_form form, const char *content)
{
    size_t len = strlen(content);
    struct caldate day;

    if (len == 0 || len > ANSWER_CONTENT_MAX)
        return false;
    switch (form) {
    case ITEM_TEXT:
        return utf8_is_shown(bytes_of(content, len));
    case ITEM_DATE:
        return caldate_parse_iso(content, &day, NULL) == 0;
    case ITEM_MONTH:
        return is_month(content);
    case ITEM_YEN:
    case ITEM_NUMBER:
        return len <= 15 && strspn(content, "0123456789") == len && (content[0] != '0' || len == 1);
    case ITEM_FLAG:
        return strcmp(content, "0") == 0 || strcmp(content, "1") == 0;
    case ITEM_FORMS_:
        break;
    }
    return false;
}

static int check_item(const struct tables *tables, const char *info, const struct json *json,
                      const struct item **before, struct err *err)
{
    static const char *const keys[] = {"code", "content", NULL};
    const struct item *item;
    const char *content;
    const char *code;

    TRY(json_only(json, keys, err));
    TRY(json_get_text(json, "code", &code, err));
    TRY(json_get_text(json, "content", &content, err));
    item = tables_item(tables, info, code);
    if (item == NULL || (*before != NULL && item <= *before))
        return FAIL(err, ERR_INPUT, "an item is not of this name, or not where it belongs");
    if (!answer_content_fits(item->form, content))
        return FAIL(err, ERR_INPUT, "the content of %s has not its form", item->code);
    *before = item;
    return 0;
}

static int check_record(const struct tables *tables, const char *info, const struct json *record,
                        struct err *err)
{
    static const char *const keys[] = {"day", "items", NULL};
    const struct item *before = NULL;
    const struct json *items;
    struct caldate day;
    const char *text;

    TRY(json_only(record, keys, err));
    TRY(json_get_text(record, "day", &text, err));
    TRY(caldate_parse_iso(text, &day, err));
    TRY(json_get_array(record, "items", &items, err));
    if (json_count(items) == 0)
        return FAIL(err, ERR_INPUT, "a record has no items");
    for (size_t i = 0; i < json_count(items); i++)
        TRY(check_item(tables, info, json_at(items, i), &before, err));
    return 0;
}

int answer_parse(const struct tables *tables, const char *info, struct bytes text,
                 struct json **ret, struct err *err)
{
    static const char *const keys[] = {"records", NULL};
    CLEANUP(json_freep) struct json *answer = NULL;
    const struct json *records;

    if (text.len > EXCHANGE_ANSWER_MAX)
        return FAIL(err, ERR_INPUT, "an answer has at most %d bytes", EXCHANGE_ANSWER_MAX);
    TRY(json_parse(text, &answer, err));
    TRY(json_only(answer, keys, err));
    TRY(json_get_array(answer, "records", &records, err));
    if (json_count(records) == 0 || json_count(records) > ANSWER_RECORDS_MAX)
        return FAIL(err, ERR_INPUT, "an answer has 1 to %d records", ANSWER_RECORDS_MAX);
    for (size_t i = 0; i < json_count(records); i++)
        TRY(check_record(tables, info, json_at(records, i), err));
    *ret = json_steal(&answer);
    return 0;
}

static int explain_item(const struct tables *tables, const char *info, const struct json *json,
                        struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *told = json_object_new();
    const struct item *item;
    const char *content;
    const char *code;

    TRY(json_get_text(json, "code", &code, err));
    TRY(json_get_text(json, "content", &content, err));
    item = tables_item(tables, info, code);
    if (item == NULL)
        return FAIL(err, ERR_SYSTEM, "an answer has an item that the tables have not");
    TRY(json_put_text(told, "code", code, err));
    TRY(json_put_int(told, "level", item->level, err));
    TRY(json_put_text(told, "form", item_forms[item->form], err));
    TRY(json_put_text(told, "name", item->names.ja, err));
    TRY(json_put_text(told, "name_en", item->names.en, err));
    TRY(json_put_text(told, "content", content, err));
    return json_add(list, json_steal(&told), err);
}

static int explain_record(const struct tables *tables, const char *info, const struct json *record,
                          struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *told = json_object_new();
    CLEANUP(json_freep) struct json *told_items = json_array_new();
    const struct json *items;
    const char *day;

    TRY(json_get_text(record, "day", &day, err));
    TRY(json_get_array(record, "items", &items, err));
    for (size_t i = 0; i < json_count(items); i++)
        TRY(explain_item(tables, info, json_at(items, i), told_items, err));
    TRY(json_put_text(told, "day", day, err));
    TRY(json_put(told, "items", json_steal(&told_items), err));
    return json_add(list, json_steal(&told), err);
}

int answer_explain(const struct tables *tables, const char *info, const struct json *answer,
                   struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    const struct json *records;

    TRY(json_get_array(answer, "records", &records, err));
    for (size_t i = 0; i < json_count(records); i++)
        TRY(explain_record(tables, info, json_at(records, i), list, err));
    *ret = json_steal(&list);
    return 0;
}
