/* SPDX-License-Identifier: Apache-2.0 */
/* Every number around every entry is found or not, however the entries lie. */
#include "revocation/set.h"
#include "support/revocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MOST = 4096 };

static struct revocation entries[MOST];

static bool has(const struct revocation_set *set, uint32_t serial)
{
    struct revocation found;
    int rc = revocation_set_find(set, serial, &found, NULL);

    assert_true(rc == 0 || rc == -ERR_ABSENT);
    assert_true(rc < 0 || (found.serial == serial && found.at == (int64_t)(serial % 1000)));
    return rc == 0;
}

/* As listed: the ones before and behind an entry are there only if they are entries. */
static void ask_all(size_t count)
{
    struct test_revocations all = {.entries = entries, .count = count};
    struct revocation_source source = test_revocations_source(&all);
    struct revocation_set *set = NULL;

    assert_int_equal(revocation_set_new(&source, &set, NULL), 0);
    assert_false(has(set, 0));
    assert_int_equal(has(set, UINT32_MAX), entries[count - 1].serial == UINT32_MAX);
    for (size_t i = 0; i < count; i++) {
        uint32_t serial = entries[i].serial;

        assert_true(has(set, serial));
        if (i > 0 && entries[i - 1].serial + 1 < serial)
            assert_false(has(set, serial - 1));
        if (i + 1 < count && serial + 1 < entries[i + 1].serial)
            assert_false(has(set, serial + 1));
    }
    revocation_set_free(set);
}

/* In each size up to a few hundred, and then in one large one. */
static void ask_sizes(uint32_t (*serial)(uint32_t i))
{
    for (uint32_t i = 0; i < MOST; i++)
        entries[i] = (struct revocation){serial(i), serial(i) % 1000, CRL_SUPERSEDED};
    for (size_t count = 1; count < 300; count += 7)
        ask_all(count);
    ask_all(MOST);
}

static uint32_t dense(uint32_t i)
{
    return 1 + i;
}

static uint32_t every_other(uint32_t i)
{
    return 2 * i + 2;
}

/* The guess is as bad as it can be: all but one at one end. */
static uint32_t all_low(uint32_t i)
{
    return i + 1 == MOST ? UINT32_MAX : 1 + i;
}

static uint32_t all_high(uint32_t i)
{
    return i == 0 ? 1 : UINT32_MAX - MOST + 1 + i;
}

static uint32_t growing(uint32_t i)
{
    return 1 + i * i * 200;
}

static void entries_are_found_however_they_lie(void **state)
{
    (void)state;
    ask_sizes(dense);
    ask_sizes(every_other);
    ask_sizes(all_low);
    ask_sizes(all_high);
    ask_sizes(growing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(entries_are_found_however_they_lie)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
