/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a witness has seen: every checkpoint that it cosigned, and what logs have shown that cannot
 * be true together with these. Nothing of it is changed or removed, but for who has taken note of
 * an alarm. What was told of a log is the origin in its checkpoints, not what it is called here.
 */
#pragma once

#include "audit/audit.h"
#include "note/checkpoint.h"

struct witness_store;

extern const struct db_schema witness_schema;

MUST_CHECK int witness_store_open(const char *path, struct witness_store **ret, struct err *err);
void witness_store_closep(struct witness_store **store);
struct db *witness_store_db(struct witness_store *store); /* for its audit log */

/* A checkpoint that was cosigned. */
struct witness_seen {
    struct checkpoint checkpoint;
    int64_t at;      /* when it was cosigned last */
    struct buf note; /* with both signatures */
};
void witness_seen_done(struct witness_seen *seen);

/* The largest one of a log, or that of a size if that is not 0. ERR_ABSENT if there is none. */
MUST_CHECK int witness_find_seen(struct witness_store *store, const char *origin, int64_t size,
                                 struct witness_seen *ret, struct err *err);
/*
 * Keep one: a larger one than all before, or the largest one again with another time. ERR_CONFLICT
 * for any other.
 */
MUST_CHECK int witness_put_seen(struct witness_store *store, const struct witness_seen *seen,
                                struct err *err);

enum witness_doubt {
    DOUBT_SIGNATURE, /* no checkpoint of the log, or not signed by it */
    DOUBT_ROLLBACK,  /* of fewer records than one that was cosigned */
    DOUBT_FORK,      /* not a continuation of what was cosigned */
    DOUBT_TRUNCATED, /* the log does not have the records of its own checkpoint */
    DOUBTS_
};
extern const char *const witness_doubt_words[DOUBTS_ + 1]; /* "signature", ...; ended by NULL */

struct witness_alarm {
    int64_t id;
    char origin[NOTE_NAME_MAX + 1];
    enum witness_doubt doubt;
    int64_t at;
    struct buf seen;  /* the note that was cosigned last; empty: none */
    struct buf shown; /* and what the log has shown */
    int64_t noted_at; /* when an operator took note; 0: nobody has */
};
void witness_alarm_done(struct witness_alarm *alarm);

/*
 * Keep it, with a record in the audit log; *ret_is_new is false if the same was shown before, or
 * there are WITNESS_ALARMS_MAX of this log.
 */
MUST_CHECK int witness_put_alarm(struct witness_store *store, const struct witness_alarm *alarm,
                                 bool *ret_is_new, struct err *err);
/* The first one behind an id. ERR_ABSENT behind the last. */
MUST_CHECK int witness_next_alarm(struct witness_store *store, int64_t after,
                                  struct witness_alarm *ret, struct err *err);
/* ERR_ABSENT if there is no such alarm; noting it twice changes nothing. */
MUST_CHECK int witness_note_alarm(struct witness_store *store, int64_t id,
                                  const struct audit_origin *by, struct err *err);
/* How many nobody has taken note of. */
MUST_CHECK int witness_count_open(struct witness_store *store, int64_t *ret, struct err *err);
