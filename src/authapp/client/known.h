/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients as they were read, in memory: a login looks up its client for each of its requests, and
 * must not wait for the disk and read its metadata each time. This process alone changes clients,
 * and whatever changes one has all of them looked up again. Any thread may ask.
 */
#pragma once

#include "authapp/client/client.h"

struct known_clients;

MUST_CHECK int known_clients_new(struct known_clients **ret, struct err *err);
void known_clients_free(struct known_clients *known); /* accepts NULL */

/* Which of the changes so far a look into the database will see: taken before it. */
uint64_t known_clients_edition(struct known_clients *known);
/* A client of one's own, to be released with client_done; false: it has to be looked up. */
bool known_clients_find(struct known_clients *known, const char *id, struct client *ret);
/* What was found, in a look that began at that edition; without memory nothing is kept. */
void known_clients_put(struct known_clients *known, const struct client *client, uint64_t edition);
/* A client was changed or removed, durably: before whoever did it hears of it. */
void known_clients_forget(struct known_clients *known);
