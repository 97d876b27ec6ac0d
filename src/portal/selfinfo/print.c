/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/selfinfo/print.h"

#include "base/arena.h"
#include "exchange/answer.h"
#include "exchange/exchange.h"
#include "portal/papers.h"

#include <stdio.h>
#include <string.h>

/* A paper that is written, and in which language. */
struct writing {
    struct paper *paper;
    enum paper_language language;
};

/* exchange_states, as somebody reads them. */
static const struct papers_words state_words[] = {
    [EXCHANGE_REQUESTED] = {{"依頼済み（これから機関に送られます）",
                             "Requested (it will be sent to the body)"}},
    [EXCHANGE_WAITING] = {{"回答待ち", "Waiting for the answer"}},
    [EXCHANGE_READY] = {{"提供されました", "Handed over"}},
    [EXCHANGE_NOTHING] = {{"該当する情報はありません", "The body holds nothing like that"}},
    [EXCHANGE_UNSUPPORTED] = {{"この機関は対応していません", "This body cannot be asked for it"}},
    [EXCHANGE_OVER_CAPACITY] = {{"機関の処理上限を超えています", "The body has too much to do"}},
    [EXCHANGE_RATE_LIMITED] = {{"回数の上限に達しています", "Too much was asked in a short time"}},
    [EXCHANGE_MAINTENANCE] = {{"停止中です", "The body is down for maintenance"}},
    [EXCHANGE_EXPIRED] = {{"期限が過ぎました", "Too late"}},
};

static const char *word_of_state(const char *state, enum paper_language language)
{
    for (size_t i = 0; i < EXCHANGE_STATES_; i++)
        if (strcmp(exchange_states[i], state) == 0)
            return state_words[i].in[language];
    return state;
}

static int get_time(const struct json *told, const char *key, enum paper_language language,
                    char ret[PAPERS_TIME_SIZE], struct err *err)
{
    int64_t at = 0;

    if (!json_is_null_member(told, key))
        TRY(json_get_int(told, key, &at, err));
    papers_time(at, language, ret);
    return 0;
}

/* content begins with the month; records from before the form have a day of it behind. */
static int get_month(const char *content, enum paper_language language, char ret[PAPER_DAY_SIZE],
                     struct err *err)
{
    char text[ITEM_MONTH_LEN + sizeof "-01"];
    struct caldate day;

    (void)snprintf(text, sizeof text, "%.*s-01", ITEM_MONTH_LEN, content);
    TRY(caldate_parse_iso(text, &day, err));
    paper_month(day, language, ret);
    return 0;
}

static int get_day(const char *text, enum paper_language language, char ret[PAPER_DAY_SIZE],
                   struct err *err)
{
    struct caldate day;

    TRY(caldate_parse_iso(text, &day, err));
    paper_day(day, language, ret);
    return 0;
}

/* As somebody reads it; content has its form (exchange/answer.h). */
static int write_content(enum item_form form, const char *content, enum paper_language language,
                         struct arena *arena, const char **ret, struct err *err)
{
    static const struct papers_words yes = {{"はい", "Yes"}}, no = {{"いいえ", "No"}};
    static const struct papers_words yen = {{"円", " yen"}};
    char day[PAPER_DAY_SIZE];

    switch (form) {
    case ITEM_FLAG:
        *ret = (strcmp(content, "1") == 0 ? yes : no).in[language];
        return 0;
    case ITEM_YEN:
        return arena_format(arena, ret, err, "%s%s", content, yen.in[language]);
    case ITEM_DATE:
        TRY(get_day(content, language, day, err));
        return arena_format(arena, ret, err, "%s", day);
    case ITEM_MONTH:
        TRY(get_month(content, language, day, err));
        return arena_format(arena, ret, err, "%s", day);
    case ITEM_TEXT:
    case ITEM_NUMBER:
    case ITEM_FORMS_:
        break;
    }
    *ret = content;
    return 0;
}

static const struct papers_words name_keys = {{"name", "name_en"}};

/* An item of level 1 belongs to the one before it. */
static int read_row(const struct json *item, enum paper_language language, struct arena *arena,
                    struct paper_row *ret, struct err *err)
{
    static const struct papers_words indent = {{"　", "   "}};
    int64_t level;
    const char *name, *content, *form;
    size_t place = 0;

    TRY(json_get_int(item, "level", &level, err));
    TRY(json_get_text(item, name_keys.in[language], &name, err));
    TRY(json_get_text(item, "content", &content, err));
    TRY(json_get_text(item, "form", &form, err));
    while (place < ITEM_FORMS_ && strcmp(item_forms[place], form) != 0)
        place++;
    TRY(write_content((enum item_form)place, content, language, arena, &ret->value, err));
    return arena_format(arena, &ret->label, err, "%s%s", level > 0 ? indent.in[language] : "",
                        name);
}

