/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-signerd/commands.h"

#include "base/i18n.h"
#include "base/json.h"
#include "programs/exit.h"
#include "programs/output.h"
#include "rpc/signer_client.h"

#include <stdio.h>

struct status {
    const char *socket;
    bool json;
};

static const struct cli_option options[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct status, socket), N_("PATH"),
     N_("where jpki-signerd listens")},
    {'j', "json", CLI_FLAG, offsetof(struct status, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int print_json(const struct signer_status *status, struct err *err)
{
    CLEANUP(json_freep) struct json *value = json_object_new();

    TRY(json_put_text(value, "program", status->program, err));
    TRY(json_put_int(value, "uptime_s", (int64_t)status->uptime_s, err));
    TRY(json_put_int(value, "keys", status->keys, err));
    TRY(json_put_int(value, "signatures", (int64_t)status->signatures, err));
    TRY(json_put_int(value, "refusals", (int64_t)status->refusals, err));
    TRY(json_put_int(value, "connections", status->connections, err));
    TRY(json_put_bool(value, "peers_separated", status->peers_separated, err));
    TRY(json_put_bool(value, "memory_locked", status->memory_locked, err));
    return output_json(value, err);
}

static void print_text(const struct signer_status *status)
{
    printf(tr("jpki-signerd %s, up for %llu s, %u keys, %u connections\n"), status->program,
           (unsigned long long)status->uptime_s, status->keys, status->connections);
    printf(tr("%llu signatures, %llu refusals\n"), (unsigned long long)status->signatures,
           (unsigned long long)status->refusals);
    if (!status->peers_separated)
        printf("%s\n", tr("peers are not separated: one of them runs as signerd's own user"));
    if (!status->memory_locked)
        printf("%s\n", tr("memory is not locked as a whole: raise the limit (ulimit -l)"));
}

static int ask(const struct status *options_given, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct signer_status status;

    if (options_given->socket == NULL)
        return FAIL(err, ERR_USAGE, "--socket is needed");
    TRY(signer_open(options_given->socket, &signer, err));
    TRY(signer_status(signer, &status, err));
    if (options_given->json)
        return print_json(&status, err);
    print_text(&status);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    if (ask(parsed, &err) < 0)
        return fail(&err);
    return EXIT_CODE_DONE;
}

const struct cli_command command_status = {
    .path = "status",
    .arguments = "",
    .description = N_("ask a running jpki-signerd how it is"),
    .options = options,
    .size = sizeof(struct status),
    .run = run,
};
