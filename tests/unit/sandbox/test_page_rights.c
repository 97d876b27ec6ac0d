/* SPDX-License-Identifier: Apache-2.0 */
/* What the start page may do once it serves; each look is a child of its own, as it is for ever. */
#include "sandbox/page_rights.h"

#include "base/file.h"
#include "sandbox/clock_file.h"
#include "sandbox/powers_file.h"
#include "sandbox/process.h"
#include "sandbox/trace.h"
#include "support/tempdir.h"

#include <errno.h>
#include <fcntl.h>
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

enum { NOT_ENFORCED = 77 };

static struct tempdir top, share;
static struct layout layout;

static void put(const char *below, mode_t mode)
{
    CLEANUP(free_text) char *path = NULL;

    assert_int_equal(layout_path(&layout, below, &path, NULL), 0);
    assert_int_equal(file_replace(path, mode, BYTES_LITERAL("{}"), NULL), 0);
}

static int enter(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    top = tempdir_make();
    share = tempdir_make();
    layout = (struct layout){.dir = top.path, .lock_fd = -1, .watch_fd = -1};
    assert_int_equal(layout_make(&layout, NULL), 0);
    assert_int_equal(clock_file_provide(&layout, NULL), 0);
    assert_int_equal(powers_file_provide(&layout, NULL), 0);
    assert_int_equal(trace_provide(&layout, NULL), 0);
    put("state/state.json", 0640);
    put("personas/added.json", 0640);
    put("providers/sample-bank.key", 0600);
    put("anchors/sign.pem", 0644);
    assert_int_equal(chmod(share.path, 0755), 0);
    return file_replace(tempdir_file(&share, "data", path), 0644, BYTES_LITERAL("x"), NULL);
}

static int leave(void **state)
{
    (void)state;
    tempdir_done(&share);
    tempdir_done(&top);
    return 0;
}

static int become_page(void)
{
    CLEANUP(page_rights_done) struct page_rights rights = {.paths = {NULL}};
    int enforced = -1;

    if (page_rights_of(&layout, share.path, &rights, NULL) < 0 ||
        identity_assume(IDENTITY_PAGE, NULL) < 0 || confine_files(rights.list, &enforced, NULL) < 0)
        return 1;
    return enforced == 0 ? NOT_ENFORCED : 0;
}

static int tried(const char *dir, const char *name, int flags)
{
    CLEANUP(free_text) char *path = NULL;

    if (path_format(&path, NULL, "%s/%s", dir, name) < 0)
        return -1;
    CLEANUP(fd_done) int fd = open(path, flags | O_CLOEXEC, 0600);
    return fd < 0 ? errno : 0;
}

static int with_files(void)
{
    static const struct {
        const char *name;
        int flags, wanted;
    } rows[] = {
        {"state/state.json", O_RDONLY, 0},
        {"state/state.json", O_WRONLY, EACCES},
        {"trace/jpki.jsonl", O_RDONLY, 0},
        {"trace/jpki.jsonl", O_WRONLY | O_APPEND, EACCES},
        {"personas/added.json", O_RDONLY, 0},
        {"personas/further.json", O_WRONLY | O_CREAT, EACCES},
        {"clock", O_RDWR, 0},
        {"powers", O_RDWR, 0},
        {"providers/sample-bank.key", O_RDONLY, EACCES},
        {"anchors/sign.pem", O_RDONLY, EACCES},
        {"lock", O_RDWR | O_CREAT, EACCES},
        {"plugged", O_WRONLY | O_CREAT, EACCES},
        {"phone/0.direct", O_WRONLY | O_CREAT, EACCES},
        {"card/x", O_WRONLY | O_CREAT, EACCES},
    };
    int rc = become_page();

    for (size_t i = 0; rc == 0 && i < sizeof rows / sizeof rows[0]; i++)
        if (tried(top.path, rows[i].name, rows[i].flags) != rows[i].wanted)
            rc = 10 + (int)i;
    if (rc == 0 && (tried(share.path, "data", O_RDONLY) != 0 ||
                    tried(share.path, "new", O_WRONLY | O_CREAT) != EACCES ||
                    tried("/etc", "passwd", O_RDONLY) != EACCES ||
                    tried("/tmp", "openjpki-of-the-page", O_WRONLY | O_CREAT) != EACCES))
        rc = 2;
    return rc;
}

static int with_programs(void)
{
    int rc = become_page();

    if (rc != 0)
        return rc;
    return execl("/bin/true", "true", (char *)NULL) < 0 && errno == EACCES ? 0 : 3;
}

/* As root it was all that; now it is somebody, and can become nobody else. */
static int with_users(void)
{
    int rc = become_page();

    if (rc != 0)
        return rc;
    if (getuid() == 0 || geteuid() != getuid() || getegid() == 0)
        return 4;
    return setuid(0) < 0 && chown(top.path, 0, 0) < 0 && errno == EPERM ? 0 : 5;
}

static void assert_in_child(int (*body)(void))
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0)
        _exit(body());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NOT_ENFORCED)
        skip(); /* a kernel without Landlock */
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void it_opens_what_it_shows_and_sets_and_nothing_else(void **state)
{
    (void)state;
    assert_in_child(with_files);
}

static void it_executes_nothing(void **state)
{
    (void)state;
    assert_in_child(with_programs);
}

static void as_root_it_is_another_user_for_good(void **state)
{
    (void)state;
    if (!identities_are_separate())
        skip();
    assert_in_child(with_users);
}

static void a_promise_to_end_with_the_parent_is_kept(void **state)
{
    int status = -1;
    pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        int promised = 0;

        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
            identity_assume(IDENTITY_PAGE, NULL) < 0 ||
            prctl(PR_GET_PDEATHSIG, &promised, 0, 0, 0) < 0)
            _exit(1);
        _exit(promised == SIGKILL ? 0 : 2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_opens_what_it_shows_and_sets_and_nothing_else),
        cmocka_unit_test(it_executes_nothing),
        cmocka_unit_test(as_root_it_is_another_user_for_good),
        cmocka_unit_test(a_promise_to_end_with_the_parent_is_kept),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
