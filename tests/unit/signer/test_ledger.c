/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/ledger.h"

#include "base/file.h"
#include "signer/limits.h"
#include "support/failalloc.h"
#include "support/tempdir.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { HEADER = 64, RECORD = 48 };

static struct tempdir dir;
static char path[TEMPDIR_FILE_SIZE];

static struct digest digest_of(unsigned n)
{
    struct digest digest;

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_of(&n, sizeof n), &digest, NULL), 0);
    return digest;
}

static int note(struct ledger *ledger, enum ledger_kind kind, uint32_t serial, unsigned what)
{
    const struct ledger_entry entry = {kind, serial, digest_of(what)};

    return ledger_note(ledger, &entry, NULL);
}

static struct ledger *opened(void)
{
    struct digest key = digest_of(0);
    struct ledger *ledger = NULL;

    assert_int_equal(ledger_open(path, &key, &ledger, NULL), 0);
    return ledger;
}

static int setup(void **state)
{
    struct digest key = digest_of(0);

    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "k.ledger", path);
    return ledger_create(path, &key, NULL);
}

static int teardown(void **state)
{
    (void)state;
    tempdir_done(&dir);
    return 0;
}

static void a_missing_ledger_is_not_an_empty_one(void **state)
{
    struct digest key = digest_of(0);
    struct ledger *ledger = NULL;

    (void)state;
    assert_int_equal(unlink(path), 0);
    assert_int_equal(ledger_open(path, &key, &ledger, NULL), -ERR_ABSENT);
    assert_null(ledger);
}

static void the_ledger_of_another_key_is_refused(void **state)
{
    struct digest other = digest_of(1);
    struct ledger *ledger = NULL;

    (void)state;
    assert_int_equal(ledger_open(path, &other, &ledger, NULL), -ERR_INPUT);
    assert_null(ledger);
}

/* Change one byte of the file. */
static void damage(off_t at)
{
    CLEANUP(fd_done) int fd = open(path, O_RDWR | O_CLOEXEC);
    uint8_t byte;

    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x40;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

static void damage_anywhere_but_in_the_last_record_is_refused(void **state)
{
    struct digest key = digest_of(0);
    struct ledger *ledger = opened();

    (void)state;
    for (uint32_t serial = 1; serial <= 3; serial++)
        assert_int_equal(note(ledger, LEDGER_CERTIFICATE, serial, serial), 0);
    ledger_closep(&ledger);
    for (off_t at = 0; at < HEADER + 2 * RECORD; at++) {
        damage(at);
        assert_true(ledger_open(path, &key, &ledger, NULL) < 0);
        damage(at);
    }
    ledger = opened();
    ledger_close(ledger);
}

static void add(struct ledger *ledger, uint32_t first, uint32_t last)
{
    for (uint32_t serial = first; serial <= last; serial++) {
        const struct ledger_entry entry = {LEDGER_CERTIFICATE, serial, digest_of(serial)};

        assert_int_equal(ledger_add(ledger, &entry, NULL), 0);
    }
}

/* Records 1 to 3 are synced, 4 to 6 are not: a power cut leaves any of the latter. */
static void of_what_was_not_synced_any_record_may_be_lost(void **state)
{
    struct ledger *ledger;

    (void)state;
    for (uint32_t lost = 4; lost <= 6; lost++) {
        struct digest key = digest_of(0);

        assert_int_equal(unlink(path), 0);
        assert_int_equal(ledger_create(path, &key, NULL), 0);
        ledger = opened();
        add(ledger, 1, 3);
        assert_int_equal(ledger_sync(ledger, NULL), 0);
        add(ledger, 4, 6);
        ledger_close(ledger);
        damage(HEADER + (off_t)(lost - 1) * RECORD + 10);
        ledger = opened();
        for (uint32_t serial = 1; serial <= 6; serial++)
            assert_int_equal(note(ledger, LEDGER_CERTIFICATE, serial, 100 + serial),
                             serial == lost ? 0 : -ERR_CONFLICT);
        ledger_close(ledger);
    }
}

static void a_sound_record_behind_a_sync_tells_of_damage_before_it(void **state)
{
    struct digest key = digest_of(0);
    struct ledger *ledger = opened();

    (void)state;
    add(ledger, 1, 3);
    assert_int_equal(ledger_sync(ledger, NULL), 0);
    add(ledger, 4, 5);
    ledger_closep(&ledger);
    for (uint32_t lost = 1; lost <= 3; lost++) {
        off_t at = HEADER + (off_t)(lost - 1) * RECORD + 10;

        damage(at);
        damage(HEADER + 3 * RECORD + 10); /* one that may be lost does not hide it */
        assert_int_equal(ledger_open(path, &key, &ledger, NULL), -ERR_INPUT);
        damage(at);
        damage(HEADER + 3 * RECORD + 10);
    }
    ledger = opened();
    ledger_close(ledger);
}

/* No more than so many wait for the disk, so no more can be lost. */
static void more_damage_at_the_end_than_can_be_unsynced_is_refused(void **state)
{
    enum { UNSYNCED_MAX = 64 };
    struct digest key = digest_of(0);
    struct ledger *ledger = opened();

    (void)state;
    add(ledger, 1, UNSYNCED_MAX + 1); /* the last one had to wait */
    ledger_closep(&ledger);
    for (off_t i = UNSYNCED_MAX; i > 0; i--)
        damage(HEADER + i * RECORD + 10);
    ledger = opened();
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 1, 2), -ERR_CONFLICT);
    add(ledger, 2, UNSYNCED_MAX + 1);
    ledger_closep(&ledger);
    for (off_t i = UNSYNCED_MAX; i >= 0; i--)
        damage(HEADER + i * RECORD + 10);
    assert_int_equal(ledger_open(path, &key, &ledger, NULL), -ERR_INPUT);
}

