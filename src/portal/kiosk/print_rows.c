/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/kiosk/print_rows.h"

#include <stdio.h>
#include <string.h>

void rows_add(struct rows *rows, const char *label, const char *value)
{
    if (value[0] != '\0' && rows->count < ROWS_MAX)
        rows->list[rows->count++] = (struct paper_row){label, value};
}

void rows_add_day(struct rows *rows, const char *label, struct caldate day)
{
    if (rows->count == ROWS_MAX)
        return;
    (void)snprintf(rows->made[rows->count], ROWS_TEXT_SIZE, "%d年%d月%d日", day.year, day.month,
                   day.day);
    rows_add(rows, label, rows->made[rows->count]);
}

const char *rows_sex(bool is_female)
{
    return is_female ? "女" : "男";
}

/* Whoever shows the card is known to the resident register best. */
const char *print_name(const struct certificate *certificate, const struct civil_person *person)
{
    return person == certificate->facts->self ? certificate->extract->name : person->name;
}

struct caldate print_birth(const struct certificate *certificate, const struct civil_person *person)
{
    return person == certificate->facts->self ? certificate->extract->birth : person->birth;
}

const char *print_relation(const struct civil_person *person)
{
    switch (person->relation) {
    case CIVIL_HEAD:
        return "世帯主";
    case CIVIL_SPOUSE:
        return person->is_female ? "妻" : "夫";
    case CIVIL_CHILD:
        return "子";
    case CIVIL_PARENT:
        return person->is_female ? "母" : "父";
    case CIVIL_RELATIONS_:
        break;
    }
    return "";
}
