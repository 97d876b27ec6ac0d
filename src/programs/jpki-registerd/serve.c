/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cli.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "programs/exit.h"
#include "programs/jpki-registerd/commands.h"
#include "programs/jpki-registerd/config.h"
#include "programs/jpki-registerd/parts.h"
#include "programs/migration.h"
#include "programs/variant.h"
#include "register/background.h"
#include "register/personal.h"
#include "register/routes.h"

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

/* Font and certificates are read before the process is confined. */
static int open_personal(const struct registerd_config *config, struct personal **ret,
                         struct err *err)
{
    const struct personal_setup setup = {
        .signer = config->card_signer,
        .certificate = {config->text_certificate, config->visual_certificate},
        .font = config->font,
    };

    if (config->card_signer == NULL)
        return 0;
    return err_prefix(err, personal_open(&setup, ret, err), "card data");
}

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
    const struct counter *counter;
    struct background *background;
};

static int start_background(void *context, struct err *err)
{
    struct work *work = context;

    return background_start(work->counter, ROUND_EVERY_MS, observe, &work->background, err);
}

static void stop_background(void *context)
{
    struct work *work = context;

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

static int serve_with(const struct registerd_config *config, struct counter *counter, int signal_fd,
                      struct err *err)
{
    struct work work = {counter, NULL};
    struct service service = {
        .config = &config->service,
        .rules = &config->rules,
        .paths = {config->database},
        .options = {.tables = register_routes,
                    .about = &register_about,
                    .context = counter,
                    .ready = register_ready},
        .start = start_background,
        .stop = stop_background,
        .context = &work,
    };

    return service_run(&service, signal_fd, err);
}

static int serve(const struct serve *options, struct err *err)
{
    CLEANUP(registerd_config_done) struct registerd_config config = {.database = NULL};
    CLEANUP(municipalities_freep) struct municipalities *list = NULL;
    CLEANUP(register_store_closep) struct register_store *store = NULL;
    CLEANUP(personal_freep) struct personal *personal = NULL;
    CLEANUP(desk_freep) struct desk *desk = NULL;
    CLEANUP(fd_done) int signal_fd = -1;
    struct counter counter = {.store = NULL};

    if (options->config == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    TRY(registerd_config_read(options->config, &config, err));
    TRY(load_municipalities(&config, &list, err));
    TRY(open_desk(&config, &desk, err));
    if (options->check_config)
        return 0;
    TRY(service_begin("jpki-registerd", &signal_fd, err));
    migration_log();
    TRY(variant_clock(&counter.clock, err));
    TRY(open_personal(&config, &personal, err));
    TRY(register_store_open(config.database, &store, err));
    counter.store = store;
    counter.municipalities = list;
    counter.authority = config.authority;
    counter.personal = personal;
    counter.desk = desk;
    if (desk != NULL)
        desk->observe = observe_order;
    counter.window = config.window;
    counter.rule = config.rule;
    counter.generation = config.generation;
    counter.operators.uids = config.operators.uids;
    counter.operators.count = config.operators.count;
    return serve_with(&config, &counter, signal_fd, err);
}

static int serve_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return serve(options, &err) < 0 ? exit_report("jpki-registerd", &err) : EXIT_CODE_DONE;
}

const struct cli_command serve_command = {
    "", "", N_("serve clerks until SIGTERM"), serve_options, sizeof(struct serve), 0, 0, serve_run,
};
