/* SPDX-License-Identifier: Apache-2.0 */
/* Who comes to a register for the first time: born, or from abroad. Refusals first. */
#include "register/arrival.h"
#include "register/refusal.h"
#include "register/routes.h"
#include "register/store_sqlite.h"
#include "support/clerk_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct test_clerk first, clerk;

static int set_up(void **state)
{
    (void)desks_set_up(state);
    first = who_first();
    clerk = who_added(&first, "[\"registrar\"]", "13101");
    return 0;
}

static int tear_down(void **state)
{
    who_done(&clerk);
    who_done(&first);
    return desks_tear_down(state);
}

static int64_t count(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t number;

    assert_int_equal(db_begin_read(site.store->db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &number, NULL), 0);
    return number;
}

/* A child of 20 November 2026, three days ago; members that are given take the place of its own. */
static unsigned arrive(const struct test_clerk *who, const char *given, struct json **ret)
{
    static const struct {
        const char *key, *value;
    } child[] = {
        {"name", "見本　みらい"},
        {"kana", "ミホン　ミライ"},
        {"address", "東京都千代田区見本町二丁目"},
        {"birth_date", "2026-11-20"},
        {"sex", "female"},
        {"municipality", "13101"},
        {"reason", "birth"},
        {"request_id", "b-1"},
    };
    CLEANUP(json_freep) struct json *body = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *written;

    assert_int_equal(json_parse(bytes_text(given), &body, NULL), 0);
    for (size_t i = 0; i < sizeof child / sizeof child[0]; i++) {
        if (!json_has(body, child[i].key))
            assert_int_equal(json_put_text(body, child[i].key, child[i].value, NULL), 0);
    }
    assert_int_equal(json_write(body, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &written, NULL), 0);
    return who_order(who, "/v1/residents", written, ret);
}

static void id_of(const struct json *filed, char ret[RESIDENT_ID_LEN + 1])
{
    CLEANUP(json_freep) struct json *answer = NULL;

    assert_int_equal(json_parse(bytes_text(site_text(filed, "answer")), &answer, NULL), 0);
    (void)snprintf(ret, RESIDENT_ID_LEN + 1, "%s", site_text(answer, "id"));
}

static void who_may_not_register_does_not(void **state)
{
    CLEANUP(who_done) struct test_clerk issuer = who_added(&first, "[\"issuer\"]", "13101");
    CLEANUP(who_done) struct test_clerk far = who_added(&first, "[\"registrar\"]", "13102");
    CLEANUP(json_freep) struct json *told = NULL;

    (void)state;
    assert_int_equal(arrive(&issuer, "{}", &told), 403);
    assert_refused(told, REFUSED_ROLE);
    assert_int_equal(arrive(&far, "{}", &told), 403);
    assert_refused(told, REFUSED_PLACE);
    assert_int_equal(count("SELECT count(*) FROM resident"), 1);
}

static void what_cannot_be_is_refused(void **state)
{
    static const char *const wrong[] = {
        "{\"birth_date\":\"2026-11-24\"}",                       /* tomorrow */
        "{\"birth_date\":\"2026-02-29\"}",                       /* no day */
        "{\"birth_date\":\"1867-12-31\"}",                       /* before all eras */
        "{\"since\":\"2026-11-21\"}",                            /* not the birth's */
        "{\"reason\":\"from-abroad\"}",                          /* since when? */
        "{\"reason\":\"from-abroad\",\"since\":\"2026-11-24\"}", /* to come */
        "{\"reason\":\"from-abroad\",\"since\":\"2026-11-19\"}", /* unborn */
        "{\"reason\":\"from-abroad\",\"since\":\"2026-11-21\",\"stay_until\":\"2026-11-22\"}",
        "{\"reason\":\"miracle\"}",
        "{\"request_id\":\"\"}",
        "{\"name\":\"\"}",
        "{\"name\":\"\360\240\256\267野　みらい\"}", /* none that certificates can hold */
        "{\"name\":\"見本\\u200bみらい\"}",
        "{\"kana\":\"みほん\"}",
        "{\"address\":\"大阪府大阪市見本町\"}",
        "{\"municipality\":\"00000\"}",
        "{\"mynumber\":\"123456789012\"}",
        "{\"registered_name\":\"全く別の名\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        unsigned status = arrive(&clerk, wrong[i], NULL);

        if (status != 400 && status != 403)
            fail_msg("%u for %s", status, wrong[i]);
    }
    assert_int_equal(count("SELECT count(*) FROM resident"), 1);
    assert_int_equal(count("SELECT count(*) FROM act"), 0);
}