static void a_torn_last_record_is_forgotten(void **state)
{
    (void)state;
    for (off_t left = 0; left < RECORD; left++) {
        struct ledger *ledger = opened();

        assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 1, 1), 0);
        assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 2, 2), 0);
        ledger_close(ledger);
        assert_int_equal(truncate(path, HEADER + RECORD + left), 0);
        ledger = opened();
        /* The first is remembered, the second is free again. */
        assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 1, 9), -ERR_CONFLICT);
        assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 2, 2), 0);
        ledger_close(ledger);
    }
}

static void one_serial_number_is_for_one_structure(void **state)
{
    struct ledger *ledger = opened();

    (void)state;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 7, 1), 0);
        assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 7, 2), -ERR_CONFLICT);
        assert_int_equal(note(ledger, LEDGER_CA, 7, 2), -ERR_CONFLICT);
        assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 7, 1), 0);
        ledger_closep(&ledger);
        ledger = opened();
    }
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 0, 1), -ERR_USAGE);
    ledger_close(ledger);
}

static void there_is_one_ca_certificate(void **state)
{
    struct ledger *ledger = opened();
    struct digest digest;

    (void)state;
    assert_false(ledger_has_ca(ledger, &digest));
    assert_int_equal(note(ledger, LEDGER_CA, 1, 10), 0);
    for (int round = 0; round < 2; round++) {
        struct digest expected = digest_of(10);

        assert_true(ledger_has_ca(ledger, &digest));
        assert_true(bytes_equal(digest_bytes(&digest), digest_bytes(&expected)));
        assert_int_equal(note(ledger, LEDGER_CA, 1, 10), 0);
        assert_int_equal(note(ledger, LEDGER_CA, 1, 11), -ERR_CONFLICT);
        assert_int_equal(note(ledger, LEDGER_CA, 2, 11), -ERR_CONFLICT);
        /* Its serial number is taken like any other. */
        assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 1, 12), -ERR_CONFLICT);
        ledger_closep(&ledger);
        ledger = opened();
    }
    ledger_close(ledger);
}

