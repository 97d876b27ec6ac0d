/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms as data: which questions a procedure asks, which answers each takes, and which attachments
 * go with them. A page draws the form from the definition and the portal judges the answers by it,
 * so that both ask for the same.
 *
 * Answers are texts, whatever is asked for: numbers are digits, days YYYY-MM-DD, a flag is "yes" or
 * "no". A field with a condition (when) is asked if another one before it has that answer, and
 * takes none otherwise. What the signer's certificate says (prefill) need not be answered where
 * there is a signature of the applicant's own. Labels and helps may be there in English too, for
 * whoever reads no Japanese; what is signed has the Japanese ones.
 */
#pragma once

#include "http/member.h"

enum form_type {
    FORM_TEXT,
    FORM_LINES,
    FORM_INTEGER,
    FORM_DATE,
    FORM_CHOICE,
    FORM_FLAG,
    FORM_TYPES_
};
extern const char *const form_types[];      /* "text", "lines", ..., NULL */
extern const char *const form_spellings[];  /* of a text: "phone", "digits", ..., NULL */
extern const char *const form_prefills[];   /* "name", "address", "birth_date", "sex", NULL */
extern const char *const form_file_types[]; /* "pdf", "jpeg", "png", NULL */

extern const struct http_member form_members[];
/* Of an array of answers: {field, value}. */
extern const struct http_member form_answer_members[];

/*
 * ERR_INPUT, naming the field, for a definition that is not of these members, larger than limits.h
 * says, or that nobody could answer: names that are there twice, options that are missing, a
 * condition on what is not asked before.
 */
MUST_CHECK int form_check(const struct json *form, struct err *err);

/* What may be wrong with an answer, as names for programs. */
enum form_problem {
    FORM_MISSING,
    FORM_TOO_LONG,
    FORM_NOT_SHOWN, /* has invisible characters */
    FORM_MISSPELLED,
    FORM_NO_NUMBER,
    FORM_TOO_SMALL,
    FORM_TOO_LARGE,
    FORM_NO_DATE,
    FORM_NO_OPTION,
    FORM_NOT_ASKED,
    FORM_PROBLEMS_
};
extern const char *const form_problems[]; /* "missing", ..., NULL */

/* How far answers are to be. */
enum form_stage {
    FORM_SO_FAR,   /* what is missing may follow */
    FORM_COMPLETE, /* but for what the applicant's certificate says where he signs */
    FORM_BY_PROXY, /* complete; the certificate of who signs says nothing of the applicant */
};
/*
 * An array of {field, problem} for all answers that are wrong, and, if they are to be complete,
 * for those that are missing. ERR_INPUT for an answer to a field that the form does not have, and
 * for two to one.
 */
MUST_CHECK int form_judge(const struct json *form, const struct json *answers,
                          enum form_stage stage, struct json **ret, struct err *err);
/*
 * Where a signer's certificate says otherwise than the answers to fields that mean the same
 * (prefill): an array of {field, certificate}. applicant has the members of form_prefills. Spaces
 * between names, wide or not, are no difference.
 */
MUST_CHECK int form_compare(const struct json *form, const struct json *answers,
                            const struct json *applicant, struct json **ret, struct err *err);
/* The answer to a field, or NULL. */
const char *form_answer(const struct json *answers, const char *field);
/* Whether a field, or an attachment, is asked for after these answers. */
MUST_CHECK int form_asks(const struct json *form, const struct json *field,
                         const struct json *answers, bool *ret, struct err *err);
/* The attachment of that name, or NULL. */
const struct json *form_file(const struct json *form, const char *name);
