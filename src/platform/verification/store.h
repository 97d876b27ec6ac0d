/* SPDX-License-Identifier: Apache-2.0 */
/* That verifications were made, as it is kept (platform/store.h). */
#pragma once

#include "platform/limits.h"
#include "platform/store.h"

enum { VERIFICATION_ID_SIZE = 23 }; /* 16 octets in base64url and a NUL */

/* A verdict that was given. */
struct verification {
    char id[VERIFICATION_ID_SIZE];
    char client_id[CLIENT_ID_MAX + 1];
    int64_t at;
    char verdict[16];
};

/* outcome, for the audit log alone, is the verdict and why (AUDIT_OUTCOME_MAX). */
MUST_CHECK int platform_keep_verification(struct platform_store *store,
                                          const struct verification *verification,
                                          const char *outcome, const struct audit_origin *by,
                                          struct err *err);
/* ERR_ABSENT also if it is another tenant's. */
MUST_CHECK int platform_get_verification(struct platform_store *store, const char *id,
                                         const char *client_id, struct verification *ret,
                                         struct err *err);
