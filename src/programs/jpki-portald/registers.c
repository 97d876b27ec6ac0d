/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of a municipality with people of a fictional nation in them, as many as there would be:
 * whoever is asked for lies among thousands of others. They are known there by codes that nobody
 * else has, because none of them is in the register of residents. Whoever is to be asked about is
 * added to a sandbox as a persona (jpki-sandbox nation), with the same seed.
 */
#include "base/i18n.h"
#include "base/share.h"
#include "crypto/digest.h"
#include "exchange/holdings.h"
#include "nation/nation.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/operate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEOPLE_MAX = 1000000, DIGITS_MAX = 7 };

/* Who lives there, one after the other. */
struct crowd {
    const struct nation *nation;
    const struct municipality *place;
    int64_t left;
    uint64_t at;
    struct caldate today;
    char seed[MAKING_SEED_MAX + 1];
    char name[NATION_TEXT_SIZE];
};

/* Nobody is asked about these people: any code will do that is the same each time. */
static int make_code(const struct crowd *crowd, struct person_code *ret, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(crowd->seed), &digest, err));
    memcpy(ret->value, digest.value, sizeof ret->value);
    return 0;
}

static int next_person(void *context, struct person_code *ret_code, struct making_person *ret,
                       struct err *err)
{
    struct crowd *crowd = context;
    struct nation_person person;

    if (crowd->left == 0)
        return FAIL(err, ERR_ABSENT, "there are no more people");
    do {
        if (crowd->at == NATION_PEOPLE_MAX)
            return FAIL(err, ERR_INPUT, "the nation has not so many people in %s",
                        crowd->place->name);
        nation_person(crowd->nation, crowd->at++, &person);
    } while (strcmp(person.municipality->code, crowd->place->code) != 0);
    crowd->left--;
    (void)snprintf(crowd->seed, sizeof crowd->seed, "nation-%llu",
                   (unsigned long long)person.index);
    (void)snprintf(crowd->name, sizeof crowd->name, "%s", person.name);
    *ret = (struct making_person){.seed = crowd->seed,
                                  .name = crowd->name,
                                  .birth = person.birth,
                                  .is_female = person.is_female,
                                  .place = crowd->place->name,
                                  .today = crowd->today};
    return make_code(crowd, ret_code, err);
}

static int read_count(const char *text, int64_t *ret, struct err *err)
{
    size_t len = strlen(text);

    *ret = 0;
    if (len >= 1 && len <= DIGITS_MAX && strspn(text, "0123456789") == len)
        *ret = strtoll(text, NULL, 10);
    if (*ret < 1 || *ret > PEOPLE_MAX)
        return FAIL(err, ERR_USAGE, "PEOPLE is a number from 1 to %d", PEOPLE_MAX);
    return 0;
}

/* What is made by chance, out of the same tables as the portal's. */
struct registers {
    struct tables *tables;
    struct making *making;
    struct holdings *holdings;
};

static void registers_done(struct registers *registers)
{
    holdings_closep(&registers->holdings);
    making_freep(&registers->making);
    tables_freep(&registers->tables);
}

static int open_registers(const struct portald_config *config, const struct clock *clock,
                          struct registers *ret, struct err *err)
{
    if (config->provider_database == NULL)
        return FAIL(err, ERR_INPUT, "provider_database is missing in the configuration");
    TRY(err_prefix(err, tables_load(config->exchange_tables, &ret->tables, err),
                   "exchange_tables"));
    TRY(err_prefix(err, making_load(ret->tables, config->exchange_tables, &ret->making, err),
                   "exchange_tables"));
    return holdings_open(config->provider_database, ret->tables, clock, &ret->holdings, err);
}

static int fill_place(struct registers *registers, struct crowd *crowd,
                      const struct audit_origin *by, struct err *err)
{
    char body[CODE_SIZE];
    const struct holdings_crowd people = {body, registers->making, next_person, crowd};
    int64_t count;

    (void)snprintf(body, sizeof body, "M%s", crowd->place->code);
    TRY(holdings_fill(registers->holdings, &people, by, &count, err));
    (void)printf(tr("%lld people filed\n"), (long long)count);
    return 0;
}

static int fill(const struct operate *options, struct db *db, char *const argv[],
                const struct audit_origin *by, struct err *err)
{
    const struct nation_options wanted = {
        .seed = 1, .people = NATION_PEOPLE_MAX, .until = NATION_EPOCH};
    CLEANUP(registers_done) struct registers registers = {NULL};
    CLEANUP(municipalities_freep) struct municipalities *places = NULL;
    CLEANUP(nation_freep) struct nation *nation = NULL;
    CLEANUP(free_text) char *path = NULL;
    struct crowd crowd = {.today = caltime_at(by->at, JST_OFFSET_SECONDS).date};
    const struct clock clock = clock_fixed(by->at);

    (void)db;
    TRY(read_count(argv[1], &crowd.left, err));
    TRY(share_path("openjpki/municipalities.tsv", &path, err));
    TRY(municipalities_load(path, &places, err));
    TRY(municipality_find(places, argv[0], &crowd.place, err));
    TRY(nation_new(places, &wanted, &nation, err));
    crowd.nation = nation;
    TRY(open_registers(options->portald, &clock, &registers, err));
    return fill_place(&registers, &crowd, by, err);
}

const struct cli_command registers_fill_command = OPERATE_ROW(
    "registers fill", "CODE PEOPLE",
    N_("fill the registers of a municipality with people of a fictional nation"), operate_options,
    2, 2, .act = fill);