/* What belongs to a reason does not go without one, and there is no number from nowhere. */
static void without_a_reason_a_number_is_needed(void **state)
{
    static const char without[] =
        "{\"name\":\"見本　太郎\",\"address\":\"東京都千代田区見本町\",\"birth_date\":"
        "\"1990-01-01\",\"sex\":\"male\",\"municipality\":\"13101\"%s}";
    static const char *const more[] = {"", ",\"request_id\":\"x\"", ",\"since\":\"2026-01-01\"",
                                       ",\"is_somebody_else\":true"};
    char body[512];

    (void)state;
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        (void)snprintf(body, sizeof body, without, more[i]);
        assert_int_equal(who_order(&clerk, "/v1/residents", body, NULL), 400);
    }
}

static void where_numbers_are_real_none_is_designated(void **state)
{
    (void)state;
    site.counter.rule = MYNUMBER_LAW;
    assert_int_equal(arrive(&clerk, "{}", NULL), 403);
    assert_int_equal(count("SELECT count(*) FROM resident"), 1);
    assert_int_equal(count("SELECT count(*) FROM mynumber"), 1);
}

static void a_child_is_registered_once_with_a_number_that_nobody_can_have(void **state)
{
    CLEANUP(json_freep) struct json *told = NULL;
    CLEANUP(json_freep) struct json *again = NULL;
    char id[RESIDENT_ID_LEN + 1], other[RESIDENT_ID_LEN + 1];
    struct resident child;

    (void)state;
    assert_int_equal(arrive(&clerk, "{}", &told), 201);
    id_of(told, id);
    assert_int_equal(register_get_resident(site.store, id, &child, NULL), 0);
    assert_string_equal(child.name, "見本　みらい");
    assert_int_equal(child.standing, STANDING_HERE);
    assert_int_equal(arrive(&clerk, "{}", &again), 201); /* the answer was lost */
    id_of(again, other);
    assert_string_equal(other, id);
    assert_int_equal(count("SELECT count(*) FROM resident"), 2);
    assert_int_equal(count("SELECT count(*) FROM mynumber WHERE length(digits) = 12"), 2);
    assert_int_equal(count("SELECT count(*) FROM act WHERE name = 'registered' AND details ="
                           " 'reason=birth' || char(10) || 'since=2026-11-20' || char(10)"),
                     1);
    assert_int_equal(arrive(&clerk, "{\"name\":\"見本　未来\"}", NULL), 409); /* the same id */
    assert_int_equal(arrive(&clerk, "{\"reason\":\"from-abroad\",\"since\":\"2026-11-20\"}", NULL),
                     409);
}

static void whoever_may_be_known_is_added_only_as_somebody_else(void **state)
{
    CLEANUP(json_freep) struct json *told = NULL;

    (void)state;
    assert_int_equal(arrive(&clerk, "{}", NULL), 201);
    assert_int_equal(arrive(&clerk, "{\"request_id\":\"b-2\"}", &told), 409);
    assert_refused(told, REFUSED_KNOWN);
    /* In other characters, at another place: it sounds the same. */
    assert_int_equal(arrive(&clerk,
                            "{\"request_id\":\"b-3\",\"name\":\"見本　未来\",\"address\":"
                            "\"東京都千代田区別町\"}",
                            &told),
                     409);
    assert_refused(told, REFUSED_KNOWN);
    assert_int_equal(arrive(&clerk, "{\"request_id\":\"b-4\",\"is_somebody_else\":false}", NULL),
                     409);
    assert_int_equal(count("SELECT count(*) FROM resident"), 2);
    assert_int_equal(arrive(&clerk, "{\"request_id\":\"b-5\",\"is_somebody_else\":true}", NULL),
                     201);
    assert_int_equal(count("SELECT count(DISTINCT digits) FROM mynumber"), 3);
}

