/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/selfinfo/print.h"

#include "base/arena.h"
#include "exchange/exchange.h"
#include "portal/papers.h"

#include <stdio.h>
#include <string.h>

/* exchange_states, as somebody reads them. */
static const char *const state_words[] = {
    [EXCHANGE_REQUESTED] = "依頼済み（これから機関に送られます）",
    [EXCHANGE_WAITING] = "回答待ち",
    [EXCHANGE_READY] = "提供されました",
    [EXCHANGE_NOTHING] = "該当する情報はありません",
    [EXCHANGE_UNSUPPORTED] = "この機関は対応していません",
    [EXCHANGE_OVER_CAPACITY] = "機関の処理上限を超えています",
    [EXCHANGE_RATE_LIMITED] = "回数の上限に達しています",
    [EXCHANGE_MAINTENANCE] = "停止中です",
    [EXCHANGE_EXPIRED] = "期限が過ぎました",
};

static const char *word_of_state(const char *state)
{
    for (size_t i = 0; i < EXCHANGE_STATES_; i++)
        if (strcmp(exchange_states[i], state) == 0)
            return state_words[i];
    return state;
}

static int get_time(const struct json *told, const char *key, char ret[PAPERS_TIME_SIZE],
                    struct err *err)
{
    int64_t at = 0;

    if (!json_is_null_member(told, key))
        TRY(json_get_int(told, key, &at, err));
    papers_time(at, ret);
    return 0;
}

/* An item of level 1 belongs to the one before it. */
static int read_row(const struct json *item, struct arena *arena, struct paper_row *ret,
                    struct err *err)
{
    int64_t level;
    const char *name;

    TRY(json_get_int(item, "level", &level, err));
    TRY(json_get_text(item, "name", &name, err));
    TRY(json_get_text(item, "content", &ret->value, err));
    return arena_format(arena, &ret->label, err, "%s%s", level > 0 ? "　" : "", name);
}

static int print_record(const struct json *record, struct paper *paper, struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    const struct json *items;
    struct paper_row *rows;
    const char *day, *line;
    void *room;

    TRY(json_get_text(record, "day", &day, err));
    TRY(json_get_array(record, "items", &items, err));
    TRY(arena_new(&arena, err));
    TRY(arena_alloc(arena, json_count(items) * sizeof *rows, &room, err));
    rows = room;
    for (size_t i = 0; i < json_count(items); i++)
        TRY(read_row(json_at(items, i), arena, &rows[i], err));
    TRY(arena_format(arena, &line, err, "%s の記録", day));
    TRY(paper_line(paper, line, err));
    return paper_table(paper, rows, json_count(items), err);
}

static int print_standing(const struct json *item, struct paper *paper, struct err *err)
{
    char asked[PAPERS_TIME_SIZE], answered[PAPERS_TIME_SIZE];
    const char *provider, *state;

    TRY(json_get_text(item, "state", &state, err));
    if (json_is_null_member(item, "provider_name"))
        TRY(json_get_text(item, "provider", &provider, err));
    else
        TRY(json_get_text(item, "provider_name", &provider, err));
    TRY(get_time(item, "asked_at", asked, err));
    TRY(get_time(item, "answered_at", answered, err));
    const struct paper_row rows[] = {{"情報を持つ機関", provider},
                                     {"状態", word_of_state(state)},
                                     {"照会した日時", asked},
                                     {"回答の日時", answered}};
    return paper_table(paper, rows, sizeof rows / sizeof rows[0], err);
}

static int print_item(const struct json *item, struct paper *paper, struct err *err)
{
    const struct json *records;
    const char *name;

    TRY(json_get_text(item, "name", &name, err));
    TRY(paper_heading(paper, name, err));
    TRY(print_standing(item, paper, err));
    if (!json_has(item, "records"))
        return 0;
    TRY(json_get_array(item, "records", &records, err));
    for (size_t i = 0; i < json_count(records); i++)
        TRY(print_record(json_at(records, i), paper, err));
    return 0;
}

static int print_request(const struct json *told, struct paper *paper, struct err *err)
{
    char made[PAPERS_TIME_SIZE], year[32] = "すべて";
    int64_t number;

    TRY(get_time(told, "made_at", made, err));
    if (!json_is_null_member(told, "year")) {
        TRY(json_get_int(told, "year", &number, err));
        (void)snprintf(year, sizeof year, "%lld年", (long long)number);
    }
    const struct paper_row rows[] = {{"依頼した日時", made}, {"対象の年", year}};
    TRY(paper_line(paper,
                   "機関が保有するあなたの情報として、この画面に届いたものを書き写した控えです。",
                   err));
    return paper_table(paper, rows, sizeof rows / sizeof rows[0], err);
}

int selfinfo_print(const struct json *told, struct paper *paper, struct err *err)
{
    const struct json *items;

    TRY(print_request(told, paper, err));
    TRY(json_get_array(told, "items", &items, err));
    for (size_t i = 0; i < json_count(items); i++)
        TRY(print_item(json_at(items, i), paper, err));
    return 0;
}
