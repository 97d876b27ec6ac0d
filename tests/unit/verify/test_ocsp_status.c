/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/ocsp_status.h"

#include "support/responder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

static struct test_pki pki;
static struct test_pki other; /* the same names, other keys */
static struct x509_cert *responder;
static const struct privkey *responder_key;
static const uint8_t nonce[] = {1, 2, 3, 4, 5, 6, 7, 8};

/* An answer to be made, good until a test changes it. */
struct answer {
    struct ocsp_single single;
    const struct x509_cert *cert_id_issuer;
    struct bytes serial;
    int64_t produced_at;
    struct bytes nonce;
    const struct privkey *named; /* whose key the answer names */
    const struct privkey *signer;
    const struct x509_cert *carried; /* NULL: none */
    enum digest_alg cert_id_alg;
};

static int setup(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_pki_make(&other);
    responder_key = other.keys[PROFILE_AUTH];
    test_responder_make(&pki, responder_key, RESPONDER_GOOD, &responder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    x509_cert_freep(&responder);
    test_pki_done(&pki);
    test_pki_done(&other);
    return 0;
}

static struct answer good_answer(void)
{
    return (struct answer){.single = {.status = OCSP_GOOD,
                                      .this_update = TEST_PKI_NOW - 10,
                                      .next_update = TEST_PKI_NOW + 890,
                                      .reason = -1},
                           .cert_id_issuer = pki.certs[PROFILE_SIGN_CA],
                           .serial = x509_cert_tbs(pki.certs[PROFILE_SIGN])->serial,
                           .produced_at = TEST_PKI_NOW,
                           .nonce = BYTES_ARRAY(nonce),
                           .named = responder_key,
                           .signer = responder_key,
                           .carried = responder,
                           .cert_id_alg = DIGEST_SHA256};
}

static struct status_question the_question(void)
{
    return (struct status_question){pki.certs[PROFILE_SIGN], pki.certs[PROFILE_SIGN_CA],
                                    TEST_PKI_NOW};
}

static void key_hash(const struct privkey *key, uint8_t ret[20])
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;

    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(pubkey_key_id(public, ret, NULL), 0);
}

static void make(const struct answer *answer, struct buf *ret)
{
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct ocsp_response response = {
        .produced_at = answer->produced_at, .count = 1, .nonce = answer->nonce};
    struct bytes carried = {NULL, 0};
    struct digest digest;
    uint8_t hash[20];

    key_hash(answer->named, hash);
    assert_int_equal(ocsp_cert_id_build(answer->cert_id_alg, x509_cert_tbs(answer->cert_id_issuer),
                                        answer->serial, &id, NULL),
                     0);
    response.responder_key_hash = BYTES_ARRAY(hash);
    response.singles[0] = answer->single;
    response.singles[0].id.der = buf_bytes(&id);
    assert_int_equal(ocsp_response_build_data(&response, &data, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&data), &digest, NULL), 0);
    assert_int_equal(privkey_sign(answer->signer, &digest, &signature, NULL), 0);
    if (answer->carried != NULL)
        carried = x509_cert_der(answer->carried);
    assert_int_equal(
        ocsp_response_assemble(buf_bytes(&data), buf_bytes(&signature), carried, ret, NULL), 0);
}

static struct status judge(struct bytes response, struct report *report)
{
    const struct status_question question = the_question();
    struct status status = {.answer = STATUS_GOOD};

    *report = (struct report){.verdict = VERDICT_VALID};
    assert_int_equal(
        ocsp_status_judge(&question, BYTES_ARRAY(nonce), response, report, &status, NULL), 0);
    assert_int_equal(ERR_peek_error(), 0);
    return status;
}

/* Exactly this reason, and nothing is known. */
static void assert_der_refused(struct bytes response, enum reason reason)
{
    struct report report;
    struct status status = judge(response, &report);

    assert_int_equal(report.reason_count, 1);
    assert_string_equal(reason_name(report.reasons[0]), reason_name(reason));
    assert_int_equal(report.verdict, VERDICT_INDETERMINATE);
    assert_int_equal(status.answer, STATUS_NOT_KNOWN);
}

static void assert_refused(const struct answer *answer, enum reason reason)
{
    CLEANUP(buf_done) struct buf response = BUF_INIT;

    make(answer, &response);
    assert_der_refused(buf_bytes(&response), reason);
}

