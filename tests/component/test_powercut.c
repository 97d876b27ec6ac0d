/* SPDX-License-Identifier: Apache-2.0 */
/* The file system whose power can be cut loses what it ought to lose, and nothing else. */
#include "base/file.h"
#include "support/power.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SECTOR = 512, SECTORS = 16, SEEDS = 20, FILES = 1500 };

static struct power power;

enum { PATH_SIZE = TEMPDIR_FILE_SIZE + 16 };

struct path {
    char text[PATH_SIZE];
};

static struct path in_mount(const char *name)
{
    struct path path;

    (void)snprintf(path.text, sizeof path.text, "%s/%s", power.mount, name);
    return path;
}

#define path_of(name) (in_mount(name).text)

static int set_up(void **state)
{
    (void)state;
    power_start(&power);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    power_stop(&power);
    return 0;
}

static void sync_names(void)
{
    CLEANUP(fd_done) int fd = open(power.mount, O_RDONLY | O_DIRECTORY);

    assert_int_equal(fsync(fd), 0);
}

static void write_at(int fd, size_t at, char byte, size_t len)
{
    char data[SECTOR * SECTORS];

    memset(data, byte, len);
    assert_int_equal(pwrite(fd, data, len, (off_t)at), len);
}

/* A file of one byte value, wholly on the disk. */
static int new_file(const char *name, char byte, size_t len)
{
    int fd = open(path_of(name), O_RDWR | O_CREAT | O_EXCL, 0600);

    assert_true(fd >= 0);
    write_at(fd, 0, byte, len);
    assert_int_equal(fsync(fd), 0);
    sync_names();
    return fd;
}

static struct buf contents(const char *name)
{
    struct buf file = BUF_INIT;

    assert_int_equal(file_read(path_of(name), 1 << 20, &file, NULL), 0);
    return file;
}

static void assert_contents(const char *name, const char *expected)
{
    CLEANUP(buf_done) struct buf file = contents(name);

    assert_true(bytes_equal(buf_bytes(&file), bytes_text(expected)));
}

static void what_is_not_synced_is_lost(void **state)
{
    CLEANUP(fd_done) int fd = new_file("a", 'o', 3);

    (void)state;
    write_at(fd, 0, 'n', 3);
    assert_contents("a", "nnn");
    power_order(&power, "cut none");
    power_order(&power, "on");
    assert_contents("a", "ooo");
}

static void what_is_synced_survives_every_fate(void **state)
{
    static const char *const fates[] = {"none", "all", "names", "data", "torn", "some 1", "some 2"};
    CLEANUP(fd_done) int fd = new_file("a", 'o', 3);

    (void)state;
    write_at(fd, 0, 'n', 3);
    assert_int_equal(fdatasync(fd), 0);
    for (size_t i = 0; i < sizeof fates / sizeof fates[0]; i++) {
        power_order(&power, "cut %s", fates[i]);
        power_order(&power, "on");
        assert_contents("a", "nnn");
    }
}

static void a_name_is_lost_without_a_sync_of_its_directory(void **state)
{
    (void)state;
    (void)close(new_file("a", 'o', 3));
    (void)close(new_file("a.new", 'n', 3));
    assert_int_equal(rename(path_of("a.new"), path_of("a")), 0);
    assert_contents("a", "nnn");
    power_order(&power, "cut none");
    power_order(&power, "on");
    assert_contents("a", "ooo");
    assert_contents("a.new", "nnn");
    assert_int_equal(rename(path_of("a.new"), path_of("a")), 0);
    sync_names();
    power_order(&power, "cut none");
    power_order(&power, "on");
    assert_contents("a", "nnn");
    assert_int_equal(access(path_of("a.new"), F_OK), -1);
}

/* What programs that replace a file without syncing it get: an empty file. */
static void a_rename_can_overtake_the_data(void **state)
{
    CLEANUP(fd_done) int fd = open(path_of("a.new"), O_WRONLY | O_CREAT, 0600);

    (void)state;
    (void)close(new_file("a", 'o', 3));
    write_at(fd, 0, 'n', 3);
    assert_int_equal(rename(path_of("a.new"), path_of("a")), 0);
    power_order(&power, "cut names");
    power_order(&power, "on");
    assert_contents("a", "");
}

/* How many sectors are new; each is old or new. */
static unsigned new_sectors(const struct buf *file)
{
    unsigned count = 0;

    assert_int_equal(file->len, SECTOR * SECTORS);
    for (size_t at = 0; at < file->len; at += SECTOR) {
        for (size_t i = 1; i < SECTOR; i++)
            assert_int_equal(file->ptr[at + i], file->ptr[at]);
        count += file->ptr[at] == 'n';
    }
    return count;
}

