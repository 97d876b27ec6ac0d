/* SPDX-License-Identifier: Apache-2.0 */
/* The people of a nation are who they were, cannot exist, and are as many of each kind as said. */
#include "nation/nation.h"

#include "register/card.h"
#include "register/mynumber.h"
#include "register/resident.h"
#include "register/resident_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PEOPLE = 20000, YEAR = 31557600, SEED = 7 };

#define AOMORI "02201\t2\t青森県\tAomori-ken\t青森市\tあおもりし\tAomori-shi\n"
#define MURA   "02304\t3\t青森県\tAomori-ken\t蓬田村\tよもぎたむら\tYomogita-mura\n"

static struct municipalities *places;

static int load(void **state)
{
    (void)state;
    return municipalities_parse(BYTES_LITERAL(AOMORI MURA), &places, NULL);
}

static int unload(void **state)
{
    (void)state;
    municipalities_freep(&places);
    return 0;
}

static struct nation *nation_of(uint64_t seed, uint64_t people, int64_t until)
{
    struct nation *nation = NULL;
    struct nation_options options = {seed, people, until};

    assert_int_equal(nation_new(places, &options, &nation, NULL), 0);
    return nation;
}

static void a_nation_of_nobody_or_too_many_is_refused(void **state)
{
    struct nation *nation = NULL;
    struct nation_options options = {.people = 0};

    (void)state;
    assert_int_equal(nation_new(places, &options, &nation, NULL), -ERR_INPUT);
    options.people = (uint64_t)NATION_PEOPLE_MAX + 1;
    assert_int_equal(nation_new(places, &options, &nation, NULL), -ERR_INPUT);
    options.people = NATION_PEOPLE_MAX;
    assert_int_equal(nation_new(places, &options, &nation, NULL), 0);
    nation_freep(&nation);
}

static bool is_same(const struct nation_person *a, const struct nation_person *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->kana, b->kana) == 0 &&
           strcmp(a->address, b->address) == 0 && strcmp(a->number, b->number) == 0 &&
           a->is_female == b->is_female && caldate_compare(a->birth, b->birth) == 0 &&
           a->card_issued_at == b->card_issued_at;
}

static void a_person_follows_from_seed_and_index_alone(void **state)
{
    CLEANUP(nation_freep) struct nation *small = nation_of(SEED, 1000, NATION_EPOCH);
    CLEANUP(nation_freep) struct nation *large = nation_of(SEED, NATION_PEOPLE_MAX, NATION_EPOCH);
    CLEANUP(nation_freep) struct nation *other = nation_of(SEED + 1, 1000, NATION_EPOCH);
    unsigned alike = 0;

    (void)state;
    for (uint64_t i = 1000; i-- > 0;) { /* backwards, so that nothing can depend on those before */
        struct nation_person a, b, c;

        nation_person(small, i, &a);
        nation_person(large, i, &b);
        nation_person(other, i, &c);
        assert_true(is_same(&a, &b));
        assert_string_not_equal(a.number, c.number);
        alike += strcmp(a.name, c.name) == 0;
    }
    assert_true(alike < 20);
}

/* What a run of this program on another machine gives as well. */
static void the_first_person_of_a_seed_is_known(void **state)
{
    CLEANUP(nation_freep) struct nation *nation = nation_of(1, 10, NATION_EPOCH);
    struct nation_person person;
    char text[768];

    (void)state;
    nation_person(nation, 0, &person);
    (void)snprintf(text, sizeof text, "%s %s %04d-%02d-%02d %s %s", person.name, person.kana,
                   person.birth.year, person.birth.month, person.birth.day, person.address,
                   person.number);
    assert_string_equal(
        text, "西村　清 にしむら　きよし 1947-07-20 青森県蓬田村絵空町6丁目24番13号 732505979538");
}

static int compare_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void numbers_are_nobodys_and_all_different(void **state)
{
    static char numbers[PEOPLE][NATION_NUMBER_SIZE];
    CLEANUP(nation_freep) struct nation *nation = nation_of(SEED, NATION_PEOPLE_MAX, NATION_EPOCH);

    (void)state;
    for (uint64_t i = 0; i < PEOPLE; i++) {
        CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;
        struct nation_person person;

        /* Half of them at the end of the largest nation there can be. */
        nation_person(nation, i % 2 == 0 ? i : NATION_PEOPLE_MAX - i, &person);
        assert_int_equal(mynumber_parse(person.number, MYNUMBER_LAW, &number, NULL), -ERR_INPUT);
        assert_int_equal(mynumber_parse(person.number, MYNUMBER_TEST, &number, NULL), 0);
        memcpy(numbers[i], person.number, NATION_NUMBER_SIZE);
    }
    qsort(numbers, PEOPLE, sizeof numbers[0], compare_text);
    for (size_t i = 1; i < PEOPLE; i++)
        assert_string_not_equal(numbers[i - 1], numbers[i]);
}

