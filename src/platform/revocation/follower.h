/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform's copies of the authority's revocation feeds (docs/revocation-feed.md), one for each
 * kind of certificate, kept up to date by a thread each that asks at the door (door.h) and waits
 * there. What does not belong into a copy is refused, and the copy is used as before.
 */
#pragma once

#include "platform/platform.h"
#include "verify/certificate.h"

struct follower;

/* What happened to a copy, the first time and whenever it changes. */
enum follower_event {
    FOLLOWER_CURRENT, /* up to date */
    FOLLOWER_FAILED,  /* the authority cannot be asked, or gives nothing */
    FOLLOWER_REFUSED, /* what it gives is forged, old, or does not follow */
};

/* platform outlives the follower; report is told by any thread, and may be NULL. */
struct follower_options {
    const struct platform *platform;
    void (*report)(enum purpose purpose, enum follower_event event, const struct err *failure);
};

MUST_CHECK int follower_start(const struct follower_options *options, struct follower **ret,
                              struct err *err);
/* Waits for the questions at work, two seconds at most. Accepts NULL. */
void follower_stopp(struct follower **follower);

/* How a copy stands: edition 0 is none. */
struct follower_standing {
    uint32_t edition;
    int64_t this_update, next_update;
    int64_t confirmed_at; /* UTC seconds when the authority last had nothing newer; 0: never */
    uint64_t taken, refused, failed;
};
void follower_standing(struct follower *follower, enum purpose purpose,
                       struct follower_standing *ret);

/* One question's way: the feed, and what is asked where that does not cover it or is not fresh. */
struct follower_way {
    struct follower *follower;
    enum purpose purpose;
    const struct status_source *otherwise; /* NULL: nobody */
};
/* way must outlive the source. */
struct status_source follower_source(const struct follower_way *way);
