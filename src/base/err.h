/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failures: one convention for the whole tree.
 *
 * A function that can fail returns int: 0 is success, a negative value is -(enum err_kind). The
 * reason goes to an optional struct err, always the last parameter; NULL means "not interested".
 * The kind says who has to act; the text is made once, where the fault is noticed, and never
 * holds a secret or personal data. Outputs are untouched on failure.
 */
#pragma once

#include <stdint.h>

enum err_kind {
    ERR_NONE = 0,
    ERR_USAGE,     /* the caller broke the contract          -> the programmer */
    ERR_INPUT,     /* bytes from outside are malformed       -> the sender     */
    ERR_DENIED,    /* wrong PIN, no permission               -> the person     */
    ERR_ABSENT,    /* no reader, no card, no such record     -> the person     */
    ERR_UNTRUSTED, /* well formed, but must not be believed  -> nobody: refuse */
    ERR_CONFLICT,  /* already there, in use, or newer        -> the person     */
    ERR_REMOTE,    /* another system did not answer well     -> try later      */
    ERR_NOMEM,     /* out of memory                          -> the operator   */
    ERR_SYSTEM,    /* errno is in detail                     -> the operator   */
    ERR_KINDS_     /* how many there are */
};

enum { ERR_TEXT_MAX = 256 };

struct err {
    enum err_kind kind;
    uint32_t detail;         /* status word, errno or library code; 0 if none */
    const char *where;       /* function that noticed first */
    char text[ERR_TEXT_MAX]; /* one sentence without a final stop */
};

/* Fill *err (if not NULL) and return -kind. Use the macros below. */
int err_set(struct err *err, enum err_kind kind, uint32_t detail, const char *where,
            const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/*
 * Failures are told in English unless a program that speaks to people sets this, once, before it
 * starts threads: translate is given each text before its arguments are put in.
 */
void err_translate_by(const char *(*translate)(const char *msgid));
/* A text from a table, as FAIL would tell it. */
const char *err_message(const char *msgid) __attribute__((format_arg(1)));

/* Put "prefix: " before the text of a failure that is being handed up; returns -err->kind. */
int err_prefix(struct err *err, int rc, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Hand on a failure that was looked at first: fills *err (if not NULL) and returns -kind. */
int err_copy(struct err *err, const struct err *from);

/* The kind behind a return value: err_kind_of(-ERR_INPUT) is ERR_INPUT, of 0 ERR_NONE. */
enum err_kind err_kind_of(int rc);

/* Stable lower-case name of a kind ("input", "denied", ...), for logs and JSON. */
const char *err_kind_name(enum err_kind kind);

/* Tells the compiler what every failure has in common, so that it can see that TRY leaves. */
static inline int err_negative(int rc)
{
    if (rc >= 0)
        __builtin_unreachable();
    return rc;
}

#define FAIL(err, kind, ...) err_negative(err_set((err), (kind), 0, __func__, __VA_ARGS__))
#define FAIL_WITH(err, kind, detail, ...)                                                          \
    err_negative(err_set((err), (kind), (detail), __func__, __VA_ARGS__))

/* errno as a failure; the text ends with strerror(errno). */
#define FAIL_ERRNO(err, ...) err_negative(err_set_errno((err), __func__, __VA_ARGS__))
int err_set_errno(struct err *err, const char *where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define FAIL_NOMEM(err) FAIL((err), ERR_NOMEM, "out of memory")

/* The only macro in this tree that returns from its caller. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        int try_rc_ = (call);                                                                      \
        if (try_rc_ < 0)                                                                           \
            return try_rc_;                                                                        \
    } while (0)

#define MUST_CHECK __attribute__((warn_unused_result))
