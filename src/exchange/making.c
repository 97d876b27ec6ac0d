/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/making_rows.h"

#include "crypto/digest.h"

#include <stdio.h>

enum { DAY_SECONDS = 86400 };

/* Public assistance: who has it has no income of work and pays no tax. */
static const char assistance[] = "TM99000000000119";

/* What is drawn for: the same question has the same answer. */
struct draw {
    const struct making_person *person;
    const char *code;
    int64_t number;
};

/* One record of a person. */
struct record {
    const struct situation *situation;
    struct caldate day, next; /* next: of the record that came after it */
    int64_t number;           /* 0 is the newest */
};

static int draw_below(const struct draw *draw, int64_t limit, int64_t *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct digest digest;
    uint64_t value = 0;

    TRY(buf_append_format(&text, err, "%s|%s|%lld", draw->person->seed, draw->code,
                          (long long)draw->number));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&text), &digest, err));
    for (size_t i = 0; i < sizeof value; i++)
        value = value << 8 | digest.value[i];
    *ret = (int64_t)(value % (uint64_t)limit);
    return 0;
}

static struct caldate days_from(struct caldate day, int64_t days)
{
    return caltime_at(caltime_utc((struct caltime){day, 0, 0, 0}, 0) + days * DAY_SECONDS, 0).date;
}

static struct caldate later_of(struct caldate a, struct caldate b)
{
    return caldate_compare(a, b) < 0 ? b : a;
}

static const char *choose(const char *choices, int64_t drawn, size_t *ret_len)
{
    int64_t count = 1;

    for (const char *c = choices; *c != '\0'; c++)
        count += *c == '|' ? 1 : 0;
    for (drawn %= count; drawn > 0; drawn--)
        choices += strcspn(choices, "|") + 1;
    *ret_len = strcspn(choices, "|");
    return choices;
}

/* False: there is nothing to tell. */
static bool write_content(const struct sample *sample, const struct record *record, int64_t drawn,
                          char ret[EXCHANGE_FIELD_MAX + 1])
{
    const size_t size = EXCHANGE_FIELD_MAX + 1;
    struct caldate day = record->day;
    size_t len;
    const char *choice;

    switch (sample->kind) {
    case SAMPLE_PICK:
        choice = choose(sample->choices, drawn, &len);
        (void)snprintf(ret, size, "%.*s", (int)len, choice);
        return true;
    case SAMPLE_NUMBER:
        (void)snprintf(ret, size, "%lld", (long long)(sample->from + drawn * sample->step));
        return true;
    case SAMPLE_YEAR:
        (void)snprintf(ret, size, "%d", day.year);
        return true;
    case SAMPLE_PLACE:
        (void)snprintf(ret, size, "%s", record->situation->person->place);
        return true;
    case SAMPLE_FACT:
        return situation_tell(record->situation, sample->fact, day.year, ret);
    case SAMPLE_ENDED:
        if (record->number == 0)
            return false;
        day = later_of(days_from(record->next, -sample->from - drawn), record->day);
        break;
    case SAMPLE_DAY:
    case SAMPLE_KINDS_:
        break;
    case SAMPLE_BEFORE:
        day = later_of(days_from(day, -sample->from - drawn), record->situation->person->birth);
        break;
    case SAMPLE_AFTER:
        day = days_from(day, sample->from + drawn);
        break;
    }
    caldate_format_iso(day, ret);
    return true;
}

static int add_item(const struct sample *sample, const struct record *record, struct json *items,
                    struct err *err)
{
    const struct draw draw = {record->situation->person, sample->item->code, record->number};
    CLEANUP(json_freep) struct json *item = json_object_new();
    char content[EXCHANGE_FIELD_MAX + 1];
    int64_t drawn;

    TRY(draw_below(&draw,
                   sample->kind == SAMPLE_PICK ? INT64_C(1) << 32
                                               : (sample->to - sample->from) / sample->step + 1,
                   &drawn, err));
    if (!write_content(sample, record, drawn, content))
        return 0;
    TRY(json_put_text(item, "code", sample->item->code, err));
    TRY(json_put_text(item, "content", content, err));
    return json_add(items, json_steal(&item), err);
}

