/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who changes delegates holds index->changing from reading those there are to putting others in
 * their place, so that a reload and a fetch do not undo each other.
 */
#include "ocsp/renewal.h"

#include "base/chore.h"
#include "base/file.h"
#include "base/json.h"
#include "fetch/fetch.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    TIMEOUT_MS = 15000,
    TICK_MS = 1000,
    RETRY_FIRST_MS = 5000, /* after a failure; twice as long after each further one */
    RETRY_LAST_MS = 15 * 60 * 1000
};

static int take(const struct renewal_options *options, const struct ocsp_delegates *others,
                struct err *err)
{
    CLEANUP(ocsp_delegates_releasep)
    struct ocsp_delegates *before = ocsp_index_delegates(options->index);
    CLEANUP(ocsp_delegates_releasep) struct ocsp_delegates *merged = NULL;
    CLEANUP(signer_closep) struct signer *signer = NULL;

    TRY(ocsp_delegates_merge(others, before, &merged, err));
    TRY(signer_open(options->signer, &signer, err));
    TRY(ocsp_delegates_check(merged, signer, clock_now(options->clock), err));
    ocsp_index_appoint(options->index, merged);
    return 0;
}

int renewal_take(const struct renewal_options *options, struct ocsp_delegates *others,
                 struct err *err)
{
    int rc;

    (void)pthread_mutex_lock(&options->index->changing);
    rc = take(options, others, err);
    (void)pthread_mutex_unlock(&options->index->changing);
    return rc;
}

bool renewal_is_near(const struct ocsp_delegate *delegate, int64_t now, int64_t within_s)
{
    return x509_cert_tbs(delegate->certificate)->not_after - now < within_s;
}

/* ---- from the authority ---- */

