/* SPDX-License-Identifier: Apache-2.0 */
#include "http/metrics.h"

#include "base/daemon.h"
#include "base/fault.h"

#include <inttypes.h>
#include <stdio.h>

enum { LABEL_SIZE = 40 };

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

int metrics_put_faults(struct buf *out, struct err *err)
{
    static const struct metric faults_metric = {"jpki_faults_total", METRIC_COUNTER,
                                                "faults that were met, by what it was"};
    char labels[FAULTS_][LABEL_SIZE];
    struct metric_value values[FAULTS_];

    for (unsigned fault = 0; fault < FAULTS_; fault++) {
        (void)snprintf(labels[fault], LABEL_SIZE, "fault=\"%s\"", fault_name(fault));
        values[fault] = (struct metric_value){labels[fault], (int64_t)fault_count(fault)};
    }
    return metrics_put(out, &faults_metric, values, FAULTS_, err);
}

int metrics_reply(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(metrics_put_reloads(&text, err));
    TRY(metrics_put_faults(&text, err));
    http_reply_buf(&call->response, 200, METRICS_TYPE, &text);
    return 0;
}

const struct http_answer metrics_answers[] = {
    {200, "what was counted, in the text format of Prometheus", .type = METRICS_TYPE}, {0}};
