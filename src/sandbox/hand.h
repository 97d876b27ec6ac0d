/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A persona's card in somebody's hand: the one that is in the reader, if it is that persona's, or
 * else the card file, served for this one use. A card that was never made is made and issued at the
 * counter first, which takes some seconds.
 */
#pragma once

#include "client/icc.h"
#include "sandbox/keeper.h"
#include "sandbox/persona.h"

struct hand_options {
    const struct layout *layout;
    struct keeper *keeper; /* NULL: only the card in the reader can be had */
    unsigned place;        /* of the keeper; each user has one */
};

struct hand {
    char *direct, *control; /* sockets of the card */
    struct keeper *keeper;  /* who serves it; NULL: it is in the reader */
    unsigned place;
    bool is_new; /* made and issued just now: responders hear of it soon */
};

#define HAND_INIT                                                                                  \
    {                                                                                              \
        NULL, NULL, NULL, 0, false                                                                 \
    }

/*
 * Take it, for one user at a time: callers see to that. ERR_REMOTE, or what the counter said, if it
 * cannot be had. *ret is put away with hand_done, also after a failure.
 */
MUST_CHECK int hand_take(const struct hand_options *options, const struct persona *persona,
                         struct hand *ret, struct err *err);
void hand_done(struct hand *hand);

/* A session with the card. */
MUST_CHECK int hand_open(const struct hand *hand, struct icc **ret, struct err *err);
/* Have it fail: a member of POST /v1/trouble (jpki-softcard(1)). */
MUST_CHECK int hand_trouble(const struct hand *hand, const char *name, int64_t value,
                            struct err *err);
/* All is well with it again, and it is in its reader. */
MUST_CHECK int hand_mend(const struct hand *hand, struct err *err);
