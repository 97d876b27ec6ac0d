/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/fee/statement.h"

#include "base/caltime.h"
#include "platform/door.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 64, DAY_SIZE = sizeof "YYYY-MM-DD" };

/* What was used at one price. */
struct line {
    enum fee_item item;
    int64_t each, count;
};
struct bill {
    struct line lines[LINES_MAX];
    size_t count;
};

static int bill_add(struct bill *bill, enum fee_item item, int64_t each, int64_t count,
                    struct err *err)
{
    size_t i = 0;

    while (i < bill->count && (bill->lines[i].item != item || bill->lines[i].each != each))
        i++;
    if (i == LINES_MAX)
        return FAIL(err, ERR_SYSTEM, "a month with more than %d prices", LINES_MAX);
    if (i == bill->count)
        bill->lines[bill->count++] = (struct line){item, each, 0};
    bill->lines[i].count += count;
    return 0;
}

static int bill_put(const struct bill *bill, struct json *object, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    int64_t yen = 0;

    for (size_t i = 0; i < bill->count; i++) {
        CLEANUP(json_freep) struct json *row = json_object_new();
        const struct line *line = &bill->lines[i];

        if (line->count == 0)
            continue;
        TRY(json_put_text(row, "item", fee_items[line->item], err));
        TRY(json_put_int(row, "count", line->count, err));
        TRY(json_put_int(row, "yen_each", line->each, err));
        TRY(json_put_int(row, "yen", line->each * line->count, err));
        TRY(json_add(list, json_steal(&row), err));
        yen += line->each * line->count;
    }
    TRY(json_put(object, "lines", json_steal(&list), err));
    return json_put_int(object, "yen", yen, err);
}

/* ---- the authority's side ---- */

struct price {
    char day[DAY_SIZE];
    enum fee_item item;
    int64_t count, each;
};
struct prices {
    struct price *rows;
    size_t count;
};

static void prices_done(struct prices *prices)
{
    free(prices->rows);
}

static int find_item(const char *name, enum fee_item *ret, struct err *err)
{
    for (unsigned i = 0; i < FEE_ITEMS_; i++) {
        if (strcmp(fee_items[i], name) == 0) {
            *ret = (enum fee_item)i;
            return 0;
        }
    }
    return FAIL(err, ERR_REMOTE, "the authority bills something that is not known here");
}

static int read_price(const struct json *json, struct price *ret, struct err *err)
{
    const char *day;
    const char *item;

    TRY(json_get_text(json, "day", &day, err));
    TRY(json_get_text(json, "item", &item, err));
    TRY(json_get_int(json, "count", &ret->count, err));
    TRY(json_get_int(json, "yen_each", &ret->each, err));
    if (strlen(day) != DAY_SIZE - 1)
        return FAIL(err, ERR_REMOTE, "the authority's answer has a day that is none");
    memcpy(ret->day, day, DAY_SIZE);
    return find_item(item, &ret->item, err);
}

static int ask_prices(const struct platform *platform, struct signer *signer, const char *month,
                      struct prices *ret, struct err *err)
{
    CLEANUP(door_answer_done) struct door_answer answer = {.json = NULL};
    CLEANUP(json_freep) struct json *members = json_object_new();
    struct door_question question = {.act = "fees", .path = "/v1/verifier/fees"};
    const struct json *days;