static struct status assert_answer(const struct answer *answer, struct report *report)
{
    CLEANUP(buf_done) struct buf response = BUF_INIT;

    make(answer, &response);
    return judge(buf_bytes(&response), report);
}

static void an_answer_about_another_certificate_is_refused(void **state)
{
    struct answer answer = good_answer();

    (void)state;
    answer.serial = BYTES_LITERAL("\x77");
    assert_refused(&answer, REASON_OCSP_OTHER_CERTIFICATE);
    answer = good_answer();
    answer.cert_id_issuer = pki.certs[PROFILE_AUTH_CA];
    assert_refused(&answer, REASON_OCSP_OTHER_CERTIFICATE);
    answer.cert_id_issuer = other.certs[PROFILE_SIGN_CA]; /* the same name */
    assert_refused(&answer, REASON_OCSP_OTHER_CERTIFICATE);
}

static void a_stale_answer_is_refused(void **state)
{
    struct answer answer = good_answer();
    struct report report;

    (void)state;
    answer.single.next_update = TEST_PKI_NOW - 1;
    assert_refused(&answer, REASON_OCSP_STALE);
    answer.single.next_update = TEST_PKI_NOW;
    assert_int_equal(assert_answer(&answer, &report).answer, STATUS_GOOD);
    answer.single.next_update = 0;
    answer.single.this_update = TEST_PKI_NOW - STATUS_AGE_MAX - 1;
    assert_refused(&answer, REASON_OCSP_STALE);
    answer.single.this_update = TEST_PKI_NOW - STATUS_AGE_MAX;
    assert_int_equal(assert_answer(&answer, &report).answer, STATUS_GOOD);
}

static void an_answer_from_the_future_is_refused(void **state)
{
    struct answer answer = good_answer();
    struct report report;

    (void)state;
    answer.single.this_update = TEST_PKI_NOW + STATUS_SKEW + 1;
    assert_refused(&answer, REASON_OCSP_FROM_FUTURE);
    answer.single.this_update = TEST_PKI_NOW + STATUS_SKEW;
    answer.produced_at = TEST_PKI_NOW + STATUS_SKEW;
    assert_int_equal(assert_answer(&answer, &report).answer, STATUS_GOOD);
    answer.produced_at = TEST_PKI_NOW + STATUS_SKEW + 1;
    assert_refused(&answer, REASON_OCSP_FROM_FUTURE);
}

static void a_wrong_signature_is_refused(void **state)
{
    struct answer answer = good_answer();

    (void)state;
    answer.signer = other.keys[PROFILE_SIGN];
    assert_refused(&answer, REASON_OCSP_FORGED);
}

/* By the CA's own key, and otherwise as it should be. */
static void an_answer_signed_with_sha_1_is_refused(void **state)
{
    static const uint8_t sha_256[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b};
    struct answer answer = good_answer();
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    CLEANUP(buf_done) struct buf weak = BUF_INIT;
    struct ocsp_response parsed;
    struct digest digest;
    uint8_t *at;

    (void)state;
    answer.named = answer.signer = pki.keys[PROFILE_SIGN_CA];
    answer.carried = NULL;
    make(&answer, &response);
    assert_int_equal(ocsp_response_parse(buf_bytes(&response), &parsed, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA1, parsed.tbs, &digest, NULL), 0);
    assert_int_equal(privkey_sign(answer.signer, &digest, &weak, NULL), 0);
    memcpy(response.ptr + (parsed.signature.value.ptr - response.ptr), weak.ptr, weak.len);
    at = memmem(response.ptr, response.len, sha_256, sizeof sha_256);
    assert_non_null(at);
    at[sizeof sha_256 - 1] = 0x05; /* sha1WithRSAEncryption (RFC 8017, A.2.4) */
    assert_int_equal(ocsp_response_parse(buf_bytes(&response), &parsed, NULL), 0);
    assert_int_equal(parsed.signature.digest, DIGEST_SHA1);
    assert_der_refused(buf_bytes(&response), REASON_OCSP_FORGED);
}

static void an_answer_without_nonce_or_with_another_is_refused(void **state)
{
    struct answer answer = good_answer();

    (void)state;
    answer.nonce = bytes_text("");
    assert_refused(&answer, REASON_OCSP_NONCE);
    answer.nonce = bytes_of(nonce, sizeof nonce - 1);
    assert_refused(&answer, REASON_OCSP_NONCE);
}

