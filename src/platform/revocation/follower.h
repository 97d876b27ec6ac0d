/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform's copies of the authority's revocation feeds (docs/revocation-feed.md), one for each
 * CA certificate that the platform believes, so for each generation, kept up to date by a thread
 * each that asks at the door (door.h) and waits there. What does not belong into a copy is refused,
 * and the copy is used as before.
 */
#pragma once

#include "base/turns.h"
#include "platform/platform.h"
#include "verify/certificate.h"

struct follower;

/* What happened to a copy, the first time and whenever it changes. */
enum follower_event {
    FOLLOWER_CURRENT, /* up to date */
    FOLLOWER_FAILED,  /* the authority cannot be asked, or gives nothing */
    FOLLOWER_REFUSED, /* what it gives is forged, old, or does not follow */
};

enum {
    FOLLOWER_STREAMS_MAX = 2 * ANCHORS_MAX, /* all that a platform can believe at one time */
    FOLLOWER_ISSUER_SIZE = 41,              /* a CA's key identifier in hexadecimal digits */
};

struct follower_options {
    struct turns *platforms; /* of struct platform: each round asks as the one whose turn it is */
    const struct clock *clock;
    /* Told by any thread; may be NULL. */
    void (*report)(enum purpose purpose, const char *issuer, enum follower_event event,
                   const struct err *failure);
};

MUST_CHECK int follower_start(const struct follower_options *options, struct follower **ret,
                              struct err *err);
/*
 * Follow the feeds of the CAs, too, that another platform believes, whose turn is to come. One
 * thread at a time. A CA that is not believed any more is forgotten by itself.
 */
MUST_CHECK int follower_add(struct follower *follower, const struct platform *platform,
                            struct err *err);
/* Waits for the questions at work, two seconds at most. Accepts NULL. */
void follower_stopp(struct follower **follower);

/* How a copy stands: edition 0 is none. */
struct follower_standing {
    enum purpose purpose;
    const char *issuer; /* the CA's key identifier; lives as long as the follower */
    uint32_t edition;
    int64_t this_update, next_update;
    int64_t confirmed_at; /* UTC seconds when the authority last had nothing newer; 0: never */
    uint64_t taken, refused, failed;
};
size_t follower_count(const struct follower *follower);
void follower_standing(struct follower *follower, size_t index, struct follower_standing *ret);

/* One question's way: the feed, and what is asked where that does not cover it or is not fresh. */
struct follower_way {
    struct follower *follower;
    enum purpose purpose;
    const struct status_source *otherwise; /* NULL: nobody */
};
/* way must outlive the source. */
struct status_source follower_source(const struct follower_way *way);
