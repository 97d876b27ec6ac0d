/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the counter needs for clerks: which cards it believes, who is logged in, and what they may
 * ask for in signed requests.
 */
#pragma once

#include "http/router.h"
#include "http/server.h"
#include "register/clerk_store.h"
#include "register/counter.h"
#include "register/proof.h"
#include "register/session.h"

struct desk {
    struct sessions *sessions; /* those of before, of a desk that follows another */
    bool owns_sessions;
    struct anchors *anchors; /* CAs of sign and auth certificates */
    const char *origin; /* what clerks' programs sign as the place they talk to; lives as long */
    const char *door_origin; /* the same of browsers at the counter's door; NULL: there is none */
    struct http_router orders;
    /* Told of each order that was done, as of a request; NULL: nobody listens. */
    void (*observe)(const struct http_event *event);
};

/* Takes anchors, also on failure. */
MUST_CHECK int desk_new(struct anchors *anchors, const char *origin, struct desk **ret,
                        struct err *err);
/*
 * A desk that believes other anchors, which it takes, also on failure: who is logged in stays so.
 * before outlives it.
 */
MUST_CHECK int desk_follow(const struct desk *before, struct anchors *anchors, struct desk **ret,
                           struct err *err);
void desk_freep(struct desk **desk);
/* What is signed as the place by whoever has this user id, or is a browser (BROWSER_UID). */
const char *desk_origin(const struct desk *desk, uid_t uid);
/* With which the register finds out now whether a card may be believed. */
struct prover desk_prover(const struct counter *counter);
