/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/procedure/content.h"

#include "portal/procedure/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "\"category\":\"childcare\",\"events\":[\"birth\"],\"name\":\"n\",\"summary\":\"s\""

/* A content of the head and more members. */
static int check(const char *more, struct err *err)
{
    CLEANUP(json_freep) struct json *content = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    assert_int_equal(
        buf_append_format(&text, NULL, "{" HEAD "%s%s}", *more == '\0' ? "" : ",", more), 0);
    assert_int_equal(json_parse(buf_bytes(&text), &content, NULL), 0);
    return procedure_content_check(content, err);
}

static void assert_refused(const char *more, const char *word)
{
    struct err err = {0};

    if (check(more, &err) != -ERR_INPUT)
        fail_msg("taken: %s", more);
    if (strstr(err.text, word) == NULL)
        fail_msg("%s: %s", more, err.text);
}

static void contents_of_all_kinds_are_taken(void **state)
{
    static const char *const rows[] = {
        "",
        "\"alias\":\"出産のお祝い\"",
        "\"body\":[{\"paragraph\":\"児童手当を受けるための手続です。\"}]",
        "\"fee\":[{\"list\":[\"無料\",\"郵送は切手代\"]}]",
        "\"fee\":[{\"paragraph\":\"無料\"}],\"fee_en\":[{\"list\":[\"Free\",\"Stamps\"]}]",
        "\"alias_en\":\"Gift\"",
        "\"age\":{\"condition\":\"年度末まで\",\"condition_en\":\"until March\"}",
        "\"links\":[{\"kind\":\"form\",\"title\":\"t\",\"title_en\":\"t\",\"url\":\"https://a\"}]",
        ("\"money\":[{\"table\":[{\"cells\":[{\"text\":\"年齢\",\"is_heading\":true,\"rows\":2},"
         "{\"text\":\"月額\",\"columns\":2}]},{\"cells\":[{\"text\":\"第1子\"},{\"text\":\"\"}]}]}"
         "]"),
        "\"age\":{\"from_years\":0,\"to_years\":18,\"to_months\":11,\"condition\":\"年度末まで\"}",
        "\"links\":[{\"kind\":\"form\",\"title\":\"t\",\"url\":\"https://city.example/a?b=c\"}]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (check(rows[i], NULL) != 0)
            fail_msg("refused: %s", rows[i]);
}

static void what_is_no_content_is_refused(void **state)
{
    static const struct {
        const char *more, *word;
    } rows[] = {
        {"\"script\":\"x\"", "script"},
        {"\"alias\":\"\"", "alias"},
        {"\"alias\":\"a\\u202eb\"", "cannot be seen"},
        {"\"alias\":\"a\\nb\"", "cannot be seen"},
        {"\"name_en\":\"\"", "name_en"},
        {"\"alias_en\":1", "alias_en"},
        {"\"body_en\":[{\"paragraph\":\"a\"}]", "no body"},
        {"\"requirements_en\":[{\"list\":[\"a\"]}],\"fee\":[{\"list\":[\"a\"]}]",
         "no requirements"},
        {"\"fee\":[{\"list\":[\"a\"]}],\"fee_en\":[]", "fee_en: "},
        {"\"fee\":[{\"list\":[\"a\"]}],\"fee_en\":[{\"list\":[\"a\\u202eb\"]}]", "fee_en: "},
        {"\"age\":{\"condition_en\":\"a\"}", "no condition"},
        {"\"age\":{\"condition\":\"a\",\"condition_en\":\"\"}", "condition_en"},
        {"\"links\":[{\"kind\":\"form\",\"title\":\"t\",\"title_en\":\"\",\"url\":\"https://a\"}]",
         "title_en"},
        {"\"summary_en\":\"a\\u202eb\"", "cannot be seen"},
        {"\"body\":[]", "blocks"},
        {"\"body\":[{}]", "a block is"},
        {"\"body\":[{\"paragraph\":\"a\",\"list\":[\"b\"]}]", "a block is"},
        {"\"body\":[{\"list\":[]}]", "items"},
        {"\"body\":[{\"list\":[1]}]", "list"},
        {"\"body\":[{\"table\":[]}]", "rows"},
        {"\"body\":[{\"table\":[{\"cells\":[]}]}]", "columns"},
        /* the second row is narrower, wider, or runs into a cell from above */
        {"\"fee\":[{\"table\":[{\"cells\":[{\"text\":\"a\"},{\"text\":\"b\"}]},"
         "{\"cells\":[{\"text\":\"c\"}]}]}]",
         "narrower"},
        {"\"fee\":[{\"table\":[{\"cells\":[{\"text\":\"a\"}]},"
         "{\"cells\":[{\"text\":\"b\"},{\"text\":\"c\"}]}]}]",
         "wider"},
        {"\"fee\":[{\"table\":[{\"cells\":[{\"text\":\"a\"},{\"text\":\"b\",\"rows\":2}]},"
         "{\"cells\":[{\"text\":\"c\",\"columns\":2}]}]}]",
         "one place"},
        {"\"fee\":[{\"table\":[{\"cells\":[{\"text\":\"a\",\"rows\":2}]}]}]", "reaches out"},
        {"\"fee\":[{\"table\":[{\"cells\":[{\"text\":\"a\",\"columns\":0}]}]}]", "reaches out"},
        {"\"age\":{\"from_years\":-1}", "from_years"},
        {"\"age\":{\"to_months\":12}", "to_months"},
        {"\"links\":[{\"kind\":\"form\",\"title\":\"t\",\"url\":\"http://a\"}]", "https"},
        {"\"links\":[{\"kind\":\"form\",\"title\":\"t\",\"url\":\"javascript:alert(1)\"}]",
         "https"},
        {"\"links\":[{\"kind\":\"form\",\"title\":\"t\",\"url\":\"https://a/\\\"onclick=\"}]",
         "https"},
        {"\"links\":[{\"kind\":\"form\",\"title\":\"t\",\"url\":\"https://a@b/\"}]", "https"},
        {"\"links\":[{\"kind\":\"form\",\"title\":\"t\",\"url\":\"https:///a\"}]", "https"},
        {"\"links\":[{\"kind\":\"form\",\"title\":\"t\",\"url\":\"https://\u0430.jp/\"}]", "https"},
        {"\"links\":[{\"kind\":\"advert\",\"title\":\"t\",\"url\":\"https://a\"}]", "kind"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_refused(rows[i].more, rows[i].word);
}

/* count copies of a text, with commas between if it has quotes or braces around it. */
static int check_many(const char *before, const char *one, size_t count, const char *after)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const bool is_list = strchr("\"{", one[0]) != NULL;
    const char *whole;

    assert_int_equal(buf_append_text(&text, before, NULL), 0);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && is_list)
            assert_int_equal(buf_append_byte(&text, ',', NULL), 0);
        assert_int_equal(buf_append_text(&text, one, NULL), 0);
    }
    assert_int_equal(buf_append_text(&text, after, NULL), 0);
    assert_int_equal(buf_text(&text, &whole, NULL), 0);
    return check(whole, NULL);
}

