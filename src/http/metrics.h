/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a daemon counts, in the text format of Prometheus (0.0.4): no label names a person, a card
 * or a certificate of one. A program has one route of its own for it, whose handler puts one metric
 * after the other into a text.
 */
#pragma once

#include "http/exchange.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE };

struct metric {
    const char *name; /* "jpki_reloads_total"; words and underscores */
    enum metric_type type;
    const char *help; /* one line, no backslash */
};

struct metric_value {
    const char *labels; /* "kind=\"sign\""; NULL: none */
    int64_t value;
};

MUST_CHECK int metrics_put(struct buf *out, const struct metric *metric,
                           const struct metric_value *values, size_t count, struct err *err);
/* One value without labels. */
MUST_CHECK int metrics_put_one(struct buf *out, const struct metric *metric, int64_t value,
                               struct err *err);
/* How often the process has reloaded (base/daemon.h). */
MUST_CHECK int metrics_put_reloads(struct buf *out, struct err *err);
/* How often the process has met each fault of base/fault.h. */
MUST_CHECK int metrics_put_faults(struct buf *out, struct err *err);
#define METRICS_TYPE "text/plain"
/* For the row of such a route. */
extern const struct http_answer metrics_answers[];
/* The handler of one for a program that counts nothing but faults and reloads. */
MUST_CHECK int metrics_reply(struct http_call *call, struct err *err);
