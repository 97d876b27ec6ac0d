/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/status.h"

#include "revocation/reason.h"

void status_report(const struct status *status, struct report *report)
{
    if (status->answer != STATUS_REVOKED)
        return;
    report_add(report, status->reason == CRL_CERTIFICATE_HOLD ? REASON_HELD : REASON_REVOKED);
}

bool status_is_our_trouble(int rc)
{
    return rc == -ERR_NOMEM || rc == -ERR_SYSTEM || rc == -ERR_USAGE;
}
