/* SPDX-License-Identifier: Apache-2.0 */
/* Whom clerks may look at: at a counter, and at the loss line, which finds callers of the whole
 * country and shows nothing but what can be suspended. Refusals first. */
#include "register/loss.h"
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

#define SEARCH "POST /v1/loss-line/searches"
#define CALLER(name_, birth_, address_)                                                            \
    "{\"name\":\"" name_ "\",\"birth_date\":\"" birth_ "\",\"address\":\"" address_ "\"}"
#define HANAKO CALLER("番号花子", "1990-04-15", "千代田区見本町")

static struct test_clerk first, line, local, far, second;

static int set_up(void **state)
{
    (void)desks_set_up(state);
    first = who_first();
    line = who_added(&first, "[\"loss-line\"]", "13102");
    local = who_added(&first, "[\"registrar\",\"issuer\"]", "13101");
    far = who_added(&first, "[\"registrar\",\"issuer\"]", "13102");
    second = who_added(&first, "[\"approver\"]", "13101");
    return 0;
}

static int tear_down(void **state)
{
    struct test_clerk *const all[] = {&first, &line, &local, &far, &second};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        who_done(all[i]);
    return desks_tear_down(state);
}

static unsigned search(const struct test_clerk *who, const char *body, struct json **ret)
{
    CLEANUP(json_freep) struct json *json = NULL;

    assert_int_equal(json_parse(bytes_text(body), &json, NULL), 0);
    return desk_ask(who, SEARCH, json, ret);
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

#define RECORDS(act_, outcome_)                                                                    \
    count("SELECT count(*) FROM audit WHERE act = '" act_ "' AND outcome = '" outcome_             \
          "' AND actor LIKE 'clerk:%'")

static void run_sql(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(site.store->db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void assert_denied(const struct test_clerk *who, const char *request, enum refusal refusal)
{
    CLEANUP(json_freep) struct json *problem = NULL;

    assert_int_equal(desk_ask(who, request, NULL, &problem), 403);
    assert_refused(problem, refusal);
}

static void only_the_loss_line_looks_for_callers(void **state)
{
    const struct test_clerk *const others[] = {&first, &local, &second};
    struct test_clerk nobody = line;

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CLEANUP(json_freep) struct json *problem = NULL;

        assert_int_equal(search(others[i], HANAKO, &problem), 403);
        assert_refused(problem, REFUSED_ROLE);
    }
    nobody.token[0] = '\0';
    assert_int_equal(search(&nobody, HANAKO, NULL), 403);
    assert_int_equal(RECORDS("loss.told", ""), 0);
}

static void the_loss_line_sees_no_resident_and_no_card_otherwise(void **state)
{
    char request[96];

    (void)state;
    assert_denied(&line, "GET /v1/residents?birth_date=1990-04-15", REFUSED_ROLE);
    (void)snprintf(request, sizeof request, "GET /v1/residents/%s", site.resident);
    assert_denied(&line, request, REFUSED_ROLE);
    (void)snprintf(request, sizeof request, "GET /v1/residents/%s/cards", site.resident);
    assert_denied(&line, request, REFUSED_ROLE);
    assert_denied(&line, "GET /v1/cards/A-1", REFUSED_ROLE);
    assert_denied(&line, "GET /v1/cards/A-1/history", REFUSED_ROLE);
}

static void what_a_caller_does_not_know_finds_nobody(void **state)
{
    static const char *const wrong[] = {
        CALLER("番号", "1990-04-15", "千代田区見本町"),       /* half of a name */
        CALLER("番号花子", "1990-04-16", "千代田区見本町"),   /* another day */
        CALLER("番号花子", "1990-04-15", "千代田区見本町九"), /* another house */
        CALLER("番号花子", "1990-04-15", "東京都"),           /* everybody lives there */
        CALLER("番号花子", "1990-04-15", "%%%"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(search(&line, wrong[i], NULL), 404);
    assert_int_equal(RECORDS("loss.missed", "nobody"), sizeof wrong / sizeof wrong[0]);
    assert_int_equal(RECORDS("loss.told", ""), 0);
}

/* Three characters of an address are enough to be looked at; two are not. */
static void what_is_too_short_or_no_day_is_refused(void **state)
{
    _Static_assert(LOSS_ADDRESS_MIN == 3, "as in the next lines");
    char body[2 * NAME_BYTES_MAX + 128];
    char name[NAME_BYTES_MAX + 2];

    (void)state;
    assert_int_equal(search(&line, CALLER("番号花子", "1990-04-15", "見本町"), NULL), 200);
    assert_int_equal(search(&line, CALLER("番号花子", "1990-04-15", "見本"), NULL), 400);
    assert_int_equal(search(&line, CALLER("番号花子", "1990-04-15", "見　本 "), NULL), 400);
    assert_int_equal(search(&line, CALLER(" 　", "1990-04-15", "見本町"), NULL), 400);
    assert_int_equal(search(&line, CALLER("番号花子", "1990-02-30", "見本町"), NULL), 400);
    assert_int_equal(search(&line, "{\"name\":\"番号花子\",\"birth_date\":\"1990-04-15\"}", NULL),
                     400);
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    (void)snprintf(body, sizeof body,
                   "{\"name\":\"%s\",\"birth_date\":\"1990-04-15\",\"address\":\"見本町\"}", name);
    assert_int_equal(search(&line, body, NULL), 400);
    name[NAME_BYTES_MAX] = '\0';
    (void)snprintf(body, sizeof body,
                   "{\"name\":\"%s\",\"birth_date\":\"1990-04-15\",\"address\":\"見本町\"}", name);
    assert_int_equal(search(&line, body, NULL), 404);
}

static void of_several_nobody_is_told(void **state)
{
    CLEANUP(json_freep) struct json *told = NULL;

    (void)state;
    run_sql("INSERT INTO resident (id, name, name_substitutes, address, address_substitutes, birth,"
            " sex, municipality, registered_at, subject) SELECT replace(id, substr(id, 1, 4),"
            " 'zzzz'), name, name_substitutes, '東京都中央区見本町一丁目', '0', birth, sex,"
            " '13102', 1, 'x' || substr(subject, 2) FROM resident");
    assert_int_equal(search(&line, CALLER("番号花子", "1990-04-15", "見本町"), &told), 409);
    assert_false(json_has(told, "name"));
    assert_int_equal(RECORDS("loss.missed", "several"), 1);
    assert_int_equal(search(&line, CALLER("番号花子", "1990-04-15", "中央区見本町"), &told), 200);
    assert_string_equal(site_text(told, "municipality"), "中央区");
    run_sql("UPDATE resident SET standing = 'dead' WHERE municipality = '13102'");
    assert_int_equal(search(&line, CALLER("番号花子", "1990-04-15", "中央区見本町"), NULL), 404);
}

/* He sits in another municipality than the caller lives in. */
static void a_caller_is_found_in_any_spelling_and_the_card_suspended(void **state)
{
    CLEANUP(json_freep) struct json *told = NULL;
    const struct json *cards;

    (void)state;
    run_sql("UPDATE resident SET kana = 'バンゴウ　ハナコ', registered_name = '番號　花子'");
    assert_int_equal(search(&line, CALLER("バンゴウ ハナコ", "1990-04-15", "見本町一丁目"), NULL),
                     200);
    assert_int_equal(search(&line, CALLER("番號花子", "1990-04-15", "見本町 一丁目"), NULL), 200);
    assert_int_equal(search(&line, HANAKO, &told), 200);
    assert_string_equal(site_text(told, "name"), "番号　花子");
    assert_string_equal(site_text(told, "prefecture"), "東京都");
    for (size_t i = 0; i < 3; i++) {
        static const char *const more[] = {"address", "birth_date", "id"};

        assert_false(json_has(told, more[i]));
    }
    assert_int_equal(json_get_array(told, "cards", &cards, NULL), 0);
    assert_int_equal(json_count(cards), 1);
    assert_string_equal(site_text(json_at(cards, 0), "serial"), "A-1");
    assert_string_equal(site_text(json_at(cards, 0), "state"), "active");
    assert_int_equal(RECORDS("loss.told", ""), 3);
    assert_int_equal(
        who_order(&line, "/v1/cards/A-1/acts", "{\"request_id\":\"l-1\",\"act\":\"loss\"}", NULL),
        201);
    assert_int_equal(search(&line, HANAKO, &told), 200);
    assert_int_equal(json_get_array(told, "cards", &cards, NULL), 0);
    assert_string_equal(site_text(json_at(cards, 0), "state"), "suspended");
    assert_int_equal(
        who_order(&line, "/v1/cards/A-1/acts", "{\"request_id\":\"f-1\",\"act\":\"found\"}", &told),
        403);
    assert_refused(told, REFUSED_ROLE);
}

static void whoever_belongs_elsewhere_is_not_looked_at(void **state)
{
    char request[96];

    (void)state;
    (void)snprintf(request, sizeof request, "GET /v1/residents/%s", site.resident);
    assert_denied(&far, request, REFUSED_PLACE);
    assert_denied(&far, "GET /v1/cards/A-1", REFUSED_PLACE);
    assert_denied(&far, "GET /v1/cards/A-1/history", REFUSED_PLACE);
    assert_denied(&first, request, REFUSED_ROLE); /* administers, and does nothing else */
    assert_denied(&second, "GET /v1/residents?birth_date=1990-04-15", REFUSED_ROLE);
    assert_int_equal(desk_ask(&local, request, NULL, NULL), 200);
    assert_int_equal(desk_ask(&second, request, NULL, NULL), 200);
    assert_int_equal(desk_ask(&second, "GET /v1/cards/A-1", NULL, NULL), 200);
}

static size_t found(const struct test_clerk *who, const char *query)
{
    CLEANUP(json_freep) struct json *told = NULL;
    const struct json *list;
    char request[160];

    (void)snprintf(request, sizeof request, "GET /v1/residents?birth_date=1990-04-15%s", query);
    assert_int_equal(desk_ask(who, request, NULL, &told), 200);
    assert_int_equal(json_get_array(told, "residents", &list, NULL), 0);
    return json_count(list);
}

/* 番号, and 番号　花子 */
#define HALF  "&name=%E7%95%AA%E5%8F%B7"
#define WHOLE HALF "%E3%80%80%E8%8A%B1%E5%AD%90"

static void who_is_on_the_way_is_found_by_the_whole_name_where_he_arrives(void **state)
{
    char request[96];

    (void)state;
    assert_int_equal(found(&far, WHOLE), 0);
    run_sql("UPDATE resident SET standing = 'leaving'");
    assert_int_equal(found(&far, ""), 0);
    assert_int_equal(found(&far, HALF), 0);
    assert_int_equal(found(&far, WHOLE), 1);
    (void)snprintf(request, sizeof request, "GET /v1/residents/%s", site.resident);
    assert_int_equal(desk_ask(&far, request, NULL, NULL), 200);
    run_sql("UPDATE resident SET standing = 'abroad'");
    assert_int_equal(found(&far, WHOLE), 1);
    run_sql("UPDATE resident SET standing = 'dead'");
    assert_int_equal(found(&far, WHOLE), 0);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(only_the_loss_line_looks_for_callers),
        EACH(the_loss_line_sees_no_resident_and_no_card_otherwise),
        EACH(what_a_caller_does_not_know_finds_nobody),
        EACH(what_is_too_short_or_no_day_is_refused),
        EACH(of_several_nobody_is_told),
        EACH(a_caller_is_found_in_any_spelling_and_the_card_suspended),
        EACH(whoever_belongs_elsewhere_is_not_looked_at),
        EACH(who_is_on_the_way_is_found_by_the_whole_name_where_he_arrives),
    };

    return cmocka_run_group_tests(tests, desks_make, desks_release);
}
