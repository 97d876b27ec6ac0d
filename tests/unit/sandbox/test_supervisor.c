/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/supervisor.h"

#include "base/clock.h"
#include "base/file.h"
#include "sandbox/limits.h"
#include "sandbox/timing.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/openjpki-test-supervisor-XXXXXX";
static char log_path[64];
static struct supervisor *sup;
static unsigned changes;
static unsigned stop_after_changes;
static bool is_unwanted;

static void changed(void *context)
{
    (void)context;
    if (++changes == stop_after_changes)
        (void)raise(SIGTERM);
}

static bool is_wanted(void *context)
{
    (void)context;
    return !is_unwanted;
}

static int enter(void **state)
{
    struct err err = {0};

    (void)state;
    changes = 0;
    stop_after_changes = 0;
    is_unwanted = false;
    snprintf(log_path, sizeof log_path, "%s/log", dir);
    return supervisor_new(&(struct supervisor_hooks){.changed = changed, .is_wanted = is_wanted},
                          &sup, &err);
}

static int leave(void **state)
{
    (void)state;
    supervisor_freep(&sup);
    (void)unlink(log_path);
    return 0;
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) == NULL ? -1 : 0;
}

static int remove_dir(void **state)
{
    (void)state;
    return rmdir(dir);
}

static struct program shell(const char *name, const char *const argv[])
{
    return (struct program){
        .name = name,
        .process = {.argv = argv, .directory = "/", .log_path = log_path},
    };
}

static const char *const sleeper[] = {"/bin/sleep", "600", NULL};
static const char *const failing[] = {"/bin/sh", "-c", "exit 3", NULL};

static void a_program_that_ends_before_it_is_ready_is_reported_with_its_log(void **state)
{
    struct program program = shell("jpki-fails", failing);
    struct err err = {0};

    (void)state;
    program.probe = PROBE_SOCKET;
    program.socket = "/nonexistent/socket";
    assert_int_equal(supervisor_start(sup, &program, &err), -ERR_REMOTE);
    assert_non_null(strstr(err.text, "jpki-fails ended with status 3"));
    assert_non_null(strstr(err.text, log_path));
    assert_null(strstr(err.text, "file system")); /* there is room: it is not blamed */
    assert_int_equal(supervisor_count(sup), 0);
}

static void a_command_that_fails_or_cannot_be_started_is_a_failure(void **state)
{
    static const char *const missing[] = {"/nonexistent/program", NULL};
    static const char *const fine[] = {"/bin/true", NULL};
    struct process process = shell("", failing).process;
    struct err err = {0};

    (void)state;
    assert_int_equal(supervisor_run(sup, &process, &err), -ERR_REMOTE);
    assert_non_null(strstr(err.text, "status 3"));
    process.argv = missing;
    assert_int_equal(supervisor_run(sup, &process, &err), -ERR_SYSTEM);
    process.argv = fine;
    assert_int_equal(supervisor_run(sup, &process, &err), 0);
}

static void one_program_more_than_fit_is_refused(void **state)
{
    struct program program = shell("sleep", sleeper);

    (void)state;
    for (int i = 0; i < SANDBOX_PROGRAMS_MAX; i++)
        assert_int_equal(supervisor_start(sup, &program, NULL), 0);
    assert_int_equal(supervisor_start(sup, &program, NULL), -ERR_USAGE);
    assert_int_equal(supervisor_count(sup), SANDBOX_PROGRAMS_MAX);
}

static void a_signal_interrupts_a_command_and_every_later_start(void **state)
{
    struct program program = shell("sleep", sleeper);
    struct err err = {0};

    (void)state;
    assert_int_equal(raise(SIGTERM), 0);
    int64_t before = monotonic_ms();
    assert_int_equal(supervisor_run(sup, &program.process, &err), -ERR_CONFLICT);
    assert_true(monotonic_ms() - before < COMMAND_MS / 2);
    assert_int_equal(supervisor_start(sup, &program, &err), -ERR_CONFLICT);
}

static void what_is_no_longer_wanted_stops_by_itself(void **state)
{
    struct program program = shell("sleep", sleeper);
    enum supervisor_event event = SUPERVISOR_RELOAD;

    (void)state;
    assert_int_equal(supervisor_start(sup, &program, NULL), 0);
    is_unwanted = true;
    assert_int_equal(supervisor_wait(sup, &event, NULL), 0);
    assert_int_equal(event, SUPERVISOR_STOP);
}

