/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of a clerk have in common: the session's file, the card, what is told. */
#pragma once

#include "clerk/order.h"
#include "programs/jpki/ask/pin.h"
#include "programs/jpki/common.h"

struct desk_options {
    struct card_options card;
    struct pin_options pin;
    const char *session; /* file; NULL: $XDG_RUNTIME_DIR/jpki-clerk.json */
};

/* Rows for a command whose option struct has a member "desk" of that type. */
#define DESK_SESSION_OPTION(type)                                                                  \
    {                                                                                              \
        's', "session", CLI_TEXT, offsetof(type, desk.session), "FILE",                            \
            N_("the file that the session is kept in")                                             \
    }
#define DESK_JSON_OPTION(type)                                                                     \
    {                                                                                              \
        'j', "json", CLI_FLAG, offsetof(type, desk.card.json), NULL, N_("print one JSON object")   \
    }
/* The same for a command that uses the card. */
#define DESK_CARD_OPTIONS(type)                                                                    \
    {'r',      "reader",                                                                           \
     CLI_TEXT, offsetof(type, desk.card.reader),                                                   \
     "TEXT",   N_("use the reader with this text in its name, or direct:PATH")},                   \
        {'t',      "trace",                                                                        \
         CLI_FLAG, offsetof(type, desk.card.trace),                                                \
         NULL,     N_("show commands to the card on standard error, without PINs")},               \
        {0,       "pin-fd",                                                                        \
         CLI_INT, offsetof(type, desk.pin.fd),                                                     \
         "N",     N_("read the PIN from this file descriptor instead of asking")},                 \
        {0,                                                                                        \
         "pinentry",                                                                               \
         CLI_OPTIONAL,                                                                             \
         offsetof(type, desk.pin.pinentry),                                                        \
         "PROGRAM",                                                                                \
         N_("have pinentry, or this program that speaks its protocol, ask for the PIN")},          \
    {                                                                                              \
        0, "last-try", CLI_FLAG, offsetof(type, desk.pin.last_try), NULL,                          \
            N_("use the PIN even if only one try is left")                                         \
    }

/* The card with the PIN that was asked for: released with desk_hand_done, also after a failure. */
struct desk_hand {
    struct icc *icc;
    struct secret pin;
    struct clerk_hand hand;
};

MUST_CHECK int desk_take_card(const struct desk_options *options, enum icc_pin which,
                              struct desk_hand *ret, struct err *err);
void desk_hand_done(struct desk_hand *hand);

/* Of the file; ERR_ABSENT if nobody is logged in. */
MUST_CHECK int desk_load(const struct desk_options *options, struct clerk_session *ret,
                         struct err *err);
MUST_CHECK int desk_save(const struct desk_options *options, const struct clerk_session *session,
                         struct err *err);
MUST_CHECK int desk_forget(const struct desk_options *options, struct err *err);

/* A refusal of the register in the person's language: by its word, which stays in front. */
int desk_finish(int rc, const struct desk_options *options, const struct err *err);
/* What became of an order: JSON, or lines for a person. */
MUST_CHECK int desk_tell(const struct desk_options *options, const struct clerk_outcome *outcome,
                         struct err *err);
