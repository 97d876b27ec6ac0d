/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How somebody may be identified who is not there, as a table with dates (data/kyc-methods.tsv):
 * lines of law, method, letter, first and last day in Japan ("-": open), whether who identifies
 * must be a signature verifier, what is kept of it, and the source, with tabs between; '#' begins a
 * comment. Letters move from one revision of the law to the next, so the method is the key.
 */
#pragma once

#include "base/bytes.h"
#include "base/caltime.h"
#include "platform/limits.h"

enum { KYC_WORD_SIZE = 32, KYC_LETTER_SIZE = 16, KYC_SOURCE_SIZE = 96 };

struct kyc_method {
    char law[KYC_WORD_SIZE], method[KYC_WORD_SIZE];
    char letter[KYC_LETTER_SIZE]; /* "カ" */
    struct caldate from, until;   /* inclusive; year 0: open */
    bool needs_verifier;          /* only a signature verifier may identify so */
    char evidence[KYC_WORD_SIZE]; /* "signature": what is kept here; others are elsewhere */
    char source[KYC_SOURCE_SIZE];
};

struct kyc_methods {
    struct kyc_method rows[KYC_METHODS_MAX];
    size_t count;
};

/* ERR_INPUT names the line. */
MUST_CHECK int kyc_methods_parse(struct bytes text, struct kyc_methods *ret, struct err *err);
/* The same from a file of at most KYC_FILE_MAX bytes; NULL: the one that comes with the program. */
MUST_CHECK int kyc_methods_load(const char *path, struct kyc_methods *ret, struct err *err);
/* The row for a method on a day; NULL: it is none of that law then. */
const struct kyc_method *kyc_methods_find(const struct kyc_methods *methods, const char *law,
                                          const char *method, struct caldate day);
/* Whether a row is in force on a day. */
bool kyc_method_is_of(const struct kyc_method *method, struct caldate day);
