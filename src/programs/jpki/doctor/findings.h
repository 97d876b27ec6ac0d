/* SPDX-License-Identifier: Apache-2.0 */
/* What jpki doctor found, each with what to do about it. */
#pragma once

#include "base/json.h"

enum { FINDINGS_MAX = 64, FINDING_TEXT_MAX = 256 };

enum severity {
    SEVERITY_FINE,
    SEVERITY_ADVICE, /* worth knowing; nothing is wrong */
    SEVERITY_WRONG,
};

struct finding {
    const char *check; /* stable, for JSON */
    enum severity severity;
    bool is_absence;    /* of a reader or a card */
    const char *advice; /* msgid; NULL: nothing to do */
    char text[FINDING_TEXT_MAX];
};

struct findings {
    struct finding list[FINDINGS_MAX];
    size_t count;
};

/* Add one; the text is translated already. Those past FINDINGS_MAX are left out. */
struct finding *findings_add(struct findings *findings, const char *check, enum severity severity,
                             const char *advice, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

void findings_print(const struct findings *findings);
/* Member findings of object: an array of objects with check, severity, text and advice (or null).
 */
MUST_CHECK int findings_put(struct json *object, const struct findings *findings, struct err *err);
/* How many are wrong; *ret_absent: whether a reader or card is missing. */
size_t findings_wrong(const struct findings *findings, bool *ret_absent);
