/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened in a key ceremony, one line of text per entry:
 *
 *     HASH {"n":1,"at":"2026-11-26T01:02:03Z","do":"present",...}
 *
 * HASH is the SHA-256 of the hash before (32 zero bytes at first) and of the JSON as it stands, in
 * hexadecimal. So whoever has kept the last hash, on paper, can tell whether anything before it was
 * changed. An entry is on the disk before transcript_add returns.
 */
#pragma once

#include "base/json.h"

enum { TRANSCRIPT_HASH_SIZE = 32, TRANSCRIPT_HEAD_SIZE = 2 * TRANSCRIPT_HASH_SIZE + 1 };

/* Where a reader is; zeroed at the beginning. */
struct transcript_state {
    uint8_t head[TRANSCRIPT_HASH_SIZE];
    unsigned entries;
    bool is_closed; /* by an entry "close" or "abort": nothing follows */
};

/*
 * Take the next entry off *rest. ERR_ABSENT at the end; ERR_UNTRUSTED, naming the entry, if a hash
 * is not what it must be; ERR_INPUT if it is no entry. On failure nothing is touched.
 */
MUST_CHECK int transcript_next(struct bytes *rest, struct transcript_state *state,
                               struct json **ret, struct err *err);
/* The last hash, as people write it down. */
void transcript_head(const struct transcript_state *state, char ret[TRANSCRIPT_HEAD_SIZE]);

struct transcript;
/* What is called for each entry of a transcript that is gone on with. */
typedef int transcript_each(void *context, const struct json *entry, struct err *err);

/* A new one. ERR_CONFLICT if the file exists. */
MUST_CHECK int transcript_create(const char *path, struct transcript **ret, struct err *err);
/*
 * Go on with one. A last line that a power cut has left unfinished is cut off, and *ret_torn says
 * so: it was never acknowledged. ERR_CONFLICT while somebody else has it; else as transcript_next.
 */
MUST_CHECK int transcript_resume(const char *path, transcript_each *each, void *context,
                                 struct transcript **ret, bool *ret_torn, struct err *err);
void transcript_close(struct transcript *transcript);
void transcript_closep(struct transcript **transcript);
const struct transcript_state *transcript_standing(const struct transcript *transcript);

/* An entry to be filled and added: its number, the time, and what was done. NULL: no memory. */
struct json *transcript_entry(const struct transcript *transcript, int64_t now, const char *act);
/* Write an entry durably; takes it, also on failure. ERR_CONFLICT if the transcript is closed. */
MUST_CHECK int transcript_add(struct transcript *transcript, struct json *entry, struct err *err);
