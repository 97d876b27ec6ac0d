/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question, one answer, over a socket pair that keeps messages apart. What the page says is not
 * believed: after the fork it is what attackers may have got hold of. An answer is a struct err, as
 * in process.c: both sides are one program.
 */
#include "sandbox/keeper.h"

#include "base/clock.h"
#include "base/file.h"
#include "sandbox/builds.h"
#include "sandbox/limits.h"
#include "sandbox/persona.h"
#include "sandbox/probe.h"
#include "sandbox/process.h"
#include "sandbox/setup_parts.h"
#include "sandbox/timing.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 20 };

static const char log_name[] = "log/jpki-softcard-phone.log";

struct question {
    unsigned place;
    char persona[SANDBOX_PERSONA_NAME_MAX + 1]; /* "": put it away */
};

/* The page's side. */
struct keeper {
    pthread_mutex_t lock; /* one question at a time */
    int fd;
    pid_t pid;
};

/* The other side. */
struct shelf {
    const struct layout *layout;
    char *program;
    uid_t peer;                 /* the page's user */
    pid_t cards[KEEPER_PLACES]; /* 0: none */
};

static int start(const struct shelf *shelf, const char *const *words, pid_t *ret, struct err *err)
{
    const char *argv[12] = {shelf->program};
    /* Its output is ours, which is the log. */
    const struct process process = {
        .argv = argv, .directory = shelf->layout->dir, .identity = IDENTITY_CARD};

    for (size_t i = 0; words[i] != NULL; i++)
        argv[i + 1] = words[i];
    return process_start(&process, ret, err);
}

static int make_card(const struct shelf *shelf, const char *card, struct err *err)
{
    const char *const words[] = {"make", "--output", card, NULL};
    int status = 0;
    pid_t pid = 0;

    if (setup_exists(card))
        return 0;
    TRY(start(shelf, words, &pid, err));
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return FAIL(err, ERR_REMOTE, "a card could not be made: see %s", log_name);
    return 0;
}

static int await_card(pid_t pid, const char *control, struct err *err)
{
    int64_t deadline = monotonic_ms() + READY_MS;

    while (!probe_is_ready(PROBE_SOCKET, control)) {
        if (waitpid(pid, NULL, WNOHANG) == pid || monotonic_ms() > deadline)
            return FAIL(err, ERR_REMOTE, "the card could not be taken: see %s", log_name);
        (void)poll(NULL, 0, LOOK_EVERY_MS);
    }
    return 0;
}

static int serve(struct shelf *shelf, const struct question *question, struct err *err)
{
    const char *dir = shelf->layout->dir;
    CLEANUP(free_text) char *folder = NULL;
    CLEANUP(free_text) char *card = NULL;
    CLEANUP(free_text) char *direct = NULL;
    CLEANUP(free_text) char *control = NULL;
    CLEANUP(free_text) char *peer = NULL;

    TRY(path_format(&folder, err, "%s/card/%s", dir, question->persona));
    TRY(path_format(&card, err, "%s/card", folder));
    TRY(path_format(&direct, err, "%s/phone/%u.direct", dir, question->place));
    TRY(path_format(&control, err, "%s/phone/%u.control", dir, question->place));
    TRY(path_format(&peer, err, "%u", (unsigned)shelf->peer));
    TRY(setup_make_owned(folder, IDENTITY_CARD, err));
    TRY(make_card(shelf, card, err));
    const char *const words[] = {"serve", card,     "--direct", direct, "--control",
                                 control, "--peer", peer,       NULL};
    TRY(start(shelf, words, &shelf->cards[question->place], err));
    return await_card(shelf->cards[question->place], control, err);
}

static void put_away(struct shelf *shelf, unsigned place)
{
    process_stop(shelf->cards[place], STOP_MS);
    shelf->cards[place] = 0;
}

static int answer(struct shelf *shelf, const struct question *question, struct err *err)
{
    size_t len = strnlen(question->persona, sizeof question->persona);
    int rc;

    if (question->place >= KEEPER_PLACES)
        return FAIL(err, ERR_INPUT, "there is no such place");
    if (len == 0) {
        put_away(shelf, question->place);
        return 0;
    }
    if (len == sizeof question->persona || !persona_is_name(question->persona))
        return FAIL(err, ERR_INPUT, "this is not the name of a persona");
    if (shelf->cards[question->place] != 0)
        return FAIL(err, ERR_CONFLICT, "this place has a card already");
    rc = serve(shelf, question, err);
    if (rc < 0)
        put_away(shelf, question->place);
    return rc;
}

