/* SPDX-License-Identifier: Apache-2.0 */
/* Municipalities, their keys, and the texts they may offer: municipality ..., procedures load. */
#include "base/i18n.h"
#include "portal/municipality/connected.h"
#include "portal/municipality/key.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/operate.h"
#include "programs/output.h"

#include <stdio.h>
#include <string.h>

static const struct cli_option add_options[] = {
    OPERATE_CONFIG,
    {0, "offer-all", CLI_FLAG, offsetof(struct operate, offer_all), NULL,
     N_("have it offer all procedures that are loaded")},
    CLI_OPTIONS_END,
};

static const struct cli_option keys_options[] = {
    OPERATE_CONFIG,
    {'j', "json", CLI_FLAG, offsetof(struct operate, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

/* Who is in charge, until the municipality says so itself. */
static const char department[] = "総合窓口";

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

static int print_keys(const struct json *keys, struct err *err)
{
    for (size_t i = 0; i < json_count(keys); i++) {
        const char *id, *name, *role;

        TRY(json_get_text(json_at(keys, i), "id", &id, err));
        TRY(json_get_text(json_at(keys, i), "role", &role, err));
        TRY(json_get_text(json_at(keys, i), "name", &name, err));
        (void)printf("%s  %s  %s\n", id, role, name);
    }
    return 0;
}

static int list_keys(const struct operate *options, struct db *db, char *const argv[],
                     const struct audit_origin *by, struct err *err)
{
    CLEANUP(json_freep) struct json *keys = NULL;
    CLEANUP(json_freep) struct json *body = NULL;

    (void)by;
    TRY(municipality_key_list(db, argv[0], &keys, err));
    if (!options->json)
        return print_keys(keys, err);
    body = json_object_new();
    TRY(json_put(body, "keys", json_steal(&keys), err));
    return output_json(body, err);
}

static int revoke_key(const struct operate *options, struct db *db, char *const argv[],
                      const struct audit_origin *by, struct err *err)
{
    (void)options;
    return municipality_key_revoke(db, argv[0], argv[1], by, err);
}

static int key_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, add_key, argv);
}

static int keys_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, list_keys, argv);
}

static int revoke_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, revoke_key, argv);
}

static int add_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, add, argv);
}

static int connected_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, add_connected, argv);
}

static int load_run(const void *options, int argc, char *const argv[])
{
    char *const none[] = {NULL};

    return operate(options, load, argc == 0 ? none : argv);
}

const struct cli_command municipality_add_command = {
    "municipality add",
    "CODE PREFECTURE NAME",
    N_("let a municipality take part"),
    add_options,
    sizeof(struct operate),
    3,
    3,
    add_run,
};

const struct cli_command municipality_connected_command = {
    "municipality add-connected",
    "",
    N_("let all municipalities take part that the exchange of information connects"),
    add_options,
    sizeof(struct operate),
    0,
    0,
    connected_run,
};

const struct cli_command procedures_load_command = {
    "procedures load",
    "[FILE]",
    N_("load the texts of procedures that all municipalities may offer"),
    operate_options,
    sizeof(struct operate),
    0,
    1,
    load_run,
};

const struct cli_command municipality_key_command = {
    "municipality key",
    "CODE ROLE NAME",
    N_("make a key for a municipality's clerk or editor and print it, once"),
    operate_options,
    sizeof(struct operate),
    3,
    3,
    key_run,
};

const struct cli_command municipality_keys_command = {
    "municipality keys",
    "CODE",
    N_("list a municipality's keys"),
    keys_options,
    sizeof(struct operate),
    1,
    1,
    keys_run,
};

const struct cli_command municipality_revoke_command = {
    "municipality revoke",
    "CODE KEY",
    N_("have a municipality's key be nobody's from now on"),
    operate_options,
    sizeof(struct operate),
    2,
    2,
    revoke_run,
};
