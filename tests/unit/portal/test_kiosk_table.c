/* SPDX-License-Identifier: Apache-2.0 */
#include "base/caltime.h"
#include "portal/kiosk/limits.h"
#include "portal/kiosk/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define OFFER "offer\t13101\tresident\t200\t06:30\t23:00\n"

static int parse(const char *text, struct kiosk_table **ret)
{
    return kiosk_table_parse(bytes_text(text), ret, NULL);
}

static void a_wrong_row_is_refused_by_its_line(void **state)
{
    static const char *const bad[] = {
        "sale\t13101\tresident\t200\t06:30\t23:00\n",
        "offer\t1310\tresident\t200\t06:30\t23:00\n",
        "offer\t1310x\tresident\t200\t06:30\t23:00\n",
        "offer\t13101\tpassport\t200\t06:30\t23:00\n",
        "offer\t13101\tresident\t-200\t06:30\t23:00\n",
        "offer\t13101\tresident\t100001\t06:30\t23:00\n",
        "offer\t13101\tresident\t200\t6:30\t23:00\n",
        "offer\t13101\tresident\t200\t06:60\t23:00\n",
        "offer\t13101\tresident\t200\t06:30\t24:01\n",
        "offer\t13101\tresident\t200\t23:00\t06:30\n",
        "offer\t13101\tresident\t200\t06:30\n",
        "closed\t12-32\t01-03\n",
        "closed\t12-29\n",
        OFFER OFFER,
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct kiosk_table *table = NULL;
        struct err err = {.kind = ERR_NONE};

        assert_int_equal(kiosk_table_parse(bytes_text(bad[i]), &table, &err), -ERR_INPUT);
        assert_non_null(strstr(err.text, "line "));
        assert_null(table);
    }
}

static void what_is_in_no_row_is_not_given(void **state)
{
    CLEANUP(kiosk_table_freep) struct kiosk_table *table = NULL;
    const struct kiosk_offer *offer;

    (void)state;
    assert_int_equal(parse("# a comment\n" OFFER, &table), 0);
    offer = kiosk_table_find(table, "13101", KIOSK_RESIDENT);
    assert_non_null(offer);
    assert_int_equal(offer->fee, 200);
    assert_null(kiosk_table_find(table, "13101", KIOSK_RESIDENT_ITEMS));
    assert_null(kiosk_table_find(table, "27100", KIOSK_RESIDENT));
}

/* What comes with the programs: each kind somewhere, none of the family register everywhere. */
static void each_kind_is_given_by_some_municipality_for_a_fee(void **state)
{
    CLEANUP(kiosk_table_freep) struct kiosk_table *table = NULL;
    size_t given[KIOSK_KINDS_] = {0};

    (void)state;
    assert_int_equal(kiosk_table_load(KIOSK_TABLE, &table, NULL), 0);
    for (size_t i = 0; i < kiosk_table_count(table); i++) {
        const struct kiosk_offer *offer = kiosk_table_at(table, i);

        assert_true(offer->fee > 0);
        assert_ptr_equal(kiosk_table_find(table, offer->municipality, offer->kind), offer);
        given[offer->kind]++;
    }
    for (unsigned kind = 0; kind < KIOSK_KINDS_; kind++) {
        assert_true(given[kind] > 0);
        assert_int_equal(kiosk_kind_has_items((enum kiosk_kind)kind), kind <= KIOSK_HOUSEHOLD);
    }
    assert_null(kiosk_table_find(table, "01100", KIOSK_FAMILY));
    assert_null(kiosk_table_find(table, "14130", KIOSK_RESIDENT));
}

/* In Japan's time. */
static int64_t at(int month, int day, int hour, int minute)
{
    return caltime_utc((struct caltime){{2026, month, day}, hour, minute, 0}, JST_OFFSET_SECONDS);
}

static void it_is_open_from_its_hour_until_before_the_other(void **state)
{
    static const struct {
        int month, day, hour, minute;
        bool is_open;
    } rows[] = {{11, 26, 6, 29, false}, {11, 26, 6, 30, true}, {11, 26, 22, 59, true},
                {11, 26, 23, 0, false}, {12, 28, 12, 0, true}, {12, 29, 12, 0, false},
                {12, 31, 12, 0, false}, {1, 3, 12, 0, false},  {1, 4, 12, 0, true},
                {5, 3, 12, 0, false},   {5, 2, 12, 0, true}};
    CLEANUP(kiosk_table_freep) struct kiosk_table *table = NULL;
    const struct kiosk_offer *offer;

    (void)state;
    assert_int_equal(parse(OFFER "closed\t12-29\t01-03\nclosed\t05-03\t05-05\n", &table), 0);
    offer = kiosk_table_find(table, "13101", KIOSK_RESIDENT);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(
            kiosk_table_is_open(table, offer,
                                at(rows[i].month, rows[i].day, rows[i].hour, rows[i].minute)),
            rows[i].is_open);
}

static int parse_rows(int offers, int closed)
{
    CLEANUP(kiosk_table_freep) struct kiosk_table *table = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    for (int i = 0; i < offers; i++)
        assert_int_equal(buf_append_format(&text, NULL, "offer\t%05d\tresident\t%d\t00:00\t24:00\n",
                                           i, KIOSK_FEE_MAX),
                         0);
    for (int i = 0; i < closed; i++)
        assert_int_equal(buf_append_text(&text, "closed\t02-29\t02-29\n", NULL), 0);
    assert_true(text.len <= KIOSK_TABLE_MAX);
    return kiosk_table_parse(buf_bytes(&text), &table, NULL);
}

static void a_table_has_limits(void **state)
{
    (void)state;
    assert_int_equal(parse_rows(KIOSK_OFFERS_MAX, KIOSK_CLOSED_MAX), 0);
    assert_int_equal(parse_rows(KIOSK_OFFERS_MAX + 1, 0), -ERR_INPUT);
    assert_int_equal(parse_rows(1, KIOSK_CLOSED_MAX + 1), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_row_is_refused_by_its_line),
        cmocka_unit_test(what_is_in_no_row_is_not_given),
        cmocka_unit_test(each_kind_is_given_by_some_municipality_for_a_fee),
        cmocka_unit_test(it_is_open_from_its_hour_until_before_the_other),
        cmocka_unit_test(a_table_has_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
