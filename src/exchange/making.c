/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/making.h"

#include "base/file.h"
#include "base/share.h"
#include "crypto/digest.h"
#include "exchange/tsv.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAY_SECONDS = 86400, NUMBER_DIGITS = 9, PER_MILLE = 1000 };

enum kind { PICK, NUMBER, DAY, YEAR, BEFORE, AFTER, PLACE };
static const char *const kinds[] = {"pick",   "number", "day",   "year",
                                    "before", "after",  "place", NULL};
/* How many numbers follow the word. */
static const size_t numbers[] = {0, 3, 0, 0, 2, 2, 0};

struct sample {
    const struct item *item;
    enum kind kind;
    char *choices; /* of pick: "A|B" */
    int64_t from, to, step;
};

enum sex { ANY, FEMALE, MALE };

struct group {
    const struct info *info;
    int64_t age_from, age_to, of_1000, times, every;
    enum sex sex;
    size_t first, count; /* of samples */
};

struct making {
    const struct tables *tables;
    struct buf text;
    struct group *groups; /* ascending */
    struct sample *samples;
    size_t group_count, sample_count;
};

/* ---- reading ---- */

static int read_number(const char *text, int64_t *ret, struct err *err)
{
    size_t len = strlen(text);
    int64_t value = 0;

    if (len == 0 || len > NUMBER_DIGITS || strspn(text, "0123456789") != len)
        return FAIL(err, ERR_INPUT, "a number has 1 to %d digits", NUMBER_DIGITS);
    for (const char *c = text; *c != '\0'; c++)
        value = value * 10 + *c - '0';
    *ret = value;
    return 0;
}

static int read_group_numbers(char *const *f, struct group *group, struct err *err)
{
    TRY(read_number(f[2], &group->age_from, err));
    TRY(read_number(f[3], &group->age_to, err));
    TRY(read_number(f[5], &group->of_1000, err));
    TRY(read_number(f[6], &group->times, err));
    TRY(read_number(f[7], &group->every, err));
    if (group->age_from > group->age_to || group->of_1000 > PER_MILLE || group->times == 0 ||
        group->times > ANSWER_RECORDS_MAX || group->every == 0 || group->every > 10000)
        return FAIL(err, ERR_INPUT, "ages, share, records or days are out of their range");
    return 0;
}

static int take_who(struct making *m, const struct tsv_row *row, struct err *err)
{
    static const char *const sexes[] = {"any", "female", "male", NULL};
    struct group *group = &m->groups[m->group_count];
    unsigned sex;

    TRY(tsv_width(row, 8, err));
    *group = (struct group){.info = tables_info(m->tables, row->fields[1]),
                            .first = m->sample_count};
    if (group->info == NULL)
        return FAIL(err, ERR_INPUT, "there is no name %s", row->fields[1]);
    if (m->group_count > 0 && group->info <= group[-1].info)
        return FAIL(err, ERR_INPUT, "not above the name before");
    TRY(tsv_word(row->fields[4], sexes, "sex", &sex, err));
    group->sex = (enum sex)sex;
    TRY(read_group_numbers(row->fields, group, err));
    m->group_count++;
    return 0;
}

/* "number 1 5 1" cut at its spaces; what pick chooses from may have some. */
static int read_template(char *text, struct sample *sample, struct err *err)
{
    int64_t values[3] = {0, 0, 1};
    char *rest = text;
    char *word = strsep(&rest, " ");
    unsigned kind;

    TRY(tsv_word(word, kinds, "what stands in an item", &kind, err));
    sample->kind = (enum kind)kind;
    sample->choices = sample->kind == PICK ? rest : NULL;
    if (sample->kind == PICK)
        return rest == NULL ? FAIL(err, ERR_INPUT, "pick has nothing to choose from") : 0;
    for (size_t i = 0; i < numbers[kind]; i++) {
        word = strsep(&rest, " ");
        if (word == NULL)
            return FAIL(err, ERR_INPUT, "a number is missing");
        TRY(read_number(word, &values[i], err));
    }
    if (rest != NULL || values[0] > values[1] || values[2] == 0)
        return FAIL(err, ERR_INPUT, "%s takes %zu numbers, the smaller first", kinds[kind],
                    numbers[kind]);
    sample->from = values[0];
    sample->to = values[1];
    sample->step = values[2];
    return 0;
}

