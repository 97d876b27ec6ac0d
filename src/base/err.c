/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Take off what a full array left of the last character, so that text stays UTF-8. */
static void trim(char *text)
{
    size_t len = strlen(text);
    size_t lead = len;
    size_t need = 1;

    while (lead > 0 && len - lead < 3 && ((uint8_t)text[lead - 1] & 0xc0) == 0x80)
        lead--;
    if (lead == 0)
        return;
    lead--;
    if ((uint8_t)text[lead] >= 0xc0)
        need = (uint8_t)text[lead] >= 0xf0 ? 4 : (uint8_t)text[lead] >= 0xe0 ? 3 : 2;
    if (len - lead < need)
        text[lead] = '\0';
}

static const char *(*translator)(const char *msgid);

void err_translate_by(const char *(*translate)(const char *msgid))
{
    translator = translate;
}

const char *err_message(const char *msgid)
{
    return translator == NULL ? msgid : translator(msgid);
}

int err_set(struct err *err, enum err_kind kind, uint32_t detail, const char *where,
            const char *fmt, ...)
{
    va_list args;

    if (err != NULL) {
        err->kind = kind;
        err->detail = detail;
        err->where = where;
        va_start(args, fmt);
        (void)vsnprintf(err->text, sizeof err->text, err_message(fmt), args);
        va_end(args);
        trim(err->text);
    }
    return -(int)kind;
}

int err_set_errno(struct err *err, const char *where, const char *fmt, ...)
{
    int saved = errno;
    char what[ERR_TEXT_MAX / 2];
    char reason[ERR_TEXT_MAX / 3];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, err_message(fmt), args);
    va_end(args);
    return err_set(err, saved == ENOMEM ? ERR_NOMEM : ERR_SYSTEM, (uint32_t)saved, where, "%s: %s",
                   what, strerror_r(saved, reason, sizeof reason));
}

int err_prefix(struct err *err, int rc, const char *fmt, ...)
{
    char old[150 + 1];
    char prefix[100 + 1];
    va_list args;

    if (err == NULL || rc >= 0)
        return rc;
    (void)snprintf(old, sizeof old, "%.150s", err->text);
    va_start(args, fmt);
    (void)vsnprintf(prefix, sizeof prefix, fmt, args);
    va_end(args);
    /* The end of an over-long text is worth less than the name of what failed. */
    trim(prefix);
    trim(old);
    (void)snprintf(err->text, sizeof err->text, "%s: %s", prefix, old);
    return rc;
}

int err_copy(struct err *err, const struct err *from)
{
    if (err != NULL)
        *err = *from;
    return -(int)from->kind;
}

enum err_kind err_kind_of(int rc)
{
    if (rc >= 0)
        return ERR_NONE;
    return -rc < ERR_KINDS_ ? (enum err_kind)(-rc) : ERR_SYSTEM;
}

const char *err_kind_name(enum err_kind kind)
{
    switch (kind) {
    case ERR_NONE:
        return "none";
    case ERR_USAGE:
        return "usage";
    case ERR_INPUT:
        return "input";
    case ERR_DENIED:
        return "denied";
    case ERR_ABSENT:
        return "absent";
    case ERR_UNTRUSTED:
        return "untrusted";
    case ERR_CONFLICT:
        return "conflict";
    case ERR_REMOTE:
        return "remote";
    case ERR_NOMEM:
        return "nomem";
    case ERR_SYSTEM:
        return "system";
    case ERR_KINDS_:
        break;
    }
    return "unknown";
}
