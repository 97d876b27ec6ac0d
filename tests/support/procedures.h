/* SPDX-License-Identifier: Apache-2.0 */
/* A database of procedures in a test: its schema, and short ways to fill it. A failure ends the
 * test. */
#pragma once

#include "portal/procedure/store.h"

struct procedures {
    struct db *db;
};

enum { PROCEDURES_NOW = 1795651200 }; /* 2026-11-26 in Japan */

void procedures_open(struct procedures *procedures, const char *path);
void procedures_close(struct procedures *procedures);
struct audit_origin procedures_by(void);
void procedures_add_municipality(struct procedures *procedures, const char *code, const char *name);
/*
 * A text of "owner" ("" for one of all) with these words and a form of one field; *more: further
 * members of the content, beginning with a comma, or "".
 */
int64_t procedures_put(struct procedures *procedures, const char *owner, const char *code,
                       const char *name, const char *summary, const char *more);
/* Offered from always on, not online; the psid is the caller's to keep. */
struct procedure_offering procedures_plain(const char *municipality, int64_t text);
void procedures_offer(struct procedures *procedures, const struct procedure_offering *offering,
                      char ret_psid[PSID_SIZE]);
