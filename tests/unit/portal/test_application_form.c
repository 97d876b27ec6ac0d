/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/form.h"

#include "portal/application/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct json *parse(const char *text)
{
    struct json *json = NULL;

    if (json_parse(bytes_text(text), &json, NULL) < 0)
        fail_msg("no JSON: %s", text);
    return json;
}

/* A form of these fields, and more members. */
static struct json *form_of(const char *fields, const char *more)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *whole;

    assert_int_equal(buf_append_format(&text, NULL, "{\"needs_signature\":true,\"fields\":[%s]%s}",
                                       fields, more),
                     0);
    assert_int_equal(buf_text(&text, &whole, NULL), 0);
    return parse(whole);
}

#define FIELD(name, rest) "{\"name\":\"" name "\",\"label\":\"l\"," rest "}"
#define TEXT              FIELD("a", "\"type\":\"text\"")
#define CHOICE                                                                                     \
    FIELD("c", "\"type\":\"choice\",\"options\":[{\"value\":\"x\",\"label\":\"X\"},"               \
               "{\"value\":\"y\",\"label\":\"Y\"}]")

static void assert_form(const char *fields, const char *more, int rc)
{
    CLEANUP(json_freep) struct json *form = form_of(fields, more);

    if (form_check(form, NULL) != rc)
        fail_msg("%s%s: not %d", fields, more, rc);
}

static void forms_of_all_kinds_are_taken(void **state)
{
    static const char *const rows[] = {
        TEXT,
        FIELD("a", "\"type\":\"text\",\"form\":\"kana\",\"max_length\":10,\"prefill\":\"name\""),
        FIELD("a", "\"type\":\"integer\",\"min\":-1,\"max\":1"),
        FIELD("a", "\"type\":\"lines\",\"help\":\"h\",\"is_required\":true"),
        CHOICE "," FIELD("d", "\"type\":\"date\",\"when\":{\"field\":\"c\",\"is\":\"y\"}"),
        FIELD("f", "\"type\":\"flag\"") "," FIELD(
            "d", "\"type\":\"date\",\"when\":{\"field\":\"f\",\"is\":\"no\"}"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_form(rows[i], "", 0);
    assert_form(TEXT,
                ",\"attachments\":[{\"name\":\"p\",\"label\":\"l\",\"types\":[\"pdf\"],"
                "\"max_files\":5}]",
                0);
    assert_form(TEXT,
                ",\"attachments\":[{\"name\":\"p\",\"label\":\"l\",\"types\":[\"pdf\"],"
                "\"document\":\"card-front\"}]",
                0);
}

static void what_nobody_could_answer_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        TEXT "," TEXT,
        FIELD("A", "\"type\":\"text\""),
        FIELD("_", "\"type\":\"text\""),
        FIELD("", "\"type\":\"text\""),
        FIELD("a", "\"type\":\"number\""),
        FIELD("a", "\"type\":\"choice\""),
        FIELD("a", "\"type\":\"choice\",\"options\":[]"),
        FIELD("a", "\"type\":\"choice\",\"options\":[{\"value\":\"x\",\"label\":\"X\"},"
                   "{\"value\":\"x\",\"label\":\"Y\"}]"),
        FIELD("a", "\"type\":\"text\",\"options\":[{\"value\":\"x\",\"label\":\"X\"}]"),
        FIELD("a", "\"type\":\"date\",\"max_length\":3"),
        FIELD("a", "\"type\":\"text\",\"max_length\":0"),
        FIELD("a", "\"type\":\"text\",\"min\":0"),
        FIELD("a", "\"type\":\"lines\",\"form\":\"kana\""),
        FIELD("a", "\"type\":\"integer\",\"min\":2,\"max\":1"),
        FIELD("a", "\"type\":\"text\",\"when\":{\"field\":\"a\",\"is\":\"x\"}"), /* on itself */
        FIELD("a", "\"type\":\"text\",\"when\":{\"field\":\"c\",\"is\":\"x\"}") "," CHOICE,
        CHOICE "," FIELD("a", "\"type\":\"text\",\"when\":{\"field\":\"c\",\"is\":\"z\"}"),
        TEXT "," FIELD("b", "\"type\":\"text\",\"when\":{\"field\":\"a\",\"is\":\"x\"}"),
        FIELD("a", "\"type\":\"text\",\"onclick\":\"x\""),
        "{\"name\":\"a\",\"label\":\"\\u200b\",\"type\":\"text\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_form(rows[i], "", -ERR_INPUT);
    assert_form(TEXT, ",\"attachments\":[{\"name\":\"p\",\"label\":\"l\",\"types\":[]}]",
                -ERR_INPUT);
    assert_form(TEXT, ",\"attachments\":[{\"name\":\"p\",\"label\":\"l\",\"types\":[\"exe\"]}]",
                -ERR_INPUT);
    /* nobody may attach it */
    assert_form(TEXT,
                ",\"attachments\":[{\"name\":\"p\",\"label\":\"l\",\"types\":[\"png\"],"
                "\"document\":\"card-back\"}]",
                -ERR_INPUT);
}

/* count of them, numbered where they have a place for it, with commas between. */
static void repeat(const char *before, const char *one, const char *after, int count,
                   struct buf *ret)
{
    buf_clear(ret);
    assert_int_equal(buf_append_text(ret, before, NULL), 0);
    for (int i = 0; i < count; i++) {
        const char *place = strchr(one, '#');

        assert_int_equal(buf_append_format(ret, NULL, "%s%.*s%d%s", i == 0 ? "" : ",",
                                           (int)(place - one), one, i, place + 1),
                         0);
    }
    assert_int_equal(buf_append_text(ret, after, NULL), 0);
}

static void assert_limit(const char *before, const char *one, const char *after, int most)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    for (int more = 0; more < 2; more++) {
        CLEANUP(json_freep) struct json *form = NULL;
        const char *whole;

        repeat(before, one, after, most + more, &text);
        assert_int_equal(buf_text(&text, &whole, NULL), 0);
        form = parse(whole);
        if (form_check(form, NULL) != (more == 0 ? 0 : -ERR_INPUT))
            fail_msg("%s: %d", one, most + more);
    }
}

