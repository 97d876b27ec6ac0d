/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verdict that can be shown to others: a JWS by the platform's key for reports, at signerd
 * (docs/validation-report.md). It says what the tenant was told, without attributes, of which
 * document, and when, by the platform's own clock; nothing of a certificate.
 */
#pragma once

#include "platform/platform.h"

#define REPORT_TYPE "verification-report+jwt"

/*
 * The key that platform->report names, for platform_load_keys: kept with those of before.
 */
MUST_CHECK int report_load_key(struct platform *platform, struct signer *signer, struct err *err);
struct report_wish {
    const char *id;        /* of a verification */
    const char *client_id; /* whose it is, and whom the report is given to */
    const struct audit_origin *by;
};
/*
 * A report of a tenant's verification. ERR_ABSENT if it has none of that id, or the platform signs
 * no reports.
 */
MUST_CHECK int report_make(const struct platform *platform, struct signer *signer,
                           const struct report_wish *wish, struct buf *ret, struct err *err);
