/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/usage/store.h"

#include "base/caltime.h"
#include "platform/store_sqlite.h"

#include <string.h>

const char *const usage_purposes[] = {"signature", "liveness", "authentication", "presentation",
                                      NULL};
const char *const usage_methods[] = {"online", "feed", "lists", NULL};

static const char *const kinds[] = {[USAGE_JUDGEMENT] = "judgement",
                                    [USAGE_DELIVERED] = "delivered",
                                    [USAGE_NOT_DELIVERED] = "not-delivered"};

const char *usage_method(const struct platform *platform, enum asking_check check)
{
    static const enum revocation_policy asked[ASKING_CHECKS_] = {
        [ASKING_CRL] = REVOCATION_CRL, [ASKING_OCSP] = REVOCATION_OCSP};
    static const char *const names[] = {
        [REVOCATION_OCSP] = "online", [REVOCATION_FEED] = "feed", [REVOCATION_CRL] = "lists"};

    return names[check == ASKING_BY_POLICY ? platform->policy : asked[check]];
}

static int count(struct db_txn *txn, const char *client_id, int64_t at, enum usage_kind kind,
                 const struct usage_judgement *what, struct err *err)
{
    char day[CALTIME_TEXT_SIZE];

    caldate_format_iso(caltime_at(at, JST_OFFSET_SECONDS).date, day);
    return db_execute(txn,
                      "INSERT INTO usage_day VALUES (?, ?, ?, coalesce(?, ''), coalesce(?, ''),"
                      " coalesce(?, ''), 1)"
                      " ON CONFLICT DO UPDATE SET count = count + 1",
                      DB_WITH(DB_TEXT(client_id), DB_TEXT(day), DB_TEXT(kinds[kind]),
                              DB_TEXT(what->purpose), DB_TEXT(what->verdict),
                              DB_TEXT(what->method)),
                      err);
}

int usage_count_judgement(struct db_txn *txn, const char *client_id, int64_t at,
                          const struct usage_judgement *what, struct err *err)
{
    return count(txn, client_id, at, USAGE_JUDGEMENT, what, err);
}

int usage_count_delivery(struct db_txn *txn, const char *client_id, int64_t at, bool is_delivered,
                         struct err *err)
{
    static const struct usage_judgement none = {NULL, NULL, NULL};

    return count(txn, client_id, at, is_delivered ? USAGE_DELIVERED : USAGE_NOT_DELIVERED, &none,
                 err);
}

/* ---- reading ---- */

enum { DAY_SIZE = sizeof "YYYY-MM-DD", WORD_SIZE = 24 };

/* One day of the answer while its rows come. */
struct day {
    char day[DAY_SIZE]; /* "": none yet */
    int64_t delivered, not_delivered;
    struct json *judgements, *fees;
};

static void day_done(struct day *day)
{
    json_freep(&day->judgements);
    json_freep(&day->fees);
}

static int day_end(struct day *day, struct json *days, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *webhooks = json_object_new();

    if (day->day[0] == '\0')
        return 0;
    TRY(json_put_text(object, "day", day->day, err));
    TRY(json_put(object, "judgements", json_steal(&day->judgements), err));
    TRY(json_put_int(webhooks, "delivered", day->delivered, err));
    TRY(json_put_int(webhooks, "failed", day->not_delivered, err));
    TRY(json_put(object, "webhooks", json_steal(&webhooks), err));
    TRY(json_put(object, "fees", json_steal(&day->fees), err));
    return json_add(days, json_steal(&object), err);
}

static void day_begin(struct day *day, const char *name)
{
    *day = (struct day){.judgements = json_array_new(), .fees = json_array_new()};
    memcpy(day->day, name, DAY_SIZE);
}

static int put_judgement(const struct db_rows *rows, int64_t number, struct json *list,
                         struct err *err)
{
    static const char *const names[] = {"purpose", "verdict", "method"};
    CLEANUP(json_freep) struct json *object = json_object_new();
    char word[WORD_SIZE];

