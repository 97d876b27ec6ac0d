/* SPDX-License-Identifier: Apache-2.0 */
/* How a PIN gets from a person into a struct secret, and how a person says yes. */
#pragma once

#include "base/secret.h"
#include "client/pin.h"

struct pin_options {
    int64_t fd;           /* -1: ask a person */
    const char *pinentry; /* program that asks, "" for pinentry; NULL: ask on the terminal */
    bool last_try;
    const char *description; /* what a pinentry says it is for; NULL: nothing. No option */
};

#define PIN_DEFAULTS                                                                               \
    {                                                                                              \
        .fd = -1                                                                                   \
    }
/* Rows for a command whose option struct has a member "pin" of that type. */
#define PIN_OPTIONS(type)                                                                          \
    {0,       "pin-fd",                                                                            \
     CLI_INT, offsetof(type, pin.fd),                                                              \
     "N",     N_("read the PIN from this file descriptor instead of asking")},                     \
        {0,                                                                                        \
         "pinentry",                                                                               \
         CLI_OPTIONAL,                                                                             \
         offsetof(type, pin.pinentry),                                                             \
         "PROGRAM",                                                                                \
         N_("have pinentry, or this program that speaks its protocol, ask for the PIN")},          \
    {                                                                                              \
        0, "last-try", CLI_FLAG, offsetof(type, pin.last_try), NULL,                               \
            N_("use the PIN even if only one try is left")                                         \
    }

enum { PIN_LINE_MAX = 64 };

/*
 * Refuse before anybody types: ERR_ABSENT if the card has no certificate for the PIN, ERR_DENIED if
 * the PIN is locked, or one try is left and --last-try was not given. *ret_left is the number of
 * tries.
 */
MUST_CHECK int pin_is_usable(struct icc *icc, enum icc_pin which, const struct pin_options *options,
                             unsigned *ret_left, struct err *err);
/* The counters alone, of the PIN's place in one application. */
MUST_CHECK int pin_is_usable_in(struct icc *icc, enum icc_pin which, enum icc_app app,
                                const struct pin_options *options, unsigned *ret_left,
                                struct err *err);
/*
 * The PIN in the form the card knows, a line of --pin-fd (up to a line feed or the end), typed on
 * the terminal without echo, or from a pinentry. ERR_USAGE if there is nobody to ask; ERR_DENIED if
 * it cannot be right or the person gave up.
 */
MUST_CHECK int pin_ask(enum icc_pin which, const struct pin_options *options, unsigned left,
                       struct secret *ret, struct err *err);

/*
 * A new PIN that has the form, from fd or, if that is -1, asked for twice. A person may try again
 * where the two differ or the form is wrong. Failures as above.
 */
MUST_CHECK int pin_ask_new(enum icc_pin which, const struct pin_options *options, int64_t fd,
                           struct secret *ret, struct err *err);

/* "y" or "yes" on the terminal; ERR_USAGE, naming --yes, if standard input is none. */
MUST_CHECK int confirm(const char *question, bool *ret_yes, struct err *err);
