/* SPDX-License-Identifier: Apache-2.0 */
/* Fictional people's records: always the same, always of the form, for those whom they suit. */
#include "exchange/limits.h"
#include "exchange/making.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TAX      "TM00000000000002"
#define INFANT   "TM99000000000106"
#define PREGNANT "TM99000000000107"

static struct tables *tables;
static struct making *making;

static int set_up(void **state)
{
    (void)state;
    if (tables_load(EXCHANGE_DATA, &tables, NULL) < 0)
        return -1;
    return making_load(tables, EXCHANGE_DATA, &making, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    making_freep(&making);
    tables_freep(&tables);
    return 0;
}

static void what_is_wrong_in_samples_is_found(void **state)
{
    static const struct {
        const char *text, *told;
    } rows[] = {
        {"item\t" TAX "\t0000200010\tyear\n", "stands behind who"},
        {"who\t" TAX "\t0\t130\tany\t1000\t1\t300\n", "has no items"},
        {"who\tTM00000000000009\t0\t130\tany\t1000\t1\t300\n", "no name"},
        {"who\t" TAX "\t30\t20\tany\t1000\t1\t300\n", "out of their range"},
        {"who\t" TAX "\t0\t130\tany\t1001\t1\t300\n", "out of their range"},
        {"who\t" TAX "\t0\t130\tany\t10\t201\t300\n", "out of their range"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t0\n", "out of their range"},
        {"who\t" TAX "\t0\t130\tboth\t10\t1\t300\n", "sex is none"},
        {"who\t" TAX "\t0\t1234567890\tany\t10\t1\t300\n", "1 to 9 digits"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nitem\t" TAX "\t0000200011\tyear\n", "no item"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nitem\t" TAX "\t0000200010\tday\n", "form"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nitem\t" TAX "\t0000200010\tpick\n", "choose"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nitem\t" TAX "\t0000200010\tpick 1|x\n", "form"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nitem\t" TAX "\t0000200010\tnumber 1 2\n",
         "a number is missing"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nitem\t" TAX "\t0000200010\tnumber 2 1 1\n",
         "the smaller first"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nitem\t" TAX "\t0000200010\tnumber 1 2 0\n",
         "the smaller first"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nitem\t" TAX "\t0000200010\tyear 1\n",
         "takes 0 numbers"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nitem\t" TAX "\t0000200020\tyear\nitem\t" TAX
         "\t0000200010\tyear\n",
         "not above the item"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct making *other = NULL;
        struct err err = {0};

        assert_int_equal(making_parse(tables, bytes_text(rows[i].text), &other, &err), -ERR_INPUT);
        if (strstr(err.text, rows[i].told) == NULL)
            fail_msg("row %zu: \"%s\" does not tell \"%s\"", i, err.text, rows[i].told);
    }
}

static struct making_person person_of(const char *seed, int birth_year, bool is_female)
{
    return (struct making_person){seed, {birth_year, 4, 15}, is_female, "見本市", {2026, 11, 26}};
}

static bool has(const struct making_person *person, const char *info)
{
    CLEANUP(json_freep) struct json *answer = NULL;
    CLEANUP(json_freep) struct json *again = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    int rc = making_answer(making, person, info, &answer, NULL);

    if (rc == -ERR_ABSENT)
        return false;
    assert_int_equal(rc, 0);
    assert_int_equal(json_write(answer, &text, NULL), 0);
    assert_int_equal(answer_parse(tables, info, buf_bytes(&text), &again, NULL), 0);
    return true;
}

/* Of a few thousand people somebody has something under each name, and it has the name's form. */
static void each_name_is_held_by_somebody_and_is_an_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < tables->info_count; i++) {
        bool is_held = false;

        for (int n = 0; n < 6000 && !is_held; n++) {
            struct making_person person;
            char seed[16];

            (void)snprintf(seed, sizeof seed, "p%d", n);
            person = person_of(seed, 1936 + n % 90, n % 2 == 0);
            is_held = has(&person, tables->infos[i].code);
        }
        if (!is_held)
            fail_msg("nobody has %s", tables->infos[i].code);
    }
}

static void records_suit_age_and_sex(void **state)
{
    (void)state;
    for (int n = 0; n < 100; n++) {
        struct making_person person;
        char seed[16];

        (void)snprintf(seed, sizeof seed, "p%d", n);
        person = person_of(seed, 1990, false);
        assert_false(has(&person, INFANT));
        assert_false(has(&person, PREGNANT));
        assert_true(has(&person, TAX));
        person.birth.year = 2020;
        assert_false(has(&person, TAX));
    }
}

static void a_person_has_the_same_each_time_and_another_has_other(void **state)
{
    struct buf texts[3] = {BUF_INIT, BUF_INIT, BUF_INIT};
    static const char *const seeds[] = {"hanako", "hanako", "taro"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        CLEANUP(json_freep) struct json *answer = NULL;
        const struct making_person person = person_of(seeds[i], 1990, true);

        assert_int_equal(making_answer(making, &person, TAX, &answer, NULL), 0);
        assert_int_equal(json_write(answer, &texts[i], NULL), 0);
    }
    assert_true(bytes_equal(buf_bytes(&texts[0]), buf_bytes(&texts[1])));
    assert_false(bytes_equal(buf_bytes(&texts[0]), buf_bytes(&texts[2])));
    for (size_t i = 0; i < 3; i++)
        buf_done(&texts[i]);
}

static void seeds_have_a_limit(void **state)
{
    char seed[MAKING_SEED_MAX + 2];
    struct making_person person = person_of(seed, 1990, true);
    struct json *answer = NULL;

    (void)state;
    memset(seed, 's', sizeof seed);
    seed[MAKING_SEED_MAX + 1] = '\0';
    assert_int_equal(making_answer(making, &person, TAX, &answer, NULL), -ERR_INPUT);
    seed[MAKING_SEED_MAX] = '\0';
    assert_true(has(&person, TAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_in_samples_is_found),
        cmocka_unit_test(each_name_is_held_by_somebody_and_is_an_answer),
        cmocka_unit_test(records_suit_age_and_sex),
        cmocka_unit_test(a_person_has_the_same_each_time_and_another_has_other),
        cmocka_unit_test(seeds_have_a_limit),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
