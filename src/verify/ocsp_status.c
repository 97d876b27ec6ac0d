/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/ocsp_status.h"

#include "base/rand.h"

enum { KEY_HASH_SIZE = 20 };

/* The TBSRequest for one certificate with SHA-256 CertID; requestor may be NULL. */
static int ocsp_status_ask(const struct status_question *question,
                           const struct x509_cert *requestor, struct bytes nonce,
                           struct buf *ret_tbs, struct err *err)
{
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    struct ocsp_question asked = {.count = 1, .nonce = nonce};
    struct bytes ids[1];

    TRY(ocsp_cert_id_build(DIGEST_SHA256, x509_cert_tbs(question->issuer),
                           x509_cert_tbs(question->cert)->serial, &id, err));
    ids[0] = buf_bytes(&id);
    asked.cert_ids = ids;
    if (requestor != NULL)
        asked.requestor = x509_cert_tbs(requestor)->subject;
    return ocsp_request_build(&asked, ret_tbs, err);
}

/* RFC 6960, 4.2.2.2: appointed by the CA itself, for this, and valid; nocheck ends the chain. */
static int check_appointment(const struct x509_cert *responder,
                             const struct status_question *question, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(responder);

    TRY(x509_cert_is_issued_by(responder, question->issuer, err));
    if (!tbs_has_purpose(tbs, OID_OCSP_SIGNING) || tbs_find(tbs, OID_OCSP_NOCHECK) == NULL ||
        (tbs->key_usage & KEY_USAGE_DIGITAL_SIGNATURE) == 0 || tbs->is_ca)
        return FAIL(err, ERR_UNTRUSTED, "not a certificate of an OCSP responder");
    if (tbs->unknown_critical.len > 0)
        return FAIL(err, ERR_UNTRUSTED, "a responder with an unknown critical extension");
    if (question->at < tbs->not_before || question->at > tbs->not_after)
        return FAIL(err, ERR_UNTRUSTED, "the responder's certificate is not valid now");
    return 0;
}

static int has_key(const struct x509_cert *cert, struct bytes hash, bool *ret, struct err *err)
{
    uint8_t key_id[KEY_HASH_SIZE];

    TRY(pubkey_key_id(x509_cert_pubkey(cert), key_id, err));
    *ret = bytes_equal(BYTES_ARRAY(key_id), hash);
    return 0;
}

static int check_signature(const struct ocsp_response *response, const struct x509_cert *signer,
                           struct err *err)
{
    struct digest digest;

    if (response->signature.digest == DIGEST_SHA1)
        return FAIL(err, ERR_UNTRUSTED, "an answer signed with SHA-1");
    TRY(digest_compute(response->signature.digest, response->tbs, &digest, err));
    return pubkey_verify(x509_cert_pubkey(signer), &digest, response->signature.value, err);
}

/* The appointed responder whose key is named by the answer; stays NULL if there is none. */
static int find_responder(const struct ocsp_response *response,
                          const struct status_question *question, struct x509_cert **ret,
                          struct err *err)
{
    for (size_t i = 0; i < response->signature.cert_count; i++) {
        CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
        bool is_named = false;
        int rc = x509_cert_parse(response->signature.certs[i], &cert, err);

        if (rc == 0)
            rc = has_key(cert, response->responder_key_hash, &is_named, err);
        if (rc == 0 && is_named)
            rc = check_appointment(cert, question, err);
        if (status_is_our_trouble(rc))
            return rc;
        if (rc < 0 || !is_named)
            continue;
        *ret = cert;
        cert = NULL;
        return 0;
    }
    return 0;
}

/* Whether the answer is signed by the CA or by whom it appointed; else the reason is added. */
static int check_origin(const struct ocsp_response *response,
                        const struct status_question *question, struct report *report, bool *ret,
                        struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *responder = NULL;
    bool is_issuer;
    int rc;

    *ret = false;
    TRY(has_key(question->issuer, response->responder_key_hash, &is_issuer, err));
    if (!is_issuer)
        TRY(find_responder(response, question, &responder, err));
    if (!is_issuer && responder == NULL) {
        report_add(report, REASON_OCSP_RESPONDER);
        return 0;
    }
    rc = check_signature(response, is_issuer ? question->issuer : responder, err);
    if (status_is_our_trouble(rc))
        return rc;
    if (rc < 0)
        report_add(report, REASON_OCSP_FORGED);
    *ret = rc == 0;
    return 0;
}

