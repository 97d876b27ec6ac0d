/* SPDX-License-Identifier: Apache-2.0 */
/* What a provider may hand over under a name, and what is not taken for it. */
#include "exchange/answer.h"
#include "exchange/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TAX              "TM00000000000002"
#define ITEM(n, content) "{\"code\": \"00002000" n "\", \"content\": \"" content "\"}"
#define RECORD(items)    "{\"day\": \"2026-04-01\", \"items\": [" items "]}"

static struct tables *tables;

static int set_up(void **state)
{
    (void)state;
    return tables_load(EXCHANGE_DATA, &tables, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    tables_freep(&tables);
    return 0;
}

static int parse(const char *text)
{
    CLEANUP(json_freep) struct json *json = NULL;

    return answer_parse(tables, TAX, bytes_text(text), &json, NULL);
}

static void what_is_no_answer_under_a_name_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "{}",
        "{\"records\": []}",
        "{\"records\": [{}]}",
        "{\"records\": [" RECORD("") "]}",
        "{\"records\": [" RECORD(ITEM("10", "2026")) "], \"more\": 1}",
        "{\"records\": [" RECORD(ITEM("11", "2026")) "]}",  /* no such item */
        "{\"records\": [" RECORD(ITEM("10", "02026")) "]}", /* a number with a zero */
        "{\"records\": [" RECORD(ITEM("10", "-1")) "]}",
        "{\"records\": [" RECORD(ITEM("10", "")) "]}",
        "{\"records\": [" RECORD(ITEM("10", "1234567890123456")) "]}",      /* too long */
        "{\"records\": [" RECORD(ITEM("20", "1") "," ITEM("10", "1")) "]}", /* out of order */
        "{\"records\": [" RECORD(ITEM("10", "1") "," ITEM("10", "1")) "]}", /* twice */
        "{\"records\": [{\"day\": \"2026-4-1\", \"items\": [" ITEM("10", "1") "]}]}",
        ("{\"records\": [{\"day\": \"2026-04-01\", \"items\": [{\"code\": \"8200000020\","
         " \"content\": \"2026-04-01\"}]}]}"), /* of another name */
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (parse(texts[i]) != -ERR_INPUT)
            fail_msg("taken: %s", texts[i]);
    }
}

static void contents_have_the_form_of_their_item(void **state)
{
    (void)state;
    assert_true(answer_content_fits(ITEM_DATE, "2026-02-28"));
    assert_false(answer_content_fits(ITEM_DATE, "2026-02-29"));
    assert_true(answer_content_fits(ITEM_MONTH, "2026-02"));
    assert_true(answer_content_fits(ITEM_MONTH, "2026-02-28")); /* as it was told before */
    assert_false(answer_content_fits(ITEM_MONTH, "2026-13"));
    assert_false(answer_content_fits(ITEM_MONTH, "2026-02-29"));
    assert_false(answer_content_fits(ITEM_MONTH, "2026-2-1"));
    assert_false(answer_content_fits(ITEM_MONTH, "2026"));
    assert_true(answer_content_fits(ITEM_YEN, "0"));
    assert_false(answer_content_fits(ITEM_YEN, "00"));
    assert_false(answer_content_fits(ITEM_YEN, "1,000"));
    assert_true(answer_content_fits(ITEM_FLAG, "1"));
    assert_false(answer_content_fits(ITEM_FLAG, "2"));
    assert_true(answer_content_fits(ITEM_TEXT, "見本町 <b>&"));
    assert_false(answer_content_fits(ITEM_TEXT, "a\nb"));
    assert_false(answer_content_fits(ITEM_TEXT, "a\xe2\x80\xae"
                                                "b"));
}

static void append_records(struct buf *text, int count)
{
    assert_int_equal(buf_append_text(text, "{\"records\": [", NULL), 0);
    for (int i = 0; i < count; i++)
        assert_int_equal(
            buf_append_format(text, NULL, "%s%s", i == 0 ? "" : ",", RECORD(ITEM("10", "1"))), 0);
    assert_int_equal(buf_append_text(text, "]}", NULL), 0);
}

static void answers_have_limits(void **state)
{
    CLEANUP(json_freep) struct json *json = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char content[ANSWER_CONTENT_MAX + 2];

    (void)state;
    append_records(&text, ANSWER_RECORDS_MAX);
    assert_int_equal(answer_parse(tables, TAX, buf_bytes(&text), &json, NULL), 0);
    while (text.len < EXCHANGE_ANSWER_MAX)
        assert_int_equal(buf_append_byte(&text, ' ', NULL), 0);
    json_freep(&json);
    assert_int_equal(answer_parse(tables, TAX, buf_bytes(&text), &json, NULL), 0);
    json_freep(&json);
    assert_int_equal(buf_append_byte(&text, ' ', NULL), 0);
    assert_int_equal(answer_parse(tables, TAX, buf_bytes(&text), &json, NULL), -ERR_INPUT);
    buf_clear(&text);
    append_records(&text, ANSWER_RECORDS_MAX + 1);
    assert_int_equal(answer_parse(tables, TAX, buf_bytes(&text), &json, NULL), -ERR_INPUT);
    memset(content, 'x', sizeof content);
    content[ANSWER_CONTENT_MAX + 1] = '\0';
    assert_false(answer_content_fits(ITEM_TEXT, content));
    content[ANSWER_CONTENT_MAX] = '\0';
    assert_true(answer_content_fits(ITEM_TEXT, content));
}

static void an_answer_is_explained_in_both_languages(void **state)
{
    static const char text[] = "{\"records\": [" RECORD(
        ITEM("10", "2026") "," ITEM("30", "5000000")) "]}";
    CLEANUP(json_freep) struct json *json = NULL;
    CLEANUP(json_freep) struct json *told = NULL;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    const char *whole;

    (void)state;
    assert_int_equal(answer_parse(tables, TAX, bytes_text(text), &json, NULL), 0);
    assert_int_equal(answer_explain(tables, TAX, json, &told, NULL), 0);
    assert_int_equal(json_write(told, &out, NULL), 0);
    assert_int_equal(buf_text(&out, &whole, NULL), 0);
    assert_string_equal(
        whole, "[{\"day\":\"2026-04-01\",\"items\":[{\"code\":\"0000200010\",\"level\":0,"
               "\"form\":\"number\",\"name\":\"課税年度\",\"name_en\":\"Tax year\","
               "\"content\":\"2026\"},{\"code\":\"0000200030\",\"level\":1,\"form\":\"yen\","
               "\"name\":\"給与収入\",\"name_en\":\"Salary\",\"content\":\"5000000\"}]}]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_answer_under_a_name_is_refused),
        cmocka_unit_test(contents_have_the_form_of_their_item),
        cmocka_unit_test(answers_have_limits),
        cmocka_unit_test(an_answer_is_explained_in_both_languages),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
