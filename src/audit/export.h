/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole log in one file, to be judged without the daemon: pages as the daemon tells them
 * (audit/words.h), one JSON object a line, and at the end its tree of as many records. Nothing in
 * it is believed: each record is hashed again, and the tree's root is compared with that. Before
 * the pages there may be a checkpoint (room note), {"checkpoint": NOTE}; the tree then has a proof
 * that it continues it. By whom the checkpoint is, is for the caller to see.
 */
#pragma once

#include "audit/follow.h"

enum { AUDIT_LINE_MAX = 4 * 1024 * 1024 }; /* bytes of a line: as much as a daemon's answer */

/* How far a file was read; zeroed in the beginning. */
struct audit_export {
    struct merkle_frontier log;
    struct buf note; /* the checkpoint; empty: there is none */
    bool is_over;    /* the tree has come */
};
void audit_export_done(struct audit_export *export);

/*
 * The next line, without its line feed. ERR_INPUT for what is no such line, or stands behind the
 * tree; ERR_UNTRUSTED for records that are not as they were written, and for a tree of others.
 */
MUST_CHECK int audit_export_take(struct audit_export *export, struct bytes line, struct err *err);
/* At the end of the file: ERR_INPUT if it is cut off, ERR_ABSENT if there is nothing in it. */
MUST_CHECK int audit_export_end(const struct audit_export *export, struct err *err);
