/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of more people than one: a household, and a family with its addresses. */
#include "portal/kiosk/print_rows.h"

#include <stdio.h>

static const struct civil_person *head_of(const struct certificate *certificate)
{
    return &certificate->facts->household.people[0];
}

/* ---- 住民票の写し（世帯全員） ---- */

static int print_member(struct paper *paper, const struct certificate *certificate,
                        const struct civil_person *person, struct err *err)
{
    struct rows rows = {.count = 0};

    rows_add(&rows, "氏名", print_name(certificate, person));
    rows_add_day(&rows, "生年月日", print_birth(certificate, person));
    rows_add(&rows, "性別", rows_sex(person->is_female));
    rows_add_day(&rows, "住民となった日", person->since);
    if ((certificate->items & KIOSK_ITEM_HEAD) != 0)
        rows_add(&rows, "続柄", print_relation(person));
    if ((certificate->items & KIOSK_ITEM_ORIGIN) != 0 && civil_is_family(person)) {
        rows_add(&rows, "本籍", certificate->facts->household.origin);
        rows_add(&rows, "筆頭者", print_name(certificate, head_of(certificate)));
    }
    rows_add(&rows, "個人番号", "（記載を省略）");
    return paper_table(paper, rows.list, rows.count, err);
}

int print_household(struct paper *paper, const struct certificate *certificate, struct err *err)
{
    const struct household *household = &certificate->facts->household;
    struct rows rows = {.count = 0};

    rows_add(&rows, "住所", certificate->extract->address);
    if ((certificate->items & KIOSK_ITEM_HEAD) != 0)
        rows_add(&rows, "世帯主", print_name(certificate, head_of(certificate)));
    TRY(paper_table(paper, rows.list, rows.count, err));
    for (size_t i = 0; i < household->count; i++)
        TRY(print_member(paper, certificate, &household->people[i], err));
    return 0;
}

/* ---- 戸籍 ---- */

static void add_register(const struct certificate *certificate, struct rows *rows)
{
    rows_add(rows, "本籍", certificate->facts->household.origin);
    rows_add(rows, "筆頭者", print_name(certificate, head_of(certificate)));
    rows_add_day(rows, "編製日", certificate->facts->household.family_since);
}

/* "長男", "二女": by birth among those of the same sex. */
static const char *order_of(const struct household *household, const struct civil_person *child)
{
    static const char *const sons[] = {"長男", "二男", "三男", "四男"};
    static const char *const daughters[] = {"長女", "二女", "三女", "四女"};
    size_t older = 0;

    for (size_t i = 0; i < household->count; i++) {
        const struct civil_person *other = &household->people[i];

        if (other->relation == CIVIL_CHILD && other->is_female == child->is_female &&
            caldate_compare(other->birth, child->birth) < 0)
            older++;
    }
    if (older >= sizeof sons / sizeof sons[0])
        return child->is_female ? "女" : "男";
    return child->is_female ? daughters[older] : sons[older];
}

static const char *place_of(const struct household *household, const struct civil_person *person)
{
    if (person->relation == CIVIL_CHILD)
        return order_of(household, person);
    return person->relation == CIVIL_HEAD ? "筆頭者" : print_relation(person);
}

static int print_registered(struct paper *paper, const struct certificate *certificate,
                            const struct civil_person *person, struct err *err)
{
    struct rows rows = {.count = 0};

    rows_add(&rows, "氏名", print_name(certificate, person));
    rows_add_day(&rows, "生年月日", print_birth(certificate, person));
    rows_add(&rows, "父", person->father);
    rows_add(&rows, "母", person->mother);
    rows_add(&rows, "続柄", place_of(&certificate->facts->household, person));
    return paper_table(paper, rows.list, rows.count, err);
}

int print_family(struct paper *paper, const struct certificate *certificate, struct err *err)
{
    const struct household *household = &certificate->facts->household;
    struct rows rows = {.count = 0};

    add_register(certificate, &rows);
    TRY(paper_table(paper, rows.list, rows.count, err));
    for (size_t i = 0; i < household->count; i++)
        if (civil_is_family(&household->people[i]))
            TRY(print_registered(paper, certificate, &household->people[i], err));
    return 0;
}

/* ---- 戸籍の附票 ---- */

static int print_moves(struct paper *paper, const struct certificate *certificate,
                       const struct civil_person *person, struct err *err)
{
    const struct household *household = &certificate->facts->household;
    struct rows rows = {.count = 0};

    rows_add(&rows, "氏名", print_name(certificate, person));
    if (caldate_compare(household->family_since, person->since) < 0 &&
        caldate_compare(person->birth, person->since) < 0)
        rows_add(&rows, "前の住所", household->former_address);
    rows_add(&rows, "住所", certificate->extract->address);
    rows_add_day(&rows, "住所を定めた日", person->since);
    return paper_table(paper, rows.list, rows.count, err);
}

int print_addresses(struct paper *paper, const struct certificate *certificate, struct err *err)
{
    const struct household *household = &certificate->facts->household;
    struct rows rows = {.count = 0};

    add_register(certificate, &rows);
    TRY(paper_table(paper, rows.list, rows.count, err));
    for (size_t i = 0; i < household->count; i++)
        if (civil_is_family(&household->people[i]))
            TRY(print_moves(paper, certificate, &household->people[i], err));
    return 0;
}
