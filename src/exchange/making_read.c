/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/share.h"
#include "exchange/ages.h"
#include "exchange/making_rows.h"
#include "exchange/tsv.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    NUMBER_DIGITS = 9,
    AGE_MAX = 999,
    MONTH_DAYS = 28,
    PLAN_DAYS_MAX = 1000,
    PLAN_MONTHS_MAX = 1560
};

static const char *const kinds[] = {"pick",  "number", "day", "year",  "before", "after",
                                    "place", "fact",   "due", "ended", NULL};
/* How many numbers follow the word. */
static const size_t numbers[SAMPLE_KINDS_] = {[SAMPLE_NUMBER] = 3,
                                              [SAMPLE_BEFORE] = 2,
                                              [SAMPLE_AFTER] = 2,
                                              [SAMPLE_DUE] = 1,
                                              [SAMPLE_ENDED] = 2};

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
    if (group->age_from > group->age_to || group->age_to > AGE_MAX ||
        group->of_1000 > MAKING_PER_MILLE || group->times == 0 ||
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
                            .first = m->sample_count,
                            .plan_first = m->plan_count};
    if (group->info == NULL)
        return FAIL(err, ERR_INPUT, "there is no name %s", row->fields[1]);
    if (m->group_count > 0 && group->info < group[-1].info)
        return FAIL(err, ERR_INPUT, "not above the name before");
    TRY(tsv_word(row->fields[4], sexes, "sex", &sex, err));
    group->sex = (enum sample_sex)sex;
    TRY(read_group_numbers(row->fields, group, err));
    if (m->group_count > 0 && group->info == group[-1].info && group->age_from <= group[-1].age_to)
        return FAIL(err, ERR_INPUT, "not above the ages before");
    m->group_count++;
    return 0;
}

static int read_fact(const char *word, struct sample *sample, struct err *err)
{
    unsigned fact;

    if (word == NULL)
        return FAIL(err, ERR_INPUT, "a fact has no word");
    TRY(tsv_word(word, facts, "the fact", &fact, err));
    sample->fact = (enum fact)fact;
    sample->step = 1; /* nothing is drawn: it is one way */
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
    sample->kind = (enum sample_kind)kind;
    if (sample->kind == SAMPLE_FACT)
        return read_fact(rest, sample, err);
    sample->choices = sample->kind == SAMPLE_PICK ? rest : NULL;
    if (sample->kind == SAMPLE_PICK)
        return rest == NULL ? FAIL(err, ERR_INPUT, "pick has nothing to choose from") : 0;
    for (size_t i = 0; i < numbers[kind]; i++) {
        word = strsep(&rest, " ");
        if (word == NULL)
            return FAIL(err, ERR_INPUT, "a number is missing");
        TRY(read_number(word, &values[i], err));
    }
    if (kind == SAMPLE_DUE)
        values[1] = values[0]; /* one number: which of the words */
    if (rest != NULL || values[0] > values[1] || values[2] == 0)
        return FAIL(err, ERR_INPUT, "%s takes %zu numbers, the smaller first", kinds[kind],
                    numbers[kind]);
    sample->from = values[0];
    sample->to = values[1];
    sample->step = values[2];
    return 0;
}

static bool choice_fits(const struct sample *sample, const char *choice)
{
    char content[EXCHANGE_FIELD_MAX + 1];

    (void)snprintf(content, sizeof content, "%.*s", (int)strcspn(choice, "|"), choice);
    return answer_content_fits(sample->item->form, content);
}

static bool choices_fit(const struct sample *sample)
{
    const char *choice = sample->choices;

    for (;;) {
        size_t len = strcspn(choice, "|");

        if (!choice_fits(sample, choice))
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
    case SAMPLE_PICK:
        return choices_fit(sample);
    case SAMPLE_NUMBER:
    case SAMPLE_YEAR:
        return form == ITEM_NUMBER || form == ITEM_YEN;
    case SAMPLE_DAY:
    case SAMPLE_BEFORE:
    case SAMPLE_AFTER:
    case SAMPLE_ENDED:
        return form == ITEM_DATE || form == ITEM_MONTH;
    case SAMPLE_PLACE:
        return form == ITEM_TEXT;
    case SAMPLE_FACT:
        return form == fact_form(sample->fact);
    case SAMPLE_DUE:
        return true; /* check_due */
    case SAMPLE_KINDS_:
        break;
    }
    return false;
}

/* Of each plan there is a word for a due item, and it has the item's form. */
static int check_due(const struct making *m, const struct group *group, const struct sample *sample,
                     struct err *err)
{
    for (size_t i = 0; i < group->plan_count; i++) {
        const char *word = m->plans[group->plan_first + i].words;

        for (int64_t n = 0; n < sample->from; n++) {
            word += strcspn(word, "|");
            if (*word == '\0')
                return FAIL(err, ERR_INPUT, "a plan of %s has no word for a due item",
                            group->info->code);
            word++;
        }
        if (!choice_fits(sample, word))
            return FAIL(err, ERR_INPUT, "what stands there has not the form of its item");
    }
    return group->plan_count > 0
               ? 0
               : FAIL(err, ERR_INPUT, "%s has due items, but no plan", group->info->code);
}

