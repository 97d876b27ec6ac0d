/* SPDX-License-Identifier: Apache-2.0 */
/* Which messages have counted already, as it is kept (platform/store.h). */
#pragma once

#include "platform/limits.h"
#include "platform/store.h"
#include "platform/usage/store.h"

enum { AUTHENTICATION_ID_SIZE = 23 }; /* 16 octets in base64url and a NUL */

/* An authentication that was judged. What the tenant had somebody sign counts once. */
struct authentication_record {
    char id[AUTHENTICATION_ID_SIZE];
    const char *client_id; /* of the tenant */
    const char *session;
    struct bytes nonce;
    int64_t expires_at;
    const char *outcome; /* for the audit log alone: the verdict and why (AUDIT_OUTCOME_MAX) */
    struct usage_judgement what;
};

/* An answer was found valid: its session and nonce are spent. ERR_CONFLICT if they were before. */
MUST_CHECK int platform_count_authentication(struct platform_store *store,
                                             const struct authentication_record *record,
                                             const struct audit_origin *by, struct err *err);
/* It was judged and does not hold: in the audit log, nothing else. */
MUST_CHECK int platform_note_authentication(struct platform_store *store,
                                            const struct authentication_record *record,
                                            const struct audit_origin *by, struct err *err);
/* The same of a card that signed nothing, which may hold: it has no session and no nonce. */
MUST_CHECK int platform_note_presentation(struct platform_store *store,
                                          const struct authentication_record *record,
                                          const struct audit_origin *by, struct err *err);
