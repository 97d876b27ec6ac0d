/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki-registerd bootstrap: the first clerk of a register, once. Without --application it prints a
 * challenge; the clerk's card signs it (jpki clerk apply), and what comes of that is given here.
 */
#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-registerd/commands.h"
#include "programs/jpki-registerd/parts.h"
#include "programs/variant.h"
#include "register/application.h"

#include <stdio.h>
#include <unistd.h>

struct options {
    const char *config, *application;
};

static const struct cli_option rows[] = {
    {'c', "config", CLI_TEXT, offsetof(struct options, config), "FILE",
     N_("the configuration file")},
    {'a', "application", CLI_TEXT, offsetof(struct options, application), "FILE",
     N_("what the first clerk's card has signed; without it a challenge is printed")},
    CLI_OPTIONS_END,
};

struct work {
    struct registerd_config config;
    struct municipalities *list;
    struct register_store *store;
    struct desk *desk;
    struct counter counter;
    struct audit_origin by;
};

static void work_done(struct work *work)
{
    desk_freep(&work->desk);
    register_store_closep(&work->store);
    municipalities_freep(&work->list);
    registerd_config_done(&work->config);
}

static int open_work(struct work *work, const char *path, struct err *err)
{
    TRY(registerd_config_read(path, &work->config, err));
    TRY(load_municipalities(&work->config, &work->list, err));
    TRY(open_desk(&work->config, &work->desk, err));
    if (work->desk == NULL)
        return FAIL(err, ERR_INPUT, "%s: clerk_anchors is needed: which cards count", path);
    TRY(daemon_harden(err));
    TRY(variant_clock(&work->counter.clock, err));
    TRY(register_store_open(work->config.database, &work->store, err));
    work->by = audit_by_uid(clock_now(work->counter.clock), getuid(), NULL);
    work->counter.store = work->store;
    work->counter.municipalities = work->list;
    work->counter.authority = work->config.authority;
    work->counter.desk = work->desk;
    return 0;
}

static int print_challenge(const struct work *work, struct err *err)
{
    char challenge[BOOTSTRAP_CHALLENGE_LEN + 1];

    TRY(register_begin_bootstrap(work->store, challenge, &work->by, err));
    (void)puts(challenge);
    return 0;
}

static int take_application(const struct work *work, const char *path, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(json_freep) struct json *json = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct application_text from;
    struct clerk clerk;

    TRY(file_read(path, (size_t)4 * APPLICATION_BYTES_MAX, &file, err));
    TRY(err_prefix(err, json_parse(buf_bytes(&file), &json, err), "%s", path));
    TRY(err_prefix(err, json_get_base64(json, "application", &text, err), "%s", path));
    TRY(err_prefix(err, json_get_base64(json, "signature", &signature, err), "%s", path));
    from = (struct application_text){buf_bytes(&text), buf_bytes(&signature)};
    TRY(register_bootstrap(&work->counter, &from, &work->by, &clerk, err));
    (void)puts(clerk.id);
    return 0;
}

static int run_bootstrap(const struct options *options, struct err *err)
{
    CLEANUP(work_done) struct work work = {.store = NULL};

    if (options->config == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    TRY(open_work(&work, options->config, err));
    return options->application == NULL ? print_challenge(&work, err)
                                        : take_application(&work, options->application, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return run_bootstrap(options, &err) < 0 ? exit_report("jpki-registerd", &err) : EXIT_CODE_DONE;
}

const struct cli_command bootstrap_command = {
    .path = "bootstrap",
    .arguments = "",
    .description = N_("make the first clerk, who administers the others; works once"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