/* Until the page has gone. */
static void keep(struct shelf *shelf, int fd)
{
    struct err told = {.kind = ERR_NONE}; /* that we are there */
    struct question question;
    ssize_t got;

    while (send(fd, &told, sizeof told, MSG_NOSIGNAL) == (ssize_t)sizeof told) {
        do
            got = recv(fd, &question, sizeof question, MSG_TRUNC);
        while (got < 0 && errno == EINTR);
        if (got <= 0)
            break;
        if (got != (ssize_t)sizeof question)
            (void)FAIL(&told, ERR_INPUT, "this is no question");
        else if (answer(shelf, &question, &told) == 0)
            told = (struct err){.kind = ERR_NONE};
    }
    for (unsigned place = 0; place < KEEPER_PLACES; place++)
        put_away(shelf, place);
}

/* Nothing of the page's is left open but the log, the null device and the pair. */
static int settle(struct shelf *shelf, const char *bin_dir, int fd, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(build_path(bin_dir, "jpki-softcard", &shelf->program, err));
    TRY(layout_path(shelf->layout, log_name, &path, err));
    int log = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
        return FAIL_ERRNO(err, "cannot open the log %s", path);
    if (close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0) < 0 ||
        close_range((unsigned)fd + 1, ~0U, 0) < 0)
        return FAIL_ERRNO(err, "close_range");
    return identity_assume(IDENTITY_CARD, err);
}

static void child(const struct layout *layout, const char *bin_dir, int fd)
{
    struct shelf shelf = {.layout = layout, .peer = identity_uid(IDENTITY_PAGE)};
    struct err err = {.kind = ERR_NONE};

    if (settle(&shelf, bin_dir, fd, &err) < 0) {
        (void)!send(fd, &err, sizeof err, MSG_NOSIGNAL);
        _exit(1);
    }
    keep(&shelf, fd);
    _exit(0);
}

static int hear(const struct keeper *keeper, struct err *err)
{
    struct err told;
    ssize_t got;

    do
        got = recv(keeper->fd, &told, sizeof told, 0);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof told)
        return FAIL(err, ERR_REMOTE, "whoever has the cards has gone");
    return told.kind == ERR_NONE ? 0 : err_copy(err, &told);
}

static int ask(struct keeper *keeper, const struct question *question, struct err *err)
{
    int rc;

    (void)pthread_mutex_lock(&keeper->lock);
    if (send(keeper->fd, question, sizeof *question, MSG_NOSIGNAL) < 0)
        rc = FAIL_ERRNO(err, "whoever has the cards cannot be asked");
    else
        rc = hear(keeper, err);
    (void)pthread_mutex_unlock(&keeper->lock);
    return rc;
}

int keeper_fork(const struct layout *layout, const char *bin_dir, struct keeper **ret,
                struct err *err)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);
    int ends[2];

    if (keeper == NULL)
        return FAIL_NOMEM(err);
    (void)pthread_mutex_init(&keeper->lock, NULL);
    keeper->fd = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0) {
        keeper->fd = ends[0];
        keeper->pid = fork();
        if (keeper->pid == 0)
            child(layout, bin_dir, ends[1]);
        fd_done(&ends[1]);
    }
    int rc = keeper->fd < 0 || keeper->pid < 0 ? FAIL_ERRNO(err, "cannot start a keeper of cards")
                                               : hear(keeper, err);
    if (rc < 0)
        keeper_free(keeper);
    else
        *ret = keeper;
    return rc;
}

void keeper_free(struct keeper *keeper)
{
    if (keeper == NULL)
        return;
    fd_done(&keeper->fd);
    while (keeper->pid > 0 && waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    (void)pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}

int keeper_take(struct keeper *keeper, const char *persona, unsigned place, struct err *err)
{
    struct question question = {.place = place};

    if (persona[0] == '\0' || strlen(persona) >= sizeof question.persona)
        return FAIL(err, ERR_INPUT, "this is not the name of a persona");
    memcpy(question.persona, persona, strlen(persona));
    return ask(keeper, &question, err);
}

void keeper_put_away(struct keeper *keeper, unsigned place)
{
    const struct question question = {.place = place};

    (void)ask(keeper, &question, NULL);
}
