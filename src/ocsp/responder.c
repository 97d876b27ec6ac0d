/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/responder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)HTTP_COMPANY_MAX <= (int)RPC_WISHES_MAX,
               "whoever asks together is signed for together");

struct ocsp_worker {
    struct signer *signer; /* NULL until signerd was there for the first time */
};

int ocsp_worker_open(void *context, void **ret, struct err *err)
{
    struct ocsp_worker *worker = calloc(1, sizeof *worker);

    (void)context;
    if (worker == NULL)
        return FAIL_NOMEM(err);
    *ret = worker;
    return 0;
}

void ocsp_worker_close(void *context, void *worker)
{
    struct ocsp_worker *w = worker;

    (void)context;
    if (w != NULL)
        signer_close(w->signer);
    free(w);
}

int ocsp_worker_signer(const struct ocsp_responder *responder, struct ocsp_worker *worker,
                       struct signer **ret, struct err *err)
{
    if (worker->signer == NULL)
        TRY(signer_open(responder->signer, &worker->signer, err));
    *ret = worker->signer;
    return 0;
}

static void knowledge_of(struct ocsp_responder *responder, enum ocsp_ca ca,
                         struct ocsp_knowledge *ret)
{
    *ret = (struct ocsp_knowledge){.valid_s = responder->valid_s,
                                   .refresh_s = responder->refresh_s};
    ocsp_index_read(&responder->index, ca, ret);
}

/* All generations whose certificates are not over; the index is held. */
static bool are_current(const struct ocsp_responder *responder, enum ocsp_ca ca,
                        struct ocsp_knowledge *knowledge, int64_t now)
{
    const struct ocsp_delegates *delegates = responder->index.delegates;
    bool is_current = knowledge->delegate != NULL;

    for (size_t i = 0; is_current && i < delegates->count; i++) {
        const struct ocsp_delegate *delegate = &delegates->list[i];

        if (delegate->kind != ca || now > x509_cert_tbs(delegate->ca)->not_after)
            continue;
        knowledge->responder = delegate->certificate;
        is_current = ocsp_is_current(knowledge, now);
    }
    return is_current;
}

bool ocsp_responder_is_current(struct ocsp_responder *responder, int64_t now)
{
    bool is_current = true;

    for (unsigned ca = 0; is_current && ca < OCSP_CAS_; ca++) {
        struct ocsp_knowledge knowledge;

        knowledge_of(responder, (enum ocsp_ca)ca, &knowledge);
        is_current = are_current(responder, (enum ocsp_ca)ca, &knowledge, now);
        ocsp_index_release(&responder->index);
    }
    return is_current;
}

void ocsp_exchange_done(struct ocsp_exchange *exchange)
{
    buf_done(&exchange->body);
}

/* ---- what is kept ---- */

/* RFC 5019, 2.1.1: one certificate, no nonce. Serial numbers of ours have 32 bits. */
static bool may_be_kept(const struct ocsp_responder *responder, const struct ocsp_request *request)
{
    return responder->cache != NULL && request->count == 1 && request->nonce.len == 0 &&
           ocsp_cert_id_serial(&request->ids[0]) <= UINT32_MAX;
}

static struct ocsp_cache_key key_of(enum ocsp_ca ca, const struct ocsp_request *request)
{
    return (struct ocsp_cache_key){ca, (uint32_t)ocsp_cert_id_serial(&request->ids[0]),
                                   request->ids[0].der};
}

/*
 * Whether a kept answer says what would be said now. It was right under another version of the
 * index, so the certificate is looked up again; and for the next time it is noted that it still is.
 */
static bool is_still_right(struct ocsp_responder *responder, const struct ocsp_knowledge *k,
                           const struct ocsp_cache_key *key, struct ocsp_kept *kept)
{
    struct ocsp_single now = {.status = OCSP_UNKNOWN};

    if (kept->version == k->version)
        return true;
    ocsp_look_up(k, key->serial, &now);
    if (!ocsp_same_status(&now, &kept->single))
        return false;
    kept->version = k->version;
    ocsp_cache_confirm(responder->cache, key, kept);
    return true;
}

/* From the cache, for somebody who is admitted; the index is held. */
static bool recall(struct ocsp_responder *responder, const struct ocsp_knowledge *k,
                   const struct ocsp_request *request, struct ocsp_exchange *exchange)
{
    const struct ocsp_cache_key key = key_of(exchange->ca, request);
    struct ocsp_kept kept;

    buf_done(&exchange->body);
    if (ocsp_cache_find(responder->cache, &key, buf_bytes(&k->delegate->tail), &kept,
                        &exchange->body, NULL) < 0 ||
        kept.key_tag != k->delegate->key_tag || exchange->now < kept.produced_at ||
        exchange->now >= kept.until || !is_still_right(responder, k, &key, &kept)) {
        buf_done(&exchange->body);
        return false;
    }
    exchange->kept = kept;
    exchange->may_be_kept = true;
    exchange->status = OCSP_SUCCESSFUL;
    exchange->questions = 1;
    return true;
}

