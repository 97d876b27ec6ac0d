/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/making_rows.h"

#include "crypto/digest.h"
#include "exchange/ages.h"

#include <stdio.h>

/* Public assistance: who has it has no income of work and pays no tax. */
static const char assistance[] = "TM99000000000119";

static const struct caldate last_day = {9999, 12, 31};

/* What is drawn for: the same question has the same answer. */
struct draw {
    const struct making_person *person;
    const char *code;
    int64_t number;
};

/* One record of a person. */
struct record {
    const struct situation *situation;
    struct making_window window; /* where its day may be */
    const struct plan *plan;     /* whose record it is, or NULL */
    struct caldate day, next;    /* next: of the record that came after it */
    int64_t number;              /* 0 is the newest */
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

static struct caldate later_of(struct caldate a, struct caldate b)
{
    return caldate_compare(a, b) < 0 ? b : a;
}

static struct caldate earlier_of(struct caldate a, struct caldate b)
{
    return caldate_compare(a, b) < 0 ? a : b;
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
    case SAMPLE_DUE:
        choice = choose(record->plan->words, sample->from, &len);
        (void)snprintf(ret, size, "%.*s", (int)len, choice);
        return true;
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
        return situation_tell(record->situation, sample->fact, day, ret);
    case SAMPLE_ENDED:
        if (record->number == 0)
            return false;
        day = later_of(ages_days_from(record->next, -sample->from - drawn), record->day);
        break;
    case SAMPLE_DAY:
    case SAMPLE_KINDS_:
        break;
    case SAMPLE_BEFORE:
        day = later_of(ages_days_from(day, -sample->from - drawn), record->window.from);
        break;
    case SAMPLE_AFTER:
        day = earlier_of(ages_days_from(day, sample->from + drawn), record->window.until);
        break;
    }
    caldate_format_iso(day, ret);
    if (sample->item->form == ITEM_MONTH)
        ret[ITEM_MONTH_LEN] = '\0';
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

static int put_record(const struct making *m, const struct group *group, const struct record *made,
                      struct json *records, struct err *err)
{
    CLEANUP(json_freep) struct json *record = json_object_new();
    CLEANUP(json_freep) struct json *items = json_array_new();
    char text[CALTIME_TEXT_SIZE];

    for (size_t i = 0; i < group->count; i++)
        TRY(add_item(&m->samples[group->first + i], made, items, err));
    if (json_count(items) == 0)
        return 0;
    caldate_format_iso(made->day, text);
    TRY(json_put_text(record, "day", text, err));
    TRY(json_put(record, "items", json_steal(&items), err));
    return json_add(records, json_steal(&record), err);
}

/*
 * Unless it would be from before the first day on which it may be; only the newest moves to a day
 * behind it.
 */
static int add_record(const struct making *m, const struct group *group, struct record *made,
                      struct json *records, struct err *err)
{
    const struct making_person *person = made->situation->person;
    const struct draw draw = {person, group->info->code, made->number + 1};
    int64_t days;

    TRY(draw_below(&draw, group->every, &days, err));
    made->next = made->day;
    made->day = ages_days_from(person->today, -made->number * group->every - days);
    if (caldate_compare(made->day, made->window.from) < 0) {
        if (made->number > 0)
            return 0;
        days %= ages_days_between(made->window.from, person->today) + 1;
        made->day = ages_days_from(person->today, -days);
    }
    return put_record(m, group, made, records, err);
}

/* Unless its day is still to come; what is done at the same age is done on one day. */
static int add_planned(const struct making *m, const struct group *group, struct record *made,
                       struct json *records, struct err *err)
{
    const struct making_person *person = made->situation->person;
    const struct draw draw = {person, group->info->code, -made->plan->months - 1};
    int64_t days;

    TRY(draw_below(&draw, made->plan->within, &days, err));
    made->day = ages_days_from(ages_months(person->birth, made->plan->months), days);
    if (caldate_compare(made->day, person->today) > 0)
        return 0;
    TRY(put_record(m, group, made, records, err));
    made->number++;
    return 0;
}

static int add_records(const struct making *m, const struct group *group, struct record *made,
                       struct json *records, struct err *err)
{
    for (size_t i = group->plan_count; i > 0 && made->number < group->times; i--) {
        made->plan = &m->plans[group->plan_first + i - 1];
        TRY(add_planned(m, group, made, records, err));
    }
    for (; group->plan_count == 0 && made->number < group->times; made->number++)
        TRY(add_record(m, group, made, records, err));
    return 0;
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

struct making_window making_window(const struct group *group, struct caldate birth)
{
    if (group->is_school)
        return (struct making_window){ages_grade_from(birth, group->age_from),
                                      ages_grade_until(birth, group->age_to)};
    return (struct making_window){ages_years(birth, group->age_from),
                                  ages_days_from(ages_years(birth, group->age_to + 1), -1)};
}

static bool is_of_age(const struct group *group, const struct making_person *person)
{
    const struct making_window window = making_window(group, person->birth);

    return caldate_compare(window.from, person->today) <= 0 &&
           caldate_compare(person->today, window.until) <= 0;
}

/* ERR_ABSENT unless age, sex and chance let the person have it. */
static int check_person(const struct group *group, const struct making_person *person,
                        struct err *err)
{
    const struct draw draw = {person, group->info->code, 0};
    int64_t drawn;

    if (making_holds(person, group->info->code))
        return 0;
    TRY(draw_below(&draw, MAKING_PER_MILLE, &drawn, err));
    if (!is_of_age(group, person) || drawn >= group->of_1000 ||
        (group->sex == SEX_FEMALE && !person->is_female) ||
        (group->sex == SEX_MALE && person->is_female))
        return FAIL(err, ERR_ABSENT, "nothing is held");
    return 0;
}

/* Of those of a name the one for the person's age, else the last. */
static const struct group *find_group(const struct making *m, const struct making_person *person,
                                      const char *info)
{
    const struct group *found = NULL;

    for (size_t i = 0; i < m->group_count; i++) {
        if (strcmp(m->groups[i].info->code, info) != 0)
            continue;
        found = &m->groups[i];
        if (is_of_age(found, person))
            break;
    }
    return found;
}

/*
 * Where a record's day may be: at the ages of its group, and not before there were children whose
 * parent it is about; of who has it whatever the age, in all the life. Only school ends things.
 */
static struct making_window window_of(const struct group *group, const struct situation *situation)
{
    const struct making_person *person = situation->person;
    struct making_window window = making_window(group, person->birth);

    if (!is_of_age(group, person))
        return (struct making_window){person->birth, last_day};
    if (group->home != SUITS_ANY)
        window.from = later_of(window.from, home_parent_since(&situation->home, person->today));
    if (!group->is_school)
        window.until = last_day;
    return window;
}

/* Worked out where a name tells of it: there are many people. */
static int make_situation(const struct making *m, const struct group *wanted,
                          const struct making_person *person, struct situation *ret,
                          struct err *err)
{
    const struct group *group = find_group(m, person, assistance);
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
    const struct group *group = find_group(m, person, info);
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
    record.window = window_of(group, &situation);
    TRY(add_records(m, group, &record, records, err));
    if (json_count(records) == 0)
        return FAIL(err, ERR_ABSENT, "nothing is held");
    TRY(json_put(answer, "records", json_steal(&records), err));
    *ret = json_steal(&answer);
    return 0;
}
