/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/family.h"

#include "crypto/digest.h"

#include <stdio.h>
#include <string.h>

enum {
    ADULT = 20,
    MARRIED_FROM = 26,
    SEAL_FROM = 18, /* of all who could from 15 on */
    PERCENT = 100,
    BIRTH_DAYS = 28,
    SURNAME_SIZE = CIVIL_NAME_SIZE - 32, /* so that a given name fits behind it */
    DAY_SECONDS = 86400
};

static const char *const men[] = {"健一", "大輔", "誠", "翔太", "拓也", "直樹", "和也", "浩二"};
static const char *const women[] = {"陽子", "美咲", "由美", "彩", "恵子", "真由美", "明美", "香織"};
static const char *const boys[] = {"蓮", "湊", "悠真", "大和", "陽翔", "樹"};
static const char *const girls[] = {"葵", "結衣", "陽菜", "凛", "紬", "咲良"};
/* Of parents who live elsewhere. */
static const char *const old_men[] = {"正", "清", "勇", "茂", "実"};
static const char *const old_women[] = {"和子", "幸子", "節子", "洋子", "文子"};
/* Families that somebody comes from. */
static const char *const others[] = {"例示", "見本", "試験", "仮名"};
/* Where nobody of this data lives. */
static const char *const elsewhere[] = {"埼玉県さいたま市例示区見本台", "千葉県千葉市例示区見本浜",
                                        "神奈川県川崎市例示区見本坂"};

/* Child-rearing allowance: who has it raises children alone. */
#define ALONE_WITH_CHILDREN "TM99000000000110"

#define PICK(list, drawn) ((list)[(size_t)(drawn) % (sizeof(list) / sizeof(list)[0])])

/* Who draws: the person, and the household as far as it is made. */
struct draw {
    const struct family_wish *wish;
    struct household *household;
    char surname[SURNAME_SIZE];
    struct caldate today;
};

/* A number for a subject, below a limit. */
static int draw_below(const struct making_person *person, const char *subject, int64_t limit,
                      int64_t *ret, struct err *err)
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

static int draw(const struct draw *draw, const char *subject, int64_t limit, int64_t *ret,
                struct err *err)
{
    return draw_below(draw->wish->person, subject, limit, ret, err);
}

/* What stands before the first blank, or all of it. */
static void take_surname(const char *name, char ret[SURNAME_SIZE])
{
    const char *wide = strstr(name, "　");
    const char *narrow = strchr(name, ' ');
    size_t len = strlen(name);

    if (wide != NULL)
        len = (size_t)(wide - name);
    else if (narrow != NULL)
        len = (size_t)(narrow - name);
    (void)snprintf(ret, SURNAME_SIZE, "%.*s", (int)len, name);
}

static struct caldate days_before(struct caldate day, int64_t days)
{
    return caltime_at(caltime_utc((struct caltime){day, 0, 0, 0}, 0) - days * DAY_SECONDS, 0).date;
}

/* ---- people ---- */

struct newcomer {
    enum civil_relation relation;
    bool is_female;
    int64_t year; /* of birth */
    const char *given;
    const char *subject; /* what else is drawn for */
};

/* A person beside the one who draws; father and mother come later. */
static int add(struct draw *d, const struct newcomer *who, struct err *err)
{
    struct civil_person *person = &d->household->people[d->household->count];
    int64_t day;

    TRY(draw(d, who->subject, 12LL * BIRTH_DAYS, &day, err));
    *person = (struct civil_person){
        .relation = who->relation,
        .is_female = who->is_female,
        .birth = {(int)who->year, (int)(day / BIRTH_DAYS) + 1, (int)(day % BIRTH_DAYS) + 1}};
    if (caldate_compare(d->today, person->birth) < 0)
        return 0; /* not born yet */
    (void)snprintf(person->name, sizeof person->name, "%s　%s", d->surname, who->given);
    d->household->count++;
    return 0;
}

static void add_self(struct draw *d, enum civil_relation relation)
{
    const struct making_person *self = d->wish->person;
    struct civil_person *person = &d->household->people[d->household->count++];

    *person = (struct civil_person){.relation = relation,
                                    .is_female = self->is_female,
                                    .is_protected = self->is_protected,
                                    .has_code = true,
                                    .code = *d->wish->code,
                                    .birth = self->birth};
    (void)snprintf(person->name, sizeof person->name, "%s", self->name);
}

