/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applications as they are kept (portal/store.h). Whoever asks says whose they are: an owner sees
 * and changes his own, a municipality those that were submitted to it; everything else is not
 * there. A state changes by one row of a table, in the transaction that says so, so of two who
 * change it at once one is refused.
 */
#pragma once

#include "exchange/code.h"
#include "portal/application/form.h"
#include "portal/application/limits.h"
#include "portal/application/proxy.h"
#include "portal/procedure/english.h"
#include "portal/procedure/store.h"

enum {
    APPLICATION_ID_SIZE = 23,
    APPLICATION_OWNER_SIZE = 80,
    APPLICATION_RECEIPT_SIZE = 24, /* "13101-20261126-000001" */
    APPLICATION_STATE_SIZE = 16,
};

enum application_state {
    APPLICATION_DRAFT,
    APPLICATION_SUBMITTED, /* the municipality has not looked yet */
    APPLICATION_RECEIVED,  /* it is working on it */
    APPLICATION_RETURNED,  /* with what is to be corrected */
    APPLICATION_COMPLETED,
    APPLICATION_REJECTED,
    APPLICATION_WITHDRAWN,
    APPLICATION_STATES_
};
extern const char *const application_states[]; /* "draft", ..., NULL */

struct application {
    char id[APPLICATION_ID_SIZE], owner[APPLICATION_OWNER_SIZE];
    char psid[PSID_SIZE], municipality[MUNICIPALITY_CODE_SIZE];
    char name[PROCEDURE_NAME_SIZE];
    char name_en[PROCEDURE_ENGLISH_NAME_SIZE]; /* empty: it has none */
    enum application_state state;
    char receipt[APPLICATION_RECEIPT_SIZE]; /* empty: not submitted yet */
    int64_t round, prepared_at, made_at, changed_at;
    int64_t revision; /* counts changes of answers and attachments */
    struct application_proxy proxy;
    struct json *form, *answers;
};

void application_done(struct application *application);

/* Who begins one. */
struct beginner {
    const char *owner;
    struct application_proxy proxy;
    const struct json *answers; /* NULL: none yet */
    /* What else belongs into its transaction; NULL: nothing. */
    int (*also)(struct db_txn *txn, const char *id, const struct procedure_item *item,
                void *context, struct err *err);
    void *context;
};
/*
 * Begin one for a procedure that can be applied for at that time; *ret_id is its. ERR_ABSENT if
 * there is none such, ERR_CONFLICT outside of its period and where the owner has
 * APPLICATION_OPEN_MAX drafts; ERR_INPUT, naming the field, for an answer that the form does not
 * take; ERR_REMOTE where tickets have as many as they may (drafts.h).
 */
MUST_CHECK int application_begin(struct db *db, const char *psid, const struct beginner *beginner,
                                 const struct audit_origin *by, char ret_id[APPLICATION_ID_SIZE],
                                 struct err *err);
/* ERR_ABSENT if the owner has none of that id. */
MUST_CHECK int application_get(struct db *db, const char *id, const char *owner,
                               struct application *ret, struct err *err);
/* ERR_ABSENT if the municipality got none under that number. */
MUST_CHECK int application_get_received(struct db *db, const char *municipality,
                                        const char *receipt, struct application *ret,
                                        struct err *err);
/*
 * Those of an owner, the last begun first, or those that were submitted to a municipality, by their
 * numbers: an array of {id, receipt, psid, name, state, made_at, changed_at, proxy},
 * APPLICATION_PAGE_MAX at most.
 */
struct application_query {
    const char *owner;        /* or NULL */
    const char *municipality; /* then that one */
    const char *state;        /* or NULL: any */
    const char *after; /* only those behind it: its number, or its id for an owner; or NULL */
};
MUST_CHECK int application_list(struct db *db, const struct application_query *query,
                                struct json **ret, struct err *err);

/* Other answers, of a draft or of one that was returned: ERR_CONFLICT for others. */
MUST_CHECK int application_answer(struct db *db, const char *id, const char *owner,
                                  const struct json *answers, int64_t at, struct err *err);