static int fill_etag(struct bytes answer, char ret[OCSP_ETAG_SIZE], struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, answer, &digest, err));
    ret[0] = '"';
    for (size_t i = 0; i < 20; i++)
        (void)snprintf(ret + 1 + 2 * i, 3, "%02x", digest.value[i]);
    ret[41] = '"';
    ret[42] = '\0';
    return 0;
}

/* Who signs an answer, held meanwhile, and what version of the index it is made from. */
struct signing {
    struct ocsp_delegates *held;
    const struct ocsp_delegate *delegate;
    uint64_t version;
};

static void signing_done(struct signing *signing)
{
    ocsp_delegates_releasep(&signing->held);
}

/* What is known of a new answer: RFC 5019, 6.2, has its dates in the header, too. */
static int describe(const struct ocsp_responder *responder, const struct signing *by,
                    const struct ocsp_single *single, struct ocsp_exchange *exchange,
                    struct err *err)
{
    struct ocsp_kept *kept = &exchange->kept;
    int64_t longest = exchange->now + responder->keep_s;

    *kept = (struct ocsp_kept){.single = *single,
                               .produced_at = exchange->now,
                               .until = single->next_update < longest ? single->next_update
                                                                      : longest,
                               .version = by->version,
                               .key_tag = by->delegate->key_tag};
    kept->single.id = (struct ocsp_cert_id){.alg = single->id.alg};
    http_date_format(single->this_update, kept->modified);
    http_date_format(single->next_update, kept->expires);
    exchange->may_be_kept = true;
    return fill_etag(buf_bytes(&exchange->body), kept->etag, err);
}

/* ---- what is signed ---- */

/* What was signed is looked at once more, and put together. */
static int finish(const struct ocsp_delegate *delegate, struct bytes data, struct bytes signature,
                  struct buf *ret, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, data, &digest, err));
    TRY(pubkey_verify(x509_cert_pubkey(delegate->certificate), &digest, signature, err));
    return ocsp_response_assemble(data, signature, x509_cert_der(delegate->certificate), ret, err);
}

/* A response before it is signed. */
struct draft {
    struct ocsp_response response;
    struct buf data;
};

static void draft_done(struct draft *draft)
{
    buf_done(&draft->data);
}

static int refuse(struct ocsp_exchange *exchange, struct err *err)
{
    buf_done(&exchange->body);
    return ocsp_response_refuse(exchange->status, &exchange->body, err);
}

/* Under the lock of the index: admitted, and either recalled, or there is a draft to be signed. */
static int decide(struct ocsp_responder *responder, const struct ocsp_knowledge *k,
                  const struct ocsp_request *request, struct ocsp_exchange *exchange,
                  struct draft *draft, struct err *err)
{
    TRY(ocsp_admit(k, request, &exchange->client, exchange->now, &exchange->status, err));
    if (exchange->status != OCSP_SUCCESSFUL ||
        (may_be_kept(responder, request) && recall(responder, k, request, exchange)))
        return 0;
    exchange->questions = request->count;
    return ocsp_build(k, request, exchange->now, &draft->response, &draft->data, err);
}

static int keep(struct ocsp_responder *responder, const struct signing *by,
                const struct ocsp_request *request, const struct ocsp_response *response,
                struct ocsp_exchange *exchange, struct err *err)
{
    const struct ocsp_cache_key key = key_of(exchange->ca, request);
    struct bytes body = buf_bytes(&exchange->body);

    TRY(describe(responder, by, &response->singles[0], exchange, err));
    body.len -= by->delegate->tail.len;
    /* What is unknown is asked for by mistake, once. */
    if (response->singles[0].status != OCSP_UNKNOWN)
        ocsp_cache_put(responder->cache, &key, &exchange->kept, body);
    return 0;
}

/* What is under the lock of the index: who signs is held, everything else is done with it. */
static int look(struct ocsp_responder *responder, const struct ocsp_request *request,
                struct ocsp_exchange *exchange, struct draft *draft, struct signing *by,
                struct err *err)
{
    struct ocsp_knowledge knowledge;
    int rc;

    knowledge_of(responder, exchange->ca, &knowledge);
    ocsp_index_choose(&responder->index, exchange->ca, &request->ids[0], &knowledge);
    if (knowledge.delegate == NULL)
        rc = FAIL(err, ERR_REMOTE, "nobody is appointed to answer for this CA");
    else
        rc = decide(responder, &knowledge, request, exchange, draft, err);
    if (rc == 0 && exchange->status == OCSP_SUCCESSFUL && exchange->body.len == 0)
        *by = (struct signing){ocsp_delegates_hold(responder->index.delegates), knowledge.delegate,
                               knowledge.version};
    ocsp_index_release(&responder->index);
    return rc;
}

