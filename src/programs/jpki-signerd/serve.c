/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order matters: nothing secret is read before the process is hardened and its memory locked,
 * and nobody is listened to before the file system and the network are closed. Keys are opened
 * before that, because OpenSSL reads its own configuration at its first use.
 */
#include "programs/jpki-signerd/commands.h"

#include "base/confine.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/sock.h"
#include "base/trace.h"
#include "programs/exit.h"
#include "programs/variant.h"
#include "signer/server.h"
#include "signer/unlock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct serve {
    const char *config;
    bool check_config;
    bool verbose;
};

static const struct cli_option options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct serve, config), N_("FILE"), N_("the configuration")},
    {0, "check-config", CLI_FLAG, offsetof(struct serve, check_config), NULL,
     N_("read the configuration, say what is wrong with it, and stop")},
    {'v', "verbose", CLI_FLAG, offsetof(struct serve, verbose), NULL,
     N_("log every question, not only signatures and refusals")},
    CLI_OPTIONS_END,
};

static const char *verb_name(enum rpc_verb verb)
{
    switch (verb) {
    case RPC_HELLO:
        return "hello";
    case RPC_LIST:
        return "list";
    case RPC_PUBLIC:
        return "public";
    case RPC_SIGN:
        return "sign";
    case RPC_STATUS:
        return "status";
    case RPC_UNWRAP:
        return "unwrap";
    case RPC_LIST_BEGIN:
        return "list-begin";
    case RPC_LIST_PIECE:
        return "list-piece";
    case RPC_LIST_END:
        return "list-end";
    case RPC_QUORUM:
        return "quorum";
    case RPC_SHARE:
        return "share";
    }
    return "unknown";
}

static bool uses_key(enum rpc_verb verb)
{
    return verb == RPC_SIGN || verb == RPC_LIST_END || verb == RPC_UNWRAP;
}

static enum log_level level_of(const struct keyring_record *record)
{
    switch (record->err.kind) {
    case ERR_NONE:
        return uses_key(record->verb) ? LOG_LEVEL_NOTICE : LOG_LEVEL_DEBUG;
    case ERR_INPUT:
    case ERR_DENIED:
    case ERR_ABSENT:
    case ERR_UNTRUSTED:
    case ERR_CONFLICT:
    case ERR_REMOTE:
        return LOG_LEVEL_WARNING;
    case ERR_USAGE:
    case ERR_NOMEM:
    case ERR_SYSTEM:
    case ERR_KINDS_:
        break;
    }
    return LOG_LEVEL_ERROR;
}

/*
 * By the name of what was signed; certificates of CAs and responders belong to no flow, and a list
 * on which nobody is tells of no revocation.
 */
static const struct {
    const char *what, *flow, *step, *text;
} steps[] = {
    {"certificate", "F1", "⑤", "signerd checked and signed a certificate"},
    {"crl", "F4", "④", "signerd checked and signed a list of revoked certificates"},
};

static void note_step(const struct keyring_record *record)
{
    if (record->err.kind != ERR_NONE || !uses_key(record->verb) || record->act.what == NULL)
        return;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (strcmp(steps[i].what, record->act.what) == 0)
            trace_step(steps[i].flow, steps[i].step, steps[i].text, NULL);
}

static void log_record(const struct keyring_record *record)
{
    const struct log_field fields[] = {
        LOG_TEXT("verb", verb_name(record->verb)),
        LOG_TEXT("key", record->key),
        LOG_INT("uid", record->uid),
        LOG_INT("serial", record->act.serial),
        LOG_TEXT("kind", record->act.what != NULL ? record->act.what : ""),
        LOG_TEXT("result", err_kind_name(record->err.kind)),
        LOG_TEXT("reason", record->err.text),
        LOG_END,
    };

    if (record->verb == RPC_LIST_PIECE && record->err.kind == ERR_NONE)
        return; /* its end tells of it */
    note_step(record);
    log_event(level_of(record),
              record->err.kind == ERR_NONE ? "question.answered" : "question.refused", fields);
}

