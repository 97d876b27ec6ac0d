/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/process.h"

#include "base/clock.h"
#include "base/file.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/openjpki-test-process-XXXXXX";
static char log_path[64];

static int enter(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(log_path, sizeof log_path, "%s/log", dir);
    return chmod(dir, 0755);
}

static int leave(void **state)
{
    (void)state;
    (void)unlink(log_path);
    return rmdir(dir);
}

/* Runs "sh -c script" to its end and gives back what it wrote. */
static void run_shell(const char *script, enum identity identity, struct buf *ret)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    struct process process = {
        .argv = argv, .directory = "/", .log_path = log_path, .identity = identity};
    struct err err = {0};
    pid_t pid = 0;
    int status = -1;

    (void)unlink(log_path);
    if (process_start(&process, &pid, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(file_read(log_path, 4096, ret, NULL), 0);
}

static void sleep_10ms(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
}

static void wait_for_output(void)
{
    struct stat st = {0};

    for (int tries = 0; tries < 1000 && st.st_size == 0; tries++) {
        sleep_10ms();
        assert_int_equal(stat(log_path, &st), 0);
    }
    assert_int_not_equal(st.st_size, 0);
}

static void a_program_that_does_not_exist_is_named(void **state)
{
    const char *const argv[] = {"/nonexistent/jpki-nothing", NULL};
    struct process process = {.argv = argv, .directory = "/", .log_path = log_path};
    struct err err = {0};
    pid_t pid = -7;

    (void)state;
    assert_int_equal(process_start(&process, &pid, &err), -ERR_SYSTEM);
    assert_non_null(strstr(err.text, "/nonexistent/jpki-nothing"));
    assert_int_equal(pid, -7);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void a_log_that_cannot_be_opened_is_named(void **state)
{
    const char *const argv[] = {"/bin/true", NULL};
    struct process process = {
        .argv = argv, .directory = "/", .log_path = "/nonexistent/directory/log"};
    struct err err = {0};
    pid_t pid = 0;

    (void)state;
    assert_int_equal(process_start(&process, &pid, &err), -ERR_SYSTEM);
    assert_non_null(strstr(err.text, "/nonexistent/directory/log"));
}

static void output_goes_to_the_log_and_input_is_empty(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    run_shell("cat; echo out; echo err >&2", IDENTITY_OWNER, &text);
    assert_true(bytes_equal(buf_bytes(&text), BYTES_LITERAL("out\nerr\n")));
}

static void a_trace_of_our_own_is_not_handed_on(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    assert_int_equal(setenv("JPKI_TRACE", "/nonexistent/ours", 1), 0);
    run_shell("echo \"trace ${JPKI_TRACE-unset}\"", IDENTITY_OWNER, &text);
    assert_true(bytes_equal(buf_bytes(&text), BYTES_LITERAL("trace unset\n")));
    assert_int_equal(unsetenv("JPKI_TRACE"), 0);
}

static void a_program_finds_its_trace_made_for_itself_alone(void **state)
{
    const char *const argv[] = {"/bin/sh", "-c", "echo step >> \"$JPKI_TRACE\"", NULL};
    char trace_path[sizeof dir + 8];
    struct process process = {.argv = argv,
                              .directory = "/",
                              .log_path = log_path,
                              .trace_path = trace_path,
                              .identity = IDENTITY_CARD};
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct stat st;
    int status = -1;
    pid_t pid = 0;

    (void)state;
    (void)snprintf(trace_path, sizeof trace_path, "%s/trace", dir);
    assert_int_equal(process_start(&process, &pid, NULL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(stat(trace_path, &st), 0);
    assert_int_equal(st.st_mode & 07777, identities_are_separate() ? 0640 : 0600);
    assert_int_equal(st.st_uid, identity_uid(IDENTITY_CARD));
    assert_int_equal(st.st_gid, identity_group_of_page());
    assert_int_equal(file_read(trace_path, 4096, &text, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&text), BYTES_LITERAL("step\n")));
    assert_int_equal(unlink(trace_path), 0);
}

static void signals_we_block_or_ignore_are_as_new_for_the_program(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t term;

    (void)state;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    assert_int_equal(sigprocmask(SIG_BLOCK, &term, NULL), 0);
    assert_int_equal(sigaction(SIGPIPE, &ignore, NULL), 0);
    run_shell("grep -E '^Sig(Blk|Ign)' /proc/self/status", IDENTITY_OWNER, &text);
    assert_true(bytes_equal(buf_bytes(&text), BYTES_LITERAL("SigBlk:\t0000000000000000\n"
                                                            "SigIgn:\t0000000000000000\n")));
    assert_int_equal(sigprocmask(SIG_UNBLOCK, &term, NULL), 0);
}

static void as_root_each_program_has_a_user_of_its_own_and_one_group(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    if (!identities_are_separate())
        skip();
    run_shell("id -u; id -G", IDENTITY_SIGNER_CA, &text);
    assert_true(bytes_equal(buf_bytes(&text), BYTES_LITERAL("64101\n64101 64100\n")));
    assert_int_not_equal(identity_uid(IDENTITY_AUTHORITY), identity_uid(IDENTITY_REGISTER));
}

static void a_program_that_ignores_sigterm_is_killed_after_the_time(void **state)
{
    const char *const argv[] = {"/bin/sh", "-c",
                                "trap '' TERM; echo set; while :; do sleep 9; done", NULL};
    struct process process = {.argv = argv, .directory = "/", .log_path = log_path};
    pid_t pid = 0;

    (void)state;
    (void)unlink(log_path);
    assert_int_equal(process_start(&process, &pid, NULL), 0);
    wait_for_output();
    int64_t before = monotonic_ms();
    process_stop(pid, 200);
    assert_in_range(monotonic_ms() - before, 190, 30000);
    assert_int_equal(kill(pid, 0), -1);
}

static void a_program_dies_with_the_process_that_started_it(void **state)
{
    const char *const argv[] = {"/bin/sleep", "600", NULL};
    struct process process = {
        .argv = argv, .directory = "/", .log_path = log_path, .identity = IDENTITY_CARD};
    int ends[2];
    pid_t sleeper = 0;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid_t supervisor = fork();
    if (supervisor == 0) {
        if (process_start(&process, &sleeper, NULL) < 0 ||
            write(ends[1], &sleeper, sizeof sleeper) < 0)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ends[0], &sleeper, sizeof sleeper), (int)sizeof sleeper);
    assert_int_equal(kill(sleeper, 0), 0);
    assert_int_equal(kill(supervisor, SIGKILL), 0);
    assert_int_equal(waitpid(supervisor, NULL, 0), supervisor);
    bool is_gone = false;
    for (int tries = 0; tries < 1000 && !is_gone; tries++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        char path[64];
        sleep_10ms();
        snprintf(path, sizeof path, "/proc/%d/cmdline", (int)sleeper);
        /* Gone, or a zombie whose new parent has not looked yet. */
        is_gone = file_read(path, 4096, &text, NULL) < 0 || text.len == 0;
    }
    assert_true(is_gone);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void an_ending_is_told_in_words(void **state)
{
    char text[PROCESS_ENDING_SIZE];

    (void)state;
    process_ending(W_EXITCODE(3, 0), text);
    assert_string_equal(text, "ended with status 3");
    process_ending(W_EXITCODE(0, SIGKILL), text);
    assert_string_equal(text, "killed by signal 9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_that_does_not_exist_is_named),
        cmocka_unit_test(a_log_that_cannot_be_opened_is_named),
        cmocka_unit_test(output_goes_to_the_log_and_input_is_empty),
        cmocka_unit_test(a_trace_of_our_own_is_not_handed_on),
        cmocka_unit_test(a_program_finds_its_trace_made_for_itself_alone),
        cmocka_unit_test(signals_we_block_or_ignore_are_as_new_for_the_program),
        cmocka_unit_test(as_root_each_program_has_a_user_of_its_own_and_one_group),
        cmocka_unit_test(a_program_that_ignores_sigterm_is_killed_after_the_time),
        cmocka_unit_test(a_program_dies_with_the_process_that_started_it),
        cmocka_unit_test(an_ending_is_told_in_words),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
