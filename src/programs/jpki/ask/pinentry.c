/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conversation: a greeting, some lines of ours that say what to show, GETPIN, its answer. What
 * the pinentry says lies in locked memory only, because some of it is the PIN. The connection is a
 * socket, so that waiting for it can end.
 */
#include "programs/jpki/ask/pinentry.h"

#include "base/file.h"
#include "base/i18n.h"
#include "base/sock.h"
#include "programs/jpki/ask/assuan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINES_MAX = 100 }; /* of one answer */
/* libgpg-error: what a person's refusal looks like. */
enum { GPG_ERR_CANCELED = 99, GPG_ERR_FULLY_CANCELED = 198, GPG_ERR_TIMEOUT = 62 };

struct pinentry {
    int fd; /* -1: not connected */
    pid_t pid;
    const char *program;
    struct secret line; /* what it said last */
};

/* It ends by itself when its input ends; one that does not is ended. */
static void pinentry_done(struct pinentry *pinentry)
{
    fd_done(&pinentry->fd);
    if (pinentry->pid > 0) {
        for (int i = 0; i < 20 && waitpid(pinentry->pid, NULL, WNOHANG) == 0; i++) {
            if (i == 19 && kill(pinentry->pid, SIGKILL) == 0)
                (void)waitpid(pinentry->pid, NULL, 0);
            else
                (void)usleep(10 * 1000);
        }
    }
    secret_done(&pinentry->line);
}

/*
 * In the child: to be the program, which ends with us however we end, because one that waits for a
 * person does not look at its input. Otherwise the reason goes to report.
 */
__attribute__((noreturn)) static void become(const struct pinentry *pinentry, int child_fd,
                                             int report, pid_t parent)
{
    char *argv[] = {(char *)(uintptr_t)pinentry->program, NULL};
    const struct sigaction by_default = {.sa_handler = SIG_DFL};
    sigset_t none;

    errno = 0;
    (void)sigemptyset(&none);
    if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) == 0 && getppid() == parent &&
        dup2(child_fd, STDIN_FILENO) >= 0 && dup2(child_fd, STDOUT_FILENO) >= 0 &&
        sigaction(SIGPIPE, &by_default, NULL) == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0)
        (void)execvp(argv[0], argv);
    (void)!write(report, &errno, sizeof errno);
    _exit(EXIT_FAILURE);
}

/* 0 when the program runs, else why it does not. */
static int wait_for_start(int report)
{
    int reason = 0;
    ssize_t got;

    do
        got = read(report, &reason, sizeof reason);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof reason ? reason : 0;
}

static int fail_start(const struct pinentry *pinentry, enum err_kind kind, int reason,
                      struct err *err)
{
    return FAIL_WITH(err, kind, (uint32_t)reason, "cannot start the pinentry '%s': %s",
                     pinentry->program, strerror(reason));
}

static int spawn(struct pinentry *pinentry, int child_fd, struct err *err)
{
    CLEANUP(fd_done) int in = -1;
    CLEANUP(fd_done) int out = -1;
    pid_t parent = getpid();
    int ends[2], reason;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return fail_start(pinentry, ERR_SYSTEM, errno, err);
    in = ends[0];
    out = ends[1];
    pinentry->pid = fork();
    if (pinentry->pid < 0)
        return fail_start(pinentry, ERR_SYSTEM, errno, err);
    if (pinentry->pid == 0)
        become(pinentry, child_fd, out, parent);
    fd_done(&out);
    reason = wait_for_start(in);
    if (reason != 0)
        return fail_start(pinentry, ERR_USAGE, reason, err);
    return 0;
}

static int start(struct pinentry *pinentry, struct err *err)
{
    CLEANUP(fd_done) int child = -1;
    int ends[2];

    TRY(secret_new(ASSUAN_LINE_MAX + 1, &pinentry->line, err));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return FAIL_ERRNO(err, "cannot make a connection to the pinentry");
    pinentry->fd = ends[0];
    child = ends[1];
    TRY(spawn(pinentry, child, err));
    return sock_timeout(pinentry->fd, PINENTRY_ANSWER_MS, err);
}

static int fail_protocol(const struct pinentry *pinentry, struct err *err, const char *what)
{
    return FAIL(err, ERR_REMOTE, "the pinentry '%s' %s; nothing was sent to the card",
                pinentry->program, err_message(what));
}

/* One line without its line feed into pinentry->line. */
static int read_line(struct pinentry *pinentry, size_t *ret_len, struct err *err)
{
    for (size_t len = 0; len < pinentry->line.len; len++) {
        struct err why = {0};
        int rc = sock_read_exact(pinentry->fd, pinentry->line.ptr + len, 1, &why);

        if (rc < 0 && why.detail == EAGAIN)
            return fail_protocol(pinentry, err, N_("does not answer"));
        if (rc < 0)
            return fail_protocol(pinentry, err, N_("ended without an answer"));
        if (pinentry->line.ptr[len] == '\n') {
            *ret_len = len;
            return 0;
        }
    }
    return fail_protocol(pinentry, err, N_("does not speak the Assuan protocol"));
}

