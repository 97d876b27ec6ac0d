/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A My Number Card seen from outside: its applications, reached through a reader.
 *
 * Everything that belongs together happens in one transaction, which keeps other programs off the
 * card. A transaction selects its application anew when it begins, because others may have used
 * the card in between; and when a PIN was sent in it, it drops the card's PIN state before it
 * ends, so that nobody else can use it.
 */
#pragma once

#include "client/limits.h"
#include "iso7816/apdu.h"
#include "iso7816/sw.h"
#include "reader/reader.h"

struct icc;

/* What a card has on it (card.md 2). A phone has the first one only (card.md 7). */
enum icc_app {
    ICC_APP_JPKI,
    ICC_APP_TEXT,
    ICC_APP_VISUAL,
    ICC_APP_JUKI,
    ICC_APP_COMMON,
    ICC_APP_MANAGER, /* the card manager: what GET DATA of the whole card needs */
};

/* Stable name of an application for JSON: "jpki", "text", "visual", "juki", "common", "manager". */
const char *icc_app_name(enum icc_app app);

/* What holds the keys, by the label in EF 0006 (card.md 3.1). */
enum icc_kind { ICC_CARD, ICC_ANDROID, ICC_IPHONE };

/* Token information; texts without filler, printable ASCII, "" where the card says nothing. */
struct icc_token {
    enum icc_kind kind;
    char label[33];
    char manufacturer[33];
    char model[17];
    char serial[17]; /* not known to be unique (card.md 3.1) */
};

/* Stable name of a kind for JSON: "card", "android", "iphone". */
const char *icc_kind_name(enum icc_kind kind);

/*
 * Open the card by its JPKI application. Takes reader in any case; icc_free disconnects it.
 * ERR_ABSENT if what is in the reader is no My Number Card.
 */
MUST_CHECK int icc_open(struct reader *reader, struct icc **ret, struct err *err);
void icc_free(struct icc *icc); /* accepts NULL */
void icc_freep(struct icc **icc);

const struct icc_token *icc_token(const struct icc *icc);
const char *icc_reader_name(const struct icc *icc);

/*
 * CLEANUP(icc_end) struct icc_txn txn = {NULL}; transactions nest, the outermost counts. One within
 * another must be for the same application, because to select a second one would drop the PIN
 * states of the first: ERR_USAGE. ERR_ABSENT, with the status word, if the card has no such
 * application.
 */
struct icc_txn {
    struct icc *icc;
};
MUST_CHECK int icc_begin_app(struct icc *icc, enum icc_app app, struct icc_txn *ret,
                             struct err *err);
/* The same for ICC_APP_JPKI. */
MUST_CHECK int icc_begin(struct icc *icc, struct icc_txn *ret, struct err *err);
void icc_end(struct icc_txn *txn);
/* Inside a transaction: the application it is for. */
enum icc_app icc_current_app(const struct icc *icc);

/*
 * Inside a transaction: send a command; *ret_data (may be NULL) is replaced by the data of the
 * answer. Any status word is a success here.
 */
MUST_CHECK int icc_transmit(struct icc *icc, const struct apdu *apdu, struct buf *ret_data,
                            uint16_t *ret_sw, struct err *err);
/* From now on the card may be in a state that a PIN opened; the transaction's end will drop it. */
void icc_pin_was_sent(struct icc *icc);
/* SELECT an EF or IEF (card.md 4.1). ERR_ABSENT if the card has none of this number. */
MUST_CHECK int icc_select(struct icc *icc, uint16_t fid, struct err *err);

/*
 * Whether a failure of the functions of this room says that the card has no such application, file
 * or PIN, or nothing in it.
 */
bool icc_is_missing(const struct err *err);

/* "the card refused to WHAT: meaning (6A82)"; ERR_DENIED for 6982, else ERR_REMOTE. what: msgid */
int icc_fail_sw(struct err *err, uint16_t sw, const char *what);