/* Note when it is going to be signed, which is in what is signed. */
MUST_CHECK int application_prepare(struct db *db, const char *id, const char *owner, int64_t at,
                                   struct err *err);

/* An attachment. */
struct attachment {
    int64_t number;
    char kind[FORM_NAME_MAX + 1];
    char name[4 * APPLICATION_FILE_NAME_MAX + 1];
    char type[8];      /* of form_file_types */
    struct buf digest; /* SHA-256 */
    size_t size;
};
/*
 * ERR_INPUT for a file that the form does not ask for, of another type, or too many of a kind;
 * ERR_CONFLICT unless the application may be changed; ERR_REMOTE where tickets have as many as they
 * may (drafts.h).
 */
MUST_CHECK int application_attach(struct db *db, const struct application *application,
                                  const struct attachment *attachment, struct bytes content,
                                  int64_t *ret, struct err *err);
/* The same in a transaction of something else. */
MUST_CHECK int application_attach_within(struct db_txn *txn, const struct application *application,
                                         const struct attachment *attachment, struct bytes content,
                                         int64_t *ret, struct err *err);
MUST_CHECK int application_detach(struct db *db, const struct application *application,
                                  int64_t number, struct err *err);
/* One after the other by number, until tell fails; the attachment is of this call only. */
MUST_CHECK int application_each_file(struct db *db, const char *id,
                                     int (*tell)(void *context, const struct attachment *,
                                                 struct err *),
                                     void *context, struct err *err);
MUST_CHECK int application_read_file(struct db *db, const char *id, int64_t number,
                                     char ret_type[8], struct buf *ret, struct err *err);

/* What is submitted. */
struct submission {
    const char *id, *owner;
    struct application_proxy proxy;
    int64_t revision, round;          /* that were judged: others are a conflict */
    struct bytes document;            /* as it was signed; empty: nobody signed */
    const struct json *applicant;     /* what the certificate says; NULL: nothing */
    const struct person_code *signer; /* whose log says who has learned that; NULL: nobody's */
    const char *body; /* what the municipality is called there; NULL: by its code and names */
    const struct place_romaji_list *romaji; /* for its English name; NULL: it has none */
};
/* A draft gets its number; one that was returned keeps it. ERR_CONFLICT for others, and if it was
 * changed or submitted since; ERR_DENIED if the proxy's mandate has ended since. */
MUST_CHECK int application_submit(struct db *db, const struct submission *submission,
                                  const struct audit_origin *by,
                                  char ret_receipt[APPLICATION_RECEIPT_SIZE], struct err *err);
/* The last submission: ERR_ABSENT if there is none. *ret_applicant NULL: nobody signed. */
MUST_CHECK int application_submitted(struct db *db, const char *id, struct buf *ret_document,
                                     struct json **ret_applicant, struct err *err);

/* A change of state by its owner (municipality NULL) or its municipality (owner NULL). */
struct application_move {
    const char *id, *owner, *municipality;
    enum application_state to;
    const char *note; /* "": none */
};
/* ERR_CONFLICT for what cannot follow the state it has; ERR_INPUT if a note is missing where there
 * must be one, or too long; ERR_ABSENT as application_get. What a municipality does, the owner is
 * told by a notice, if he has an account. */
MUST_CHECK int application_move(struct db *db, const struct application_move *move,
                                const struct audit_origin *by, struct err *err);
/* The same in a transaction of something else. */
MUST_CHECK int application_move_within(struct db_txn *txn, const struct application_move *move,
                                       const struct audit_origin *by, struct err *err);
/* What became of it: an array of {at, state, note}. */
MUST_CHECK int application_steps(struct db *db, const char *id, struct json **ret, struct err *err);

enum application_act {
    APPLICATION_BEGUN,
    APPLICATION_WAS_SUBMITTED,
    APPLICATION_MOVED,
    APPLICATION_FORGOTTEN, /* a draft, for its age */
    APPLICATION_ACTS_
};
extern const struct audit_act application_acts[];