static int write_line(struct pinentry *pinentry, const char *text, struct err *err)
{
    if (sock_write_all(pinentry->fd, bytes_text(text), NULL) < 0 ||
        sock_write_all(pinentry->fd, BYTES_LITERAL("\n"), NULL) < 0)
        return fail_protocol(pinentry, err, N_("ended without an answer"));
    return 0;
}

static int fail_said(const struct pinentry *pinentry, unsigned code, struct err *err)
{
    if (code == GPG_ERR_CANCELED || code == GPG_ERR_FULLY_CANCELED)
        return FAIL(err, ERR_DENIED, "given up; nothing was sent to the card");
    if (code == GPG_ERR_TIMEOUT)
        return FAIL(err, ERR_DENIED, "nobody typed the PIN in time; nothing was sent to the card");
    return FAIL_WITH(err, ERR_REMOTE, code,
                     "the pinentry '%s' failed with error %u; nothing was sent to the card",
                     pinentry->program, code);
}

/* What was said up to OK: data goes to *data (NULL: none is expected) and counts in *len. */
static int read_answer(struct pinentry *pinentry, struct secret *data, size_t *len, struct err *err)
{
    for (int i = 0; i < LINES_MAX; i++) {
        struct assuan_line said;
        size_t line_len;

        TRY(read_line(pinentry, &line_len, err));
        if (assuan_parse(bytes_of(pinentry->line.ptr, line_len), &said, NULL) < 0)
            break;
        if (said.kind == ASSUAN_OK)
            return 0;
        if (said.kind == ASSUAN_ERR)
            return fail_said(pinentry, said.error_code, err);
        if (said.kind == ASSUAN_INQUIRE)
            TRY(write_line(pinentry, "CAN", err));
        if (said.kind == ASSUAN_DATA && data != NULL) {
            int rc = assuan_decode(said.rest, data, len, err);

            if (rc != -ERR_INPUT)
                TRY(rc);
            else
                break;
        }
    }
    return fail_protocol(pinentry, err, N_("does not speak the Assuan protocol"));
}

/* Tell it something; text NULL: not at all. What is_needed is false may not be known to it. */
static int tell(struct pinentry *pinentry, const char *command, const char *text, bool is_needed,
                struct err *err)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    struct err why = {0};
    const char *whole;
    int rc;

    if (text == NULL)
        return 0;
    TRY(buf_append_text(&line, command, err));
    TRY(assuan_append(&line, text, err));
    TRY(buf_text(&line, &whole, err));
    TRY(write_line(pinentry, whole, err));
    rc = read_answer(pinentry, NULL, NULL, &why);
    if (rc < 0 && (is_needed || why.detail == 0))
        return err_copy(err, &why);
    return 0;
}

/* Where it may ask, for those that have no window; its own surroundings say the rest. */
static int tell_terminal(struct pinentry *pinentry, struct err *err)
{
    char name[128];
    int fd = isatty(STDIN_FILENO) == 1 ? STDIN_FILENO : STDERR_FILENO;

    if (ttyname_r(fd, name, sizeof name) != 0)
        return 0;
    TRY(tell(pinentry, "OPTION ttyname=", name, false, err));
    TRY(tell(pinentry, "OPTION ttytype=", secure_getenv("TERM"), false, err));
    return tell(pinentry, "OPTION lc-ctype=", secure_getenv("LC_ALL"), false, err);
}

int pinentry_ask(const struct pinentry_question *question, struct secret *line, size_t *ret_len,
                 struct err *err)
{
    CLEANUP(pinentry_done)
    struct pinentry pinentry = {.fd = -1, .line = SECRET_INIT, .program = question->program};
    size_t len = 0;

    if (pinentry.program[0] == '\0')
        pinentry.program = "pinentry";
    TRY(start(&pinentry, err));
    TRY(read_answer(&pinentry, NULL, NULL, err));
    TRY(tell_terminal(&pinentry, err));
    TRY(tell(&pinentry, "SETTITLE ", "OpenJPKI", false, err));
    /* Whoever asks may not go unnamed because the line was too long for it. */
    TRY(tell(&pinentry, "SETDESC ", question->description, true, err));
    TRY(tell(&pinentry, "SETPROMPT ", question->prompt, true, err));
    TRY(tell(&pinentry, "SETERROR ", question->error, false, err));
    TRY(write_line(&pinentry, "GETPIN", err));
    TRY(sock_timeout(pinentry.fd, PINENTRY_PERSON_MS, err));
    TRY(read_answer(&pinentry, line, &len, err));
    *ret_len = len;
    return 0; /* it ends with its connection */
}
