/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "http/pages.h"
#include "paper/font.h"
#include "portal/gateway/door.h"
#include "portal/kiosk/table.h"
#include "portal/routes.h"
#include "portal/site/list.h"
#include "programs/jpki-portald/beside.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/config.h"
#include "programs/jpki-portald/issuers.h"
#include "programs/jpki-portald/romaji.h"
#include "programs/variant.h"
#include "rpc/signer_worker.h"

#include <stdlib.h>

/* All that a serving portal has from its configuration: one value, replaced as a whole. */
struct site {
    struct portal portal; /* first: what requests find */
    struct portald_config config;
    struct buf platform_key;
    struct portal_issuer *issuers;
    struct sites *sites; /* outside ones */
};

/* Of people who are refused, not of the portal: no failure of its own. */
static void observe(const char *event, const struct err *why)
{
    log_event(LOG_LEVEL_WARNING, event,
              (struct log_field[]){LOG_TEXT("kind", err_kind_name(why->kind)),
                                   LOG_TEXT("reason", why->text), LOG_END});
}

static void site_done(struct site *site)
{
    portal_done(&site->portal);
    portald_config_done(&site->config);
    sites_freep(&site->sites);
    buf_done(&site->platform_key);
    free(site->issuers);
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
    const struct portald_config *config = &site->config;
    struct portal *portal = &site->portal;

    TRY(portald_config_read(path, &site->config, err));
    if (config->pages_dir != NULL)
        TRY(err_prefix(err, http_pages_load(config->pages_dir, &portal->pages, err), "pages_dir"));
    /* They ask jpki agent, which has the citizen's card (docs/card-protocol.md). */
    if (portal->pages != NULL)
        http_pages_let_ask(portal->pages, "http://127.0.0.1:25754");
    if (config->office_dir != NULL)
        TRY(err_prefix(err, http_pages_load(config->office_dir, &portal->office, err),
                       "office_dir"));
    if (config->platform_key != NULL)
        TRY(service_read_key(config->platform_key, &site->platform_key, &portal->platform.key,
                             err));
    portal->sends_mail = config->smtp_host != NULL;
    portal->observe = observe;
    TRY(err_prefix(err, issuers_load(config->auth_cas, &site->issuers, &portal->issuers.count, err),
                   "auth_cas"));
    portal->issuers.key_ids = site->issuers;
    if (config->sites != NULL)
        TRY(err_prefix(err, sites_load(config->sites, &site->sites, err), "sites"));
    portal->sites.list = site->sites;
    portal->sites.signer = config->sites_signer == NULL ? config->signer : config->sites_signer;
    portal->sites.key = config->sites_key;
    portal->platform.socket = config->platform;
    portal->origin = config->origin;
    portal->signer = config->signer;
    portal->app.issuer = config->issuer;
    portal->app.socket = config->authapp;
    portal->app.client_id = config->client_id;
    portal->app.key = config->client_key;
    portal->seal.signer = config->seal_signer == NULL ? config->signer : config->seal_signer;
    portal->seal.key = config->seal_key;
    portal->register_socket = config->registry;
    portal->proxies.uids = config->proxies.uids;
    portal->proxies.count = config->proxies.count;
    portal->door_origin = config->operators_origin;
    portal->desk.operators = config->operators.uids;
    portal->desk.operator_count = config->operators.count;
    return 0;
}

/* ---- while serving ---- */

struct serving {
    const char *path; /* of the configuration */
    struct site *first;
    struct beside *beside;
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
    TRY(service_check_reload(portald_keys, &first->config, &site->config, portald_reloaded, err));
    site->portal.store = first->portal.store;
    site->portal.clock = first->portal.clock;
    site->portal.kept = first->portal.kept;
    site->portal.desk.db = first->portal.desk.db;
    site->portal.desk.keeper = first->portal.desk.keeper;
    site->portal.exchange = first->portal.exchange;
    site->portal.holdings = first->portal.holdings;
    site->portal.making = first->portal.making;
    site->portal.font = first->portal.font;
    site->portal.romaji = first->portal.romaji;
    site->portal.kiosk = first->portal.kiosk;
    TRY(portal_load(&site->portal, err));
    TRY(turns_put(serving->sites, site, release_site, err));
    site = NULL;
    return 0;
}

static int start(void *context, struct err *err)
{
    const struct serving *serving = context;

    return beside_start(serving->beside, err);
}

