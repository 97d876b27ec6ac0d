/* SPDX-License-Identifier: Apache-2.0 */
/* Fictional people's records: always the same, always of the form, for those whom they suit. */
#include "exchange/limits.h"
#include "exchange/situation.h"
#include "support/made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOME     "TM00000000000001"
#define TAX      "TM00000000000002"
#define INSURED  "TM99000000000104"
#define CHILDREN "TM99000000000109"
#define ALONE    "TM99000000000110"
#define ASSISTED "TM99000000000119"
#define PENSION  "TM99000000000124"
#define INFANT   "TM99000000000106"
#define PREGNANT "TM99000000000107"

#define PLANNED "who\t" TAX "\t0\t130\tany\t10\t1\t300\n"

static struct tables *tables;
static struct making *making;

static int set_up(void **state)
{
    (void)state;
    return made_open(EXCHANGE_DATA, &tables, &making);
}

static int tear_down(void **state)
{
    (void)state;
    return made_close(&tables, &making);
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
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nitem\t" TAX "\t0000200010\tfact\n", "no word"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nitem\t" TAX "\t0000200010\tfact luck\n",
         "the fact is none"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nitem\t" TAX "\t0000200010\tfact income\n", "form"},
        {"home\t" TAX "\tparent\n", "stands behind who"},
        {"school\t" TAX "\n", "stands behind who"},
        {"who\t" TAX "\t0\t12\tany\t10\t1\t300\nschool\t" TAX "\n", "1 to 12"},
        {"who\t" TAX "\t1\t13\tany\t10\t1\t300\nschool\t" TAX "\n", "1 to 12"},
        {"who\t" TAX "\t0\t1000\tany\t10\t1\t300\n", "out of their range"},
        {"who\t" TAX "\t0\t9\tany\t10\t1\t300\nitem\t" TAX "\t0000200010\tyear\nwho\t" TAX
         "\t9\t10\tany\t10\t1\t300\n",
         "not above the ages"},
        {"plan\t" TAX "\t2\t14\t1\n", "stands behind who"},
        {PLANNED "plan\t" TAX "\t2\t0\t1\n", "plan are out of their range"},
        {PLANNED "plan\t" TAX "\t2\t1001\t1\n", "plan are out of their range"},
        {PLANNED "plan\t" TAX "\t1561\t1\t1\n", "plan are out of their range"},
        {PLANNED "plan\t" TAX "\t2\t30\t1\nplan\t" TAX "\t3\t9\t1\n", "within the days"},
        {PLANNED "plan\t" TAX "\t2\t9\t1\nplan\t" TAX "\t2\t8\t1\n", "within the days"},
        {PLANNED "plan\t" TAX "\t2\t9\t1\nplan\t" TAX "\t1\t9\t1\n", "within the days"},
        {PLANNED "item\t" TAX "\t0000200010\tdue 0\n", "but no plan"},
        {PLANNED "plan\t" TAX "\t2\t9\t1\nitem\t" TAX "\t0000200010\tdue 1\n", "no word"},
        {PLANNED "plan\t" TAX "\t2\t9\tx\nitem\t" TAX "\t0000200010\tdue 0\n", "form"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nhome\t" TAX "\tchild\n", "the household is none"},
        {"who\t" TAX "\t0\t130\tany\t10\t1\t300\nhome\t" INFANT "\tparent\n", "stands behind who"},
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

/* ---- what several names tell ---- */

/* A text of a record: "" if the name or the item is not held. */
struct told {
    char text[EXCHANGE_FIELD_MAX + 1];
    int year; /* of the record */
};

static struct told tell(const struct making_person *person, const char *info, size_t number,
                        const char *item)
{
    CLEANUP(json_freep) struct json *answer = NULL;
    const struct json *records, *items, *record;
    struct told told = {.text = ""};
    struct caldate day;
    const char *text;

    if (making_answer(making, person, info, &answer, NULL) < 0)
        return told;
    assert_int_equal(json_get_array(answer, "records", &records, NULL), 0);
    record = json_at(records, number);
    if (record == NULL)
        return told;
    assert_int_equal(json_get_text(record, "day", &text, NULL), 0);
    assert_int_equal(caldate_parse_iso(text, &day, NULL), 0);
    told.year = day.year;
    assert_int_equal(json_get_array(record, "items", &items, NULL), 0);
    for (size_t i = 0; i < json_count(items); i++) {
        assert_int_equal(json_get_text(json_at(items, i), "code", &text, NULL), 0);
        if (strcmp(text, item) != 0)
            continue;
        assert_int_equal(json_get_text(json_at(items, i), "content", &text, NULL), 0);
        (void)snprintf(told.text, sizeof told.text, "%s", text);
    }
    return told;
}

static long number(const struct making_person *person, const char *info, size_t record,
                   const char *item)
{
    const struct told told = tell(person, info, record, item);

    assert_string_not_equal(told.text, "");
    return strtol(told.text, NULL, 10);
}

static bool says(const struct making_person *person, const char *info, const char *item,
                 const char *content)
{
    return strcmp(tell(person, info, 0, item).text, content) == 0;
}

static void check_home(const struct making_person *person)
{
    const int age = caldate_age(person->birth, person->today);
    const bool is_head = says(person, HOME, "0000100020", "世帯主");
    const long people = number(person, HOME, 0, "0000100030");
    struct caldate since;

    assert_int_equal(is_head, says(person, HOME, "0000100040", "1"));
    assert_int_equal(people == 1, says(person, HOME, "0000100010", "単身世帯"));
    assert_true(people > 1 || is_head);
    if (age < 20)
        assert_true(says(person, HOME, "0000100020", "子"));
    if (says(person, HOME, "0000100020", "妻"))
        assert_true(person->is_female);
    if (says(person, HOME, "0000100020", "夫"))
        assert_false(person->is_female);
    assert_int_equal(caldate_parse_iso(tell(person, HOME, 0, "0000100050").text, &since, NULL), 0);
    assert_true(caldate_compare(person->birth, since) <= 0);
    assert_true(caldate_compare(since, person->today) <= 0);
    if (has(person, CHILDREN)) {
        const long children = number(person, CHILDREN, 0, "0010900040");

        assert_in_range(children, 1, people - 1);
    }
    if (has(person, ALONE))
        assert_true(is_head);
    if (has(person, INSURED) && is_head)
        assert_true(says(person, INSURED, "0010400070", "本人"));
    if (has(person, INSURED) && age < 20)
        assert_true(says(person, INSURED, "0010400070", "家族"));
    if (has(person, INSURED) && age >= 75)
        assert_int_equal(number(person, INSURED, 0, "0010400040"), 10);
}

static void check_tax(const struct making_person *person)
{
    for (size_t i = 0; *tell(person, TAX, i, "0000200010").text != '\0'; i++) {
        const long income = number(person, TAX, i, "0000200020");
        const long salary = number(person, TAX, i, "0000200030");
        const long pension = number(person, TAX, i, "0000200040");
        const struct told yearly = tell(person, PENSION, 0, "0012400050");
        const int year = tell(person, TAX, i, "0000200010").year;

        assert_int_equal(income, number(person, TAX, i, "0000200035") +
                                     number(person, TAX, i, "0000200045"));
        assert_true(number(person, TAX, i, "0000200035") <= salary);
        assert_true(number(person, TAX, i, "0000200045") <= pension);
        assert_true(number(person, TAX, i, "0000200050") <= salary + pension);
        if (number(person, TAX, i, "0000200060") > 0)
            assert_int_equal(number(person, TAX, i, "0000200070"), 3000);
        if (year - 1 - person->birth.year < 65)
            assert_int_equal(pension, 0);
        if (yearly.year == year)
            assert_int_equal(pension, strtol(yearly.text, NULL, 10));
        if (has(person, ASSISTED))
            assert_int_equal(salary + number(person, TAX, i, "0000200070"), 0);
    }
}

/* Nothing happened before somebody was born, and nobody came to a record's place behind its day. */
static void check_days(const struct making_person *person)
{
    for (size_t i = 0; i < tables->info_count; i++) {
        CLEANUP(json_freep) struct json *answer = NULL;
        const struct json *records, *items;
        struct caldate day, of_item;
        const char *text;

        if (making_answer(making, person, tables->infos[i].code, &answer, NULL) < 0)
            continue;
        assert_int_equal(json_get_array(answer, "records", &records, NULL), 0);
        for (size_t j = 0; j < json_count(records); j++) {
            assert_int_equal(json_get_text(json_at(records, j), "day", &text, NULL), 0);
            assert_int_equal(caldate_parse_iso(text, &day, NULL), 0);
            assert_true(caldate_compare(person->birth, day) <= 0);
            assert_true(caldate_compare(day, person->today) <= 0);
            assert_int_equal(json_get_array(json_at(records, j), "items", &items, NULL), 0);
            for (size_t k = 0; k < json_count(items); k++) {
                assert_int_equal(json_get_text(json_at(items, k), "content", &text, NULL), 0);
                if (caldate_parse_iso(text, &of_item, NULL) == 0)
                    assert_true(caldate_compare(person->birth, of_item) <= 0);
                if (strcmp(tables->infos[i].code, HOME) == 0 && k == 4)
                    assert_true(caldate_compare(of_item, day) <= 0);
            }
        }
    }
}

/* A relation, a number of people, a tax, an allowance are about one household and one income. */
static void what_is_told_of_somebody_agrees(void **state)
{
    int assisted = 0, parents = 0;

    (void)state;
    for (int n = 0; n < 400; n++) {
        struct making_person person;
        char seed[16];

        (void)snprintf(seed, sizeof seed, "h%d", n);
        person = person_of(seed, 1930 + n % 97, n % 2 == 0);
        check_home(&person);
        check_tax(&person);
        check_days(&person);
        assisted += has(&person, ASSISTED);
        parents += has(&person, CHILDREN);
    }
    assert_in_range(assisted, 1, 40);
    assert_in_range(parents, 1, 200);
}

/* ---- what years before are about ---- */

static long told_of_year(const struct situation *situation, enum fact fact, int year)
{
    char text[EXCHANGE_FIELD_MAX + 1];

    assert_true(situation_tell(situation, fact, (struct caldate){year, 6, 1}, text));
    return strtol(text, NULL, 10);
}

/* The eldest child of somebody who is a head and whose children all live there: else false. */
static bool find_child(const struct situation *situation, struct caldate *ret)
{
    const struct home *home = &situation->home;

    for (size_t i = 0; home->self == 0 && home->grown_count == 0 && i < home->count; i++) {
        *ret = home->people[i].birth;
        if (home->people[i].relation == HOME_CHILD)
            return true;
    }
    return false;
}

/* Born in a year, a child counts from the tax year on that looks back on it, and not before. */
static void a_child_counts_from_the_next_tax_year_on(void **state)
{
    int checked = 0;

    (void)state;
    for (int n = 0; n < 400; n++) {
        struct making_person person;
        struct situation situation;
        struct caldate birth;
        char seed[16];

        (void)snprintf(seed, sizeof seed, "d%d", n);
        person = person_of(seed, 1980 + n % 20, false);
        assert_int_equal(situation_make(&person, false, &situation, NULL), 0);
        if (!find_child(&situation, &birth))
            continue;
        checked++;
        assert_int_equal(told_of_year(&situation, FACT_DEPENDANTS, birth.year), 0);
        assert_true(told_of_year(&situation, FACT_DEPENDANTS, birth.year + 1) >= 1);
        /* A year of school begins in April: at its end those born until 1 April are 18. */
        if (situation.home.people[situation.home.count - 1].birth.year == birth.year) {
            const int last = birth.year + (birth.month < 4 ? 17 : 18);

            assert_int_equal(told_of_year(&situation, FACT_DEPENDANTS, last + 1), 1);
            assert_int_equal(told_of_year(&situation, FACT_DEPENDANTS, last + 2), 0);
        }
    }
    assert_in_range(checked, 50, 399);
}

/* Whoever asks later is told the same: children who have come, or grown up, change nothing. */
static void a_tax_year_is_told_alike_whenever_it_is_asked(void **state)
{
    static const enum fact told[] = {FACT_DEPENDANTS, FACT_TAX, FACT_FLAT_TAX};
    int came = 0, grew = 0;

    (void)state;
    for (int n = 0; n < 600; n++) {
        struct making_person person;
        struct situation now, later;
        char seed[16];

        (void)snprintf(seed, sizeof seed, "y%d", n);
        person = person_of(seed, 1981 + n % 14, n % 2 == 0);
        assert_int_equal(situation_make(&person, false, &now, NULL), 0);
        person.today.year += 3;
        assert_int_equal(situation_make(&person, false, &later, NULL), 0);
        if (now.home.people[now.home.self].relation != later.home.people[later.home.self].relation)
            continue;
        came += later.home.count > now.home.count;
        grew += later.home.grown_count > now.home.grown_count;
        for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
            for (int year = person.today.year - 6; year <= person.today.year - 3; year++)
                assert_int_equal(told_of_year(&now, told[i], year),
                                 told_of_year(&later, told[i], year));
    }
    assert_true(came > 0);
    assert_true(grew > 0);
}

/* Of the newest record there is nothing that has ended: one without items is none. */
static void a_record_without_items_is_none(void **state)
{
    static const char text[] = "who\t" TAX "\t0\t130\tany\t1000\t%d\t300\n"
                               "item\t" TAX "\t0000200010\tfact people\n"
                               "who\t" PENSION "\t0\t130\tany\t1000\t%d\t300\n"
                               "item\t" PENSION "\t0012400020\tended 0 9\n";
    const struct making_person person = person_of("hanako", 1990, true);

    (void)state;
    for (int times = 1; times <= 2; times++) {
        CLEANUP(making_freep) struct making *few = NULL;
        CLEANUP(json_freep) struct json *answer = NULL;
        const struct json *records;
        char written[sizeof text + 8];

        (void)snprintf(written, sizeof written, text, times, times);
        assert_int_equal(making_parse(tables, bytes_text(written), &few, NULL), 0);
        if (times == 1) {
            assert_int_equal(making_answer(few, &person, PENSION, &answer, NULL), -ERR_ABSENT);
            continue;
        }
        assert_int_equal(making_answer(few, &person, PENSION, &answer, NULL), 0);
        assert_int_equal(json_get_array(answer, "records", &records, NULL), 0);
        assert_int_equal(json_count(records), 1);
    }
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
        cmocka_unit_test(what_is_told_of_somebody_agrees),
        cmocka_unit_test(a_child_counts_from_the_next_tax_year_on),
        cmocka_unit_test(a_tax_year_is_told_alike_whenever_it_is_asked),
        cmocka_unit_test(a_record_without_items_is_none),
        cmocka_unit_test(seeds_have_a_limit),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
