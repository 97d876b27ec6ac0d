/* SPDX-License-Identifier: Apache-2.0 */
/* What a portal may answer to a clinic's terminal, and what is signed with consents in it. */
#include "holder/eligibility.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define INSURANCE                                                                                  \
    "\"insurance\":{\"insurer\":\"A\",\"insurer_number\":null,\"symbol\":\"S\",\"number\":\"1\","  \
    "\"branch\":\"00\",\"category\":null,\"valid_from\":\"2020-04-01\",\"valid_until\":null,"      \
    "\"limit_category\":\"U\",\"share_percent\":30}"
#define REST "\"checked_at\":5,\"method\":\"pin\",\"consents\":[]"

static int parse(const char *text, struct eligibility_answer *ret)
{
    CLEANUP(json_freep) struct json *json = NULL;

    assert_int_equal(json_parse(bytes_text(text), &json, NULL), 0);
    return eligibility_parse(json, ret, NULL);
}

static void what_is_no_answer_is_refused(void **state)
{
    static const char *const answers[] = {
        "{}",
        "[]",
        "{\"lookup\":\"a/b\",\"state\":\"asking\"," REST "}",
        "{\"lookup\":\"l\",\"state\":\"asking\",\"checked_at\":5,\"method\":\"pin\"}",
        "{\"lookup\":\"l\",\"state\":\"ASKING\"," REST "}",
        "{\"lookup\":\"l\",\"state\":\"insured\"," REST "}",
        "{\"lookup\":\"l\",\"state\":\"insured\",\"insurance\":{}," REST "}",
        "{\"lookup\":\"l\",\"state\":\"insured\",\"insurance\":{\"share_percent\":101}," REST "}",
        "{\"lookup\":\"l\",\"state\":\"insured\",\"insurance\":{\"share_percent\":-1}," REST "}",
        "{\"lookup\":\"l\",\"state\":\"insured\",\"insurance\":{\"insurer\":1,"
        "\"share_percent\":1}," REST "}",
        "{\"lookup\":\"l\",\"state\":\"asking\",\"checked_at\":5,\"method\":\"face\","
        "\"consents\":[]}",
        "{\"lookup\":\"l\",\"state\":\"asking\",\"checked_at\":5,\"method\":\"pin\","
        "\"consents\":[{\"kind\":\"address\",\"expires_at\":6}]}",
        "{\"lookup\":\"l\",\"state\":\"asking\",\"checked_at\":5,\"method\":\"pin\","
        "\"consents\":[{\"kind\":\"cost\"}]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct eligibility_answer answer;

        if (parse(answers[i], &answer) != -ERR_INPUT)
            fail_msg("%s", answers[i]);
    }
}

static void an_answer_is_taken_whole(void **state)
{
    struct eligibility_answer answer;

    (void)state;
    assert_int_equal(parse("{\"lookup\":\"l\",\"state\":\"insured\"," INSURANCE
                           ",\"checked_at\":5,\"method\":\"photo\",\"operator\":\"O\","
                           "\"is_changed\":true,"
                           "\"consents\":[{\"kind\":\"medicine\",\"expires_at\":6},"
                           "{\"kind\":\"cost\",\"expires_at\":6}]}",
                           &answer),
                     0);
    assert_int_equal(answer.state, ELIGIBILITY_INSURED);
    assert_true(answer.is_photo && answer.is_changed && answer.has_insurance);
    assert_string_equal(answer.operator, "O");
    assert_string_equal(answer.texts[ELIGIBILITY_LIMIT], "U");
    assert_string_equal(answer.texts[ELIGIBILITY_VALID_UNTIL], "");
    assert_int_equal(answer.share, 30);
    assert_int_equal(answer.consents, 1U << ELIGIBILITY_MEDICINE | 1U << ELIGIBILITY_COST);
    assert_int_equal(answer.consented_until, 6);
}

static int parse_reading(const char *text, struct eligibility_reading *ret)
{
    struct json *json = NULL;

    assert_int_equal(json_parse(bytes_text(text), &json, NULL), 0);
    return eligibility_parse_reading(json, ret, NULL);
}

#define ITEM "{\"name\":\"N\",\"name_en\":\"E\",\"content\":\"C\",\"level\":1}"

