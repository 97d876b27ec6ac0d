/* SPDX-License-Identifier: Apache-2.0 */
/* Municipalities and the texts they may offer: municipality add, procedures load. */
#include "base/i18n.h"
#include "portal/procedure/store.h"
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
static const char department[] = "総合窓口";

static int copy(const char *text, char *ret, size_t size, struct err *err)
{
    if (strlen(text) >= size)
        return FAIL(err, ERR_INPUT, "%s: too long", text);
    (void)snprintf(ret, size, "%s", text);
    return 0;
}

static int add(const struct operate *options, struct db *db, char *const argv[],
               const struct audit_origin *by, struct err *err)
{
    struct municipality municipality = {.code = ""};
    int64_t count = 0;
    int rc;

    TRY(copy(argv[0], municipality.code, sizeof municipality.code, err));
    TRY(copy(argv[1], municipality.prefecture, sizeof municipality.prefecture, err));
    TRY(copy(argv[2], municipality.name, sizeof municipality.name, err));
    rc = municipality_add(db, &municipality, by, err);
    if (rc < 0 && !(rc == -ERR_CONFLICT && options->offer_all)) /* more texts came since */
        return rc;
    if (options->offer_all)
        TRY(procedure_offer_standard(db, municipality.code, department, by, &count, err));
    (void)printf(tr("%lld procedures offered\n"), (long long)count);
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

static int add_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, add, argv);
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
