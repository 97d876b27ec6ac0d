/* SPDX-License-Identifier: Apache-2.0 */
#include "http/metrics.h"

#include "platform/revocation/follower.h"
#include "platform/routes.h"

enum { KINDS = 2 };

static const char *const labels[KINDS] = {"kind=\"sign\"", "kind=\"auth\""};

static int put(struct buf *out, const struct metric *metric, const int64_t values[KINDS],
               struct err *err)
{
    struct metric_value rows[KINDS];

    for (size_t i = 0; i < KINDS; i++)
        rows[i] = (struct metric_value){labels[i], values[i]};
    return metrics_put(out, metric, rows, KINDS, err);
}

static int put_feed(const struct follower_standing standing[KINDS], struct buf *out,
                    struct err *err)
{
    static const struct metric metrics[] = {
        {"jpki_platform_feed_edition", METRIC_GAUGE, "of the copy of the feed; 0: none"},
        {"jpki_platform_feed_this_update_seconds", METRIC_GAUGE, "when that was made, UTC"},
        {"jpki_platform_feed_next_update_seconds", METRIC_GAUGE, "until when it counts, UTC"},
        {"jpki_platform_feed_confirmed_seconds", METRIC_GAUGE,
         "when the authority last had nothing newer, UTC"},
        {"jpki_platform_feed_taken_total", METRIC_COUNTER, "snapshots and deltas taken in"},
        {"jpki_platform_feed_refused_total", METRIC_COUNTER, "answers that were forged or old"},
        {"jpki_platform_feed_failed_total", METRIC_COUNTER, "questions without an answer"},
    };
    const int64_t values[][KINDS] = {
        {standing[0].edition, standing[1].edition},
        {standing[0].this_update, standing[1].this_update},
        {standing[0].next_update, standing[1].next_update},
        {standing[0].confirmed_at, standing[1].confirmed_at},
        {(int64_t)standing[0].taken, (int64_t)standing[1].taken},
        {(int64_t)standing[0].refused, (int64_t)standing[1].refused},
        {(int64_t)standing[0].failed, (int64_t)standing[1].failed},
    };

    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++)
        TRY(put(out, &metrics[i], values[i], err));
    return 0;
}

int platform_get_metrics(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct follower_standing standing[KINDS];
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(metrics_put_reloads(&text, err));
    TRY(metrics_put_faults(&text, err));
    if (platform->follower != NULL) {
        follower_standing(platform->follower, PURPOSE_DOCUMENT, &standing[0]);
        follower_standing(platform->follower, PURPOSE_LOGIN, &standing[1]);
        TRY(put_feed(standing, &text, err));
    }
    http_reply_buf(&call->response, 200, METRICS_TYPE, &text);
    return 0;
}