    TRY(json_put_text(members, "month", month, err));
    question.members = json_steal(&members);
    TRY(door_ask(platform, signer, &question, &answer, err));
    if (answer.json == NULL || json_get_array(answer.json, "days", &days, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the authority's answer about fees cannot be read");
    ret->rows = calloc(json_count(days) + 1, sizeof *ret->rows);
    if (ret->rows == NULL)
        return FAIL_NOMEM(err);
    for (; ret->count < json_count(days); ret->count++)
        TRY(read_price(json_at(days, ret->count), &ret->rows[ret->count], err));
    return 0;
}

/* 0 for what the authority has billed nobody for on that day. */
static int64_t price_of(const struct prices *prices, const struct fee_use *use)
{
    for (size_t i = 0; i < prices->count; i++) {
        if (prices->rows[i].item == use->item && strcmp(prices->rows[i].day, use->day) == 0)
            return prices->rows[i].each;
    }
    return 0;
}

/* ---- both ---- */

/* Statements in the making: uses come by tenant. */
struct making {
    const struct prices *prices;
    struct json *list;
    char client_id[CLIENT_ID_MAX + 1]; /* "": none yet */
    struct bill bill;                  /* its */
    struct bill rest;
};

static int close_statement(struct making *making, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    if (making->client_id[0] == '\0')
        return 0;
    TRY(json_put_text(object, "client_id", making->client_id, err));
    TRY(bill_put(&making->bill, object, err));
    making->bill.count = 0;
    return json_add(making->list, json_steal(&object), err);
}

static int take_use(void *context, const struct fee_use *use, struct err *err)
{
    struct making *making = context;
    int64_t each = price_of(making->prices, use);

    if (strcmp(making->client_id, use->client_id) != 0) {
        TRY(close_statement(making, err));
        memcpy(making->client_id, use->client_id, sizeof making->client_id);
    }
    TRY(bill_add(&making->bill, use->item, each, use->count, err));
    return bill_add(&making->rest, use->item, each, -use->count, err);
}

static int put_whole(const struct making *making, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *rest = json_object_new();
    CLEANUP(json_freep) struct json *whole = json_object_new();
    struct bill bill = {.count = 0};
    struct bill left = making->rest;

    for (size_t i = 0; i < making->prices->count; i++) {
        const struct price *price = &making->prices->rows[i];

        TRY(bill_add(&bill, price->item, price->each, price->count, err));
        TRY(bill_add(&left, price->item, price->each, price->count, err));
    }
    TRY(bill_put(&left, rest, err));
    TRY(bill_put(&bill, whole, err));
    TRY(json_put(body, "rest", json_steal(&rest), err));
    return json_put(body, "authority", json_steal(&whole), err);
}

static int check_month(const char *month, struct err *err)
{
    char day[] = "YYYY-MM-01";
    struct caldate date;

    if (month != NULL && strlen(month) == 7) {
        memcpy(day, month, 7);
        if (caldate_parse_iso(day, &date, NULL) == 0)
            return 0;
    }
    return FAIL(err, ERR_INPUT, "month is YYYY-MM");
}

static int make_one(const struct platform *platform, const char *month, const char *client_id,
                    struct making *making, struct json *body, struct err *err)
{
    TRY(platform_each_use(platform->store, month, client_id, take_use, making, err));
    return bill_put(&making->bill, body, err);
}

static int make_all(const struct platform *platform, const char *month, struct making *making,
                    struct json *body, struct err *err)
{
    TRY(platform_each_use(platform->store, month, NULL, take_use, making, err));
    TRY(close_statement(making, err));
    return put_whole(making, body, err);
}

int fee_statement(const struct platform *platform, struct signer *signer, const char *month,
                  const char *client_id, struct json **ret, struct err *err)
{
    CLEANUP(prices_done) struct prices prices = {.rows = NULL};
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct making making = {.prices = &prices, .list = list};

    TRY(check_month(month, err));
    if (!door_is_there(platform))
        return FAIL(err, ERR_REMOTE, "this platform has no way to ask the authority");
    TRY(ask_prices(platform, signer, month, &prices, err));
    TRY(json_put_text(body, "month", month, err));
    if (client_id != NULL)
        TRY(make_one(platform, month, client_id, &making, body, err));
    else
        TRY(make_all(platform, month, &making, body, err));
    if (client_id == NULL)
        TRY(json_put(body, "statements", json_steal(&list), err));
    *ret = json_steal(&body);
    return 0;
}
