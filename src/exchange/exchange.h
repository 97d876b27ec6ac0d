/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The information-provision network: bodies ask bodies about a person, only as the tables permit
 * (tables.h), known to each other by codes of their own and never by the individual number; answers
 * come later; each handing over leaves a record for the person (log.h) in its own transaction.
 *
 * A question is kept before anybody is asked, and goes on from there whatever crashes: providers
 * are asked again, and what they gave is logged once.
 *
 *     requested ─► waiting ─► ready | nothing ─► expired (a result is kept for a time only)
 *         │ ▲         └─► expired (nobody answered in time), over-capacity (the provider's)
 *         ▼ │
 *     maintenance (closed, until it opens)
 *     unsupported (the provider is not connected), over-capacity, rate-limited: at once
 *
 * Any thread may call; what a call acknowledged is durable.
 */
#pragma once

#include "exchange/hours.h"
#include "exchange/inquiry.h"
#include "exchange/log.h"
#include "exchange/provider.h"
#include "exchange/tables.h"

enum exchange_state {
    EXCHANGE_REQUESTED,
    EXCHANGE_WAITING,
    EXCHANGE_READY,
    EXCHANGE_NOTHING,
    EXCHANGE_UNSUPPORTED,
    EXCHANGE_OVER_CAPACITY,
    EXCHANGE_RATE_LIMITED,
    EXCHANGE_MAINTENANCE,
    EXCHANGE_EXPIRED,
    EXCHANGE_STATES_
};
extern const char *const exchange_states[EXCHANGE_STATES_ + 1]; /* "requested", ..., NULL */

struct exchange {
    struct db *db; /* whose schema has exchange_schema_v1 and the audit log's */
    const struct tables *tables;
    const struct hours *hours;
    const struct clock *clock;
    struct provider provider;
    int64_t capacity;       /* questions that may be open at one provider */
    int64_t rate;           /* questions about one person by one asker ... */
    int64_t rate_seconds;   /* ... in this time */
    int64_t answer_seconds; /* how long an answer is waited for */
    int64_t keep_seconds;   /* how long a result is kept */
    int64_t retry_seconds;  /* from one try to reach a provider to the next, at first */
};

/* ---- who is who ---- */

/*
 * That a body knows somebody by a code. body's own code comes from the register; portal is the
 * portal's code of the same person, who becomes known with it. The same once more changes nothing;
 * ERR_CONFLICT if either is known as somebody else. *ret_person is the exchange's own number.
 */
struct exchange_link {
    struct person_code portal;
    const char *body; /* BODY_PORTAL's own code: "PORTAL" */
    struct person_code code;
};
MUST_CHECK int exchange_link(const struct exchange *x, const struct exchange_link *link,
                             const struct audit_origin *by, int64_t *ret_person, struct err *err);
/* ERR_ABSENT if nobody is known to the body by this code. */
MUST_CHECK int exchange_find_person(const struct exchange *x, const char *body,
                                    const struct person_code *code, int64_t *ret, struct err *err);
/* ERR_ABSENT if the body's code of this person is not known. */
MUST_CHECK int exchange_find_code(const struct exchange *x, int64_t person, const char *body,
                                  struct person_code *ret, struct err *err);

/* ---- asking ---- */

struct exchange_question {
    int64_t person;
    const char *asker, *provider, *duty, *procedure, *info;
    const char *department, *user; /* of the asker; letters, digits, "-_." */
    const char *key;               /* of the asker's, 1 to EXCHANGE_KEY_MAX characters */
    enum inquiry_condition condition;
    enum inquiry_year year;
    struct caldate first, last;
    bool is_hidden;
};
struct exchange_standing {
    int64_t id; /* 0: nothing was kept (rate-limited) */
    enum exchange_state state;
    int64_t asked_at, answered_at; /* 0: not yet */
    int64_t again_at; /* rate-limited: when to ask again; maintenance: when it opens; else 0 */
};

/*
 * Take a question. The same key again gives what became of the first; ERR_CONFLICT if it was
 * another question. A question that is still open is not asked twice, whatever its key.
 * ERR_DENIED for what no permission allows, which is logged; ERR_ABSENT if the provider's code of
 * the person is not known.
 */
MUST_CHECK int exchange_ask(const struct exchange *x, const struct exchange_question *question,
                            const struct audit_origin *by, struct exchange_standing *ret,
                            struct err *err);
/* Questions of an asker, the first asked first. */
struct exchange_asked {
    int64_t id, person;
    const char *provider, *info; /* of this call only */
};
struct exchange_taking {
    int (*take)(void *context, const struct exchange_asked *asked, struct err *err);
    void *context;
};
/* Those whose keys begin with a prefix of at least one character. */
MUST_CHECK int exchange_list_asked(const struct exchange *x, const char *asker, const char *prefix,
                                   const struct exchange_taking *taking, struct err *err);
/*
 * How a question of this person stands, and, where it is ready and ret_answer is not NULL, what was
 * handed over (answer.h). ERR_ABSENT for another's as for none.
 */
MUST_CHECK int exchange_answer_get(const struct exchange *x, int64_t person, int64_t id,
                                   struct exchange_standing *ret, struct buf *ret_answer,
                                   struct err *err);

/*
 * Take the next step of one question that is due; ERR_ABSENT if there is none. A provider that
 * fails is asked again later and is no failure here.
 */
MUST_CHECK int exchange_step(const struct exchange *x, struct err *err);
/* When the next one is due, UTC seconds; ERR_ABSENT if nothing waits. */
MUST_CHECK int exchange_next_due(const struct exchange *x, int64_t *ret, struct err *err);

/* ---- what else is seen in the log ---- */

/* Records come from questions here, and from what services do without any (note.h). */
MUST_CHECK int exchange_log_page(const struct exchange *x, const struct log_query *query,
                                 const struct log_reader *reader, struct err *err);
/* A record with all that proves it (audit/opening.h): ERR_ABSENT for another's as for none. */
MUST_CHECK int exchange_log_proof(const struct exchange *x, int64_t person, int64_t id,
                                  struct log_record *ret, struct json **ret_proof, struct err *err);

/* ---- maintenance ---- */

/* That a body, or the exchange ("*"), does not answer from a moment until before another. */
struct exchange_outage {
    const char *body;
    int64_t begins, ends;
};
MUST_CHECK int exchange_announce(const struct exchange *x, const struct exchange_outage *outage,
                                 const struct audit_origin *by, struct err *err);
/* Those that were not over at a moment, by beginning, EXCHANGE_OUTAGES_SHOWN at most. */
MUST_CHECK int exchange_outages(struct db_txn *txn, int64_t since,
                                int (*take)(void *context, const struct exchange_outage *outage,
                                            struct err *err),
                                void *context, struct err *err);
/* The first second from a moment on when this body can be asked: its own if that is so then. */
MUST_CHECK int exchange_open_from(const struct exchange *x, struct db_txn *txn, const char *body,
                                  int64_t at, int64_t *ret, struct err *err);
