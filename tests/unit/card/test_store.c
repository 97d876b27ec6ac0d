/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card on disk: what is refused, and what a cut leaves. Cuts are made by replacing the calls that
 * write (meson.build wraps them): the nth fails, does half its work, or does it all and does not
 * say so, and every later one fails, as when the power is gone.
 */
#include "card/store.h"

#include "base/file.h"
#include "card/state.h"
#include "crypto/seal.h"
#include "support/memory_card.h"
#include "support/tempdir.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum cut { CUT_BEFORE, CUT_MIDDLE, CUT_AFTER, CUTS_ };

static struct {
    enum cut how;
    unsigned nth; /* 0: no cut */
    unsigned count;
} power;

static void power_on(void)
{
    power.nth = 0;
}

static void cut_power(enum cut how, unsigned nth)
{
    power.how = how;
    power.nth = nth;
    power.count = 0;
}

static bool is_cut(void)
{
    return power.nth != 0 && power.count >= power.nth;
}

/* What the call is to do: 0 nothing, 1 half, 2 all. Counts it. */
static int allowed(void)
{
    if (power.nth == 0)
        return 2;
    power.count++;
    if (power.count < power.nth)
        return 2;
    return power.count > power.nth ? 0 : (int)power.how;
}

ssize_t __real_pwrite(int fd, const void *from, size_t len, off_t at);
ssize_t __wrap_pwrite(int fd, const void *from, size_t len, off_t at);
ssize_t __real_pwrite64(int fd, const void *from, size_t len, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *from, size_t len, off_t at);
ssize_t __real_write(int fd, const void *from, size_t len);
ssize_t __wrap_write(int fd, const void *from, size_t len);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

ssize_t __wrap_pwrite64(int fd, const void *from, size_t len, off_t at)
{
    int part = allowed();

    if (part > 0)
        (void)!__real_pwrite64(fd, from, len * (size_t)part / 2, at);
    if (!is_cut())
        return (ssize_t)len;
    errno = EIO;
    return -1;
}

ssize_t __wrap_pwrite(int fd, const void *from, size_t len, off_t at)
{
    return __wrap_pwrite64(fd, from, len, at);
}

ssize_t __wrap_write(int fd, const void *from, size_t len)
{
    int part = allowed();

    if (part > 0)
        (void)!__real_write(fd, from, len * (size_t)part / 2);
    if (!is_cut())
        return (ssize_t)len;
    errno = ENOSPC;
    return -1;
}

static int failed_unless_on(int rc)
{
    if (!is_cut())
        return rc;
    errno = EIO;
    return -1;
}

int __wrap_fdatasync(int fd)
{
    return failed_unless_on(allowed() == 2 ? __real_fdatasync(fd) : -1);
}

int __wrap_fsync(int fd)
{
    return failed_unless_on(allowed() == 2 ? __real_fsync(fd) : -1);
}

int __wrap_rename(const char *from, const char *to)
{
    return failed_unless_on(allowed() == 2 ? __real_rename(from, to) : -1);
}

/* A directory with a card in it. */
struct bench {
    struct tempdir dir;
    char card[TEMPDIR_FILE_SIZE];
    char counters[TEMPDIR_FILE_SIZE];
    char key[TEMPDIR_FILE_SIZE];
    struct store_paths paths;
};

static int set_up(void **state)
{
    struct bench *bench = test_calloc(1, sizeof *bench);

    power_on();
    bench->dir = tempdir_make();
    (void)tempdir_file(&bench->dir, "card", bench->card);
    (void)tempdir_file(&bench->dir, "card.counters", bench->counters);
    (void)tempdir_file(&bench->dir, "card.key", bench->key);
    bench->paths = (struct store_paths){bench->card, NULL};
    assert_int_equal(store_make(&bench->paths, "A1", NULL), 0);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    tempdir_done(&bench->dir);
    test_free(bench);
    return 0;
}

