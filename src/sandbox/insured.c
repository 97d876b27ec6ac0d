/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/insured.h"

#include "base/caltime.h"

#include <string.h>

enum { DAY = 86400 };

/* From and until are days before now; until -1: no end is known. */
static const struct {
    const char *persona;
    const char *insurer, *insurer_number, *number, *share, *limit;
    int from, until;
} rows[] = {
    /* Insured, with a category of the limit of high costs. */
    {"hanako", "見本健康保険組合", "99990001", "見本１２・３４５６", "30", "ウ", 2000, -1},
    /* Another insurer since half a year. */
    {"uruu", "見本健康保険組合", "99990001", "見本２３・００１２", "30", NULL, 2000, 181},
    {"uruu", "例示市国民健康保険", "99990002", "例示９９・０００１", "30", NULL, 180, -1},
    /* Not insured any more. */
    {"showa", "見本共済組合", "99990003", "見本８７・６５４３", "30", NULL, 3000, 90},
    /* Over 75. */
    {"kao", "見本後期高齢者医療広域連合", "99990004", "０１２３４５６７", "10", "低所得者II", 700,
     -1},
};

static int put_item(struct json *items, const char *code, const char *content, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();

    TRY(json_put_text(item, "code", code, err));
    TRY(json_put_text(item, "content", content, err));
    return json_add(items, json_steal(&item), err);
}

static void day_before(int64_t now, int days, char ret[CALTIME_TEXT_SIZE])
{
    caldate_format_iso(caltime_at(now - (int64_t)days * DAY, JST_OFFSET_SECONDS).date, ret);
}

static int put_items(struct json *record, size_t row, int64_t now, struct err *err)
{
    CLEANUP(json_freep) struct json *items = json_array_new();
    char from[CALTIME_TEXT_SIZE];
    char until[CALTIME_TEXT_SIZE];

    day_before(now, rows[row].from, from);
    TRY(put_item(items, "0010400010", rows[row].insurer, err));
    TRY(put_item(items, "0010400020", rows[row].number, err));
    TRY(put_item(items, "0010400030", from, err));
    TRY(put_item(items, "0010400040", rows[row].share, err));
    TRY(put_item(items, "0010400050", rows[row].insurer_number, err));
    TRY(put_item(items, "0010400060", "01", err));
    TRY(put_item(items, "0010400070", "本人", err));
    if (rows[row].until >= 0) {
        day_before(now, rows[row].until, until);
        TRY(put_item(items, "0010400080", until, err));
    }
    if (rows[row].limit != NULL)
        TRY(put_item(items, "0010400090", rows[row].limit, err));
    TRY(json_put_text(record, "day", from, err));
    return json_put(record, "items", json_steal(&items), err);
}

static int put_records(struct json *list, const char *persona, int64_t now, struct err *err)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(json_freep) struct json *record = json_object_new();

        if (strcmp(rows[i].persona, persona) != 0)
            continue;
        TRY(put_items(record, i, now, err));
        TRY(json_add(list, json_steal(&record), err));
    }
    return 0;
}

int insured_records(const char *persona, const char *code, int64_t now, struct json **ret,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();

    TRY(put_records(list, persona, now, err));
    if (json_count(list) == 0)
        return FAIL(err, ERR_ABSENT, "this persona is insured as chance has it");
    TRY(json_put_text(body, "body", "HEALTHINS01", err));
    TRY(json_put_text(body, "info", "TM99000000000104", err));
    TRY(json_put_text(body, "code", code, err));
    TRY(json_put(body, "records", json_steal(&list), err));
    *ret = json_steal(&body);
    return 0;
}
