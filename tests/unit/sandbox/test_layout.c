/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/layout.h"

#include "base/file.h"
#include "sandbox/limits.h"
#include "sandbox/process.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char top[64];

static int enter(void **state)
{
    (void)state;
    snprintf(top, sizeof top, "/tmp/openjpki-test-layout-XXXXXX");
    return mkdtemp(top) == NULL ? -1 : chmod(top, 0755);
}

static int leave(void **state)
{
    char command[128];

    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        snprintf(command, sizeof command, "%s", top);
        execl("/bin/rm", "rm", "-rf", "--", command, (char *)NULL);
        _exit(1);
    }
    return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

static const char *in_top(const char *name)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/%s", top, name);
    return path;
}

static void put(const char *path)
{
    assert_int_equal(file_create(path, 0600, bytes_text("x"), NULL), 0);
}

static bool exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

static void a_directory_that_leaves_no_room_for_sockets_is_refused(void **state)
{
    CLEANUP(layout_done) struct layout fits = LAYOUT_INIT;
    struct layout longer = LAYOUT_INIT;
    char path[SANDBOX_DIR_MAX + 2];
    struct err err;

    (void)state;
    memset(path, 'd', sizeof path);
    path[0] = '/';
    path[SANDBOX_DIR_MAX] = '\0';
    assert_int_equal(layout_init(path, &fits, NULL), 0);
    path[SANDBOX_DIR_MAX] = 'd';
    path[SANDBOX_DIR_MAX + 1] = '\0';
    assert_int_equal(layout_init(path, &longer, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "shorter"));
    assert_null(longer.dir);
}

static void the_root_directory_and_an_empty_name_are_refused(void **state)
{
    struct layout layout = LAYOUT_INIT;

    (void)state;
    assert_int_equal(layout_init("///", &layout, NULL), -ERR_INPUT);
    assert_int_equal(layout_init("", &layout, NULL), -ERR_INPUT);
}

static void a_directory_with_files_of_somebody_else_is_not_taken(void **state)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    struct err err;

    (void)state;
    put(in_top("thesis.txt"));
    assert_int_equal(layout_init(top, &layout, NULL), 0);
    assert_int_equal(layout_make(&layout, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "not made by jpki-sandbox"));
    assert_int_equal(layout_check(&layout, NULL), -ERR_ABSENT);
    assert_int_equal(layout_reset(&layout, NULL), -ERR_ABSENT);
    assert_true(exists(in_top("thesis.txt")));
    assert_false(exists(in_top("conf")));
}

static void a_sandbox_of_another_version_is_refused(void **state)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    struct err err;

    (void)state;
    assert_int_equal(layout_init(top, &layout, NULL), 0);
    assert_int_equal(file_create(in_top(".jpki-sandbox"), 0600,
                                 bytes_text("OpenJPKI sandbox, version 2\n"), NULL),
                     0);
    assert_int_equal(layout_make(&layout, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "another version"));
    assert_int_equal(layout_reset(&layout, NULL), -ERR_CONFLICT);
}

static void the_signer_of_a_sandbox_with_one_zone_keeps_its_keys(void **state)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    char old[128];

    (void)state;
    snprintf(old, sizeof old, "%s/signer", top);
    assert_int_equal(layout_init(top, &layout, NULL), 0);
    assert_int_equal(layout_make(&layout, NULL), 0);
    assert_int_equal(rename(in_top("signer-ca"), old), 0);
    put(in_top("signer/passphrase"));
    assert_int_equal(layout_make(&layout, NULL), 0);
    assert_true(exists(in_top("signer-ca/passphrase")));
    assert_false(exists(in_top("signer")));
}

static void a_link_in_place_of_the_directory_is_refused(void **state)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;

    (void)state;
    assert_int_equal(symlink("/tmp", in_top("link")), 0);
    assert_int_equal(layout_init(in_top("link"), &layout, NULL), 0);
    assert_int_equal(layout_make(&layout, NULL), -ERR_CONFLICT);
}

static void as_root_a_directory_behind_a_closed_one_is_refused(void **state)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    struct err err;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(mkdir(in_top("closed"), 0700), 0);
    assert_int_equal(layout_init(in_top("closed/box"), &layout, NULL), 0);
    assert_int_equal(layout_make(&layout, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "/closed"));
    assert_false(exists(in_top("closed/box")));
}

static void a_second_supervisor_is_told_who_holds_the_directory(void **state)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    pid_t seen = -2;
    int status = 0;

    (void)state;
    assert_int_equal(layout_init(top, &layout, NULL), 0);
    assert_int_equal(layout_make(&layout, NULL), 0);
    assert_int_equal(layout_supervisor(&layout, &seen, NULL), 0);
    assert_int_equal(seen, 0);
    assert_int_equal(layout_lock(&layout, NULL), 0);
    pid_t owner = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        struct layout second = {.dir = layout.dir, .lock_fd = -1, .watch_fd = -1};
        struct err err = {0};
        pid_t holder = 0;

        if (layout_lock(&second, &err) != -ERR_CONFLICT || strstr(err.text, "already") == NULL)
            _exit(1);
        if (layout_supervisor(&second, &holder, NULL) != 0 || holder != owner)
            _exit(2);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* Of a supervisor that is another process, as the kernel tells a lock only to others. */
