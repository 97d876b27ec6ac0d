/* SPDX-License-Identifier: Apache-2.0 */
/* Who somebody is and where he lives. */
#include "nation/life.h"

#include "nation/mix.h"
#include "nation/tables.h"
#include "register/check_digit.h"
#include "register/mynumber.h"
#include "register/resident_code.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    BLOCKS = 9, /* the highest number in each part of an address */
    LOTS = 30,
};

/* Eleven digits. The factor has none in common with ten, so no two people share a number. */
static const uint64_t numbers = UINT64_C(100000000000);
static const uint64_t number_factor = UINT64_C(7919191919);
/* The same for resident codes, of ten digits. */
static const uint64_t codes = UINT64_C(10000000000);
static const uint64_t code_factor = UINT64_C(3141592653);

static int weigh(struct nation *nation, struct err *err)
{
    size_t count = municipalities_count(nation->municipalities);
    uint32_t total = 0;

    nation->sum = calloc(count, sizeof *nation->sum);
    if (nation->sum == NULL)
        return FAIL_NOMEM(err);
    for (size_t i = 0; i < count; i++) {
        total += place_weight(municipality_at(nation->municipalities, i)->name);
        nation->sum[i] = total;
    }
    return total > 0 ? 0 : FAIL(err, ERR_INPUT, "there is no municipality to live in");
}

int nation_new(const struct municipalities *municipalities, const struct nation_options *options,
               struct nation **ret, struct err *err)
{
    CLEANUP(nation_freep) struct nation *nation = NULL;

    if (options->people == 0 || options->people > NATION_PEOPLE_MAX)
        return FAIL(err, ERR_INPUT, "a nation has 1 to %d people", NATION_PEOPLE_MAX);
    nation = calloc(1, sizeof *nation);
    if (nation == NULL)
        return FAIL_NOMEM(err);
    nation->options = *options;
    nation->municipalities = municipalities;
    TRY(weigh(nation, err));
    *ret = nation;
    nation = NULL;
    return 0;
}

void nation_free(struct nation *nation)
{
    if (nation == NULL)
        return;
    free(nation->sum);
    free(nation);
}

void nation_freep(struct nation **nation)
{
    nation_free(*nation);
    *nation = NULL;
}

static const struct municipality *draw_municipality(const struct nation *nation, uint64_t drawn)
{
    size_t high = municipalities_count(nation->municipalities) - 1;
    uint64_t at = mix_below(drawn, nation->sum[high]);
    size_t low = 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (nation->sum[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return municipality_at(nation->municipalities, low);
}

static void draw_home(const struct nation *nation, struct nation_person *person)
{
    uint64_t seed = nation->options.seed;
    uint64_t place = mix(seed, person->index, MIX_HOME, 0);
    uint64_t street = mix(seed, person->index, MIX_HOME, 1);
    uint64_t house = mix(seed, person->index, MIX_HOME, 2);

    person->municipality = draw_municipality(nation, place);
    (void)snprintf(
        person->address, sizeof person->address, "%s%s%s%u丁目%u番%u号",
        person->municipality->prefecture, person->municipality->name,
        draw_word(WORD_TOWN, street)->written, (unsigned)mix_below(place << 32, BLOCKS) + 1,
        (unsigned)mix_below(street << 32, LOTS) + 1, (unsigned)mix_below(house, LOTS) + 1);
}

static void draw_name(const struct nation *nation, struct nation_person *person)
{
    uint64_t drawn = mix(nation->options.seed, person->index, MIX_NAME, 0);
    const struct word *surname = draw_word(WORD_SURNAME, drawn);
    const struct word *given = draw_word(person->is_female ? WORD_FEMALE : WORD_MALE, drawn << 32);

    (void)snprintf(person->name, sizeof person->name, "%s　%s", surname->written, given->written);
    (void)snprintf(person->kana, sizeof person->kana, "%s　%s", surname->kana, given->kana);
}

/* Behind so many digits the right one plus five, modulo ten: nobody has this number. */
static void end_number(char *digits, size_t count)
{
    digits[count] = (char)('0' + (check_digit_of(digits, count) + 5) % 10);
}

static void make_number(const struct nation *nation, struct nation_person *person)
{
    uint64_t offset = mix(nation->options.seed, 0, MIX_NUMBER, 0) % numbers;
    uint64_t eleven = (person->index * number_factor + offset) % numbers;

    (void)snprintf(person->number, sizeof person->number, "%011llu0", (unsigned long long)eleven);
    end_number(person->number, MYNUMBER_LEN - 1);
}

static void make_code(const struct nation *nation, struct nation_person *person)
{
    uint64_t offset = mix(nation->options.seed, 0, MIX_NUMBER, 1) % codes;
    uint64_t ten = (person->index * code_factor + offset) % codes;

    (void)snprintf(person->code, sizeof person->code, "%010llu0", (unsigned long long)ten);
    end_number(person->code, RESIDENT_CODE_LEN - 1);
}

void nation_person(const struct nation *nation, uint64_t index, struct nation_person *ret)
{
    struct life life = life_of(nation, index);
    uint64_t sex = mix(nation->options.seed, index, MIX_NAME, 1);

    *ret = (struct nation_person){
        .index = index,
        .birth = caltime_at(life.born, JST_OFFSET_SECONDS).date,
        .is_female = mix_below(sex, 1000) < age_group_at(life.age_group)->women,
        .card_issued_at = life.card_at,
    };
    draw_name(nation, ret);
    draw_home(nation, ret);
    make_number(nation, ret);
    make_code(nation, ret);
    (void)snprintf(ret->card, sizeof ret->card, "NATION%09llu", (unsigned long long)index);
}
