/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/index_status.h"

#include "support/pki.h"
#include "support/revocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct test_pki pki;
static struct test_pki other; /* the same names, other keys */
static struct revocation_set *empty, *full;

/* The holder's number is 2, that of the one who logs in 0x8000. */
static const struct revocation entries[] = {{1, TEST_PKI_NOW - 9, CRL_SUPERSEDED},
                                            {2, TEST_PKI_NOW - 8, CRL_AFFILIATION_CHANGED},
                                            {0x8000, TEST_PKI_NOW - 7, CRL_CERTIFICATE_HOLD}};

static void collect(size_t count, struct revocation_set **ret)
{
    struct test_revocations all = {.entries = entries, .count = count};
    struct revocation_source source = test_revocations_source(&all);

    assert_int_equal(revocation_set_new(&source, ret, NULL), 0);
}

static int setup(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_pki_make(&other);
    collect(0, &empty);
    collect(3, &full);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_pki_done(&other);
    revocation_set_freep(&empty);
    revocation_set_freep(&full);
    return 0;
}

/* Everything that a CA issued, from an hour ago to in an hour. */
static struct revocation_index index_of(enum profile_kind ca, const struct revocation_set *set)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[ca]);

    return (struct revocation_index){.issuer = tbs->subject,
                                     .authority_key_id = tbs->subject_key_id,
                                     .voucher = tbs->spki,
                                     .this_update = TEST_PKI_NOW - 3600,
                                     .next_update = TEST_PKI_NOW + 3600,
                                     .set = set};
}

static struct status look(const struct revocation_index *indexes, size_t count,
                          enum profile_kind kind, struct report *report)
{
    const enum profile_kind ca = profile_kind_of(profile_issuer(profile_of(kind)));
    const struct status_question question = {pki.certs[kind], pki.certs[ca], TEST_PKI_NOW};
    const struct index_list list = {indexes, count};
    const struct status_source source = index_status_source(&list);
    struct status status = {.answer = STATUS_GOOD};

    *report = (struct report){.verdict = VERDICT_VALID};
    assert_int_equal(source.look(source.context, &question, report, &status, NULL), 0);
    return status;
}

/* Exactly this, and nothing is known. */
static void assert_says(const struct revocation_index *index, enum reason reason)
{
    struct report report;

    assert_int_equal(look(index, 1, PROFILE_SIGN, &report).answer, STATUS_NOT_KNOWN);
    assert_int_equal(report.reason_count, 1);
    assert_string_equal(reason_name(report.reasons[0]), reason_name(reason));
}

static void without_an_index_nothing_is_known(void **state)
{
    struct report report;

    (void)state;
    assert_int_equal(look(NULL, 0, PROFILE_SIGN, &report).answer, STATUS_NOT_KNOWN);
    assert_true(report.reason_count == 1 && report_has(&report, REASON_CRL_MISSING));
}

static void another_place_is_not_covered(void **state)
{
    struct revocation_index index = index_of(PROFILE_SIGN_CA, empty);

    (void)state;
    index.point = index.issuer;
    assert_says(&index, REASON_CRL_MISSING);
}

static void another_ca_says_nothing_whatever_its_name(void **state)
{
    struct revocation_index index = index_of(PROFILE_SIGN_CA, empty);

    (void)state;
    index.authority_key_id = x509_cert_tbs(other.certs[PROFILE_SIGN_CA])->subject_key_id;
    assert_says(&index, REASON_CRL_OTHER_ISSUER);
    index = index_of(PROFILE_AUTH_CA, empty);
    assert_says(&index, REASON_CRL_OTHER_ISSUER);
}

static void nobody_or_another_key_vouches_for_nothing(void **state)
{
    struct revocation_index index = index_of(PROFILE_SIGN_CA, empty);

    (void)state;
    index.voucher = x509_cert_tbs(other.certs[PROFILE_SIGN_CA])->spki;
    assert_says(&index, REASON_CRL_FORGED);
    index.voucher = (struct bytes){NULL, 0};
    assert_says(&index, REASON_CRL_FORGED);
    index = index_of(PROFILE_SIGN_CA, NULL);
    assert_says(&index, REASON_CRL_FORGED);
}

