/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki-sandbox-page: shows in a browser what a sandbox does, and serves its control API. Software
 * cards of whoever logs in are started by a process that is forked first; what serves has a user of
 * its own where root runs it, and is confined.
 */
#include "base/cli.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/share.h"
#include "programs/exit.h"
#include "programs/service.h"
#include "programs/variables.h"
#include "sandbox/folder.h"
#include "sandbox/page.h"
#include "sandbox/page_rights.h"
#include "sandbox/powers_file.h"
#include "sandbox/process.h"

#include <string.h>

static const char name[] = "jpki-sandbox-page";

_Static_assert(PAGE_RIGHTS + 1 <= SERVICE_MORE_MAX, "all of them fit");

struct serve {
    const char *dir;
    int64_t port;
    const char *socket;
};

static const struct cli_option serve_options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct serve, dir), N_("DIR"), N_("the sandbox's directory")},
    {'p', "port", CLI_INT, offsetof(struct serve, port), N_("PORT"),
     N_("the port of 127.0.0.1 to serve")},
    {'s', "socket", CLI_TEXT, offsetof(struct serve, socket), N_("PATH"),
     N_("a Unix socket to serve as well")},
    CLI_OPTIONS_END,
};

/* What the page is made of, and where it is read from while serving. */
struct sources {
    struct layout layout;
    struct page page;
    struct keeper *keeper;
    struct page_rights rights;
};

static void sources_done(struct sources *sources)
{
    keeper_free(sources->keeper);
    page_rights_done(&sources->rights);
    page_done(&sources->page);
    layout_done(&sources->layout);
}

/* Who it was, and why not; the code and the address are nobody's business. */
static void report(const struct phone_login *login, const struct err *failure)
{
    log_event(failure == NULL ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING, "phone.login",
              (struct log_field[]){LOG_TEXT("persona", login->persona),
                                   LOG_TEXT("failure", failure == NULL ? "" : failure->text),
                                   LOG_END});
}

static int sources_open(const char *dir, struct sources *sources, struct err *err)
{
    CLEANUP(free_text) char *start = NULL;
    CLEANUP(free_text) char *share = NULL;
    pid_t supervisor = 0;

    TRY(layout_init(dir, &sources->layout, err));
    TRY(layout_running(&sources->layout, &supervisor, err));
    TRY(layout_watch(&sources->layout, err));
    TRY(share_path("openjpki/start", &start, err));
    TRY(share_path(".", &share, err));
    TRY(page_rights_of(&sources->layout, share, &sources->rights, err));
    return page_load(start, &sources->layout, &sources->page, err);
}

/* Whoever has the cards comes first: it becomes another user. */
static int give_up_rights(struct sources *sources, struct err *err)
{
    CLEANUP(free_text) char *folder = NULL; /* of our programs */

    TRY(own_folder(&folder, err));
    TRY(keeper_fork(&sources->layout, folder, &sources->keeper, err));
    return identity_assume(IDENTITY_PAGE, err);
}

static int start(void *context, struct err *err)
{
    struct sources *sources = context;
    const struct phone_options options = {.layout = &sources->layout,
                                          .keeper = sources->keeper,
                                          .page = sources->page.powers,
                                          .report = report};

    return phone_new(&options, &sources->page.phone, err);
}

static void stop(void *context)
{
    struct sources *sources = context;

    phone_free(sources->page.phone);
    sources->page.phone = NULL;
}

static int serve_with(const struct serve *options, struct sources *sources, int signal_fd,
                      struct err *err)
{
    CLEANUP(free_text) char *socket = NULL;
    struct service_config config = {.workers = 2};
    struct service_rules rules = {.socket_mode = 0660};
    struct service service = {
        .config = &config,
        .rules = &rules,
        .has_network = true, /* logins are answered at the ports of 127.0.0.1 */
        .is_polled = true,
        .start = start,
        .stop = stop,
        .context = sources,
        .port = (uint16_t)options->port,
        .options = {.tables = page_tables, .about = &page_about, .context = &sources->page},
    };

    if (options->socket != NULL)
        TRY(path_format(&socket, err, "%s", options->socket));
    config.socket = socket;
    memcpy(service.more, sources->rights.list, sizeof sources->rights.list);
    return service_run(&service, signal_fd, err);
}

static int serve(const struct serve *options, struct err *err)
{
    CLEANUP(sources_done) struct sources sources = {.layout = LAYOUT_INIT};
    CLEANUP(fd_done) int signal_fd = -1;

    if (options->port < 1 || options->port > UINT16_MAX)
        return FAIL(err, ERR_USAGE, "--port PORT is needed, between 1 and 65535");
    TRY(sources_open(options->dir, &sources, err));
    TRY(service_begin(name, &signal_fd, err));
    TRY(give_up_rights(&sources, err));
    TRY(powers_file_map(&sources.layout, &sources.page.powers, err));
    return serve_with(options, &sources, signal_fd, err);
}

static int serve_run(const void *options, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return serve(options, &err) < 0 ? exit_report(name, &err) : EXIT_CODE_DONE;
}

int main(int argc, char *argv[])
{
    static const struct cli_command command = {
        "", "",       N_("serve the page until SIGTERM"), serve_options, sizeof(struct serve), 0,
        0,  serve_run};
    static const struct cli_command *const commands[] = {&command, NULL};
    static const struct settings_variable variables[] = {VARIABLES_DAEMON};
    static const struct program_settings settings = {NULL, NULL, variables};
    static const struct cli_program program = {name, N_("show in a browser what a sandbox does"),
                                               commands, &settings};

    return cli_main(&program, argc, argv);
}
