/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/family.h"

#include "exchange/home.h"

#include <stdio.h>
#include <string.h>

enum {
    ADULT = 20,
    SEAL_FROM = 18, /* of all who could from 15 on */
    PERCENT = 100,
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

#define PICK(list, drawn) ((list)[(size_t)(drawn) % (sizeof(list) / sizeof(list)[0])])

/* Who draws: the person, and the household as far as it is made. */
struct draw {
    const struct family_wish *wish;
    struct household *household;
    char surname[SURNAME_SIZE];
    struct caldate today;
};

static int draw(const struct draw *draw, const char *subject, int64_t limit, int64_t *ret,
                struct err *err)
{
    return home_draw(draw->wish->person, subject, limit, ret, err);
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

static const enum civil_relation relations[] = {
    [HOME_HEAD] = CIVIL_HEAD, [HOME_SPOUSE] = CIVIL_SPOUSE, [HOME_CHILD] = CIVIL_CHILD};

static const char *given_name(const struct home_person *one, int64_t drawn)
{
    if (one->relation == HOME_CHILD)
        return one->is_female ? PICK(girls, drawn) : PICK(boys, drawn);
    return one->is_female ? PICK(women, drawn) : PICK(men, drawn);
}

/* The people of the household (home.h), with names. */
static int name_people(struct draw *d, struct err *err)
{
    const struct making_person *self = d->wish->person;
    struct home home;
    int64_t given;

    TRY(home_make(self, &home, err));
    TRY(draw(d, "given", 24, &given, err));
    for (size_t i = 0; i < home.count; i++) {
        const struct home_person *one = &home.people[i];
        struct civil_person *person = &d->household->people[i];

        *person = (struct civil_person){.relation = relations[one->relation],
                                        .is_female = one->is_female,
                                        .birth = one->birth,
                                        .since = one->since};
        if (i != home.self) {
            (void)snprintf(person->name, sizeof person->name, "%s　%s", d->surname,
                           given_name(one, given + (int64_t)i));
            continue;
        }
        person->is_protected = self->is_protected;
        person->has_code = true;
        person->code = *d->wish->code;
        (void)snprintf(person->name, sizeof person->name, "%s", self->name);
    }
    d->household->count = home.count;
    return 0;
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

static int name_parents(struct draw *d, struct err *err)
{
    for (size_t i = 0; i < d->household->count; i++) {
        struct civil_person *person = &d->household->people[i];

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
    TRY(name_people(&d, err));
    TRY(name_parents(&d, err));
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

    TRY(home_draw(person, "seal", PERCENT, &way, err));
    if (age < SEAL_FROM || way >= 75)
        return FAIL(err, ERR_ABSENT, "this person has no seal");
    TRY(home_draw(person, "seal day", 8 * 365, &days, err));
    if (days > (age - SEAL_FROM) * 365)
        days = (age - SEAL_FROM) * 365;
    take_surname(person->name, surname);
    *ret = (struct seal){.since = days_before(person->today, days)};
    (void)snprintf(ret->letters, sizeof ret->letters, "%.*s", (int)sizeof ret->letters - 1,
                   surname);
    cut_letters(ret->letters);
    return 0;
}
