/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-softcard/serving.h"

#include "base/confine.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sock.h"
#include "card/control.h"
#include "card/serve.h"
#include "card/store.h"
#include "programs/steps.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* card.md 1.1 */
static const uint8_t atr_contactless[] = {0x3b, 0x88, 0x80, 0x01, 0x00, 0x00, 0x41,
                                          0xe0, 0xb3, 0x81, 0xa1, 0x00, 0x3b};
static const uint8_t atr_contact[] = {0x3b, 0xe0, 0x00, 0xff, 0x81, 0x31, 0xfe, 0x45, 0x14};

static int find_atr(const char *kind, struct bytes *ret, struct err *err)
{
    if (kind == NULL || strcmp(kind, "contactless") == 0)
        *ret = BYTES_ARRAY(atr_contactless);
    else if (strcmp(kind, "contact") == 0)
        *ret = BYTES_ARRAY(atr_contact);
    else
        return FAIL(err, ERR_USAGE, "--atr is contactless or contact, not \"%.40s\"", kind);
    return 0;
}

static void report(void *context, const char *event, const struct err *failure)
{
    (void)context;
    if (failure == NULL)
        log_event(LOG_LEVEL_NOTICE, event, NULL);
    else
        log_failure(event, failure);
}

static const struct step steps[] = {
    {HTTP_POST, "/v1/keys", "F1", "③", "the card made a key pair"},
    {HTTP_POST, "/v1/requests", "F1", "④", "the card proved that it holds its keys"},
    {HTTP_POST, "/v1/personalisation", "F1", "⑥", "the card took its certificates"},
    {HTTP_POST, "/v1/recertification", "F4", "③", "the card put a new key in the place of the old"},
    {HTTP_GET, NULL, NULL, NULL, NULL},
};

static void observe(void *context, const struct http_event *event)
{
    const struct log_field fields[] = {
        LOG_TEXT("method", http_method_name(event->method)),
        LOG_TEXT("route", event->route == NULL ? "" : event->route->path),
        LOG_INT("status", event->status),
        LOG_INT("duration_us", event->duration_us),
        LOG_TEXT("request_id", event->trace_id),
        LOG_END,
    };

    (void)context;
    steps_note(steps, event);
    log_event(LOG_LEVEL_DEBUG, "control.answered", fields);
    if (event->failure != NULL)
        log_failure("control.failed", event->failure);
    if (event->is_undeclared)
        log_event(LOG_LEVEL_WARNING, "http.undeclared", fields);
}

/* A listening socket, unlinked when its scope ends. */
struct listener {
    char *path; /* NULL: none */
    int fd;     /* -1: taken or none */
};

static void listener_done(struct listener *listener)
{
    fd_done(&listener->fd);
    if (listener->path != NULL)
        (void)unlink(listener->path);
    free_text(&listener->path);
}

/* The peer gets there by the group that the folder gives to what is made in it. */
static mode_t mode_of(const struct serving_options *options)
{
    return options->peer == 0 ? 0600 : 0660;
}

static int listener_open(const char *path, mode_t mode, struct listener *ret, struct err *err)
{
    if (path == NULL)
        return 0;
    TRY(sock_listen(path, mode, &ret->fd, err));
    ret->path = strdup(path);
    return ret->path == NULL ? FAIL_NOMEM(err) : 0;
}

static int listener_take(struct listener *listener)
{
    int fd = listener->fd;

    listener->fd = -1;
    return fd;
}

/* One card and its ways in; released in the order that counts: readers, card, paths. */
struct served {
    struct listener direct, pcsc;
    struct slot *slot;
    struct serve *serve;
};

struct serving {
    const struct serving_options *options;
    int trace_fd; /* -1: none */
    struct bytes atr;
    struct loop *loop;
    struct served *cards;
};

static void serving_done(struct serving *serving)
{
    for (size_t i = 0; serving->cards != NULL && i < serving->options->count; i++) {
        serve_free(serving->cards[i].serve);
        slot_free(serving->cards[i].slot);
        listener_done(&serving->cards[i].direct);
        listener_done(&serving->cards[i].pcsc);
    }
    free(serving->cards);
    loop_free(serving->loop);
    fd_done(&serving->trace_fd);
}

/* A disk that is full ends no session. */
static void trace(void *context, struct bytes text)
{
    const struct serving *serving = context;

    (void)!file_write_all(serving->trace_fd, text, NULL);
}

static int open_trace(struct serving *serving, struct err *err)
{
    const char *path = serving->options->trace;

    if (path == NULL)
        return 0;
    serving->trace_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    return serving->trace_fd < 0 ? FAIL_ERRNO(err, "cannot write %s", path) : 0;
}

static int name_socket(const struct serving_options *options, const char *card, const char *kind,
                       char **ret, struct err *err)
{
    const char *slash = strrchr(card, '/');

    return path_format(ret, err, "%s/%s.%s", options->socket_dir, slash == NULL ? card : slash + 1,
                       kind);
}

/* The sockets of one card, as given or by its name. */
static int listen_all(const struct serving_options *options, const char *card,
                      struct served *served, struct err *err)
{
    CLEANUP(free_text) char *direct = NULL;
    CLEANUP(free_text) char *pcsc = NULL;

