/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal is read key by key, without echo and without its own signal keys, so that nothing
 * but our own code decides how the prompt ends: the settings are put back on every way out.
 * A signal that would end the process ends the question instead: it is held back, seen by poll(2)
 * through a descriptor that nobody reads, and has its effect when the settings are as they were.
 */
#include "programs/terminal.h"

#include "base/file.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

struct terminal {
    int fd;     /* -1: none */
    int ending; /* readable when a signal waits; -1: none */
    struct termios settings;
    sigset_t signals;
};

static void terminal_done(struct terminal *terminal)
{
    if (terminal->fd < 0)
        return;
    (void)tcsetattr(terminal->fd, TCSAFLUSH, &terminal->settings);
    fd_done(&terminal->fd);
    fd_done(&terminal->ending);
    (void)sigprocmask(SIG_SETMASK, &terminal->signals, NULL);
}

/* Those that are ignored, as under nohup(1), end nothing and would be held back all the same. */
static void signals_that_end(sigset_t *ret)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

    (void)sigemptyset(ret);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct sigaction action;

        if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            (void)sigaddset(ret, signals[i]);
    }
}

static int terminal_open(struct terminal *ret, struct err *err)
{
    CLEANUP(fd_done) int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    CLEANUP(fd_done) int ending = -1;
    struct termios quiet;
    sigset_t waiting;

    if (fd < 0 || tcgetattr(fd, &ret->settings) < 0)
        return FAIL(err, ERR_USAGE, "there is no terminal to ask on");
    quiet = ret->settings;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    signals_that_end(&waiting);
    ending = signalfd(-1, &waiting, SFD_CLOEXEC | SFD_NONBLOCK);
    if (ending < 0 || sigprocmask(SIG_BLOCK, &waiting, &ret->signals) < 0)
        return FAIL_ERRNO(err, "cannot hold signals back");
    ret->fd = fd;
    ret->ending = ending;
    fd = ending = -1;
    if (tcsetattr(ret->fd, TCSAFLUSH, &quiet) < 0)
        return FAIL_ERRNO(err, "cannot turn off the terminal's echo");
    return 0;
}

static int read_byte(int fd, uint8_t *ret, struct err *err)
{
    ssize_t got;

    do
        got = read(fd, ret, 1);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EBADF ? FAIL(err, ERR_USAGE, "descriptor %d is not open", fd)
                              : FAIL_ERRNO(err, "cannot read what is typed");
    return got == 0 ? FAIL(err, ERR_ABSENT, "the input ended") : 0;
}

/* What a key does to the line: ends it, gives up, or changes it. */
enum key { KEY_TEXT, KEY_ENTER, KEY_GIVE_UP, KEY_ERASE, KEY_ERASE_ALL };

static enum key key_of(uint8_t byte)
{
    switch (byte) {
    case '\r':
    case '\n':
        return KEY_ENTER;
    case 0x03: /* Ctrl-C */
    case 0x04: /* Ctrl-D */
    case 0x1c: /* Ctrl-\ */
        return KEY_GIVE_UP;
    case 0x08:
    case 0x7f:
        return KEY_ERASE;
    case 0x15: /* Ctrl-U */
        return KEY_ERASE_ALL;
    default:
        return KEY_TEXT;
    }
}

static int fail_too_long(const struct secret *line, struct err *err)
{
    return FAIL(err, ERR_INPUT, "more than %zu characters were typed", line->len);
}

/* The next key; ERR_ABSENT if none comes any more, because the terminal or the process ends. */
static int read_key(const struct terminal *terminal, uint8_t *ret, struct err *err)
{
    struct pollfd waits[] = {{.fd = terminal->fd, .events = POLLIN},
                             {.fd = terminal->ending, .events = POLLIN}};

    while (poll(waits, 2, -1) < 0)
        if (errno != EINTR)
            return FAIL_ERRNO(err, "cannot read what is typed");
    if (waits[1].revents != 0)
        return FAIL(err, ERR_ABSENT, "the input ended");
    return read_byte(terminal->fd, ret, err);
}

static int type_line(const struct terminal *terminal, struct secret *line, size_t *ret_len,
                     struct err *err)
{
    size_t len = 0;

    for (;;) {
        uint8_t byte;
        int rc = read_key(terminal, &byte, err);
        enum key key = rc < 0 ? KEY_GIVE_UP : key_of(byte);

        if (rc < 0 && rc != -ERR_ABSENT)
            return rc;
        if (key == KEY_GIVE_UP)
            return FAIL_WITH(err, ERR_DENIED, ECANCELED, "given up");
        if (key == KEY_ENTER)
            break;
        if (key == KEY_TEXT && len == line->len)
            return fail_too_long(line, err);
        if (key == KEY_TEXT)
            line->ptr[len++] = byte;
        else
            len = key == KEY_ERASE && len > 0 ? len - 1 : 0;
    }
    *ret_len = len;
    return 0;
}

int terminal_ask(const char *prompt, struct secret *line, size_t *ret_len, struct err *err)
{
    CLEANUP(terminal_done) struct terminal terminal = {.fd = -1, .ending = -1};
    int rc;

    TRY(terminal_open(&terminal, err));
    (void)dprintf(terminal.fd, "%s: ", prompt);
    rc = type_line(&terminal, line, ret_len, err);
    (void)dprintf(terminal.fd, "\n");
    return rc;
}

/* A carriage return before the line feed is no part of it. */
int descriptor_read(int fd, struct secret *line, size_t *ret_len, struct err *err)
{
    size_t len = 0;

    for (;;) {
        uint8_t byte;
        int rc = read_byte(fd, &byte, err);

        if (rc == -ERR_ABSENT || (rc == 0 && byte == '\n'))
            break;
        TRY(rc);
        if (len == line->len)
            return fail_too_long(line, err);
        line->ptr[len++] = byte;
    }
    if (len > 0 && line->ptr[len - 1] == '\r')
        len--;
    *ret_len = len;
    return 0;
}

static int check_line(struct bytes line, struct err *err)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] < 0x20 || line.ptr[i] == 0x7f)
            return FAIL(err, ERR_INPUT, "control characters were typed");
    return utf8_is_valid(line) ? 0 : FAIL(err, ERR_INPUT, "what was typed is not UTF-8");
}

int terminal_line(const char *prompt, struct buf *ret, struct err *err)
{
    CLEANUP(fd_done) int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    CLEANUP(buf_done) struct buf line = BUF_INIT;

    if (fd < 0)
        return FAIL(err, ERR_USAGE, "there is no terminal to ask on");
    (void)dprintf(fd, "%s: ", prompt);
    for (;;) {
        uint8_t byte;
        int rc = read_byte(fd, &byte, err);

        if (rc == -ERR_ABSENT)
            return FAIL_WITH(err, ERR_DENIED, ECANCELED, "given up");
        TRY(rc);
        if (byte == '\n')
            break;
        if (line.len == TERMINAL_LINE_MAX)
            return FAIL(err, ERR_INPUT, "more than %d characters were typed", TERMINAL_LINE_MAX);
        TRY(buf_append_byte(&line, byte, err));
    }
    TRY(check_line(buf_bytes(&line), err));
    buf_move(ret, &line);
    return 0;
}