static void resident_codes_are_nobodys_and_all_different(void **state)
{
    static char codes[PEOPLE][NATION_CODE_SIZE];
    CLEANUP(nation_freep) struct nation *nation = nation_of(SEED, NATION_PEOPLE_MAX, NATION_EPOCH);

    (void)state;
    for (uint64_t i = 0; i < PEOPLE; i++) {
        CLEANUP(resident_code_done) struct resident_code code = RESIDENT_CODE_INIT;
        struct nation_person person;

        nation_person(nation, i % 2 == 0 ? i : NATION_PEOPLE_MAX - i, &person);
        assert_int_equal(resident_code_parse(person.code, MYNUMBER_LAW, &code, NULL), -ERR_INPUT);
        assert_int_equal(resident_code_parse(person.code, MYNUMBER_TEST, &code, NULL), 0);
        memcpy(codes[i], person.code, NATION_CODE_SIZE);
    }
    qsort(codes, PEOPLE, sizeof codes[0], compare_text);
    for (size_t i = 1; i < PEOPLE; i++)
        assert_string_not_equal(codes[i - 1], codes[i]);
}

static void a_register_takes_them(void **state)
{
    CLEANUP(nation_freep) struct nation *nation = nation_of(SEED, PEOPLE, NATION_EPOCH);

    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        struct nation_person person;
        struct resident resident = {.sex = SEX_UNKNOWN};

        nation_person(nation, i, &person);
        (void)snprintf(resident.name, sizeof resident.name, "%s", person.name);
        (void)snprintf(resident.address, sizeof resident.address, "%s", person.address);
        (void)snprintf(resident.municipality, sizeof resident.municipality, "%s",
                       person.municipality->code);
        resident.birth = person.birth;
        assert_int_equal(resident_check(&resident, places,
                                        caltime_at(NATION_EPOCH, JST_OFFSET_SECONDS).date, NULL),
                         0);
        assert_int_equal(card_serial_check(person.card, NULL), 0);
        assert_true(person.card_issued_at < NATION_EPOCH + 31 * 86400);
    }
}

static void ages_sexes_and_places_are_as_the_table_says(void **state)
{
    CLEANUP(nation_freep) struct nation *nation = nation_of(SEED, PEOPLE, NATION_EPOCH);
    unsigned children = 0;
    unsigned old = 0;
    unsigned women = 0;
    unsigned villagers = 0;

    (void)state;
    for (uint64_t i = 0; i < PEOPLE; i++) {
        struct nation_person person;
        int age;

        nation_person(nation, i, &person);
        age = caldate_age(person.birth, caltime_at(NATION_EPOCH, JST_OFFSET_SECONDS).date);
        children += age < 15;
        old += age >= 65;
        women += person.is_female;
        villagers += strcmp(person.municipality->code, "02304") == 0;
    }
    /* data/nation.tsv: 117 and 288 of 1000, about half, 4 of 104; three sigma and a bit. */
    assert_in_range(children, PEOPLE * 109 / 1000, PEOPLE * 125 / 1000);
    assert_in_range(old, PEOPLE * 276 / 1000, PEOPLE * 300 / 1000);
    assert_in_range(women, PEOPLE * 49 / 100, PEOPLE * 54 / 100);
    assert_in_range(villagers, PEOPLE * 34 / 1000, PEOPLE * 43 / 1000);
}

static void events_come_in_order_and_end_with_death(void **state)
{
    CLEANUP(nation_freep)
    struct nation *nation = nation_of(SEED, PEOPLE, NATION_EPOCH + 20 * (int64_t)YEAR);
    unsigned deaths = 0;

    (void)state;
    for (uint64_t i = 0; i < PEOPLE; i++) {
        struct nation_event events[NATION_EVENTS_MAX];
        size_t count = nation_events(nation, i, events);
        struct nation_person person;

        nation_person(nation, i, &person);
        for (size_t n = 0; n < count; n++) {
            assert_true(events[n].at > (n == 0 ? person.card_issued_at : events[n - 1].at - 1));
            assert_true(events[n].at < NATION_EPOCH + 20 * (int64_t)YEAR);
            assert_true(events[n].kind != NATION_DEATH || n == count - 1);
        }
        deaths += count > 0 && events[count - 1].kind == NATION_DEATH;
    }
    assert_in_range(deaths, PEOPLE / 5, PEOPLE / 2);
}

static void what_happened_does_not_change_as_time_goes_on(void **state)
{
    CLEANUP(nation_freep) struct nation *now = nation_of(SEED, PEOPLE, NATION_EPOCH);
    CLEANUP(nation_freep)
    struct nation *later = nation_of(SEED, PEOPLE, NATION_EPOCH + 3 * (int64_t)YEAR);

    (void)state;
    for (uint64_t i = 0; i < PEOPLE; i++) {
        struct nation_event before[NATION_EVENTS_MAX];
        struct nation_event after[NATION_EVENTS_MAX];
        size_t count = nation_events(now, i, before);
        size_t more = nation_events(later, i, after);

        assert_true(more >= count);
        for (size_t n = 0; n < count; n++)
            assert_true(before[n].at == after[n].at && before[n].kind == after[n].kind);
        for (size_t n = count; n < more; n++)
            assert_true(after[n].at >= NATION_EPOCH);
    }
}

