/* SPDX-License-Identifier: Apache-2.0 */
#include "support/child.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { READ_SIZE = 65536, NO_PROGRAM = 127 };

struct pipes {
    int in[2], out[2], err[2];
};

static void close_fd(int *fd)
{
    fd_done(fd);
    *fd = -1;
}

static pid_t start(const char *const argv[], struct pipes *pipes)
{
    pid_t pid;

    if (pipe2(pipes->in, O_CLOEXEC) < 0 || pipe2(pipes->out, O_CLOEXEC) < 0 ||
        pipe2(pipes->err, O_CLOEXEC) < 0)
        fail_msg("cannot make pipes: errno %d", errno);
    pid = fork();
    if (pid < 0)
        fail_msg("cannot fork: errno %d", errno);
    if (pid == 0) {
        (void)dup2(pipes->in[0], STDIN_FILENO);
        (void)dup2(pipes->out[1], STDOUT_FILENO);
        (void)dup2(pipes->err[1], STDERR_FILENO);
        /* A group of its own, so that what it starts in turn can be killed with it. */
        (void)setpgid(0, 0);
        (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(NO_PROGRAM);
    }
    (void)setpgid(pid, pid);
    close_fd(&pipes->in[0]);
    close_fd(&pipes->out[1]);
    close_fd(&pipes->err[1]);
    (void)fcntl(pipes->in[1], F_SETFL, O_NONBLOCK);
    return pid;
}

/* Pass on what is there; the descriptor is closed at the end. */
static void take_output(int *fd, struct buf *to)
{
    uint8_t block[READ_SIZE];
    ssize_t got = read(*fd, block, sizeof block);

    if (got <= 0 || to->len > CHILD_OUTPUT_MAX)
        close_fd(fd);
    else if (buf_append(to, bytes_of(block, (size_t)got), NULL) < 0)
        fail_msg("out of memory");
}

/* A child that does not read its input is none of our trouble. */
static void give_input(int *fd, struct bytes *input)
{
    ssize_t put = input->len == 0 ? -1 : write(*fd, input->ptr, input->len);

    if (put > 0) {
        input->ptr += put;
        input->len -= (size_t)put;
    }
    if (input->len == 0 || (put < 0 && errno != EAGAIN))
        close_fd(fd);
}

/* Move bytes until both outputs are closed; false if the deadline came first. */
static bool converse(struct pipes *pipes, struct bytes input, struct child_result *result,
                     int64_t deadline_ms)
{
    while (pipes->out[0] >= 0 || pipes->err[0] >= 0) {
        struct pollfd wait[] = {
            {pipes->in[1], POLLOUT, 0}, {pipes->out[0], POLLIN, 0}, {pipes->err[0], POLLIN, 0}};
        int64_t left_ms = deadline_ms - monotonic_ms();

        if (left_ms <= 0)
            return false;
        if (poll(wait, sizeof wait / sizeof wait[0], (int)left_ms) < 0 && errno != EINTR)
            fail_msg("cannot poll: errno %d", errno);
        if (wait[0].revents != 0)
            give_input(&pipes->in[1], &input);
        if (wait[1].revents != 0)
            take_output(&pipes->out[0], &result->out);
        if (wait[2].revents != 0)
            take_output(&pipes->err[0], &result->err);
    }
    return true;
}

/* Wait for the end, which may come later than that of the outputs. */
static int wait_until(pid_t pid, int64_t deadline_ms, bool *timed_out)
{
    int status = 0;

    while (!*timed_out && waitpid(pid, &status, WNOHANG) == 0) {
        if (monotonic_ms() >= deadline_ms)
            *timed_out = true;
        else
            (void)poll(NULL, 0, 2);
    }
    if (*timed_out) {
        (void)kill(-pid, SIGKILL);
        (void)waitpid(pid, &status, 0);
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

struct child_result child_run(const char *const argv[], struct bytes input, int timeout_ms)
{
    struct child_result result = {0, false, BUF_INIT, BUF_INIT};
    struct pipes pipes;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    int64_t deadline_ms = monotonic_ms() + timeout_ms;
    pid_t pid = start(argv, &pipes);

    (void)sigaction(SIGPIPE, &ignore, &before);
    result.timed_out = !converse(&pipes, input, &result, deadline_ms);
    (void)sigaction(SIGPIPE, &before, NULL);
    result.exit_code = wait_until(pid, deadline_ms, &result.timed_out);
    close_fd(&pipes.in[1]);
    close_fd(&pipes.out[0]);
    close_fd(&pipes.err[0]);
    return result;
}

void child_result_done(struct child_result *result)
{
    buf_done(&result->out);
    buf_done(&result->err);
}
