/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl status: which daemons can do their work, by their own word. */
#include "programs/jpkictl/commands.h"

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

static int ask_http(const char *socket, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {
        .socket = socket, .url = "/readyz", .timeout_ms = DAEMON_DEADLINE_MS};

    return fetch(&request, &response, err);
}

static int ask(const struct daemon_config *daemon, struct err *err)
{
    return strcmp(daemon->protocol, "signer") == 0 ? ask_signer(daemon->socket, err)
                                                   : ask_http(daemon->socket, err);
}

static int put_daemon(struct json *all, const struct daemon_config *daemon, const struct err *why,
                      struct err *err)
{
    CLEANUP(json_freep) struct json *one = json_object_new();
    struct json *taken;

    TRY(json_put_text(one, "name", daemon->name, err));
    TRY(json_put_text(one, "protocol", daemon->protocol, err));
    TRY(json_put_bool(one, "ready", why == NULL, err));
    if (why == NULL)
        TRY(json_put_null(one, "why", err));
    else
        TRY(json_put_text(one, "why", why->text, err));
    taken = one;
    one = NULL;
    return json_add(all, taken, err);
}

/* Asks all of them; *ret_ready is how many are. */
static int ask_all(const struct ctl_config *config, struct json *array, size_t *ret_ready,
                   struct err *err)
{
    size_t ready = 0;

    for (size_t i = 0; i < config->daemon_count; i++) {
        const struct daemon_config *daemon = &config->daemon[i];
        struct err why = {0};
        bool is_ready = ask(daemon, &why) == 0;

        ready += is_ready;
        if (array != NULL)
            TRY(put_daemon(array, daemon, is_ready ? NULL : &why, err));
        else if (is_ready)
            printf(tr("%s: ready\n"), daemon->name);
        else
            printf(tr("%s: not ready: %s\n"), daemon->name, why.text);
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