static void children_have_no_sign_certificate(void **state)
{
    CLEANUP(nation_freep) struct nation *nation = nation_of(SEED, PEOPLE, NATION_EPOCH);

    (void)state;
    for (uint64_t i = 0; i < PEOPLE; i++) {
        struct nation_person person;
        struct nation_cert cert;
        struct caldate issued;

        nation_person(nation, i, &person);
        issued = caltime_at(person.card_issued_at, JST_OFFSET_SECONDS).date;
        assert_true(nation_cert(nation, i, NATION_AUTH, &cert));
        assert_true(cert.not_before == person.card_issued_at && cert.not_after > cert.not_before);
        assert_int_equal((cert.not_after + JST_OFFSET_SECONDS) % 86400, 86399);
        if (caldate_age(person.birth, issued) < 14)
            assert_false(nation_cert(nation, i, NATION_SIGN, &cert));
        if (caldate_age(person.birth, issued) >= 16)
            assert_true(nation_cert(nation, i, NATION_SIGN, &cert));
    }
}

/* Certificates that are good at a time and revoked within a year, over all good ones. */
static double yearly_rate(enum nation_cert_kind kind, unsigned reasons[CRL_REASONS_])
{
    CLEANUP(nation_freep)
    struct nation *nation = nation_of(SEED, PEOPLE, NATION_EPOCH + (int64_t)YEAR);
    unsigned good = 0;
    unsigned revoked = 0;

    for (uint64_t i = 0; i < PEOPLE; i++) {
        struct nation_cert cert;

        if (!nation_cert(nation, i, kind, &cert) || cert.not_after < NATION_EPOCH + YEAR ||
            (cert.revoked_at != 0 && cert.revoked_at < NATION_EPOCH))
            continue;
        good++;
        revoked += cert.revoked_at != 0;
        if (cert.revoked_at != 0)
            reasons[cert.reason]++;
    }
    return (double)revoked / good;
}

/* 100 million people have as many auth certificates and 88 million sign certificates. */
static void five_to_seven_of_a_hundred_million_are_revoked_a_year(void **state)
{
    unsigned reasons[CRL_REASONS_] = {0};
    double yearly = yearly_rate(NATION_SIGN, reasons) * 88 +
                    yearly_rate(NATION_AUTH, reasons) * 100;

    (void)state;
    if (yearly < 5 || yearly > 7)
        fail_msg("%.2f million revocations a year", yearly);
    assert_true(reasons[CRL_AFFILIATION_CHANGED] > reasons[CRL_CESSATION_OF_OPERATION] / 2);
    assert_true(reasons[CRL_CESSATION_OF_OPERATION] > reasons[CRL_CERTIFICATE_HOLD]);
    assert_true(reasons[CRL_CERTIFICATE_HOLD] > 0 && reasons[CRL_SUPERSEDED] > 0);
    assert_int_equal(reasons[CRL_KEY_COMPROMISE] + reasons[CRL_CA_COMPROMISE], 0);
}

static void an_auth_certificate_survives_a_move(void **state)
{
    CLEANUP(nation_freep) struct nation *nation = nation_of(SEED, PEOPLE, NATION_EPOCH);
    unsigned moved = 0;

    (void)state;
    for (uint64_t i = 0; i < PEOPLE; i++) {
        struct nation_event events[NATION_EVENTS_MAX];
        struct nation_cert cert;

        if (nation_events(nation, i, events) != 1 || events[0].kind != NATION_MOVE)
            continue;
        moved++;
        assert_true(nation_cert(nation, i, NATION_AUTH, &cert));
        assert_true(cert.revoked_at == 0);
        if (nation_cert(nation, i, NATION_SIGN, &cert) && events[0].at <= cert.not_after)
            assert_true(cert.revoked_at == events[0].at && cert.reason == CRL_AFFILIATION_CHANGED);
    }
    assert_true(moved > PEOPLE / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_nation_of_nobody_or_too_many_is_refused),
        cmocka_unit_test(a_person_follows_from_seed_and_index_alone),
        cmocka_unit_test(the_first_person_of_a_seed_is_known),
        cmocka_unit_test(numbers_are_nobodys_and_all_different),
        cmocka_unit_test(resident_codes_are_nobodys_and_all_different),
        cmocka_unit_test(a_register_takes_them),
        cmocka_unit_test(ages_sexes_and_places_are_as_the_table_says),
        cmocka_unit_test(events_come_in_order_and_end_with_death),
        cmocka_unit_test(what_happened_does_not_change_as_time_goes_on),
        cmocka_unit_test(children_have_no_sign_certificate),
        cmocka_unit_test(five_to_seven_of_a_hundred_million_are_revoked_a_year),
        cmocka_unit_test(an_auth_certificate_survives_a_move),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