static void what_is_no_reading_is_refused(void **state)
{
    static const char *const readings[] = {
        "{}",
        "{\"reading\":\"r\"}",
        "{\"reading\":\"r/\",\"state\":\"ready\"}",
        "{\"reading\":\"r\",\"state\":\"\"}",
        "{\"reading\":\"r\",\"state\":\"ready\",\"records\":{}}",
        "{\"reading\":\"r\",\"state\":\"ready\",\"records\":[{\"items\":[]}]}",
        "{\"reading\":\"r\",\"state\":\"ready\",\"records\":[{\"day\":\"x\",\"items\":[]}]}",
        ("{\"reading\":\"r\",\"state\":\"ready\",\"records\":[{\"day\":\"2026-01-01\","
         "\"items\":[{\"name\":\"N\"}]}]}"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
        struct eligibility_reading reading = {.json = NULL};

        if (parse_reading(readings[i], &reading) != -ERR_INPUT)
            fail_msg("%s", readings[i]);
        assert_null(reading.json);
    }
}

/* So many records of so many items; what it is taken for. */
static int parse_many(size_t records, size_t items)
{
    CLEANUP(eligibility_reading_done) struct eligibility_reading reading = {.json = NULL};
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *whole;

    assert_int_equal(
        buf_append_text(&text, "{\"reading\":\"r\",\"state\":\"ready\",\"records\":[", NULL), 0);
    for (size_t i = 0; i < records; i++) {
        assert_int_equal(buf_append_format(&text, NULL, "%s{\"day\":\"2026-01-01\",\"items\":[",
                                           i == 0 ? "" : ","),
                         0);
        for (size_t k = 0; k < items; k++)
            assert_int_equal(buf_append_format(&text, NULL, "%s" ITEM, k == 0 ? "" : ","), 0);
        assert_int_equal(buf_append_text(&text, "]}", NULL), 0);
    }
    assert_int_equal(buf_append_text(&text, "]}", NULL), 0);
    assert_int_equal(buf_text(&text, &whole, NULL), 0);
    return parse_reading(whole, &reading);
}

static int count_items(void *context, const struct eligibility_item *item, struct err *err)
{
    unsigned *count = context;

    (void)err;
    assert_string_equal(item->name_en, "E");
    assert_true(item->is_detail);
    (*count)++;
    return 0;
}

static void readings_have_their_limits(void **state)
{
    CLEANUP(eligibility_reading_done) struct eligibility_reading reading = {.json = NULL};
    unsigned count = 0;

    (void)state;
    assert_int_equal(parse_many(ELIGIBILITY_RECORDS_MAX, 1), 0);
    assert_int_equal(parse_many(ELIGIBILITY_RECORDS_MAX + 1, 1), -ERR_INPUT);
    assert_int_equal(parse_many(1, ELIGIBILITY_ITEMS_MAX), 0);
    assert_int_equal(parse_many(1, ELIGIBILITY_ITEMS_MAX + 1), -ERR_INPUT);
    assert_int_equal(parse_reading("{\"reading\":\"r\",\"state\":\"waiting\",\"records\":[{"
                                   "\"day\":\"2026-01-01\",\"items\":[" ITEM "," ITEM "]}]}",
                                   &reading),
                     0);
    assert_true(reading.is_waiting);
    assert_int_equal(eligibility_each_item(&reading, count_items, &count, NULL), 0);
    assert_int_equal(count, 2);
}

static void consents_are_part_of_what_is_signed(void **state)
{
    struct challenge challenge = {.session = "s", .client_id = "1399999011", .expires_at = 9};
    struct challenge chosen;
    struct digest digests[2];

    (void)state;
    assert_int_equal(eligibility_choose(&challenge, 0, &chosen, NULL), 0);
    assert_string_equal(chosen.session, "s.none");
    assert_int_equal(challenge_digest(&chosen, "https://p.example", &digests[0], NULL), 0);
    assert_int_equal(eligibility_choose(&challenge,
                                        1U << ELIGIBILITY_MEDICINE | 1U << ELIGIBILITY_COST,
                                        &chosen, NULL),
                     0);
    assert_string_equal(chosen.session, "s.medicine+cost");
    assert_int_equal(challenge_digest(&chosen, "https://p.example", &digests[1], NULL), 0);
    assert_false(bytes_equal(digest_bytes(&digests[0]), digest_bytes(&digests[1])));
    memset(challenge.session, 's', CHALLENGE_SESSION_MAX - 5);
    challenge.session[CHALLENGE_SESSION_MAX - 5] = '\0';
    assert_int_equal(eligibility_choose(&challenge, 0, &chosen, NULL), 0);
    challenge.session[CHALLENGE_SESSION_MAX - 5] = 's';
    challenge.session[CHALLENGE_SESSION_MAX - 4] = '\0';
    assert_int_equal(eligibility_choose(&challenge, 0, &chosen, NULL), -ERR_REMOTE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_answer_is_refused),
        cmocka_unit_test(an_answer_is_taken_whole),
        cmocka_unit_test(what_is_no_reading_is_refused),
        cmocka_unit_test(readings_have_their_limits),
        cmocka_unit_test(consents_are_part_of_what_is_signed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
