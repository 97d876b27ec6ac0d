/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many tries each PIN has left, on disk before anybody is told (design 6, rule 2).
 *
 * A file of two slots, each sealed with a sequence number. A change goes into the slot that is not
 * the newest durable one and counts once fdatasync has returned, so a cut at any point leaves the
 * old numbers or the new ones. The file is also the lock of the card: it is never replaced.
 */
#pragma once

#include "base/secret.h"
#include "card/applet.h"

enum { CARD_ID_SIZE = 16 };

struct counters {
    int fd;
    const struct secret *key; /* borrowed */
    uint8_t card_id[CARD_ID_SIZE];
    uint64_t sequence;          /* highest that may be on disk */
    unsigned durable;           /* the slot that is known to be good */
    unsigned tries[CARD_PINS_]; /* in that slot */
};

#define COUNTERS_INIT                                                                              \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

enum counters_mode {
    COUNTERS_OWN,  /* ERR_CONFLICT if another process owns the card */
    COUNTERS_LOOK, /* for reading only, without a lock */
};

/* A file in which every PIN has all its tries; replaces one that is there. */
MUST_CHECK int counters_create(const char *path, const struct secret *key,
                               const uint8_t card_id[CARD_ID_SIZE], struct err *err);
/*
 * ERR_ABSENT if there is no such file, ERR_UNTRUSTED if neither slot is of this card and key. A
 * PIN that the file does not know has all its tries.
 */
MUST_CHECK int counters_open(const char *path, const struct secret *key,
                             const uint8_t card_id[CARD_ID_SIZE], enum counters_mode mode,
                             struct counters *ret, struct err *err);
/*
 * Durable when it returns 0. On failure the disk holds the old numbers or the new ones, and the
 * next save starts from the last good slot again.
 */
MUST_CHECK int counters_save(struct counters *counters, const unsigned tries[CARD_PINS_],
                             struct err *err);
void counters_done(struct counters *counters);
