/* SPDX-License-Identifier: Apache-2.0 */
/* What the status page says of each interface, in both regimes of service hours (S201). */
#include "exchange/exchange.h"
#include "exchange/limits.h"
#include "portal/outage/outage.h"
#include "support/operator_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { DAY = 86400, HOUR = 3600 };
/* 2026-09-21 23:13:20 in Japan, a Monday and a holiday that the old table does not know. */
static struct portal_site site;
static struct tables *tables;
static struct hours *hours;
static struct exchange x;

static int set_up(void **state)
{
    (void)state;
    portal_site_make(&site);
    operator_site_open(&site);
    assert_int_equal(tables_load(EXCHANGE_DATA, &tables, NULL), 0);
    assert_int_equal(hours_load(EXCHANGE_DATA, &hours, NULL), 0);
    x = (struct exchange){.db = portal_store_db(site.portal.store),
                          .tables = tables,
                          .hours = hours,
                          .clock = &site.clock};
    site.portal.exchange = &x;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hours_freep(&hours);
    tables_freep(&tables);
    portal_site_done(&site);
    return 0;
}

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

/* "outage 1790000060", "open -" */
static void assert_state(const char *api, const char *expected)
{
    CLEANUP(portal_answer_done)
    struct portal_answer answer = portal_ask(&site, NULL, "GET /v1/status", NULL);
    const struct json *list;

    assert_int_equal(answer.status, 200);
    assert_int_equal(json_get_array(answer.json, "apis", &list, NULL), 0);
    for (size_t i = 0; i < json_count(list); i++) {
        const char *name, *word;
        char found[64];
        int64_t until;

        assert_int_equal(json_get_text(json_at(list, i), "api", &name, NULL), 0);
        if (strcmp(name, api) != 0)
            continue;
        assert_int_equal(json_get_text(json_at(list, i), "state", &word, NULL), 0);
        if (json_get_int(json_at(list, i), "until", &until, NULL) == 0)
            (void)snprintf(found, sizeof found, "%s %lld", word, (long long)until);
        else
            (void)snprintf(found, sizeof found, "%s -", word);
        assert_string_equal(found, expected);
        return;
    }
    fail_msg("%s is not there", api);
}

static unsigned announce(uid_t uid, const char *text)
{
    struct json *body = NULL;

    assert_int_equal(json_parse(bytes_text(text), &body, NULL), 0);
    return portal_operate(&site, uid, "POST /v1/status/outages", body);
}

#define OUTAGE(more)                                                                               \
    "{\"api\": \"self-information\", \"kind\": \"outage\", \"text\": \"障害\","                  \
    " \"text_en\": \"down\"" more "}"

