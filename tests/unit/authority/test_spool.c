/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/crl/spool.h"

#include "base/file.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { LISTS = 3, MANY = 200000 };

struct fixture {
    struct spool spool;
    struct spool_list *lists[LISTS];
    size_t told, fail_at; /* entries; 0: never */
};

static int look(void *context, size_t entries, struct err *err)
{
    struct fixture *f = context;

    f->told += entries;
    return f->fail_at > 0 && f->told >= f->fail_at ? FAIL(err, ERR_REMOTE, "stopped") : 0;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    const struct spool_watch watch = {look, f};
    int fd;

    assert_non_null(f);
    assert_int_equal(file_scratch("/tmp", &fd, NULL), 0);
    f->spool = spool_in(fd);
    for (int i = 0; i < LISTS; i++)
        assert_int_equal(spool_list_new(&f->spool, &watch, &f->lists[i], NULL), 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < LISTS; i++)
        spool_list_freep(&f->lists[i]);
    spool_done(&f->spool);
    free(f);
    return 0;
}

static struct revocation entry_of(uint32_t serial)
{
    return (struct revocation){serial, INT64_C(1700000000) + serial,
                               (enum crl_reason)(serial % CRL_REASONS_)};
}

/* Entry i goes to list i % 2; the third list stays empty. */
static void fill(struct fixture *f, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct revocation entry = entry_of(i);

        assert_int_equal(spool_list_add(f->lists[i % 2], &entry, NULL), 0);
    }
    for (int i = 0; i < LISTS; i++)
        assert_int_equal(spool_list_finish(f->lists[i], NULL), 0);
}

static void assert_holds(struct spool_list *list, uint32_t first, uint32_t count)
{
    const struct revocation_source source = spool_list_source(list);
    struct revocation entry;

    assert_int_equal(spool_list_count(list), count);
    assert_int_equal(source.rewind(source.context, NULL), 0);
    for (uint32_t i = 0; i < count; i++) {
        const struct revocation expected = entry_of(first + 2 * i);

        assert_int_equal(source.next(source.context, &entry, NULL), 0);
        assert_int_equal(entry.serial, expected.serial);
        assert_int_equal(entry.at, expected.at);
        assert_int_equal(entry.reason, expected.reason);
    }
    assert_int_equal(source.next(source.context, &entry, NULL), -ERR_ABSENT);
}

/* One entry, a full block, and one more than that; each as often as it is asked. */
static void lists_side_by_side_keep_their_own(void **state)
{
    static const uint32_t sizes[] = {1, 255, 256, 255 * 3};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct fixture *f = *state;

        fill(f, 2 * sizes[i]);
        for (int again = 0; again < 2; again++) {
            assert_holds(f->lists[0], 0, sizes[i]);
            assert_holds(f->lists[1], 1, sizes[i]);
            assert_holds(f->lists[2], 0, 0);
        }
        assert_int_equal(f->told, 4 * sizes[i]);
        (void)tear_down(state);
        (void)set_up(state);
    }
}

static void memory_does_not_grow_with_the_entries(void **state)
{
    struct fixture *f = *state;
    size_t before = mallinfo2().uordblks;

    fill(f, MANY);
    assert_holds(f->lists[0], 0, MANY / 2);
    assert_int_equal(mallinfo2().uordblks, before);
    assert_true(f->spool.end > (uint64_t)MANY * 16);
}

static void reading_ends_where_it_is_stopped(void **state)
{
    struct fixture *f = *state;
    const struct revocation_source source = spool_list_source(f->lists[0]);
    struct revocation entry;
    unsigned count = 0;

    fill(f, 2 * 1000);
    f->fail_at = 300;
    assert_int_equal(source.rewind(source.context, NULL), 0);
    while (source.next(source.context, &entry, NULL) == 0)
        count++;
    assert_int_equal(count, 255);
}

static void what_is_gone_from_the_disk_is_no_end(void **state)
{
    struct fixture *f = *state;
    const struct revocation_source source = spool_list_source(f->lists[0]);

    fill(f, 10);
    assert_int_equal(file_empty(f->spool.fd, NULL), 0);
    assert_int_equal(source.rewind(source.context, NULL), -ERR_SYSTEM);
}

#define WITH_SPOOL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SPOOL(lists_side_by_side_keep_their_own),
        WITH_SPOOL(memory_does_not_grow_with_the_entries),
        WITH_SPOOL(reading_ends_where_it_is_stopped),
        WITH_SPOOL(what_is_gone_from_the_disk_is_no_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