    if (options->socket_dir != NULL) {
        TRY(name_socket(options, card, "direct", &direct, err));
        TRY(name_socket(options, card, "pcsc", &pcsc, err));
    }
    TRY(listener_open(direct != NULL ? direct : options->direct, mode_of(options), &served->direct,
                      err));
    return listener_open(pcsc != NULL ? pcsc : options->pcsc, mode_of(options), &served->pcsc, err);
}

static int open_card(struct serving *serving, const char *path, struct served *served,
                     struct err *err)
{
    const struct serving_options *options = serving->options;
    const struct store_paths paths = {path, options->key_file};
    CLEANUP(card_freep) struct card *card = NULL;
    struct serve_options setup = {.loop = serving->loop,
                                  .atr = serving->atr,
                                  .vpcd = options->vpcd,
                                  .report = report,
                                  .trace = options->trace == NULL ? NULL : trace,
                                  .context = serving};

    struct slot_trouble trouble = SLOT_NO_TROUBLE;

    if (options->trouble != NULL)
        TRY(slot_trouble_parse(options->trouble, &trouble, err));
    TRY(store_open(&paths, &card, err));
    if (options->option != NULL)
        TRY(card_set_options(card, options->option, err));
    TRY(slot_new(card, &served->slot, err));
    card = NULL;
    TRY(slot_trouble(served->slot, &trouble, err));
    TRY(listen_all(options, path, served, err));
    setup.slot = served->slot;
    setup.direct_fd = listener_take(&served->direct);
    setup.pcsc_fd = listener_take(&served->pcsc);
    return serve_new(&setup, &served->serve, err);
}

/* Four descriptors a card. */
static void allow_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int open_cards(struct serving *serving, struct err *err)
{
    const struct serving_options *options = serving->options;

    allow_descriptors();
    TRY(open_trace(serving, err));
    TRY(find_atr(options->atr, &serving->atr, err));
    TRY(loop_new(&serving->loop, err));
    serving->cards = calloc(options->count, sizeof *serving->cards);
    if (serving->cards == NULL)
        return FAIL_NOMEM(err);
    for (size_t i = 0; i < options->count; i++) {
        serving->cards[i].direct.fd = -1;
        serving->cards[i].pcsc.fd = -1;
    }
    for (size_t i = 0; i < options->count; i++)
        TRY(open_card(serving, options->cards[i], &serving->cards[i], err));
    return 0;
}

/* Folders that stay writable, each once. */
struct folders {
    struct confine_path *paths; /* ends with one that is NULL */
    size_t count;
};

static void folders_done(struct folders *folders)
{
    for (size_t i = 0; i < folders->count; i++) {
        char *path = (char *)(uintptr_t)folders->paths[i].path;

        free_text(&path);
    }
    free(folders->paths);
}

/* That of a file; NULL is none. */
static int add_folder(struct folders *folders, const char *file, struct err *err)
{
    CLEANUP(free_text) char *folder = NULL;

    if (file == NULL)
        return 0;
    TRY(path_folder(file, &folder, err));
    for (size_t i = 0; i < folders->count; i++) {
        if (strcmp(folders->paths[i].path, folder) == 0)
            return 0;
    }
    folders->paths[folders->count++] = (struct confine_path){folder, CONFINE_WRITE};
    folder = NULL;
    return 0;
}

static int confine(const struct serving *serving, struct err *err)
{
    const struct serving_options *options = serving->options;
    const char *const sockets[] = {options->direct, options->pcsc, options->control,
                                   serving->cards[0].pcsc.path};
    enum { SOCKETS = sizeof sockets / sizeof sockets[0] };
    CLEANUP(folders_done) struct folders folders = {NULL, 0};
    int is_enforced;

    folders.paths = calloc(options->count + SOCKETS + 1, sizeof *folders.paths);
    if (folders.paths == NULL)
        return FAIL_NOMEM(err);
    for (size_t i = 0; i < options->count; i++)
        TRY(add_folder(&folders, options->cards[i], err));
    for (size_t i = 0; i < SOCKETS; i++)
        TRY(add_folder(&folders, sockets[i], err));
    TRY(confine_files(folders.paths, &is_enforced, err));
    if (!is_enforced)
        log_event(LOG_LEVEL_WARNING, "files.not-confined", NULL);
    return options->vpcd == NULL ? confine_no_network(err) : 0;
}

static int run_until_stopped(struct loop *loop, int signals, struct err *err)
{
    enum daemon_signal signal;

    daemon_ready();
    log_event(LOG_LEVEL_NOTICE, "card.ready", NULL);
    do {
        TRY(loop_run(loop, signals, err));
        TRY(daemon_wait(signals, &signal, err));
    } while (signal != DAEMON_STOP); /* there is no configuration to read again */
    daemon_stopping();
    return 0;
}

/* The control socket is released first, then what serving_done releases, then its path. */
int serving_run(const struct serving_options *options, int signals, struct err *err)
{
    CLEANUP(listener_done) struct listener control = {NULL, -1};
    CLEANUP(serving_done) struct serving serving = {.options = options, .trace_fd = -1};
    CLEANUP(http_server_stopp) struct http_server *server = NULL;

    TRY(open_cards(&serving, err));
    TRY(listener_open(options->control, mode_of(options), &control, err));
    TRY(confine(&serving, err));
    if (control.fd >= 0)
        TRY(control_start(serving.cards[0].slot, listener_take(&control), (uid_t)options->peer,
                          observe, &server, err));
    return run_until_stopped(serving.loop, signals, err);
}
