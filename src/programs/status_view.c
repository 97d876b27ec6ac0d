/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/status_view.h"

#include "base/caltime.h"
#include "base/i18n.h"
#include "revocation/reason.h"

#include <stdio.h>

static const char *name_of(enum status_answer answer)
{
    switch (answer) {
    case STATUS_GOOD:
        return N_("good");
    case STATUS_REVOKED:
        return N_("revoked");
    case STATUS_NOT_KNOWN:
        break;
    }
    return N_("unknown");
}

static bool has_reason(const struct status *status)
{
    return status->answer == STATUS_REVOKED && status->reason >= 0 && status->reason < CRL_REASONS_;
}

void print_status(uint64_t serial, const struct status *status, const struct report *report)
{
    char time[CALTIME_TEXT_SIZE];

    printf(tr("serial number %llu: %s\n"), (unsigned long long)serial, tr(name_of(status->answer)));
    if (status->answer == STATUS_REVOKED) {
        caltime_format(status->revoked_at, JST_OFFSET_SECONDS, time);
        printf(tr("since %s\n"), time);
    }
    if (has_reason(status))
        printf("%s: %s\n", crl_reason_name((enum crl_reason)status->reason),
               tr(crl_reason_meaning((enum crl_reason)status->reason)));
    if (status->answer != STATUS_NOT_KNOWN) {
        caltime_format(status->this_update, JST_OFFSET_SECONDS, time);
        printf(tr("as of %s\n"), time);
        return;
    }
    for (size_t i = 0; i < report->reason_count; i++)
        printf("- %s\n", tr(reason_text(report->reasons[i])));
}

static int put_time(struct json *object, const char *name, int64_t time, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    if (time == 0)
        return json_put_null(object, name, err);
    caltime_format(time, 0, text);
    return json_put_text(object, name, text, err);
}

static int put_reasons(struct json *object, const struct report *report, struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();

    for (size_t i = 0; i < report->reason_count; i++)
        TRY(json_add_text(array, reason_name(report->reasons[i]), err));
    return json_put(object, "reasons", json_steal(&array), err);
}

int put_status(struct json *object, const struct status *status, const struct report *report,
               struct err *err)
{
    TRY(json_put_text(object, "status", name_of(status->answer), err));
    TRY(put_time(object, "revoked_at", status->revoked_at, err));
    if (has_reason(status))
        TRY(json_put_text(object, "reason", crl_reason_name((enum crl_reason)status->reason), err));
    else
        TRY(json_put_null(object, "reason", err));
    TRY(put_time(object, "this_update", status->this_update, err));
    TRY(put_time(object, "next_update", status->next_update, err));
    return put_reasons(object, report, err);
}
