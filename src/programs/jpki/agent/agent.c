/* SPDX-License-Identifier: Apache-2.0 */
/* jpki agent: listens on this computer only, for pages in its browser. */
#include "programs/jpki/agent/agent.h"

#include "base/daemon.h"
#include "base/file.h"
#include "base/sock.h"
#include "http/server.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/read/data.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { SOCKETS_MAX = 2, WORKERS = 4 };

struct options {
    struct card_options card;
    struct pin_options pin;
    const char *anchors;
    int64_t port;
    bool web_eid, clerk;
};

static const struct cli_option rows[] = {
    {'p', "port", CLI_INT, offsetof(struct options, port), "N",
     N_("listen on this port; 0 chooses one")},
    {0, "pinentry", CLI_TEXT, offsetof(struct options, pin.pinentry), "PROGRAM",
     N_("have this program ask, instead of pinentry")},
    {0, "last-try", CLI_FLAG, offsetof(struct options, pin.last_try), NULL,
     N_("use the PIN even if only one try is left")},
    {0, "web-eid", CLI_FLAG, offsetof(struct options, web_eid), NULL,
     N_("make Web eID tokens, too, which show the certificate to the page")},
    {0, "clerk", CLI_FLAG, offsetof(struct options, clerk), NULL,
     N_("log in and sign for the pages of a register's counter, too, with a clerk's card")},
    CARD_ANCHORS_OPTION(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = {.fd = -1, .pinentry = ""},
                                        .port = AGENT_PORT_DEFAULT};

struct sockets {
    int fds[SOCKETS_MAX];
    size_t count;
};

static void sockets_done(struct sockets *sockets)
{
    for (size_t i = 0; i < sockets->count; i++)
        fd_done(&sockets->fds[i]);
}

struct servers {
    struct http_server *at[SOCKETS_MAX];
};

static void servers_stop(struct servers *servers)
{
    for (size_t i = 0; i < SOCKETS_MAX; i++)
        http_server_stopp(&servers->at[i]);
}

static uint16_t port_of(int fd)
{
    struct sockaddr_in6 address = {.sin6_family = AF_UNSPEC};
    struct sockaddr_in in;
    socklen_t len = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        return 0;
    if (address.sin6_family == AF_INET6)
        return ntohs(address.sin6_port);
    memcpy(&in, &address, sizeof in);
    return address.sin6_family == AF_INET ? ntohs(in.sin_port) : 0;
}

/* systemd's sockets, which are of one port; or our own, of which ::1 may be missing. */
static int listen_all(const struct options *options, struct sockets *ret, uint16_t *ret_port,
                      struct err *err)
{
    struct err why = {0};
    uint16_t taken;

    TRY(daemon_listeners(ret->fds, SOCKETS_MAX, &ret->count, err));
    for (size_t i = 0; i < ret->count; i++) {
        *ret_port = port_of(ret->fds[i]);
        if (*ret_port == 0 || *ret_port != port_of(ret->fds[0]))
            return FAIL(err, ERR_USAGE, "started with sockets of other kinds than one port");
    }
    if (ret->count > 0)
        return 0;
    if (options->port > UINT16_MAX)
        return FAIL(err, ERR_USAGE, "there is no such port");
    TRY(http_listen_loopback((uint16_t)options->port, &ret->fds[0], ret_port, err));
    ret->count = 1;
    if (http_listen_loopback6(*ret_port, &ret->fds[1], &taken, &why) == 0)
        ret->count = 2;
    else
        (void)fprintf(stderr, "jpki: %s\n", why.text);
    return 0;
}

static int tell(const struct options *options, const struct agent *agent, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    if (options->card.json) {
        object = json_object_new();
        TRY(json_put_int(object, "port", agent->port, err));
        TRY(output_json(object, err));
    } else {
        printf(tr("Pages can ask for the card at port %u of this computer.\n"),
               (unsigned)agent->port);
    }
    return fflush(stdout) == 0 ? 0 : FAIL_ERRNO(err, "cannot write");
}

static int serve(struct agent *agent, struct sockets *sockets, int signal_fd, struct err *err)
{
    const struct http_server_options with = {.tables = agent_routes,
                                             .about = &agent_about,
                                             .context = agent,
                                             .workers = WORKERS,
                                             .work_ms = AGENT_WORK_MS};
    CLEANUP(servers_stop) struct servers servers = {{NULL}};

    for (size_t i = 0; i < sockets->count; i++) {
        int fd = sockets->fds[i];

        sockets->fds[i] = -1; /* the server's, also if it does not start */
        TRY(http_server_start(&with, fd, &servers.at[i], err));
    }
    return http_serve(signal_fd, NULL, NULL, err);
}

static int be_agent(const struct options *options, struct err *err)
{
    static struct agent agent = {.lock = PTHREAD_MUTEX_INITIALIZER,
                                 .question = PTHREAD_MUTEX_INITIALIZER};
    CLEANUP(sockets_done) struct sockets sockets = {.fds = {-1, -1}};
    CLEANUP(fd_done) int signal_fd = -1;

    TRY(daemon_harden(err));
    TRY(daemon_signals(&signal_fd, err));
    agent.card = options->card;
    agent.pin = options->pin;
    agent.anchors = options->anchors;
    agent.web_eid = options->web_eid;
    agent.clerk = options->clerk;
    TRY(listen_all(options, &sockets, &agent.port, err));
    TRY(tell(options, &agent, err));
    return serve(&agent, &sockets, signal_fd, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    (void)argv;
    return finish(be_agent(given, &err), given->card.json, &err);
}

const struct cli_command agent_command = {
    .path = "agent",
    .arguments = "",
    .description = N_("log in, fill forms and sign for pages in a browser on this computer"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
    .defaults = &defaults,
};