/* The answer about this certificate, or NULL. */
static int find_single(const struct ocsp_response *response, const struct status_question *question,
                       const struct ocsp_single **ret, struct err *err)
{
    *ret = NULL;
    for (size_t i = 0; i < response->count && *ret == NULL; i++) {
        const struct ocsp_cert_id *id = &response->singles[i].id;
        bool is_issuer = false;

        TRY(ocsp_cert_id_names(id, x509_cert_tbs(question->issuer), &is_issuer, err));
        if (is_issuer && bytes_equal(id->serial, x509_cert_tbs(question->cert)->serial))
            *ret = &response->singles[i];
    }
    return 0;
}

/* RFC 6960, 4.2.2.1. Whether it is of that time; else the reason is added. */
static bool check_time(const struct ocsp_single *single, int64_t produced_at, int64_t at,
                       struct report *report)
{
    int64_t until = single->next_update != 0 ? single->next_update
                                             : single->this_update + STATUS_AGE_MAX;

    if (single->this_update > at + STATUS_SKEW || produced_at > at + STATUS_SKEW)
        report_add(report, REASON_OCSP_FROM_FUTURE);
    else if (until < at)
        report_add(report, REASON_OCSP_STALE);
    else
        return true;
    return false;
}

static void take_status(const struct ocsp_single *single, struct report *report, struct status *ret)
{
    *ret = (struct status){
        .reason = -1, .this_update = single->this_update, .next_update = single->next_update};
    switch (single->status) {
    case OCSP_GOOD:
        ret->answer = STATUS_GOOD;
        break;
    case OCSP_REVOKED:
        ret->answer = STATUS_REVOKED;
        ret->revoked_at = single->revoked_at;
        ret->reason = single->reason;
        break;
    case OCSP_UNKNOWN:
        report_add(report, REASON_STATUS_UNKNOWN);
        break;
    }
    status_report(ret, report);
}

static int judge_signed(const struct ocsp_response *response,
                        const struct status_question *question, struct bytes nonce,
                        struct report *report, struct status *ret, struct err *err)
{
    const struct ocsp_single *single;
    bool is_good;

    TRY(check_origin(response, question, report, &is_good, err));
    if (!is_good)
        return 0;
    TRY(find_single(response, question, &single, err));
    if (single == NULL)
        report_add(report, REASON_OCSP_OTHER_CERTIFICATE);
    if (!bytes_equal(response->nonce, nonce)) {
        report_add(report, REASON_OCSP_NONCE);
        is_good = false;
    }
    if (single != NULL && check_time(single, response->produced_at, question->at, report) &&
        is_good)
        take_status(single, report, ret);
    return 0;
}

int ocsp_status_judge(const struct status_question *question, struct bytes nonce,
                      struct bytes response, struct report *report, struct status *ret,
                      struct err *err)
{
    struct ocsp_response parsed;
    struct status status = {.reason = -1};
    int rc = ocsp_response_parse(response, &parsed, err);

    if (status_is_our_trouble(rc))
        return rc;
    if (rc < 0)
        report_add(report, REASON_OCSP_MALFORMED);
    else if (parsed.status == OCSP_TRY_LATER)
        report_add(report, REASON_OCSP_TRY_LATER);
    else if (parsed.status != OCSP_SUCCESSFUL)
        report_add(report, REASON_OCSP_REFUSED);
    else
        TRY(judge_signed(&parsed, question, nonce, report, &status, err));
    *ret = status;
    return 0;
}

static int make_request(const struct ocsp_asker *asker, const struct status_question *question,
                        struct bytes nonce, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct x509_cert *requestor = asker->sign == NULL ? NULL : asker->requestor;

    TRY(ocsp_status_ask(question, requestor, nonce, &tbs, err));
    if (requestor == NULL)
        return ocsp_request_assemble(buf_bytes(&tbs), (struct bytes){NULL, 0},
                                     (struct bytes){NULL, 0}, ret, err);
    TRY(asker->sign(asker->context, buf_bytes(&tbs), &signature, err));
    return ocsp_request_assemble(buf_bytes(&tbs), buf_bytes(&signature), x509_cert_der(requestor),
                                 ret, err);
}

static int look(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err)
{
    const struct ocsp_asker *asker = context;
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    uint8_t nonce[OCSP_QUESTION_NONCE];
    int rc;

    TRY(rand_fill(nonce, sizeof nonce, err));
    rc = make_request(asker, question, BYTES_ARRAY(nonce), &request, err);
    if (rc == 0)
        rc = asker->send(asker->context, question->cert, buf_bytes(&request), &response, err);
    if (status_is_our_trouble(rc))
        return rc;
    if (rc < 0) {
        report_add(report, REASON_OCSP_UNAVAILABLE);
        *ret = (struct status){.reason = -1};
        return 0;
    }
    return ocsp_status_judge(question, BYTES_ARRAY(nonce), buf_bytes(&response), report, ret, err);
}

struct status_source ocsp_status_source(const struct ocsp_asker *asker)
{
    return (struct status_source){look, asker};
}
