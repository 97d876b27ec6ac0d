/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cli.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "programs/jpki-registerd/commands.h"
#include "programs/jpki-registerd/config.h"
#include "programs/jpki-registerd/parts.h"
#include "programs/migration.h"
#include "programs/variant.h"
#include "register/background.h"
#include "register/personal.h"
#include "register/routes.h"

enum { ROUND_EVERY_MS = 1000 };

/* Rounds without anything to do are not told, nor is the same failure each second. */
static void observe_outbox(const struct round *round)
{
    static int last_rc; /* only the background's thread is in here */

    if (round->outbox_rc < 0 && round->outbox_rc != last_rc)
        log_failure("revocation.waits", &round->outbox_failure);
    if (round->outbox_rc == 0 && (round->delivered.done > 0 || round->delivered.refused > 0))
        log_event(LOG_LEVEL_NOTICE, "revocation.delivered",
                  (struct log_field[]){LOG_INT("done", round->delivered.done),
                                       LOG_INT("refused", round->delivered.refused), LOG_END});
    last_rc = round->outbox_rc;
}

static void observe_daily(const struct round *round)
{
    static int last_rc;

    if (round->daily_rc < 0 && round->daily_rc != last_rc)
        log_failure("cards.waiting", &round->daily_failure);
    if (round->ended.lapsed > 0 || round->ended.expired > 0)
        log_event(LOG_LEVEL_NOTICE, "cards.ended",
                  (struct log_field[]){LOG_INT("lapsed", round->ended.lapsed),
                                       LOG_INT("expired", round->ended.expired), LOG_END});
    last_rc = round->daily_rc;
}

static void observe_resumed(const struct round *round)
{
    static int last_rc;

    if (round->resume_rc < 0 && round->resume_rc != last_rc)
        log_failure("certificate.waits", &round->resume_failure);
    if (round->resumed > 0)
        log_event(LOG_LEVEL_NOTICE, "certificate.resumed",
                  (struct log_field[]){LOG_INT("count", round->resumed), LOG_END});
    last_rc = round->resume_rc;
}

static void observe(const struct round *round)
{
    observe_resumed(round);
    observe_daily(round);
    observe_outbox(round);
}

struct work {
    const char *path; /* of the configuration */
    const struct parts *first;
    struct turns *counters;
    struct background *background;
};

static int start_background(void *context, struct err *err)
{
    struct work *work = context;

    TRY(checkpoint_start(work->first->counter.keeper, err));
    return background_start(work->counters, ROUND_EVERY_MS, observe, &work->background, err);
}

static void release_parts(void *value)
{
    struct parts *parts = value;

    parts_freep(&parts);
}

static int reload(void *context, struct err *err)
{
    const struct work *work = context;
    CLEANUP(parts_freep) struct parts *parts = NULL;

    TRY(parts_follow(work->path, work->first, &parts, err));
    TRY(turns_put(work->counters, parts, release_parts, err));
    parts = NULL;
    return 0;
}

static void stop_background(void *context)
{
    struct work *work = context;

    audit_keeper_stop(work->first->counter.keeper);
    background_stopp(&work->background);
}

static void observe_order(const struct http_event *event)
{
    static const struct step steps[] = {
        {HTTP_POST, "/v1/residents", "F1", "①", "the counter registered a resident"},
        {HTTP_POST, "/v1/cards", "F1", "②", "the counter recorded the card"},
        {HTTP_POST, "/v1/cards/:id/personal-files", "F1", "⑥",
         "the register made what is written on the card"},
        {HTTP_POST, "/v1/cards/:id/activation", "F1", "⑦", "the card is active"},
        {HTTP_POST, "/v1/residents/:id/moves", "F4", "①", "the counter recorded a move"},
        {HTTP_GET, NULL, NULL, NULL, NULL},
    };

    steps_note(steps, event);
}

/* Whoever reaches it may log in; who may act says the card. */
static struct service_door counter_door(const struct parts *parts, struct turns *counters)
{
    return (struct service_door){.socket = parts->config.counter_socket,
                                 .port = (uint16_t)parts->config.counter_port,
                                 .options = {.tables = register_door_routes,
                                             .about = &register_door_about,
                                             .context = (void *)(uintptr_t)&parts->counter,
                                             .turns = counters,
                                             .ready = register_ready}};
}

static int serve_with(const char *path, struct parts *parts, int signal_fd, struct err *err)
{
    CLEANUP(turns_freep) struct turns *counters = NULL;
    CLEANUP(free_text) char *own = NULL;
    struct work work = {.path = path, .first = parts};
    struct service service = {
        .config = &parts->config.service,
        .rules = &parts->config.rules,
        .paths = {parts->config.database},
        .options = {.tables = register_routes,
                    .about = &register_about,
                    .context = &parts->counter,
                    .ready = register_ready},
        .start = start_background,
        .stop = stop_background,
        .reload = reload,
        .powers = variant_powers(),
        .clock = parts->counter.clock,
        .context = &work,
    };

    TRY(municipalities_path(&own, err));
    parts_add_files(parts, path, own, &service);
    TRY(turns_new(parts, &counters, err));
    work.counters = counters;
    service.options.turns = counters;
    service.doors[0] = counter_door(parts, counters);
    return service_run(&service, signal_fd, err);
}

static int open_keeper(const struct parts *parts, struct audit_keeper **ret, struct err *err)
{
    const struct checkpoint_site at = {.db = register_store_db(parts->counter.store),
                                       .signer = parts->config.card_signer,
                                       .clock = parts->counter.clock};

    return checkpoint_open(&parts->config.checkpoints, &at, ret, err);
}

static int serve(const struct service_call *call, struct err *err)
{
    CLEANUP(parts_done) struct parts parts = {.counter = {.store = NULL}};
    CLEANUP(register_store_closep) struct register_store *store = NULL;
    CLEANUP(audit_keeper_freep) struct audit_keeper *keeper = NULL;
    CLEANUP(fd_done) int signal_fd = -1;

    TRY(parts_read(call->config, &parts, err));
    if (call->check_config)
        return 0;
    TRY(service_begin("jpki-registerd", &signal_fd, err));
    migration_log();
    TRY(variant_clock(&parts.counter.clock, err));
    TRY(parts_open_personal(&parts, err));
    TRY(register_store_open(parts.config.database, &store, err));
    parts.counter.store = store;
    TRY(parts_open_codes(&parts, err));
    TRY(open_keeper(&parts, &keeper, err));
    parts.counter.keeper = keeper;
    if (parts.desk != NULL)
        parts.desk->observe = observe_order;
    return serve_with(call->config, &parts, signal_fd, err);
}

static int serve_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return service_main("jpki-registerd", options, serve);
}

const struct cli_command serve_command = SERVICE_COMMAND(N_("serve clerks until SIGTERM"),
                                                         serve_run);