static struct buf contents(const char *path)
{
    struct buf file = BUF_INIT;

    assert_int_equal(file_read(path, 1 << 20, &file, NULL), 0);
    return file;
}

static void put_contents(const char *path, struct bytes data)
{
    assert_int_equal(file_replace(path, 0600, data, NULL), 0);
}

static void assert_not_opened(struct bench *bench, int rc)
{
    struct card *card = NULL;
    struct card_status status;

    assert_int_equal(store_open(&bench->paths, &card, NULL), rc);
    assert_null(card);
    assert_int_equal(store_look(&bench->paths, &status, NULL), rc);
}

/* Changes one byte of a file, sees the card refused, and puts the byte back. */
static void assert_byte_matters(struct bench *bench, const char *path, size_t at, int rc)
{
    CLEANUP(buf_done) struct buf file = contents(path);

    file.ptr[at] ^= 0x40;
    put_contents(path, buf_bytes(&file));
    assert_not_opened(bench, rc);
    file.ptr[at] ^= 0x40;
    put_contents(path, buf_bytes(&file));
}

static struct card *open_card(struct bench *bench)
{
    struct card *card;
    struct err err = {.text = ""};
    int rc = store_open(&bench->paths, &card, &err);

    if (rc < 0)
        fail_msg("%s", err.text);
    return card;
}

static void a_changed_byte_anywhere_is_noticed(void **state)
{
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf file = contents(bench->card);

    assert_byte_matters(bench, bench->card, 0, -ERR_INPUT);      /* magic */
    assert_byte_matters(bench, bench->card, 8, -ERR_CONFLICT);   /* version 4001 */
    assert_byte_matters(bench, bench->card, 10, -ERR_UNTRUSTED); /* id */
    assert_byte_matters(bench, bench->card, 29, -ERR_INPUT);     /* length */
    for (size_t at = 30; at < file.len; at++)
        assert_byte_matters(bench, bench->card, at, -ERR_UNTRUSTED);
    assert_byte_matters(bench, bench->key, 31, -ERR_UNTRUSTED);
    assert_byte_matters(bench, bench->counters, 0, -ERR_UNTRUSTED);
    card_free(open_card(bench));
}

static void a_cut_off_or_longer_file_is_refused(void **state)
{
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf file = contents(bench->card);
    CLEANUP(buf_done) struct buf longer = contents(bench->card);

    for (size_t len = 0; len < file.len; len++) {
        put_contents(bench->card, bytes_of(file.ptr, len));
        assert_not_opened(bench, -ERR_INPUT);
    }
    assert_int_equal(buf_append_byte(&longer, 0, NULL), 0);
    put_contents(bench->card, buf_bytes(&longer));
    assert_not_opened(bench, -ERR_INPUT);
}

static void a_newer_version_is_left_alone(void **state)
{
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf file = contents(bench->card);
    CLEANUP(buf_done) struct buf after = BUF_INIT;
    struct card *card;
    struct err err;

    file.ptr[9] = 3;
    put_contents(bench->card, buf_bytes(&file));
    assert_int_equal(store_open(&bench->paths, &card, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "version 3"));
    after = contents(bench->card);
    assert_true(bytes_equal(buf_bytes(&after), buf_bytes(&file)));
    file.ptr[9] = 0;
    put_contents(bench->card, buf_bytes(&file));
    assert_not_opened(bench, -ERR_INPUT);
}

static void a_missing_part_is_named(void **state)
{
    struct bench *bench = *state;
    struct card *card;
    struct err err;

    assert_int_equal(unlink(bench->counters), 0);
    assert_int_equal(store_open(&bench->paths, &card, &err), -ERR_ABSENT);
    assert_non_null(strstr(err.text, "card.counters"));
    assert_int_equal(unlink(bench->key), 0);
    assert_int_equal(store_open(&bench->paths, &card, &err), -ERR_ABSENT);
    assert_non_null(strstr(err.text, "card.key"));
    assert_int_equal(unlink(bench->card), 0);
    assert_int_equal(store_open(&bench->paths, &card, &err), -ERR_ABSENT);
    assert_non_null(strstr(err.text, "no such card file"));
}

