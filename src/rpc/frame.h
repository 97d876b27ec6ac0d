/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signerd's protocol on the wire: frames, and the fields inside them. No I/O.
 *
 *   0  4  magic "JPKS"          10  2  reserved, 0
 *   4  2  version               12  4  id of the question, given by the client
 *   6  2  verb                  16  4  length of the body
 *   8  2  status                20     body: fields of tag (2), length (4) and value
 *
 * Numbers are big-endian. A client's first frame is RPC_HELLO, always in version 1, with the
 * lowest and the highest version it speaks; the answer names the highest that both know, and
 * every later frame carries that one. A new version is added beside the one before.
 */
#pragma once

#include "base/bytes.h"
#include "rpc/limits.h"

enum {
    RPC_VERSION_LOWEST = 1,
    RPC_VERSION_HIGHEST = 1,
    RPC_HEADER_SIZE = 20,
};

enum rpc_verb {
    RPC_HELLO = 1,
    RPC_LIST = 2,
    RPC_PUBLIC = 3,
    RPC_SIGN = 4,
    RPC_STATUS = 5,
    RPC_UNWRAP = 7, /* 6 was a list by descriptor, and is not given again */
    /* A list too large for a frame: what begins it, its pieces in order, and its end. Any other
       question of the connection in between gives it up. */
    RPC_LIST_BEGIN = 10,
    RPC_LIST_PIECE = 11,
    RPC_LIST_END = 12,
    /* On the socket of a signerd whose keys wait for their custodians, and nowhere else: */
    RPC_QUORUM = 8,
    RPC_SHARE = 9,
};

enum rpc_status {
    RPC_QUESTION = 0,
    RPC_DONE = 1,
    RPC_MALFORMED = 2,   /* ERR_INPUT */
    RPC_NOT_YOURS = 3,   /* ERR_DENIED */
    RPC_NO_SUCH_KEY = 4, /* ERR_ABSENT */
    RPC_REFUSED = 5,     /* ERR_UNTRUSTED */
    RPC_USED = 6,        /* ERR_CONFLICT */
    RPC_UNAVAILABLE = 7, /* ERR_REMOTE and whatever is signerd's own fault */
};

struct rpc_frame {
    uint16_t version;
    enum rpc_verb verb;
    enum rpc_status status;
    uint32_t id;
    struct bytes body;
};

MUST_CHECK int rpc_frame_append(struct buf *buf, const struct rpc_frame *frame, struct err *err);
/*
 * Take the first frame off *rest; its body points into *rest. ERR_ABSENT if more bytes are needed,
 * ERR_INPUT as soon as what is there cannot become a frame of a version we speak. On failure
 * neither *rest nor *ret is touched.
 */
MUST_CHECK int rpc_frame_take(struct bytes *rest, struct rpc_frame *ret, struct err *err);

enum rpc_tag {
    RPC_TAG_VERSIONS = 1, /* two numbers of 2 bytes: lowest, highest */
    RPC_TAG_VERSION,
    RPC_TAG_KEY,
    RPC_TAG_ROLE,
    RPC_TAG_ALGORITHM,
    RPC_TAG_SPKI,
    RPC_TAG_KIND,
    RPC_TAG_TBS,
    RPC_TAG_SIGNATURE,
    RPC_TAG_SENTENCE,
    RPC_TAG_PROGRAM,
    RPC_TAG_UPTIME,
    RPC_TAG_SIGNATURES,
    RPC_TAG_REFUSALS,
    RPC_TAG_CONNECTIONS,
    RPC_TAG_KEYS,
    RPC_TAG_SEPARATED,
    RPC_TAG_LOCKED,
    RPC_TAG_PIECE,
    RPC_TAG_WRAPPED,
    RPC_TAG_PLAIN,
    RPC_TAG_SET,
    RPC_TAG_NEEDED,
    RPC_TAG_TOTAL,
    RPC_TAG_GIVEN, /* bit N-1 is share N */
    RPC_TAG_REHEARSAL,
    RPC_TAG_SHARE,
    RPC_TAGS_, /* one more than the last */
};

/* The fields of one group, by tag; those that do not belong to the verb are empty. */
struct rpc_fields {
    struct bytes value[RPC_TAGS_];
};

MUST_CHECK int rpc_put(struct buf *body, enum rpc_tag tag, struct bytes value, struct err *err);
/* As many bytes as the tag's numbers have. */
MUST_CHECK int rpc_put_number(struct buf *body, enum rpc_tag tag, uint64_t number, struct err *err);

/*
 * The fields of a frame: exactly those of its verb and direction, in their order, each within its
 * limits; texts hold what they may. ERR_INPUT otherwise.
 */
MUST_CHECK int rpc_fields_parse(const struct rpc_frame *frame, struct rpc_fields *ret,
                                struct err *err);
/*
 * The answer to RPC_LIST repeats its group: take the first off *rest. ERR_ABSENT at the end.
 */
MUST_CHECK int rpc_fields_next(struct bytes *rest, struct rpc_fields *ret, struct err *err);
/* A number of up to 8 bytes. */
uint64_t rpc_number(struct bytes value);
/* A checked text as a C string; room is more than its length. */
void rpc_text(struct bytes value, char *ret, size_t room);

/* The two directions of the same table. */
enum rpc_status rpc_status_of(enum err_kind kind);
enum err_kind rpc_status_kind(enum rpc_status status);
