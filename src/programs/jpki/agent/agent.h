/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki agent: what pages in a browser on this computer may ask, and what they learn. Each question
 * is put to the person in a window, which names the page's origin; no PIN is kept; there is never
 * more than one question.
 */
#pragma once

#include "http/server.h"
#include "programs/jpki/agent/rate.h"
#include "programs/jpki/ask/pin.h"
#include "programs/jpki/common.h"

#include <pthread.h>

enum { AGENT_PORT_DEFAULT = 25754, AGENT_WORK_MS = 12 * 60 * 1000 /* two windows, and some */ };

struct agent {
    struct card_options card;
    struct pin_options pin; /* with a pinentry */
    bool web_eid;           /* whether Web eID tokens may be asked for */
    uint16_t port;
    pthread_mutex_t lock; /* of rate */
    struct rate rate;
    pthread_mutex_t question; /* held while a person is asked */
};

extern const struct route agent_routes[];
extern const struct http_about agent_about;

/* What a page learns: no more than whether it worked. */
enum agent_outcome {
    AGENT_ANSWERED, /* the card's answer was sent */
    AGENT_DECLINED, /* the person closed the window */
    AGENT_BUSY,     /* another page's question is open */
    AGENT_TOO_MANY, /* of this origin, in short time */
    AGENT_FAILED,   /* the person was told why, on standard error */
};
