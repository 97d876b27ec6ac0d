/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/meter.h"

#include "base/file.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct tempdir dir;
static char path[TEMPDIR_FILE_SIZE];

static int set_up(void **state)
{
    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "meter", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tempdir_done(&dir);
    return 0;
}

static struct ocsp_meter *open_meter(void)
{
    struct ocsp_meter *meter;

    assert_int_equal(ocsp_meter_open(path, &meter, NULL), 0);
    return meter;
}

/* The total of one requester; the number of the batch in *number. */
static uint64_t total(struct ocsp_meter *meter, const char *name, enum ocsp_ca ca, uint64_t *number)
{
    static struct meter_batch batch;

    assert_int_equal(ocsp_meter_cut(meter, &batch, NULL), 0);
    *number = batch.number;
    for (size_t i = 0; i < batch.count; i++)
        if (strcmp(batch.totals[i].name, name) == 0)
            return batch.totals[i].count[ca];
    return UINT64_MAX;
}

static void write_file(struct bytes contents)
{
    assert_int_equal(file_replace(path, 0600, contents, NULL), 0);
}

static void another_file_is_no_meter(void **state)
{
    CLEANUP(buf_done) struct buf good = BUF_INIT;
    struct ocsp_meter *meter = open_meter();
    unsigned place;

    (void)state;
    assert_int_equal(ocsp_meter_place(meter, "bank", &place, NULL), 0);
    ocsp_meter_close(meter);
    assert_int_equal(file_read(path, 1 << 20, &good, NULL), 0);
    write_file(BYTES_LITERAL(""));
    assert_int_equal(ocsp_meter_open(path, &meter, NULL), -ERR_INPUT);
    write_file(bytes_of(good.ptr, good.len - 1));
    assert_int_equal(ocsp_meter_open(path, &meter, NULL), -ERR_INPUT);
    good.ptr[0]++;
    write_file(buf_bytes(&good));
    assert_int_equal(ocsp_meter_open(path, &meter, NULL), -ERR_INPUT);
    good.ptr[0]--;
    write_file(buf_bytes(&good));
    assert_int_equal(ocsp_meter_open(path, &meter, NULL), 0);
    ocsp_meter_close(meter);
}

/* More names than there are places for; a name that goes on into what follows. */
static void a_file_with_impossible_contents_is_no_meter(void **state)
{
    enum { USED = 8 + METER_ID_SIZE + 8, FIRST_NAME = USED + 8 };
    CLEANUP(buf_done) struct buf good = BUF_INIT;
    struct ocsp_meter *meter = open_meter();
    unsigned place;

    (void)state;
    assert_int_equal(ocsp_meter_place(meter, "bank", &place, NULL), 0);
    ocsp_meter_close(meter);
    assert_int_equal(file_read(path, 1 << 20, &good, NULL), 0);
    assert_memory_equal(good.ptr + FIRST_NAME, "bank", 5);
    good.ptr[USED + 1] = 0xff;
    write_file(buf_bytes(&good));
    assert_int_equal(ocsp_meter_open(path, &meter, NULL), -ERR_INPUT);
    good.ptr[USED + 1] = 0;
    memset(good.ptr + FIRST_NAME, 'x', METER_NAME_MAX + 1);
    write_file(buf_bytes(&good));
    assert_int_equal(ocsp_meter_open(path, &meter, NULL), -ERR_INPUT);
    good.ptr[FIRST_NAME] = 0;
    write_file(buf_bytes(&good));
    assert_int_equal(ocsp_meter_open(path, &meter, NULL), -ERR_INPUT);
}

static void a_meter_is_one_processs(void **state)
{
    struct ocsp_meter *meter = open_meter();
    struct ocsp_meter *second;

    (void)state;
    assert_int_equal(ocsp_meter_open(path, &second, NULL), -ERR_CONFLICT);
    ocsp_meter_close(meter);
    meter = open_meter();
    ocsp_meter_close(meter);
}

static void a_name_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    struct ocsp_meter *meter = open_meter();
    char name[METER_NAME_MAX + 2];
    unsigned place;

    (void)state;
    memset(name, 'n', sizeof name);
    name[METER_NAME_MAX + 1] = '\0';
    assert_int_equal(ocsp_meter_place(meter, name, &place, NULL), -ERR_INPUT);
    assert_int_equal(ocsp_meter_place(meter, "", &place, NULL), -ERR_INPUT);
    name[METER_NAME_MAX] = '\0';
    assert_int_equal(ocsp_meter_place(meter, name, &place, NULL), 0);
    ocsp_meter_close(meter);
}