static void log_server_event(const char *event, const struct err *err)
{
    if (err == NULL)
        log_event(LOG_LEVEL_NOTICE, event, NULL);
    else
        log_failure(event, err);
}

/* Of a socket that may not be there yet; its path is absolute. */
static int socket_folder_of(const char *path, char **ret, struct err *err)
{
    size_t len = (size_t)(strrchr(path, '/') - path);

    return path_format(ret, err, "%.*s", len == 0 ? 1 : (int)len, path);
}

static int confine(const char *config_path, const struct signer_config *config, struct err *err)
{
    CLEANUP(free_text) char *config_folder = NULL;
    CLEANUP(free_text) char *socket_folder = NULL;
    CLEANUP(free_text) char *passphrase_folder = NULL;
    CLEANUP(free_text) char *unlock_folder = NULL;
    const char *credentials = secure_getenv("CREDENTIALS_DIRECTORY");
    int is_enforced;

    TRY(path_folder(config_path, &config_folder, err));
    TRY(socket_folder_of(config->socket, &socket_folder, err));
    if (config->passphrase_file != NULL)
        TRY(path_folder(config->passphrase_file, &passphrase_folder, err));
    if (config->quorum != NULL)
        TRY(path_folder(config->quorum, &passphrase_folder, err));
    TRY(socket_folder_of(config->unlock_socket != NULL ? config->unlock_socket : config->socket,
                         &unlock_folder, err));
    const struct confine_path paths[] = {
        {unlock_folder, CONFINE_WRITE},
        {config->keys, CONFINE_WRITE},
        {socket_folder, CONFINE_WRITE},
        {config_folder, CONFINE_READ},
        {passphrase_folder != NULL ? passphrase_folder : credentials, CONFINE_READ},
        {NULL, CONFINE_READ},
    };
    TRY(confine_files(paths, &is_enforced, err));
    if (!is_enforced)
        log_event(LOG_LEVEL_WARNING, "files.not-confined", NULL);
    return confine_no_network(err);
}

static void log_unlock(const struct unlock_event *event)
{
    const struct log_field fields[] = {
        LOG_INT("uid", event->uid),
        LOG_INT("share", event->share),
        LOG_INT("given", (int64_t)event->given),
        LOG_TEXT("reason", event->why != NULL ? event->why->text : ""),
        LOG_END,
    };

    log_event(event->why == NULL ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING, event->name, fields);
}

/* What custodians' shares make; nothing, and *ret_stopped, if the daemon was told to end. */
static int gather_passphrase(const struct signer_config *config, const struct quorum *quorum,
                             int signals, struct secret *ret, bool *ret_stopped, struct err *err)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    CLEANUP(fd_done) int listener = -1;
    struct unlock_setup setup = {
        .signals = signals,
        .stall_ms = UNLOCK_STALL_MS,
        .forget_ms = UNLOCK_FORGET_MS,
        .on_event = log_unlock,
    };
    int rc;

    TRY(sock_listen(config->unlock_socket, 0600, &listener, err));
    setup.listener = listener;
    rc = unlock_wait(quorum, &setup, &secret, ret_stopped, err);
    (void)unlink(config->unlock_socket);
    TRY(rc);
    return *ret_stopped ? 0 : quorum_passphrase(&secret, ret, err);
}

/*
 * The keys when their custodians have opened them. What they hand in is heard in a process that is
 * closed already; OpenSSL has read its configuration by then, because the quorum was hashed.
 */
static int open_by_custodians(const char *config_path, int signals, struct keyring **ret,
                              struct err *err)
{
    CLEANUP(signer_config_freep) struct signer_config *config = NULL;
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;
    struct signer_config *taken;
    struct quorum quorum;
    struct digest digest;
    bool is_stopped;

