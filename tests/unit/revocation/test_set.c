/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/set.h"

#include "support/revocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static int collect(const struct revocation *entries, size_t count, struct revocation_set **ret)
{
    struct test_revocations all = {.entries = entries, .count = count};
    struct revocation_source source = test_revocations_source(&all);

    return revocation_set_new(&source, ret, NULL);
}

static void entries_out_of_order_are_refused(void **state)
{
    static const struct revocation twice[] = {{5, 10, CRL_SUPERSEDED}, {5, 11, CRL_SUPERSEDED}};
    static const struct revocation falling[] = {{5, 10, CRL_SUPERSEDED}, {4, 11, CRL_SUPERSEDED}};
    static const struct revocation zero[] = {{0, 10, CRL_SUPERSEDED}};
    struct revocation_set *set = NULL;

    (void)state;
    assert_int_equal(collect(twice, 2, &set), -ERR_INPUT);
    assert_int_equal(collect(falling, 2, &set), -ERR_INPUT);
    assert_int_equal(collect(zero, 1, &set), -ERR_INPUT);
    assert_null(set);
}

static void dates_may_span_the_limit_and_no_second_more(void **state)
{
    struct revocation entries[] = {{1, 1000, CRL_SUPERSEDED}, {2, 1000, CRL_CERTIFICATE_HOLD}};
    struct revocation_set *set = NULL;
    struct revocation found;

    (void)state;
    entries[1].at = 1000 + (int64_t)REVOCATION_SPAN_MAX;
    assert_int_equal(collect(entries, 2, &set), -ERR_INPUT);
    assert_null(set);
    entries[1].at--;
    assert_int_equal(collect(entries, 2, &set), 0);
    assert_int_equal(revocation_set_find(set, 2, &found, NULL), 0);
    assert_true(found.at == entries[1].at);
    assert_int_equal(found.reason, CRL_CERTIFICATE_HOLD);
    revocation_set_free(set);
}

static void an_empty_set_revokes_nobody(void **state)
{
    struct revocation_set *set = NULL;
    struct revocation found = {9, 9, CRL_SUPERSEDED};

    (void)state;
    assert_int_equal(collect(NULL, 0, &set), 0);
    assert_int_equal(revocation_set_count(set), 0);
    assert_int_equal(revocation_set_find(set, 1, &found, NULL), -ERR_ABSENT);
    assert_int_equal(found.serial, 9);
    revocation_set_free(set);
}

static void every_entry_is_found_and_every_gap_is_not(void **state)
{
    enum { COUNT = 10000 };
    struct revocation *entries = calloc(COUNT, sizeof *entries);
    struct revocation_set *set = NULL;
    struct revocation found;

    (void)state;
    assert_non_null(entries);
    for (uint32_t i = 0; i < COUNT; i++)
        entries[i] = (struct revocation){3 * i + 2, 1790000000 + i % 977,
                                         (enum crl_reason)(i % CRL_REASONS_)};
    assert_int_equal(collect(entries, COUNT, &set), 0);
    assert_int_equal(revocation_set_count(set), COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_int_equal(revocation_set_find(set, 3 * i + 2, &found, NULL), 0);
        assert_int_equal(found.serial, 3 * i + 2);
        assert_true(found.at == entries[i].at);
        assert_int_equal(found.reason, entries[i].reason);
        assert_int_equal(revocation_set_find(set, 3 * i + 1, &found, NULL), -ERR_ABSENT);
        assert_int_equal(revocation_set_find(set, 3 * i + 3, &found, NULL), -ERR_ABSENT);
    }
    assert_int_equal(revocation_set_find(set, UINT32_MAX, &found, NULL), -ERR_ABSENT);
    assert_true(revocation_set_memory(set) <= COUNT * 8 + 64);
    revocation_set_free(set);
    free(entries);
}

static void a_set_is_a_source_again(void **state)
{
    static const struct revocation entries[] = {{1, 5, CRL_KEY_COMPROMISE},
                                                {70000, 6, CRL_UNSPECIFIED}};
    struct revocation_set *set = NULL;
    struct revocation_cursor cursor;
    struct revocation_source source;
    struct revocation entry;

    (void)state;
    assert_int_equal(collect(entries, 2, &set), 0);
    cursor = (struct revocation_cursor){set, 7};
    source = revocation_set_source(&cursor);
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(source.rewind(source.context, NULL), 0);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(source.next(source.context, &entry, NULL), 0);
            assert_memory_equal(&entry.serial, &entries[i].serial, sizeof entry.serial);
            assert_int_equal(entry.reason, entries[i].reason);
        }
        assert_int_equal(source.next(source.context, &entry, NULL), -ERR_ABSENT);
    }
    revocation_set_free(set);
}

static void a_set_has_no_more_than_it_may(void **state)
{
    CLEANUP(revocation_set_freep) struct revocation_set *set = NULL;
    const struct revocation last = {3, 30, CRL_SUPERSEDED};
    struct revocation found;

    (void)state;
    assert_int_equal(revocation_set_begin(2, &set, NULL), 0);
    for (uint32_t serial = 1; serial <= 2; serial++) {
        const struct revocation entry = {serial, (int64_t)serial * 10, CRL_SUPERSEDED};

        assert_int_equal(revocation_set_add(set, &entry, NULL), 0);
    }
    assert_int_equal(revocation_set_add(set, &last, NULL), -ERR_INPUT);
    assert_int_equal(revocation_set_finish(set, NULL), 0);
    assert_int_equal(revocation_set_count(set), 2);
    assert_int_equal(revocation_set_find(set, 2, &found, NULL), 0);
    assert_true(found.at == 20);
}

/* Dates that fall, that rise, and that lie on both sides of where 29 bits begin again. */
static void dates_are_kept_whatever_their_order(void **state)
{
    enum { COUNT = 5 };
    static const int64_t starts[] = {-5, REVOCATION_SPAN_MAX - 3, 3 * (int64_t)REVOCATION_SPAN_MAX,
                                     -3 * (int64_t)REVOCATION_SPAN_MAX + 1};
    static const int64_t steps[] = {7, -7, REVOCATION_SPAN_MAX / COUNT,
                                    -REVOCATION_SPAN_MAX / COUNT};

    (void)state;
    for (size_t row = 0; row < 16; row++) {
        CLEANUP(revocation_set_freep) struct revocation_set *set = NULL;
        struct revocation entries[COUNT];
        struct revocation found;

        for (uint32_t i = 0; i < COUNT; i++)
            entries[i] = (struct revocation){i + 1, starts[row / 4] + steps[row % 4] * i,
                                             CRL_SUPERSEDED};
        assert_int_equal(collect(entries, COUNT, &set), 0);
        for (uint32_t i = 0; i < COUNT; i++) {
            assert_int_equal(revocation_set_find(set, i + 1, &found, NULL), 0);
            assert_true(found.at == entries[i].at);
            assert_int_equal(found.reason, CRL_SUPERSEDED);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_out_of_order_are_refused),
        cmocka_unit_test(dates_may_span_the_limit_and_no_second_more),
        cmocka_unit_test(an_empty_set_revokes_nobody),
        cmocka_unit_test(every_entry_is_found_and_every_gap_is_not),
        cmocka_unit_test(a_set_is_a_source_again),
        cmocka_unit_test(a_set_has_no_more_than_it_may),
        cmocka_unit_test(dates_are_kept_whatever_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
