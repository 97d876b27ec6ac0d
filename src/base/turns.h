/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value that is replaced as a whole while others use it: each holds the one that counted when it
 * began, to its end; whoever begins later has the next one. Any thread may call.
 */
#pragma once

#include "base/err.h"

struct turns;
struct turn; /* one value, held */

/* The first value is the caller's, and outlives the turns. */
MUST_CHECK int turns_new(void *first, struct turns **ret, struct err *err);
/* When nobody holds a turn any more. */
void turns_freep(struct turns **turns);

struct turn *turns_hold(struct turns *turns);
void *turn_value(const struct turn *turn);
/* Accepts NULL. Whoever is the last one with a value whose turn is over has it released. */
void turn_release(struct turn *turn);
void turn_releasep(struct turn **turn); /* CLEANUP(turn_releasep) */

/* It is this value's turn from now on; release is called for it once. On failure it is not. */
MUST_CHECK int turns_put(struct turns *turns, void *value, void (*release)(void *value),
                         struct err *err);
