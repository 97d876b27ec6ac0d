/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/notice/topics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct json *parse(const char *text)
{
    struct json *json = NULL;

    assert_int_equal(json_parse(bytes_text(text), &json, NULL), 0);
    return json;
}

static int check(const char *code, const char *parameters)
{
    CLEANUP(json_freep) struct json *json = parameters == NULL ? NULL : parse(parameters);
    const struct notice_topic *topic = notice_topic_find(code);

    assert_non_null(topic);
    return notice_topic_check(topic, json, NULL);
}

static void assert_written(const char *code, enum notice_language language, const char *parameters,
                           const char *expected)
{
    CLEANUP(json_freep) struct json *json = parse(parameters);
    const struct notice_topic *topic = notice_topic_find(code);
    CLEANUP(buf_done) struct buf written = BUF_INIT;
    const char *text;

    assert_int_equal(notice_topic_check(topic, json, NULL), 0);
    assert_int_equal(
        notice_topic_write(topic->words[language].text, language, topic, json, &written, NULL), 0);
    assert_int_equal(buf_text(&written, &text, NULL), 0);
    assert_string_equal(text, expected);
}

static void refuses_what_a_topic_does_not_take(void **state)
{
    (void)state;
    assert_null(notice_topic_find("application"));
    assert_int_equal(check("information.ready", "{\"x\":\"y\"}"), -ERR_INPUT);
    assert_int_equal(check("application.state", NULL), -ERR_INPUT);
    assert_int_equal(check("application.state", "{\"procedure\":\"児童手当\"}"), -ERR_INPUT);
    assert_int_equal(
        check("application.state", "{\"procedure\":\"児童手当\",\"state\":\"finished\"}"),
        -ERR_INPUT);
    assert_int_equal(check("payment.due", "{\"payment\":\"税\",\"until\":\"2026-02-30\"}"),
                     -ERR_INPUT);
    assert_int_equal(check("payment.due", "{\"payment\":\"税\",\"until\":20260228}"), -ERR_INPUT);
}

/* Whoever has an office's key may not lead people elsewhere, or hide what he says. */
static void refuses_names_that_are_none(void **state)
{
    static const char *const bad[] = {"",
                                      "https://evil.example/",
                                      "see www.evil.example",
                                      "a\\nb",
                                      "abc\\u202Ecba",
                                      " ",
                                      "　",
                                      "<b>税</b>",
                                      "税 a@b.example",
                                      "123456789",
                                      "１２３４-5678-9０１８"};
    char parameters[200];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(parameters, sizeof parameters,
                       "{\"payment\":\"%s\",\"until\":\"2026-02-28\"}", bad[i]);
        assert_int_equal(check("payment.due", parameters), -ERR_INPUT);
    }
}

static void takes_names_up_to_their_limit(void **state)
{
    char name[3 * (NOTICE_NAME_MAX + 1) + 1] = "", parameters[400];

    (void)state;
    for (int i = 0; i < NOTICE_NAME_MAX; i++)
        strcat(name, "税");
    (void)snprintf(parameters, sizeof parameters, "{\"service\":\"%s\"}", name);
    assert_int_equal(check("consent.used", parameters), 0);
    strcat(name, "税");
    (void)snprintf(parameters, sizeof parameters, "{\"service\":\"%s\"}", name);
    assert_int_equal(check("consent.used", parameters), -ERR_INPUT);
}

static void says_it_in_each_language(void **state)
{
    static const char moved[] = "{\"procedure\":\"児童手当\",\"state\":\"returned\"}";
    static const char due[] = "{\"payment\":\"{until}\",\"until\":\"2026-03-05\"}";

    (void)state;
    assert_written("application.state", NOTICE_JA, moved,
                   "「児童手当」の申請が「差戻し（訂正が必要）」になりました。");
    assert_written("application.state", NOTICE_EN, moved,
                   "Your application \"児童手当\" is now: returned for correction.");
    assert_written("application.state", NOTICE_PLAIN, moved,
                   "「児童手当」の申しこみは、いま「なおしてください」です。");
    /* What stands in a parameter is no template. */
    assert_written("payment.due", NOTICE_EN, due, "\"{until}\" is to be paid by 2026-03-05.");
    assert_written("payment.due", NOTICE_JA, due, "「{until}」の納付期限は2026年3月5日です。");
}

/* Each topic has all its words, and each parameter stands in each text. */
static void has_all_words(void **state)
{
    char needle[64];

    (void)state;
    for (const struct notice_topic *topic = notice_topics; topic->code != NULL; topic++) {
        assert_true(topic->days > 0);
        assert_ptr_equal(notice_topic_find(topic->code), topic);
        for (int i = 0; i < NOTICE_LANGUAGES_; i++) {
            assert_non_null(topic->words[i].title);
            assert_null(strchr(topic->words[i].title, '{'));
            assert_non_null(topic->words[i].text);
            for (const struct notice_parameter *p = topic->parameters; p->name != NULL; p++) {
                (void)snprintf(needle, sizeof needle, "{%s}", p->name);
                if (strstr(topic->words[i].text, needle) == NULL)
                    fail_msg("%s: no %s in %s", topic->code, needle, notice_languages[i]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_a_topic_does_not_take),
        cmocka_unit_test(refuses_names_that_are_none),
        cmocka_unit_test(takes_names_up_to_their_limit),
        cmocka_unit_test(says_it_in_each_language),
        cmocka_unit_test(has_all_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
