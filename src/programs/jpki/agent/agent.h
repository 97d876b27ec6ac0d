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
    const char *anchors;    /* roots of card data; NULL: $JPKI_CARD_ANCHORS */
    bool web_eid;           /* whether Web eID tokens may be asked for */
    bool clerk;             /* whether pages of a register's counter may */
    uint16_t port;
    pthread_mutex_t lock; /* of rate */
    struct rate rate;
    pthread_mutex_t question; /* held while a person is asked */
};

extern const struct route *const agent_routes[]; /* tables, ended by NULL */
extern const struct route agent_login_routes[], agent_applying_routes[], agent_clerk_routes[];
extern const struct http_about agent_about;

/* What a page learns: no more than whether it worked. */
enum agent_outcome {
    AGENT_ANSWERED, /* the card's answer was sent */
    AGENT_DECLINED, /* the person closed the window */
    AGENT_BUSY,     /* another page's question is open */
    AGENT_TOO_MANY, /* of this origin, in short time */
    AGENT_FAILED,   /* the person was told why, on standard error */
};

/* One page's question, and what becomes of it. */
struct agent_question {
    const char *origin;         /* of the page */
    const char *address, *code; /* of a login, a form, a signing */
    bool is_foreign;            /* found out later: the page may not ask for this */
    const char *nonce;          /* of a Web eID token */
    const void *wish;           /* of a clerk */
    const char *key;            /* what the answer is called */
    struct json *answer;        /* NULL: nothing but the outcome */
    enum agent_outcome outcome;
};
typedef int agent_answer_fn(const struct agent *agent, struct agent_question *question,
                            struct err *err);

extern const char *const agent_outcomes[];
/* What the questions have in common that are about an address, with its code. */
extern const struct http_member agent_address_query[], agent_code_members[];
extern const struct http_answer agent_outcome_answers[];
MUST_CHECK int agent_take_code(const struct http_call *call, struct agent_question *question,
                               struct err *err);
extern const struct http_answer agent_preflight_answers[];
/* Have it answered if nobody else is asked and the origin has not asked too often. */
void agent_ask(struct agent *agent, agent_answer_fn *answer, struct agent_question *question);
/* What a person who was asked did; rc is the asking's. */
int agent_note_asked(struct agent_question *question, int rc);
/* Takes the question's answer. */
MUST_CHECK int agent_reply(struct http_call *call, struct agent_question *question,
                           struct err *err);