static int ask(const struct renewal_options *options, const struct ocsp_delegate *delegate,
               struct buf *ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *question = json_object_new();
    uint64_t serial = tbs_serial_number(x509_cert_tbs(delegate->certificate));
    struct fetch_request request = {.socket = options->authority,
                                    .url = "/v1/responders/renewals",
                                    .timeout_ms = TIMEOUT_MS,
                                    .limit = X509_PEM_MAX};

    TRY(json_put_text(question, "kind", ocsp_ca_name(delegate->kind), err));
    TRY(json_put_int(question, "serial", (int64_t)serial, err));
    request.body = question;
    TRY(fetch(&request, &response, err));
    if (response.json == NULL || json_get_base64(response.json, "certificate", ret, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the authority's answer has no certificate");
    return 0;
}

/* A list of one: the delegate with that certificate. */
static int replace(const struct renewal_options *options, const struct ocsp_delegate *delegate,
                   struct bytes certificate, struct err *err)
{
    CLEANUP(ocsp_delegates_releasep) struct ocsp_delegates *fresh = NULL;
    CLEANUP(ocsp_delegates_releasep)
    struct ocsp_delegates *before = ocsp_index_delegates(options->index);
    CLEANUP(ocsp_delegates_releasep) struct ocsp_delegates *merged = NULL;
    CLEANUP(signer_closep) struct signer *signer = NULL;
    const struct ocsp_appointment appointment = {delegate->kind, delegate->key,
                                                 x509_cert_der(delegate->ca), certificate};

    TRY(ocsp_delegates_new(&fresh, err));
    TRY(ocsp_delegates_add(fresh, &appointment, err));
    TRY(signer_open(options->signer, &signer, err));
    TRY(ocsp_delegates_check(fresh, signer, clock_now(options->clock), err));
    if (x509_cert_tbs(fresh->list[0].certificate)->not_after <=
        x509_cert_tbs(delegate->certificate)->not_after)
        return FAIL(err, ERR_CONFLICT, "the authority has no certificate that ends later");
    TRY(ocsp_delegates_merge(before, fresh, &merged, err));
    ocsp_index_appoint(options->index, merged);
    return 0;
}

int renewal_fetch(const struct renewal_options *options, const struct ocsp_delegate *delegate,
                  struct err *err)
{
    CLEANUP(buf_done) struct buf certificate = BUF_INIT;
    int rc;

    TRY(ask(options, delegate, &certificate, err));
    (void)pthread_mutex_lock(&options->index->changing);
    rc = replace(options, delegate, buf_bytes(&certificate), err);
    (void)pthread_mutex_unlock(&options->index->changing);
    return rc;
}

/* ---- the thread ---- */

struct renewal {
    struct renewal_options options;
    struct chore chore;
    _Atomic uint64_t done, failed;
    int64_t next_ms;                    /* monotonic: not before */
    int retry_ms;                       /* 0: the last fetch worked */
    int64_t warned[OCSP_DELEGATES_MAX]; /* ends of certificates that it was told of */
};

static void report(const struct renewal *renewal, enum renewal_event event,
                   const struct ocsp_delegate *delegate, const struct err *failure)
{
    if (renewal->options.report != NULL)
        renewal->options.report(event, delegate, failure);
}

static void attempt(struct renewal *renewal, const struct ocsp_delegate *delegate)
{
    struct err why = {0};

    if (renewal_fetch(&renewal->options, delegate, &why) == 0) {
        renewal->done++;
        renewal->retry_ms = 0;
        report(renewal, RENEWAL_DONE, delegate, NULL);
        return;
    }
    renewal->failed++;
    renewal->retry_ms = renewal->retry_ms == 0 ? RETRY_FIRST_MS : renewal->retry_ms * 2;
    if (renewal->retry_ms > RETRY_LAST_MS)
        renewal->retry_ms = RETRY_LAST_MS;
    renewal->next_ms = monotonic_ms() + renewal->retry_ms;
    report(renewal, RENEWAL_FAILED, delegate, &why);
}

static void warn(struct renewal *renewal, size_t i, const struct ocsp_delegate *delegate)
{
    int64_t end = x509_cert_tbs(delegate->certificate)->not_after;

    if (renewal->warned[i] == end)
        return;
    renewal->warned[i] = end;
    report(renewal, RENEWAL_ENDS_SOON, delegate, NULL);
}

static void look(struct renewal *renewal)
{
    const struct renewal_options *options = &renewal->options;
    CLEANUP(ocsp_delegates_releasep)
    struct ocsp_delegates *delegates = ocsp_index_delegates(options->index);
    int64_t now = clock_now(options->clock);

    for (size_t i = 0; delegates != NULL && i < delegates->count; i++) {
        const struct ocsp_delegate *delegate = &delegates->list[i];

        if (renewal_is_near(delegate, now, options->renew_s) && monotonic_ms() >= renewal->next_ms)
            attempt(renewal, delegate);
    }
    ocsp_delegates_releasep(&delegates);
    delegates = ocsp_index_delegates(options->index);
    for (size_t i = 0; delegates != NULL && i < delegates->count; i++) {
        if (renewal_is_near(&delegates->list[i], now, options->warn_s))
            warn(renewal, i, &delegates->list[i]);
    }
}

static void *run(void *argument)
{
    struct renewal *renewal = argument;

    do
        look(renewal);
    while (chore_rest(&renewal->chore, TICK_MS));
    return NULL;
}

int renewal_start(const struct renewal_options *options, struct renewal **ret, struct err *err)
{
    struct renewal *renewal = calloc(1, sizeof *renewal);
    int rc;

    if (renewal == NULL)
        return FAIL_NOMEM(err);
    renewal->options = *options;
    rc = chore_start(&renewal->chore, run, renewal, err);
    if (rc < 0) {
        free(renewal);
        return rc;
    }
    *ret = renewal;
    return 0;
}

void renewal_stopp(struct renewal **renewal)
{
    if (*renewal == NULL)
        return;
    chore_stop(&(*renewal)->chore);
    free(*renewal);
    *renewal = NULL;
}

void renewal_counts(const struct renewal *renewal, uint64_t *ret_done, uint64_t *ret_failed)
{
    *ret_done = renewal == NULL ? 0 : renewal->done;
    *ret_failed = renewal == NULL ? 0 : renewal->failed;
}
