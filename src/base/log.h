/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events, for programs only: libraries return failures and do not log.
 *
 * An event has a dotted name and typed fields; it goes to the journal when stderr is the journal,
 * otherwise as one JSON object per line to stderr. Never a PIN, password, token, one of the four
 * attributes, an individual number, a request body, or a serial together with a name.
 */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_DEBUG };

/* Name the program ("jpki-signerd") and the least important level that is written. */
void log_open(const char *program, enum log_level level);

/* One field of an event; make them with the macros below. */
struct log_field {
    const char *key;
    const char *text; /* NULL: number counts */
    int64_t number;
};

/* A text field that is NULL is written as an empty one. */
static inline const char *log_text(const char *text)
{
    return text == NULL ? "" : text;
}

#define LOG_TEXT(key, value) ((struct log_field){(key), log_text(value), 0})
#define LOG_INT(key, value)  ((struct log_field){(key), NULL, (int64_t)(value)})
#define LOG_END              ((struct log_field){NULL, NULL, 0})

/* fields ends with LOG_END: log_event(LOG_LEVEL_NOTICE, "crl.published", (struct log_field[]){...})
 */
void log_event(enum log_level level, const char *event, const struct log_field *fields);
/* An event whose only fields are the kind, place and text of a failure. */
void log_failure(const char *event, const struct err *err);
