/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways to reach a card: a PC/SC reader, the socket of a software card, a recorded session.
 *
 * A reader here is a connection to one card. A command is sent exactly once: nothing below this
 * header ever repeats one, because a repeated VERIFY costs a try. A card that is gone is
 * ERR_ABSENT, one that answers what is no response APDU is ERR_REMOTE.
 */
#pragma once

#include "base/bytes.h"
#include "reader/limits.h"

struct reader;

struct reader_entry {
    char name[READER_NAME_MAX + 1];
    bool has_card;
};

struct reader_list {
    struct reader_entry entries[READERS_MAX];
    size_t count; /* may be 0 */
};

/* The PC/SC readers. ERR_ABSENT if there is no PC/SC service. */
MUST_CHECK int reader_list(struct reader_list *ret, struct err *err);

/*
 * Connect to the card in the reader of exactly this name; "direct:PATH" is the socket of a
 * software card, "replay:FILE" a recorded session (reader/replay.h). ERR_ABSENT if there is no
 * such reader or no card in it, or another program holds the card for itself.
 */
MUST_CHECK int reader_connect(const char *name, struct reader **ret, struct err *err);
/* True if name is one that only reader_connect knows, "direct:PATH" or "replay:FILE". */
bool reader_name_is_special(const char *name);

enum reader_leave {
    READER_LEAVE, /* leave the card as it is */
    READER_RESET, /* reset it, so that PIN states are gone */
};
/* Accepts NULL. Ends a transaction that is still open. */
void reader_disconnect(struct reader *reader, enum reader_leave leave);

const char *reader_name(const struct reader *reader); /* lives as long as the reader */

/*
 * Keep other programs from the card until reader_end. *ret_was_reset says that somebody reset the
 * card since the last command, so that selection and PIN states are gone. No nesting.
 */
MUST_CHECK int reader_begin(struct reader *reader, bool *ret_was_reset, struct err *err);
void reader_end(struct reader *reader);

/*
 * Send a command APDU; *ret is replaced by the response, 2 to APDU_RESPONSE_MAX bytes. Nobody
 * knows what the card did if this fails: a VERIFY may have been counted.
 */
MUST_CHECK int reader_transmit(struct reader *reader, struct bytes command, struct buf *ret,
                               struct err *err);

/*
 * Call back with one line per command, before it is sent, and per response. The data of commands
 * that carry a PIN and of responses that may carry personal data is never in it (iso7816/trace.h).
 */
typedef void reader_trace_fn(void *context, const char *line);
void reader_trace(struct reader *reader, reader_trace_fn *each, void *context);
