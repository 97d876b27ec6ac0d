/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/answer.h"

#include "support/ocsp_question.h"
#include "support/revocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = TEST_PKI_NOW, VALID_S = 900, ISSUED = 1000 };

static struct test_pki pki;
static struct requesters *registered;
static struct revocation_set *revoked;

/* Serials that were never issued: 4, 6, and 8, which was revoked nevertheless. */
static const struct gaps gaps = {.ranges = {{4, 4}, {6, 6}, {8, 8}}, .count = 3};

/* A second generation of the CA has issued 20 and 21, and a third one 30 to 39. */
static const struct serial_runs runs = {.rows = {{20, 2}, {22, 1}, {30, 3}, {40, 1}}, .count = 4};

static const struct bytes seven = {(const uint8_t *)"\x07", 1};

static int setup(void **state)
{
    static const struct revocation entries[] = {{8, NOW - 60, CRL_AFFILIATION_CHANGED},
                                                {ISSUED, NOW - 5, CRL_UNSPECIFIED}};
    struct test_revocations all = {entries, 2, 0, 0};
    struct revocation_source source = test_revocations_source(&all);

    (void)state;
    test_pki_make(&pki);
    assert_int_equal(requesters_new(&registered, NULL), 0);
    assert_int_equal(requesters_add(registered, x509_cert_der(pki.certs[PROFILE_AUTH]),
                                    REQUESTER_UNCOUNTED, NULL),
                     0);
    return revocation_set_new(&source, &revoked, NULL);
}

static int teardown(void **state)
{
    (void)state;
    revocation_set_freep(&revoked);
    requesters_freep(&registered);
    test_pki_done(&pki);
    return 0;
}

static struct ocsp_knowledge knowledge(void)
{
    return (struct ocsp_knowledge){.ca = pki.certs[PROFILE_SIGN_CA],
                                   .responder = pki.certs[PROFILE_OCSP_SIGN],
                                   .requesters = registered,
                                   .revoked = revoked,
                                   .issued = ISSUED,
                                   .gaps = &gaps,
                                   .runs = &runs,
                                   .confirmed_at = NOW - 10,
                                   .valid_s = VALID_S};
}

/* As the responder does, less the signature. */
static int give_answer(const struct ocsp_knowledge *k, struct bytes bytes, int64_t now,
                       enum ocsp_status *ret, struct buf *data, struct err *err)
{
    struct ocsp_client client = {NULL, REQUESTER_UNCOUNTED};
    struct ocsp_response response;
    struct ocsp_request request;
    int rc = ocsp_request_parse(bytes, &request, err);

    *ret = OCSP_MALFORMED_REQUEST;
    if (rc < 0)
        return rc == -ERR_INPUT ? 0 : rc;
    TRY(ocsp_admit(k, &request, &client, now, ret, err));
    return *ret == OCSP_SUCCESSFUL ? ocsp_build(k, &request, now, &response, data, err) : 0;
}

static enum ocsp_status ask(const struct ocsp_knowledge *k, struct bytes request, int64_t now,
                            struct buf *data)
{
    enum ocsp_status status = OCSP_INTERNAL_ERROR;

    assert_int_equal(give_answer(k, request, now, &status, data, NULL), 0);
    assert_int_equal(status == OCSP_SUCCESSFUL, data->len > 0);
    return status;
}

static enum ocsp_status status_of(const struct ocsp_knowledge *k, struct test_question question,
                                  int64_t now)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf data = BUF_INIT;

    question.serials = question.serials == NULL ? &seven : question.serials;
    question.count = question.count == 0 ? 1 : question.count;
    test_question_make(&pki, &question, &request);
    return ask(k, buf_bytes(&request), now, &data);
}

/* The answer to a question of the registered requester; ranges point into data. */
static void answer_of(const struct test_question *question, struct buf *data,
                      struct ocsp_response *ret)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    const struct ocsp_knowledge k = knowledge();

    test_question_make(&pki, question, &request);
    assert_int_equal(ask(&k, buf_bytes(&request), NOW, data), OCSP_SUCCESSFUL);
    assert_int_equal(ocsp_response_parse_data(buf_bytes(data), ret, NULL), 0);
    assert_int_equal(ret->count, question->count);
}