static void names_at_the_limit_are_taken_and_one_past_it_refused(void **state)
{
    struct ocsp_meter *meter = open_meter();
    unsigned place;

    (void)state;
    for (unsigned i = 0; i <= METER_NAMES_MAX; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "v-%u", i);
        assert_int_equal(ocsp_meter_place(meter, name, &place, NULL),
                         i == METER_NAMES_MAX ? -ERR_CONFLICT : 0);
    }
    assert_int_equal(ocsp_meter_place(meter, "v-7", &place, NULL), 0);
    assert_int_equal(place, 7);
    ocsp_meter_close(meter);
}

static void each_requester_and_ca_is_counted_apart_and_for_good(void **state)
{
    struct ocsp_meter *meter = open_meter();
    unsigned bank;
    unsigned shop;
    uint64_t first;
    uint64_t number;

    (void)state;
    assert_int_equal(ocsp_meter_place(meter, "bank", &bank, NULL), 0);
    assert_int_equal(ocsp_meter_place(meter, "shop", &shop, NULL), 0);
    for (unsigned i = 0; i < 3; i++)
        ocsp_meter_count(meter, bank, OCSP_CA_SIGN);
    ocsp_meter_count(meter, bank, OCSP_CA_AUTH);
    ocsp_meter_count(meter, shop, OCSP_CA_AUTH);
    assert_int_equal(total(meter, "bank", OCSP_CA_SIGN, &first), 3);
    ocsp_meter_close(meter);
    meter = open_meter();
    assert_int_equal(ocsp_meter_place(meter, "bank", &bank, NULL), 0);
    ocsp_meter_count(meter, bank, OCSP_CA_SIGN);
    assert_int_equal(total(meter, "bank", OCSP_CA_SIGN, &number), 4);
    assert_int_equal(number, first + 1);
    assert_int_equal(total(meter, "bank", OCSP_CA_AUTH, &number), 1);
    assert_int_equal(total(meter, "shop", OCSP_CA_SIGN, &number), 0);
    assert_int_equal(total(meter, "shop", OCSP_CA_AUTH, &number), 1);
    ocsp_meter_close(meter);
}

/* Counts without end and says after each one that it has. */
static void count_for_ever(_Atomic uint64_t *said)
{
    struct ocsp_meter *meter;
    unsigned place;

    if (ocsp_meter_open(path, &meter, NULL) < 0 ||
        ocsp_meter_place(meter, "bank", &place, NULL) < 0)
        _exit(1);
    for (;;) {
        ocsp_meter_count(meter, place, OCSP_CA_SIGN);
        (*said)++;
    }
}

/* It may have been killed between counting and saying so, never the other way round. */
static void who_is_killed_has_counted_what_it_said(void **state)
{
    enum { KILLS = 20, MORE = 1000 };
    _Atomic uint64_t *said = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    (void)state;
    assert_ptr_not_equal(said, MAP_FAILED);
    for (uint64_t killed = 1; killed <= KILLS; killed++) {
        const uint64_t before = *said;
        struct ocsp_meter *meter;
        uint64_t number;
        uint64_t counted;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0)
            count_for_ever(said);
        while (*said < before + MORE)
            usleep(100);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        meter = open_meter();
        counted = total(meter, "bank", OCSP_CA_SIGN, &number);
        assert_int_equal(number, killed);
        assert_true(counted >= *said && counted <= *said + 1);
        *said = counted;
        ocsp_meter_close(meter);
    }
    assert_int_equal(munmap((void *)(uintptr_t)said, sizeof *said), 0);
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIR(another_file_is_no_meter),
        WITH_DIR(a_file_with_impossible_contents_is_no_meter),
        WITH_DIR(a_meter_is_one_processs),
        WITH_DIR(a_name_at_the_limit_is_taken_and_one_past_it_refused),
        WITH_DIR(names_at_the_limit_are_taken_and_one_past_it_refused),
        WITH_DIR(each_requester_and_ca_is_counted_apart_and_for_good),
        WITH_DIR(who_is_killed_has_counted_what_it_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
