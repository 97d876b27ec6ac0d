/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-softcard/commands.h"

#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/log.h"
#include "programs/exit.h"
#include "programs/jpki-softcard/serving.h"
#include "programs/steps.h"

#include <limits.h>

struct options {
    const char *direct;
    const char *pcsc;
    const char *control;
    int64_t peer;
    const char *vpcd;
    const char *socket_dir;
    const char *atr;
    const char *key_file;
    const char *option;
    const char *trouble;
    const char *trace;
    bool verbose;
};

static const struct cli_option options[] = {
    {'d', "direct", CLI_TEXT, offsetof(struct options, direct), N_("SOCKET"),
     N_("be reached there without a reader")},
    {'s', "pcsc", CLI_TEXT, offsetof(struct options, pcsc), N_("SOCKET"),
     N_("be shared there by programs that use libjpki-softpcsc")},
    {'c', "control", CLI_TEXT, offsetof(struct options, control), N_("SOCKET"),
     N_("take orders of a counter's terminal there")},
    {'P', "peer", CLI_INT, offsetof(struct options, peer), N_("UID"),
     N_("a user who may use these sockets as well")},
    {'p', "vpcd", CLI_TEXT, offsetof(struct options, vpcd), N_("HOST:PORT"),
     N_("be in pcscd's virtual reader, which listens there")},
    {'D', "socket-dir", CLI_TEXT, offsetof(struct options, socket_dir), N_("DIR"),
     N_("be many cards, reached at DIR/NAME.direct and DIR/NAME.pcsc")},
    {'a', "atr", CLI_TEXT, offsetof(struct options, atr), N_("KIND"),
     N_("contactless (if not given) or contact")},
    {'k', "key-file", CLI_TEXT, offsetof(struct options, key_file), N_("FILE"),
     N_("the key that seals the card; CARD.key if not given")},
    {'O', "option", CLI_TEXT, offsetof(struct options, option), N_("NAME=VALUE"),
     N_("what the card does where sources disagree; several with commas")},
    {'t', "trouble", CLI_TEXT, offsetof(struct options, trouble), N_("NAME=VALUE"),
     N_("what is wrong with the card, as POST /v1/trouble; several with commas")},
    {'T', "trace", CLI_TEXT, offsetof(struct options, trace), N_("FILE"),
     N_("append what is said to the card and what it answers, without PINs")},
    {'v', "verbose", CLI_FLAG, offsetof(struct options, verbose), NULL,
     N_("log every request on the control socket")},
    CLI_OPTIONS_END,
};

static int start(const struct serving_options *given, struct err *err)
{
    CLEANUP(fd_done) int signals = -1;
    bool is_single = given->direct != NULL || given->pcsc != NULL || given->vpcd != NULL ||
                     given->control != NULL;

    if (!is_single && given->socket_dir == NULL)
        return FAIL(err, ERR_USAGE,
                    "a card that nobody can reach; give --vpcd, --pcsc or --direct");
    if (is_single && given->socket_dir != NULL)
        return FAIL(err, ERR_USAGE, "--socket-dir names all sockets there are");
    if (given->peer < 0 || given->peer >= (int64_t)(uid_t)-1)
        return FAIL(err, ERR_USAGE, "--peer is a numeric user id");
    if (given->count > 1 && given->socket_dir == NULL)
        return FAIL(err, ERR_USAGE, "more than one card needs --socket-dir");
    TRY(daemon_harden(err));
    TRY(trace_open("jpki-softcard", err));
    TRY(daemon_signals(&signals, err));
    if (!daemon_lock_memory())
        log_event(LOG_LEVEL_WARNING, "memory.not-locked", NULL);
    TRY(serving_run(given, signals, err));
    log_event(LOG_LEVEL_NOTICE, "card.stopped", NULL);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    const struct options *given = parsed;
    const struct serving_options serving = {
        .cards = (const char *const *)argv,
        .count = (size_t)argc,
        .direct = given->direct,
        .pcsc = given->pcsc,
        .control = given->control,
        .peer = given->peer,
        .vpcd = given->vpcd,
        .socket_dir = given->socket_dir,
        .atr = given->atr,
        .key_file = given->key_file,
        .option = given->option,
        .trouble = given->trouble,
        .trace = given->trace,
    };
    struct err err = {.kind = ERR_NONE};

    log_open("jpki-softcard", given->verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_NOTICE);
    return start(&serving, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_serve = {
    .path = "serve",
    .arguments = N_("CARD..."),
    .description = N_("be that card until SIGTERM"),
    .options = options,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = INT_MAX,
    .run = run,
};
