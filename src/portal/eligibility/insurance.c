/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/eligibility/insurance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DECIMAL = 10, PERCENT_MAX = 100 };

/* The items of the name (data/exchange/items.tsv), in their order. */
enum part {
    INSURER,
    SYMBOL_AND_NUMBER,
    SINCE,
    SHARE,
    INSURER_NUMBER,
    BRANCH,
    CATEGORY,
    UNTIL,
    LIMIT,
    ITEMS_
};
static const struct {
    const char *code;
    bool is_required;
} items[ITEMS_] = {
    [INSURER] = {"0010400010", true},         [SYMBOL_AND_NUMBER] = {"0010400020", true},
    [SINCE] = {"0010400030", true},           [SHARE] = {"0010400040", true},
    [INSURER_NUMBER] = {"0010400050", false}, [BRANCH] = {"0010400060", false},
    [CATEGORY] = {"0010400070", false},       [UNTIL] = {"0010400080", false},
    [LIMIT] = {"0010400090", false},
};

/* What stands in each item of a record; NULL: nothing does. */
static int read_contents(const struct json *record, const char *ret[ITEMS_], struct err *err)
{
    const struct json *list;

    TRY(json_get_array(record, "items", &list, err));
    for (size_t i = 0; i < json_count(list); i++) {
        const char *code;

        TRY(json_get_text(json_at(list, i), "code", &code, err));
        for (unsigned k = 0; k < ITEMS_; k++)
            if (strcmp(items[k].code, code) == 0)
                TRY(json_get_text(json_at(list, i), "content", &ret[k], err));
    }
    for (unsigned k = 0; k < ITEMS_; k++)
        if (items[k].is_required && ret[k] == NULL)
            return FAIL(err, ERR_INPUT, "an insurance without its item %s", items[k].code);
    return 0;
}

static void copy(const char *text, char ret[INSURANCE_TEXT_SIZE])
{
    (void)snprintf(ret, INSURANCE_TEXT_SIZE, "%s", text == NULL ? "" : text);
}

/* Both are one item, with a dot between; some insurers have no symbol. */
static void split_number(const char *text, struct insurance *ret)
{
    static const char dot[] = "・";
    const char *at = strstr(text, dot);

    copy(at == NULL ? text : at + strlen(dot), ret->number);
    (void)snprintf(ret->symbol, sizeof ret->symbol, "%.*s", at == NULL ? 0 : (int)(at - text),
                   text);
}

static int read_share(const char *text, int64_t *ret, struct err *err)
{
    int64_t share = strtoll(text, NULL, DECIMAL);

    if (share > PERCENT_MAX)
        return FAIL(err, ERR_INPUT, "the share that somebody pays is more than all of it");
    *ret = share;
    return 0;
}

static int read_record(const struct json *record, struct caldate day, struct insurance *ret,
                       struct err *err)
{
    const char *contents[ITEMS_] = {NULL};

    *ret = (struct insurance){.state = INSURANCE_HOLDS};
    TRY(read_contents(record, contents, err));
    copy(contents[INSURER], ret->insurer);
    copy(contents[INSURER_NUMBER], ret->insurer_number);
    copy(contents[BRANCH], ret->branch);
    copy(contents[CATEGORY], ret->category);
    copy(contents[LIMIT], ret->limit);
    split_number(contents[SYMBOL_AND_NUMBER], ret);
    TRY(read_share(contents[SHARE], &ret->share, err));
    TRY(caldate_parse_iso(contents[SINCE], &ret->from, err));
    if (contents[UNTIL] != NULL)
        TRY(caldate_parse_iso(contents[UNTIL], &ret->until, err));
    if (caldate_compare(day, ret->from) < 0)
        ret->state = INSURANCE_NONE;
    else if (ret->until.year != 0 && caldate_compare(ret->until, day) < 0)
        ret->state = INSURANCE_EXPIRED;
    return 0;
}

/* One that holds before one that has ended; among these the one that began last. */
static bool is_better(const struct insurance *a, const struct insurance *b)
{
    if (a->state != b->state)
        return a->state > b->state;
    return a->state != INSURANCE_NONE && caldate_compare(b->from, a->from) < 0;
}

int insurance_read(const struct json *answer, struct caldate day, struct insurance *ret,
                   struct err *err)
{
    struct insurance best = {.state = INSURANCE_NONE};
    const struct json *records;

    TRY(json_get_array(answer, "records", &records, err));
    for (size_t i = 0; i < json_count(records); i++) {
        struct insurance one;

        TRY(read_record(json_at(records, i), day, &one, err));
        if (is_better(&one, &best))
            best = one;
    }
    *ret = best;
    return 0;
}

static int put_date(struct json *object, const char *key, struct caldate date, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    if (date.year == 0)
        return json_put_null(object, key, err);
    caldate_format_iso(date, text);
    return json_put_text(object, key, text, err);
}

int insurance_tell(const struct insurance *insurance, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    const struct {
        const char *key, *text;
    } texts[] = {{"insurer", insurance->insurer},     {"insurer_number", insurance->insurer_number},
                 {"symbol", insurance->symbol},       {"number", insurance->number},
                 {"branch", insurance->branch},       {"category", insurance->category},
                 {"limit_category", insurance->limit}};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        TRY(json_put_optional(object, texts[i].key, texts[i].text[0] == '\0' ? NULL : texts[i].text,
                              err));
    TRY(put_date(object, "valid_from", insurance->from, err));
    TRY(put_date(object, "valid_until", insurance->until, err));
    TRY(json_put_int(object, "share_percent", insurance->share, err));
    *ret = json_steal(&object);
    return 0;
}