static void what_is_no_request_is_malformed(void **state)
{
    const struct ocsp_knowledge k = knowledge();
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    const struct test_question question = {.serials = &seven, .count = 1};

    (void)state;
    test_question_make(&pki, &question, &request);
    assert_int_equal(ask(&k, bytes_of(NULL, 0), NOW, &data), OCSP_MALFORMED_REQUEST);
    assert_int_equal(ask(&k, BYTES_LITERAL("\x30\x00"), NOW, &data), OCSP_MALFORMED_REQUEST);
    for (size_t len = 0; len < request.len; len++)
        assert_int_equal(ask(&k, bytes_of(request.ptr, len), NOW, &data), OCSP_MALFORMED_REQUEST);
    assert_int_equal(buf_append_byte(&request, 0, NULL), 0);
    assert_int_equal(ask(&k, buf_bytes(&request), NOW, &data), OCSP_MALFORMED_REQUEST);
}

static void the_unsigned_must_sign(void **state)
{
    struct ocsp_knowledge k = knowledge();

    (void)state;
    assert_int_equal(status_of(&k, (struct test_question){.is_unsigned = true}, NOW),
                     OCSP_SIG_REQUIRED);
    k.confirmed_at = 0;
    assert_int_equal(status_of(&k, (struct test_question){.is_unsigned = true}, NOW),
                     OCSP_SIG_REQUIRED);
}

static void strangers_are_unauthorized(void **state)
{
    struct ocsp_knowledge k = knowledge();
    const struct test_question stranger = {.cert = pki.certs[PROFILE_SIGN],
                                           .key = pki.keys[PROFILE_SIGN]};
    const struct test_question forger = {.key = pki.keys[PROFILE_SIGN]};

    (void)state;
    assert_int_equal(status_of(&k, stranger, NOW), OCSP_UNAUTHORIZED);
    assert_int_equal(status_of(&k, forger, NOW), OCSP_UNAUTHORIZED);
    /* Before the first contact with the authority nobody is registered. */
    k.requesters = NULL;
    k.confirmed_at = 0;
    assert_int_equal(status_of(&k, (struct test_question){.alg = DIGEST_SHA1}, NOW),
                     OCSP_UNAUTHORIZED);
}

static void what_is_stale_is_not_answered(void **state)
{
    struct ocsp_knowledge k = knowledge();
    const struct test_question question = {.alg = DIGEST_SHA256};

    (void)state;
    assert_int_equal(status_of(&k, question, NOW - 10 + VALID_S), OCSP_TRY_LATER);
    assert_int_equal(status_of(&k, question, NOW - 10 + VALID_S - 1), OCSP_SUCCESSFUL);
    k.confirmed_at = 0;
    assert_int_equal(status_of(&k, question, NOW), OCSP_TRY_LATER);
}

static void an_expired_responder_does_not_answer(void **state)
{
    struct ocsp_knowledge k = knowledge();
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_OCSP_SIGN);
    CLEANUP(x509_cert_freep) struct x509_cert *expired = NULL;

    (void)state;
    inputs.spki = test_pki_spki(&pki, PROFILE_OCSP_SIGN);
    inputs.not_after = NOW + 1;
    test_pki_issue(&pki, PROFILE_OCSP_SIGN, &inputs, &expired);
    k.responder = expired;
    assert_int_equal(status_of(&k, (struct test_question){.alg = DIGEST_SHA1}, NOW + 1),
                     OCSP_TRY_LATER);
    assert_int_equal(status_of(&k, (struct test_question){.alg = DIGEST_SHA1}, NOW),
                     OCSP_SUCCESSFUL);
}

/* Its certificate is in the answer, which is believed no longer than that. */
static void an_answer_ends_with_the_certificate_of_its_responder(void **state)
{
    struct ocsp_knowledge k = knowledge();
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_OCSP_SIGN);
    CLEANUP(x509_cert_freep) struct x509_cert *ending = NULL;
    const struct test_question question = {.serials = &seven, .count = 1};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct ocsp_response response;

    (void)state;
    inputs.spki = test_pki_spki(&pki, PROFILE_OCSP_SIGN);
    inputs.not_after = NOW + 1;
    test_pki_issue(&pki, PROFILE_OCSP_SIGN, &inputs, &ending);
    k.responder = ending;
    test_question_make(&pki, &question, &request);
    assert_int_equal(ask(&k, buf_bytes(&request), NOW, &data), OCSP_SUCCESSFUL);
    assert_int_equal(ocsp_response_parse_data(buf_bytes(&data), &response, NULL), 0);
    assert_int_equal(response.singles[0].next_update, NOW + 1);
}

