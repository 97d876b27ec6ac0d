/* SPDX-License-Identifier: Apache-2.0 */
/* A key ceremony while it is held: where it is in its script, and the secrets of the moment. */
#pragma once

#include "ceremony/script.h"
#include "ceremony/transcript.h"
#include "programs/jpkictl/key/site.h"

/* A share that somebody was given, until a ceremony has made it void. */
struct handed {
    char set[QUORUM_SET_TEXT_SIZE];
    char who[64], file[256];
    unsigned number;
};

struct held {
    const struct script *script;
    struct key_site *site;
    struct transcript *transcript;
    bool done[CEREMONY_STEPS_MAX];
    struct handed handed[SHARES_MAX];
    size_t handed_count;
    bool is_begun;
    char script_sha256[65];

    struct secret from;       /* passphrase of the keys in use */
    struct secret passphrase; /* of the keys that are made */
    struct quorum quorum;     /* of that one */
    struct share shares[SHARES_MAX];
    size_t given; /* of these */
};

/* What a step adds to the transcript about itself goes into facts. */
typedef int step_function(struct held *held, const struct script_step *step, struct json *facts,
                          struct err *err);
/* By enum step_kind. */
extern step_function *const step_functions[STEP_KINDS_];

/* Forget all secrets. */
void held_wipe(struct held *held);
/* Enough custodians hand in their shares of a quorum; facts get who came. */
MUST_CHECK int held_gather(struct held *held, const struct quorum *quorum, struct json *facts,
                           struct secret *ret_passphrase, struct err *err);
/* The passphrase of what was made, from the custodians again where this process does not have it.
 */
MUST_CHECK int held_need_passphrase(struct held *held, struct json *facts, struct err *err);
/* Add an entry: what was done, of which step (NULL: none), and facts (taken). */
MUST_CHECK int held_note(struct held *held, const char *act, const struct script_step *step,
                         struct json *facts, struct err *err);
MUST_CHECK int put_sha256(struct json *object, const char *key, struct bytes data, struct err *err);