static void a_write_is_torn_between_sectors_and_by_the_seed(void **state)
{
    unsigned torn = 0;

    (void)state;
    (void)close(new_file("a", 'o', SECTOR * SECTORS));
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        CLEANUP(buf_done) struct buf first = BUF_INIT;
        CLEANUP(buf_done) struct buf second = BUF_INIT;
        struct buf *const twice[] = {&first, &second};

        for (size_t i = 0; i < 2; i++) {
            CLEANUP(fd_done) int fd = open(path_of("a"), O_RDWR);

            write_at(fd, 0, 'o', SECTOR * SECTORS);
            assert_int_equal(fsync(fd), 0);
            write_at(fd, 0, 'n', SECTOR * SECTORS);
            power_order(&power, "cut some %u", seed);
            power_order(&power, "on");
            *twice[i] = contents("a");
        }
        assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&second)));
        torn += new_sectors(&first) > 0 && new_sectors(&first) < SECTORS;
    }
    assert_true(torn > SEEDS / 2);
}

static void the_last_write_is_torn_within_a_sector(void **state)
{
    CLEANUP(fd_done) int fd = new_file("a", 'o', 4);

    (void)state;
    write_at(fd, 0, 'm', 4);
    write_at(fd, 0, 'n', 4);
    power_order(&power, "cut torn");
    power_order(&power, "on");
    assert_contents("a", "nnmm");
}

static void without_power_everything_fails_and_old_files_stay_dead(void **state)
{
    CLEANUP(fd_done) int fd = new_file("a", 'o', 3);
    char byte;

    (void)state;
    power_order(&power, "cut all");
    assert_true(power_report(&power).is_off);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(pread(fd, &byte, 1, 0), -1);
        assert_int_equal(errno, EIO);
        assert_int_equal(pwrite(fd, "x", 1, 0), -1);
        assert_int_equal(fsync(fd), -1);
        if (round == 0) {
            assert_int_equal(open(path_of("a"), O_RDONLY), -1);
            assert_int_equal(errno, EIO);
            assert_int_equal(open(path_of("b"), O_WRONLY | O_CREAT, 0600), -1);
            power_order(&power, "on");
        }
    }
    assert_contents("a", "ooo");
}

static void the_nth_operation_meets_the_cut(void **state)
{
    CLEANUP(fd_done) int fd = new_file("a", 'o', 3);

    (void)state;
    power_order(&power, "cut-at 3 none");
    write_at(fd, 0, 'n', 1);
    write_at(fd, 1, 'n', 1);
    assert_int_equal(power_report(&power).operations, 2);
    assert_int_equal(power_report(&power).pending, 2);
    assert_int_equal(fsync(fd), -1);
    assert_int_equal(errno, EIO);
    power_order(&power, "on");
    assert_contents("a", "ooo");
}

