/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Behaviours on which the sources about real cards disagree or say nothing (card.md 12). Each is a
 * choice with a name; what it is by default has the best evidence. A card keeps those that differ.
 */
#pragma once

#include "base/bytes.h"

enum card_option {
    OPTION_BLOCKED_VERIFY,
    OPTION_BLOCKED_QUERY,
    OPTION_QUERY_WHEN_VERIFIED,
    OPTION_RESELECT,
    OPTION_OTHER_PIN,
    OPTION_SIGN_PIN,
    OPTION_READ_PAST_END,
    OPTION_CA_FILLER,
    OPTION_FCI,
    OPTION_MISSING_SIGN_CERTIFICATE,
    OPTION_TEXT_0003_BY_B,
    OPTION_BIRTH_TRIES,
    OPTION_CHANGE_WITHOUT_VERIFY,
    OPTION_PIN_POLICY,
    OPTION_FIRST_COMMAND,
    OPTION_PSS_SALT,
    OPTION_GET_DATA_5F51,
    OPTION_ALGORITHM,
    CARD_OPTIONS_
};

/* The words in the order of the table; the first is the usual one. */
enum { BLOCKED_VERIFY_6984, BLOCKED_VERIFY_6983 };
enum { BLOCKED_QUERY_63C0, BLOCKED_QUERY_6983, BLOCKED_QUERY_6984 };
enum { QUERY_WHEN_VERIFIED_63CX, QUERY_WHEN_VERIFIED_9000 };
enum { RESELECT_KEEPS_PINS, RESELECT_CLEARS_PINS };
enum { OTHER_PIN_KEEPS, OTHER_PIN_DROPS };
enum { SIGN_PIN_LASTS, SIGN_PIN_ONCE };
enum { READ_PAST_END_6B00, READ_PAST_END_EMPTY };
enum { CA_FILLER_YES, CA_FILLER_NO };
enum { FCI_NONE, FCI_TEMPLATE };
enum { MISSING_SIGN_CERTIFICATE_PIN_STAYS, MISSING_SIGN_CERTIFICATE_NO_PIN };
enum { TEXT_0003_BY_B_YES, TEXT_0003_BY_B_NO };
enum { CHANGE_WITHOUT_VERIFY_6982, CHANGE_WITHOUT_VERIFY_6985 };
enum { PIN_POLICY_ANY, PIN_POLICY_ENFORCED };
enum { FIRST_COMMAND_OK, FIRST_COMMAND_6F00 };
enum { GET_DATA_5F51_ALWAYS, GET_DATA_5F51_IN_APPLICATION };
enum { ALGORITHM_RSA2048, ALGORITHM_P384 };

/* All zero: all as usual. */
struct card_options {
    unsigned chosen[CARD_OPTIONS_]; /* 0: as usual; the index of a word; a number and one */
};

struct card_option_row {
    const char *name;
    const char *const *words;    /* NULL-terminated, a value being an index; NULL: a number */
    unsigned least, most, usual; /* of a number */
    const char *meaning;         /* msgid */
};

extern const struct card_option_row card_option_rows[CARD_OPTIONS_];

/* The index of a word, or the number. */
unsigned card_option(const struct card_options *options, enum card_option option);
/*
 * NAME=VALUE, or several with commas between them, into *options. ERR_INPUT names the option that
 * is unknown or has no such value, and the values it has; nothing is changed then.
 */
MUST_CHECK int card_options_parse(struct bytes text, struct card_options *options, struct err *err);
/* In that form those that are not as usual; nothing for a card without a will of its own. */
MUST_CHECK int card_options_append(const struct card_options *options, struct buf *ret,
                                   struct err *err);