static void what_is_no_outage_is_refused(void **state)
{
    static const char *const texts[] = {
        "{\"api\": \"everything\", \"kind\": \"outage\", \"text\": \"a\", \"text_en\": \"a\"}",
        "{\"api\": \"*\", \"kind\": \"holiday\", \"text\": \"a\", \"text_en\": \"a\"}",
        "{\"api\": \"*\", \"kind\": \"maintenance\", \"text\": \"a\", \"text_en\": \"a\"}",
        "{\"api\": \"*\", \"kind\": \"outage\", \"text\": \"\", \"text_en\": \"a\"}",
        "{\"api\": \"*\", \"kind\": \"outage\", \"text\": \"a\", \"text_en\": \"a\\nb\"}",
        OUTAGE(", \"begins\": 1790000010, \"ends\": 1790000010"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (announce(PORTAL_SITE_OPERATOR, texts[i]) != 400)
            fail_msg("%s", texts[i]);
    assert_int_equal(announce(PORTAL_SITE_OPERATOR + 1, OUTAGE("")), 403);
    assert_state("self-information", "open -");
}

static void an_outage_lasts_until_somebody_ends_it(void **state)
{
    (void)state;
    assert_int_equal(announce(PORTAL_SITE_OPERATOR, OUTAGE("")), 201);
    portal_site_at(&site, 30 * DAY);
    assert_state("self-information", "outage -");
    assert_state("medical-insurance", "open -");
    assert_int_equal(
        portal_operate(&site, PORTAL_SITE_OPERATOR, "POST /v1/status/outages/7/end", NULL), 404);
    assert_int_equal(
        portal_operate(&site, PORTAL_SITE_OPERATOR, "POST /v1/status/outages/x/end", NULL), 404);
    assert_int_equal(
        portal_operate(&site, PORTAL_SITE_OPERATOR + 1, "POST /v1/status/outages/1/end", NULL),
        403);
    assert_int_equal(
        portal_operate(&site, PORTAL_SITE_OPERATOR, "POST /v1/status/outages/1/end", NULL), 204);
    assert_int_equal(
        portal_operate(&site, PORTAL_SITE_OPERATOR, "POST /v1/status/outages/1/end", NULL), 404);
    assert_state("self-information", "open -");
}

static void maintenance_comes_and_goes_by_itself_or_is_called_off(void **state)
{
    static const char all[] = "{\"api\": \"*\", \"kind\": \"maintenance\", \"text\": \"保守\","
                              " \"text_en\": \"work\", \"begins\": 1790000100,"
                              " \"ends\": 1790000200}";

    (void)state;
    assert_int_equal(announce(PORTAL_SITE_OPERATOR, all), 201);
    assert_state("procedure-search", "open -");
    portal_site_at(&site, 100);
    assert_state("procedure-search", "maintenance 1790000200");
    portal_site_at(&site, 200);
    assert_state("procedure-search", "open -");
    portal_site_at(&site, 0);
    assert_int_equal(
        portal_operate(&site, PORTAL_SITE_OPERATOR, "POST /v1/status/outages/1/end", NULL), 204);
    portal_site_at(&site, 100);
    assert_state("procedure-search", "open -");
}

static void the_older_regime_closes_at_night(void **state)
{
    static const char old[] = "hours\t2017-11-13\t-\tweekday\t8\t21\n"
                              "hours\t2017-11-13\t-\trest\t8\t17\n";
    CLEANUP(portal_answer_done) struct portal_answer told = {.status = 0};
    struct hours *night = NULL;
    /* Monday 23:13:20 becomes Tuesday 08:00:00. */
    const int64_t opens = PORTAL_SITE_NOW + 8 * HOUR + 46 * 60 + 40;
    char expected[64];

    (void)state;
    assert_state("self-information", "open -");
    assert_int_equal(hours_parse(bytes_text(old), &night, NULL), 0);
    x.hours = night;
    (void)snprintf(expected, sizeof expected, "closed %lld", (long long)opens);
    assert_state("self-information", expected);
    assert_state("procedure-search", "open -");
    portal_site_at(&site, opens - PORTAL_SITE_NOW);
    assert_state("self-information", "open -");
    told = portal_ask(&site, NULL, "GET /v1/status", NULL);
    assert_true(
        portal_has(&told, "\"exchange_hours\":{\"is_rest_day\":false,\"opens\":8,\"closes\":21}"));
    x.hours = hours;
    hours_free(night);
    site.portal.exchange = NULL;
    assert_state("self-information", "absent -");
}

static void limits_hold(void **state)
{
    char text[2][4 * OUTAGE_TEXT_MAX];

    (void)state;
    for (int i = 0; i < 2; i++) {
        int len = snprintf(text[i], sizeof text[i],
                           "{\"api\": \"*\", \"kind\": \"outage\", \"text_en\": \"a\","
                           " \"text\": \"");

        memset(text[i] + len, 't', (size_t)(OUTAGE_TEXT_MAX + i));
        (void)snprintf(text[i] + len + OUTAGE_TEXT_MAX + i, 3, "\"}");
    }
    assert_int_equal(announce(PORTAL_SITE_OPERATOR, text[1]), 400);
    for (int i = 0; i < OUTAGES_MAX; i++)
        assert_int_equal(announce(PORTAL_SITE_OPERATOR, text[0]), 201);
    assert_int_equal(announce(PORTAL_SITE_OPERATOR, OUTAGE("")), 409);
}

static void so_many_are_shown(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    static struct outage found[OUTAGES_SHOWN];
    size_t count;

    (void)state;
    for (int i = 0; i < OUTAGES_SHOWN + 1; i++) {
        struct outage outage = {.api = "*",
                                .kind = OUTAGE_FAILURE,
                                .text = "a",
                                .text_en = "a",
                                .begins = PORTAL_SITE_NOW - 2,
                                .ends = PORTAL_SITE_NOW - 1};

        assert_int_equal(outage_announce(db(), &outage, &by, NULL), 0);
    }
    assert_int_equal(outage_list(db(), PORTAL_SITE_NOW - DAY, found, &count, NULL), 0);
    assert_int_equal(count, OUTAGES_SHOWN);
    assert_int_equal(outage_list(db(), PORTAL_SITE_NOW, found, &count, NULL), 0);
    assert_int_equal(count, 0);
}

static void maintenance_of_the_exchange_is_told_ahead(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    const struct exchange_outage all = {"*", PORTAL_SITE_NOW + DAY, PORTAL_SITE_NOW + DAY + HOUR};
    const struct exchange_outage one = {"M13101", PORTAL_SITE_NOW - HOUR, PORTAL_SITE_NOW + HOUR};

    (void)state;
    assert_int_equal(exchange_announce(&x, &all, &by, NULL), 0);
    assert_int_equal(exchange_announce(&x, &one, &by, NULL), 0);
    CLEANUP(portal_answer_done)
    struct portal_answer told = portal_ask(&site, NULL, "GET /v1/status", NULL);
    assert_true(portal_has(&told, "\"exchange_outages\":[{\"body\":\"M13101\",\"name\":\""));
    assert_true(portal_has(&told, "{\"body\":\"*\",\"begins\":"));
    portal_site_at(&site, HOUR);
    CLEANUP(portal_answer_done)
    struct portal_answer later = portal_ask(&site, NULL, "GET /v1/status", NULL);
    assert_false(portal_has(&later, "M13101"));
    assert_true(portal_has(&later, "{\"body\":\"*\",\"begins\":"));
    portal_site_at(&site, DAY + HOUR);
    CLEANUP(portal_answer_done)
    struct portal_answer over = portal_ask(&site, NULL, "GET /v1/status", NULL);
    assert_true(portal_has(&over, "\"exchange_outages\":[]"));
}

static void so_many_times_of_maintenance_are_told(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    const struct json *list;

    (void)state;
    for (int i = 0; i < EXCHANGE_OUTAGES_SHOWN + 1; i++) {
        const struct exchange_outage outage = {"*", PORTAL_SITE_NOW + i, PORTAL_SITE_NOW + DAY};

        assert_int_equal(exchange_announce(&x, &outage, &by, NULL), 0);
    }
    CLEANUP(portal_answer_done)
    struct portal_answer told = portal_ask(&site, NULL, "GET /v1/status", NULL);
    assert_int_equal(json_get_array(told.json, "exchange_outages", &list, NULL), 0);
    assert_int_equal(json_count(list), EXCHANGE_OUTAGES_SHOWN);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(what_is_no_outage_is_refused),
        CASE(an_outage_lasts_until_somebody_ends_it),
        CASE(maintenance_comes_and_goes_by_itself_or_is_called_off),
        CASE(the_older_regime_closes_at_night),
        CASE(limits_hold),
        CASE(so_many_are_shown),
        CASE(maintenance_of_the_exchange_is_told_ahead),
        CASE(so_many_times_of_maintenance_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
