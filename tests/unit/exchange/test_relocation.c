/* SPDX-License-Identifier: Apache-2.0 */
/* Who moves is found where he lives now, with the household, and nowhere else. */
#include "exchange/relocation.h"
#include "support/exchange_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HOUSEHOLD_INFO "TM00000000000001"
#define TAX            "TM00000000000002"
#define OLD            "M13101"
#define NEW            "M27100"
#define OLD_ADDRESS    "東京都千代田区見本町一丁目２番３号"

enum { HE = 1, SHE = 2, KID = 3, THERE = 0x40 }; /* octets of codes; | THERE: at NEW */

static struct exchange_site site;
static struct holdings *holdings;

static int set_up(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    exchange_site_open(&site);
    assert_int_equal(holdings_open(tempdir_file(&site.dir, "p.db", path), site.tables, &site.clock,
                                   &holdings, NULL),
                     0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    holdings_closep(&holdings);
    exchange_site_close(&site);
    return 0;
}

static struct person_code code_of(unsigned byte)
{
    struct person_code code;

    memset(code.value, (int)byte, sizeof code.value);
    return code;
}

/* byte 0: known by no code. */
static struct civil_person person_of(enum civil_relation relation, unsigned byte, int year)
{
    struct civil_person person = {.relation = relation,
                                  .is_female = byte == SHE,
                                  .has_code = byte != 0,
                                  .birth = {year, 4, 15},
                                  .since = {year, 4, 15},
                                  .name = "見本",
                                  .father = "父",
                                  .mother = "母"};

    if (byte != 0)
        person.code = code_of(byte);
    return person;
}

static struct household family_of(unsigned head, unsigned spouse, unsigned child)
{
    struct household household = {.count = 3,
                                  .origin = "東京都千代田区丸の内一丁目",
                                  .origin_body = OLD,
                                  .family_since = {2014, 5, 5}};

    household.people[0] = person_of(CIVIL_HEAD, head, 1989);
    household.people[1] = person_of(CIVIL_SPOUSE, spouse, 1990);
    household.people[2] = person_of(CIVIL_CHILD, child, 2016);
    return household;
}

static struct relocation move_of(int64_t number, unsigned byte, const char *to)
{
    const bool is_same = strcmp(to, OLD) == 0;
    struct relocation relocation = {.number = number,
                                    .from = {OLD, code_of(byte)},
                                    .to = {.code = code_of(is_same ? byte : byte | THERE)},
                                    .since = {2026, 11, 20},
                                    .former_address = OLD_ADDRESS};

    (void)snprintf(relocation.to.body, sizeof relocation.to.body, "%s", to);
    return relocation;
}

/* Leaves OLD on a day, or left. */
static struct relocation leave_of(int64_t number, unsigned byte, enum relocation_kind kind,
                                  struct caldate day)
{
    return (struct relocation){
        .number = number, .kind = kind, .from = {OLD, code_of(byte)}, .since = day};
}

static void file_record(const char *body, unsigned byte, const char *info, const char *answer)
{
    const struct holding holding = {
        .body = body, .code = code_of(byte), .info = info, .answer = bytes_text(answer)};

    assert_int_equal(holdings_file(holdings, &holding, &site.by, NULL), 0);
}

static int read_record(const char *body, unsigned byte, const char *info, struct json **ret)
{
    const struct holding holding = {.body = body, .code = code_of(byte), .info = info};

    return holdings_read(holdings, &holding, ret, NULL);
}

/* The items that are answered of somebody's household, one behind the other. */
static void expect_answer(const char *body, unsigned byte, const char *expected)
{
    CLEANUP(json_freep) struct json *answer = NULL;
    const struct json *records, *items;
    char text[256] = "";
    size_t len = 0;

    assert_int_equal(read_record(body, byte, HOUSEHOLD_INFO, &answer), 0);
    assert_int_equal(json_get_array(answer, "records", &records, NULL), 0);
    assert_int_equal(json_count(records), 1);
    assert_int_equal(json_get_array(json_at(records, 0), "items", &items, NULL), 0);
    for (size_t i = 0; i < json_count(items); i++) {
        const char *content;

        assert_int_equal(json_get_text(json_at(items, i), "content", &content, NULL), 0);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i == 0 ? "" : " ", content);
    }
    assert_string_equal(text, expected);
}

static bool lives_at(const char *body, unsigned byte, struct household *ret)
{
    const struct person_code code = code_of(byte);

    return civil_get(holdings, body, &code, ret, NULL) == 0;
}

static void follow(struct relocation relocation)
{
    struct err err = {0};

    if (relocation_follow(holdings, &relocation, &site.by, &err) < 0)
        fail_msg("%s", err.text);
}

