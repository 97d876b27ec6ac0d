/* SPDX-License-Identifier: Apache-2.0 */
/* How a verdict is kept before it is given, whatever was judged. Inside this subject only. */
#pragma once

#include "platform/acts.h"
#include "platform/holder/holder.h"
#include "platform/verification/verification.h"

extern const char verification_kind[]; /* of one that is no document: "signature" */

/* Names with blanks between, as they are kept. */
MUST_CHECK int record_reasons(const struct report *report, char ret[VERIFICATION_REASONS_SIZE],
                              struct err *err);
struct report record_report(const char *reasons);
/* A verification of now, under a name of its own; report is what disclose made. */
MUST_CHECK int record_describe(const struct platform *platform,
                               const struct verification_request *request, const char *kind,
                               const struct report *report, struct verification *ret,
                               struct err *err);
MUST_CHECK int record_keep(const struct platform *platform,
                           const struct verification_request *request,
                           const struct verification *kept, const struct platform_outcome *outcome,
                           struct err *err);
/* What was answered before under the request's key. ERR_ABSENT: nothing, or it has no key. */
MUST_CHECK int record_replay(const struct platform *platform,
                             const struct verification_request *request, struct verification *ret,
                             struct err *err);
/* As holder_show; "" if the authority cannot be asked who he is: no verdict depends on it. */
MUST_CHECK int record_signer(const struct platform *platform, struct signer *signer,
                             const struct showing *showing, char ret[HOLDER_NAME_SIZE],
                             struct err *err);
