/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "ocsp/sync.h"
#include "programs/exit.h"
#include "programs/jpki-ocspd/commands.h"
#include "programs/jpki-ocspd/config.h"
#include "programs/variant.h"

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

/* What runs beside the servers, from confinement to drain. */
struct beside {
    struct sync_options options;
    struct sync *sync;
};

static int start(void *context, struct err *err)
{
    struct beside *beside = context;

    return sync_start(&beside->options, &beside->sync, err);
}

static void stop(void *context)
{
    struct beside *beside = context;

    sync_stopp(&beside->sync);
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

static int serve_with(const struct ocspd_config *config, struct ocsp_responder *responder,
                      int signal_fd, struct err *err)
{
    CLEANUP(feed_freep) struct feed *feed = NULL;
    struct beside beside = {.options = {.clock = responder->clock,
                                        .interval_ms = (int)config->poll_ms,
                                        .wait_ms = (int)config->wait_ms,
                                        .refresh_s = config->refresh_s,
                                        .report = report_sync}};
    const struct service service = {
        .config = &config->service,
        .rules = &config->rules,
        .port = (uint16_t)config->port,
        .options = {.routes = ocsp_routes,
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
        .context = &beside,
    };

    TRY(feed_new(config->authority, &responder->index, &feed, err));
    feed_set_meter(feed, responder->meter);
    beside.options.feed = feed;
    beside.options.meter = responder->meter;
    beside.options.authority = config->authority;
    return service_run(&service, signal_fd, err);
}

static int serve(const struct serve *options, struct err *err)
{
    CLEANUP(ocspd_config_done) struct ocspd_config config = {.authority = NULL};
    struct ocsp_responder responder = {.report = report_answer};
    CLEANUP(ocspd_delegates_done) struct ocsp_delegate delegates[OCSP_CAS_] = {{.key = NULL}};
    CLEANUP(ocsp_meter_closep) struct ocsp_meter *meter = NULL;
    CLEANUP(fd_done) int signal_fd = -1;
    int rc;

    if (options->config == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    TRY(ocspd_config_read(options->config, &config, err));
    TRY(ocspd_delegates_load(&config, delegates, err));
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        TRY(variant_check_ca(delegates[ca].ca, err));
    if (options->check_config)
        return 0;
    TRY(service_begin("jpki-ocspd", &signal_fd, err));
    TRY(variant_clock(&responder.clock, err));
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        responder.delegates[ca] = delegates[ca];
    responder.signer = config.signer;
    responder.valid_s = config.valid_s;
    responder.refresh_s = config.refresh_s;
    responder.keep_s = config.keep_s;
    responder.proxies = config.proxy_peers.uids;
    responder.proxy_count = config.proxy_peers.count;
    if (config.meter != NULL)
        TRY(ocsp_meter_open(config.meter, &meter, err));
    responder.meter = meter;
    TRY(ocsp_index_init(&responder.index, err));
    rc = config.keep_answers == 0
             ? 0
             : ocsp_responder_keep(&responder, (size_t)config.keep_answers, err);
    if (rc == 0)
        rc = serve_with(&config, &responder, signal_fd, err);
    ocsp_responder_forget(&responder);
    ocsp_index_done(&responder.index);
    return rc;
}

static int serve_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return serve(options, &err) < 0 ? exit_report("jpki-ocspd", &err) : EXIT_CODE_DONE;
}

const struct cli_command serve_command = {
    "", "",        N_("serve requests until SIGTERM"), serve_options, sizeof(struct serve), 0,
    0,  serve_run,
};
