/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper of cards, with a program in jpki-softcard's place that listens and does no more. */
#include "sandbox/keeper.h"

#include "base/clock.h"
#include "base/file.h"
#include "sandbox/limits.h"
#include "sandbox/process.h"
#include "support/tempdir.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 60000 };

static const char softcard[] =
    "#!/usr/bin/env python3\n"
    "import os, socket, sys, time\n"
    "if sys.argv[1] == 'make':\n"
    "    if 'unmakeable' in sys.argv[3]: sys.exit(1)\n"
    "    open(sys.argv[3], 'w').close()\n"
    "    sys.exit(0)\n"
    "if 'unserved' in sys.argv[2]: sys.exit(1)\n"
    "with open(os.path.dirname(sys.argv[2]) + '/seen', 'w') as f:\n"
    "    f.write('%d %d %s' % (os.getpid(), os.getuid(), ' '.join(sys.argv[7:])))\n"
    "s = socket.socket(socket.AF_UNIX)\n"
    "if os.path.exists(sys.argv[6]): os.unlink(sys.argv[6])\n"
    "s.bind(sys.argv[6])\n"
    "s.listen()\n"
    "time.sleep(600)\n";

static struct tempdir top, programs;
static struct layout layout;
static struct keeper *keeper;

static int enter(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    top = tempdir_make();
    programs = tempdir_make();
    layout = (struct layout){.dir = top.path, .lock_fd = -1, .watch_fd = -1};
    assert_int_equal(layout_make(&layout, NULL), 0);
    assert_int_equal(chmod(programs.path, 0755), 0);
    assert_int_equal(file_replace(tempdir_file(&programs, "jpki-softcard", path), 0755,
                                  bytes_text(softcard), NULL),
                     0);
    return keeper_fork(&layout, programs.path, &keeper, NULL);
}

static int leave(void **state)
{
    (void)state;
    keeper_free(keeper);
    keeper = NULL;
    tempdir_done(&programs);
    tempdir_done(&top);
    return 0;
}

struct seen {
    int pid;
    unsigned uid;
    char more[64];
};

static struct seen look_at(const char *persona)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct seen seen = {0};
    const char *words = NULL;

    assert_int_equal(path_format(&path, NULL, "%s/card/%s/seen", top.path, persona), 0);
    assert_int_equal(file_read(path, 256, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &words, NULL), 0);
    assert_int_equal(sscanf(words, "%d %u %63[^\n]", &seen.pid, &seen.uid, seen.more), 3);
    return seen;
}

static void await_end(int pid)
{
    int64_t deadline = monotonic_ms() + PATIENCE_MS;

    while (kill(pid, 0) == 0 && monotonic_ms() < deadline)
        (void)nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

static void nothing_but_a_name_and_a_place_is_taken(void **state)
{
    static const char *const names[] = {"..", "../x", "a/b", "Hanako", "a b", "a.b", ""};
    char longest[SANDBOX_PERSONA_NAME_MAX + 2];
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(keeper_take(keeper, names[i], 0, &err), -ERR_INPUT);
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(keeper_take(keeper, longest, 0, NULL), -ERR_INPUT);
    longest[SANDBOX_PERSONA_NAME_MAX] = '\0';
    assert_int_equal(keeper_take(keeper, longest, 0, NULL), 0);
    assert_int_equal(keeper_take(keeper, "hanako", KEEPER_PLACES, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "place"));
    assert_int_equal(keeper_take(keeper, "hanako", KEEPER_PLACES - 1, NULL), 0);
}

static void a_card_is_there_until_it_is_put_away(void **state)
{
    CLEANUP(free_text) char *peer = NULL;

    (void)state;
    assert_int_equal(keeper_take(keeper, "hanako", 1, NULL), 0);
    const struct seen seen = look_at("hanako");
    assert_int_equal(seen.uid, identity_uid(IDENTITY_CARD));
    assert_int_equal(path_format(&peer, NULL, "--peer %u", (unsigned)identity_uid(IDENTITY_PAGE)),
                     0);
    assert_string_equal(seen.more, peer);
    assert_int_equal(keeper_take(keeper, "taro", 1, NULL), -ERR_CONFLICT);
    assert_int_equal(keeper_take(keeper, "taro", 2, NULL), 0);
    keeper_put_away(keeper, 1);
    await_end(seen.pid);
    assert_int_equal(kill(look_at("taro").pid, 0), 0);
    assert_int_equal(keeper_take(keeper, "ichiro", 1, NULL), 0);
}

static void a_card_that_cannot_be_had_leaves_its_place_free(void **state)
{
    static const char *const names[] = {"unmakeable", "unserved"};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(keeper_take(keeper, names[i], 0, &err), -ERR_REMOTE);
        assert_non_null(strstr(err.text, "log/jpki-softcard-phone.log"));
    }
    assert_int_equal(keeper_take(keeper, "hanako", 0, NULL), 0);
}

static void cards_end_with_it(void **state)
{
    int pids[2];

    (void)state;
    assert_int_equal(keeper_take(keeper, "hanako", 0, NULL), 0);
    assert_int_equal(keeper_take(keeper, "taro", 4, NULL), 0);
    pids[0] = look_at("hanako").pid;
    pids[1] = look_at("taro").pid;
    keeper_free(keeper);
    keeper = NULL;
    await_end(pids[0]);
    await_end(pids[1]);
}

static void without_its_program_every_card_is_missing(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    assert_int_equal(unlink(tempdir_file(&programs, "jpki-softcard", path)), 0);
    assert_int_equal(keeper_take(keeper, "hanako", 0, NULL), -ERR_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_but_a_name_and_a_place_is_taken, enter, leave),
        cmocka_unit_test_setup_teardown(a_card_is_there_until_it_is_put_away, enter, leave),
        cmocka_unit_test_setup_teardown(a_card_that_cannot_be_had_leaves_its_place_free, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(cards_end_with_it, enter, leave),
        cmocka_unit_test_setup_teardown(without_its_program_every_card_is_missing, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
