/* SPDX-License-Identifier: Apache-2.0 */
/* Reports as they are kept: not they, but that they were given, and with which keys
 * (platform/store.h). */
#pragma once

#include "base/json.h"
#include "platform/store.h"

/* A key that signs from now on, or did already. */
MUST_CHECK int platform_note_report_key(struct platform_store *store, const char *kid,
                                        const char *jwk, int64_t at, struct err *err);
/* {"keys": [...]} of all, the newest first. */
MUST_CHECK int platform_list_report_keys(struct platform_store *store, struct json **ret,
                                         struct err *err);
/* A report of this verification is given. */
MUST_CHECK int platform_note_report(struct platform_store *store, const char *verification,
                                    const struct audit_origin *by, struct err *err);
