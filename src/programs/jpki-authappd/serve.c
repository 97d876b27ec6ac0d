/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/routes.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/anchor_files.h"
#include "programs/exit.h"
#include "programs/jpki-authappd/commands.h"
#include "programs/jpki-authappd/config.h"
#include "programs/jpki-authappd/powers.h"
#include "programs/variant.h"
#include "rpc/signer_worker.h"

#include <string.h>

enum { PLATFORM_KEY_MAX = 512 };

struct serve {
    const char *config;
    bool check_config;
};

static const struct cli_option serve_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct serve, config), "FILE", N_("the configuration file")},
    {0, "check-config", CLI_FLAG, offsetof(struct serve, check_config), NULL,
     N_("read the configuration and end; exit 2 if it is faulty")},
    CLI_OPTIONS_END,
};

/* The key as a line of its own. */
static int load_platform_key(const char *path, struct buf *ret, const char **ret_text,
                             struct err *err)
{
    int rc = file_read(path, PLATFORM_KEY_MAX, ret, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "%s: no such file", path);
    TRY(rc);
    if (ret->len > 0 && ret->ptr[ret->len - 1] == '\n')
        ret->len--;
    if (ret->len == 0 || memchr(ret->ptr, '\n', ret->len) != NULL)
        return FAIL(err, ERR_INPUT, "%s: is not one line with a key", path);
    return buf_text(ret, ret_text, err);
}

static int load(const struct authappd_config *config, struct buf *key, struct authapp *authapp,
                struct err *err)
{
    bool is_near = config->platform[0] == '/';

    TRY(anchor_files_load(config->auth_cas, &authapp->auth_cas, err));
    TRY(load_platform_key(config->platform_key, key, &authapp->platform.key, err));
    authapp->platform.socket = is_near ? config->platform : NULL;
    authapp->platform.url = is_near ? "" : config->platform;
    authapp->origin = config->origin;
    authapp->signer = config->signer;
    authapp->seal_key = config->seal_key;
    authapp->token_keys = config->token_keys;
    authapp->operators.uids = config->operators.uids;
    authapp->operators.count = config->operators.count;
    return 0;
}

static int start(void *context, struct err *err)
{
    const struct authapp *authapp = context;

    return checkpoint_start(authapp->keeper, err);
}

static void stop(void *context)
{
    const struct authapp *authapp = context;

    audit_keeper_stop(authapp->keeper);
}

static int serve_with(const struct authappd_config *config, struct authapp *authapp, int signal_fd,
                      struct err *err)
{
    struct service service = {
        .config = &config->service,
        .rules = &config->rules,
        .paths = {config->database},
        .port = (uint16_t)config->port,
        .options = {.tables = authappd_routes(),
                    .about = &authapp_about,
                    .context = authapp,
                    .worker_open = signer_worker_open,
                    .worker_close = signer_worker_close,
                    .ready = authapp_ready,
                    .bell = authapp->bell},
        .start = start,
        .stop = stop,
        .powers = variant_powers(),
        .context = authapp,
    };

    authappd_attach(authapp);
    (void)i18n_catalogue("ja"); /* now: once confined it reads no files */
    TRY(authapp_load(authapp, err));
    return service_run(&service, signal_fd, err);
}

static int open_keeper(const struct authappd_config *config, const struct authapp *authapp,
                       struct audit_keeper **ret, struct err *err)
{
    const struct checkpoint_site at = {
        .db = authapp_store_db(authapp->store), .signer = config->signer, .clock = authapp->clock};

    return checkpoint_open(&config->checkpoints, &at, ret, err);
}

static int serve(const struct serve *options, struct err *err)
{
    CLEANUP(authappd_config_done) struct authappd_config config = {.database = NULL};
    CLEANUP(authapp_store_closep) struct authapp_store *store = NULL;
    CLEANUP(audit_keeper_freep) struct audit_keeper *keeper = NULL;
    CLEANUP(authapp_done) struct authapp authapp = {.store = NULL};
    CLEANUP(http_bell_done) struct http_bell bell;
    CLEANUP(buf_done) struct buf key = BUF_INIT;
    CLEANUP(fd_done) int signal_fd = -1;

    http_bell_init(&bell);
    if (options->config == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    TRY(authappd_config_read(options->config, &config, err));
    TRY(load(&config, &key, &authapp, err));
    if (options->check_config)
        return 0;
    TRY(service_begin("jpki-authappd", &signal_fd, err));
    TRY(variant_clock(&authapp.clock, err));
    TRY(authapp_store_open(config.database, &store, err));
    authapp.store = store;
    TRY(open_keeper(&config, &authapp, &keeper, err));
    authapp.keeper = keeper;
    authapp.bell = &bell;
    return serve_with(&config, &authapp, signal_fd, err);
}

static int serve_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return serve(options, &err) < 0 ? exit_report("jpki-authappd", &err) : EXIT_CODE_DONE;
}

const struct cli_command serve_command = {
    "", "",        N_("serve requests until SIGTERM"), serve_options, sizeof(struct serve), 0,
    0,  serve_run,
};
