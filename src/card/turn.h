/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose turn it is at the card: one session at a time has it, the others wait in the order in which
 * they came.
 */
#pragma once

#include <stdbool.h>

/* Embedded in what can have a session; all zero at first. */
struct turn {
    bool has_card, is_waiting;
    struct turn *next; /* who came after it */
};

struct turns {
    struct turn *holder; /* NULL: nobody has the card */
    struct turn *first;  /* who waits longest */
};

/* Stand in line, and get the card if it is free and nobody waits longer. */
bool turn_take(struct turns *turns, struct turn *turn);
/* Give the card back, or wait no longer. */
void turn_leave(struct turns *turns, struct turn *turn);
