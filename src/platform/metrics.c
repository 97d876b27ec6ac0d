/* SPDX-License-Identifier: Apache-2.0 */
#include "http/metrics.h"

#include "platform/revocation/follower.h"
#include "platform/routes.h"
#include "platform/watch.h"

#include <stdio.h>

/* Of one CA's feed. */
struct row {
    char labels[sizeof "kind=\"sign\",issuer=\"\"" + FOLLOWER_ISSUER_SIZE];
    struct follower_standing standing;
};

static int64_t value_of(const struct follower_standing *standing, size_t metric)
{
    const int64_t values[] = {standing->edition,        standing->this_update,
                              standing->next_update,    standing->confirmed_at,
                              (int64_t)standing->taken, (int64_t)standing->refused,
                              (int64_t)standing->failed};

    return values[metric];
}

static int put_rows(const struct row *rows, size_t count, struct buf *out, struct err *err)
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

    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        struct metric_value values[FOLLOWER_STREAMS_MAX];

        for (size_t row = 0; row < count; row++)
            values[row] = (struct metric_value){rows[row].labels, value_of(&rows[row].standing, i)};
        TRY(metrics_put(out, &metrics[i], values, count, err));
    }
    return 0;
}

static int put_feeds(struct follower *follower, struct buf *out, struct err *err)
{
    struct row rows[FOLLOWER_STREAMS_MAX];
    size_t count = follower_count(follower);

    for (size_t i = 0; i < count; i++) {
        follower_standing(follower, i, &rows[i].standing);
        (void)snprintf(rows[i].labels, sizeof rows[i].labels, "kind=\"%s\",issuer=\"%s\"",
                       rows[i].standing.purpose == PURPOSE_LOGIN ? "auth" : "sign",
                       rows[i].standing.issuer);
    }
    return put_rows(rows, count, out, err);
}

static void add_end(const char *labels, const struct x509_cert *certificate,
                    struct metric_value *values, size_t *count)
{
    if (certificate != NULL)
        values[(*count)++] = (struct metric_value){labels, x509_cert_tbs(certificate)->not_after};
}

static int put_standing(const struct platform *platform, struct buf *out, struct err *err)
{
    static const struct metric ends = {"jpki_platform_certificate_ends_seconds", METRIC_GAUGE,
                                       "when one of its own certificates ends, UTC"};
    static const struct metric warns = {"jpki_platform_warning", METRIC_GAUGE,
                                        "whether it warns of something"};
    static const struct metric answered = {
        "jpki_platform_standing_seconds", METRIC_GAUGE,
        "when the authority said where it stands, UTC; 0: never"};
    struct metric_value values[WARNINGS_];
    char labels[WARNINGS_][64];
    size_t count = 0;

    add_end("key=\"verifier\"", platform->ocsp.certificate, values, &count);
    add_end("key=\"party\"", platform->door.certificate, values, &count);
    TRY(metrics_put(out, &ends, values, count, err));
    for (unsigned i = 0; i < WARNINGS_; i++) {
        (void)snprintf(labels[i], sizeof labels[i], "warning=\"%s\"", warning_words[i]);
        values[i] = (struct metric_value){labels[i], watch_warns(platform->watch, (enum warning)i)};
    }
    TRY(metrics_put(out, &warns, values, WARNINGS_, err));
    return metrics_put_one(out, &answered, watch_answered_at(platform->watch), err);
}

int platform_get_metrics(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(metrics_put_reloads(&text, err));
    TRY(metrics_put_faults(&text, err));
    if (platform->follower != NULL)
        TRY(put_feeds(platform->follower, &text, err));
    if (platform->watch != NULL)
        TRY(put_standing(platform, &text, err));
    http_reply_buf(&call->response, 200, METRICS_TYPE, &text);
    return 0;
}