/* A question on its way to an answer that has to be signed. */
struct inquiry {
    struct ocsp_request request;
    struct draft draft;
    struct signing by; /* nobody: nothing is to be signed */
};

static void inquiry_done(struct inquiry *inquiry)
{
    draft_done(&inquiry->draft);
    signing_done(&inquiry->by);
}

/* All but what needs a signature. */
static int prepare(struct ocsp_responder *responder, struct ocsp_exchange *exchange,
                   struct inquiry *inquiry, struct err *err)
{
    int rc = ocsp_request_parse(exchange->request, &inquiry->request, err);

    exchange->status = OCSP_MALFORMED_REQUEST;
    if (rc == -ERR_INPUT)
        return refuse(exchange, err);
    TRY(rc);
    TRY(look(responder, &inquiry->request, exchange, &inquiry->draft, &inquiry->by, err));
    return exchange->status == OCSP_SUCCESSFUL ? 0 : refuse(exchange, err);
}

static int conclude(struct ocsp_responder *responder, const struct inquiry *inquiry,
                    const struct signer_wish *wish, struct ocsp_exchange *exchange, struct err *err)
{
    if (wish->rc < 0)
        return err_copy(err, &wish->err);
    TRY(finish(inquiry->by.delegate, wish->tbs, buf_bytes(&wish->signature), &exchange->body, err));
    return may_be_kept(responder, &inquiry->request)
               ? keep(responder, &inquiry->by, &inquiry->request, &inquiry->draft.response,
                      exchange, err)
               : 0;
}

static void sign_all(const struct ocsp_responder *responder, struct ocsp_worker *worker,
                     struct signer_wish *wishes, size_t count)
{
    struct signer *signer;
    struct err err = {0};

    if (count == 0)
        return;
    if (ocsp_worker_signer(responder, worker, &signer, &err) == 0) {
        signer_sign_all(signer, wishes, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        wishes[i].rc = err_copy(&wishes[i].err, &err);
}

void ocsp_respond_all(struct ocsp_responder *responder, struct ocsp_worker *worker,
                      struct ocsp_exchange *const *exchanges, struct http_outcome *outcomes,
                      size_t count)
{
    struct inquiry inquiries[HTTP_COMPANY_MAX];
    struct signer_wish wishes[HTTP_COMPANY_MAX];
    size_t wished_by[HTTP_COMPANY_MAX];
    size_t wished = 0;

    for (size_t i = 0; i < count; i++) {
        struct inquiry *inquiry = &inquiries[i];

        inquiry->draft = (struct draft){.data = BUF_INIT};
        inquiry->by = (struct signing){.held = NULL};
        outcomes[i].rc = prepare(responder, exchanges[i], inquiry, &outcomes[i].err);
        if (outcomes[i].rc < 0 || inquiry->by.held == NULL)
            continue;
        wishes[wished] = (struct signer_wish){inquiry->by.delegate->key, SIGNER_OCSP_RESPONSE,
                                              buf_bytes(&inquiry->draft.data)};
        wished_by[wished++] = i;
    }
    sign_all(responder, worker, wishes, wished);
    for (size_t w = 0; w < wished; w++) {
        size_t i = wished_by[w];

        outcomes[i].rc = conclude(responder, &inquiries[i], &wishes[w], exchanges[i],
                                  &outcomes[i].err);
        buf_done(&wishes[w].signature);
    }
    for (size_t i = 0; i < count; i++)
        inquiry_done(&inquiries[i]);
}

int ocsp_respond(struct ocsp_responder *responder, struct ocsp_worker *worker,
                 struct ocsp_exchange *exchange, struct err *err)
{
    struct http_outcome outcome = {.rc = 0};

    ocsp_respond_all(responder, worker, &exchange, &outcome, 1);
    return outcome.rc < 0 ? err_copy(err, &outcome.err) : 0;
}

bool ocsp_recall(struct ocsp_responder *responder, struct ocsp_exchange *exchange)
{
    struct ocsp_knowledge k;
    struct ocsp_request request;
    bool is_known;

    if (exchange->client.certificate == NULL ||
        ocsp_request_parse(exchange->request, &request, NULL) < 0 ||
        !may_be_kept(responder, &request))
        return false;
    knowledge_of(responder, exchange->ca, &k);
    ocsp_index_choose(&responder->index, exchange->ca, &request.ids[0], &k);
    is_known = k.requesters != NULL && k.delegate != NULL &&
               requesters_check_tls(k.requesters, exchange->client.certificate, exchange->now,
                                    &exchange->client.place, NULL) == 0 &&
               recall(responder, &k, &request, exchange);
    ocsp_index_release(&responder->index);
    return is_known;
}