static void a_key_file_others_may_read_is_refused(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(chmod(bench->key, 0640), 0);
    assert_not_opened(bench, -ERR_DENIED);
    assert_int_equal(chmod(bench->key, 0600), 0);
    put_contents(bench->key, bytes_text("short"));
    assert_not_opened(bench, -ERR_INPUT);
}

static void counters_of_another_card_do_not_fit(void **state)
{
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf counters = BUF_INIT;
    char other[TEMPDIR_FILE_SIZE];
    char other_counters[TEMPDIR_FILE_SIZE];

    (void)tempdir_file(&bench->dir, "other", other);
    (void)tempdir_file(&bench->dir, "other.counters", other_counters);
    assert_int_equal(store_make(&(struct store_paths){other, bench->key}, "A2", NULL), 0);
    counters = contents(other_counters);
    put_contents(bench->counters, buf_bytes(&counters));
    assert_not_opened(bench, -ERR_UNTRUSTED);
}

static void two_processes_cannot_use_one_card(void **state)
{
    struct bench *bench = *state;
    CLEANUP(card_freep) struct card *first = open_card(bench);
    struct card *second = NULL;
    struct card_status status;

    assert_int_equal(store_open(&bench->paths, &second, NULL), -ERR_CONFLICT);
    assert_int_equal(store_look(&bench->paths, &status, NULL), 0); /* looking is possible */
    assert_string_equal(status.serial, "A1");
    card_freep(&first);
    card_free(open_card(bench));
}

static void an_existing_card_is_not_made_again(void **state)
{
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf before = contents(bench->card);
    CLEANUP(buf_done) struct buf after = BUF_INIT;

    assert_int_equal(store_make(&bench->paths, "A2", NULL), -ERR_CONFLICT);
    after = contents(bench->card);
    assert_true(bytes_equal(buf_bytes(&before), buf_bytes(&after)));
    card_free(open_card(bench));
}

static void a_serial_has_1_to_16_letters_and_digits(void **state)
{
    struct bench *bench = *state;
    char path[TEMPDIR_FILE_SIZE];
    struct store_paths paths = {tempdir_file(&bench->dir, "b", path), bench->key};

    assert_int_equal(store_make(&paths, "", NULL), -ERR_INPUT);
    assert_int_equal(store_make(&paths, "01234567890123456", NULL), -ERR_INPUT);
    assert_int_equal(store_make(&paths, "A 1", NULL), -ERR_INPUT);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(strlen("0123456789012345"), CARD_SERIAL_MAX);
    assert_int_equal(store_make(&paths, "0123456789012345", NULL), 0);
}