static bool choices_fit(const struct sample *sample)
{
    const char *choice = sample->choices;

    for (;;) {
        char content[EXCHANGE_FIELD_MAX + 1];
        size_t len = strcspn(choice, "|");

        (void)snprintf(content, sizeof content, "%.*s", (int)len, choice);
        if (!answer_content_fits(sample->item->form, content))
            return false;
        if (choice[len] == '\0')
            return true;
        choice += len + 1;
    }
}

/* Whether everything that may be drawn has the form of the item. */
static bool kind_fits(const struct sample *sample)
{
    enum item_form form = sample->item->form;

    switch (sample->kind) {
    case PICK:
        return choices_fit(sample);
    case NUMBER:
    case YEAR:
        return form == ITEM_NUMBER || form == ITEM_YEN;
    case DAY:
    case BEFORE:
    case AFTER:
        return form == ITEM_DATE;
    case PLACE:
        return form == ITEM_TEXT;
    }
    return false;
}

static int take_sample(struct making *m, const struct tsv_row *row, struct err *err)
{
    struct sample *sample = &m->samples[m->sample_count];
    struct group *group = m->group_count == 0 ? NULL : &m->groups[m->group_count - 1];

    TRY(tsv_width(row, 4, err));
    if (group == NULL || strcmp(group->info->code, row->fields[1]) != 0)
        return FAIL(err, ERR_INPUT, "stands behind who has %s", row->fields[1]);
    sample->item = tables_item(m->tables, row->fields[1], row->fields[2]);
    if (sample->item == NULL)
        return FAIL(err, ERR_INPUT, "there is no item %s", row->fields[2]);
    if (group->count > 0 && sample->item <= sample[-1].item)
        return FAIL(err, ERR_INPUT, "not above the item before");
    TRY(read_template(row->fields[3], sample, err));
    if (!kind_fits(sample))
        return FAIL(err, ERR_INPUT, "what stands there has not the form of its item");
    group->count++;
    m->sample_count++;
    return 0;
}

static int take_row(void *context, const struct tsv_row *row, struct err *err)
{
    static const char *const rows[] = {"who", "item", NULL};
    unsigned what;

    TRY(tsv_word(row->fields[0], rows, "the first field", &what, err));
    return what == 0 ? take_who(context, row, err) : take_sample(context, row, err);
}

int making_parse(const struct tables *tables, struct bytes text, struct making **ret,
                 struct err *err)
{
    CLEANUP(making_freep) struct making *m = calloc(1, sizeof *m);

    if (m == NULL)
        return FAIL_NOMEM(err);
    m->tables = tables;
    m->groups = calloc(EXCHANGE_ROWS_MAX, sizeof *m->groups);
    m->samples = calloc(EXCHANGE_ROWS_MAX, sizeof *m->samples);
    if (m->groups == NULL || m->samples == NULL)
        return FAIL_NOMEM(err);
    TRY(buf_append(&m->text, text, err));
    TRY(tsv_cut(&m->text, take_row, m, err));
    for (size_t i = 0; i < m->group_count; i++) {
        if (m->groups[i].count == 0)
            return FAIL(err, ERR_INPUT, "%s has no items", m->groups[i].info->code);
    }
    *ret = m;
    m = NULL;
    return 0;
}

int making_load(const struct tables *tables, const char *folder, struct making **ret,
                struct err *err)
{
    CLEANUP(free_text) char *own = NULL;
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    if (folder == NULL)
        TRY(share_path("openjpki/exchange", &own, err));
    TRY(path_format(&path, err, "%s/samples.tsv", folder == NULL ? own : folder));
    TRY(file_read(path, EXCHANGE_FILE_MAX, &text, err));
    return err_prefix(err, making_parse(tables, buf_bytes(&text), ret, err), "samples.tsv");
}

void making_free(struct making *making)
{
    if (making == NULL)
        return;
    buf_done(&making->text);
    free(making->groups);
    free(making->samples);
    free(making);
}

void making_freep(struct making **making)
{
    making_free(*making);
    *making = NULL;
}

/* ---- drawing ---- */

