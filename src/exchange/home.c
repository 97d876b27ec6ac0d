/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/home.h"

#include "crypto/digest.h"
#include "exchange/ages.h"

enum {
    ADULT = 20,
    MARRIED_FROM = 26,
    SINGLE_PARENT_FROM = 26, /* of 100 ways to live, those from here to ALONE_UNTIL */
    ALONE_UNTIL = 30,
    SINGLE_PARENT_AGE_FROM = 24,
    SINGLE_PARENT_AGE_UNTIL = 50,
    PERCENT = 100,
    BIRTH_DAYS = 28,
    RESIDENT_DAYS = 12 * 365,
    RESIDENT_LEAST = 330, /* longer than the newest record is old */
};

/* Child-rearing allowance: who has it raises children alone. */
static const char alone_with_children[] = "TM99000000000110";

int home_draw(const struct making_person *person, const char *subject, int64_t limit, int64_t *ret,
              struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct digest digest;
    uint64_t value = 0;

    TRY(buf_append_format(&text, err, "family|%s|%s", person->seed, subject));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&text), &digest, err));
    for (size_t i = 0; i < sizeof value; i++)
        value = value << 8 | digest.value[i];
    *ret = (int64_t)(value % (uint64_t)limit);
    return 0;
}

/* Who draws: the person, and the household as far as it is made. */
struct draw {
    const struct making_person *person;
    struct home *home;
};

static int draw(const struct draw *draw, const char *subject, int64_t limit, int64_t *ret,
                struct err *err)
{
    return home_draw(draw->person, subject, limit, ret, err);
}

/* ---- people ---- */

struct newcomer {
    enum home_relation relation;
    bool is_female;
    int64_t year; /* of birth */
    const char *subject;
};

static int make_newcomer(struct draw *d, const struct newcomer *who, struct home_person *ret,
                         struct err *err)
{
    int64_t day;

    TRY(draw(d, who->subject, INT64_C(12) * BIRTH_DAYS, &day, err));
    *ret = (struct home_person){
        .relation = who->relation,
        .is_female = who->is_female,
        .birth = {(int)who->year, (int)(day / BIRTH_DAYS) + 1, (int)(day % BIRTH_DAYS) + 1}};
    return 0;
}

/* Somebody beside the person, unless not born yet. */
static int add(struct draw *d, const struct newcomer *who, struct err *err)
{
    struct home_person *person = &d->home->people[d->home->count];

    TRY(make_newcomer(d, who, person, err));
    if (caldate_compare(d->person->today, person->birth) >= 0)
        d->home->count++;
    return 0;
}

static void add_self(struct draw *d, enum home_relation relation)
{
    d->home->self = d->home->count;
    d->home->people[d->home->count++] = (struct home_person){
        .relation = relation, .is_female = d->person->is_female, .birth = d->person->birth};
}

static int add_child(struct draw *d, const struct newcomer *who, struct err *err)
{
    if (d->person->today.year - who->year <= ADULT)
        return add(d, who, err);
    return make_newcomer(d, who, &d->home->grown[d->home->grown_count++], err);
}

/* Whoever is a child of the first two, or of the first. */
static int add_children(struct draw *d, int64_t least, struct err *err)
{
    static const char *const days[HOME_CHILDREN_MAX] = {"first child", "second child"};
    static const char *const sexes[HOME_CHILDREN_MAX] = {"first sex", "second sex"};
    int64_t born = d->home->people[0].birth.year;
    int64_t count, years, sex;

    if (d->home->count > 1 && d->home->people[1].birth.year > born)
        born = d->home->people[1].birth.year;
    TRY(draw(d, "number of children", 4, &count, err));
    count = count > HOME_CHILDREN_MAX ? HOME_CHILDREN_MAX : count < least ? least : count;
    TRY(draw(d, "years", 8, &years, err));
    born += 24 + years;
    for (int64_t i = 0; i < count; i++, born += 3) {
        TRY(draw(d, sexes[i], 12, &sex, err));
        TRY(add_child(d, &(struct newcomer){HOME_CHILD, sex % 2 == 0, born, days[i]}, err));
    }
    return 0;
}

/* ---- households ---- */

