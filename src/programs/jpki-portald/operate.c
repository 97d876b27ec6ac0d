/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-portald/operate.h"

#include "base/daemon.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/output.h"
#include "programs/variant.h"

#include <unistd.h>

const struct cli_option operate_options[] = {OPERATE_CONFIG, CLI_OPTIONS_END};
const struct cli_option operate_list_options[] = {
    OPERATE_CONFIG,
    {'j', "json", CLI_FLAG, offsetof(struct operate, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int print(const struct operate_list *list, const struct json *found, struct err *err)
{
    for (size_t i = 0; i < json_count(found); i++)
        TRY(list->print(json_at(found, i), err));
    return 0;
}

int operate_tell(const struct operate *options, const struct operate_list *list, struct json *found,
                 struct err *err)
{
    CLEANUP(json_freep) struct json *taken = found;
    CLEANUP(json_freep) struct json *body = NULL;

    if (!options->json)
        return print(list, taken, err);
    body = json_object_new();
    TRY(json_put(body, list->key, json_steal(&taken), err));
    return output_json(body, err);
}

static int read_and_tell(const struct operate *options, struct db *db, char *const argv[],
                         struct err *err)
{
    const struct operate_list *list = options->list;
    struct json *found;

    if (list->read_of != NULL)
        TRY(list->read_of(db, argv[0], &found, err));
    else
        TRY(list->read(db, &found, err));
    return operate_tell(options, list, found, err);
}

static int run(const struct operate *options, char *const argv[], struct err *err)
{
    CLEANUP(portald_config_done) struct portald_config config = {.database = NULL};
    CLEANUP(portal_store_closep) struct portal_store *store = NULL;
    struct operate own = *options;
    const struct clock *clock;
    struct audit_origin by;

    if (options->config == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    TRY(portald_config_read(options->config, &config, err));
    TRY(daemon_harden(err));
    TRY(variant_clock(&clock, err));
    by = audit_by_uid(clock_now(clock), getuid(), NULL);
    own.portald = &config;
    if (options->is_without_store)
        return options->act(&own, NULL, argv, &by, err);
    TRY(portal_store_open(config.database, &store, err));
    if (options->list != NULL)
        return read_and_tell(&own, portal_store_db(store), argv, err);
    return options->act(&own, portal_store_db(store), argv, &by, err);
}

int operate_run(const void *options, int argc, char *const argv[])
{
    static char *const nothing[] = {NULL};
    struct err err = {0};

    return run(options, argc == 0 ? nothing : argv, &err) < 0 ? exit_report("jpki-portald", &err)
                                                              : EXIT_CODE_DONE;
}