#define START "{\"needs_signature\":false,\"fields\":["

static void forms_have_limits(void **state)
{
    (void)state;
    assert_limit(START, "{\"name\":\"a#\",\"label\":\"l\",\"type\":\"text\"}", "]}",
                 FORM_FIELDS_MAX);
    assert_limit(START "{\"name\":\"a\",\"label\":\"l\",\"type\":\"choice\",\"options\":[",
                 "{\"value\":\"v#\",\"label\":\"l\"}", "]}]}", FORM_OPTIONS_MAX);
    assert_limit(START TEXT "],\"attachments\":[",
                 "{\"name\":\"a#\",\"label\":\"l\",\"types\":[\"png\"]}", "]}", FORM_FILES_MAX);
}

static void assert_length(const char *before, const char *after, size_t most)
{
    for (size_t len = most; len <= most + 1; len++) {
        CLEANUP(json_freep) struct json *form = NULL;
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        const char *whole;

        assert_int_equal(buf_append_text(&text, before, NULL), 0);
        for (size_t i = 0; i < len; i++)
            assert_int_equal(buf_append_byte(&text, 'w', NULL), 0);
        assert_int_equal(buf_append_text(&text, after, NULL), 0);
        assert_int_equal(buf_text(&text, &whole, NULL), 0);
        form = parse(whole);
        if (form_check(form, NULL) != (len == most ? 0 : -ERR_INPUT))
            fail_msg("%s of %zu", before, len);
    }
}

static void words_of_a_form_have_limits(void **state)
{
    (void)state;
    assert_length(START "{\"name\":\"", "\",\"label\":\"l\",\"type\":\"text\"}]}", FORM_NAME_MAX);
    assert_length(START "{\"name\":\"a\",\"label\":\"", "\",\"type\":\"text\"}]}", FORM_LABEL_MAX);
    assert_length(START "{\"name\":\"a\",\"label\":\"l\",\"type\":\"text\",\"label_en\":\"",
                  "\"}]}", FORM_ENGLISH_LABEL_MAX);
    assert_length(START "{\"name\":\"a\",\"label\":\"l\",\"type\":\"text\",\"help_en\":\"", "\"}]}",
                  FORM_ENGLISH_HELP_MAX);
    assert_length(START "{\"name\":\"a\",\"label\":\"l\",\"type\":\"choice\",\"options\":["
                        "{\"value\":\"v\",\"label\":\"l\",\"label_en\":\"",
                  "\"}]}]}", FORM_ENGLISH_LABEL_MAX);
    assert_length(START TEXT
                  "],\"attachments\":[{\"name\":\"f\",\"label\":\"l\",\"types\":[\"png\"],"
                  "\"label_en\":\"",
                  "\"}]}", FORM_ENGLISH_LABEL_MAX);
    assert_length(START "{\"name\":\"a\",\"label\":\"l\",\"type\":\"text\",\"help\":\"", "\"}]}",
                  FORM_HELP_MAX);
    assert_form(TEXT,
                ",\"attachments\":[{\"name\":\"p\",\"label\":\"l\",\"types\":[\"pdf\"],"
                "\"max_files\":6}]",
                -ERR_INPUT);
    assert_int_equal(FORM_EACH_MAX, 5);
}