static int make_couple(struct draw *d, int64_t way, struct err *err)
{
    const struct making_person *self = d->person;
    const bool is_head = !self->is_female || way >= 90;
    int64_t years;

    TRY(draw(d, "spouse", 6, &years, err));
    if (is_head) {
        add_self(d, HOME_HEAD);
        TRY(add(d,
                &(struct newcomer){HOME_SPOUSE, !self->is_female, self->birth.year - 2 + years,
                                   "spouse day"},
                err));
    } else {
        TRY(add(d, &(struct newcomer){HOME_HEAD, false, self->birth.year + 1 - years, "spouse day"},
                err));
        add_self(d, HOME_SPOUSE);
    }
    return add_children(d, 0, err);
}

static int make_adult(struct draw *d, struct err *err)
{
    const struct making_person *self = d->person;
    const int age = caldate_age(self->birth, self->today);
    int64_t way;

    TRY(draw(d, "way", PERCENT, &way, err));
    if (making_holds(self, alone_with_children) ||
        (way >= SINGLE_PARENT_FROM && way < ALONE_UNTIL && age >= SINGLE_PARENT_AGE_FROM &&
         age <= SINGLE_PARENT_AGE_UNTIL)) {
        add_self(d, HOME_HEAD);
        return add_children(d, 1, err);
    }
    if (age < MARRIED_FROM || way < ALONE_UNTIL) {
        add_self(d, HOME_HEAD);
        return 0;
    }
    return make_couple(d, way, err);
}

/* Somebody who lives with a parent or two. */
static int make_child(struct draw *d, struct err *err)
{
    const struct making_person *self = d->person;
    int64_t years, way, sibling;

    TRY(draw(d, "parents", 12, &years, err));
    TRY(draw(d, "way", PERCENT, &way, err));
    TRY(draw(d, "sibling", 4, &sibling, err));
    if (way >= 20)
        TRY(add(d,
                &(struct newcomer){HOME_HEAD, false, self->birth.year - 26 - years, "father day"},
                err));
    TRY(add(d,
            &(struct newcomer){way >= 20 ? HOME_SPOUSE : HOME_HEAD, true,
                               self->birth.year - 24 - years, "mother day"},
            err));
    add_self(d, HOME_CHILD);
    if (sibling == 0)
        return 0;
    return add(
        d,
        &(struct newcomer){HOME_CHILD, sibling == 1, self->birth.year + 1 + sibling, "sibling day"},
        err);
}

/* Since when each lives there: all together, or since birth. */
static int settle(struct draw *d, struct err *err)
{
    struct caldate together;
    int64_t days;

    TRY(draw(d, "since", RESIDENT_DAYS, &days, err));
    together = ages_days_from(d->person->today, -(days + RESIDENT_LEAST));
    for (size_t i = 0; i < d->home->count; i++) {
        struct home_person *person = &d->home->people[i];

        person->since = caldate_compare(together, person->birth) < 0 ? person->birth : together;
    }
    return 0;
}

int home_make(const struct making_person *person, struct home *ret, struct err *err)
{
    struct home home = {.count = 0};
    struct draw d = {person, &home};

    if (caldate_age(person->birth, person->today) < ADULT)
        TRY(make_child(&d, err));
    else
        TRY(make_adult(&d, err));
    TRY(settle(&d, err));
    *ret = home;
    return 0;
}

/* ---- looking ---- */

bool home_is_minor(const struct home_person *person, struct caldate day)
{
    return caldate_compare(person->birth, day) <= 0 &&
           caldate_compare(day, ages_grade_until(person->birth, GRADE_LAST)) <= 0;
}

int64_t home_minors(const struct home *home, struct caldate day)
{
    int64_t count = 0;

    for (size_t i = 0; i < home->count; i++)
        if (home->people[i].relation == HOME_CHILD && home_is_minor(&home->people[i], day))
            count++;
    for (size_t i = 0; i < home->grown_count; i++)
        count += home_is_minor(&home->grown[i], day) ? 1 : 0;
    return count;
}

bool home_is_parent(const struct home *home, struct caldate today)
{
    return home->people[home->self].relation != HOME_CHILD && home_minors(home, today) > 0;
}

bool home_is_single_parent(const struct home *home, struct caldate today)
{
    return home_is_parent(home, today) && home->people[1].relation == HOME_CHILD;
}

struct caldate home_parent_since(const struct home *home, struct caldate today)
{
    for (size_t i = 0; i < home->count; i++)
        if (home->people[i].relation == HOME_CHILD && home_is_minor(&home->people[i], today))
            return home->people[i].birth; /* the eldest stands first */
    return home->people[home->self].birth;
}
