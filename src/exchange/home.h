/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With whom a fictional person lives: the one place where a household is made, so that whatever
 * tells of it (what a municipality answers, a tax, an allowance, a certificate) tells the same. It
 * is drawn out of the person's seed (making.h) and of what is known: age, sex, names of what the
 * person has. Inside this room only.
 */
#pragma once

#include "exchange/making.h"

enum home_relation { HOME_HEAD, HOME_SPOUSE, HOME_CHILD }; /* to the head */

struct home_person {
    enum home_relation relation;
    bool is_female;
    struct caldate birth, since; /* since: a resident */
};

enum { HOME_PEOPLE_MAX = 4, HOME_CHILDREN_MAX = 2 };

/* One head, who comes first, at most one spouse, then children, the elder before the younger. */
struct home {
    struct home_person people[HOME_PEOPLE_MAX];
    size_t count;
    size_t self; /* which of them the person is */
    /* Children who have grown up and live elsewhere now: what is told of years before counts them.
     */
    struct home_person grown[HOME_CHILDREN_MAX];
    size_t grown_count;
};

MUST_CHECK int home_make(const struct making_person *person, struct home *ret, struct err *err);
/* Born, and not beyond the school year of the eighteenth birthday (Act on Child Allowance). */
bool home_is_minor(const struct home_person *person, struct caldate day);
/* How many of the children were so on a day. */
int64_t home_minors(const struct home *home, struct caldate day);
/* Whether the person is a parent of such children, and whether the only one there. */
bool home_is_parent(const struct home *home, struct caldate today);
bool home_is_single_parent(const struct home *home, struct caldate today);
/* Since when somebody has such children; the person's own birth: there are none. */
struct caldate home_parent_since(const struct home *home, struct caldate today);

/* A number below a limit, for a person and a subject: the same each time. */
MUST_CHECK int home_draw(const struct making_person *person, const char *subject, int64_t limit,
                         int64_t *ret, struct err *err);