static int check_group(const struct making *m, const struct group *group, struct err *err)
{
    if (group->count == 0)
        return FAIL(err, ERR_INPUT, "%s has no items", group->info->code);
    for (size_t i = 0; i < group->count; i++)
        if (m->samples[group->first + i].kind == SAMPLE_DUE)
            TRY(check_due(m, group, &m->samples[group->first + i], err));
    return 0;
}

/* Whom the row is about: it stands behind its name's row of who. */
static int find_last(struct making *m, const struct tsv_row *row, struct group **ret,
                     struct err *err)
{
    *ret = m->group_count == 0 ? NULL : &m->groups[m->group_count - 1];
    return *ret == NULL || strcmp((*ret)->info->code, row->fields[1]) != 0
               ? FAIL(err, ERR_INPUT, "stands behind who has %s", row->fields[1])
               : 0;
}

static int take_sample(struct making *m, const struct tsv_row *row, struct err *err)
{
    struct sample *sample = &m->samples[m->sample_count];
    struct group *group;

    TRY(tsv_width(row, 4, err));
    TRY(find_last(m, row, &group, err));
    sample->item = tables_item(m->tables, row->fields[1], row->fields[2]);
    if (sample->item == NULL)
        return FAIL(err, ERR_INPUT, "there is no item %s", row->fields[2]);
    if (group->count > 0 && sample->item <= sample[-1].item)
        return FAIL(err, ERR_INPUT, "not above the item before");
    TRY(read_template(row->fields[3], sample, err));
    if (!kind_fits(sample))
        return FAIL(err, ERR_INPUT, "what stands there has not the form of its item");
    group->tells_facts = group->tells_facts || sample->kind == SAMPLE_FACT;
    group->count++;
    m->sample_count++;
    return 0;
}

/* Whom it suits, by the household (home.h). */
static int take_home(struct making *m, const struct tsv_row *row, struct err *err)
{
    static const char *const homes[] = {"any", "parent", "single-parent", NULL};
    struct group *group;
    unsigned home;

    TRY(tsv_width(row, 3, err));
    TRY(find_last(m, row, &group, err));
    TRY(tsv_word(row->fields[2], homes, "the household", &home, err));
    group->home = (enum suited_home)home;
    return 0;
}

/* The ages of who are classes of school. */
static int take_school(struct making *m, const struct tsv_row *row, struct err *err)
{
    struct group *group;

    TRY(tsv_width(row, 2, err));
    TRY(find_last(m, row, &group, err));
    if (group->age_from == 0 || group->age_to > GRADE_LAST)
        return FAIL(err, ERR_INPUT, "a class of school is 1 to %d", GRADE_LAST);
    group->is_school = true;
    return 0;
}

/* Their days are in the order of the rows: the next age comes behind all days of the one before. */
static int take_plan(struct making *m, const struct tsv_row *row, struct err *err)
{
    struct plan *plan = &m->plans[m->plan_count];
    struct group *group;

    TRY(tsv_width(row, 5, err));
    TRY(find_last(m, row, &group, err));
    TRY(read_number(row->fields[2], &plan->months, err));
    TRY(read_number(row->fields[3], &plan->within, err));
    plan->words = row->fields[4];
    if (plan->months > PLAN_MONTHS_MAX || plan->within == 0 || plan->within > PLAN_DAYS_MAX)
        return FAIL(err, ERR_INPUT, "months or days of a plan are out of their range");
    if (group->plan_count > 0 &&
        (plan->months == plan[-1].months
             ? plan->within != plan[-1].within
             : (plan->months - plan[-1].months) * MONTH_DAYS < plan[-1].within))
        return FAIL(err, ERR_INPUT, "begins within the days of the plan before");
    group->plan_count++;
    m->plan_count++;
    return 0;
}

static int take_row(void *context, const struct tsv_row *row, struct err *err)
{
    static const char *const rows[] = {"who", "item", "home", "school", "plan", NULL};
    static int (*const takes[])(struct making *, const struct tsv_row *, struct err *) = {
        take_who, take_sample, take_home, take_school, take_plan};
    unsigned what;

    TRY(tsv_word(row->fields[0], rows, "the first field", &what, err));
    return takes[what](context, row, err);
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
    m->plans = calloc(EXCHANGE_ROWS_MAX, sizeof *m->plans);
    if (m->groups == NULL || m->samples == NULL || m->plans == NULL)
        return FAIL_NOMEM(err);
    TRY(buf_append(&m->text, text, err));
    TRY(tsv_cut(&m->text, take_row, m, err));
    for (size_t i = 0; i < m->group_count; i++)
        TRY(check_group(m, &m->groups[i], err));
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
    free(making->plans);
    free(making);
}

void making_freep(struct making **making)
{
    making_free(*making);
    *making = NULL;
}
