/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/commands.h"
#include "programs/jpki/free/area.h"

struct options {
    struct card_options card;
    const char *issuer_key_file, *key_file;
    const char *label, *owner, *basis, *basis_text, *basis_date, *expiry;
    int64_t capacity;
};

static const struct cli_option rows[] = {
    ISSUER_OPTION(struct options),
    {'k', "key-file", CLI_TEXT, offsetof(struct options, key_file), "FILE",
     N_("the operator's keys; only they will open the area")},
    {'l', "label", CLI_TEXT, offsetof(struct options, label), "TEXT",
     N_("what the area is, for people")},
    {'o', "operator", CLI_TEXT, offsetof(struct options, owner), "TEXT", N_("whose area it is")},
    {'b', "basis", CLI_TEXT, offsetof(struct options, basis), "KIND",
     N_("the kind of law it is there by: ordinance, rule or private")},
    {'n', "basis-text", CLI_TEXT, offsetof(struct options, basis_text), "TEXT",
     N_("the law's name")},
    {'d', "basis-date", CLI_TEXT, offsetof(struct options, basis_date), "DATE",
     N_("the day since when it is in force")},
    {'e', "expiry", CLI_TEXT, offsetof(struct options, expiry), "DATE",
     N_("the last day of the area, not after the card's")},
    {'c', "capacity", CLI_INT, offsetof(struct options, capacity), "BYTES",
     N_("how much the area can hold")},
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static int need(const char *value, const char *option, struct err *err)
{
    return value == NULL || value[0] == '\0' ? FAIL(err, ERR_USAGE, "--%s is needed", option) : 0;
}

static int take_text(const char *value, const char *option, struct buf *ret, struct err *err)
{
    TRY(need(value, option, err));
    return buf_append_text(ret, value, err);
}

static int take_date(const char *value, const char *option, struct caldate *ret, struct err *err)
{
    TRY(need(value, option, err));
    if (caldate_parse_iso(value, ret, NULL) < 0)
        return FAIL(err, ERR_USAGE, "--%s is a date such as 2030-03-31", option);
    return 0;
}

static int describe(const struct options *options, const char *name, struct icc_area *area,
                    struct err *err)
{
    TRY(icc_area_named(name, &area->aid, err));
    TRY(take_text(options->label, "label", &area->label, err));
    TRY(take_text(options->owner, "operator", &area->owner, err));
    TRY(need(options->basis, "basis", err));
    TRY(icc_basis_named(options->basis, &area->basis, err));
    TRY(take_text(options->basis_text, "basis-text", &area->basis_text, err));
    TRY(take_date(options->basis_date, "basis-date", &area->basis_date, err));
    TRY(take_date(options->expiry, "expiry", &area->expiry, err));
    if (options->capacity < 1 || options->capacity > UINT16_MAX)
        return FAIL(err, ERR_USAGE, "--capacity is 1 to %d bytes", UINT16_MAX);
    area->capacity = (size_t)options->capacity;
    area->is_protected = options->key_file != NULL;
    return 0;
}

static int free_create(const struct options *options, const char *name, struct err *err)
{
    CLEANUP(icc_keys_done) struct icc_keys issuer = ICC_KEYS_INIT;
    CLEANUP(icc_keys_done) struct icc_keys own = ICC_KEYS_INIT;
    CLEANUP(icc_area_done) struct icc_area area = {.capacity = 0};
    CLEANUP(icc_freep) struct icc *icc = NULL;

    TRY(describe(options, name, &area, err));
    TRY(free_issuer_keys(options->issuer_key_file, &issuer, err));
    if (options->key_file != NULL)
        TRY(free_read_keys(options->key_file, "key-file", &own, err));
    TRY(open_card(&options->card, &icc, err));
    TRY(icc_free_create(icc, &issuer, &area, options->key_file == NULL ? NULL : &own, err));
    return free_tell(&area.aid, name, options->card.json, N_("Area made"), err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    return finish(free_create(given, argv[0], &err), given->card.json, &err);
}

const struct cli_command free_create_command = {
    .path = "free create",
    .arguments = "AREA",
    .description = N_("make an area for an operator, as the issuer"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
