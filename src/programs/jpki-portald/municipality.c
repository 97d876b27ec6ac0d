/* SPDX-License-Identifier: Apache-2.0 */
/* Municipalities, their keys, and the texts they may offer: municipality ..., procedures load. */
#include "base/i18n.h"
#include "portal/municipality/connected.h"
#include "portal/municipality/key.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/operate.h"

#include <stdio.h>
#include <string.h>

static const struct cli_option add_options[] = {
    OPERATE_CONFIG,
    {0, "offer-all", CLI_FLAG, offsetof(struct operate, offer_all), NULL,
     N_("have it offer all procedures that are loaded")},
    CLI_OPTIONS_END,
};

/* Who is in charge, until the municipality says so itself. */
static const char *const department[] = {"総合窓口", "General counter"};

static int copy(const char *text, char *ret, size_t size, struct err *err)
{
    if (strlen(text) >= size)
        return FAIL(err, ERR_INPUT, "%s: too long", text);
    (void)snprintf(ret, size, "%s", text);
    return 0;
}

/* It may be there already if it is to offer all: more texts came since. *ret: how many it does. */
static int take_part(const struct operate *options, struct db *db,
                     const struct municipality *municipality, const struct audit_origin *by,
                     int64_t *ret, struct err *err)
{
    int rc = municipality_add(db, municipality, by, err);

    *ret = 0;
    if (rc < 0 && !(rc == -ERR_CONFLICT && options->offer_all))
        return rc;
    if (!options->offer_all)
        return 0;
    return procedure_offer_standard(db, municipality->code, department, by, ret, err);
}

static int add(const struct operate *options, struct db *db, char *const argv[],
               const struct audit_origin *by, struct err *err)
{
    struct municipality municipality = {.code = ""};
    int64_t count;

    TRY(copy(argv[0], municipality.code, sizeof municipality.code, err));
    TRY(copy(argv[1], municipality.prefecture, sizeof municipality.prefecture, err));
    TRY(copy(argv[2], municipality.name, sizeof municipality.name, err));
    TRY(take_part(options, db, &municipality, by, &count, err));
    (void)printf(tr("%lld procedures offered\n"), (long long)count);
    return 0;
}

/* Those that the exchange's tables have connected. */
static int add_connected(const struct operate *options, struct db *db, char *const argv[],
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(tables_freep) struct tables *tables = NULL;
    int64_t sum = 0;

    (void)argv;
    TRY(err_prefix(err, tables_load(options->portald->exchange_tables, &tables, err),
                   "exchange_tables"));
    for (size_t i = 0; i < tables->body_count; i++) {
        const struct body *body = &tables->bodies[i];
        struct municipality municipality;
        int64_t count;

        if (body->kind != BODY_MUNICIPALITY || !body->is_connected)
            continue;
        TRY(municipality_of_body(tables, body, &municipality, err));
        TRY(err_prefix(err, take_part(options, db, &municipality, by, &count, err), "%s",
                       body->code));
        sum += count;
    }
    (void)printf(tr("%lld procedures offered\n"), (long long)sum);
    return 0;
}

static int load(const struct operate *options, struct db *db, char *const argv[],
                const struct audit_origin *by, struct err *err)
{
    int64_t count;

    (void)options;
    TRY(procedure_load(db, argv[0], by, &count, err));
    (void)printf(tr("%lld procedures loaded\n"), (long long)count);
    return 0;
}

static int add_key(const struct operate *options, struct db *db, char *const argv[],
                   const struct audit_origin *by, struct err *err)
{
    const struct municipality_key_inputs inputs = {argv[0], argv[2], argv[1]};
    char key[MUNICIPALITY_KEY_SIZE];

    (void)options;
    TRY(municipality_key_add(db, &inputs, by, key, err));
    (void)puts(key);
    return 0;
}

static int revoke_key(const struct operate *options, struct db *db, char *const argv[],
                      const struct audit_origin *by, struct err *err)
{
    (void)options;
    return municipality_key_revoke(db, argv[0], argv[1], by, err);
}

static int print_key(const struct json *key, struct err *err)
{
    const char *id, *name, *role;

    TRY(json_get_text(key, "id", &id, err));
    TRY(json_get_text(key, "role", &role, err));
    TRY(json_get_text(key, "name", &name, err));
    (void)printf("%s  %s  %s\n", id, role, name);
    return 0;
}

static const struct operate_list keys = {
    .key = "keys", .read_of = municipality_key_list, .print = print_key};

const struct cli_command municipality_add_command = OPERATE_ROW(
    "municipality add", "CODE PREFECTURE NAME", N_("let a municipality take part"), add_options, 3,
    3, .act = add);

const struct cli_command municipality_connected_command = OPERATE_ROW(
    "municipality add-connected", "",
    N_("let all municipalities take part that the exchange of information connects"), add_options,
    0, 0, .act = add_connected);

const struct cli_command procedures_load_command = OPERATE_ROW(
    "procedures load", "[FILE]",
    N_("load the texts of procedures that all municipalities may offer"), operate_options, 0, 1,
    .act = load);

const struct cli_command municipality_key_command = OPERATE_ROW(
    "municipality key", "CODE ROLE NAME",
    N_("make a key for a municipality's clerk or editor and print it, once"), operate_options, 3, 3,
    .act = add_key);

const struct cli_command municipality_keys_command = OPERATE_ROW(
    "municipality keys", "CODE", N_("list a municipality's keys"), operate_list_options, 1, 1,
    .list = &keys);

const struct cli_command municipality_revoke_command = OPERATE_ROW(
    "municipality revoke", "CODE KEY", N_("have a municipality's key be nobody's from now on"),
    operate_options, 2, 2, .act = revoke_key);
