/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl status: which daemons can do their work, by their own word. */
#include "programs/jpkictl/commands.h"

#include "base/caltime.h"
#include "base/i18n.h"
#include "fetch/fetch.h"
#include "programs/exit.h"
#include "programs/jpkictl/config.h"
#include "programs/output.h"
#include "rpc/signer_client.h"

#include <stdio.h>
#include <string.h>

enum { DAEMON_DEADLINE_MS = 3000 };

struct options {
    const char *config;
    bool json;
};

static const struct cli_option rows[] = {
    {'c', "config", CLI_TEXT, offsetof(struct options, config), N_("FILE"),
     N_("the configuration")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int ask_signer(const char *socket, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct signer_status status;

    TRY(signer_open(socket, &signer, err));
    signer_set_deadline(signer, DAEMON_DEADLINE_MS);
    return signer_status(signer, &status, err);
}

/* A peer's word on its way to a terminal: letters, or a question mark. */
static const char *word_at(const struct json *words, size_t index)
{
    const char *word = json_text(json_at(words, index));

    return word != NULL && word[strspn(word, "abcdefghijklmnopqrstuvwxyz_")] == '\0' ? word : "?";
}

/* What a daemon says of itself beside being ready. */
struct answer {
    struct json *said; /* what it answered; NULL: nothing in JSON */
    struct err why;    /* it is not ready */
    bool is_ready;
};

static void answer_done(struct answer *answer)
{
    json_freep(&answer->said);
}

static int ask_http(const char *socket, struct json **ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {
        .socket = socket, .url = "/readyz", .timeout_ms = DAEMON_DEADLINE_MS};

    TRY(fetch(&request, &response, err));
    *ret = response.json;
    response.json = NULL;
    return 0;
}

static void ask(const struct daemon_config *daemon, struct answer *ret)
{
    int rc = strcmp(daemon->protocol, "signer") == 0
                 ? ask_signer(daemon->socket, &ret->why)
                 : ask_http(daemon->socket, &ret->said, &ret->why);

    ret->is_ready = rc == 0;
}

/* Whether it has read its files again since it started, and when. */
static bool has_reloaded(const struct answer *answer, int64_t *ret_at, bool *ret_refused)
{
    return answer->said != NULL && json_get_int(answer->said, "reloaded_at", ret_at, NULL) == 0 &&
           json_get_bool(answer->said, "reload_refused", ret_refused, NULL) == 0;
}

static int put_reload(struct json *one, const struct answer *answer, struct err *err)
{
    bool is_refused;
    int64_t at;

    if (has_reloaded(answer, &at, &is_refused)) {
        TRY(json_put_int(one, "reloaded_at", at, err));
        return json_put_bool(one, "reload_refused", is_refused, err);
    }
    TRY(json_put_null(one, "reloaded_at", err));
    return json_put_null(one, "reload_refused", err);
}

static const struct json *warnings_of(const struct answer *answer)
{
    const struct json *words = NULL;

    if (answer->said != NULL && json_get_array(answer->said, "warnings", &words, NULL) < 0)
        words = NULL;
    return words;
}

static int put_warnings(struct json *one, const struct answer *answer, struct err *err)
{
    CLEANUP(json_freep) struct json *all = json_array_new();
    const struct json *words = warnings_of(answer);

    for (size_t i = 0; i < json_count(words); i++)
        TRY(json_add_text(all, word_at(words, i), err));
    return json_put(one, "warnings", json_steal(&all), err);
}

static int put_daemon(struct json *all, const struct daemon_config *daemon,
                      const struct answer *answer, struct err *err)
{
    CLEANUP(json_freep) struct json *one = json_object_new();

    TRY(json_put_text(one, "name", daemon->name, err));
    TRY(json_put_text(one, "protocol", daemon->protocol, err));
    TRY(json_put_bool(one, "ready", answer->is_ready, err));
    if (answer->is_ready)
        TRY(json_put_null(one, "why", err));
    else
        TRY(json_put_text(one, "why", answer->why.text, err));
    TRY(put_reload(one, answer, err));
    TRY(put_warnings(one, answer, err));
    return json_add(all, json_steal(&one), err);
}

static void print_daemon(const struct daemon_config *daemon, const struct answer *answer)
{
    const struct json *words = warnings_of(answer);
    char when[CALTIME_TEXT_SIZE];
    bool is_refused;
    int64_t at;

    if (!answer->is_ready) {
        printf(tr("%s: not ready: %s\n"), daemon->name, answer->why.text);
        return;
    }
    printf(tr("%s: ready\n"), daemon->name);
    if (has_reloaded(answer, &at, &is_refused)) {
        caltime_format(at, JST_OFFSET_SECONDS, when);
        printf(is_refused ? tr("  %s: what it found in its files was refused; its log says why\n")
                          : tr("  %s: it has read its files again\n"),
               when);
    }
    for (size_t i = 0; i < json_count(words); i++)
        printf(tr("  warning: %s\n"), word_at(words, i));
}

/* Asks all of them; *ret_ready is how many are. */
static int ask_all(const struct ctl_config *config, struct json *array, size_t *ret_ready,
                   struct err *err)
{
    size_t ready = 0;

    for (size_t i = 0; i < config->daemon_count; i++) {
        const struct daemon_config *daemon = &config->daemon[i];
        CLEANUP(answer_done) struct answer answer = {.said = NULL};

        ask(daemon, &answer);
        ready += answer.is_ready;
        if (array != NULL)
            TRY(put_daemon(array, daemon, &answer, err));
        else
            print_daemon(daemon, &answer);
    }
    *ret_ready = ready;
    return 0;
}

static int show_json(const struct ctl_config *config, size_t *ret_ready, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *array = json_array_new();
    struct json *taken;

    TRY(ask_all(config, array, ret_ready, err));
    taken = array;
    array = NULL;
    TRY(json_put(object, "daemons", taken, err));
    return output_json(object, err);
}

static int show(const struct options *options, bool *ret_all_ready, struct err *err)
{
    CLEANUP(ctl_config_freep) struct ctl_config *config = NULL;
    size_t ready = 0;

    TRY(ctl_config_find(options->config, &config, err));
    if (config->daemon_count == 0)
        return FAIL(err, ERR_INPUT, "%s: there is no section [daemon NAME]", options->config);
    if (options->json)
        TRY(show_json(config, &ready, err));
    else
        TRY(ask_all(config, NULL, &ready, err));
    *ret_all_ready = ready == config->daemon_count;
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};
    bool all_ready;

    (void)argc;
    (void)argv;
    if (show(parsed, &all_ready, &err) < 0)
        return fail(&err);
    return all_ready ? EXIT_CODE_DONE : EXIT_CODE_REMOTE;
}

const struct cli_command command_status = {
    .path = "status",
    .arguments = "",
    .description = N_("ask every daemon of the configuration whether it is ready"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
