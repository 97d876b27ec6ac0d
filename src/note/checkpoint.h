/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoints of logs (c2sp.org/tlog-checkpoint): how many records a log has, and the root of the
 * Merkle tree over them, in three lines. Lines behind these are refused: nobody here says more.
 */
#pragma once

#include "note/limits.h"

#include "base/bytes.h"

enum { CHECKPOINT_ROOT_SIZE = 32 };

struct checkpoint {
    char origin[NOTE_NAME_MAX + 1]; /* which log */
    int64_t size;
    uint8_t root[CHECKPOINT_ROOT_SIZE];
};

MUST_CHECK int checkpoint_build(const struct checkpoint *checkpoint, struct buf *ret,
                                struct err *err);
/* The text of a note, with its last line feed. ERR_INPUT unless it is as it would be built. */
MUST_CHECK int checkpoint_parse(struct bytes text, struct checkpoint *ret, struct err *err);

/*
 * What a witness signs (c2sp.org/tlog-cosignature, cosignature/v1): that at this time, in UTC
 * seconds, this was the newest checkpoint it had seen of a log, and continued all before.
 */
MUST_CHECK int cosignature_build(int64_t time, struct bytes checkpoint, struct buf *ret,
                                 struct err *err);
/* The same back. ERR_INPUT unless it is as it would be built. */
MUST_CHECK int cosignature_parse(struct bytes message, int64_t *ret_time, struct checkpoint *ret,
                                 struct err *err);
