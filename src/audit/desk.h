/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a daemon shows of its log, and what it counted, to its operators and to witnesses: the rows
 * of AUDIT_ROUTES and 'GET /metrics', for a daemon whose operators are user ids alone. The context
 * of its server begins with a struct audit_desk.
 */
#pragma once

#include "audit/keeper.h"
#include "http/route.h"

struct audit_desk {
    struct db *db;               /* with the log */
    struct audit_keeper *keeper; /* makes checkpoints of it; NULL: nobody does */
    const uid_t *operators;      /* may read the log; never anybody whom it tells of */
    size_t operator_count;
};

/* A user id of the list, on a Unix socket. */
extern const struct http_access audit_operator;
/* The same, and whoever is a witness of the log. */
extern const struct http_access audit_witness;
/* The log, its tree, its checkpoints; a table of its own. */
extern const struct route audit_desk_routes[];