/* Whoever is a child of the first two, or of the first. */
static int add_children(struct draw *d, int64_t least, struct err *err)
{
    static const char *const subjects[] = {"first child", "second child"};
    int64_t born = d->household->people[0].birth.year;
    int64_t count, years, sex;

    if (d->household->count > 1 && d->household->people[1].birth.year > born)
        born = d->household->people[1].birth.year;
    TRY(draw(d, "number of children", 4, &count, err));
    count = count > 2 ? 2 : count < least ? least : count;
    TRY(draw(d, "years", 8, &years, err));
    born += 24 + years;
    for (int64_t i = 0; i < count; i++, born += 3) {
        TRY(draw(d, i == 0 ? "first sex" : "second sex", 12, &sex, err));
        if (d->today.year - born <= ADULT) /* older ones live elsewhere */
            TRY(add(d,
                    &(struct newcomer){CIVIL_CHILD, sex % 2 == 0, born,
                                       sex % 2 == 0 ? PICK(girls, sex + i) : PICK(boys, sex + i),
                                       subjects[i]},
                    err));
    }
    return 0;
}

/* ---- households ---- */

/* An adult: as head, or beside a head. */
static int make_adult(struct draw *d, struct err *err)
{
    const struct making_person *self = d->wish->person;
    const int age = caldate_age(self->birth, d->today);
    int64_t way, years, given;

    TRY(draw(d, "way", PERCENT, &way, err));
    TRY(draw(d, "spouse", 6, &years, err));
    TRY(draw(d, "given", 24, &given, err));
    if (making_holds(self, ALONE_WITH_CHILDREN)) {
        add_self(d, CIVIL_HEAD);
        return add_children(d, 1, err);
    }
    if (age < MARRIED_FROM || way < 30) {
        add_self(d, CIVIL_HEAD);
        return 0;
    }
    if (!self->is_female || way >= 90) {
        add_self(d, CIVIL_HEAD);
        TRY(add(d,
                &(struct newcomer){CIVIL_SPOUSE, !self->is_female, self->birth.year - 2 + years,
                                   self->is_female ? PICK(men, given) : PICK(women, given),
                                   "spouse day"},
                err));
        return add_children(d, 0, err);
    }
    TRY(add(d,
            &(struct newcomer){CIVIL_HEAD, false, self->birth.year + 1 - years, PICK(men, given),
                               "spouse day"},
            err));
    add_self(d, CIVIL_SPOUSE);
    return add_children(d, 0, err);
}

/* Somebody who lives with a parent or two. */
static int make_child(struct draw *d, struct err *err)
{
    const struct making_person *self = d->wish->person;
    int64_t years, given, way, sibling;

    TRY(draw(d, "parents", 12, &years, err));
    TRY(draw(d, "given", 24, &given, err));
    TRY(draw(d, "way", PERCENT, &way, err));
    TRY(draw(d, "sibling", 4, &sibling, err));
    if (way >= 20)
        TRY(add(d,
                &(struct newcomer){CIVIL_HEAD, false, self->birth.year - 26 - years,
                                   PICK(men, given), "father day"},
                err));
    TRY(add(d,
            &(struct newcomer){way >= 20 ? CIVIL_SPOUSE : CIVIL_HEAD, true,
                               self->birth.year - 24 - years, PICK(women, given), "mother day"},
            err));
    add_self(d, CIVIL_CHILD);
    if (sibling == 0)
        return 0;
    return add(d,
               &(struct newcomer){CIVIL_CHILD, sibling == 1, self->birth.year + 1 + sibling,
                                  sibling == 1 ? PICK(girls, given) : PICK(boys, given),
                                  "sibling day"},
               err);
}

/* ---- what else stands there ---- */

static const struct civil_person *find_parent(const struct household *household, bool is_mother)
{
    for (size_t i = 0; i < household->count; i++)
        if (household->people[i].relation <= CIVIL_SPOUSE &&
            household->people[i].is_female == is_mother)
            return &household->people[i];
    return NULL;
}