static void all_files_are_private(void **state)
{
    struct bench *bench = *state;
    const char *const files[] = {bench->card, bench->counters, bench->key};

    for (size_t i = 0; i < 3; i++) {
        struct stat st;

        assert_int_equal(stat(files[i], &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
}

/* Puts the contents of the memory card on the one on disk. */
static int personalise(struct card *card, struct err *err)
{
    struct image image;
    int rc;

    memory_card_image(&image);
    rc = card->storage->save_image(card->storage, &image, err);
    image_done(&image);
    return rc;
}

static uint16_t answer(struct card *card, struct apdu apdu)
{
    CLEANUP(buf_done) struct buf command = BUF_INIT;
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct bytes data;
    uint16_t sw;

    assert_int_equal(apdu_build(&apdu, &command, NULL), 0);
    assert_int_equal(card_apdu(card, buf_bytes(&command), &response, NULL), 0);
    assert_int_equal(apdu_split(buf_bytes(&response), &data, &sw, NULL), 0);
    return sw;
}

static uint16_t verify_auth(struct card *card, const char *pin)
{
    const struct apdu select = {
        0x00, 0xa4, 0x04, 0x0c, bytes_of(applet_jpki.aid, applet_jpki.aid_len), 0, false};

    card_reset(card);
    assert_int_equal(answer(card, select), SW_OK);
    return answer(card, (struct apdu){0x00, 0x20, 0x00, 0x98, bytes_text(pin), 0, false});
}

static uint16_t change_auth(struct card *card, const char *pin)
{
    return answer(card, (struct apdu){0x00, 0x24, 0x01, 0x98, bytes_text(pin), 0, false});
}

static struct card_status look(struct bench *bench)
{
    struct card_status status;

    assert_int_equal(store_look(&bench->paths, &status, NULL), 0);
    return status;
}

/* Version 1 differs in its number only: it had less to say. */
static void a_card_of_the_first_version_opens(void **state)
{
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf file = contents(bench->card);
    CLEANUP(buf_done) struct buf key_file = contents(bench->key);
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(secret_done) struct secret body = SECRET_INIT;
    CLEANUP(buf_done) struct buf sealed = BUF_INIT;
    struct bytes header, old;

    assert_int_equal(secret_copy(buf_bytes(&key_file), &key, NULL), 0);
    assert_int_equal(store_parse(buf_bytes(&file), &header, &old, NULL), 0);
    assert_int_equal(seal_open(&key, header, old, &body, NULL), 0);
    assert_int_equal(file.ptr[9], 2);
    file.ptr[9] = 1;
    assert_int_equal(seal_close(&key, header, secret_bytes(&body), &sealed, NULL), 0);
    file.len = header.len;
    assert_int_equal(buf_append(&file, buf_bytes(&sealed), NULL), 0);
    put_contents(bench->card, buf_bytes(&file));
    assert_int_equal(look(*state).kind, CARD_PLASTIC);
}

static int set_up_personalised(void **state)
{
    struct card *card;

    assert_int_equal(set_up(state), 0);
    card = open_card(*state);
    assert_int_equal(personalise(card, NULL), 0);
    card_free(card);
    return 0;
}

static void what_was_written_is_read_again(void **state)
{
    CLEANUP(card_freep) struct card *card = open_card(*state);

    assert_int_equal(verify_auth(card, "0000"), 0x63c2);
    card_freep(&card);
    card = open_card(*state);
    assert_int_equal(card->image.data[CARD_AUTH_CERT].len, MEMORY_CARD_CERT_SIZE);
    for (size_t i = 0; i < MEMORY_CARD_CERT_SIZE; i++)
        assert_int_equal(card->image.data[CARD_AUTH_CERT].ptr[i],
                         memory_card_cert_byte(CARD_AUTH_CERT, i));
    assert_int_equal(verify_auth(card, "0000"), 0x63c1);
    assert_int_equal(verify_auth(card, MEMORY_CARD_AUTH_PIN), 0x9000);
    assert_int_equal(change_auth(card, "5678"), 0x9000);
    card_freep(&card);
    assert_int_equal(look(*state).tries[CARD_PIN_AUTH], 3);
    card = open_card(*state);
    assert_int_equal(verify_auth(card, MEMORY_CARD_AUTH_PIN), 0x63c2);
    assert_int_equal(verify_auth(card, "5678"), 0x9000);
}

/* The other process sees the try gone while the answer has not been looked at yet. */
static void a_try_is_on_disk_before_its_answer(void **state)
{
    CLEANUP(card_freep) struct card *card = open_card(*state);

    for (unsigned left = 3; left-- > 0;) {
        assert_int_equal(verify_auth(card, "0000"), 0x63c0 + left);
        assert_int_equal(look(*state).tries[CARD_PIN_AUTH], left);
    }
    assert_int_equal(verify_auth(card, MEMORY_CARD_AUTH_PIN), 0x6984);
}

/* Whatever a cut leaves opens, with as many tries as before or fewer. */
static unsigned tries_after_cut(struct bench *bench, struct card **card)
{
    card_freep(card);
    power_on();
    *card = open_card(bench);
    return (*card)->tries[CARD_PIN_AUTH];
}

static void no_cut_during_a_wrong_pin_gives_a_try_back(void **state)
{
    for (int how = 0; how < CUTS_; how++) {
        CLEANUP(card_freep) struct card *card = open_card(*state);
        uint16_t sw;

        assert_int_equal(verify_auth(card, MEMORY_CARD_AUTH_PIN), 0x9000);
        for (unsigned nth = 1;; nth++) {
            unsigned before = card->tries[CARD_PIN_AUTH];
            unsigned after;

            cut_power((enum cut)how, nth);
            sw = verify_auth(card, "0000");
            after = tries_after_cut(*state, &card);
            if (sw != 0x6581) {
                assert_int_equal(sw, 0x63c0 + before - 1);
                assert_int_equal(after, before - 1);
                assert_true(nth >= 3); /* a write and a sync were cut */
                break;
            }
            assert_true(after == before || after == before - 1);
            if (after == 1) /* losing one to a cut is allowed; start anew */
                assert_int_equal(verify_auth(card, MEMORY_CARD_AUTH_PIN), 0x9000);
        }
    }
}

static void a_cut_during_a_right_pin_gives_no_permission(void **state)
{
    for (int how = 0; how < CUTS_; how++) {
        CLEANUP(card_freep) struct card *card = open_card(*state);
        uint16_t sw;

        for (unsigned nth = 1;; nth++) {
            unsigned after;

            assert_int_equal(verify_auth(card, MEMORY_CARD_AUTH_PIN), 0x9000);
            assert_int_equal(verify_auth(card, "0000"), 0x63c2);
            cut_power((enum cut)how, nth);
            sw = verify_auth(card, MEMORY_CARD_AUTH_PIN);
            if (sw == 0x9000)
                break;
            assert_int_equal(sw, 0x6581);
            assert_int_equal(card->verified, 0);
            after = tries_after_cut(*state, &card);
            /* 3 only where the second write, the one after the comparison, reached the disk. */
            assert_true(after == 1 || after == 2 || (after == 3 && nth > 2));
        }
        power_on();
        assert_int_equal(look(*state).tries[CARD_PIN_AUTH], 3);
    }
}

/* Two failures in a row must not make the older slot the one that is overwritten. */
static void a_card_that_could_not_write_goes_on_when_it_can(void **state)
{
    CLEANUP(card_freep) struct card *card = open_card(*state);

    assert_int_equal(verify_auth(card, "0000"), 0x63c2);
    for (unsigned nth = 1; nth <= 2; nth++) {
        for (int times = 0; times < 3; times++) {
            cut_power(CUT_MIDDLE, nth);
            assert_int_equal(verify_auth(card, "0000"), 0x6581);
            assert_true(look(*state).tries[CARD_PIN_AUTH] <= 2);
        }
    }
    power_on();
    assert_int_equal(verify_auth(card, "0000"), 0x63c1);
    assert_int_equal(look(*state).tries[CARD_PIN_AUTH], 1);
}

static void a_cut_while_personalising_leaves_a_blank_card(void **state)
{
    struct bench *bench = *state;

    for (int how = 0; how < CUTS_; how++) {
        CLEANUP(buf_done) struct buf blank = contents(bench->card);

        for (unsigned nth = 1;; nth++) {
            CLEANUP(card_freep) struct card *card = open_card(bench);
            int rc;

            cut_power((enum cut)how, nth);
            rc = personalise(card, NULL);
            power_on();
            if (rc == 0)
                break;
            /* Only a cut after the rename may leave the new card, whole. */
            if (look(*state).is_personalised)
                put_contents(bench->card, buf_bytes(&blank));
            assert_true(nth <= 16);
        }
        assert_true(look(*state).is_personalised);
        put_contents(bench->card, buf_bytes(&blank));
    }
}

static void a_cut_while_changing_a_pin_leaves_one_of_the_two(void **state)
{
    CLEANUP(card_freep) struct card *card = open_card(*state);
    uint16_t sw;

    for (unsigned nth = 1;; nth++) {
        assert_int_equal(verify_auth(card, MEMORY_CARD_AUTH_PIN), 0x9000);
        cut_power(CUT_MIDDLE, nth);
        sw = change_auth(card, "5678");
        (void)tries_after_cut(*state, &card);
        if (sw == 0x9000)
            break;
        assert_int_equal(sw, 0x6581);
        if (verify_auth(card, MEMORY_CARD_AUTH_PIN) != 0x9000) {
            assert_int_equal(verify_auth(card, "5678"), 0x9000);
            assert_int_equal(change_auth(card, MEMORY_CARD_AUTH_PIN), 0x9000);
        }
    }
    assert_int_equal(verify_auth(card, "5678"), 0x9000);
}

static void a_cut_while_making_a_card_can_be_made_good(void **state)
{
    struct bench *bench = *state;

    for (unsigned nth = 1;; nth++) {
        int rc;

        (void)unlink(bench->card);
        (void)unlink(bench->key);
        cut_power(CUT_MIDDLE, nth);
        rc = store_make(&bench->paths, "A1", NULL);
        power_on();
        if (rc == 0)
            break;
        if (access(bench->card, F_OK) < 0)
            assert_int_equal(store_make(&bench->paths, "A1", NULL), 0);
        card_free(open_card(bench));
        assert_true(nth <= 24);
    }
    card_free(open_card(bench));
}

static void a_card_made_in_vain_leaves_the_key_that_was_there_and_no_more(void **state)
{
    struct bench *bench = *state;

    assert_true(store_has_key(&bench->paths));
    store_remove(&bench->paths, false);
    assert_int_equal(access(bench->card, F_OK), -1);
    assert_int_equal(access(bench->counters, F_OK), -1);
    assert_int_equal(access(bench->key, F_OK), 0);
    assert_int_equal(store_make(&bench->paths, "A1", NULL), 0);
    store_remove(&bench->paths, true);
    assert_int_equal(access(bench->key, F_OK), -1);
    assert_false(store_has_key(&bench->paths));
    assert_int_equal(store_make(&bench->paths, "A1", NULL), 0);
    card_free(open_card(bench));
}

static int release_keys(void **state)
{
    (void)state;
    memory_card_release_keys();
    return 0;
}

#define blank_test(name)    cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define personal_test(name) cmocka_unit_test_setup_teardown(name, set_up_personalised, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        blank_test(a_changed_byte_anywhere_is_noticed),
        blank_test(a_cut_off_or_longer_file_is_refused),
        blank_test(a_newer_version_is_left_alone),
        blank_test(a_card_of_the_first_version_opens),
        blank_test(a_missing_part_is_named),
        blank_test(a_key_file_others_may_read_is_refused),
        blank_test(counters_of_another_card_do_not_fit),
        blank_test(two_processes_cannot_use_one_card),
        blank_test(an_existing_card_is_not_made_again),
        blank_test(a_serial_has_1_to_16_letters_and_digits),
        blank_test(all_files_are_private),
        personal_test(what_was_written_is_read_again),
        personal_test(a_try_is_on_disk_before_its_answer),
        personal_test(no_cut_during_a_wrong_pin_gives_a_try_back),
        personal_test(a_cut_during_a_right_pin_gives_no_permission),
        personal_test(a_card_that_could_not_write_goes_on_when_it_can),
        blank_test(a_cut_while_personalising_leaves_a_blank_card),
        personal_test(a_cut_while_changing_a_pin_leaves_one_of_the_two),
        blank_test(a_cut_while_making_a_card_can_be_made_good),
        blank_test(a_card_made_in_vain_leaves_the_key_that_was_there_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, release_keys);
}
