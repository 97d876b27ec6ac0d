/* SPDX-License-Identifier: Apache-2.0 */
/* What the portal calls municipalities of the exchange's tables: all of ours, and some that are
 * wrong. */
#include "portal/municipality/connected.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct body bodies[] = {
    {"M13101", BODY_MUNICIPALITY, "13101", true, {"東京都千代田区", "Chiyoda"}},
    {"M14130", BODY_MUNICIPALITY, "14130", true, {"神奈川県川崎市", "Kawasaki"}},
    {"P13", BODY_PREFECTURE, "13000", true, {"東京都", "Tokyo"}},
};
static const struct tables tables = {.bodies = bodies, .body_count = 3};

static void the_prefecture_is_taken_off_the_name(void **state)
{
    struct municipality got = {.code = ""};

    (void)state;
    assert_int_equal(municipality_of_body(&tables, &bodies[0], &got, NULL), 0);
    assert_string_equal(got.code, "13101");
    assert_string_equal(got.prefecture, "東京都");
    assert_string_equal(got.name, "千代田区");
}

static void a_municipality_has_the_code_of_its_body(void **state)
{
    (void)state;
    assert_string_equal(municipality_body(&tables, bodies[0].area), bodies[0].code);
    assert_null(municipality_body(&tables, "99999"));
    for (size_t i = 0; i < tables.body_count; i++)
        if (tables.bodies[i].kind != BODY_MUNICIPALITY)
            assert_null(municipality_body(&tables, tables.bodies[i].area));
}

static void what_has_no_prefecture_is_refused(void **state)
{
    static const struct body other = {
        "M13102", BODY_MUNICIPALITY, "13102", true, {"京都府中央区", "Chuo"}};
    struct municipality got = {.code = ""};

    (void)state;
    assert_int_equal(municipality_of_body(&tables, &bodies[1], &got, NULL), -ERR_INPUT);
    assert_int_equal(municipality_of_body(&tables, &bodies[2], &got, NULL), -ERR_INPUT);
    assert_int_equal(municipality_of_body(&tables, &other, &got, NULL), -ERR_INPUT);
    assert_string_equal(got.code, "");
}

static void a_name_has_its_limit(void **state)
{
    char name[PROCEDURE_NAME_SIZE + 1];
    const struct body body = {"M13101", BODY_MUNICIPALITY, "13101", true, {name, "x"}};
    size_t head = strlen("東京都");
    struct municipality got = {.code = ""};

    (void)state;
    memset(name, 'x', sizeof name - 1);
    memcpy(name, "東京都", head);
    name[PROCEDURE_NAME_SIZE] = '\0';
    assert_int_equal(municipality_of_body(&tables, &body, &got, NULL), -ERR_INPUT);
    name[PROCEDURE_NAME_SIZE - 1] = '\0';
    assert_int_equal(municipality_of_body(&tables, &body, &got, NULL), 0);
    assert_int_equal(strlen(got.name), PROCEDURE_NAME_SIZE - 1 - head);
}

static void all_that_come_with_the_programs_have_one(void **state)
{
    CLEANUP(tables_freep) struct tables *own = NULL;
    char folder[512];
    size_t count = 0;

    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/openjpki/exchange", getenv("JPKI_TEST_SHARE"));
    assert_int_equal(tables_load(folder, &own, NULL), 0);
    for (size_t i = 0; i < own->body_count; i++) {
        const struct body *body = &own->bodies[i];
        struct municipality got;

        if (body->kind != BODY_MUNICIPALITY || !body->is_connected)
            continue;
        assert_int_equal(municipality_of_body(own, body, &got, NULL), 0);
        assert_string_equal(got.code, body->area);
        count++;
    }
    assert_true(count >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_prefecture_is_taken_off_the_name),
        cmocka_unit_test(a_municipality_has_the_code_of_its_body),
        cmocka_unit_test(what_has_no_prefecture_is_refused),
        cmocka_unit_test(a_name_has_its_limit),
        cmocka_unit_test(all_that_come_with_the_programs_have_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
