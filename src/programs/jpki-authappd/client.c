/* SPDX-License-Identifier: Apache-2.0 */
/* Relying parties: client add, list, remove, rotate. */
#include "authapp/client/register.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-authappd/commands.h"
#include "programs/jpki-authappd/config.h"
#include "programs/output.h"
#include "programs/variant.h"

#include <stdio.h>
#include <unistd.h>

struct client_options {
    const char *config;
    bool json;
};

static const struct cli_option options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct client_options, config), "FILE",
     N_("the configuration file")},
    CLI_OPTIONS_END,
};

static const struct cli_option list_options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct client_options, config), "FILE",
     N_("the configuration file")},
    {'j', "json", CLI_FLAG, offsetof(struct client_options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

/* What each of the commands does to an open store. */
typedef int client_act(const struct client_options *parsed, struct authapp_store *store,
                       const char *argument, const struct audit_origin *by, struct err *err);

static int run(const struct client_options *parsed, client_act *act, const char *argument,
               struct err *err)
{
    CLEANUP(authappd_config_done) struct authappd_config config = {.database = NULL};
    CLEANUP(authapp_store_closep) struct authapp_store *store = NULL;
    const struct clock *clock;
    struct audit_origin by;

    if (parsed->config == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    TRY(authappd_config_read(parsed->config, &config, err));
    TRY(daemon_harden(err));
    TRY(variant_clock(&clock, err));
    by = audit_by_uid(clock_now(clock), getuid(), NULL);
    TRY(authapp_store_open(config.database, &store, err));
    return act(parsed, store, argument, &by, err);
}

static int report(const struct client_options *parsed, client_act *act, const char *argument)
{
    struct err err = {0};

    return run(parsed, act, argument, &err) < 0 ? exit_report("jpki-authappd", &err)
                                                : EXIT_CODE_DONE;
}

static int add(const struct client_options *parsed, struct authapp_store *store, const char *path,
               const struct audit_origin *by, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    char secret[CLIENT_SECRET_SIZE];
    int rc = file_read(path, AUTHAPP_METADATA_MAX, &file, err);

    (void)parsed;
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "%s: no such file", path);
    TRY(rc);
    TRY(err_prefix(err, client_register(store, buf_bytes(&file), by, secret, err), "%s", path));
    if (secret[0] != '\0')
        (void)puts(secret);
    return 0;
}

static int add_run(const void *parsed, int argc, char *const argv[])
{
    (void)argc;
    return report(parsed, add, argv[0]);
}

static int print_client(void *context, const struct client *client, struct err *err)
{
    struct json *list = context;
    struct json *copy = NULL;

    if (list == NULL) {
        (void)printf("%s  %s  %s\n", client->id, client_auth_names[client->auth], client->name);
        return 0;
    }
    TRY(json_duplicate(client->metadata, &copy, err));
    return json_add(list, copy, err);
}

static int list(const struct client_options *parsed, struct authapp_store *store,
                const char *argument, const struct audit_origin *by, struct err *err)
{
    CLEANUP(json_freep) struct json *all = parsed->json ? json_array_new() : NULL;
    CLEANUP(json_freep) struct json *body = NULL;

    (void)argument;
    (void)by;
    TRY(authapp_each_client(store, print_client, all, err));
    if (!parsed->json)
        return 0;
    body = json_object_new();
    TRY(json_put(body, "clients", json_steal(&all), err));
    return output_json(body, err);
}

static int list_run(const void *parsed, int argc, char *const argv[])
{
    (void)argc;
    (void)argv;
    return report(parsed, list, NULL);
}

static int remove_client(const struct client_options *parsed, struct authapp_store *store,
                         const char *id, const struct audit_origin *by, struct err *err)
{
    (void)parsed;
    return authapp_remove_client(store, id, by, err);
}

static int remove_run(const void *parsed, int argc, char *const argv[])
{
    (void)argc;
    return report(parsed, remove_client, argv[0]);
}

static int rotate(const struct client_options *parsed, struct authapp_store *store, const char *id,
                  const struct audit_origin *by, struct err *err)
{
    char secret[CLIENT_SECRET_SIZE];

    (void)parsed;
    TRY(client_renew_secret(store, id, by, secret, err));
    (void)puts(secret);
    return 0;
}

static int rotate_run(const void *parsed, int argc, char *const argv[])
{
    (void)argc;
    return report(parsed, rotate, argv[0]);
}

/* A key for a relying party that has none; it is printed, and kept nowhere. */
static int keygen(struct err *err)
{
    CLEANUP(secret_done) struct secret jwk = SECRET_INIT;

    TRY(daemon_harden(err));
    TRY(jws_key_make(&jwk, err));
    return file_write_all(STDOUT_FILENO, secret_bytes(&jwk), err);
}

static int keygen_run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)parsed;
    (void)argc;
    (void)argv;
    return keygen(&err) < 0 ? exit_report("jpki-authappd", &err) : EXIT_CODE_DONE;
}

static const struct cli_option no_options[] = {CLI_OPTIONS_END};

const struct cli_command client_keygen_command = {
    "client keygen",
    "",
    N_("print a new private key for a relying party, as JWK"),
    no_options,
    sizeof(struct client_options),
    0,
    0,
    keygen_run,
};

const struct cli_command client_add_command = {
    "client add",
    "FILE",
    N_("register a relying party; prints its secret, if it has one, once"),
    options,
    sizeof(struct client_options),
    1,
    1,
    add_run,
};

const struct cli_command client_list_command = {
    "client list",
    "",
    N_("list the relying parties"),
    list_options,
    sizeof(struct client_options),
    0,
    0,
    list_run,
};

const struct cli_command client_remove_command = {
    "client remove",
    "CLIENT_ID",
    N_("forget a relying party and end all that was granted to it"),
    options,
    sizeof(struct client_options),
    1,
    1,
    remove_run,
};

const struct cli_command client_rotate_command = {
    "client rotate",
    "CLIENT_ID",
    N_("give a relying party another secret and print it, once"),
    options,
    sizeof(struct client_options),
    1,
    1,
    rotate_run,
};
