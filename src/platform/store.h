/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a platform keeps: its tenants, the logins of the last minutes, who logged in (as a random
 * number), and that a verification was made. No certificate, no attribute, no document. What it
 * keeps of one subject is in that subject's store.h.
 *
 * Any thread may call; what a call acknowledged is durable, and who did it (by) is in the audit
 * log, in the same transaction.
 */
#pragma once

#include "audit/audit.h"
#include "audit/tree.h"
#include "base/bytes.h"

struct db;
struct platform_store;

MUST_CHECK int platform_store_open(const char *path, struct platform_store **ret, struct err *err);
void platform_store_close(struct platform_store *store);
void platform_store_closep(struct platform_store **store);
MUST_CHECK int platform_store_ping(struct platform_store *store, struct err *err);
/* For its audit log (audit/words.h), and who makes checkpoints of that (audit/keeper.h). */
struct db *platform_store_db(struct platform_store *store);
