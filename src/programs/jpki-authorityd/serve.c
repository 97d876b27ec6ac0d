/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/crl/desk.h"
#include "authority/crl/publisher.h"
#include "authority/feed/feeder.h"
#include "authority/feed/quota.h"
#include "authority/routes.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "programs/jpki-authorityd/commands.h"
#include "programs/jpki-authorityd/settings.h"
#include "programs/migration.h"
#include "programs/variant.h"

/* Certificates that an earlier run was asked for and did not get signed. Not being able to is no
 * reason not to start: each is signed when its request is repeated. */
static void resume(const struct authority *authority)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct resumed counts = {0, 0};
    struct err err = {0};

    if (signer_open(authority->signer, &signer, &err) < 0 ||
        authority_resume(authority, signer, &counts, &err) < 0)
        log_failure("issue.resume", &err);
    if (counts.finished > 0 || counts.failed > 0)
        log_event(LOG_LEVEL_NOTICE, "issue.resumed",
                  (struct log_field[]){LOG_INT("finished", counts.finished),
                                       LOG_INT("failed", counts.failed), LOG_END});
}

/* Before anybody can enrol a phone: what an earlier run did not come to give its holder. */
static int end_undelivered(const struct authority *authority, struct err *err)
{
    const struct audit_origin by = audit_by_self(clock_now(authority->clock));
    unsigned count;

    TRY(authority_end_undelivered(authority->store, &by, &count, err));
    if (count > 0)
        log_event(LOG_LEVEL_NOTICE, "phone.undelivered",
                  (struct log_field[]){LOG_INT("revoked", count), LOG_END});
    return 0;
}

static void report(unsigned published, const struct err *failure)
{
    if (failure != NULL)
        log_failure("crl.failure", failure);
    else
        log_event(LOG_LEVEL_NOTICE, "crl.published",
                  (struct log_field[]){LOG_INT("lists", published), LOG_END});
}

static void report_feed(const struct err *failure)
{
    log_failure("feed.failure", failure);
}

/* What runs beside the server, from confinement to drain. */
struct beside {
    const char *path; /* of the configuration */
    const struct settings *first;
    struct turns *turns;
    struct publisher_options options;
    struct publisher *publisher;
    struct feeder_options feed;
    struct feeder *feeder;
};

static void stop(void *context)
{
    struct beside *beside = context;

    audit_keeper_stop(beside->options.authority->keeper);
    feeder_stop(beside->feeder);
    beside->feeder = NULL;
    publisher_stopp(&beside->publisher);
}

static int start(void *context, struct err *err)
{
    struct beside *beside = context;
    int rc = publisher_start(&beside->options, &beside->publisher, err);

    if (rc == 0 && beside->feed.authority->feeds != NULL)
        rc = feeder_start(&beside->feed, &beside->feeder, err);
    if (rc == 0)
        rc = checkpoint_start(beside->options.authority->keeper, err);
    if (rc < 0)
        stop(beside);
    return rc;
}

static void release_settings(void *value)
{
    struct settings *settings = value;

    settings_freep(&settings);
}

static int reload(void *context, struct err *err)
{
    const struct beside *beside = context;
    CLEANUP(settings_freep) struct settings *settings = NULL;
    const struct authorityd_config *config;

    TRY(settings_follow(beside->path, beside->first, &settings, err));
    config = &settings->config;
    TRY(turns_put(beside->turns, settings, release_settings, err));
    publisher_retime(beside->publisher, config->daily, config->publish_changed_s);
    if (beside->feeder != NULL)
        feeder_retime(beside->feeder, config->daily, config->feed_every_s);
    settings = NULL;
    return 0;
}

/* Nothing where the configuration names no keys. */
static int make_feeds(const struct authorityd_config *config, struct authority *authority,
                      struct err *err)
{
    struct feed_options options = {.authority = authority};

    if (config->feed_keys[CA_SIGN] == NULL)
        return 0;
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        options.keys[kind] = config->feed_keys[kind];
    return feed_maker_new(&options, &authority->feeds, err);
}

/* An interface of its own, for others than the peers; empty if it is not configured. */
static struct service_door door_of(const struct authorityd_door *at,
                                   const struct route *const *tables,
                                   const struct http_about *about, struct authority *authority,
                                   struct turns *turns)
{
    return (struct service_door){.socket = at->socket,
                                 .port = at->port,
                                 .options = {.tables = tables,
                                             .bell = authority_changes(authority->store),
                                             .about = about,
                                             .context = authority,
                                             .turns = turns,
                                             .worker_open = signer_worker_open,
                                             .worker_close = signer_worker_close,
                                             .ready = authority_ready}};
}

