/* SPDX-License-Identifier: Apache-2.0 */
#include "http/metrics.h"

#include "base/daemon.h"

#include <inttypes.h>

static const char *const types[] = {[METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge"};

int metrics_put(struct buf *out, const struct metric *metric, const struct metric_value *values,
                size_t count, struct err *err)
{
    TRY(buf_append_format(out, err, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help,
                          metric->name, types[metric->type]));
    for (size_t i = 0; i < count; i++) {
        if (values[i].labels == NULL)
            TRY(buf_append_format(out, err, "%s %" PRId64 "\n", metric->name, values[i].value));
        else
            TRY(buf_append_format(out, err, "%s{%s} %" PRId64 "\n", metric->name, values[i].labels,
                                  values[i].value));
    }
    return 0;
}

int metrics_put_one(struct buf *out, const struct metric *metric, int64_t value, struct err *err)
{
    const struct metric_value one = {NULL, value};

    return metrics_put(out, metric, &one, 1, err);
}

int metrics_put_reloads(struct buf *out, struct err *err)
{
    static const struct metric reloads_metric = {"jpki_reloads_total", METRIC_COUNTER,
                                                 "changes of files that were taken, and refused"};
    const struct daemon_reloads reloads = daemon_reloads();
    const struct metric_value values[] = {{"result=\"done\"", (int64_t)reloads.done},
                                          {"result=\"refused\"", (int64_t)reloads.refused}};

    return metrics_put(out, &reloads_metric, values, 2, err);
}

const struct http_answer metrics_answers[] = {
    {200, "what was counted, in the text format of Prometheus", .type = METRICS_TYPE}, {0}};
