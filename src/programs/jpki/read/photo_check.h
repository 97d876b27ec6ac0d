/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A photo is worth something only if somebody compares it with the person. The operator has to say
 * what the comparison gave, and what was said is kept without saying about whom.
 */
#pragma once

#include "base/bytes.h"

struct photo_options {
    bool confirm;
    const char *decision, *record, *operator_name;
};

/* Rows for a command whose option struct has a member "check" of that type. */
#define PHOTO_OPTIONS(type)                                                                        \
    {0,        "confirm",                                                                          \
     CLI_FLAG, offsetof(type, check.confirm),                                                      \
     NULL,     N_("have the operator say whether the photo shows the person; needs --out")},       \
        {0,        "decision",                                                                     \
         CLI_TEXT, offsetof(type, check.decision),                                                 \
         "WORD",   N_("what the operator said, match or mismatch, instead of asking")},            \
        {0,        "record",                                                                       \
         CLI_TEXT, offsetof(type, check.record),                                                   \
         "FILE",   N_("append time, hash of the photo, decision and operator to this file")},      \
    {                                                                                              \
        0, "operator", CLI_TEXT, offsetof(type, check.operator_name), "NAME",                      \
            N_("who decides, for the record; your login name if not given")                        \
    }

/* Before anybody is asked for anything: ERR_USAGE, or the record cannot be written. */
MUST_CHECK int photo_check_options(const struct photo_options *options, bool has_out,
                                   struct err *err);
/*
 * Ask, or take --decision, and append to the record. file is where the photo can be looked at,
 * verdict what the card's data was found to be. ERR_USAGE if there is nobody to ask, ERR_DENIED if
 * nobody decides.
 */
MUST_CHECK int photo_check(const struct photo_options *options, const char *file,
                           struct bytes photo, const char *verdict, bool *ret_match,
                           struct err *err);
/* "match", "mismatch": stable, for JSON. */
const char *photo_decision_name(bool is_match);