static void a_flawed_responder_is_refused(void **state)
{
    const enum responder_flaw flaws[] = {RESPONDER_WITHOUT_PURPOSE, RESPONDER_WITHOUT_NOCHECK,
                                         RESPONDER_WITHOUT_USAGE,   RESPONDER_EXPIRED,
                                         RESPONDER_OF_FUTURE,       RESPONDER_UNKNOWN_CRITICAL,
                                         RESPONDER_THAT_IS_A_CA};

    (void)state;
    for (size_t i = 0; i < sizeof flaws / sizeof flaws[0]; i++) {
        CLEANUP(x509_cert_freep) struct x509_cert *flawed = NULL;
        struct answer answer = good_answer();

        test_responder_make(&pki, responder_key, flaws[i], &flawed);
        answer.carried = flawed;
        assert_refused(&answer, REASON_OCSP_RESPONDER);
    }
}

static void a_responder_of_nobody_or_of_another_ca_is_refused(void **state)
{
    CLEANUP(x509_cert_freep) struct x509_cert *foreign = NULL;
    struct answer answer = good_answer();

    (void)state;
    answer.carried = NULL;
    assert_refused(&answer, REASON_OCSP_RESPONDER);
    /* A CA of the same name appointed it. */
    test_responder_make(&other, responder_key, RESPONDER_GOOD, &foreign);
    answer.carried = foreign;
    assert_refused(&answer, REASON_OCSP_RESPONDER);
    /* The holder's own certificate, and another key than is named. */
    answer.carried = pki.certs[PROFILE_SIGN];
    answer.named = pki.keys[PROFILE_SIGN];
    answer.signer = pki.keys[PROFILE_SIGN];
    assert_refused(&answer, REASON_OCSP_RESPONDER);
    answer = good_answer();
    answer.named = other.keys[PROFILE_SIGN];
    assert_refused(&answer, REASON_OCSP_RESPONDER);
}

static void answers_that_are_only_a_status_are_named(void **state)
{
    static const struct {
        enum ocsp_status status;
        enum reason reason;
    } rows[] = {{OCSP_TRY_LATER, REASON_OCSP_TRY_LATER},
                {OCSP_SIG_REQUIRED, REASON_OCSP_REFUSED},
                {OCSP_UNAUTHORIZED, REASON_OCSP_REFUSED},
                {OCSP_MALFORMED_REQUEST, REASON_OCSP_REFUSED},
                {OCSP_INTERNAL_ERROR, REASON_OCSP_REFUSED}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf response = BUF_INIT;

        assert_int_equal(ocsp_response_refuse(rows[i].status, &response, NULL), 0);
        assert_der_refused(buf_bytes(&response), rows[i].reason);
    }
}

static void no_changed_byte_makes_the_answer_good(void **state)
{
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct answer answer = good_answer();
    struct report report;

    (void)state;
    answer.single.status = OCSP_REVOKED;
    answer.single.revoked_at = TEST_PKI_NOW - 100;
    make(&answer, &response);
    assert_der_refused(bytes_of(response.ptr, response.len - 1), REASON_OCSP_MALFORMED);
    assert_der_refused(bytes_text(""), REASON_OCSP_MALFORMED);
    for (size_t i = 0; i < response.len; i++) {
        response.ptr[i] ^= 1;
        assert_int_not_equal(judge(buf_bytes(&response), &report).answer, STATUS_GOOD);
        assert_int_not_equal(report.verdict, VERDICT_VALID);
        response.ptr[i] ^= 1;
    }
}

static void revoked_held_and_unknown_are_told_apart(void **state)
{
    struct answer answer = good_answer();
    struct report report;
    struct status status;

    (void)state;
    answer.single.status = OCSP_REVOKED;
    answer.single.revoked_at = TEST_PKI_NOW - 100;
    answer.single.reason = 3;
    status = assert_answer(&answer, &report);
    assert_true(report.reason_count == 1 && report.reasons[0] == REASON_REVOKED);
    assert_int_equal(report.verdict, VERDICT_INVALID);
    assert_int_equal(status.answer, STATUS_REVOKED);
    assert_int_equal(status.revoked_at, TEST_PKI_NOW - 100);
    assert_int_equal(status.reason, 3);
    answer.single.reason = 6;
    (void)assert_answer(&answer, &report);
    assert_true(report.reason_count == 1 && report.reasons[0] == REASON_HELD);
    assert_int_equal(report.verdict, VERDICT_INVALID);
    answer = good_answer();
    answer.single.status = OCSP_UNKNOWN;
    assert_refused(&answer, REASON_STATUS_UNKNOWN);
}