static void other_issuers_and_serials_never_issued_are_unknown(void **state)
{
    static const struct bytes serials[] = {
        {(const uint8_t *)"\x03\xe9", 2},               /* ISSUED + 1 */
        {(const uint8_t *)"\x01\x00\x00\x00\x07", 5},   /* 2^32 + 7 */
        {(const uint8_t *)"\x01\0\0\0\0\0\0\0\x07", 9}, /* 2^64 + 7 */
    };
    const struct test_question never = {.serials = serials, .count = 3};
    const struct test_question other = {
        .issuer = pki.certs[PROFILE_AUTH_CA], .serials = &seven, .count = 1};
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    CLEANUP(buf_done) struct buf data2 = BUF_INIT;
    struct ocsp_response response;

    (void)state;
    answer_of(&never, &data, &response);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(response.singles[i].status, OCSP_UNKNOWN);
    answer_of(&other, &data2, &response);
    assert_int_equal(response.singles[0].status, OCSP_UNKNOWN);
}

/* A revocation is never hidden by a gap: past GAPS_MAX, gaps are told wider than they are. */
static void gaps_are_unknown_and_what_was_revoked_stays_revoked(void **state)
{
    static const struct bytes serials[] = {{(const uint8_t *)"\x04", 1},
                                           {(const uint8_t *)"\x05", 1},
                                           {(const uint8_t *)"\x06", 1},
                                           {(const uint8_t *)"\x07", 1},
                                           {(const uint8_t *)"\x08", 1}};
    static const enum ocsp_cert_status expected[] = {OCSP_UNKNOWN, OCSP_GOOD, OCSP_UNKNOWN,
                                                     OCSP_GOOD, OCSP_REVOKED};
    const struct test_question question = {.serials = serials, .count = 5};
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct ocsp_response response;

    (void)state;
    answer_of(&question, &data, &response);
    for (size_t i = 0; i < question.count; i++)
        assert_int_equal(response.singles[i].status, expected[i]);
}

/* A number of another generation is not "good" here, and not "revoked": it is none of this key's.
 */
static void numbers_of_other_generations_are_unknown(void **state)
{
    static const struct bytes serials[] = {{(const uint8_t *)"\x13", 1},
                                           {(const uint8_t *)"\x14", 1},
                                           {(const uint8_t *)"\x15", 1},
                                           {(const uint8_t *)"\x16", 1},
                                           {(const uint8_t *)"\x1e", 1}};
    static const enum ocsp_cert_status expected[] = {OCSP_GOOD, OCSP_UNKNOWN, OCSP_UNKNOWN,
                                                     OCSP_GOOD, OCSP_UNKNOWN};
    static const struct serial_runs others = {.rows = {{1, 2}}, .count = 1};
    const struct test_question question = {.serials = serials, .count = 5};
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct ocsp_knowledge k = knowledge();
    struct ocsp_response response;
    struct ocsp_single single;

    (void)state;
    answer_of(&question, &data, &response);
    for (size_t i = 0; i < question.count; i++)
        assert_int_equal(response.singles[i].status, expected[i]);
    /* Revoked by another one, too: 8 is, if it is this one's. */
    ocsp_look_up(&k, 8, &single);
    assert_int_equal(single.status, OCSP_REVOKED);
    k.runs = &(const struct serial_runs){.rows = {{8, 2}, {9, 1}}, .count = 2};
    ocsp_look_up(&k, 8, &single);
    assert_int_equal(single.status, OCSP_UNKNOWN);
    /* The number of the CA certificate says which one it is. */
    k.runs = &others;
    ocsp_look_up(&k, 8, &single);
    assert_int_equal(single.status, OCSP_REVOKED);
}

static void several_are_answered_each_by_its_own(void **state)
{
    static const struct bytes serials[] = {{(const uint8_t *)"\x01", 1},
                                           {(const uint8_t *)"\x08", 1},
                                           {(const uint8_t *)"\x03\xe8", 2},
                                           {(const uint8_t *)"\x07", 1}};
    static const enum digest_alg algs[] = {DIGEST_SHA1, DIGEST_SHA256};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct test_question question = {.serials = serials, .count = 4, .alg = algs[i]};
        CLEANUP(buf_done) struct buf data = BUF_INIT;
        struct ocsp_response response;

        answer_of(&question, &data, &response);
        assert_int_equal(response.singles[0].status, OCSP_GOOD);
        assert_int_equal(response.singles[1].status, OCSP_REVOKED);
        assert_int_equal(response.singles[1].revoked_at, NOW - 60);
        assert_int_equal(response.singles[1].reason, CRL_AFFILIATION_CHANGED);
        assert_int_equal(response.singles[2].status, OCSP_REVOKED);
        assert_int_equal(response.singles[2].reason, CRL_UNSPECIFIED);
        assert_int_equal(response.singles[3].status, OCSP_GOOD);
        assert_int_equal(response.singles[3].id.alg, algs[i]);
    }
}

