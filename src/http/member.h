/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of a JSON object, as a table that ends with a NULL name. What a route takes and what
 * it answers are held against such tables by the server itself, in both directions and at every
 * depth, and the document of the API is written from them (http/openapi.h): so it cannot say
 * anything else than what happens.
 */
#pragma once

#include "base/json.h"
#include "http/limits.h"

enum http_member_type { HTTP_TEXT, HTTP_INT, HTTP_BOOL, HTTP_OBJECT, HTTP_ARRAY };

/* How a text is spelled. What it then says (a day that there is, a code that is right) the handler
 * decides. */
struct http_form {
    const char *pattern; /* regular expression (ECMA-262), of those in http/pattern.h */
    const char *text;    /* in words */
    /* By hand, where the pattern is another, or takes long; NULL: by the pattern. */
    bool (*fits)(const char *text);
};

extern const struct http_form http_form_base64;
extern const struct http_form http_form_date; /* YYYY-MM-DD */
extern const struct http_form http_form_time; /* RFC 3339, UTC or Japan */
extern const struct http_form http_form_jwe;  /* compact: what is in it only its reader knows */

struct http_member {
    const char *name;
    enum http_member_type type;
    enum {
        HTTP_REQUIRED,
        HTTP_OPTIONAL, /* may be missing, not null */
        HTTP_OR_NULL,  /* is there, maybe as null */
    } presence;
    const char *meaning; /* a phrase for the document */
    /* Of HTTP_OBJECT, always; of HTTP_ARRAY, the members of its objects, or NULL: texts. */
    const struct http_member *members;
    const struct http_form *form; /* of a text, or of texts in an array; NULL: free text */
    const char *const *values;    /* the only texts there are, NULL-terminated; NULL: any */
};

/* Whether text is spelled so. */
bool http_form_fits(const struct http_form *form, const char *text);
/*
 * ERR_INPUT, naming the member, for one that is not in the table, is missing or has another type,
 * and for a text that is not in its form (in the words of that) or not among the values; and unless
 * object is a JSON object.
 */
MUST_CHECK int http_members_check(const struct json *object, const struct http_member *members,
                                  struct err *err);
/*
 * The same for what we say ourselves, forms left out: they take as long as all the rest. Tests hold
 * every answer against its forms, too (http_loopback).
 */
MUST_CHECK int http_members_check_ours(const struct json *object, const struct http_member *members,
                                       struct err *err);
/* ERR_INPUT, naming the member, for a text that is not among its values. */
MUST_CHECK int http_member_check_value(const struct http_member *member, const char *text,
                                       struct err *err);
/*
 * Of the table itself: ERR_USAGE for more than HTTP_MEMBERS_MAX members, one without a meaning or
 * with a name that is not plain in JSON, an object without members, members of something else, a
 * form that cannot be held against a text.
 */
MUST_CHECK int http_members_valid(const struct http_member *members, struct err *err);