/* What is drawn for: the same question has the same answer. */
struct draw {
    const struct making_person *person;
    const char *code;
    int64_t number;
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

static void write_content(const struct sample *sample, const struct making_person *person,
                          struct caldate day, int64_t drawn, char ret[EXCHANGE_FIELD_MAX + 1])
{
    const size_t size = EXCHANGE_FIELD_MAX + 1;
    size_t len;
    const char *choice;

    switch (sample->kind) {
    case PICK:
        choice = choose(sample->choices, drawn, &len);
        (void)snprintf(ret, size, "%.*s", (int)len, choice);
        return;
    case NUMBER:
        (void)snprintf(ret, size, "%lld", (long long)(sample->from + drawn * sample->step));
        return;
    case YEAR:
        (void)snprintf(ret, size, "%d", day.year);
        return;
    case PLACE:
        (void)snprintf(ret, size, "%s", person->place);
        return;
    case DAY:
        break;
    case BEFORE:
        day = days_from(day, -sample->from - drawn);
        break;
    case AFTER:
        day = days_from(day, sample->from + drawn);
        break;
    }
    caldate_format_iso(day, ret);
}

static int add_item(const struct sample *sample, const struct making_person *person,
                    struct caldate day, int64_t number, struct json *items, struct err *err)
{
    const struct draw draw = {person, sample->item->code, number};
    CLEANUP(json_freep) struct json *item = json_object_new();
    char content[EXCHANGE_FIELD_MAX + 1];
    int64_t drawn;

    TRY(draw_below(&draw,
                   sample->kind == PICK ? INT64_C(1) << 32
                                        : (sample->to - sample->from) / sample->step + 1,
                   &drawn, err));
    write_content(sample, person, day, drawn, content);
    TRY(json_put_text(item, "code", sample->item->code, err));
    TRY(json_put_text(item, "content", content, err));
    return json_add(items, json_steal(&item), err);
}

static int add_record(const struct making *m, const struct group *group,
                      const struct making_person *person, int64_t number, struct json *records,
                      struct err *err)
{
    const struct draw draw = {person, group->info->code, number + 1};
    CLEANUP(json_freep) struct json *record = json_object_new();
    CLEANUP(json_freep) struct json *items = json_array_new();
    char text[CALTIME_TEXT_SIZE];
    struct caldate day;
    int64_t days;

    TRY(draw_below(&draw, group->every, &days, err));
    day = days_from(person->today, -number * group->every - days);
    for (size_t i = 0; i < group->count; i++)
        TRY(add_item(&m->samples[group->first + i], person, day, number, items, err));
    caldate_format_iso(day, text);
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

static int check_person(const struct group *group, const struct making_person *person,
                        struct err *err)
{
    const struct draw draw = {person, group->info->code, 0};
    int age = caldate_age(person->birth, person->today);
    int64_t drawn;

    if (making_holds(person, group->info->code))
        return 0;
    TRY(draw_below(&draw, PER_MILLE, &drawn, err));
    if (age < group->age_from || age > group->age_to || drawn >= group->of_1000 ||
        (group->sex == FEMALE && !person->is_female) || (group->sex == MALE && person->is_female))
        return FAIL(err, ERR_ABSENT, "nothing is held");
    return 0;
}

int making_answer(const struct making *m, const struct making_person *person, const char *info,
                  struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *answer = json_object_new();
    CLEANUP(json_freep) struct json *records = json_array_new();
    const struct group *group = NULL;

    if (strlen(person->seed) > MAKING_SEED_MAX)
        return FAIL(err, ERR_INPUT, "the seed of a person has at most %d bytes", MAKING_SEED_MAX);
    for (size_t i = 0; i < m->group_count && group == NULL; i++) {
        if (strcmp(m->groups[i].info->code, info) == 0)
            group = &m->groups[i];
    }
    if (group == NULL)
        return FAIL(err, ERR_ABSENT, "nothing is held");
    TRY(check_person(group, person, err));
    for (int64_t i = 0; i < group->times; i++)
        TRY(add_record(m, group, person, i, records, err));
    TRY(json_put(answer, "records", json_steal(&records), err));
    *ret = json_steal(&answer);
    return 0;
}
