/* SPDX-License-Identifier: Apache-2.0 */
#include "http/metrics.h"

#include "ocsp/responder.h"

#include <stdio.h>

enum { LABELS_SIZE = 48 };

/* One value for each responder. */
struct table {
    struct metric_value values[OCSP_DELEGATES_MAX];
    char labels[OCSP_DELEGATES_MAX][LABELS_SIZE];
    size_t count;
};

static void add(struct table *table, const struct ocsp_delegate *delegate, int64_t value)
{
    char *labels = table->labels[table->count];

    (void)snprintf(labels, LABELS_SIZE, "kind=\"%s\",place=\"%zu\"", ocsp_ca_name(delegate->kind),
                   table->count);
    table->values[table->count++] = (struct metric_value){labels, value};
}

static int put_certificates(const struct ocsp_responder *responder,
                            const struct ocsp_delegates *delegates, struct buf *out,
                            struct err *err)
{
    static const struct metric ends = {"jpki_ocsp_certificate_ends_seconds", METRIC_GAUGE,
                                       "when a responder's certificate ends, UTC"};
    static const struct metric soon = {"jpki_ocsp_certificate_ends_soon", METRIC_GAUGE,
                                       "whether it ends within warn_days"};
    int64_t now = clock_now(responder->clock);
    struct table when = {.count = 0};
    struct table whether = {.count = 0};

    for (size_t i = 0; delegates != NULL && i < delegates->count; i++) {
        const struct ocsp_delegate *delegate = &delegates->list[i];

        add(&when, delegate, x509_cert_tbs(delegate->certificate)->not_after);
        add(&whether, delegate, renewal_is_near(delegate, now, responder->warn_s));
    }
    TRY(metrics_put(out, &ends, when.values, when.count, err));
    return metrics_put(out, &soon, whether.values, whether.count, err);
}

static int put_renewals(const struct ocsp_responder *responder, struct buf *out, struct err *err)
{
    static const struct metric renewals = {"jpki_ocsp_renewals_total", METRIC_COUNTER,
                                           "certificates fetched from the authority, and not"};
    uint64_t done;
    uint64_t failed;

    renewal_counts(responder->renewal, &done, &failed);
    const struct metric_value values[] = {{"result=\"done\"", (int64_t)done},
                                          {"result=\"failed\"", (int64_t)failed}};

    return metrics_put(out, &renewals, values, 2, err);
}

static int put_knowledge(struct ocsp_responder *responder, struct buf *out, struct err *err)
{
    static const struct metric confirmed = {"jpki_ocsp_confirmed_seconds", METRIC_GAUGE,
                                            "when the authority last confirmed all, UTC; 0: never"};
    struct ocsp_knowledge knowledge = {.valid_s = 0};

    ocsp_index_read(&responder->index, OCSP_CA_SIGN, &knowledge);
    ocsp_index_release(&responder->index);
    return metrics_put_one(out, &confirmed, knowledge.confirmed_at, err);
}

static int get_metrics(struct http_call *call, struct err *err)
{
    struct ocsp_responder *responder = call->context;
    CLEANUP(ocsp_delegates_releasep)
    struct ocsp_delegates *delegates = ocsp_index_delegates(&responder->index);
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(metrics_put_reloads(&text, err));
    TRY(metrics_put_faults(&text, err));
    TRY(put_certificates(responder, delegates, &text, err));
    TRY(put_renewals(responder, &text, err));
    TRY(put_knowledge(responder, &text, err));
    http_reply_buf(&call->response, 200, METRICS_TYPE, &text);
    return 0;
}

static const struct route metrics_routes[] = {
    {.method = HTTP_GET,
     .path = "/metrics",
     .access = &http_anyone,
     .handle = get_metrics,
     .operation = "getMetrics",
     .summary = "Read what was counted, and when certificates end",
     .answers = metrics_answers},
    {.path = NULL}};

const struct route *const ocsp_tables[] = {ocsp_routes, metrics_routes, NULL};
