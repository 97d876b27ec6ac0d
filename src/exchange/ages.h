/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Days of a life: when somebody is so old, and in which class of school. Inside this room only.
 */
#pragma once

#include "base/caltime.h"

enum { GRADE_LAST = 12 }; /* 1 to 6: elementary school, to 9: junior high school, to 12: high */

struct caldate ages_days_from(struct caldate day, int64_t days);
int64_t ages_days_between(struct caldate from, struct caldate until);
/* The first day on which somebody is so many years old (caldate_age). */
struct caldate ages_years(struct caldate birth, int64_t years);
/* So many months behind the birth; a month's last day where it has no such day. */
struct caldate ages_months(struct caldate birth, int64_t months);
/* The first and the last day in a class: whoever was born on 1 April is the year's youngest. */
struct caldate ages_grade_from(struct caldate birth, int64_t grade);
struct caldate ages_grade_until(struct caldate birth, int64_t grade);
