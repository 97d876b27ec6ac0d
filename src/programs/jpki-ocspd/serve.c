/* SPDX-License-Identifier: Apache-2.0 */
#include "base/caltime.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "ocsp/sync.h"
#include "programs/jpki-ocspd/commands.h"
#include "programs/jpki-ocspd/config.h"
#include "programs/variant.h"

enum { SECONDS_PER_DAY = 86400 };

/* What runs beside the servers, from confinement to drain. */
struct beside {
    const char *path; /* of the configuration */
    const struct ocspd_config *config;
    struct ocsp_responder *responder;
    struct renewal_options renewal;
    struct sync_options options;
    struct sync *sync;
    struct lists *lists; /* NULL: none are offered */
};

static void stop(void *context)
{
    struct beside *beside = context;

    renewal_stopp(&beside->responder->renewal);
    lists_stop(beside->lists);
    sync_stopp(&beside->sync);
}

static int start(void *context, struct err *err)
{
    struct beside *beside = context;
    int rc;

    TRY(sync_start(&beside->options, &beside->sync, err));
    rc = beside->lists == NULL ? 0 : lists_start(beside->lists, err);
    if (rc == 0)
        rc = renewal_start(&beside->renewal, &beside->responder->renewal, err);
    if (rc < 0)
        stop(beside);
    return rc;
}

static int reload(void *context, struct err *err)
{
    struct beside *beside = context;

    return ocspd_reload(beside->path, beside->config, &beside->renewal, err);
}

static void report_renewal(enum renewal_event event, const struct ocsp_delegate *delegate,
                           const struct err *failure)
{
    static const char *const names[] = {[RENEWAL_DONE] = "certificate.renewed",
                                        [RENEWAL_FAILED] = "certificate.renewal_failed",
                                        [RENEWAL_ENDS_SOON] = "certificate.ends_soon"};
    char end[CALTIME_TEXT_SIZE];

    caltime_format(x509_cert_tbs(delegate->certificate)->not_after, 0, end);
    log_event(event == RENEWAL_DONE ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING, names[event],
              (struct log_field[]){LOG_TEXT("kind", ocsp_ca_name(delegate->kind)),
                                   LOG_TEXT(event == RENEWAL_DONE ? "instead_of" : "ends", end),
                                   LOG_TEXT("failure", failure == NULL ? "" : failure->text),
                                   LOG_END});
}

static void report_answer(const struct err *failure)
{
    log_failure("ocsp.failure", failure);
}

static void report_sync(const struct feed *feed, const struct err *failure)
{
    if (failure != NULL)
        log_failure("feed.failure", failure);
    else
        log_event(LOG_LEVEL_NOTICE, "feed.current",
                  (struct log_field[]){LOG_INT("last", feed_last(feed)), LOG_END});
}

static void report_loading(uint64_t last)
{
    log_event(LOG_LEVEL_NOTICE, "feed.loading",
              (struct log_field[]){LOG_INT("last", last), LOG_END});
}

static void report_lists(const struct err *failure)
{
    log_failure("lists.failure", failure);
}

static int have_lists(const struct ocspd_config *config, struct ocsp_responder *responder,
                      struct err *err)
{
    const struct lists_options options = {.socket = config->authority,
                                          .index = &responder->index,
                                          .clock = responder->clock,
                                          .interval_ms = (int)config->lists_s * 1000,
                                          .report = report_lists};

    return config->lists_s == 0 ? 0 : lists_new(&options, &responder->lists, err);
}

static int serve_with(const char *path, const struct ocspd_config *config,
                      struct ocsp_responder *responder, int signal_fd, struct err *err)
{
    CLEANUP(feed_freep) struct feed *feed = NULL;
    struct beside beside = {.path = path,
                            .config = config,
                            .responder = responder,
                            .renewal = {.index = &responder->index,
                                        .clock = responder->clock,
                                        .signer = config->signer,
                                        .authority = config->authority,
                                        .renew_s = config->renew_days * SECONDS_PER_DAY,
                                        .warn_s = responder->warn_s,
                                        .report = report_renewal},
                            .options = {.clock = responder->clock,
                                        .interval_ms = (int)config->poll_ms,
                                        .wait_ms = (int)config->wait_ms,
                                        .refresh_s = config->refresh_s,
                                        .report = report_sync,
                                        .loading = report_loading}};
    const struct service service = {
        .config = &config->service,
        .rules = &config->rules,
        .reloaded = {path, config->cas[OCSP_CA_SIGN], config->cas[OCSP_CA_AUTH],
                     config->certificates[OCSP_CA_SIGN], config->certificates[OCSP_CA_AUTH]},
        .port = (uint16_t)config->port,
        .options = {.tables = ocsp_tables,
                    .about = &ocsp_about,
                    .context = responder,
                    .worker_open = ocsp_worker_open,
                    .worker_close = ocsp_worker_close,
                    .ready = ocsp_ready},
        .doors = {{.socket = config->proxy_socket,
                   .options = {.routes = ocsp_proxy_routes,
                               .about = &ocsp_about,
                               .context = responder,
                               .worker_open = ocsp_worker_open,
                               .worker_close = ocsp_worker_close,
                               .ready = ocsp_ready}}},
        .is_polled = true,
        .start = start,
        .stop = stop,
        .reload = reload,
        .powers = variant_powers(),
        .clock = responder->clock,
        .context = &beside,
    };

    TRY(have_lists(config, responder, err));
    beside.lists = responder->lists;
    TRY(feed_new(config->authority, &responder->index, &feed, err));
    feed_set_meter(feed, responder->meter);
    beside.options.feed = feed;
    beside.options.meter = responder->meter;
    beside.options.authority = config->authority;
    return service_run(&service, signal_fd, err);
}

static int serve(const struct service_call *call, struct err *err)
{
    CLEANUP(ocspd_config_done) struct ocspd_config config = {.authority = NULL};
    struct ocsp_responder responder = {.report = report_answer};
    CLEANUP(ocsp_delegates_releasep) struct ocsp_delegates *delegates = NULL;
    CLEANUP(ocsp_meter_closep) struct ocsp_meter *meter = NULL;
    CLEANUP(fd_done) int signal_fd = -1;
    int rc;

    TRY(ocspd_config_read(call->config, &config, err));
    TRY(ocspd_delegates_load(&config, &delegates, err));
    if (call->check_config)
        return 0;
    TRY(service_begin("jpki-ocspd", &signal_fd, err));
    TRY(variant_clock(&responder.clock, err));
    responder.signer = config.signer;
    responder.valid_s = config.valid_s;
    responder.refresh_s = config.refresh_s;
    responder.keep_s = config.keep_s;
    responder.warn_s = config.warn_days * SECONDS_PER_DAY;
    responder.proxies = config.proxy_peers.uids;
    responder.proxy_count = config.proxy_peers.count;
    if (config.meter != NULL)
        TRY(ocsp_meter_open(config.meter, &meter, err));
    responder.meter = meter;
    TRY(ocsp_index_init(&responder.index, err));
    ocsp_index_appoint(&responder.index, delegates);
    rc = config.keep_answers == 0
             ? 0
             : ocsp_cache_new((size_t)config.keep_answers, &responder.cache, err);
    if (rc == 0)
        rc = serve_with(call->config, &config, &responder, signal_fd, err);
    lists_freep(&responder.lists);
    ocsp_cache_freep(&responder.cache);
    ocsp_index_done(&responder.index);
    return rc;
}

static int serve_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return service_main("jpki-ocspd", options, serve);
}

const struct cli_command serve_command = SERVICE_COMMAND(N_("serve requests until SIGTERM"),
                                                         serve_run);