static void numbers_of_lists_rise_and_the_last_may_be_asked_for_again(void **state)
{
    struct ledger *ledger = opened();

    (void)state;
    assert_int_equal(note(ledger, LEDGER_LIST, 0, 1), -ERR_USAGE);
    assert_int_equal(note(ledger, LEDGER_LIST, 5, 1), 0);
    assert_int_equal(note(ledger, LEDGER_LIST, 7, 2), 0);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(note(ledger, LEDGER_LIST, 7, 2), 0);
        assert_int_equal(note(ledger, LEDGER_LIST, 7, 3), -ERR_CONFLICT);
        assert_int_equal(note(ledger, LEDGER_LIST, 6, 3), -ERR_CONFLICT);
        assert_int_equal(note(ledger, LEDGER_LIST, 5, 1), -ERR_CONFLICT);
        /* They are no serial numbers. */
        assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 7, 9), 0);
        ledger_closep(&ledger);
        ledger = opened();
    }
    assert_int_equal(note(ledger, LEDGER_LIST, UINT32_MAX, 3), 0);
    assert_int_equal(note(ledger, LEDGER_LIST, 8, 3), -ERR_CONFLICT);
    ledger_close(ledger);
}

/*
 * A ledger of SIGNERD_LEDGER_WINDOW + extra numbers from 1, written as a file: noting so many one
 * by one would sync as often.
 */
static void fill(unsigned extra)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    assert_int_equal(file_read(path, 1 << 20, &file, NULL), 0);
    for (uint32_t serial = 1; serial <= SIGNERD_LEDGER_WINDOW + extra; serial++) {
        struct digest what = digest_of(serial);
        uint8_t record[RECORD] = {LEDGER_CERTIFICATE,
                                  0,
                                  0,
                                  0,
                                  (uint8_t)(serial >> 24),
                                  (uint8_t)(serial >> 16),
                                  (uint8_t)(serial >> 8),
                                  (uint8_t)serial};
        struct digest check;

        for (size_t i = 0; i < 32; i++)
            record[8 + i] = what.value[i];
        assert_int_equal(digest_compute(DIGEST_SHA256, bytes_of(record, 40), &check, NULL), 0);
        for (size_t i = 0; i < 8; i++)
            record[40 + i] = check.value[i];
        assert_int_equal(buf_append(&file, BYTES_ARRAY(record), NULL), 0);
    }
    assert_int_equal(file_replace(path, 0600, buf_bytes(&file), NULL), 0);
}

static void at_the_window_every_number_can_be_asked_for_again(void **state)
{
    struct ledger *ledger;

    (void)state;
    fill(0);
    ledger = opened();
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 1, 1), 0);
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, SIGNERD_LEDGER_WINDOW, SIGNERD_LEDGER_WINDOW),
                     0);
    ledger_close(ledger);
}

static void past_the_window_the_lowest_numbers_are_spent(void **state)
{
    struct ledger *ledger;

    (void)state;
    fill(1);
    for (int round = 0; round < 2; round++) {
        ledger = opened();
        assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 1, 1), -ERR_CONFLICT);
        assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 2, 2), 0);
        assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 2, 3), -ERR_CONFLICT);
        ledger_close(ledger);
    }
    ledger = opened();
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 9999999, 1), 0);
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 2, 2), -ERR_CONFLICT);
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 3, 3), 0);
    /* A number that was left out can still be used, in any order. */
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 9999998, 1), 0);
    ledger_close(ledger);
}

static void the_file_is_as_long_as_the_window_at_most_when_opened(void **state)
{
    struct stat st;

    (void)state;
    fill(SIGNERD_LEDGER_WINDOW);
    ledger_close(opened());
    assert_int_equal(stat(path, &st), 0);
    /* One record more: the floor. */
    assert_int_equal(st.st_size, HEADER + (SIGNERD_LEDGER_WINDOW + 1) * RECORD);
}

static void a_ledger_with_entries_is_never_made_anew(void **state)
{
    struct digest key = digest_of(0);
    struct digest next = digest_of(1);
    struct ledger *ledger;

    (void)state;
    /* Empty: its key was never made. */
    assert_int_equal(ledger_create(path, &next, NULL), 0);
    assert_int_equal(ledger_create(path, &key, NULL), 0);
    ledger = opened();
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 1, 1), 0);
    ledger_close(ledger);
    assert_int_equal(ledger_create(path, &key, NULL), -ERR_CONFLICT);
    assert_int_equal(file_replace(path, 0600, BYTES_LITERAL("something else"), NULL), 0);
    assert_int_equal(ledger_create(path, &key, NULL), -ERR_CONFLICT);
}