static void who_watches_needs_no_rights_any_more_to_see_the_supervisor(void **state)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(layout_done) struct layout watcher = LAYOUT_INIT;
    int ends[2];
    char byte = 'x';
    pid_t seen = -2;

    (void)state;
    assert_int_equal(layout_init(in_top("box"), &layout, NULL), 0);
    assert_int_equal(layout_init(in_top("box"), &watcher, NULL), 0);
    assert_int_equal(layout_watch(&watcher, NULL), -ERR_ABSENT);
    assert_int_equal(layout_make(&layout, NULL), 0);
    assert_int_equal(pipe(ends), 0);
    pid_t supervisor = fork();
    if (supervisor == 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || layout_lock(&layout, NULL) < 0 ||
            write(ends[1], &byte, 1) != 1)
            _exit(1);
        for (;;)
            (void)pause();
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(layout_watch(&watcher, NULL), 0);
    assert_int_equal(unlink(in_top("box/.jpki-sandbox")), 0); /* what it need not look at */
    assert_int_equal(layout_running(&watcher, &seen, NULL), 0);
    assert_int_equal(seen, supervisor);
    assert_int_equal(kill(supervisor, SIGKILL), 0);
    assert_int_equal(waitpid(supervisor, NULL, 0), supervisor);
    assert_int_equal(layout_running(&watcher, &seen, NULL), -ERR_ABSENT);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void as_root_some_folders_have_the_pages_group(void **state)
{
    static const char *const of_page[] = {"state", "trace",        "personas",     "card",
                                          "phone", "clerks/first", "clerks/second"};
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(free_text) char *path = NULL;
    struct stat st;

    (void)state;
    assert_int_equal(layout_init(in_top("box"), &layout, NULL), 0);
    assert_int_equal(layout_make(&layout, NULL), 0);
    for (size_t i = 0; i < sizeof of_page / sizeof of_page[0]; i++) {
        assert_int_equal(layout_path(&layout, of_page[i], &path, NULL), 0);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_gid, identity_group_of_page());
        free_text(&path);
    }
    assert_int_equal(stat(in_top("box/providers"), &st), 0);
    assert_int_equal(st.st_mode & 0077, 0);
}

static void reset_removes_what_the_sandbox_made_and_nothing_else(void **state)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;

    (void)state;
    assert_int_equal(layout_init(in_top("box"), &layout, NULL), 0);
    assert_int_equal(layout_make(&layout, NULL), 0);
    put(in_top("outside"));
    put(in_top("box/signer-ca/key"));
    put(in_top("box/plugged"));
    put(in_top("box/my-notes"));
    assert_int_equal(mkdir(in_top("box/card/hanako"), 0700), 0);
    assert_int_equal(symlink("../../outside", in_top("box/card/hanako/link")), 0);
    assert_int_equal(symlink("..", in_top("box/log/up")), 0);
    assert_int_equal(layout_reset(&layout, NULL), 0);
    assert_false(exists(in_top("box/signer-ca")));
    assert_false(exists(in_top("box/card")));
    assert_false(exists(in_top("box/plugged")));
    assert_true(exists(in_top("box/my-notes")));
    assert_true(exists(in_top("outside")));
    /* And it can be used again. */
    assert_int_equal(layout_make(&layout, NULL), 0);
    assert_true(exists(in_top("box/signer-ca")));
}

static void a_start_empties_the_trace_and_keeps_the_logs(void **state)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;

    (void)state;
    assert_int_equal(layout_init(in_top("box"), &layout, NULL), 0);
    assert_int_equal(layout_make(&layout, NULL), 0);
    put(in_top("box/trace/x.jsonl"));
    put(in_top("box/log/x.log"));
    assert_int_equal(layout_make(&layout, NULL), 0);
    assert_false(exists(in_top("box/trace/x.jsonl")));
    assert_true(exists(in_top("box/trace")));
    assert_true(exists(in_top("box/log/x.log")));
}

static void nobody_else_may_enter_the_directory(void **state)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    struct stat st;

    (void)state;
    assert_int_equal(layout_init(in_top("box"), &layout, NULL), 0);
    assert_int_equal(layout_make(&layout, NULL), 0);
    assert_int_equal(stat(in_top("box"), &st), 0);
    assert_int_equal(st.st_mode & 0707, 0700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_directory_that_leaves_no_room_for_sockets_is_refused,
                                        enter, leave),
        cmocka_unit_test_setup_teardown(the_root_directory_and_an_empty_name_are_refused, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(a_directory_with_files_of_somebody_else_is_not_taken, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(a_sandbox_of_another_version_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(the_signer_of_a_sandbox_with_one_zone_keeps_its_keys, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(a_link_in_place_of_the_directory_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(as_root_a_directory_behind_a_closed_one_is_refused, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(a_second_supervisor_is_told_who_holds_the_directory, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(who_watches_needs_no_rights_any_more_to_see_the_supervisor,
                                        enter, leave),
        cmocka_unit_test_setup_teardown(as_root_some_folders_have_the_pages_group, enter, leave),
        cmocka_unit_test_setup_teardown(reset_removes_what_the_sandbox_made_and_nothing_else, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(a_start_empties_the_trace_and_keeps_the_logs, enter, leave),
        cmocka_unit_test_setup_teardown(nobody_else_may_enter_the_directory, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
