/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/role_ocsp.h"

#include "support/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = TEST_PKI_NOW, HOURS = 192 };

static const uint8_t own_id[20] = {1, 2, 3};
static struct test_pki pki;
static struct buf cert_id;

static int setup(void **state)
{
    static const uint8_t serial[] = {7};

    (void)state;
    test_pki_make(&pki);
    return ocsp_cert_id_build(DIGEST_SHA256, x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]),
                              BYTES_ARRAY(serial), &cert_id, NULL);
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&cert_id);
    test_pki_done(&pki);
    return 0;
}

/* Two answers, the first one revoked. */
static struct ocsp_response response(void)
{
    const struct ocsp_single single = {.id = {.der = buf_bytes(&cert_id)},
                                       .status = OCSP_REVOKED,
                                       .revoked_at = NOW,
                                       .reason = 3,
                                       .this_update = NOW,
                                       .next_update = NOW + HOURS * 3600};
    struct ocsp_response made = {.responder_key_hash = BYTES_ARRAY(own_id),
                                 .produced_at = NOW,
                                 .count = 2,
                                 .singles = {single, single},
                                 .nonce = BYTES_LITERAL("n")};

    made.singles[1].status = OCSP_GOOD;
    return made;
}

static int check(const struct ocsp_response *changed, struct err *err)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;

    assert_int_equal(ocsp_response_build_data(changed, &data, NULL), 0);
    return role_ocsp_check_response(BYTES_ARRAY(own_id), HOURS, buf_bytes(&data), err);
}

static void foreign_key_hash(struct ocsp_response *changed)
{
    static const uint8_t other[20] = {1, 2, 4};

    changed->responder_key_hash = BYTES_ARRAY(other);
}

static void no_next_update(struct ocsp_response *changed)
{
    changed->singles[1].next_update = 0;
}

static void next_update_at_once(struct ocsp_response *changed)
{
    changed->singles[0].next_update = changed->singles[0].this_update;
}

static void next_update_too_late(struct ocsp_response *changed)
{
    changed->singles[1].next_update++;
}

static void from_the_future(struct ocsp_response *changed)
{
    changed->produced_at--;
}

static void revoked_in_the_future(struct ocsp_response *changed)
{
    changed->singles[0].revoked_at++;
}

static void an_answer_that_breaks_a_rule_is_refused(void **state)
{
    static const struct {
        void (*change)(struct ocsp_response *changed);
        const char *sentence;
    } rows[] = {
        {foreign_key_hash, "the responder is not byKey this key (RFC 6960, 4.2.1)"},
        {no_next_update, "an answer without nextUpdate"},
        {next_update_at_once, "nextUpdate of an answer is not after its thisUpdate"},
        {next_update_too_late, "nextUpdate of an answer is later than response_hours"},
        {from_the_future, "thisUpdate of an answer is after producedAt"},
        {revoked_in_the_future, "a revocation after producedAt"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ocsp_response changed = response();
        struct err err = {0};

        rows[i].change(&changed);
        assert_int_equal(check(&changed, &err), -ERR_UNTRUSTED);
        assert_string_equal(err.text, rows[i].sentence);
    }
}

/* responderID by name, [1], in place of byKey, [2]. */
static void a_responder_by_name_is_refused(void **state)
{
    static const uint8_t by_key[] = {0xa2, 22, 4, 20, 1, 2, 3};
    static const uint8_t by_name[] = {0xa1, 22,  0x30, 20,  0x31, 18,   0x30, 16,
                                      6,    3,   0x55, 4,   3,    0x0c, 9,    'a',
                                      'b',  'c', 'd',  'e', 'f',  'g',  'h',  'i'};
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct ocsp_response made = response();
    uint8_t *at;

    (void)state;
    assert_int_equal(ocsp_response_build_data(&made, &data, NULL), 0);
    at = memmem(data.ptr, data.len, by_key, sizeof by_key);
    assert_non_null(at);
    memcpy(at, by_name, sizeof by_name);
    assert_int_equal(role_ocsp_check_response(BYTES_ARRAY(own_id), HOURS, buf_bytes(&data), NULL),
                     -ERR_UNTRUSTED);
}

static void what_is_no_response_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct ocsp_response made = response();
    struct bytes id = BYTES_ARRAY(own_id);

    (void)state;
    assert_int_equal(ocsp_response_build_data(&made, &data, NULL), 0);
    assert_int_equal(role_ocsp_check_response(id, HOURS, bytes_of(data.ptr, data.len - 1), NULL),
                     -ERR_INPUT);
    assert_int_equal(buf_append_byte(&data, 0, NULL), 0);
    assert_int_equal(role_ocsp_check_response(id, HOURS, buf_bytes(&data), NULL), -ERR_INPUT);
    assert_int_equal(role_ocsp_check_response(id, HOURS, bytes_of(NULL, 0), NULL), -ERR_INPUT);
    assert_int_equal(
        role_ocsp_check_response(id, HOURS, x509_cert_tbs(pki.certs[PROFILE_SIGN])->der, NULL),
        -ERR_INPUT);
}

static void an_answer_by_the_key_itself_passes(void **state)
{
    struct ocsp_response made = response();

    (void)state;
    assert_int_equal(check(&made, NULL), 0);
    /* Of an unknown certificate nothing is said, not even until when. */
    made.singles[1].status = OCSP_UNKNOWN;
    made.singles[1].next_update = 0;
    assert_int_equal(check(&made, NULL), 0);
}

static void only_a_request_is_a_request(void **state)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf whole = BUF_INIT;
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    const struct bytes one = buf_bytes(&cert_id);
    const struct bytes none = {NULL, 0};
    const struct ocsp_question question = {.cert_ids = &one, .count = 1};
    struct ocsp_response made = response();

    (void)state;
    assert_int_equal(ocsp_request_build(&question, &tbs, NULL), 0);
    assert_int_equal(role_ocsp_check_request(bytes_of(tbs.ptr, tbs.len - 1), NULL), -ERR_INPUT);
    assert_int_equal(role_ocsp_check_request(none, NULL), -ERR_INPUT);
    assert_int_equal(role_ocsp_check_request(BYTES_LITERAL("garbage"), NULL), -ERR_INPUT);
    assert_int_equal(role_ocsp_check_request(x509_cert_tbs(pki.certs[PROFILE_SIGN])->der, NULL),
                     -ERR_INPUT);
    assert_int_equal(ocsp_response_build_data(&made, &data, NULL), 0);
    assert_int_equal(role_ocsp_check_request(buf_bytes(&data), NULL), -ERR_INPUT);
    /* A request around it, and two of them in a row. */
    assert_int_equal(ocsp_request_assemble(buf_bytes(&tbs), none, none, &whole, NULL), 0);
    assert_int_equal(role_ocsp_check_request(buf_bytes(&whole), NULL), -ERR_INPUT);
    assert_int_equal(role_ocsp_check_request(buf_bytes(&tbs), NULL), 0);
    buf_clear(&whole);
    assert_int_equal(buf_append(&whole, buf_bytes(&tbs), NULL), 0);
    assert_int_equal(buf_append(&whole, buf_bytes(&tbs), NULL), 0);
    assert_int_equal(role_ocsp_check_request(buf_bytes(&whole), NULL), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_that_breaks_a_rule_is_refused),
        cmocka_unit_test(a_responder_by_name_is_refused),
        cmocka_unit_test(what_is_no_response_is_refused),
        cmocka_unit_test(an_answer_by_the_key_itself_passes),
        cmocka_unit_test(only_a_request_is_a_request),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