/* From here on there is nothing to be made, only to be served. */
static int serve_made(struct beside *beside, const struct settings *first,
                      struct authority *authority, int signal_fd, struct err *err)
{
    static const struct step steps[] = {
        {HTTP_POST, "/v1/certificates", "F1", "⑤", "the authority issued a certificate"},
        {HTTP_POST, "/v1/revocations", "F4", "②", "the authority revoked a certificate"},
        {HTTP_GET, NULL, NULL, NULL, NULL},
    };
    const struct authorityd_config *config = &first->config;
    const struct authorityd_door proxy = {.socket = config->proxy_socket};
    CLEANUP(free_text) char *own_fees = NULL;
    struct service service = {
        .config = &config->service,
        .rules = &config->rules,
        .paths = {config->database},
        .steps = steps,
        .options = {.tables = authority_routes,
                    .about = &authority_about,
                    .context = authority,
                    .turns = beside->turns,
                    .worker_open = signer_worker_open,
                    .worker_close = signer_worker_close,
                    .ready = authority_ready,
                    .bell = authority_changes(authority->store)},
        .doors = {door_of(&config->holder, authority_holder_tables, &authority_holder_about,
                          authority, beside->turns),
                  door_of(&config->verifier, authority_asked_routes, &authority_asked_about,
                          authority, beside->turns),
                  door_of(&proxy, authority_shown_routes, &authority_shown_about, authority,
                          beside->turns)},
        .start = start,
        .stop = stop,
        .reload = reload,
        .powers = variant_powers(),
        .clock = authority->clock,
        .context = beside,
    };

    TRY(settings_own_fees(&own_fees, err));
    service_add_reloaded(&service, beside->path);
    service_add_reloaded(&service, config->fees == NULL ? own_fees : config->fees);
    return service_run(&service, signal_fd, err);
}

static int serve_with(const char *path, struct settings *settings, int signal_fd, struct err *err)
{
    const struct authorityd_config *config = &settings->config;
    struct authority *authority = &settings->authority;
    CLEANUP(turns_freep) struct turns *turns = NULL;
    struct beside beside = {.path = path,
                            .first = settings,
                            .options = {.authority = authority,
                                        .daily = config->daily,
                                        .changed_s = config->publish_changed_s,
                                        .report = report,
                                        .is_held = variant_holds_lists},
                            .feed = {.authority = authority,
                                     .daily = config->daily,
                                     .every_s = config->feed_every_s,
                                     .report = report_feed}};
    int rc;

    TRY(authority_load_cas(authority, err));
    resume(authority);
    TRY(end_undelivered(authority, err));
    TRY(turns_new(settings, &turns, err));
    beside.turns = turns;
    TRY(feed_quota_new(&authority->feed_quota, err));
    rc = make_feeds(config, authority, err);
    if (rc == 0)
        rc = crl_desk_new(authority, &authority->desk, err);
    if (rc == 0)
        rc = serve_made(&beside, settings, authority, signal_fd, err);
    crl_desk_freep(&authority->desk);
    feed_maker_freep(&authority->feeds);
    feed_quota_freep(&authority->feed_quota);
    return rc;
}

static void settings_end(struct settings *settings)
{
    authority_unload_cas(&settings->authority);
    settings_done(settings);
}

static int open_keeper(const struct settings *settings, struct audit_keeper **ret, struct err *err)
{
    const struct checkpoint_site at = {.db = authority_store_db(settings->authority.store),
                                       .signer = settings->config.signer,
                                       .clock = settings->authority.clock};

    return checkpoint_open(&settings->config.checkpoints, &at, ret, err);
}

static int serve(const struct service_call *call, struct err *err)
{
    CLEANUP(settings_end) struct settings settings = {.authority = {.store = NULL}};
    CLEANUP(authority_store_closep) struct authority_store *store = NULL;
    CLEANUP(audit_keeper_freep) struct audit_keeper *keeper = NULL;
    CLEANUP(fd_done) int signal_fd = -1;

    TRY(settings_read(call->config, &settings, err));
    if (call->check_config)
        return 0;
    TRY(service_begin("jpki-authorityd", &signal_fd, err));
    migration_log();
    TRY(variant_clock(&settings.authority.clock, err));
    TRY(authority_store_open(settings.config.database, &store, err));
    TRY(authority_store_set_cache(store, (unsigned)settings.config.cache_mb, err));
    settings.authority.store = store;
    TRY(open_keeper(&settings, &keeper, err));
    settings.authority.keeper = keeper;
    return serve_with(call->config, &settings, signal_fd, err);
}

static int serve_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return service_main("jpki-authorityd", options, serve);
}

const struct cli_command serve_command = SERVICE_COMMAND(N_("serve requests until SIGTERM"),
                                                         serve_run);
