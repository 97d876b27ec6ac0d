/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of the exchange: one record for whatever was told of a person, or refused, or done with
 * their card at a service, in the transaction of that act. Each is bound to a record of the audit
 * log, whose commitment is to log_record_text() of it: whoever is given the salt can prove that the
 * signed log has this record, word for word (audit/opening.h).
 */
#pragma once

#include "audit/audit.h"
#include "exchange/code.h"

enum log_what {
    LOG_GIVEN,       /* a provider handed something over */
    LOG_NOTHING,     /* it had nothing */
    LOG_REFUSED,     /* a body asked for what it may not have; nothing was asked of the provider */
    LOG_PULLED,      /* a service fetched something by consent */
    LOG_LOGIN,       /* at a service */
    LOG_IDENTITY,    /* a service checked who it is */
    LOG_ELIGIBILITY, /* whether somebody is insured was asked, with their card */
    LOG_PRINTED,     /* a certificate of what a body holds */
    LOG_ASSERTED,    /* another site was told who it is */
    LOG_ACTED,       /* somebody acted for them */
    LOG_NOTIFIED,    /* a service or a site sent them a notice */
    LOG_MANDATED,    /* a municipality recorded who acts for whom by law */
    LOG_CONSENT_ENDED, /* a consent that a proxy gave ended with the mandate */
    LOG_PREPARED,      /* a service prepared an application for them */
    LOG_WHATS_
};
extern const char *const log_whats[LOG_WHATS_ + 1]; /* "given", ..., ended by NULL */

enum {
    LOG_DETAIL_LEN = 40,
    LOG_RECEIVER_LEN = 40, /* a code of a body, or what a service is known by */
    LOG_TOLD_SIZE = 1200,
    LOG_TEXT_SIZE = AUDIT_SUBJECT_MAX + 1
};

struct log_record {
    int64_t id, person, at; /* id is given by log_append */
    enum log_what what;
    char receiver[LOG_RECEIVER_LEN + 1];                         /* who got it, or asked */
    char giver[CODE_SIZE];                                       /* or empty */
    char duty[CODE_SIZE], procedure[CODE_SIZE], info[CODE_SIZE]; /* or empty */
    char detail[LOG_DETAIL_LEN + 1]; /* the system of the receiver, or empty */
    char told[LOG_TOLD_SIZE];        /* the words of a note (note.h), or empty */
    bool is_hidden;                  /* not shown to the person, by law */
    int64_t audit;                   /* given by log_append */
};

/* Both records, in a transaction that writes. */
MUST_CHECK int log_append(struct db_txn *txn, const struct audit_origin *by,
                          struct log_record *record, struct err *err);
/* What the audit log is committed to, for a record with its id. */
void log_record_text(const struct log_record *record, char ret[LOG_TEXT_SIZE]);

/* One person's records of a time, newest first. */
struct log_query {
    int64_t person;
    int64_t from, until;   /* UTC seconds, inclusive */
    const char *body;      /* receiver or giver; NULL: any */
    int what;              /* of enum log_what; -1: any */
    int64_t offset, limit; /* at most EXCHANGE_PAGE_MAX */
};
struct log_counts {
    int64_t shown, hidden; /* of the time and filters, on whatever page */
    int64_t first_at;      /* of the person's oldest record; 0: none */
};

/* Who is told a page: the counts, and then its records. */
struct log_reader {
    int (*counts)(void *context, const struct log_counts *counts, struct err *err);
    int (*record)(void *context, const struct log_record *record, struct err *err);
    void *context;
};

/* Hidden records are counted and never told. */
MUST_CHECK int log_page(struct db_txn *txn, const struct log_query *query,
                        const struct log_reader *reader, struct err *err);
/* A record of this person that is shown; ERR_ABSENT for another's as for none. */
MUST_CHECK int log_get(struct db_txn *txn, int64_t person, int64_t id, struct log_record *ret,
                       struct err *err);
