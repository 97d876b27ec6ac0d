/* SPDX-License-Identifier: Apache-2.0 */
/* Households around fictional people: always the same, with relations as they can be. */
#include "exchange/family.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { PEOPLE = 3000 };

static const struct person_code code = {{1, 2, 3}};
static const struct caldate today = {2026, 11, 26};

static struct making_person person(const char *seed, int year, bool is_female)
{
    return (struct making_person){.seed = seed,
                                  .birth = {year, 7, 7},
                                  .is_female = is_female,
                                  .place = "東京都千代田区",
                                  .today = today,
                                  .name = "番号　花子"};
}

static struct household make(const struct making_person *one)
{
    const struct family_wish wish = {one, "M13101", &code};
    struct household household;
    struct err err = {0};

    if (family_make(&wish, &household, &err) < 0 || household_check(&household, &err) < 0)
        fail_msg("%s: %s", one->seed, err.text);
    return household;
}

static int years_between(struct caldate a, struct caldate b)
{
    return b.year - a.year;
}

/* A couple is one of two sexes and of about one age; its children are theirs in years and name. */
static void check_family(const struct household *household)
{
    const struct civil_person *head = &household->people[0];

    for (size_t i = 0; i < household->count; i++) {
        const struct civil_person *one = &household->people[i];

        assert_true(caldate_compare(one->birth, today) <= 0);
        assert_true(caldate_compare(one->since, today) <= 0);
        if (one->relation == CIVIL_SPOUSE) {
            assert_int_not_equal(one->is_female, head->is_female);
            assert_in_range(years_between(head->birth, one->birth) + 10, 0, 20);
        }
        if (one->relation != CIVIL_CHILD)
            continue;
        assert_in_range(years_between(head->birth, one->birth), 18, 60);
        assert_true(strcmp(one->father, head->name) == 0 || strcmp(one->mother, head->name) == 0);
    }
    assert_true(caldate_compare(household->family_since, today) <= 0);
}

static void relations_are_as_they_can_be(void **state)
{
    size_t alone = 0, couples = 0, children = 0;
    char seed[16];

    (void)state;
    for (int i = 0; i < PEOPLE; i++) {
        (void)snprintf(seed, sizeof seed, "p%d", i);
        const struct making_person one = person(seed, 1930 + i % 97, i % 2 == 0);
        const struct household household = make(&one);
        const struct civil_person *self = household_find(&household, &code);

        assert_non_null(self);
        assert_int_equal(caldate_compare(self->birth, one.birth), 0);
        assert_string_equal(self->name, one.name);
        check_family(&household);
        alone += household.count == 1 ? 1 : 0;
        couples += household.count > 1 && household.people[1].relation == CIVIL_SPOUSE ? 1 : 0;
        children += household.people[household.count - 1].relation == CIVIL_CHILD ? 1 : 0;
    }
    assert_true(alone > PEOPLE / 10 && couples > PEOPLE / 10 && children > PEOPLE / 10);
}

static void a_person_has_the_same_each_time_and_another_has_other(void **state)
{
    const struct making_person one = person("hanako", 1990, true);
    const struct making_person other = person("tsuru", 1990, true);
    const struct household first = make(&one), again = make(&one), others = make(&other);

    (void)state;
    assert_memory_equal(&first, &again, sizeof first);
    assert_string_not_equal(first.former_address, others.former_address);
}

static void who_has_the_allowance_for_it_raises_children_alone(void **state)
{
    CLEANUP(json_freep) struct json *holds = json_array_new();
    struct making_person one = person("oya", 1992, true);

    (void)state;
    assert_int_equal(json_add_text(holds, "TM99000000000110", NULL), 0);
    one.holds = holds;
    const struct household household = make(&one);
    assert_true(household.count >= 2);
    assert_true(household.people[0].has_code);
    for (size_t i = 1; i < household.count; i++)
        assert_int_equal(household.people[i].relation, CIVIL_CHILD);
}

static void who_is_protected_is_so_there(void **state)
{
    struct making_person one = person("kakushi", 1986, true);
    struct household household;

    (void)state;
    household = make(&one);
    assert_false(household_find(&household, &code)->is_protected);
    one.is_protected = true;
    household = make(&one);
    assert_true(household_find(&household, &code)->is_protected);
}

static void children_have_no_seal_and_names_are_cut(void **state)
{
    struct making_person one = person("hanako", 1990, true);
    struct seal seal;

    (void)state;
    assert_int_equal(family_make_seal(&one, &seal, NULL), 0);
    assert_string_equal(seal.letters, "番号");
    assert_true(caldate_compare(seal.since, today) <= 0);
    one.name = "EXAMPLEVERYLONG JOHN";
    assert_int_equal(family_make_seal(&one, &seal, NULL), 0);
    assert_string_equal(seal.letters, "EXAMPLEV");
    one.name = "一二三四五六七八九十　花子";
    assert_int_equal(family_make_seal(&one, &seal, NULL), 0);
    assert_string_equal(seal.letters, "一二三四五六七八");
    one.birth.year = today.year - 10;
    assert_int_equal(family_make_seal(&one, &seal, NULL), -ERR_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relations_are_as_they_can_be),
        cmocka_unit_test(a_person_has_the_same_each_time_and_another_has_other),
        cmocka_unit_test(who_has_the_allowance_for_it_raises_children_alone),
        cmocka_unit_test(who_is_protected_is_so_there),
        cmocka_unit_test(children_have_no_seal_and_names_are_cut),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