static int print_record(const struct json *record, const struct writing *writing, struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    const enum paper_language language = writing->language;
    char shown[PAPER_DAY_SIZE];
    const struct json *items;
    struct paper_row *rows;
    const char *day, *line;
    void *room;

    TRY(json_get_text(record, "day", &day, err));
    TRY(get_day(day, language, shown, err));
    TRY(json_get_array(record, "items", &items, err));
    TRY(arena_new(&arena, err));
    TRY(arena_alloc(arena, json_count(items) * sizeof *rows, &room, err));
    rows = room;
    for (size_t i = 0; i < json_count(items); i++)
        TRY(read_row(json_at(items, i), language, arena, &rows[i], err));
    TRY(arena_format(arena, &line, err, language == PAPER_ENGLISH ? "Record of %s" : "%s の記録",
                     shown));
    TRY(paper_line(writing->paper, line, err));
    return paper_table(writing->paper, rows, json_count(items), err);
}

static int print_standing(const struct json *item, const struct writing *writing, struct err *err)
{
    static const struct papers_words provider_keys = {{"provider_name", "provider_name_en"}};
    static const struct papers_words labels[] = {{{"情報を持つ機関", "Who has it"}},
                                                 {{"状態", "State"}},
                                                 {{"照会した日時", "Asked"}},
                                                 {{"回答の日時", "Answered"}}};
    const enum paper_language language = writing->language;
    char asked[PAPERS_TIME_SIZE], answered[PAPERS_TIME_SIZE];
    const char *provider, *state;

    TRY(json_get_text(item, "state", &state, err));
    if (json_is_null_member(item, "provider_name"))
        TRY(json_get_text(item, "provider", &provider, err));
    else
        TRY(json_get_text(item, provider_keys.in[language], &provider, err));
    TRY(get_time(item, "asked_at", language, asked, err));
    TRY(get_time(item, "answered_at", language, answered, err));
    const struct paper_row rows[] = {{labels[0].in[language], provider},
                                     {labels[1].in[language], word_of_state(state, language)},
                                     {labels[2].in[language], asked},
                                     {labels[3].in[language], answered}};
    return paper_table(writing->paper, rows, sizeof rows / sizeof rows[0], err);
}

static int print_item(const struct json *item, const struct writing *writing, struct err *err)
{
    const struct json *records;
    const char *name;

    TRY(json_get_text(item, name_keys.in[writing->language], &name, err));
    TRY(paper_heading(writing->paper, name, err));
    TRY(print_standing(item, writing, err));
    if (!json_has(item, "records"))
        return 0;
    TRY(json_get_array(item, "records", &records, err));
    for (size_t i = 0; i < json_count(records); i++)
        TRY(print_record(json_at(records, i), writing, err));
    return 0;
}

static int print_request(const struct json *told, const struct writing *writing, struct err *err)
{
    static const struct papers_words lead = {
        {"機関が保有するあなたの情報として、この画面に届いたものを書き写した控えです。",
         "A copy of what bodies hold about you, as it arrived on this page. Names, addresses and "
         "other texts are as the bodies keep them, in Japanese."}};
    static const struct papers_words all = {{"すべて", "All"}}, year_unit = {{"年", ""}};
    static const struct papers_words labels[] = {{{"依頼した日時", "Asked"}},
                                                 {{"対象の年", "Year"}}};
    const enum paper_language language = writing->language;
    char made[PAPERS_TIME_SIZE], year[32];
    int64_t number;

    TRY(get_time(told, "made_at", language, made, err));
    (void)snprintf(year, sizeof year, "%s", all.in[language]);
    if (!json_is_null_member(told, "year")) {
        TRY(json_get_int(told, "year", &number, err));
        (void)snprintf(year, sizeof year, "%lld%s", (long long)number, year_unit.in[language]);
    }
    const struct paper_row rows[] = {{labels[0].in[language], made},
                                     {labels[1].in[language], year}};
    TRY(paper_line(writing->paper, lead.in[language], err));
    return paper_table(writing->paper, rows, sizeof rows / sizeof rows[0], err);
}

int selfinfo_print(const struct json *told, enum paper_language language, struct paper *paper,
                   struct err *err)
{
    const struct writing writing = {paper, language};
    const struct json *items;

    TRY(print_request(told, &writing, err));
    TRY(json_get_array(told, "items", &items, err));
    for (size_t i = 0; i < json_count(items); i++)
        TRY(print_item(json_at(items, i), &writing, err));
    return 0;
}