    for (int i = 0; i < 3; i++) {
        TRY(db_text(rows, 2 + i, word, sizeof word, err));
        if (word[0] != '\0')
            TRY(json_put_text(object, names[i], word, err));
    }
    TRY(json_put_int(object, "count", number, err));
    return json_add(list, json_steal(&object), err);
}

static int put_fee(const char *item, int64_t number, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "item", item, err));
    TRY(json_put_int(object, "count", number, err));
    return json_add(list, json_steal(&object), err);
}

/* day, kind or the authority's item, purpose, verdict, method, count */
static int take_row(const struct db_rows *rows, struct day *day, struct json *days, struct err *err)
{
    char name[DAY_SIZE];
    char kind[WORD_SIZE];
    int64_t number;

    TRY(db_text(rows, 0, name, sizeof name, err));
    TRY(db_text(rows, 1, kind, sizeof kind, err));
    TRY(db_int(rows, 5, &number, err));
    if (strcmp(name, day->day) != 0) {
        TRY(day_end(day, days, err));
        day_begin(day, name);
    }
    if (strcmp(kind, kinds[USAGE_JUDGEMENT]) == 0)
        return put_judgement(rows, number, day->judgements, err);
    if (strcmp(kind, kinds[USAGE_DELIVERED]) == 0)
        day->delivered = number;
    else if (strcmp(kind, kinds[USAGE_NOT_DELIVERED]) == 0)
        day->not_delivered = number;
    else
        return put_fee(kind, number, day->fees, err);
    return 0;
}

/* "" unless there is a day behind those that are told. */
static int find_next(struct db_txn *txn, const struct usage_filter *filter, char ret[DAY_SIZE],
                     struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(
        txn,
        "SELECT day FROM usage_day WHERE client_id = ?1 AND day BETWEEN ?2 AND ?3"
        " UNION SELECT day FROM usage WHERE client_id = ?1 AND day BETWEEN ?2 AND ?3"
        " ORDER BY day LIMIT 1 OFFSET ?4",
        DB_WITH(DB_TEXT(filter->client_id), DB_TEXT(filter->since), DB_TEXT(filter->until),
                DB_INT((int64_t)filter->count)),
        &rows, err);

    ret[0] = '\0';
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    return db_text(&rows, 0, ret, DAY_SIZE, err);
}

/* All rows of the days from since up to, not with, next; or to until. */
static int put_days(struct db_txn *txn, const struct usage_filter *filter, const char *next,
                    struct json *days, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(day_done) struct day day = {.day = ""};
    int rc;

    TRY(db_query(txn,
                 "SELECT day, kind, purpose, verdict, method, count FROM usage_day"
                 " WHERE client_id = ?1 AND day BETWEEN ?2 AND ?3 AND (?4 = '' OR day < ?4)"
                 " UNION ALL SELECT day, item, '', '', '', count FROM usage"
                 " WHERE client_id = ?1 AND day BETWEEN ?2 AND ?3 AND (?4 = '' OR day < ?4)"
                 " ORDER BY 1, 2, 3, 4, 5",
                 DB_WITH(DB_TEXT(filter->client_id), DB_TEXT(filter->since), DB_TEXT(filter->until),
                         DB_TEXT(next)),
                 &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(take_row(&rows, &day, days, err));
    return rc == -ERR_ABSENT ? day_end(&day, days, err) : rc;
}

int platform_put_usage(struct platform_store *store, const struct usage_filter *filter,
                       struct json *body, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *days = json_array_new();
    char next[DAY_SIZE];

    TRY(db_begin_read(store->db, &txn, err));
    TRY(find_next(&txn, filter, next, err));
    TRY(put_days(&txn, filter, next, days, err));
    TRY(json_put(body, "days", json_steal(&days), err));
    return next[0] == '\0' ? 0 : json_put_text(body, "next", next, err);
}