static void stop(void *context)
{
    const struct serving *serving = context;

    beside_stop(serving->beside);
}

/* The operators' door; empty if it is not configured. */
static struct service_door door_of(struct site *site, struct turns *sites)
{
    return (struct service_door){.socket = site->config.operators_socket,
                                 .port = (uint16_t)site->config.operators_port,
                                 .options = {.tables = portal_door_routes,
                                             .about = &portal_door_about,
                                             .context = site,
                                             .turns = sites,
                                             .worker_open = signer_worker_open,
                                             .worker_close = signer_worker_close,
                                             .ready = portal_ready}};
}

static int serve_with(const char *path, struct site *site, struct beside *beside, int signal_fd,
                      struct err *err)
{
    const struct portald_config *config = &site->config;
    CLEANUP(turns_freep) struct turns *sites = NULL;
    struct serving serving = {.path = path, .first = site, .beside = beside};
    struct service service = {
        .config = &config->service,
        .rules = &config->rules,
        .paths = {config->database, config->provider_database},
        .has_network = true,
        .port = (uint16_t)config->port,
        .options = {.tables = portal_routes,
                    .about = &portal_about,
                    .context = site,
                    .worker_open = signer_worker_open,
                    .worker_close = signer_worker_close,
                    .ready = portal_ready},
        .start = start,
        .stop = stop,
        .powers = variant_powers(),
        .reload = reload,
        .clock = site->portal.clock,
        .context = &serving,
    };

    TRY(portal_load(&site->portal, err));
    TRY(turns_new(site, &sites, err));
    serving.sites = sites;
    service.options.turns = sites;
    service.doors[0] = door_of(site, sites);
    service_add_network_files(&service);
    service_add_reloaded(&service, path);
    service_add_reloaded(&service, config->platform_key);
    service_add_reloaded(&service, config->auth_cas);
    service_add_reloaded(&service, config->pages_dir);
    service_add_reloaded(&service, config->smtp_ca);
    service_add_reloaded(&service, config->office_dir);
    return service_run(&service, signal_fd, err);
}

static int open_keeper(const struct site *site, struct audit_keeper **ret, struct err *err)
{
    const struct checkpoint_site at = {
        .db = site->portal.desk.db, .signer = site->config.signer, .clock = site->portal.clock};

    return checkpoint_open(&site->config.checkpoints, &at, ret, err);
}

static int serve(const struct service_call *options, struct err *err)
{
    CLEANUP(portal_store_closep) struct portal_store *store = NULL;
    CLEANUP(network_done) struct network network = {.tables = NULL};
    CLEANUP(audit_keeper_freep) struct audit_keeper *keeper = NULL;
    CLEANUP(portal_kept_done) struct portal_kept kept = {.jwks = NULL};
    CLEANUP(paper_font_freep) struct paper_font *font = NULL;
    CLEANUP(kiosk_table_freep) struct kiosk_table *kiosk = NULL;
    CLEANUP(romaji_freep) struct romaji *romaji = NULL;
    CLEANUP(site_done) struct site site = {.portal = {.kept = &kept}};
    CLEANUP(beside_done) struct beside beside = {.portal = NULL};
    CLEANUP(fd_done) int signal_fd = -1;

    TRY(read_site(options->config, &site, err));
    if (options->check_config)
        return 0;
    TRY(service_begin("jpki-portald", &signal_fd, err));
    TRY(err_prefix(err, paper_font_open(site.config.font, &font, err), "font"));
    site.portal.font = font;
    TRY(err_prefix(err, kiosk_table_load(site.config.kiosk_table, &kiosk, err), "kiosk_table"));
    site.portal.kiosk = kiosk;
    TRY(romaji_load(&romaji, err));
    site.portal.romaji = romaji_list(romaji);
    TRY(variant_clock(&site.portal.clock, err));
    TRY(portal_store_open(site.config.database, &store, err));
    site.portal.store = store;
    site.portal.desk.db = portal_store_db(store);
    TRY(open_keeper(&site, &keeper, err));
    site.portal.desk.keeper = keeper;
    TRY(network_open(&site.config, &site.portal, &network, err));
    TRY(beside_open(&site.config, &site.portal, &network, &beside, err));
    return serve_with(options->config, &site, &beside, signal_fd, err);
}

static int serve_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return service_main("jpki-portald", options, serve);
}

const struct cli_command serve_command = SERVICE_COMMAND(N_("serve requests until SIGTERM"),
                                                         serve_run);
