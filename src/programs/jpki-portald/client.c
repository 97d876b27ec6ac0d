/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask at the gateway: client add, list, remove, renew. */
#include "portal/gateway/client.h"
#include "base/i18n.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/operate.h"
#include "programs/output.h"

#include <stdio.h>
#include <string.h>

static const struct cli_option add_options[] = {
    OPERATE_CONFIG,
    {0, "rate", CLI_INT, offsetof(struct operate, rate), N_("N"),
     N_("how many requests a second it may make; 20 unless this is given")},
    CLI_OPTIONS_END,
};
static const struct cli_option list_options[] = {
    OPERATE_CONFIG,
    {'j', "json", CLI_FLAG, offsetof(struct operate, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int copy(const char *text, char *ret, size_t size, const char *what, struct err *err)
{
    if (strlen(text) >= size)
        return FAIL(err, ERR_INPUT, "%s: too long", what);
    (void)snprintf(ret, size, "%s", text);
    return 0;
}

static int add(const struct operate *options, struct db *db, char *const argv[],
               const struct audit_origin *by, struct err *err)
{
    struct gateway_client client = {.rate = options->rate};
    char password[GATEWAY_PASSWORD_SIZE];

    TRY(copy(argv[0], client.id, sizeof client.id, "id", err));
    TRY(copy(argv[1], client.name, sizeof client.name, "name", err));
    TRY(gateway_client_add(db, &client, by, password, err));
    (void)puts(password);
    return 0;
}

static int renew(const struct operate *options, struct db *db, char *const argv[],
                 const struct audit_origin *by, struct err *err)
{
    char password[GATEWAY_PASSWORD_SIZE];

    (void)options;
    TRY(gateway_client_renew(db, argv[0], by, password, err));
    (void)puts(password);
    return 0;
}

static int remove_client(const struct operate *options, struct db *db, char *const argv[],
                         const struct audit_origin *by, struct err *err)
{
    (void)options;
    return gateway_client_remove(db, argv[0], by, err);
}

static int print(const struct json *clients, struct err *err)
{
    for (size_t i = 0; i < json_count(clients); i++) {
        const char *id, *name;
        int64_t rate;

        TRY(json_get_text(json_at(clients, i), "id", &id, err));
        TRY(json_get_text(json_at(clients, i), "name", &name, err));
        TRY(json_get_int(json_at(clients, i), "rate", &rate, err));
        (void)printf("%s  %lld  %s\n", id, (long long)rate, name);
    }
    return 0;
}

static int list(const struct operate *options, struct db *db, char *const argv[],
                const struct audit_origin *by, struct err *err)
{
    CLEANUP(json_freep) struct json *clients = NULL;
    CLEANUP(json_freep) struct json *body = NULL;

    (void)argv;
    (void)by;
    TRY(gateway_client_list(db, &clients, err));
    if (!options->json)
        return print(clients, err);
    body = json_object_new();
    TRY(json_put(body, "clients", json_steal(&clients), err));
    return output_json(body, err);
}

static int add_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, add, argv);
}

static int list_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, list, argv);
}

static int renew_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, renew, argv);
}

static int remove_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, remove_client, argv);
}

const struct cli_command client_add_command = {
    "client add",
    "ID NAME",
    N_("let a service search procedures at the published paths; prints its password, once"),
    add_options,
    sizeof(struct operate),
    2,
    2,
    add_run,
};

const struct cli_command client_list_command = {
    "client list",
    "",
    N_("list the services that may search"),
    list_options,
    sizeof(struct operate),
    0,
    0,
    list_run,
};

const struct cli_command client_renew_command = {
    "client renew",
    "ID",
    N_("give a service another password and print it, once"),
    operate_options,
    sizeof(struct operate),
    1,
    1,
    renew_run,
};

const struct cli_command client_remove_command = {
    "client remove", "ID", N_("forget a service"), operate_options, sizeof(struct operate), 1, 1,
    remove_run,
};