/* Everybody who leaves by a day. */
static int pass(struct caldate today)
{
    int count = 0, rc;

    while ((rc = relocation_leave(holdings, today, &site.by, NULL)) == 0)
        count++;
    assert_int_equal(rc, -ERR_ABSENT);
    return count;
}

static const char one_year[] =
    "{\"records\":[{\"day\":\"2026-06-01\",\"items\":[{\"code\":\"0000200010\",\"content\":"
    "\"2026\"}]}]}";

static void of_whom_nobody_knows_a_household_nothing_is_made(void **state)
{
    struct household household;
    int64_t last;

    (void)state;
    follow(move_of(7, SHE, NEW));
    assert_false(lives_at(NEW, SHE | THERE, &household));
    assert_int_equal(relocation_last(holdings, &last, NULL), 0);
    assert_int_equal(last, 7);
}

static void the_household_comes_along(void **state)
{
    const struct household family = family_of(0, SHE, 0);
    const struct seal seal = {.since = {2020, 1, 1}, .letters = "見本"};
    const struct person_code hers = code_of(SHE);
    const struct sealed sealed = {OLD, &hers, &seal};
    CLEANUP(json_freep) struct json *tax = NULL;
    struct household now;
    struct json *gone;
    struct seal ended;

    (void)state;
    assert_int_equal(civil_file(holdings, OLD, &family, &site.by, NULL), 0);
    assert_int_equal(civil_file_seal(holdings, &sealed, &site.by, NULL), 0);
    file_record(OLD, SHE, TAX, one_year);
    follow(move_of(1, SHE, NEW));
    assert_true(lives_at(NEW, SHE | THERE, &now));
    assert_int_equal(now.count, 3);
    assert_string_equal(now.former_address, OLD_ADDRESS);
    assert_string_equal(now.origin_body, OLD); /* the family register stays */
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(caldate_compare(now.people[i].since, (struct caldate){2026, 11, 20}), 0);
    expect_answer(NEW, SHE | THERE, "一般世帯 妻 3 0 2026-11-20");
    /* And nothing of it is left, but last year's tax. */
    assert_false(lives_at(OLD, SHE, &now));
    assert_int_equal(read_record(OLD, SHE, HOUSEHOLD_INFO, &gone), -ERR_ABSENT);
    assert_int_equal(civil_get_seal(holdings, OLD, &hers, &ended, NULL), -ERR_ABSENT);
    assert_int_equal(read_record(OLD, SHE, TAX, &tax), 0);
}

static void within_a_municipality_the_day_stays_and_the_address_before_is_known(void **state)
{
    const struct household family = family_of(HE, 0, 0);
    const struct seal seal = {.since = {2020, 1, 1}, .letters = "見本"};
    const struct person_code his = code_of(HE);
    const struct sealed sealed = {OLD, &his, &seal};
    struct household now;
    struct seal kept;

    (void)state;
    assert_int_equal(civil_file(holdings, OLD, &family, &site.by, NULL), 0);
    assert_int_equal(civil_file_seal(holdings, &sealed, &site.by, NULL), 0);
    follow(move_of(1, HE, OLD));
    assert_true(lives_at(OLD, HE, &now));
    assert_string_equal(now.former_address, OLD_ADDRESS);
    assert_int_equal(caldate_compare(now.people[0].since, (struct caldate){1989, 4, 15}), 0);
    expect_answer(OLD, HE, "一般世帯 世帯主 3 1 1989-04-15");
    assert_int_equal(civil_get_seal(holdings, OLD, &his, &kept, NULL), 0);
}

static void from_others_who_are_known_one_goes_alone(void **state)
{
    const struct household family = family_of(HE, SHE, 0);
    struct household now;

    (void)state;
    assert_int_equal(civil_file(holdings, OLD, &family, &site.by, NULL), 0);
    follow(move_of(1, SHE, NEW));
    assert_true(lives_at(NEW, SHE | THERE, &now));
    assert_int_equal(now.count, 1);
    expect_answer(NEW, SHE | THERE, "単身世帯 世帯主 1 1 2026-11-20");
    assert_true(lives_at(OLD, HE, &now));
    assert_int_equal(now.count, 2);
    assert_string_equal(now.former_address, "");
    expect_answer(OLD, HE, "一般世帯 世帯主 2 1 1989-04-15");
}