static void good_answers_of_the_responder_and_of_the_ca_itself_are_believed(void **state)
{
    struct answer answer = good_answer();
    struct report report;

    (void)state;
    assert_int_equal(assert_answer(&answer, &report).answer, STATUS_GOOD);
    assert_int_equal(report.verdict, VERDICT_VALID);
    answer.cert_id_alg = DIGEST_SHA1;
    assert_int_equal(assert_answer(&answer, &report).answer, STATUS_GOOD);
    answer.named = answer.signer = pki.keys[PROFILE_SIGN_CA];
    answer.carried = NULL;
    assert_int_equal(assert_answer(&answer, &report).answer, STATUS_GOOD);
}

/* A responder in memory: context is the answer it gives, or NULL for none at all. */
static int sign_request(const void *context, struct bytes tbs, struct buf *ret, struct err *err)
{
    struct digest digest;

    (void)context;
    TRY(digest_compute(DIGEST_SHA256, tbs, &digest, err));
    return privkey_sign(pki.keys[PROFILE_AUTH], &digest, ret, err);
}

static int send_request(const void *context, const struct x509_cert *cert, struct bytes request,
                        struct buf *ret, struct err *err)
{
    struct answer answer;
    struct ocsp_request parsed;
    struct digest digest;

    assert_ptr_equal(cert, pki.certs[PROFILE_SIGN]);
    assert_int_equal(ocsp_request_parse(request, &parsed, NULL), 0);
    assert_int_equal(parsed.nonce.len, OCSP_QUESTION_NONCE);
    assert_true(bytes_equal(parsed.ids[0].serial, x509_cert_tbs(cert)->serial));
    if (context == NULL)
        return FAIL(err, ERR_REMOTE, "nobody is listening");
    assert_true(parsed.signature.is_there);
    assert_int_equal(digest_compute(DIGEST_SHA256, parsed.tbs, &digest, NULL), 0);
    assert_int_equal(pubkey_verify(x509_cert_pubkey(pki.certs[PROFILE_AUTH]), &digest,
                                   parsed.signature.value, NULL),
                     0);
    answer = *(const struct answer *)context;
    answer.nonce = parsed.nonce;
    make(&answer, ret);
    return 0;
}

static void a_question_is_signed_sent_and_its_answer_judged(void **state)
{
    struct answer answer = good_answer();
    struct ocsp_asker asker = {&answer, sign_request, pki.certs[PROFILE_AUTH], send_request};
    const struct status_question question = the_question();
    struct status_source source = ocsp_status_source(&asker);
    struct report report = {.verdict = VERDICT_VALID};
    struct status status = {.answer = STATUS_NOT_KNOWN};

    (void)state;
    assert_int_equal(source.look(source.context, &question, &report, &status, NULL), 0);
    assert_int_equal(status.answer, STATUS_GOOD);
    assert_int_equal(report.verdict, VERDICT_VALID);
    asker.context = NULL;
    asker.sign = NULL;
    assert_int_equal(source.look(source.context, &question, &report, &status, NULL), 0);
    assert_int_equal(status.answer, STATUS_NOT_KNOWN);
    assert_true(report_has(&report, REASON_OCSP_UNAVAILABLE));
    assert_int_equal(report.verdict, VERDICT_INDETERMINATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_about_another_certificate_is_refused),
        cmocka_unit_test(a_stale_answer_is_refused),
        cmocka_unit_test(an_answer_from_the_future_is_refused),
        cmocka_unit_test(a_wrong_signature_is_refused),
        cmocka_unit_test(an_answer_signed_with_sha_1_is_refused),
        cmocka_unit_test(an_answer_without_nonce_or_with_another_is_refused),
        cmocka_unit_test(a_flawed_responder_is_refused),
        cmocka_unit_test(a_responder_of_nobody_or_of_another_ca_is_refused),
        cmocka_unit_test(answers_that_are_only_a_status_are_named),
        cmocka_unit_test(no_changed_byte_makes_the_answer_good),
        cmocka_unit_test(revoked_held_and_unknown_are_told_apart),
        cmocka_unit_test(good_answers_of_the_responder_and_of_the_ca_itself_are_believed),
        cmocka_unit_test(a_question_is_signed_sent_and_its_answer_judged),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
