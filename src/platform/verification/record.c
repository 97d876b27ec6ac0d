/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/verification/record.h"

#include "base/random_text.h"

#include "platform/usage/store.h"

#include <stdio.h>
#include <string.h>

const char verification_kind[] = "signature";

int record_reasons(const struct report *report, char ret[VERIFICATION_REASONS_SIZE],
                   struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    for (size_t i = 0; i < report->reason_count; i++)
        TRY(buf_append_format(&text, err, "%s%s", i == 0 ? "" : " ",
                              reason_name(report->reasons[i])));
    (void)snprintf(ret, VERIFICATION_REASONS_SIZE, "%.*s", (int)text.len, (const char *)text.ptr);
    return 0;
}

struct report record_report(const char *reasons)
{
    struct report report = {.verdict = VERDICT_VALID};
    const char *at = reasons;

    while (*at != '\0') {
        size_t len = strcspn(at, " ");

        for (unsigned i = 0; i < REASONS_; i++) {
            const char *name = reason_name((enum reason)i);

            if (strlen(name) == len && strncmp(name, at, len) == 0)
                report_add(&report, (enum reason)i);
        }
        at += len + (at[len] == ' ');
    }
    return report;
}

int record_describe(const struct platform *platform, const struct verification_request *request,
                    const char *kind, const struct report *report, struct verification *ret,
                    struct err *err)
{
    *ret = (struct verification){.at = clock_now(platform->clock),
                                 .digest = request->digest,
                                 .method = usage_method(platform, request->check)};
    TRY(random_text(ret->id, sizeof ret->id, err));
    (void)snprintf(ret->client_id, sizeof ret->client_id, "%s", request->client_id);
    (void)snprintf(ret->verdict, sizeof ret->verdict, "%s", verdict_name(report->verdict));
    (void)snprintf(ret->purpose, sizeof ret->purpose, "%s",
                   verification_purposes[request->purpose]);
    (void)snprintf(ret->kind, sizeof ret->kind, "%s", kind);
    return record_reasons(report, ret->reasons, err);
}

int record_keep(const struct platform *platform, const struct verification_request *request,
                const struct verification *kept, const struct platform_outcome *outcome,
                struct err *err)
{
    const struct audit_origin by = audit_by_role(kept->at, "tenant", request->client_id,
                                                 request->trace_id);

    return platform_keep_verification(platform->store, kept, request->once, outcome->text, &by,
                                      err);
}

int record_replay(const struct platform *platform, const struct verification_request *request,
                  struct verification *ret, struct err *err)
{
    if (request->once == NULL)
        return FAIL(err, ERR_ABSENT, "asked anew each time");
    return platform_get_verification_once(platform->store, request->client_id, request->once,
                                          clock_now(platform->clock), ret, err);
}

int record_signer(const struct platform *platform, struct signer *signer,
                  const struct showing *showing, char ret[HOLDER_NAME_SIZE], struct err *err)
{
    int rc = holder_show(platform, signer, showing, ret, err);

    return rc == -ERR_REMOTE ? 0 : rc;
}