static void where_the_head_went_the_spouse_is_it(void **state)
{
    const struct household family = family_of(HE, SHE, KID);
    struct household now;

    (void)state;
    assert_int_equal(civil_file(holdings, OLD, &family, &site.by, NULL), 0);
    follow(move_of(1, HE, NEW));
    assert_true(lives_at(OLD, SHE, &now));
    assert_int_equal(now.count, 2);
    expect_answer(OLD, SHE, "一般世帯 世帯主 2 1 1990-04-15");
    expect_answer(OLD, KID, "一般世帯 子 2 0 2016-04-15");
    /* She follows; without her nobody says how the rest are related. */
    follow(move_of(2, SHE, NEW));
    assert_true(lives_at(OLD, KID, &now));
    assert_int_equal(now.count, 1);
    expect_answer(OLD, KID, "単身世帯 世帯主 1 1 2016-04-15");
}

static void each_is_followed_once_and_in_its_order(void **state)
{
    const struct household family = family_of(HE, 0, 0);
    struct relocation back = move_of(2, HE, OLD);
    struct household now;

    (void)state;
    assert_int_equal(civil_file(holdings, OLD, &family, &site.by, NULL), 0);
    follow(move_of(1, HE, NEW));
    back.from = move_of(1, HE, NEW).to;
    follow(back);
    assert_true(lives_at(OLD, HE, &now));
    follow(move_of(1, HE, NEW));
    follow(back);
    assert_true(lives_at(OLD, HE, &now) && !lives_at(NEW, HE | THERE, &now));
}

static void where_nobody_keeps_registers_nobody_arrives(void **state)
{
    const struct household family = family_of(HE, 0, 0);
    struct household now;

    (void)state;
    assert_int_equal(civil_file(holdings, OLD, &family, &site.by, NULL), 0);
    follow(move_of(1, HE, "M99999"));
    assert_false(lives_at(OLD, HE, &now) || lives_at("M99999", HE | THERE, &now));
}

static void nobody_lives_anywhere_before_being_born(void **state)
{
    struct household family = family_of(HE, 0, 0);
    struct household now;

    (void)state;
    family.people[2].birth = family.people[2].since = (struct caldate){2026, 11, 21};
    assert_int_equal(civil_file(holdings, OLD, &family, &site.by, NULL), 0);
    follow(move_of(1, HE, NEW));
    assert_true(lives_at(NEW, HE | THERE, &now));
    assert_int_equal(caldate_compare(now.people[2].since, now.people[2].birth), 0);
}

/* ---- leaving ---- */

static const struct caldate day = {2026, 12, 5}, eve = {2026, 12, 4};

static void file_family(const struct household *family, unsigned sealed_by)
{
    const struct seal seal = {.since = {2020, 1, 1}, .letters = "見本"};
    const struct person_code code = code_of(sealed_by);
    const struct sealed sealed = {OLD, &code, &seal};

    assert_int_equal(civil_file(holdings, OLD, family, &site.by, NULL), 0);
    assert_int_equal(civil_file_seal(holdings, &sealed, &site.by, NULL), 0);
}

static bool has_seal(unsigned byte)
{
    const struct person_code code = code_of(byte);
    struct seal seal;

    return civil_get_seal(holdings, OLD, &code, &seal, NULL) == 0;
}

static void of_whom_nobody_knows_a_household_no_end_is_told(void **state)
{
    struct json *answer;

    (void)state;
    follow(leave_of(1, SHE, RELOCATION_DEAD, day));
    assert_int_equal(pass(day), 1);
    assert_int_equal(pass(day), 0);
    assert_int_equal(read_record(OLD, SHE, HOUSEHOLD_INFO, &answer), -ERR_ABSENT);
}

/* Until the day of leaving nothing has changed; from then on the municipality says so. */
static void whoever_leaves_is_told_to_have_left_from_that_day_on(void **state)
{
    static const char *const words[RELOCATION_KINDS_] = {[RELOCATION_LEAVING] = "転出",
                                                         [RELOCATION_ABROAD] = "国外への転出",
                                                         [RELOCATION_DEAD] = "死亡"};
    const struct household family = family_of(HE, 0, 0);
    CLEANUP(json_freep) struct json *tax = NULL;

    (void)state;
    file_record(OLD, HE, TAX, one_year);
    for (int kind = RELOCATION_LEAVING; kind < RELOCATION_KINDS_; kind++) {
        const struct relocation back = {.number = 2 * kind + 1,
                                        .from = {OLD, code_of(HE)},
                                        .to = {OLD, code_of(HE)},
                                        .since = {2026, 12, 6}};
        struct household now;
        char expected[64];

        file_family(&family, HE);
        follow(leave_of(2 * kind, HE, (enum relocation_kind)kind, day));
        assert_int_equal(pass(eve), 0);
        assert_true(lives_at(OLD, HE, &now) && has_seal(HE));
        assert_int_equal(pass(day), 1);
        assert_false(lives_at(OLD, HE, &now) || has_seal(HE));
        (void)snprintf(expected, sizeof expected, "2026-12-05 %s", words[kind]);
        expect_answer(OLD, HE, expected);
        follow(back); /* also from the dead, so that the next is one who leaves */
    }
    assert_int_equal(read_record(OLD, HE, TAX, &tax), 0);
}

