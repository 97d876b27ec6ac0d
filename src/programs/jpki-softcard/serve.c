/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that needs the file system or a name service happens before the process confines
 * itself, and that before any thread is made.
 */
#include "programs/jpki-softcard/commands.h"

#include "base/confine.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/sock.h"
#include "card/control.h"
#include "card/serve.h"
#include "card/store.h"
#include "programs/exit.h"
#include "programs/steps.h"

#include <string.h>
#include <unistd.h>

struct options {
    const char *direct;
    const char *pcsc;
    const char *control;
    const char *vpcd;
    const char *atr;
    const char *key_file;
    bool verbose;
};

static const struct cli_option options[] = {
    {'d', "direct", CLI_TEXT, offsetof(struct options, direct), N_("SOCKET"),
     N_("be reached there without a reader")},
    {'s', "pcsc", CLI_TEXT, offsetof(struct options, pcsc), N_("SOCKET"),
     N_("be shared there by programs that use libjpki-softpcsc")},
    {'c', "control", CLI_TEXT, offsetof(struct options, control), N_("SOCKET"),
     N_("take orders of a counter's terminal there")},
    {'p', "vpcd", CLI_TEXT, offsetof(struct options, vpcd), N_("HOST:PORT"),
     N_("be in pcscd's virtual reader, which listens there")},
    {'a', "atr", CLI_TEXT, offsetof(struct options, atr), N_("KIND"),
     N_("contactless (if not given) or contact")},
    {'k', "key-file", CLI_TEXT, offsetof(struct options, key_file), N_("FILE"),
     N_("the key that seals the card; CARD.key if not given")},
    {'v', "verbose", CLI_FLAG, offsetof(struct options, verbose), NULL,
     N_("log every request on the control socket")},
    CLI_OPTIONS_END,
};

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
    const char *path; /* NULL: none */
    int fd;           /* -1: taken or none */
};

static void listener_done(struct listener *listener)
{
    fd_done(&listener->fd);
    if (listener->path != NULL)
        (void)unlink(listener->path);
}

static int listener_open(const char *path, struct listener *ret, struct err *err)
{
    if (path == NULL)
        return 0;
    TRY(sock_listen(path, 0600, &ret->fd, err));
    ret->path = path;
    return 0;
}

static int listener_take(struct listener *listener)
{
    int fd = listener->fd;

    listener->fd = -1;
    return fd;
}

static int confine(const char *card, const struct options *given, struct err *err)
{
    const char *const files[] = {card, given->direct, given->pcsc, given->control};
    struct confine_path paths[sizeof files / sizeof files[0] + 1] = {{NULL, CONFINE_READ}};
    CLEANUP(free_text) char *card_folder = NULL;
    CLEANUP(free_text) char *direct_folder = NULL;
    CLEANUP(free_text) char *pcsc_folder = NULL;
    CLEANUP(free_text) char *control_folder = NULL;
    char **const folders[] = {&card_folder, &direct_folder, &pcsc_folder, &control_folder};
    size_t count = 0;
    int is_enforced;

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (files[i] == NULL)
            continue;
        TRY(path_folder(files[i], folders[i], err));
        paths[count++] = (struct confine_path){*folders[i], CONFINE_WRITE};
    }
    paths[count] = (struct confine_path){NULL, CONFINE_READ};
    TRY(confine_files(paths, &is_enforced, err));
    if (!is_enforced)
        log_event(LOG_LEVEL_WARNING, "files.not-confined", NULL);
    return given->vpcd == NULL ? confine_no_network(err) : 0;
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

/* Released in the order that counts: the control socket, the readers, the card, the paths. */
static int serve(const char *path, const struct options *given, int signals, struct err *err)
{
    const struct store_paths paths = {path, given->key_file};
    CLEANUP(listener_done) struct listener direct = {NULL, -1};
    CLEANUP(listener_done) struct listener pcsc = {NULL, -1};
    CLEANUP(listener_done) struct listener control = {NULL, -1};
    CLEANUP(loop_freep) struct loop *loop = NULL;
    CLEANUP(card_freep) struct card *card = NULL;
    CLEANUP(slot_freep) struct slot *slot = NULL;
    CLEANUP(serve_freep) struct serve *served = NULL;
    CLEANUP(http_server_stopp) struct http_server *server = NULL;
    struct serve_options setup = {.vpcd = given->vpcd, .report = report};

    TRY(find_atr(given->atr, &setup.atr, err));
    TRY(store_open(&paths, &card, err));
    TRY(slot_new(card, &slot, err));
    card = NULL;
    TRY(listener_open(given->direct, &direct, err));
    TRY(listener_open(given->pcsc, &pcsc, err));
    TRY(listener_open(given->control, &control, err));
    TRY(loop_new(&loop, err));
    setup.loop = loop;
    setup.slot = slot;
    setup.direct_fd = listener_take(&direct);
    setup.pcsc_fd = listener_take(&pcsc);
    TRY(serve_new(&setup, &served, err));
    TRY(confine(path, given, err));
    if (control.fd >= 0)
        TRY(control_start(slot, listener_take(&control), observe, &server, err));
    return run_until_stopped(loop, signals, err);
}

static int start(const struct options *given, const char *card, struct err *err)
{
    CLEANUP(fd_done) int signals = -1;

    if (given->direct == NULL && given->pcsc == NULL && given->vpcd == NULL &&
        given->control == NULL)
        return FAIL(err, ERR_USAGE,
                    "a card that nobody can reach; give --vpcd, --pcsc or --direct");
    TRY(daemon_harden(err));
    TRY(trace_open("jpki-softcard", err));
    TRY(daemon_signals(&signals, err));
    if (!daemon_lock_memory())
        log_event(LOG_LEVEL_WARNING, "memory.not-locked", NULL);
    TRY(serve(card, given, signals, err));
    log_event(LOG_LEVEL_NOTICE, "card.stopped", NULL);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    const struct options *given = parsed;
    struct err err = {.kind = ERR_NONE};

    (void)argc;
    log_open("jpki-softcard", given->verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_NOTICE);
    return start(given, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_serve = {
    .path = "serve",
    .arguments = N_("CARD"),
    .description = N_("be that card until SIGTERM"),
    .options = options,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