/* Of children that is who lives there; all others had some, somewhere. */
static int name_parent(const struct draw *d, const struct civil_person *person, bool is_mother,
                       char ret[CIVIL_NAME_SIZE], struct err *err)
{
    const struct civil_person *parent = find_parent(d->household, is_mother);
    char subject[32];
    int64_t drawn, born;

    if (person->relation == CIVIL_CHILD && parent != NULL) {
        memcpy(ret, parent->name, CIVIL_NAME_SIZE);
        return 0;
    }
    (void)snprintf(subject, sizeof subject, "%s of %d", is_mother ? "mother" : "father",
                   (int)person->relation);
    TRY(draw(d, subject, 4 * 5, &drawn, err));
    TRY(draw(d, "born as", 4, &born, err));
    (void)snprintf(ret, CIVIL_NAME_SIZE, "%s　%s",
                   person->relation == CIVIL_SPOUSE ? PICK(others, born) : d->surname,
                   is_mother ? PICK(old_women, drawn / 4) : PICK(old_men, drawn / 4));
    return 0;
}

/* Since when each lives there: all together, or since birth. */
static int finish_people(struct draw *d, struct err *err)
{
    struct household *household = d->household;
    struct caldate together;
    int64_t days;

    TRY(draw(d, "since", 12 * 365, &days, err));
    together = days_before(d->today, days + 30);
    for (size_t i = 0; i < household->count; i++) {
        struct civil_person *person = &household->people[i];

        person->since = caldate_compare(together, person->birth) < 0 ? person->birth : together;
        TRY(name_parent(d, person, false, person->father, err));
        TRY(name_parent(d, person, true, person->mother, err));
    }
    return 0;
}

/* A family begins when its head is of age, and before its first child. */
static struct caldate family_begins(const struct household *household, struct caldate today)
{
    struct caldate begins = caldate_birthday(household->people[0].birth,
                                             household->people[0].birth.year + ADULT);

    for (size_t i = household->count; i-- > 0;)
        if (household->people[i].relation == CIVIL_CHILD)
            begins = days_before(household->people[i].birth, 365);
    return caldate_compare(today, begins) < 0 ? today : begins;
}

static int place_family(struct draw *d, struct err *err)
{
    struct household *household = d->household;
    int64_t way, number;

    TRY(draw(d, "origin", PERCENT, &way, err));
    TRY(draw(d, "number", 90, &number, err));
    if (way < 85)
        (void)snprintf(household->origin, sizeof household->origin, "%s見本町%d番地",
                       d->wish->person->place, (int)number + 1);
    else
        (void)snprintf(household->origin, sizeof household->origin,
                       "宮城県仙台市例示区見本町%d番地", (int)number + 1);
    (void)snprintf(household->origin_body, sizeof household->origin_body, "%s",
                   way < 85 ? d->wish->body : "M04100");
    (void)snprintf(household->former_address, sizeof household->former_address, "%s%d番",
                   PICK(elsewhere, number), (int)way + 1);
    household->family_since = family_begins(household, d->today);
    return 0;
}

int family_make(const struct family_wish *wish, struct household *ret, struct err *err)
{
    struct household household = {.count = 0};
    struct draw d = {.wish = wish, .household = &household, .today = wish->person->today};

    take_surname(wish->person->name, d.surname);
    if (caldate_age(wish->person->birth, d.today) < ADULT)
        TRY(make_child(&d, err));
    else
        TRY(make_adult(&d, err));
    TRY(finish_people(&d, err));
    TRY(place_family(&d, err));
    *ret = household;
    return 0;
}

/* As many letters of a surname as fit. */
static void cut_letters(char *letters)
{
    size_t count = 0;

    for (char *c = letters; *c != '\0'; c++) {
        if (((unsigned char)*c & 0xc0) == 0x80)
            continue;
        if (count++ == CIVIL_SEAL_MAX) {
            *c = '\0';
            return;
        }
    }
}

int family_make_seal(const struct making_person *person, struct seal *ret, struct err *err)
{
    const int age = caldate_age(person->birth, person->today);
    char surname[SURNAME_SIZE];
    int64_t way, days;

    TRY(draw_below(person, "seal", PERCENT, &way, err));
    if (age < SEAL_FROM || way >= 75)
        return FAIL(err, ERR_ABSENT, "this person has no seal");
    TRY(draw_below(person, "seal day", 8 * 365, &days, err));
    if (days > (age - SEAL_FROM) * 365)
        days = (age - SEAL_FROM) * 365;
    take_surname(person->name, surname);
    *ret = (struct seal){.since = days_before(person->today, days)};
    (void)snprintf(ret->letters, sizeof ret->letters, "%.*s", (int)sizeof ret->letters - 1,
                   surname);
    cut_letters(ret->letters);
    return 0;
}