/* Unless it would be from before the person was born, or have nothing to tell. */
static int add_record(const struct making *m, const struct group *group, struct record *made,
                      struct json *records, struct err *err)
{
    const struct making_person *person = made->situation->person;
    const struct draw draw = {person, group->info->code, made->number + 1};
    CLEANUP(json_freep) struct json *record = json_object_new();
    CLEANUP(json_freep) struct json *items = json_array_new();
    char text[CALTIME_TEXT_SIZE];
    int64_t days;

    TRY(draw_below(&draw, group->every, &days, err));
    made->next = made->day;
    made->day = days_from(person->today, -made->number * group->every - days);
    if (caldate_compare(made->day, person->birth) < 0) {
        if (made->number > 0)
            return 0;
        made->day = person->birth;
    }
    for (size_t i = 0; i < group->count; i++)
        TRY(add_item(&m->samples[group->first + i], made, items, err));
    if (json_count(items) == 0)
        return 0;
    caldate_format_iso(made->day, text);
    TRY(json_put_text(record, "day", text, err));
    TRY(json_put(record, "items", json_steal(&items), err));
    return json_add(records, json_steal(&record), err);
}

bool making_holds(const struct making_person *person, const char *info)
{
    for (size_t i = 0; person->holds != NULL && i < json_count(person->holds); i++) {
        const char *held = json_text(json_at(person->holds, i));

        if (held != NULL && strcmp(held, info) == 0)
            return true;
    }
    return false;
}

/* ERR_ABSENT unless age, sex and chance let the person have it. */
static int check_person(const struct group *group, const struct making_person *person,
                        struct err *err)
{
    const struct draw draw = {person, group->info->code, 0};
    int age = caldate_age(person->birth, person->today);
    int64_t drawn;

    if (making_holds(person, group->info->code))
        return 0;
    TRY(draw_below(&draw, MAKING_PER_MILLE, &drawn, err));
    if (age < group->age_from || age > group->age_to || drawn >= group->of_1000 ||
        (group->sex == SEX_FEMALE && !person->is_female) ||
        (group->sex == SEX_MALE && person->is_female))
        return FAIL(err, ERR_ABSENT, "nothing is held");
    return 0;
}

static const struct group *find_group(const struct making *m, const char *info)
{
    for (size_t i = 0; i < m->group_count; i++)
        if (strcmp(m->groups[i].info->code, info) == 0)
            return &m->groups[i];
    return NULL;
}

/* Worked out where a name tells of it: there are many people. */
static int make_situation(const struct making *m, const struct group *wanted,
                          const struct making_person *person, struct situation *ret,
                          struct err *err)
{
    const struct group *group = find_group(m, assistance);
    int rc;

    *ret = (struct situation){.person = person};
    if (!wanted->tells_facts && wanted->home == SUITS_ANY)
        return 0;
    rc = group == NULL ? -ERR_ABSENT : check_person(group, person, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    return situation_make(person, rc == 0, ret, err);
}

static bool suits_home(const struct group *group, const struct situation *situation)
{
    const struct making_person *person = situation->person;

    if (group->home == SUITS_ANY || making_holds(person, group->info->code))
        return true;
    return group->home == SUITS_PARENT ? home_is_parent(&situation->home, person->today)
                                       : home_is_single_parent(&situation->home, person->today);
}

int making_answer(const struct making *m, const struct making_person *person, const char *info,
                  struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *answer = json_object_new();
    CLEANUP(json_freep) struct json *records = json_array_new();
    const struct group *group = find_group(m, info);
    struct situation situation;
    struct record record = {.situation = &situation};

    if (strlen(person->seed) > MAKING_SEED_MAX)
        return FAIL(err, ERR_INPUT, "the seed of a person has at most %d bytes", MAKING_SEED_MAX);
    if (group == NULL)
        return FAIL(err, ERR_ABSENT, "nothing is held");
    TRY(check_person(group, person, err));
    TRY(make_situation(m, group, person, &situation, err));
    if (!suits_home(group, &situation))
        return FAIL(err, ERR_ABSENT, "nothing is held");
    for (record.number = 0; record.number < group->times; record.number++)
        TRY(add_record(m, group, &record, records, err));
    if (json_count(records) == 0)
        return FAIL(err, ERR_ABSENT, "nothing is held");
    TRY(json_put(answer, "records", json_steal(&records), err));
    *ret = json_steal(&answer);
    return 0;
}
