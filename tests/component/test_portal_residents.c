/* SPDX-License-Identifier: Apache-2.0 */
/* A municipality's clerk finds who lives there, and nobody else does. */
#include "exchange/civil.h"
#include "portal/municipality/key.h"
#include "support/portal_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct portal_site site;
static struct portal_browser citizen;
static struct tables *tables;
static struct holdings *holdings;

static int set_up(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    portal_site_make(&site);
    assert_int_equal(tables_load(EXCHANGE_DATA, &tables, NULL), 0);
    assert_int_equal(
        holdings_open(tempdir_file(&site.dir, "p.db", path), tables, &site.clock, &holdings, NULL),
        0);
    (void)portal_site_open(&site, &citizen, "sub-1", 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    holdings_closep(&holdings);
    tables_freep(&tables);
    portal_site_done(&site);
    return 0;
}

/* The key of a clerk of a municipality. */
static void hire(const char *code, char ret[MUNICIPALITY_KEY_SIZE])
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct municipality municipality = {.prefecture = "東京都", .name = "見本区"};
    const struct municipality_key_inputs inputs = {code, "窓口", "clerk"};
    struct db *db = portal_store_db(site.portal.store);

    (void)snprintf(municipality.code, sizeof municipality.code, "%s", code);
    assert_int_equal(municipality_add(db, &municipality, &by, NULL), 0);
    assert_int_equal(municipality_key_add(db, &inputs, &by, ret, NULL), 0);
}

static struct portal_answer clerk(const char *key, const char *line, const char *body)
{
    char field[128];

    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", key);
    return portal_ask_with(&site, NULL, line, field, "application/json", body);
}

static void live(const char *body, const char *name, uint8_t octet)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct household home = {.people = {{.relation = CIVIL_HEAD,
                                         .has_code = true,
                                         .birth = {1992, 3, 3},
                                         .since = {2020, 1, 1},
                                         .father = "父",
                                         .mother = "母"}},
                             .count = 1,
                             .origin = "東京都",
                             .origin_body = "M13101",
                             .family_since = {2020, 1, 1}};

    memset(home.people[0].code.value, octet, sizeof home.people[0].code.value);
    (void)snprintf(home.people[0].name, sizeof home.people[0].name, "%s", name);
    assert_int_equal(civil_file(holdings, body, &home, &by, NULL), 0);
}

/* 0x20 octets. */
#define PARENT_CODE "ICAgICAgICAgICAgICAgIA"

static unsigned find(const char *key, const char *name, const char *birth, const char *expected)
{
    CLEANUP(portal_answer_done) struct portal_answer found = {.status = 0};
    char body[256];

    (void)snprintf(body, sizeof body, "{\"name\": \"%s\", \"birth_date\": \"%s\"}", name, birth);
    found = clerk(key, "POST /v1/municipality/residents/search", body);
    if (found.status == 200)
        assert_string_equal(portal_text(&found, "code"), expected);
    return found.status;
}

static void a_clerk_finds_who_lives_here_by_name_and_birthday(void **state)
{
    char key[MUNICIPALITY_KEY_SIZE];

    (void)state;
    hire("13101", key);
    site.portal.holdings = holdings;
    live("M13101", "見本　親", 0x20);
    live("M27100", "見本　隣", 0x30);
    assert_int_equal(find(key, "見本　親", "1992-03-03", PARENT_CODE), 200);
    assert_int_equal(find(key, "見本親", "1992-03-03", PARENT_CODE), 200);
    assert_int_equal(find(key, " 見本 親 ", "1992-03-03", PARENT_CODE), 200);
    assert_int_equal(find(key, "見本　親", "1992-03-04", ""), 404);
    assert_int_equal(find(key, "見本　隣", "1992-03-03", ""), 404); /* of another municipality */
    assert_int_equal(find(key, "%", "1992-03-03", ""), 404);
    live("M13101", "見本親", 0x40);
    assert_int_equal(find(key, "見本　親", "1992-03-03", ""), 409);
}

static void what_cannot_be_looked_for_is_refused(void **state)
{
    char key[MUNICIPALITY_KEY_SIZE];
    struct json *body = NULL;

    (void)state;
    hire("13101", key);
    assert_int_equal(find(key, "見本　親", "1992-03-03", ""), 503); /* no registers here */
    site.portal.holdings = holdings;
    assert_int_equal(find(key, "", "1992-03-03", ""), 400);
    assert_int_equal(find(key, "見本　親", "1992-02-30", ""), 400);
    assert_int_equal(find("A", "見本　親", "1992-03-03", ""), 403);
    assert_int_equal(
        json_parse(bytes_text("{\"name\": \"a\", \"birth_date\": \"1992-03-03\"}"), &body, NULL),
        0);
    assert_int_equal(portal_status(&site, &citizen, "POST /v1/municipality/residents/search", body),
                     403);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_clerk_finds_who_lives_here_by_name_and_birthday, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_looked_for_is_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("portal_residents", tests, NULL, NULL);
}
