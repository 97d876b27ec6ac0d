/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tenants as they were found by their keys, in memory: a request looks three times whose it is, and
 * must not wait for the disk each time. This process alone changes them, and whatever changes one
 * has all of them looked up again. Any thread may ask.
 */
#pragma once

#include "platform/tenant/store.h"

struct known;

MUST_CHECK int known_new(struct known **ret, struct err *err);
void known_free(struct known *known); /* accepts NULL */

/* Which of the changes so far a look into the database will see: taken before it. */
uint64_t known_edition(struct known *known);
/* Whose key that is at a moment; false: it has to be looked up. */
bool known_find(struct known *known, const struct digest *key, int64_t now, struct tenant *ret);
/* What was found, in a look that began at that edition; without memory nothing is kept. */
void known_put(struct known *known, const struct tenant *tenant, uint64_t edition);
/* A tenant or a key was changed, durably: before whoever did it hears of it. */
void known_forget(struct known *known);
/* When a key was used last, which alone forgets nothing. */
void known_use(struct known *known, const struct digest *key, int64_t at);
