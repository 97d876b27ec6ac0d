/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/service.h"

#include "base/confine.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "programs/exit.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *text;
    mode_t mode;
} socket_modes[] = {{"0600", 0600}, {"0660", 0660}, {"0666", 0666}};

static int read_mode(const char *text, mode_t *ret, struct err *err)
{
    for (size_t i = 0; i < sizeof socket_modes / sizeof socket_modes[0]; i++) {
        if (strcmp(socket_modes[i].text, text) == 0) {
            *ret = socket_modes[i].mode;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "socket_mode is 0600, 0660 or 0666");
}

static int add_peer(struct service_peers *peers, const char *word, size_t len, struct err *err)
{
    uint64_t uid = 0;

    for (size_t i = 0; i < len; i++) {
        if (word[i] < '0' || word[i] > '9' || uid > UINT32_MAX)
            return FAIL(err, ERR_INPUT, "not a list of numeric user ids");
        uid = uid * 10 + (uint64_t)(word[i] - '0');
    }
    /* (uid_t)-1 is nobody's: the system uses it for "no change". */
    if (uid >= (uid_t)-1)
        return FAIL(err, ERR_INPUT, "a user id is too large");
    if (peers->count == SERVICE_PEERS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d user ids", SERVICE_PEERS_MAX);
    peers->uids[peers->count++] = (uid_t)uid;
    return 0;
}

enum { KEY_MAX = 512 };

int service_read_key(const char *path, struct buf *ret, const char **ret_text, struct err *err)
{
    int rc = file_read(path, KEY_MAX, ret, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "%s: no such file", path);
    TRY(rc);
    if (ret->len > 0 && ret->ptr[ret->len - 1] == '\n')
        ret->len--;
    if (ret->len == 0 || memchr(ret->ptr, '\n', ret->len) != NULL)
        return FAIL(err, ERR_INPUT, "%s: is not one line with a key", path);
    return buf_text(ret, ret_text, err);
}

int service_read_peers(const char *name, const char *text, struct service_peers *ret,
                       struct err *err)
{
    struct service_peers peers = {.count = 0};
    const char *rest = text == NULL ? "" : text;

    for (rest += strspn(rest, " "); *rest != '\0'; rest += strspn(rest, " ")) {
        size_t len = strcspn(rest, " ");

        TRY(err_prefix(err, add_peer(&peers, rest, len, err), "%s", name));
        rest += len;
    }
    *ret = peers;
    return 0;
}

int service_read(const char *path, const struct conf_key *keys, void *target, struct err *err)
{
    int rc = conf_read(path, keys, target, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_INPUT, "%s: no such file", path) : rc;
}

int service_check(const struct service_config *config, struct service_rules *ret, struct err *err)
{
    struct service_rules rules = {.peers = {.count = 0}};

    TRY(sock_path_check(config->socket, err));
    TRY(read_mode(config->socket_mode, &rules.socket_mode, err));
    TRY(service_read_peers("peers", config->peers, &rules.peers, err));
    *ret = rules;
    return 0;
}

int service_begin(const char *program, int *ret_signal_fd, struct err *err)
{
    log_open(program, LOG_LEVEL_NOTICE);
    TRY(daemon_harden(err));
    TRY(trace_open(program, err));
    return daemon_signals(ret_signal_fd, err);
}

/* Of the one service that a process is: what observes requests gets the context of their routes. */
static const struct step *service_steps;
static bool service_is_polled;

/* One line per request: the route's pattern, never the path, which names people and cards. */
static void observe(void *context, const struct http_event *event)
{
    const char *path = event->route == NULL ? "" : event->route->path;

    (void)context;
    steps_note(service_steps, event);
    if (service_is_polled && event->status < 400)
        return;
    log_event(LOG_LEVEL_NOTICE, "http.request",
              (struct log_field[]){LOG_TEXT("method", http_method_name(event->method)),
                                   LOG_TEXT("route", path), LOG_INT("status", event->status),
                                   LOG_INT("duration_us", event->duration_us),
                                   LOG_TEXT("request_id", event->trace_id), LOG_END});
    if (event->status >= 500 && event->failure != NULL)
        log_failure("http.failure", event->failure);
    if (event->is_undeclared)
        log_event(LOG_LEVEL_WARNING, "http.undeclared",
                  (struct log_field[]){LOG_TEXT("route", path), LOG_INT("status", event->status),
                                       LOG_END});
}

/* The directory of a file; release with free_text. */
static int directory_of(const char *path, char **ret, struct err *err)
{
    CLEANUP(free_text) char *copy = strdup(path);

    if (copy == NULL)
        return FAIL_NOMEM(err);
    return path_format(ret, err, "%s", dirname(copy));
}

/* Of files, sockets, and files that are read again. */
enum {
    WRITTEN_MAX = SERVICE_PATHS_MAX + 1 + SERVICE_DOORS_MAX,
    DIRECTORIES_MAX = WRITTEN_MAX + SERVICE_RELOADS_MAX
};

static void directories_done(char *(*directories)[DIRECTORIES_MAX])
{
    for (size_t i = 0; i < DIRECTORIES_MAX; i++)
        free((*directories)[i]);
}

/* The directories of files, one a line, for reading; each once. */
static int add_reloaded(const char *lines, char *directories[DIRECTORIES_MAX],
                        struct confine_path *paths, size_t *count, struct err *err)
{
    CLEANUP(free_text) char *copy = strdup(lines);
    char *rest = copy;

    if (copy == NULL)
        return FAIL_NOMEM(err);
    for (const char *file = strsep(&rest, "\n"); file != NULL; file = strsep(&rest, "\n")) {
        if (*count == DIRECTORIES_MAX)
            return FAIL(err, ERR_INPUT, "files that are read again lie in too many directories");
        TRY(directory_of(file, &directories[*count], err));
        if (*count > 0 && paths[*count - 1].access == CONFINE_READ &&
            strcmp(directories[*count - 1], directories[*count]) == 0) {
            free_text(&directories[*count]);
            continue;
        }
        paths[*count] = (struct confine_path){directories[*count], CONFINE_READ};
        ++*count;
    }
    return 0;
}

/* From here on: the directories of the database and the socket, what was asked for, no network. */
static int confine(const struct service *service, struct err *err)
{
    CLEANUP(directories_done) char *directories[DIRECTORIES_MAX] = {NULL};
    struct confine_path paths[DIRECTORIES_MAX + SERVICE_MORE_MAX + 1] = {{NULL, CONFINE_READ}};
    size_t count = 0;
    int enforced;

    if (service->config->socket != NULL)
        TRY(directory_of(service->config->socket, &directories[count++], err));
    for (size_t i = 0; i < SERVICE_DOORS_MAX; i++)
        if (service->doors[i].socket != NULL)
            TRY(directory_of(service->doors[i].socket, &directories[count++], err));
    for (size_t i = 0; i < SERVICE_PATHS_MAX && service->paths[i] != NULL; i++)
        TRY(directory_of(service->paths[i], &directories[count++], err));
    for (size_t i = 0; i < count; i++)
        paths[i] = (struct confine_path){directories[i], CONFINE_WRITE};
    for (size_t i = 0; service->reload != NULL && service->reloaded[i] != NULL; i++)
        TRY(add_reloaded(service->reloaded[i], directories, paths, &count, err));
    for (size_t i = 0; i < SERVICE_MORE_MAX && service->more[i].path != NULL; i++)
        paths[count++] = service->more[i];
    TRY(confine_files(paths, &enforced, err));
    if (!enforced)
        log_event(LOG_LEVEL_WARNING, "confine.unavailable",
                  (struct log_field[]){LOG_TEXT("what", "landlock"), LOG_END});
    return service->has_network ? 0 : confine_no_network(err);
}

/*
 * All sockets of a service: opened before it is confined, closed unless a server took them. Its own
 * pair of a Unix socket and a port, then one of each door.
 */
enum { AT_SOCKET, AT_PORT, AT_DOORS, LISTENERS_ = AT_DOORS * (1 + SERVICE_DOORS_MAX) };

_Static_assert(LISTENERS_ == 8, "service_run says so of each that there is none yet");
struct listeners {
    int fds[LISTENERS_]; /* -1: none */
};

static void listeners_done(struct listeners *listeners)
{
    for (size_t i = 0; i < LISTENERS_; i++)
        fd_done(&listeners->fds[i]);
}

struct servers {
    struct http_server *list[LISTENERS_];
};

static void servers_stop(struct servers *servers)
{
    for (size_t i = LISTENERS_; i > 0; i--)
        http_server_stopp(&servers->list[i - 1]);
}

static int start(const struct http_server_options *options, int *fd, struct http_server **ret,
                 struct err *err)
{
    int taken = *fd;

    *fd = -1; /* the server's, also if it does not start */
    return http_server_start(options, taken, ret, err);
}

static void tell_ready(const struct service *service)
{
    log_event(LOG_LEVEL_NOTICE, "service.ready",
              (struct log_field[]){LOG_TEXT("socket", service->config->socket),
                                   LOG_INT("port", service->port), LOG_END});
}

static struct http_server_options complete(const struct service *service,
                                           const struct http_server_options *options)
{
    struct http_server_options complete = *options;

    complete.observe = observe;
    complete.powers = service->powers;
    complete.uids = service->rules->peers.uids;
    complete.uid_count = service->rules->peers.count;
    complete.workers = (unsigned)service->config->workers;
    return complete;
}

/* Whose routes a listener has. */
static const struct http_server_options *options_at(const struct service *service, size_t listener)
{
    return listener < AT_DOORS ? &service->options
                               : &service->doors[listener / AT_DOORS - 1].options;
}

static void remove_sockets(const struct service *service)
{
    if (service->config->socket != NULL)
        (void)unlink(service->config->socket);
    for (size_t i = 0; i < SERVICE_DOORS_MAX; i++)
        if (service->doors[i].socket != NULL)
            (void)unlink(service->doors[i].socket);
}

int service_check_reload(const struct conf_key *keys, const void *before, const void *now,
                         const char *const *without, struct err *err)
{
    const struct conf_key *row = conf_difference(keys, before, now, without);

    return row == NULL
               ? 0
               : FAIL(err, ERR_INPUT, "%s changes by a restart only, not by a reload", row->key);
}

void service_add_reloaded(struct service *service, const char *lines)
{
    size_t at = 0;

    while (service->reloaded[at] != NULL)
        at++;
    if (lines != NULL && at < SERVICE_RELOADS_MAX)
        service->reloaded[at] = lines;
}

void service_add_network_files(struct service *service)
{
    static const char *const system[] = {"/etc", "/usr/lib", "/usr/share"};
    size_t at = 0;

    while (at < SERVICE_MORE_MAX && service->more[at].path != NULL)
        at++;
    for (size_t i = 0; i < sizeof system / sizeof system[0] && at < SERVICE_MORE_MAX; i++)
        service->more[at++] = (struct confine_path){system[i], CONFINE_READ};
}

static int reload(void *context, struct err *err)
{
    const struct service *service = context;
    struct err why = {0};

    (void)err;
    if (service->reload(service->context, &why) < 0) {
        daemon_count_reload(false, clock_now(service->clock));
        log_failure("service.reload_refused", &why);
    } else {
        daemon_count_reload(true, clock_now(service->clock));
        log_event(LOG_LEVEL_NOTICE, "service.reloaded", (struct log_field[]){LOG_END});
    }
    return 0;
}

/* Confined by now; the servers take the listeners. */
static int serve(const struct service *service, struct listeners *at, int signal_fd,
                 struct err *err)
{
    CLEANUP(servers_stop) struct servers servers = {{NULL}};
    int rc;

    service_steps = service->steps;
    service_is_polled = service->is_polled;
    for (size_t i = 0; i < LISTENERS_; i++) {
        const struct http_server_options options = complete(service, options_at(service, i));

        if (at->fds[i] >= 0)
            TRY(start(&options, &at->fds[i], &servers.list[i], err));
    }
    tell_ready(service);
    rc = http_serve(signal_fd, service->reload == NULL ? NULL : reload, (void *)(uintptr_t)service,
                    err);
    remove_sockets(service);
    servers_stop(&servers);
    log_event(LOG_LEVEL_NOTICE, "service.stopped", (struct log_field[]){LOG_END});
    return rc;
}

/* A Unix socket, a port, both or none. */
static int listen_at(const char *socket, mode_t mode, uint16_t port, int *ret_fds, struct err *err)
{
    uint16_t taken;

    if (socket != NULL)
        TRY(sock_listen(socket, mode, &ret_fds[AT_SOCKET], err));
    return port == 0 ? 0 : http_listen_loopback(port, &ret_fds[AT_PORT], &taken, err);
}

int service_run(const struct service *service, int signal_fd, struct err *err)
{
    CLEANUP(listeners_done) struct listeners at = {{-1, -1, -1, -1, -1, -1, -1, -1}};
    mode_t mode = service->rules->socket_mode;
    int rc;

    TRY(listen_at(service->config->socket, mode, service->port, at.fds, err));
    for (size_t i = 0; i < SERVICE_DOORS_MAX; i++) {
        const struct service_door *door = &service->doors[i];

        TRY(listen_at(door->socket, mode, door->port, at.fds + AT_DOORS * (1 + i), err));
    }
    TRY(confine(service, err));
    if (service->start != NULL)
        TRY(service->start(service->context, err));
    rc = serve(service, &at, signal_fd, err);
    if (service->stop != NULL)
        service->stop(service->context);
    return rc;
}

const struct cli_option service_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct service_call, config), "FILE",
     N_("the configuration file")},
    {0, "check-config", CLI_FLAG, offsetof(struct service_call, check_config), NULL,
     N_("read the configuration and end; exit 2 if it is faulty")},
    CLI_OPTIONS_END,
};

int service_main(const char *program, const struct service_call *call,
                 int (*body)(const struct service_call *call, struct err *err))
{
    struct err err = {0};
    int rc = call->config == NULL ? FAIL(&err, ERR_USAGE, "--config FILE is missing")
                                  : body(call, &err);

    return rc < 0 ? exit_report(program, &err) : EXIT_CODE_DONE;
}