static void limits_hold_at_them_and_one_past(void **state)
{
    static const char url[] = "\"links\":[{\"kind\":\"form\",\"title\":\"t\",\"url\":\"https://";
    static const struct {
        const char *before, *one, *after;
        size_t most;
    } rows[] = {
        {"\"alias\":\"", "長", "\"", PROCEDURE_NAME_MAX},
        {"\"name_en\":\"", "長", "\"", PROCEDURE_ENGLISH_NAME_MAX},
        {"\"alias_en\":\"", "長", "\"", PROCEDURE_ENGLISH_NAME_MAX},
        {"\"fee\":[{\"list\":[\"a\"]}],\"fee_en\":[", "{\"paragraph\":\"a\"}", "]",
         PROCEDURE_BLOCKS_MAX},
        {"\"age\":{\"condition\":\"a\",\"condition_en\":\"", "長", "\"}", PROCEDURE_TEXT_MAX},
        {"\"links\":[{\"kind\":\"form\",\"title\":\"t\",\"url\":\"https://a\",\"title_en\":\"",
         "長", "\"}]", PROCEDURE_ENGLISH_NAME_MAX},
        {"\"summary_en\":\"", "長", "\"", PROCEDURE_ENGLISH_SUMMARY_MAX},
        {"\"body\":[{\"paragraph\":\"", "長", "\"}]", PROCEDURE_TEXT_MAX},
        {"\"body\":[", "{\"paragraph\":\"a\"}", "]", PROCEDURE_BLOCKS_MAX},
        {"\"body\":[{\"list\":[", "\"a\"", "]}]", PROCEDURE_ITEMS_MAX},
        {"\"body\":[{\"table\":[{\"cells\":[", "{\"text\":\"a\"}", "]}]}]", PROCEDURE_COLUMNS_MAX},
        {"\"body\":[{\"table\":[", "{\"cells\":[{\"text\":\"a\"}]}", "]}]", PROCEDURE_ITEMS_MAX},
        {"\"links\":[", "{\"kind\":\"form\",\"title\":\"t\",\"url\":\"https://a\"}", "]",
         PROCEDURE_LINKS_MAX},
        {url, "a", "\"}]", PROCEDURE_URL_MAX - 8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (check_many(rows[i].before, rows[i].one, rows[i].most, rows[i].after) != 0)
            fail_msg("refused at the limit: %s", rows[i].before);
        if (check_many(rows[i].before, rows[i].one, rows[i].most + 1, rows[i].after) != -ERR_INPUT)
            fail_msg("taken past the limit: %s", rows[i].before);
    }
}

static int check_head(size_t summary, size_t events)
{
    CLEANUP(json_freep) struct json *content = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    char text[PROCEDURE_SUMMARY_MAX + 2];

    memset(text, 's', summary);
    text[summary] = '\0';
    for (size_t i = 0; i < events; i++)
        assert_int_equal(json_add_text(list, procedure_events[i], NULL), 0);
    assert_int_equal(json_put_text(content, "category", "other", NULL), 0);
    assert_int_equal(json_put(content, "events", json_steal(&list), NULL), 0);
    assert_int_equal(json_put_text(content, "name", "n", NULL), 0);
    assert_int_equal(json_put_text(content, "summary", text, NULL), 0);
    return procedure_content_check(content, NULL);
}

static void the_head_has_limits_too(void **state)
{
    (void)state;
    assert_int_equal(check_head(PROCEDURE_SUMMARY_MAX, PROCEDURE_EVENTS_MAX), 0);
    assert_int_equal(check_head(PROCEDURE_SUMMARY_MAX + 1, 0), -ERR_INPUT);
    assert_int_equal(check_head(0, 0), -ERR_INPUT);
    assert_int_equal(check_head(1, PROCEDURE_EVENTS_MAX + 1), -ERR_INPUT);
}

/* A section of paragraphs, so that the whole is just so long. */
static int check_length(size_t length)
{
    static const char *const names[] = {"body",      "target", "eligible",
                                        "allowance", "money",  "goods"};
    CLEANUP(json_freep) struct json *content = NULL;
    char paragraph[PROCEDURE_TEXT_MAX + 1];
    size_t left;

    assert_int_equal(json_parse(BYTES_LITERAL("{" HEAD "}"), &content, NULL), 0);
    left = length - strlen("{" HEAD "}");
    for (size_t i = 0; left > 0; i++) {
        CLEANUP(json_freep) struct json *blocks = json_array_new();
        size_t frame = strlen(",\"\":[]") + strlen(names[i]);

        assert_true(i < sizeof names / sizeof names[0]);
        left -= frame;
        for (size_t n = 0; n < 8 && left > 0; n++) {
            CLEANUP(json_freep) struct json *block = json_object_new();
            const size_t around = strlen("{\"paragraph\":\"\"}") + (n > 0);
            size_t take = left - around;

            if (take > PROCEDURE_TEXT_MAX)
                take = PROCEDURE_TEXT_MAX - 100;
            memset(paragraph, 'p', take);
            paragraph[take] = '\0';
            assert_int_equal(json_put_text(block, "paragraph", paragraph, NULL), 0);
            assert_int_equal(json_add(blocks, json_steal(&block), NULL), 0);
            left -= around + take;
        }
        assert_int_equal(json_put(content, names[i], json_steal(&blocks), NULL), 0);
    }
    return procedure_content_check(content, NULL);
}

static void a_content_has_so_many_bytes(void **state)
{
    (void)state;
    assert_int_equal(check_length(PROCEDURE_CONTENT_MAX), 0);
    assert_int_equal(check_length(PROCEDURE_CONTENT_MAX + 1), -ERR_INPUT);
}

static void all_words_can_be_found(void **state)
{
    CLEANUP(json_freep) struct json *content = NULL;
    CLEANUP(procedure_folded_done) struct procedure_folded folded = {.fields = {BUF_INIT}};
    static const char text[] =
        "{\"category\":\"other\",\"events\":[],\"name\":\"なまえ\",\"alias\":\"Ａ\","
        "\"summary\":\"要約\",\"name_en\":\"Ｎame\",\"alias_en\":\"B\",\"summary_en\":\"In  "
        "short\","
        "\"body\":[{\"paragraph\":\"段落\"},{\"list\":[\"い\",\"ろ\"]}],"
        "\"body_en\":[{\"paragraph\":\"A paragraph\"},{\"list\":[\"One\"]}],"
        "\"requirements\":[{\"table\":[{\"cells\":[{\"text\":\"欄\"},{\"text\":\"間\"}]}]}]}";
    const char *fields[FIELDS_];

    (void)state;
    assert_int_equal(json_parse(bytes_text(text), &content, NULL), 0);
    assert_int_equal(procedure_content_fold(content, &folded, NULL), 0);
    for (size_t i = 0; i < FIELDS_; i++)
        assert_int_equal(buf_text(&folded.fields[i], &fields[i], NULL), 0);
    assert_string_equal(fields[FIELD_NAME], "ナマエ a name b");
    assert_string_equal(fields[FIELD_SUMMARY], "要約 in short");
    assert_string_equal(fields[FIELD_REST], "段落 イ ロ a paragraph one 欄 間");
}

static void a_table_says_what_stands_where(void **state)
{
    CLEANUP(json_freep) struct json *table = NULL;
    CLEANUP(table_shape_done) struct table_shape shape = {.at = NULL};
    static const char text[] =
        "[{\"cells\":[{\"text\":\"a\",\"rows\":2},{\"text\":\"b\",\"columns\":2}]},"
        "{\"cells\":[{\"text\":\"c\"},{\"text\":\"d\"}]}]";
    static const uint8_t kinds[] = {PLACE_CELL,       PLACE_CELL, PLACE_FROM_LEFT,
                                    PLACE_FROM_ABOVE, PLACE_CELL, PLACE_CELL};

    (void)state;
    assert_int_equal(json_parse(bytes_text(text), &table, NULL), 0);
    assert_int_equal(table_shape_of(table, &shape, NULL), 0);
    assert_int_equal(shape.rows, 2);
    assert_int_equal(shape.columns, 3);
    for (size_t i = 0; i < sizeof kinds; i++)
        assert_int_equal(shape.at[i].kind, kinds[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contents_of_all_kinds_are_taken),
        cmocka_unit_test(what_is_no_content_is_refused),
        cmocka_unit_test(limits_hold_at_them_and_one_past),
        cmocka_unit_test(the_head_has_limits_too),
        cmocka_unit_test(a_content_has_so_many_bytes),
        cmocka_unit_test(all_words_can_be_found),
        cmocka_unit_test(a_table_says_what_stands_where),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
