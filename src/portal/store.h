/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a portal keeps. What it keeps of one subject is in that subject's store.h; all of it is in
 * one database, whose audit log has each act in the same transaction. Any thread may call; what a
 * call acknowledged is durable.
 */
#pragma once

#include "audit/audit.h"

struct limiter;
struct portal_store;

MUST_CHECK int portal_store_open(const char *path, struct portal_store **ret, struct err *err);
void portal_store_close(struct portal_store *store);
void portal_store_closep(struct portal_store **store);
MUST_CHECK int portal_store_ping(struct portal_store *store, struct err *err);
/* For its audit log, and for the exchange's tables. */
struct db *portal_store_db(struct portal_store *store);
/* How often operators of services may ask, in memory (http/limiter.h). */
struct limiter *portal_store_limiter(struct portal_store *store);
