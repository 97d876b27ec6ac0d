/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an OpenID provider keeps: its clients, the logins of the last minutes, and hashes of the
 * codes and tokens that it gave. What it keeps of one subject is in that subject's store.h.
 *
 * Any thread may call; what a call acknowledged is durable, and who did it (by) is in the audit
 * log, in the same transaction.
 */
#pragma once

#include "audit/audit.h"
#include "base/bytes.h"

struct db;
struct authapp_store;

MUST_CHECK int authapp_store_open(const char *path, struct authapp_store **ret, struct err *err);
void authapp_store_close(struct authapp_store *store);
void authapp_store_closep(struct authapp_store **store);
MUST_CHECK int authapp_store_ping(struct authapp_store *store, struct err *err);
/* For its audit log (audit/words.h), and who makes checkpoints of that (audit/keeper.h). */
struct db *authapp_store_db(struct authapp_store *store);
