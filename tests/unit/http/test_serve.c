/* SPDX-License-Identifier: Apache-2.0 */
/* The main loop of a daemon, with real signals. */
#include "base/daemon.h"
#include "base/file.h"
#include "http/server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

static int signal_fd = -1;

static int start(void **state)
{
    (void)state;
    return daemon_signals(&signal_fd, NULL);
}

static int stop(void **state)
{
    (void)state;
    fd_done(&signal_fd);
    return 0;
}

/* Counts its calls and asks for the end at the second. */
static int reload(void *context, struct err *err)
{
    int *calls = context;

    (void)err;
    *calls += 1;
    return kill(getpid(), *calls == 1 ? SIGHUP : SIGTERM);
}

static int reload_badly(void *context, struct err *err)
{
    (void)context;
    return FAIL(err, ERR_CONFLICT, "the new configuration does not fit");
}

static void a_failed_reload_ends_the_loop(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(kill(getpid(), SIGHUP), 0);
    assert_int_equal(http_serve(signal_fd, reload_badly, NULL, &err), -ERR_CONFLICT);
    assert_string_equal(err.text, "the new configuration does not fit");
}

static void each_sighup_reloads_and_sigterm_ends(void **state)
{
    int calls = 0;

    (void)state;
    assert_int_equal(kill(getpid(), SIGHUP), 0);
    assert_int_equal(http_serve(signal_fd, reload, &calls, NULL), 0);
    assert_int_equal(calls, 2);
}

static void without_a_reload_sighup_is_ignored(void **state)
{
    (void)state;
    assert_int_equal(kill(getpid(), SIGHUP), 0);
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    assert_int_equal(http_serve(signal_fd, NULL, NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_reload_ends_the_loop),
        cmocka_unit_test(each_sighup_reloads_and_sigterm_ends),
        cmocka_unit_test(without_a_reload_sighup_is_ignored),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
