/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "programs/jpki-witnessd/commands.h"
#include "programs/jpki-witnessd/config.h"
#include "programs/variant.h"
#include "rpc/signer_worker.h"
#include "witness/routes.h"

static void report(const struct witness_report *report)
{
    const char *log = report->log->name;
    const char *failure = report->failure == NULL ? "" : report->failure->text;

    switch (report->sight) {
    case SIGHT_CURRENT:
        log_event(
            LOG_LEVEL_NOTICE, "log.cosigned",
            (struct log_field[]){LOG_TEXT("log", log), LOG_INT("records", report->size), LOG_END});
        return;
    case SIGHT_REFUSED:
        log_event(LOG_LEVEL_ERROR, "log.refused",
                  (struct log_field[]){LOG_TEXT("log", log),
                                       LOG_TEXT("doubt", witness_doubt_words[report->doubt]),
                                       LOG_TEXT("failure", failure), LOG_END});
        return;
    case SIGHT_NONE:
    case SIGHT_FAILED:
    case SIGHTS_:
        log_event(
            LOG_LEVEL_WARNING, "log.failure",
            (struct log_field[]){LOG_TEXT("log", log), LOG_TEXT("failure", failure), LOG_END});
    }
}

/* What looks at the logs while there is a server. */
struct beside {
    struct witness_watch_options options;
    struct witness_watch *watch;
};

static int start(void *context, struct err *err)
{
    struct beside *beside = context;

    return witness_watch_start(&beside->options, &beside->watch, err);
}

static void stop(void *context)
{
    struct beside *beside = context;

    witness_watch_stopp(&beside->watch);
}

static void fill(const struct witnessd_config *config, struct witness *witness)
{
    witness->signer = config->signer;
    witness->key = config->key;
    witness->name = config->name;
    witness->again_s = config->again_s;
    witness->log_count = config->log_count;
    for (size_t i = 0; i < config->log_count; i++) {
        witness->logs[i].name = config->logs[i].name;
        witness->logs[i].socket = config->logs[i].socket;
        witness->logs[i].key = config->logs[i].is;
    }
}

static int serve_with(const struct witnessd_config *config, struct witness *witness, int signal_fd,
                      struct err *err)
{
    struct beside beside = {
        .options = {.witness = witness, .interval_ms = (int)config->poll_ms, .report = report}};
    const struct service service = {
        .config = &config->service,
        .rules = &config->rules,
        .paths = {config->database},
        .is_polled = true,
        .options = {.routes = witness_routes,
                    .about = &witness_about,
                    .context = witness,
                    .worker_open = signer_worker_open,
                    .worker_close = signer_worker_close,
                    .ready = witness_ready},
        .start = start,
        .stop = stop,
        .context = &beside,
    };

    TRY(witness_load(witness, err));
    return service_run(&service, signal_fd, err);
}

static int serve(const struct service_call *call, struct err *err)
{
    CLEANUP(witnessd_config_done) struct witnessd_config config = {.database = NULL};
    CLEANUP(witness_store_closep) struct witness_store *store = NULL;
    CLEANUP(fd_done) int signal_fd = -1;
    struct witness witness = {.store = NULL};

    TRY(witnessd_config_read(call->config, &config, err));
    if (call->check_config)
        return 0;
    TRY(service_begin("jpki-witnessd", &signal_fd, err));
    fill(&config, &witness);
    TRY(variant_clock(&witness.clock, err));
    TRY(witness_store_open(config.database, &store, err));
    witness.store = store;
    return serve_with(&config, &witness, signal_fd, err);
}

static int serve_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return service_main("jpki-witnessd", options, serve);
}

const struct cli_command serve_command = SERVICE_COMMAND(N_("serve requests until SIGTERM"),
                                                         serve_run);