static void a_kill_leaves_what_was_written_and_not_synced(void **state)
{
    CLEANUP(fd_done) int fd = new_file("a", 'o', 3);
    pid_t pid;
    int status;

    (void)state;
    power_order(&power, "kill-at 2");
    pid = fork();
    if (pid == 0) {
        (void)!pwrite(fd, "n", 1, 0);
        (void)!pwrite(fd, "n", 1, 1);
        (void)!pwrite(fd, "n", 1, 2);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_contents("a", "nno");
    power_order(&power, "cut none");
    power_order(&power, "on");
    assert_contents("a", "ooo");
}

static void only_operations_on_files_of_that_name_count(void **state)
{
    CLEANUP(fd_done) int other = new_file("b.db", 'o', 3);
    CLEANUP(fd_done) int fd = new_file("a.db", 'o', 3);
    pid_t pid;
    int status;

    (void)state;
    power_order(&power, "kill-at 2 a.d");
    pid = fork();
    if (pid == 0) {
        (void)!pwrite(other, "nnn", 3, 0);
        (void)!pwrite(fd, "n", 1, 0);
        (void)!fsync(other);
        (void)!pwrite(fd, "n", 1, 1);
        (void)!pwrite(fd, "n", 1, 2);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_contents("a.db", "nno");
    assert_string_equal(power_report(&power).unsynced, " a.db");
}

static void it_tells_which_files_were_not_synced_when_the_power_went(void **state)
{
    CLEANUP(fd_done) int a = new_file("a", 'o', 3);
    CLEANUP(fd_done) int b = new_file("b", 'o', 3);

    (void)state;
    write_at(a, 0, 'n', 1);
    write_at(b, 0, 'n', 1);
    assert_int_equal(fsync(a), 0);
    power_order(&power, "cut all");
    power_order(&power, "on");
    power_order(&power, "cut none");
    assert_string_equal(power_report(&power).unsynced, "");
    power_order(&power, "on");
    fd_done(&a);
    a = open(path_of("a"), O_WRONLY);
    write_at(a, 0, 'm', 1);
    power_order(&power, "cut all");
    assert_string_equal(power_report(&power).unsynced, " a");
}

static ino_t number_of(const char *name)
{
    struct stat st;

    assert_int_equal(stat(path_of(name), &st), 0);
    return st.st_ino;
}

/* As on every disk; somebody may have written the number down. */
static void a_file_that_survives_keeps_its_number(void **state)
{
    ino_t a;
    ino_t b;

    (void)state;
    (void)close(new_file("a", 'o', 3));
    (void)close(new_file("b", 'o', 3));
    a = number_of("a");
    b = number_of("b");
    assert_int_not_equal(a, b);
    for (unsigned i = 0; i < 3; i++) {
        power_order(&power, "cut none");
        power_order(&power, "on");
        assert_int_equal(number_of("a"), a);
        assert_int_equal(number_of("b"), b);
    }
    assert_int_equal(rename(path_of("b"), path_of("a")), 0);
    sync_names();
    power_order(&power, "cut none");
    power_order(&power, "on");
    assert_int_equal(number_of("a"), b);
}

/* More of them than it has places, each written, unlinked and closed. */
static void files_without_a_name_leave_nothing(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FILES; i++) {
        int fd = open(path_of("scratch"), O_RDWR | O_CREAT | O_EXCL, 0600);

        assert_true(fd >= 0);
        assert_int_equal(unlink(path_of("scratch")), 0);
        write_at(fd, 0, 'n', 3);
        assert_int_equal(close(fd), 0);
    }
    power_order(&power, "cut all");
    power_order(&power, "on");
    assert_int_equal(access(path_of("scratch"), F_OK), -1);
}

static void a_full_disk_takes_what_needs_no_room(void **state)
{
    CLEANUP(fd_done) int fd = new_file("a", 'o', SECTOR);

    (void)state;
    power_order(&power, "full");
    write_at(fd, 0, 'n', SECTOR);
    assert_int_equal(pwrite(fd, "n", 1, SECTOR), -1);
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(ftruncate(fd, SECTOR + 1), -1);
    assert_int_equal(open(path_of("b"), O_WRONLY | O_CREAT, 0600), -1);
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(ftruncate(fd, 0), 0);
    power_order(&power, "room");
    write_at(fd, 0, 'n', SECTOR);
    fd_done(&fd);
    fd = new_file("b", 'n', SECTOR);
}

static void what_it_does_not_understand_is_refused(void **state)
{
    static const char *const orders[] = {"", "off", "cut", "cut half", "cut-at none", "kill-at"};
    CLEANUP(fd_done) int fd = open(path_of(".powercut"), O_WRONLY);

    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        assert_int_equal(write(fd, orders[i], strlen(orders[i]) + 1), -1);
        assert_int_equal(errno, EINVAL);
    }
    assert_int_equal(mkdir(path_of("folder"), 0700), -1);
    assert_int_equal(rename(path_of("nothing"), path_of("nothing")), -1);
    assert_int_equal(errno, ENOENT);
}

static void an_orderly_end_leaves_everything_on_the_disk(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(fd_done) int fd = open(path_of("a"), O_WRONLY | O_CREAT, 0600);
    char path[PATH_SIZE];

    (void)state;
    write_at(fd, 0, 'n', 3);
    fd_done(&fd);
    power_order(&power, "cut all");
    (void)snprintf(path, sizeof path, "%s/a", power.platter);
    assert_int_equal(file_read(path, SECTOR, &file, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&file), BYTES_LITERAL("nnn")));
}

#define power_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        power_test(what_is_not_synced_is_lost),
        power_test(what_is_synced_survives_every_fate),
        power_test(a_name_is_lost_without_a_sync_of_its_directory),
        power_test(a_rename_can_overtake_the_data),
        power_test(a_write_is_torn_between_sectors_and_by_the_seed),
        power_test(the_last_write_is_torn_within_a_sector),
        power_test(without_power_everything_fails_and_old_files_stay_dead),
        power_test(the_nth_operation_meets_the_cut),
        power_test(a_kill_leaves_what_was_written_and_not_synced),
        power_test(only_operations_on_files_of_that_name_count),
        power_test(it_tells_which_files_were_not_synced_when_the_power_went),
        power_test(a_file_that_survives_keeps_its_number),
        power_test(files_without_a_name_leave_nothing),
        power_test(a_full_disk_takes_what_needs_no_room),
        power_test(what_it_does_not_understand_is_refused),
        power_test(an_orderly_end_leaves_everything_on_the_disk),
    };
    const char *reason = power_prepare();

    if (reason != NULL) {
        (void)printf("1..0 # SKIP %s\n", reason);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
