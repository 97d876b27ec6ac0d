/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What fictional people have is possible for their age and the day: of all personas and of some
 * thousand people of a nation, on several days of the clock. The tables below are the rules.
 */
#include "exchange/ages.h"

#include "nation/nation.h"
#include "sandbox/persona.h"
#include "support/made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { PEOPLE = 3000, SEED = 11, MONTHS_MAX = 1560 };

/* Under each name: how old, in full years, the person is on a record's day. */
static const struct {
    const char *info;
    int from, to;
    bool is_of_women;
} names[] = {
    {"TM00000000000001", 0, 130, false},  {"TM00000000000002", 18, 130, false},
    {"TM00000000000082", 10, 90, false},  {"TM99000000000101", 0, 130, false},
    {"TM99000000000102", 0, 130, false},  {"TM99000000000103", 40, 130, false},
    {"TM99000000000104", 0, 130, false},  {"TM99000000000105", 0, 130, false},
    {"TM99000000000106", 0, 6, false},    {"TM99000000000107", 18, 45, true},
    {"TM99000000000108", 30, 130, false}, {"TM99000000000109", 22, 50, false},
    {"TM99000000000110", 22, 50, false},  {"TM99000000000111", 22, 60, false},
    {"TM99000000000112", 18, 45, true},   {"TM99000000000113", 15, 18, false},
    {"TM99000000000114", 0, 19, false},   {"TM99000000000115", 0, 17, false},
    {"TM99000000000116", 5, 130, false},  {"TM99000000000117", 15, 130, false},
    {"TM99000000000118", 3, 130, false},  {"TM99000000000119", 18, 130, false},
    {"TM99000000000120", 65, 130, false}, {"TM99000000000121", 20, 64, false},
    {"TM99000000000122", 18, 70, false},  {"TM99000000000123", 20, 60, false},
    {"TM99000000000124", 20, 130, false},
};
#define NAMES (sizeof names / sizeof names[0])

/* What a record says, and what it says beside it: full months of life on its day. */
static const struct {
    const char *item, *content, *beside; /* beside: of the item behind it, or NULL */
    int from, to;
} words[] = {
    {"0010400010", "見本健康保険組合", NULL, 0, 75 * 12 - 1},
    {"0010400010", "見本後期高齢者医療広域連合", NULL, 75 * 12, MONTHS_MAX},
    {"0010500030", "五種混合", "1", 2, 2},
    {"0010500030", "五種混合", "2", 3, 3},
    {"0010500030", "五種混合", "3", 4, 4},
    {"0010500030", "五種混合", "4", 18, 23},
    {"0010500030", "小児用肺炎球菌", "1", 2, 2},
    {"0010500030", "小児用肺炎球菌", "2", 3, 3},
    {"0010500030", "小児用肺炎球菌", "3", 4, 4},
    {"0010500030", "ロタ", "1", 2, 2},
    {"0010500030", "ＢＣＧ", "1", 5, 7},
    {"0010500030", "麻しん風しん", "1", 12, 23},
    {"0010500030", "麻しん風しん", "2", 60, 83},
    {"0010500030", "麻しん風しん", "1", 20 * 12, 65 * 12 - 1},
    {"0010500030", "風しん", "1", 20 * 12, 65 * 12 - 1},
    {"0010500030", "水痘", "1", 12, 15},
    {"0010500030", "水痘", "2", 18, 35},
    {"0010500030", "日本脳炎", "1", 36, 36},
    {"0010500030", "日本脳炎", "2", 37, 37},
    {"0010500030", "日本脳炎", "3", 48, 59},
    {"0010500030", "日本脳炎", "4", 108, 155},
    {"0010500030", "二種混合", "1", 132, 155},
    {"0010500030", "インフルエンザ", "1", 65 * 12, MONTHS_MAX},
    {"0010500030", "新型コロナウイルス感染症", "1", 65 * 12, MONTHS_MAX},
    {"0010600030", "１か月児健診", NULL, 1, 1},
    {"0010600030", "３～４か月児健診", NULL, 3, 4},
    {"0010600030", "１歳６か月児健診", NULL, 18, 23},
    {"0010600030", "３歳児健診", NULL, 36, 47},
    {"0010800010", "胃がん検診", NULL, 50 * 12, MONTHS_MAX},
    {"0010800010", "大腸がん検診", NULL, 40 * 12, MONTHS_MAX},
    {"0010800010", "肝炎ウイルス検診", NULL, 40 * 12, MONTHS_MAX},
    {"0010800010", "歯周疾患検診", NULL, 30 * 12, MONTHS_MAX},
    {"0012100010", "基本手当", NULL, 20 * 12, 65 * 12 - 1},
    {"0012100010", "育児休業給付", NULL, 20 * 12, 46 * 12 - 1},
    {"0012100010", "高年齢雇用継続給付", NULL, 60 * 12, 65 * 12 - 1},
};
#define WORDS (sizeof words / sizeof words[0])