static void it_holds_from_this_to_next_update(void **state)
{
    struct revocation_index index = index_of(PROFILE_SIGN_CA, empty);
    struct report report;

    (void)state;
    index.next_update = TEST_PKI_NOW - 1;
    assert_says(&index, REASON_CRL_EXPIRED);
    index.next_update = TEST_PKI_NOW;
    assert_int_equal(look(&index, 1, PROFILE_SIGN, &report).answer, STATUS_GOOD);
    index.next_update = TEST_PKI_NOW + 3600;
    index.this_update = TEST_PKI_NOW + STATUS_SKEW + 1;
    assert_says(&index, REASON_CRL_FROM_FUTURE);
    index.this_update = TEST_PKI_NOW + STATUS_SKEW;
    assert_int_equal(look(&index, 1, PROFILE_SIGN, &report).answer, STATUS_GOOD);
}

static void revoked_and_held_have_time_and_reason(void **state)
{
    const struct revocation_index sign = index_of(PROFILE_SIGN_CA, full);
    const struct revocation_index auth = index_of(PROFILE_AUTH_CA, full);
    struct report report;
    struct status status = look(&sign, 1, PROFILE_SIGN, &report);

    (void)state;
    assert_int_equal(status.answer, STATUS_REVOKED);
    assert_int_equal(status.revoked_at, TEST_PKI_NOW - 8);
    assert_int_equal(status.reason, CRL_AFFILIATION_CHANGED);
    assert_true(report.reason_count == 1 && report_has(&report, REASON_REVOKED));
    status = look(&auth, 1, PROFILE_AUTH, &report);
    assert_int_equal(status.answer, STATUS_REVOKED);
    assert_int_equal(status.reason, CRL_CERTIFICATE_HOLD);
    assert_true(report.reason_count == 1 && report_has(&report, REASON_HELD));
}

static void of_several_the_newest_counts_and_problems_of_others_do_not(void **state)
{
    struct revocation_index indexes[] = {index_of(PROFILE_SIGN_CA, full),
                                         index_of(PROFILE_SIGN_CA, empty),
                                         index_of(PROFILE_AUTH_CA, full)};
    struct report report;

    (void)state;
    indexes[1].this_update++;
    assert_int_equal(look(indexes, 3, PROFILE_SIGN, &report).answer, STATUS_GOOD);
    assert_int_equal(report.reason_count, 0);
    indexes[0].this_update += 2;
    assert_int_equal(look(indexes, 3, PROFILE_SIGN, &report).answer, STATUS_REVOKED);
    assert_int_equal(report.reason_count, 1);
}

/* It would be good because it cannot be found; RFC 5280 allows 20 octets, a set has four. */
static void a_number_that_no_set_can_have_is_not_known(void **state)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    const struct revocation_index index = index_of(PROFILE_SIGN_CA, empty);
    const struct index_list list = {&index, 1};
    const struct status_source source = index_status_source(&list);
    const struct tbs *tbs = x509_cert_tbs(pki.certs[PROFILE_SIGN]);
    CLEANUP(buf_done) struct buf longer = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct report report = {.verdict = VERDICT_VALID};
    struct status_question question = {.issuer = pki.certs[PROFILE_SIGN_CA], .at = TEST_PKI_NOW};
    struct status status;
    size_t at = (size_t)(tbs->serial.ptr - tbs->der.ptr);

    (void)state;
    /* SEQUENCE, version, INTEGER of one octet: five instead, and everything four longer. */
    assert_int_equal(buf_append(&longer, bytes_part(tbs->der, 0, at - 1), NULL), 0);
    assert_int_equal(buf_append(&longer, BYTES_LITERAL("\x05\x01\x02\x03\x04\x05"), NULL), 0);
    assert_int_equal(buf_append(&longer, bytes_part(tbs->der, at + 1, tbs->der.len), NULL), 0);
    longer.ptr[2] = (uint8_t)((tbs->der.len - 4 + 4) >> 8);
    longer.ptr[3] = (uint8_t)(tbs->der.len - 4 + 4);
    test_pki_sign(buf_bytes(&longer), pki.keys[PROFILE_SIGN_CA], &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    question.cert = cert;
    assert_int_equal(source.look(source.context, &question, &report, &status, NULL), 0);
    assert_int_equal(status.answer, STATUS_NOT_KNOWN);
    assert_true(report_has(&report, REASON_CRL_MISSING));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_index_nothing_is_known),
        cmocka_unit_test(another_place_is_not_covered),
        cmocka_unit_test(another_ca_says_nothing_whatever_its_name),
        cmocka_unit_test(nobody_or_another_key_vouches_for_nothing),
        cmocka_unit_test(it_holds_from_this_to_next_update),
        cmocka_unit_test(a_number_that_no_set_can_have_is_not_known),
        cmocka_unit_test(revoked_and_held_have_time_and_reason),
        cmocka_unit_test(of_several_the_newest_counts_and_problems_of_others_do_not),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
