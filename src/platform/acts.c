/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/acts.h"

#include <stdio.h>
#include <string.h>

const struct audit_act platform_acts[] = {
    [ACT_TENANT_ADDED] = {"tenant.added", "tenant"},
    [ACT_TENANT_CHANGED] = {"tenant.changed", "tenant"},
    [ACT_TENANT_KEY_RENEWED] = {"tenant.key-renewed", "tenant"},
    [ACT_TENANT_KEY_ADDED] = {"tenant.key-added", "tenant-key"},
    [ACT_TENANT_KEY_REVOKED] = {"tenant.key-revoked", "tenant-key"},
    [ACT_VERIFICATION_JUDGED] = {"verification.judged", "verification"},
    [ACT_VERIFICATION_DELETED] = {"verification.deleted", "verification"},
    [ACT_LOGIN_ANSWERED] = {"login.answered", "login"},
    [ACT_HOLDER_LINKED] = {"holder.linked", "login"},
    [ACT_LOGIN_REFUSED] = {"login.refused", "login"},
    [ACT_LOGIN_REDEEMED] = {"login.redeemed", "login"},
    [ACT_AUTHENTICATION_JUDGED] = {"authentication.judged", "authentication"},
    [ACT_CARD_PRESENTED] = {"card.presented", "presentation"},
    [ACT_CONSENT_NOTED] = {"consent.noted", "consent"},
    [ACT_CONSENT_ENDED] = {"consent.ended", "consent"},
    [ACT_LATEST_ASKED] = {"latest.asked", "holder"},
    [ACT_TENANT_NOTICE] = {"tenant.notice", "tenant"},
    [ACT_WEBHOOK_ADDED] = {"webhook.added", "webhook"},
    [ACT_WEBHOOK_ENDED] = {"webhook.ended", "webhook"},
    [ACT_WEBHOOK_ROTATED] = {"webhook.rotated", "webhook"},
    [ACT_WEBHOOK_REPLAYED] = {"webhook.replayed", "webhook"},
    [ACT_MEMBER_INVITED] = {"member.invited", "member"},
    [ACT_MEMBER_BOUND] = {"member.bound", "member"},
    [ACT_MEMBER_REMOVED] = {"member.removed", "member"},
    [ACT_SESSION_OPENED] = {"session.opened", "member"},
    [ACT_SESSION_ENDED] = {"session.ended", "member"},
    [ACT_TENANT_STEP] = {"tenant.step", "tenant"},
    [ACT_OPERATOR_KEY_ADDED] = {"operator.key-added", "operator-key"},
    [ACT_OPERATOR_KEY_REVOKED] = {"operator.key-revoked", "operator-key"},
    [ACT_HOLDER_SHOWN] = {"holder.shown", "holder"},
    [ACT_VERIFICATION_REPORTED] = {"verification.reported", "verification"},
    [ACT_VERIFICATION_SHOWN] = {"verification.shown", "verification"},
    [ACT_TENANT_VERIFIER] = {"tenant.verifier", "tenant"},
};

int platform_outcome_of(const struct report *report, struct platform_outcome *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    TRY(buf_append_text(&out, verdict_name(report->verdict), err));
    for (size_t i = 0; i < report->reason_count && out.len < AUDIT_OUTCOME_MAX / 2; i++)
        TRY(buf_append_format(&out, err, " %s", reason_name(report->reasons[i])));
    (void)snprintf(ret->text, sizeof ret->text, "%.*s", (int)out.len, (const char *)out.ptr);
    return 0;
}

void platform_outcome_add(struct platform_outcome *outcome, const struct status *status)
{
    size_t len = strlen(outcome->text);

    if (status->this_update != 0)
        (void)snprintf(outcome->text + len, sizeof outcome->text - len, " ocsp %lld/%lld",
                       (long long)status->this_update, (long long)status->next_update);
}

int platform_outcome(const struct signature_report *found, struct platform_outcome *ret,
                     struct err *err)
{
    TRY(platform_outcome_of(&found->report, ret, err));
    platform_outcome_add(ret, &found->status);
    return 0;
}