/* Days that may be still to come: until when something holds, and what is expected. */
static const char *const ahead[] = {"8200000030", "8200000080", "0011200020", "0011300030",
                                    "0011400020", "0011700060", "0011800060"};

static const struct caldate days[] = {{2026, 4, 1},  {2026, 9, 21}, {2026, 11, 26},
                                      {2027, 2, 28}, {2028, 2, 29}, {2029, 3, 31}};
#define DAYS (sizeof days / sizeof days[0])

static struct tables *tables;
static struct making *making;
static size_t seen[NAMES], said[WORDS];

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

/* ---- the rules of days ---- */

static bool same_day(struct caldate a, int year, int month, int day)
{
    return caldate_compare(a, (struct caldate){year, month, day}) == 0;
}

static void days_of_a_life_are_counted(void **state)
{
    const struct caldate leap = {2024, 2, 29}, end = {2026, 8, 31};

    (void)state;
    assert_true(same_day(ages_years(leap, 1), 2025, 3, 1));
    assert_true(same_day(ages_years(leap, 4), 2028, 2, 29));
    assert_true(same_day(ages_years(end, 0), 2026, 8, 31));
    assert_true(same_day(ages_months(end, 6), 2027, 2, 28));
    assert_true(same_day(ages_months(end, 18), 2028, 2, 29));
    assert_true(same_day(ages_months(end, 4), 2026, 12, 31));
    assert_true(same_day(ages_grade_from((struct caldate){2010, 4, 1}, 10), 2025, 4, 1));
    assert_true(same_day(ages_grade_from((struct caldate){2010, 4, 2}, 10), 2026, 4, 1));
    assert_true(same_day(ages_grade_until((struct caldate){2010, 4, 1}, 12), 2028, 3, 31));
    assert_true(same_day(ages_grade_until((struct caldate){2010, 4, 2}, 12), 2029, 3, 31));
    assert_int_equal(ages_days_between(leap, (struct caldate){2025, 3, 1}), 366);
}

/* ---- the rules of records ---- */

static int months_of(struct caldate birth, struct caldate on)
{
    int months = -1;

    while (caldate_compare(ages_months(birth, months + 1), on) <= 0)
        months++;
    return months;
}

static const char *content_of(const struct json *items, const char *code)
{
    const char *text;

    for (size_t i = 0; i < json_count(items); i++) {
        assert_int_equal(json_get_text(json_at(items, i), "code", &text, NULL), 0);
        if (strcmp(text, code) != 0)
            continue;
        assert_int_equal(json_get_text(json_at(items, i), "content", &text, NULL), 0);
        return text;
    }
    return NULL;
}

static void check_words(const struct making_person *person, const struct json *items,
                        struct caldate day)
{
    const int months = months_of(person->birth, day);
    const char *told = NULL;
    bool is_right = true;

    for (size_t i = 0; i < WORDS; i++) {
        const char *content = content_of(items, words[i].item);
        const char *beside = content_of(items, "0010500040");

        if (content == NULL)
            continue;
        if (told == NULL)
            is_right = false;
        told = content;
        if (strcmp(content, words[i].content) != 0 ||
            (words[i].beside != NULL && strcmp(beside, words[i].beside) != 0) ||
            months < words[i].from || months > words[i].to)
            continue;
        is_right = true;
        said[i]++;
    }
    if (!is_right)
        fail_msg("%s has %s, %d months old", person->seed, told, months);
}

static bool may_be_ahead(const char *code)
{
    for (size_t i = 0; i < sizeof ahead / sizeof ahead[0]; i++)
        if (strcmp(ahead[i], code) == 0)
            return true;
    return false;
}

/* No day of an item is before the birth, or, unless it may be, still to come. */
static void check_item_days(const struct making_person *person, const char *info,
                            const struct json *items)
{
    for (size_t i = 0; i < json_count(items); i++) {
        const char *code, *content;
        char first[CALTIME_TEXT_SIZE], last[CALTIME_TEXT_SIZE];
        const struct item *item;
        size_t len;

        assert_int_equal(json_get_text(json_at(items, i), "code", &code, NULL), 0);
        assert_int_equal(json_get_text(json_at(items, i), "content", &content, NULL), 0);
        item = tables_item(tables, info, code);
        if (item->form != ITEM_DATE && item->form != ITEM_MONTH)
            continue;
        len = item->form == ITEM_DATE ? 10 : ITEM_MONTH_LEN;
        assert_int_equal(strlen(content), len);
        caldate_format_iso(person->birth, first);
        caldate_format_iso(person->today, last);
        if (strncmp(content, first, len) < 0 ||
            (strncmp(content, last, len) > 0 && !may_be_ahead(code)))
            fail_msg("%s, born on %s, has %s in %s on %s", person->seed, first, content, code,
                     last);
    }
}

