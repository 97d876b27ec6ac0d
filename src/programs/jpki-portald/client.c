/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask at the gateway: client add, list, remove, renew. */
#include "portal/gateway/client.h"
#include "base/i18n.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/operate.h"

#include <stdio.h>
#include <string.h>

static const struct cli_option add_options[] = {
    OPERATE_CONFIG,
    {0, "rate", CLI_INT, offsetof(struct operate, rate), N_("N"),
     N_("how many requests a second it may make; 20 unless this is given")},
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

static int print(const struct json *client, struct err *err)
{
    const char *id, *name;
    int64_t rate;

    TRY(json_get_text(client, "id", &id, err));
    TRY(json_get_text(client, "name", &name, err));
    TRY(json_get_int(client, "rate", &rate, err));
    (void)printf("%s  %lld  %s\n", id, (long long)rate, name);
    return 0;
}

static const struct operate_list clients = {
    .key = "clients", .read = gateway_client_list, .print = print};

const struct cli_command client_add_command = OPERATE_ROW(
    "client add", "ID NAME",
    N_("let a service search procedures at the published paths; prints its password, once"),
    add_options, 2, 2, .act = add);

const struct cli_command client_list_command = OPERATE_ROW(
    "client list", "", N_("list the services that may search"), operate_list_options, 0, 0,
    .list = &clients);

const struct cli_command client_renew_command = OPERATE_ROW(
    "client renew", "ID", N_("give a service another password and print it, once"), operate_options,
    1, 1, .act = renew);

const struct cli_command client_remove_command = OPERATE_ROW(
    "client remove", "ID", N_("forget a service"), operate_options, 1, 1, .act = remove_client);