/* A number that was told is kept, and is nobody else's. */
static void somebody_from_abroad_may_bring_a_number(void **state)
{
    static const char theirs[] = "{\"reason\":\"from-abroad\",\"since\":\"2026-11-21\","
                                 "\"name\":\"ＤＯＥ　ＪＯＨＮ\",\"kana\":\"ドウ　ジョン\","
                                 "\"birth_date\":\"1980-01-02\",\"stay_until\":\"2028-03-31\","
                                 "\"mynumber\":\"123456789018\"}";
    static const char free[] = "{\"reason\":\"from-abroad\",\"since\":\"2026-11-21\","
                               "\"name\":\"ＤＯＥ　ＪＯＨＮ\",\"kana\":\"ドウ　ジョン\","
                               "\"birth_date\":\"1980-01-02\",\"stay_until\":\"2028-03-31\"}";
    CLEANUP(json_freep) struct json *told = NULL;
    char id[RESIDENT_ID_LEN + 1];
    struct resident who;

    (void)state;
    assert_int_equal(arrive(&clerk, theirs, NULL), 409); /* Hanako's */
    assert_int_equal(count("SELECT count(*) FROM act"), 0);
    assert_int_equal(arrive(&clerk, free, &told), 201);
    id_of(told, id);
    assert_int_equal(register_get_resident(site.store, id, &who, NULL), 0);
    assert_int_equal(who.stay_until.year, 2028);
    /* Who becomes Japanese has a name of their own choice, and no end of a stay. */
    char path[96];
    (void)snprintf(path, sizeof path, "/v1/residents/%s/acts", id);
    assert_int_equal(
        who_order(&clerk, path, "{\"request_id\":\"n-1\",\"act\":\"naturalisation\"}", NULL), 400);
    assert_int_equal(who_order(&clerk, path,
                               "{\"request_id\":\"n-2\",\"act\":\"naturalisation\",\"name\":"
                               "\"見本　譲\",\"kana\":\"ミホン　ジョウ\"}",
                               NULL),
                     201);
    assert_int_equal(register_get_resident(site.store, id, &who, NULL), 0);
    assert_string_equal(who.name, "見本　譲");
    assert_int_equal(who.stay_until.year, 0);
}

static void a_designated_number_fits_the_rule_for_tests_alone(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        CLEANUP(mynumber_done) struct mynumber made = MYNUMBER_INIT;
        CLEANUP(mynumber_done) struct mynumber parsed = MYNUMBER_INIT;
        char text[MYNUMBER_LEN + 1] = "";

        assert_int_equal(mynumber_new(MYNUMBER_TEST, &made, NULL), 0);
        memcpy(text, secret_bytes(&made.digits).ptr, MYNUMBER_LEN);
        assert_int_equal(mynumber_parse(text, MYNUMBER_TEST, &parsed, NULL), 0);
        assert_int_equal(mynumber_parse(text, MYNUMBER_LAW, &parsed, NULL), -ERR_INPUT);
        assert_int_equal(mynumber_new(MYNUMBER_LAW, &parsed, NULL), -ERR_DENIED);
    }
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(who_may_not_register_does_not),
        EACH(what_cannot_be_is_refused),
        EACH(without_a_reason_a_number_is_needed),
        EACH(where_numbers_are_real_none_is_designated),
        EACH(a_child_is_registered_once_with_a_number_that_nobody_can_have),
        EACH(whoever_may_be_known_is_added_only_as_somebody_else),
        EACH(somebody_from_abroad_may_bring_a_number),
        EACH(a_designated_number_fits_the_rule_for_tests_alone),
    };

    return cmocka_run_group_tests(tests, desks_make, desks_release);
}