static void whoever_has_left_arrives_with_the_household(void **state)
{
    const struct household family = family_of(0, SHE, 0);
    struct household now;
    struct json *gone;

    (void)state;
    file_family(&family, SHE);
    follow(leave_of(1, SHE, RELOCATION_LEAVING, (struct caldate){2026, 11, 19}));
    assert_int_equal(pass(day), 1);
    follow(move_of(2, SHE, NEW));
    assert_true(lives_at(NEW, SHE | THERE, &now));
    assert_int_equal(now.count, 3);
    assert_string_equal(now.former_address, OLD_ADDRESS);
    expect_answer(NEW, SHE | THERE, "一般世帯 妻 3 0 2026-11-20");
    assert_int_equal(read_record(OLD, SHE, HOUSEHOLD_INFO, &gone), -ERR_ABSENT);
    /* And may leave the new place, and come back. */
    follow(move_of(3, SHE, OLD));
    assert_int_equal(pass(day), 0);
}

static void whoever_comes_back_lives_there_since_that_day(void **state)
{
    const struct household family = family_of(HE, 0, 0);
    struct household now;

    (void)state;
    file_family(&family, HE);
    follow(leave_of(1, HE, RELOCATION_ABROAD, (struct caldate){2026, 11, 1}));
    assert_int_equal(pass(day), 1);
    follow(move_of(2, HE, OLD));
    assert_true(lives_at(OLD, HE, &now));
    expect_answer(OLD, HE, "一般世帯 世帯主 3 1 2026-11-20");
    assert_false(has_seal(HE)); /* it is registered anew */
}

static void whoever_arrives_before_the_day_of_leaving_has_moved(void **state)
{
    const struct household family = family_of(HE, 0, 0);
    struct household now;

    (void)state;
    file_family(&family, HE);
    follow(leave_of(1, HE, RELOCATION_LEAVING, day));
    follow(move_of(2, HE, NEW));
    assert_int_equal(pass(day), 0);
    assert_true(lives_at(NEW, HE | THERE, &now) && !lives_at(OLD, HE, &now));
}

static void the_dead_leave_others_behind_and_arrive_nowhere(void **state)
{
    const struct household family = family_of(HE, SHE, KID);
    struct household now;

    (void)state;
    file_family(&family, HE);
    follow(leave_of(1, HE, RELOCATION_LEAVING, day));
    follow(leave_of(2, HE, RELOCATION_DEAD, eve));
    assert_int_equal(pass(eve), 1);
    expect_answer(OLD, HE, "2026-12-04 死亡");
    expect_answer(OLD, SHE, "一般世帯 世帯主 2 1 1990-04-15");
    expect_answer(OLD, KID, "一般世帯 子 2 0 2016-04-15");
    follow(move_of(3, HE, NEW));
    assert_false(lives_at(NEW, HE | THERE, &now));
}

static void what_happens_abroad_changes_nothing_at_home(void **state)
{
    const struct household family = family_of(HE, 0, 0);
    struct household now;

    (void)state;
    file_family(&family, HE);
    follow(leave_of(1, HE, RELOCATION_ABROAD, eve));
    assert_int_equal(pass(eve), 1);
    follow(leave_of(2, HE, RELOCATION_DEAD, day));
    assert_int_equal(pass(day), 0);
    expect_answer(OLD, HE, "2026-12-04 国外への転出");
    follow(move_of(3, HE, NEW));
    assert_false(lives_at(NEW, HE | THERE, &now));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(of_whom_nobody_knows_a_household_nothing_is_made),
        CASE(the_household_comes_along),
        CASE(within_a_municipality_the_day_stays_and_the_address_before_is_known),
        CASE(from_others_who_are_known_one_goes_alone),
        CASE(where_the_head_went_the_spouse_is_it),
        CASE(each_is_followed_once_and_in_its_order),
        CASE(where_nobody_keeps_registers_nobody_arrives),
        CASE(nobody_lives_anywhere_before_being_born),
        CASE(of_whom_nobody_knows_a_household_no_end_is_told),
        CASE(whoever_leaves_is_told_to_have_left_from_that_day_on),
        CASE(whoever_has_left_arrives_with_the_household),
        CASE(whoever_comes_back_lives_there_since_that_day),
        CASE(whoever_arrives_before_the_day_of_leaving_has_moved),
        CASE(the_dead_leave_others_behind_and_arrive_nowhere),
        CASE(what_happens_abroad_changes_nothing_at_home),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