static void check_record(const struct making_person *person, size_t name, const struct json *record)
{
    const struct json *items;
    struct caldate day;
    const char *text;
    int age;

    assert_int_equal(json_get_text(record, "day", &text, NULL), 0);
    assert_int_equal(caldate_parse_iso(text, &day, NULL), 0);
    assert_int_equal(json_get_array(record, "items", &items, NULL), 0);
    age = caldate_age(person->birth, day);
    if (caldate_compare(day, person->birth) < 0 || caldate_compare(day, person->today) > 0 ||
        age < names[name].from || age > names[name].to ||
        (names[name].is_of_women && !person->is_female))
        fail_msg("%s has %s of %s at %d", person->seed, names[name].info, text, age);
    if (strcmp(names[name].info, "TM99000000000113") == 0) {
        assert_true(caldate_compare(day, ages_grade_from(person->birth, 10)) >= 0);
        assert_true(caldate_compare(person->today, ages_grade_until(person->birth, 12)) <= 0);
    }
    check_item_days(person, names[name].info, items);
    check_words(person, items, day);
    seen[name]++;
}

static void check_person(const struct making_person *person)
{
    for (size_t i = 0; i < NAMES; i++) {
        CLEANUP(json_freep) struct json *answer = NULL;
        const struct json *records;
        const int rc = making_answer(making, person, names[i].info, &answer, NULL);

        if (rc == -ERR_ABSENT)
            continue;
        assert_int_equal(rc, 0);
        assert_int_equal(json_get_array(answer, "records", &records, NULL), 0);
        for (size_t j = 0; j < json_count(records); j++)
            check_record(person, i, json_at(records, j));
    }
}

static void each_name_has_a_rule(void **state)
{
    (void)state;
    assert_int_equal(tables->info_count, NAMES);
    for (size_t i = 0; i < NAMES; i++)
        assert_string_equal(tables->infos[i].code, names[i].info);
}

static void records_of_personas_are_possible(void **state)
{
    struct personas personas = {.count = 0};

    (void)state;
    assert_int_equal(personas_load(EXCHANGE_DATA "/../personas.json", NULL, &personas, NULL), 0);
    for (size_t i = 0; i < personas.count; i++) {
        const struct persona *persona = &personas.list[i];
        struct making_person person = {.seed = persona->name,
                                       .is_female = strcmp(persona->sex, "male") != 0,
                                       .place = "見本市",
                                       .holds = persona->holds};

        assert_int_equal(caldate_parse_iso(persona->birth_date, &person.birth, NULL), 0);
        for (size_t j = 0; j < DAYS; j++) {
            person.today = days[j];
            if (caldate_compare(person.birth, person.today) <= 0)
                check_person(&person);
        }
    }
    personas_done(&personas);
}

/* Half of them as they are; half as if born in the last seven years, when most depends on the day.
 */
static void records_of_a_nation_are_possible(void **state)
{
    static const char town[] = "02201\t2\t青森県\tAomori-ken\t青森市\tあおもりし\tAomori-shi\n";
    const struct nation_options options = {SEED, PEOPLE, NATION_EPOCH};
    CLEANUP(municipalities_freep) struct municipalities *places = NULL;
    CLEANUP(nation_freep) struct nation *nation = NULL;

    (void)state;
    assert_int_equal(municipalities_parse(BYTES_LITERAL(town), &places, NULL), 0);
    assert_int_equal(nation_new(places, &options, &nation, NULL), 0);
    for (uint64_t i = 0; i < PEOPLE; i++) {
        struct nation_person one;
        struct making_person person;
        char seed[32];

        nation_person(nation, i, &one);
        (void)snprintf(seed, sizeof seed, "nation-%llu", (unsigned long long)i);
        person = (struct making_person){.seed = seed,
                                        .birth = one.birth,
                                        .is_female = one.is_female,
                                        .place = "見本市",
                                        .today = days[i % DAYS]};
        if (i % 2 == 1)
            person.birth = ages_days_from(person.today, -(int64_t)(i * 37 % (7 * 365)));
        check_person(&person);
    }
    for (size_t i = 0; i < NAMES; i++)
        if (seen[i] == 0)
            fail_msg("nobody has %s", names[i].info);
    for (size_t i = 0; i < WORDS; i++)
        if (said[i] == 0)
            fail_msg("nobody has %s %s", words[i].content, words[i].beside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_of_a_life_are_counted),
        cmocka_unit_test(each_name_has_a_rule),
        cmocka_unit_test(records_of_personas_are_possible),
        cmocka_unit_test(records_of_a_nation_are_possible),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