    TRY(signer_config_read(config_path, &config, err));
    TRY(quorum_read(config->quorum, &quorum, err));
    if (quorum.is_rehearsal)
        return FAIL(err, ERR_INPUT, "%s: is of a rehearsal, whose keys are not served",
                    config->quorum);
    TRY(digest_compute(DIGEST_SHA256, BYTES_ARRAY(quorum.set), &digest, err));
    TRY(confine(config_path, config, err));
    TRY(gather_passphrase(config, &quorum, signals, &passphrase, &is_stopped, err));
    if (is_stopped)
        return 0;
    taken = config;
    config = NULL;
    return keyring_open_with(taken, &passphrase, ret, err);
}

/* Everything between a readable configuration and a socket that answers. */
static int serve(const char *config_path, const struct signer_config *config, struct err *err)
{
    CLEANUP(keyring_freep) struct keyring *keyring = NULL;
    CLEANUP(fd_done) int lock = -1;
    CLEANUP(fd_done) int signals = -1;
    struct server_setup setup = {
        .config_path = config_path,
        .stall_ms = SERVER_STALL_MS,
        .on_record = log_record,
        .on_event = log_server_event,
    };
    int rc;

    TRY(daemon_signals(&signals, err));
    setup.signals = signals;
    setup.memory_locked = daemon_lock_memory();
    if (!setup.memory_locked)
        log_event(LOG_LEVEL_WARNING, "memory.not-locked", NULL);
    TRY(keyring_lock(config->keys, &lock, err));
    if (config->quorum != NULL)
        TRY(open_by_custodians(config_path, signals, &keyring, err));
    else
        TRY(keyring_open(config_path, &keyring, err));
    if (keyring == NULL) {
        log_event(LOG_LEVEL_NOTICE, "server.stopped", NULL);
        return 0;
    }
    keyring_require(keyring, check_ca_names);
    if (!signer_config_separates(config))
        log_event(LOG_LEVEL_WARNING, "peers.not-separated", NULL);
    TRY(sock_listen(config->socket, signer_config_mode(config), &setup.listener, err));
    if (config->quorum == NULL)
        TRY(confine(config_path, config, err));
    log_event(LOG_LEVEL_NOTICE, "server.ready", NULL);
    rc = server_run(keyring, &setup, err);
    (void)unlink(config->socket);
    log_event(LOG_LEVEL_NOTICE, "server.stopped", NULL);
    return rc;
}

static int start(const struct serve *options_given, struct err *err)
{
    CLEANUP(signer_config_freep) struct signer_config *config = NULL;
    CLEANUP(free_text) char *path = NULL;
    const struct clock *clock;

    if (options_given->config == NULL)
        return FAIL(err, ERR_USAGE, "--config is needed");
    TRY(daemon_harden(err));
    TRY(trace_open("jpki-signerd", err));
    TRY(signer_config_read(options_given->config, &config, err));
    TRY(check_ca_names(config, err));
    if (options_given->check_config) {
        printf(tr("%s: can be used, %zu keys\n"), options_given->config, config->key_count);
        return 0;
    }
    /* It asks for no time, but a build for the sandbox serves nowhere else. */
    TRY(variant_clock(&clock, err));
    path = realpath(options_given->config, NULL);
    if (path == NULL)
        return FAIL_ERRNO(err, "%s", options_given->config);
    return serve(path, config, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    const struct serve *options_given = parsed;
    struct err err = {0};

    (void)argc;
    (void)argv;
    log_open("jpki-signerd", options_given->verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_NOTICE);
    if (start(options_given, &err) < 0)
        return fail(&err);
    return EXIT_CODE_DONE;
}

const struct cli_command command_serve = {
    .path = "serve",
    .arguments = "",
    .description = N_("hold the keys of the configuration and answer its peers"),
    .options = options,
    .size = sizeof(struct serve),
    .run = run,
};