static void a_killed_program_is_started_again_and_that_is_reported(void **state)
{
    struct program program = shell("sleep", sleeper);
    enum supervisor_event event = SUPERVISOR_RELOAD;
    struct program_status status;

    (void)state;
    assert_int_equal(supervisor_start(sup, &program, NULL), 0);
    pid_t first = supervisor_status(sup, 0).pid;
    stop_after_changes = 2; /* it died; it was started */
    assert_int_equal(kill(first, SIGKILL), 0);
    assert_int_equal(supervisor_wait(sup, &event, NULL), 0);
    assert_int_equal(event, SUPERVISOR_STOP);
    status = supervisor_status(sup, 0);
    assert_int_equal(status.state, PROGRAM_RUNNING);
    assert_int_equal(status.restarts, 1);
    assert_int_not_equal(status.pid, first);
    assert_int_equal(kill(status.pid, 0), 0);
    assert_string_equal(status.last_ending, "killed by signal 9");
}

static void a_program_that_keeps_dying_is_given_up_after_growing_pauses(void **state)
{
    struct program program = shell("jpki-fails", failing);
    enum supervisor_event event = SUPERVISOR_RELOAD;
    struct program_status status;

    (void)state;
    assert_int_equal(supervisor_start(sup, &program, NULL), 0);
    stop_after_changes = 2 * SANDBOX_DEATHS_MAX - 1;
    int64_t before = monotonic_ms();
    assert_int_equal(supervisor_wait(sup, &event, NULL), 0);
    /* 100, 200, 400, 800 ms */
    assert_true(monotonic_ms() - before >= 15 * BACKOFF_FIRST_MS);
    status = supervisor_status(sup, 0);
    assert_int_equal(status.state, PROGRAM_FAILED);
    assert_int_equal(status.restarts, SANDBOX_DEATHS_MAX - 1);
    assert_int_equal(status.pid, 0);
    assert_string_equal(program_state_name(status.state), "failed");
}

static void what_was_started_last_is_stopped_first(void **state)
{
    static const char *const first[] = {
        "/bin/sh", "-c", "trap 'echo first >>$0; exit' TERM; echo up; while :; do sleep 0.05; done",
        "", NULL};
    char script_log[96];
    const char *argv_a[] = {first[0], first[1], first[2], script_log, NULL};
    const char *argv_b[] = {
        first[0], first[1],
        "trap 'sleep 0.2; echo second >>$0; exit' TERM; echo up; while :; do sleep 0.05; done",
        script_log, NULL};
    struct program a = shell("a", argv_a);
    struct program b = shell("b", argv_b);
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    snprintf(script_log, sizeof script_log, "%s/order", dir);
    assert_int_equal(supervisor_start(sup, &a, NULL), 0);
    assert_int_equal(supervisor_start(sup, &b, NULL), 0);
    for (int tries = 0; tries < 1000 && text.len < strlen("up\nup\n"); tries++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
        buf_clear(&text);
        (void)(file_read(log_path, 100, &text, NULL) < 0);
    }
    supervisor_stop_all(sup);
    buf_done(&text);
    assert_int_equal(file_read(script_log, 100, &text, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&text), BYTES_LITERAL("second\nfirst\n")));
    (void)unlink(script_log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_program_that_ends_before_it_is_ready_is_reported_with_its_log, enter, leave),
        cmocka_unit_test_setup_teardown(a_command_that_fails_or_cannot_be_started_is_a_failure,
                                        enter, leave),
        cmocka_unit_test_setup_teardown(one_program_more_than_fit_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(a_signal_interrupts_a_command_and_every_later_start, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(what_is_no_longer_wanted_stops_by_itself, enter, leave),
        cmocka_unit_test_setup_teardown(a_killed_program_is_started_again_and_that_is_reported,
                                        enter, leave),
        cmocka_unit_test_setup_teardown(a_program_that_keeps_dying_is_given_up_after_growing_pauses,
                                        enter, leave),
        cmocka_unit_test_setup_teardown(what_was_started_last_is_stopped_first, enter, leave),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