static void a_file_put_in_its_place_stops_the_ledger(void **state)
{
    CLEANUP(buf_done) struct buf old = BUF_INIT;
    struct ledger *ledger = opened();

    (void)state;
    assert_int_equal(file_read(path, 1 << 20, &old, NULL), 0);
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 1, 1), 0);
    /* Somebody restores a backup. */
    assert_int_equal(file_replace(path, 0600, buf_bytes(&old), NULL), 0);
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 2, 2), -ERR_SYSTEM);
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 1, 1), -ERR_SYSTEM);
    ledger_close(ledger);
}

/* A disk that is full in the middle of the second record. */
static int note_on_a_full_disk(void)
{
    const struct rlimit small = {HEADER + RECORD + 20, HEADER + RECORD + 20};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct ledger *ledger = opened();

    if (sigaction(SIGXFSZ, &ignore, NULL) < 0 || setrlimit(RLIMIT_FSIZE, &small) < 0)
        return 1;
    if (note(ledger, LEDGER_CERTIFICATE, 1, 1) != 0)
        return 2;
    if (note(ledger, LEDGER_CERTIFICATE, 2, 2) != -ERR_SYSTEM)
        return 3;
    /* What is there is still known, and nothing new is taken. */
    if (note(ledger, LEDGER_CERTIFICATE, 1, 1) != 0)
        return 4;
    return note(ledger, LEDGER_CERTIFICATE, 2, 3) == -ERR_SYSTEM ? 0 : 5;
}

static void what_a_full_disk_cut_off_was_never_noted(void **state)
{
    struct ledger *ledger;
    pid_t pid = fork();
    int status;

    (void)state;
    if (pid == 0)
        _exit(note_on_a_full_disk());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    ledger = opened();
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 1, 2), -ERR_CONFLICT);
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 2, 3), 0);
    ledger_close(ledger);
}

static int open_and_note(void *context)
{
    const struct ledger_entry entry = {LEDGER_CERTIFICATE, 5, digest_of(5)};
    struct digest key = digest_of(0);
    struct ledger *ledger = NULL;
    int rc = ledger_open(path, &key, &ledger, NULL);

    (void)context;
    if (rc < 0) {
        assert_null(ledger);
        return rc;
    }
    rc = ledger_note(ledger, &entry, NULL);
    ledger_close(ledger);
    return rc;
}

static void every_failed_allocation_is_told_and_forgets_nothing(void **state)
{
    struct ledger *ledger = opened();

    (void)state;
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 4, 4), 0);
    ledger_close(ledger);
    assert_true(every_failed_allocation(open_and_note, NULL) > 5);
    ledger = opened();
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 4, 5), -ERR_CONFLICT);
    assert_int_equal(note(ledger, LEDGER_CERTIFICATE, 5, 4), -ERR_CONFLICT);
    ledger_close(ledger);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_missing_ledger_is_not_an_empty_one),
        EACH(the_ledger_of_another_key_is_refused),
        EACH(damage_anywhere_but_in_the_last_record_is_refused),
        EACH(of_what_was_not_synced_any_record_may_be_lost),
        EACH(a_sound_record_behind_a_sync_tells_of_damage_before_it),
        EACH(more_damage_at_the_end_than_can_be_unsynced_is_refused),
        EACH(a_torn_last_record_is_forgotten),
        EACH(one_serial_number_is_for_one_structure),
        EACH(there_is_one_ca_certificate),
        EACH(numbers_of_lists_rise_and_the_last_may_be_asked_for_again),
        EACH(at_the_window_every_number_can_be_asked_for_again),
        EACH(past_the_window_the_lowest_numbers_are_spent),
        EACH(the_file_is_as_long_as_the_window_at_most_when_opened),
        EACH(a_ledger_with_entries_is_never_made_anew),
        EACH(a_file_put_in_its_place_stops_the_ledger),
        EACH(what_a_full_disk_cut_off_was_never_noted),
        EACH(every_failed_allocation_is_told_and_forgets_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