static void answers_say_who_and_until_when(void **state)
{
    const struct test_question question = {.serials = &seven, .count = 1};
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct ocsp_response response;

    (void)state;
    answer_of(&question, &data, &response);
    assert_int_equal(response.responder_name.len, 0);
    assert_true(bytes_equal(response.responder_key_hash,
                            x509_cert_tbs(pki.certs[PROFILE_OCSP_SIGN])->subject_key_id));
    assert_int_equal(response.produced_at, NOW);
    assert_int_equal(response.singles[0].this_update, NOW - 10);
    assert_int_equal(response.singles[0].next_update, NOW - 10 + VALID_S);
    assert_int_equal(response.nonce.len, 0);
}

/* NOW is 800 seconds behind a tick of 900. */
static void with_a_refresh_answers_hold_from_tick_to_tick(void **state)
{
    enum { TICK = NOW - 800 };
    const struct {
        int64_t confirmed_at, now, valid_s, this_update, next_update;
    } rows[] = {
        {TICK, TICK, 1800, TICK, TICK + 900},
        {TICK + 899, TICK + 899, 1800, TICK, TICK + 900},
        {TICK + 5, TICK + 899, 1800, TICK, TICK + 900},
        /* The refresh is late, or fails: what is known holds on, to the next one. */
        {TICK + 5, TICK + 900, 1800, TICK, TICK + 1800},
        {TICK + 5, TICK + 1800, 1800, TICK, TICK + 1805},
        {TICK + 5, TICK + 900, 901, TICK, TICK + 906},
        /* A clock that was set back. */
        {TICK + 5, TICK - 1, 1800, TICK - 900, TICK},
    };
    const struct test_question question = {.serials = &seven, .count = 1};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    struct ocsp_knowledge k = knowledge();

    (void)state;
    assert_int_equal(TICK % 900, 0);
    test_question_make(&pki, &question, &request);
    k.refresh_s = 900;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf data = BUF_INIT;
        struct ocsp_response response;

        k.confirmed_at = rows[i].confirmed_at;
        k.valid_s = rows[i].valid_s;
        assert_int_equal(ask(&k, buf_bytes(&request), rows[i].now, &data), OCSP_SUCCESSFUL);
        assert_int_equal(ocsp_response_parse_data(buf_bytes(&data), &response, NULL), 0);
        assert_int_equal(response.singles[0].this_update, rows[i].this_update);
        assert_int_equal(response.singles[0].next_update, rows[i].next_update);
    }
    k.confirmed_at = TICK + 5;
    k.valid_s = 1800;
    assert_int_equal(status_of(&k, question, TICK + 1805), OCSP_TRY_LATER);
}

/* RFC 9654, 2.1: any length from 1 to 128 comes back as it was. */
static void nonces_come_back(void **state)
{
    static const size_t lengths[] = {1, 15, 16, 32, 33, 128};
    uint8_t octets[128];

    (void)state;
    memset(octets, 0xa5, sizeof octets);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        const struct test_question question = {
            .serials = &seven, .count = 1, .nonce = bytes_of(octets, lengths[i])};
        CLEANUP(buf_done) struct buf data = BUF_INIT;
        struct ocsp_response response;

        answer_of(&question, &data, &response);
        assert_true(bytes_equal(response.nonce, question.nonce));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_request_is_malformed),
        cmocka_unit_test(the_unsigned_must_sign),
        cmocka_unit_test(strangers_are_unauthorized),
        cmocka_unit_test(what_is_stale_is_not_answered),
        cmocka_unit_test(an_expired_responder_does_not_answer),
        cmocka_unit_test(an_answer_ends_with_the_certificate_of_its_responder),
        cmocka_unit_test(other_issuers_and_serials_never_issued_are_unknown),
        cmocka_unit_test(gaps_are_unknown_and_what_was_revoked_stays_revoked),
        cmocka_unit_test(numbers_of_other_generations_are_unknown),
        cmocka_unit_test(several_are_answered_each_by_its_own),
        cmocka_unit_test(answers_say_who_and_until_when),
        cmocka_unit_test(with_a_refresh_answers_hold_from_tick_to_tick),
        cmocka_unit_test(nonces_come_back),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
