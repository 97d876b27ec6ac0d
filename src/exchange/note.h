/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What services do with somebody's card or consent, without a question of the exchange: it stands
 * in the same log (log.h), with words of its own, because most services are no bodies of the
 * tables. Words say what kind of thing was done or handed over, never what was in it: no attribute
 * of a person, no number, no name of a person.
 */
#pragma once

#include "exchange/log.h"
#include "exchange/tables.h"

/* Over what it happened. */
enum note_channel {
    NOTE_PORTAL,  /* a page of the portal */
    NOTE_API,     /* a service's computer */
    NOTE_SITE,    /* an outside site, by single sign-on */
    NOTE_CLINIC,  /* a terminal of a clinic or a pharmacy */
    NOTE_KIOSK,   /* a machine of a shop */
    NOTE_COUNTER, /* a counter */
    NOTE_CHANNELS_
};
extern const char *const note_channels[NOTE_CHANNELS_ + 1]; /* "portal", ..., ended by NULL */

enum { NOTE_WORDS_MAX = 180 }; /* bytes of each text */

struct note {
    enum log_what what; /* LOG_PULLED or one behind it */
    enum note_channel channel;
    /*
     * Who got it: a body's code, or what a service is known by, 1 to LOG_RECEIVER_LEN of letters,
     * digits and "-_.". The name it is shown by, unless the tables have it.
     */
    const char *receiver;
    struct names receiver_name;
    const char *giver; /* a body's code; NULL: nobody gave anything */
    /* Why: a duty and a procedure of the tables, or plain words (a consent, the person's own wish).
     */
    const char *duty, *procedure;
    struct names why;
    /* Of what kind: a name of the tables (TM), or words. */
    const char *info;
    struct names items;
    const char *detail; /* the system or place of the receiver, at most LOG_DETAIL_LEN; or NULL */
};

/*
 * Write it down for whom the portal knows by this code, in the transaction of what was done.
 * ERR_USAGE for what is not as above: a caller checks what strangers gave it.
 */
MUST_CHECK int exchange_note(struct db_txn *txn, const struct person_code *portal,
                             const struct note *note, const struct audit_origin *by,
                             struct err *err);

/* What a record of the log tells in words of its own: empty texts where it does not. */
struct note_words {
    char text[LOG_TOLD_SIZE]; /* which the others point into */
    const char *channel;
    struct names receiver, why, items;
};
void note_words_of(const struct log_record *record, struct note_words *ret);
