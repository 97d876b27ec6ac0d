/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/routes.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/anchor_files.h"
#include "programs/jpki-authappd/commands.h"
#include "programs/jpki-authappd/config.h"
#include "programs/jpki-authappd/powers.h"
#include "programs/variant.h"
#include "rpc/signer_worker.h"

#include <stdlib.h>
#include <string.h>

/* All that a serving provider has from its configuration: one value, replaced as a whole. */
struct site {
    struct authapp authapp; /* first: what requests find */
    struct authappd_config config;
    struct buf platform_key;
};

static void site_done(struct site *site)
{
    authapp_done(&site->authapp);
    authappd_config_done(&site->config);
    buf_done(&site->platform_key);
}

static void site_freep(struct site **site)
{
    if (*site == NULL)
        return;
    site_done(*site);
    free(*site);
    *site = NULL;
}

static int read_site(const char *path, struct site *site, struct err *err)
{
    const struct authappd_config *config = &site->config;
    struct authapp *authapp = &site->authapp;
    bool is_near;

    TRY(authappd_config_read(path, &site->config, err));
    is_near = config->platform[0] == '/';
    TRY(anchor_files_load(config->auth_cas, &authapp->auth_cas, err));
    TRY(service_read_key(config->platform_key, &site->platform_key, &authapp->platform.key, err));
    authapp->platform.socket = is_near ? config->platform : NULL;
    authapp->platform.url = is_near ? "" : config->platform;
    authapp->origin = config->origin;
    authapp->signer = config->signer;
    authapp->seal_key = config->seal_key;
    authapp->token_keys = config->token_keys;
    authapp->desk.operators = config->operators.uids;
    authapp->desk.operator_count = config->operators.count;
    return 0;
}

/* ---- while serving ---- */

struct serving {
    const char *path; /* of the configuration */
    const struct site *first;
    struct turns *sites;
};

static void release_site(void *value)
{
    struct site *site = value;

    site_freep(&site);
}

/* The same from files that may have changed, with what does not come from files. */
static int reload(void *context, struct err *err)
{
    const struct serving *serving = context;
    const struct site *first = serving->first;
    CLEANUP(site_freep) struct site *site = calloc(1, sizeof *site);

    if (site == NULL)
        return FAIL_NOMEM(err);
    TRY(read_site(serving->path, site, err));
    TRY(service_check_reload(authappd_keys, &first->config, &site->config, authappd_reloaded, err));
    site->authapp.store = first->authapp.store;
    site->authapp.clock = first->authapp.clock;
    site->authapp.bell = first->authapp.bell;
    site->authapp.desk.db = first->authapp.desk.db;
    site->authapp.desk.keeper = first->authapp.desk.keeper;
    site->authapp.kept = first->authapp.kept;
    authappd_attach(&site->authapp);
    TRY(authapp_load(&site->authapp, err));
    TRY(turns_put(serving->sites, site, release_site, err));
    site = NULL;
    return 0;
}

static int start(void *context, struct err *err)
{
    const struct serving *serving = context;

    return checkpoint_start(serving->first->authapp.desk.keeper, err);
}

static void stop(void *context)
{
    const struct serving *serving = context;

    audit_keeper_stop(serving->first->authapp.desk.keeper);
}

static int serve_with(const char *path, struct site *site, int signal_fd, struct err *err)
{
    const struct authappd_config *config = &site->config;
    CLEANUP(turns_freep) struct turns *sites = NULL;
    struct serving serving = {.path = path, .first = site};
    struct service service = {
        .config = &config->service,
        .rules = &config->rules,
        .paths = {config->database},
        .has_network = true, /* to ask clients for their keys and tell them of logouts */
        .port = (uint16_t)config->port,
        .options = {.tables = authappd_routes(),
                    .about = &authapp_about,
                    .context = site,
                    .worker_open = signer_worker_open,
                    .worker_close = signer_worker_close,
                    .ready = authapp_ready,
                    .bell = site->authapp.bell},
        .start = start,
        .stop = stop,
        .powers = variant_powers(),
        .reload = reload,
        .clock = site->authapp.clock,
        .context = &serving,
    };

    authappd_attach(&site->authapp);
    (void)i18n_catalogue("ja"); /* now: once confined it reads no files */
    TRY(authapp_load(&site->authapp, err));
    TRY(turns_new(site, &sites, err));
    serving.sites = sites;
    service.options.turns = sites;
    service_add_network_files(&service);
    service_add_reloaded(&service, path);
    service_add_reloaded(&service, config->auth_cas);
    service_add_reloaded(&service, config->platform_key);
    return service_run(&service, signal_fd, err);
}

static int open_keeper(const struct site *site, struct audit_keeper **ret, struct err *err)
{
    const struct checkpoint_site at = {
        .db = site->authapp.desk.db, .signer = site->config.signer, .clock = site->authapp.clock};

    return checkpoint_open(&site->config.checkpoints, &at, ret, err);
}

static int serve(const struct service_call *call, struct err *err)
{
    CLEANUP(authapp_store_closep) struct authapp_store *store = NULL;
    CLEANUP(audit_keeper_freep) struct audit_keeper *keeper = NULL;
    CLEANUP(authapp_kept_done) struct authapp_kept kept = {.jwks = NULL};
    CLEANUP(site_done) struct site site = {.authapp = {.kept = &kept}};
    CLEANUP(http_bell_done) struct http_bell bell;
    CLEANUP(fd_done) int signal_fd = -1;

    http_bell_init(&bell);
    TRY(read_site(call->config, &site, err));
    if (call->check_config)
        return 0;
    TRY(service_begin("jpki-authappd", &signal_fd, err));
    TRY(variant_clock(&site.authapp.clock, err));
    TRY(authapp_store_open(site.config.database, &store, err));
    site.authapp.store = store;
    site.authapp.desk.db = authapp_store_db(store);
    TRY(open_keeper(&site, &keeper, err));
    site.authapp.desk.keeper = keeper;
    site.authapp.bell = &bell;
    return serve_with(call->config, &site, signal_fd, err);
}

static int serve_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return service_main("jpki-authappd", options, serve);
}

const struct cli_command serve_command = SERVICE_COMMAND(N_("serve requests until SIGTERM"),
                                                         serve_run);
