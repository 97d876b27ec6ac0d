/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints in jpkictl's audit commands: where they come from, and by whom they have to be. */
#pragma once

#include "audit/follow.h"
#include "base/cli.h"
#include "note/checkpoint.h"
#include "note/note.h"

/* Options of a command; paths of files. */
struct seen_options {
    const char *origin_key;     /* the log's; NULL: nothing is asked about checkpoints */
    const char *witness;        /* a witness's; NULL: none need have signed */
    const char *witness_socket; /* of jpki-witnessd, which has the checkpoint; NULL: the daemon */
};

/* Rows of a table of options; base is the offset of the struct seen_options. */
#define SEEN_KEY_OPTIONS(base_)                                                                    \
    {0,          "origin-key",                                                                     \
     CLI_TEXT,   (base_) + offsetof(struct seen_options, origin_key),                              \
     N_("FILE"), N_("with a checkpoint signed by the log's key, which is in this file")},          \
    {                                                                                              \
        0, "witness", CLI_TEXT, (base_) + offsetof(struct seen_options, witness), N_("FILE"),      \
            N_("and cosigned by the witness whose key is in this file")                            \
    }
#define SEEN_OPTIONS(base_)                                                                        \
    SEEN_KEY_OPTIONS(base_),                                                                       \
    {                                                                                              \
        0, "witness-socket", CLI_TEXT, (base_) + offsetof(struct seen_options, witness_socket),    \
            N_("FILE"), N_("the Unix socket of the witness that has the checkpoint")               \
    }

/* By whom a checkpoint has to be. */
struct seen_keys {
    bool is_asked; /* false: nothing is */
    struct note_key origin;
    bool has_witness;
    struct note_key witness;
};
/* ERR_USAGE for options that do not fit together, ERR_INPUT for a file that has no such key. */
MUST_CHECK int seen_load(const struct seen_options *options, struct seen_keys *ret,
                         struct err *err);

/* What a note says, once it is by those that it has to be by. */
struct seen {
    struct checkpoint checkpoint;
    int64_t cosigned_at; /* 0: by no witness */
};
/* ERR_UNTRUSTED if it is of another log, or not signed by all of them. */
MUST_CHECK int seen_check(const struct seen_keys *keys, struct bytes note, struct seen *ret,
                          struct err *err);
/*
 * Fetch the last checkpoint, from the witness if there is one to be asked, and check it; log is the
 * daemon's socket.
 */
MUST_CHECK int seen_fetch(const struct seen_options *options, const struct seen_keys *keys,
                          const char *log, struct buf *ret_note, struct seen *ret, struct err *err);
/* That a log, which has so many records and this root, continues the checkpoint. */
MUST_CHECK int seen_continues(const char *log, const struct seen *seen, int64_t size,
                              const struct merkle_hash *root, struct err *err);
/* Members of an answer in JSON, or a line for people: which checkpoint it was, and by whom. */
MUST_CHECK int seen_put(const struct seen *seen, struct json *body, struct err *err);
void seen_print(const struct seen *seen);

/* A daemon's log that was read and hashed again. */
struct seen_log {
    uint64_t records;
    bool has_checkpoint;
    struct seen seen;
};
/* All of it from its first record, as audit verify does (audit_verify.c). */
MUST_CHECK int seen_verify_log(const struct seen_options *options, const char *socket,
                               struct seen_log *ret, struct err *err);

/* What audit check does with a file, told as it tells it (audit_check.c). */
MUST_CHECK int audit_check_file(const struct seen_options *seen, bool json, const char *path,
                                struct err *err);

/* A file as audit prove has printed it. */
struct seen_proof {
    struct merkle_hash root;
    int64_t size;
    bool has_checkpoint;
    struct seen seen; /* checked, if keys were asked for */
};
/* ERR_UNTRUSTED also if a checkpoint is asked for and none is in it. */
MUST_CHECK int seen_proof_check(const struct seen_keys *keys, const struct json *proof,
                                struct seen_proof *ret, struct err *err);
