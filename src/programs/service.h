/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the daemons that speak HTTP on a Unix socket do alike: who may connect, confinement, log,
 * serving until SIGTERM.
 */
#pragma once

#include "base/cli.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/confine.h"
#include "programs/steps.h"

enum {
    SERVICE_PEERS_MAX = 32,
    SERVICE_PATHS_MAX = 4, /* whose directories are written to */
    SERVICE_MORE_MAX = 8,
    SERVICE_DOORS_MAX = 3,
    SERVICE_RELOADS_MAX = 64, /* files that are read again */
};

/* The part of a configuration that all of them have; rows are made by SERVICE_KEYS. */
struct service_config {
    char *socket; /* NULL: none, of a service that has a port */
    char *socket_mode;
    char *peers;
    int64_t workers;
};

#define SERVICE_ROW(section_, base_, name_, type_, otherwise_, max_, text_)                        \
    {                                                                                              \
        (section_), #name_, (type_), (base_) + offsetof(struct service_config, name_),             \
            (otherwise_), 1, (max_), (text_)                                                       \
    }
/* Rows of a configuration table; base is the offset of the struct service_config. */
#define SERVICE_KEYS(section_, base_)                                                              \
    SERVICE_LISTEN_KEYS(section_, base_),                                                          \
        SERVICE_ROW(section_, base_, peers, CONF_TEXT, NULL, 0,                                    \
                    "numeric user ids that are answered, with blanks between")
/* The same without peers, for services that do not go by user ids. */
#define SERVICE_LISTEN_KEYS(section_, base_)                                                       \
    SERVICE_ROW(section_, base_, socket, CONF_PATH, NULL, 0, "Unix socket to listen on"),          \
        SERVICE_ROW(section_, base_, socket_mode, CONF_TEXT, "0600", 0,                            \
                    "0600, 0660 or 0666; who is answered is decided by peers alone"),              \
        SERVICE_ROW(section_, base_, workers, CONF_INT, "4", HTTP_WORKERS_MAX,                     \
                    "requests worked on at the same time")

/* Rows that most of them have beside those, each for a member at an offset of its own. */
#define SERVICE_PORT_KEY(section_, at_)                                                            \
    {                                                                                              \
        (section_), "port", CONF_INT, (at_), "0", 0, UINT16_MAX,                                   \
            "port of 127.0.0.1 to serve as well; 0 is none"                                        \
    }
#define SERVICE_DATABASE_KEY(section_, at_)                                                        \
    {                                                                                              \
        (section_), "database", CONF_PATH, (at_), NULL, 0, 0, "the database file"                  \
    }
#define SERVICE_SIGNER_KEY(section_, at_)                                                          \
    {                                                                                              \
        (section_), "signer", CONF_PATH, (at_), NULL, 0, 0, "socket of jpki-signerd"               \
    }
/* Of services that do not go by user ids otherwise. */
#define SERVICE_OPERATORS_KEY(section_, at_)                                                       \
    {                                                                                              \
        (section_), "operator_peers", CONF_TEXT, (at_), "", 0, 0,                                  \
            "numeric user ids that may read the audit log; never the one of a web server in front" \
    }

/* User ids out of a configuration file. */
struct service_peers {
    uid_t uids[SERVICE_PEERS_MAX];
    size_t count;
};

/*
 * ERR_INPUT, beginning with name, unless text is numeric user ids with blanks between; empty or
 * NULL (a key that is not set) is nobody.
 */
MUST_CHECK int service_read_peers(const char *name, const char *text, struct service_peers *ret,
                                  struct err *err);

/* The key in a file, as a line of its own; *ret_text lives with *ret. */
MUST_CHECK int service_read_key(const char *path, struct buf *ret, const char **ret_text,
                                struct err *err);

/* What of it is read further: checked, so that --check-config finds every mistake. */
struct service_rules {
    struct service_peers peers;
    mode_t socket_mode;
};

/* conf_read; a file that is not there is the caller's fault (ERR_INPUT). */
MUST_CHECK int service_read(const char *path, const struct conf_key *keys, void *target,
                            struct err *err);
MUST_CHECK int service_check(const struct service_config *config, struct service_rules *ret,
                             struct err *err);

/* Another interface of the same process, with routes of its own, for others than the peers. */
struct service_door {
    const char *socket;                 /* NULL: none; its mode is that of the first one */
    uint16_t port;                      /* of 127.0.0.1; 0: none */
    struct http_server_options options; /* as the service's */
};

struct service {
    const struct service_config *config;
    const struct service_rules *rules;
    const char *paths[SERVICE_PATHS_MAX]; /* files whose directories are written to, then NULL */
    struct confine_path more[SERVICE_MORE_MAX]; /* what else is opened while serving, then NULL */
    /* Files that reload reads, one or several, a line each, then NULL. */
    const char *reloaded[SERVICE_RELOADS_MAX + 1];
    const struct step *steps;           /* requests to be traced; NULL: none */
    bool has_network;                   /* it calls others over the Internet */
    const struct http_powers *powers;   /* of a sandbox's build (variant.h); NULL: none */
    bool is_polled;                     /* asked the same all day: what succeeded is not logged */
    uint16_t port;                      /* of 127.0.0.1, served as well; 0: none */
    struct http_server_options options; /* routes, context, worker_open, worker_close, ready */
    struct service_door doors[SERVICE_DOORS_MAX]; /* empty: none */
    /* Threads beside the server's, NULL: none. Confinement is per thread, so they start behind it.
     */
    int (*start)(void *context, struct err *err);
    void (*stop)(void *context); /* only after start succeeded */
    /*
     * SIGHUP: take what can be taken while serving, all of it or nothing. A failure is logged, and
     * serving goes on with what there was. NULL: SIGHUP does nothing.
     */
    int (*reload)(void *context, struct err *err);
    const struct clock *clock; /* with reload: when that was */
    void *context;
};

/*
 * ERR_INPUT, naming the key, if a file that was read again has another setting than before that
 * can only change by a restart: all but those in without (ended by NULL).
 */
MUST_CHECK int service_check_reload(const struct conf_key *keys, const void *before,
                                    const void *now, const char *const *without, struct err *err);
/* One more file, or several, a line each, for reload to read; NULL is none. */
void service_add_reloaded(struct service *service, const char *lines);
/* What they are called with. */
struct service_call {
    const char *config; /* the file; never NULL */
    bool check_config;  /* read the configuration and end */
};
extern const struct cli_option service_options[];
/* Their only command, or the one without a name; run ends with service_main(). */
#define SERVICE_COMMAND(description_, run_)                                                        \
    {                                                                                              \
        "", "", (description_), service_options, sizeof(struct service_call), 0, 0, (run_)         \
    }
/* Serve, and the program's exit code. */
int service_main(const char *program, const struct service_call *call,
                 int (*body)(const struct service_call *call, struct err *err));

/* The files of the system that names and TLS need, where has_network is set. */
void service_add_network_files(struct service *service);
/* First of all in main: harden, open the log and the trace, block the signals. */
MUST_CHECK int service_begin(const char *program, int *ret_signal_fd, struct err *err);
/* Listen, confine, serve until SIGTERM or SIGINT, drain. */
MUST_CHECK int service_run(const struct service *service, int signal_fd, struct err *err);
