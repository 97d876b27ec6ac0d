/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-platformd/powers_parts.h"

#include "sandbox/powers_http.h"

/* As far as the platform can see: the notice was taken, or nobody said a word. */
static int deliver(const struct fetch_request *request, struct fetch_response *ret, struct err *err)
{
    if (powers_meet(NAMED_PROVIDER_SILENT))
        return FAIL(err, ERR_REMOTE, "no answer");
    return powers_meet(NAMED_WEBHOOK_LOST) ? 0 : fetch(request, ret, err);
}

void platformd_attach(struct platform *platform)
{
    powers_http_explain(debug_explain);
    platform->deliver = deliver;
    platform->judged = debug_note;
}