/* ---- answers ---- */

/* What is wrong with them, as "field:problem ...". */
static const char *judge(const struct json *form, const char *answers, enum form_stage stage)
{
    static char said[256];
    CLEANUP(json_freep) struct json *given = parse(answers);
    CLEANUP(json_freep) struct json *problems = NULL;
    size_t len = 0;

    said[0] = '\0';
    if (form_judge(form, given, stage, &problems, NULL) < 0)
        return "refused";
    for (size_t i = 0; i < json_count(problems); i++) {
        const char *field, *problem;

        assert_int_equal(json_get_text(json_at(problems, i), "field", &field, NULL), 0);
        assert_int_equal(json_get_text(json_at(problems, i), "problem", &problem, NULL), 0);
        len += (size_t)snprintf(said + len, sizeof said - len, "%s%s:%s", i == 0 ? "" : " ", field,
                                problem);
    }
    return said;
}

static void each_kind_of_answer_is_judged(void **state)
{
    static const struct {
        const char *field, *value, *said;
    } rows[] = {
        {"\"type\":\"text\"", "番号　花子", ""},
        {"\"type\":\"text\"", "a\\nb", "a:invisible"},
        {"\"type\":\"text\"", "a\\u202eb", "a:invisible"},
        {"\"type\":\"lines\"", "a\\nb", ""},
        {"\"type\":\"lines\"", "a\\n\\u0007", "a:invisible"},
        {"\"type\":\"text\",\"max_length\":2", "二字", ""},
        {"\"type\":\"text\",\"max_length\":2", "三文字", "a:too-long"},
        {"\"type\":\"text\",\"form\":\"digits\"", "0123", ""},
        {"\"type\":\"text\",\"form\":\"digits\"", "01-3", "a:misspelled"},
        {"\"type\":\"text\",\"form\":\"phone\"", "03-1234-5678", ""},
        {"\"type\":\"text\",\"form\":\"phone\"", "03", "a:misspelled"},
        {"\"type\":\"text\",\"form\":\"kana\"", "バンゴウ　ハナコ", ""},
        {"\"type\":\"text\",\"form\":\"kana\"", "ばんごう", "a:misspelled"},
        {"\"type\":\"text\",\"form\":\"email\"", "a@b.example", ""},
        {"\"type\":\"text\",\"form\":\"email\"", "a@b@c.example", "a:misspelled"},
        {"\"type\":\"text\",\"form\":\"email\"", "<a@b.example>", "a:misspelled"},
        {"\"type\":\"text\",\"form\":\"postal-code\"", "100-0001", ""},
        {"\"type\":\"text\",\"form\":\"postal-code\"", "1000001", "a:misspelled"},
        {"\"type\":\"integer\"", "-12", ""},
        {"\"type\":\"integer\"", "0", ""},
        {"\"type\":\"integer\"", "012", "a:no-number"},
        {"\"type\":\"integer\"", "-0", "a:no-number"},
        {"\"type\":\"integer\"", "1e3", "a:no-number"},
        {"\"type\":\"integer\"", "１", "a:no-number"},
        {"\"type\":\"integer\"", "1234567890123456", "a:no-number"},
        {"\"type\":\"integer\",\"min\":1,\"max\":3", "0", "a:too-small"},
        {"\"type\":\"integer\",\"min\":1,\"max\":3", "1", ""},
        {"\"type\":\"integer\",\"min\":1,\"max\":3", "3", ""},
        {"\"type\":\"integer\",\"min\":1,\"max\":3", "4", "a:too-large"},
        {"\"type\":\"date\"", "2024-02-29", ""},
        {"\"type\":\"date\"", "2023-02-29", "a:no-date"},
        {"\"type\":\"flag\"", "no", ""},
        {"\"type\":\"flag\"", "true", "a:no-option"},
        {"\"type\":\"choice\",\"options\":[{\"value\":\"x\",\"label\":\"X\"}]", "x", ""},
        {"\"type\":\"choice\",\"options\":[{\"value\":\"x\",\"label\":\"X\"}]", "X", "a:no-option"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(json_freep) struct json *form = NULL;
        char field[256], answers[256];
        const char *said;

        (void)snprintf(field, sizeof field, "{\"name\":\"a\",\"label\":\"l\",%s}", rows[i].field);
        (void)snprintf(answers, sizeof answers, "[{\"field\":\"a\",\"value\":\"%s\"}]",
                       rows[i].value);
        form = form_of(field, "");
        assert_int_equal(form_check(form, NULL), 0);
        said = judge(form, answers, FORM_COMPLETE);
        if (strcmp(said, rows[i].said) != 0)
            fail_msg("%s %s: %s", rows[i].field, rows[i].value, said);
    }
}

#define ANSWER(field, value) "{\"field\":\"" field "\",\"value\":\"" value "\"}"

static void conditions_decide_what_is_asked(void **state)
{
    CLEANUP(json_freep)
    struct json *form = form_of(
        CHOICE "," FIELD(
            "f",
            "\"type\":\"flag\",\"is_required\":true,"
            "\"when\":{\"field\":\"c\",\"is\":\"x\"}") "," FIELD("t",
                                                                 "\"type\":\"text\",\"is_"
                                                                 "required\":true,\"when\":{"
                                                                 "\"field\":\"f\",\"is\":\"yes\"}"),
        "");

    (void)state;
    assert_int_equal(form_check(form, NULL), 0);
    assert_string_equal(judge(form, "[]", FORM_COMPLETE), "");
    assert_string_equal(judge(form, "[" ANSWER("c", "x") "]", FORM_COMPLETE), "f:missing");
    assert_string_equal(judge(form, "[" ANSWER("c", "x") "]", FORM_SO_FAR), "");
    assert_string_equal(judge(form, "[" ANSWER("c", "x") "," ANSWER("f", "yes") "]", FORM_COMPLETE),
                        "t:missing");
    assert_string_equal(judge(form, "[" ANSWER("c", "x") "," ANSWER("f", "no") "]", FORM_COMPLETE),
                        "");
    assert_string_equal(judge(form, "[" ANSWER("c", "y") "," ANSWER("f", "yes") "]", FORM_COMPLETE),
                        "f:not-asked");
    /* f is not asked, so neither is t, whatever is answered */
    assert_string_equal(judge(form,
                              "[" ANSWER("c", "y") "," ANSWER("f", "yes") "," ANSWER("t", "a") "]",
                              FORM_COMPLETE),
                        "f:not-asked t:not-asked");
}

static void required_answers_may_be_missing_in_a_draft_only(void **state)
{
    CLEANUP(json_freep)
    struct json *form = form_of(FIELD("a", "\"type\":\"text\",\"is_required\":true"), "");

    (void)state;
    assert_string_equal(judge(form, "[]", FORM_SO_FAR), "");
    assert_string_equal(judge(form, "[]", FORM_COMPLETE), "a:missing");
    assert_string_equal(judge(form, "[" ANSWER("a", "") "]", FORM_COMPLETE), "a:missing");
    assert_string_equal(judge(form, "[" ANSWER("a", " 　") "]", FORM_COMPLETE), "a:missing");
    assert_string_equal(judge(form, "[" ANSWER("a", " 　") "]", FORM_SO_FAR), "");
}

static void what_the_certificate_says_need_not_be_answered(void **state)
{
    static const char field[] = FIELD(
        "a", "\"type\":\"text\",\"is_required\":true,\"prefill\":\"name\"");
    CLEANUP(json_freep) struct json *signs = form_of(field, "");
    CLEANUP(json_freep) struct json *plain = NULL;
    char text[256];

    (void)state;
    (void)snprintf(text, sizeof text, "{\"needs_signature\":false,\"fields\":[%s]}", field);
    plain = parse(text);
    assert_string_equal(judge(signs, "[]", FORM_COMPLETE), "");
    /* of the proxy, which says nothing of the applicant */
    assert_string_equal(judge(signs, "[]", FORM_BY_PROXY), "a:missing");
    assert_string_equal(judge(signs, "[" ANSWER("a", "x") "]", FORM_BY_PROXY), "");
    assert_string_equal(judge(plain, "[]", FORM_COMPLETE), "a:missing");
}

static void answers_to_nothing_are_refused(void **state)
{
    CLEANUP(json_freep) struct json *form = form_of(TEXT, "");

    (void)state;
    assert_string_equal(judge(form, "[" ANSWER("b", "x") "]", FORM_SO_FAR), "refused");
    assert_string_equal(judge(form, "[" ANSWER("a", "x") "," ANSWER("a", "y") "]", FORM_SO_FAR),
                        "refused");
    assert_string_equal(judge(form, "[{\"field\":\"a\"}]", FORM_SO_FAR), "refused");
    assert_string_equal(judge(form, "[{\"field\":\"a\",\"value\":1}]", FORM_SO_FAR), "refused");
    assert_string_equal(judge(form, "[\"a\"]", FORM_SO_FAR), "refused");
}

static void an_answer_has_so_many_characters(void **state)
{
    CLEANUP(json_freep) struct json *form = form_of(TEXT, "");
    char answers[FORM_ANSWER_MAX + 64];
    int head = snprintf(answers, sizeof answers, "[{\"field\":\"a\",\"value\":\"");

    (void)state;
    memset(answers + head, 'w', FORM_ANSWER_MAX);
    (void)snprintf(answers + head + FORM_ANSWER_MAX, 8, "\"}]");
    assert_string_equal(judge(form, answers, FORM_COMPLETE), "");
    (void)snprintf(answers + head + FORM_ANSWER_MAX, 8, "w\"}]");
    assert_string_equal(judge(form, answers, FORM_COMPLETE), "a:too-long");
}

/* What a certificate says instead: widths of spaces are nothing, everything else is. */
static void where_a_certificate_says_otherwise_is_found(void **state)
{
    static const char form[] =
        "{\"needs_signature\":true,\"fields\":["
        "{\"name\":\"who\",\"label\":\"l\",\"type\":\"text\",\"prefill\":\"name\"},"
        "{\"name\":\"where\",\"label\":\"l\",\"type\":\"text\",\"prefill\":\"address\"},"
        "{\"name\":\"born\",\"label\":\"l\",\"type\":\"date\",\"prefill\":\"birth_date\"},"
        "{\"name\":\"other\",\"label\":\"l\",\"type\":\"text\"}]}";
    static const char said[] = "{\"name\":\"見本　花子\",\"address\":\"見本町１番\","
                               "\"birth_date\":\"1990-04-15\",\"sex\":\"female\"}";
    static const struct {
        const char *answers, *expected;
    } rows[] = {
        {"[]", "[]"},
        {"[{\"field\":\"other\",\"value\":\"x\"}]", "[]"},
        {"[{\"field\":\"who\",\"value\":\"\"}]", "[]"},
        {"[{\"field\":\"who\",\"value\":\"見本 花子 \"}]", "[]"},
        {"[{\"field\":\"who\",\"value\":\"見本花\"}]",
         "[{\"field\":\"who\",\"certificate\":\"見本　花子\"}]"},
        {"[{\"field\":\"who\",\"value\":\"見本花子子\"}]",
         "[{\"field\":\"who\",\"certificate\":\"見本　花子\"}]"},
        {"[{\"field\":\"where\",\"value\":\"見本町2番\"},{\"field\":\"born\",\"value\":\"1990-04-"
         "16\"}]",
         "[{\"field\":\"where\",\"certificate\":\"見本町１番\"},"
         "{\"field\":\"born\",\"certificate\":\"1990-04-15\"}]"},
    };
    CLEANUP(json_freep) struct json *definition = NULL;
    CLEANUP(json_freep) struct json *applicant = NULL;

    (void)state;
    assert_int_equal(json_parse(bytes_text(form), &definition, NULL), 0);
    assert_int_equal(json_parse(bytes_text(said), &applicant, NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(json_freep) struct json *answers = NULL;
        CLEANUP(json_freep) struct json *found = NULL;
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        const char *words;

        assert_int_equal(json_parse(bytes_text(rows[i].answers), &answers, NULL), 0);
        assert_int_equal(form_compare(definition, answers, applicant, &found, NULL), 0);
        assert_int_equal(json_write(found, &text, NULL), 0);
        assert_int_equal(buf_text(&text, &words, NULL), 0);
        assert_string_equal(words, rows[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_of_all_kinds_are_taken),
        cmocka_unit_test(what_nobody_could_answer_is_refused),
        cmocka_unit_test(forms_have_limits),
        cmocka_unit_test(words_of_a_form_have_limits),
        cmocka_unit_test(each_kind_of_answer_is_judged),
        cmocka_unit_test(conditions_decide_what_is_asked),
        cmocka_unit_test(required_answers_may_be_missing_in_a_draft_only),
        cmocka_unit_test(what_the_certificate_says_need_not_be_answered),
        cmocka_unit_test(answers_to_nothing_are_refused),
        cmocka_unit_test(an_answer_has_so_many_characters),
        cmocka_unit_test(where_a_certificate_says_otherwise_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
