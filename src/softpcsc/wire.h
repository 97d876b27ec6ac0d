/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a PC/SC program and a served software card say to each other on the card's Unix socket.
 *
 * A frame is one byte of version, three bytes of length (big-endian) and a message. The program
 * asks and gets one answer to each question, late if somebody else's transaction is in the way;
 * after WIRE_WATCH it gets an answer at once and at each change of the reader, after WIRE_TRACE at
 * each command. A connection is one
 * PC/SC handle: closing it without WIRE_DISCONNECT is what the death of its process is.
 *
 * Values are those of PC/SC, under names of our own: rooms do not include its headers.
 */
#pragma once

#include "base/bytes.h"
#include "softpcsc/limits.h"

enum {
    WIRE_VERSION = 1,
    WIRE_HEAD_SIZE = 4,
    WIRE_REQUEST_SIZE = 4, /* without a command */
    WIRE_ANSWER_SIZE = 10, /* without ATR and data */
    WIRE_ATR_SIZE = 33,    /* the longest there is (ISO 7816-3, 8.2.1) */
    WIRE_MESSAGE_SIZE = WIRE_ANSWER_SIZE + WIRE_ATR_SIZE + WIRE_APDU_MAX, /* the longest */
};

enum wire_verb {
    WIRE_CONNECT = 1, /* share, protocols */
    WIRE_RECONNECT,   /* share, protocols, action: the initialization */
    WIRE_DISCONNECT,  /* action: the disposition */
    WIRE_BEGIN,
    WIRE_END, /* action: the disposition */
    WIRE_STATUS,
    WIRE_TRANSMIT, /* command */
    WIRE_WATCH,
    WIRE_TRACE, /* data of each answer: lines of text, from now on */
    WIRE_VERBS_ /* one more than the last */
};

enum { WIRE_EXCLUSIVE = 1, WIRE_SHARED = 2, WIRE_DIRECT = 3 };             /* share */
enum { WIRE_T0 = 1, WIRE_T1 = 2, WIRE_RAW = 4 };                           /* protocols */
enum { WIRE_LEAVE = 0, WIRE_RESET = 1, WIRE_UNPOWER = 2, WIRE_EJECT = 3 }; /* action */
enum {
    WIRE_ABSENT = 0x02,
    WIRE_PRESENT = 0x04,
    WIRE_POWERED = 0x10,
    WIRE_NEGOTIABLE = 0x20,
}; /* bits of a state */

enum wire_code {
    WIRE_OK = 0,
    WIRE_INVALID_HANDLE = 0x80100003,
    WIRE_NO_MEMORY = 0x80100006,
    WIRE_SHARING_VIOLATION = 0x8010000b,
    WIRE_NO_SMARTCARD = 0x8010000c,
    WIRE_PROTO_MISMATCH = 0x8010000f,
    WIRE_INVALID_VALUE = 0x80100011,
    WIRE_NOT_TRANSACTED = 0x80100016,
    WIRE_READER_UNAVAILABLE = 0x80100017,
    WIRE_RESET_CARD = 0x80100068,
    WIRE_REMOVED_CARD = 0x80100069,
};

struct wire_request {
    enum wire_verb verb;
    uint8_t share, protocols, action;
    struct bytes command; /* borrowed */
};

struct wire_answer {
    uint32_t code;
    uint8_t protocol; /* the active one, one bit; 0: none */
    uint8_t state;
    uint8_t sharing;  /* WIRE_SHARED or WIRE_EXCLUSIVE by somebody; 0: nobody has it */
    uint16_t counter; /* of insertions and removals */
    struct bytes atr; /* borrowed; empty without a card */
    struct bytes data;
};

/* Append a whole frame. ERR_USAGE if command or data is longer than WIRE_APDU_MAX. */
MUST_CHECK int wire_put_request(const struct wire_request *request, struct buf *ret,
                                struct err *err);
MUST_CHECK int wire_put_answer(const struct wire_answer *answer, struct buf *ret, struct err *err);

/*
 * The length of the message behind a head of WIRE_HEAD_SIZE bytes. ERR_CONFLICT for another version
 * of the protocol, ERR_INPUT if it is longer than any message.
 */
MUST_CHECK int wire_parse_head(const uint8_t head[WIRE_HEAD_SIZE], size_t *ret, struct err *err);
/* A message without its head; ranges point into it. ERR_INPUT if it is none. */
MUST_CHECK int wire_parse_request(struct bytes message, struct wire_request *ret, struct err *err);
MUST_CHECK int wire_parse_answer(struct bytes message, struct wire_answer *ret, struct err *err);
