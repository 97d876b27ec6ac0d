/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/crl/gate.h"

#include "authority/limits.h"
#include "revocation/crl_write.h"
#include "support/pki.h"
#include "support/revocations.h"
#include "x509/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = TEST_PKI_NOW, LASTS = CRL_HOURS * 3600, LIMIT = 1 << 20 };

static const struct revocation entries[] = {{3, NOW - 10, CRL_SUPERSEDED},
                                            {7, NOW, CRL_CERTIFICATE_HOLD}};
enum { COUNT = sizeof entries / sizeof entries[0] };

static struct test_pki pki;
static struct buf point; /* of a municipality */

static int make_pki(void **state)
{
    static const struct name_row rows[] = {{OID_COMMON_NAME, DER_UTF8_STRING, "Kobe-shi CRLDP"}};

    (void)state;
    test_pki_make(&pki);
    return name_build(rows, 1, &point, NULL);
}

static int drop_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    buf_done(&point);
    return 0;
}

/* A list as it should be, to be changed. */
static struct crl_head good_head(void)
{
    const struct tbs *ca = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]);

    return (struct crl_head){.issuer = ca->subject,
                             .authority_key_id = ca->subject_key_id,
                             .number = 5,
                             .this_update = NOW,
                             .next_update = NOW + LASTS,
                             .distribution_point = buf_bytes(&point),
                             .scope = CRL_SCOPE_USERS};
}

static struct gate_terms good_terms(void)
{
    return (struct gate_terms){.ca = pki.certs[PROFILE_SIGN_CA],
                               .point = buf_bytes(&point),
                               .scope = CRL_SCOPE_USERS,
                               .number = 5,
                               .number_before = 4,
                               .this_update = NOW,
                               .next_update = NOW + LASTS,
                               .now = NOW};
}

static void make_list(const struct crl_head *head, const struct revocation *all, size_t count,
                      enum profile_kind signer, struct buf *ret)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct test_revocations array = {.entries = all, .count = count};
    const struct revocation_source source = test_revocations_source(&array);
    const struct crl_sink to_tbs = crl_sink_buf(&tbs);
    const struct crl_sink to_list = crl_sink_buf(ret);
    struct digest digest;

    assert_int_equal(crl_write_tbs(head, &source, &to_tbs, NULL, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&tbs), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[signer], &digest, &signature, NULL), 0);
    assert_int_equal(crl_assemble(buf_bytes(&tbs), buf_bytes(&signature), &to_list, NULL), 0);
}

static int check_list(struct bytes der, struct gate_terms terms, struct err *err)
{
    struct test_revocations array = {.entries = entries, .count = COUNT};
    const struct revocation_source source = test_revocations_source(&array);
    struct crl crl;

    terms.entries = &source;
    assert_int_equal(crl_parse(der, LIMIT, &crl, NULL), 0);
    return gate_check(&crl, &terms, err);
}

/* A list with this head, signed by the right key, is refused with these words. */
static void assert_refused(const struct crl_head *head, const struct gate_terms *terms,
                           const char *words)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct err err = {0};

    make_list(head, entries, COUNT, PROFILE_SIGN_CA, &der);
    assert_int_equal(check_list(buf_bytes(&der), *terms, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, words));
}

static void a_list_of_somebody_else_is_refused(void **state)
{
    const struct gate_terms terms = good_terms();
    const struct tbs *other = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA]);
    struct crl_head head = good_head();

    (void)state;
    head.issuer = other->subject;
    assert_refused(&head, &terms, "issuer");
    head = good_head();
    head.authority_key_id = other->subject_key_id;
    assert_refused(&head, &terms, "authorityKeyIdentifier");
}

static void a_number_that_does_not_rise_is_refused(void **state)
{
    struct gate_terms terms = good_terms();
    struct crl_head head = good_head();

    (void)state;
    head.number = 6;
    assert_refused(&head, &terms, "another number");
    head.number = terms.number = terms.number_before = 5;
    assert_refused(&head, &terms, "not above");
    terms.number_before = 6;
    assert_refused(&head, &terms, "not above");
}

static void a_list_for_another_place_is_refused(void **state)
{
    struct gate_terms terms = good_terms();
    struct crl_head head = good_head();

    (void)state;
    head.distribution_point = head.issuer;
    assert_refused(&head, &terms, "distribution point");
    head.distribution_point = bytes_of(NULL, 0); /* of everything */
    assert_refused(&head, &terms, "distribution point");
    head = good_head();
    head.scope = CRL_SCOPE_CAS;
    assert_refused(&head, &terms, "not for the certificates");
    terms.point = bytes_of(NULL, 0);
    head = good_head();
    assert_refused(&head, &terms, "distribution point");
}

static void dates_that_are_not_sane_are_refused(void **state)
{
    struct gate_terms terms = good_terms();
    struct crl_head head = good_head();

    (void)state;
    head.this_update--;
    assert_refused(&head, &terms, "other dates");
    head = good_head();
    terms.now = NOW - 1;
    assert_refused(&head, &terms, "future");
    terms = good_terms();
    terms.next_update = head.next_update = NOW + LASTS + 1;
    assert_refused(&head, &terms, "nextUpdate");
    terms.next_update = head.next_update = NOW;
    assert_refused(&head, &terms, "nextUpdate");
    head = good_head();
    terms = good_terms();
    head.this_update = terms.this_update = terms.now =
        x509_cert_tbs(pki.certs[PROFILE_SIGN_CA])->not_after + 1;
    head.next_update = terms.next_update = head.this_update + 1;
    assert_refused(&head, &terms, "validity of the CA");
}

static void a_signature_by_another_key_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct crl_head head = good_head();
    struct err err = {0};

    (void)state;
    make_list(&head, entries, COUNT, PROFILE_AUTH_CA, &der);
    assert_int_equal(check_list(buf_bytes(&der), good_terms(), &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "signature"));
}

static void entries_must_be_those_of_the_database(void **state)
{
    static const struct {
        struct revocation entries[3];
        size_t count;
        const char *words;
    } rows[] = {
        {{{3, NOW - 10, CRL_SUPERSEDED}}, 1, "fewer"},
        {{{3, NOW - 10, CRL_SUPERSEDED},
          {7, NOW, CRL_CERTIFICATE_HOLD},
          {8, NOW, CRL_CERTIFICATE_HOLD}},
         3,
         "more"},
        {{{3, NOW - 10, CRL_SUPERSEDED}, {8, NOW, CRL_CERTIFICATE_HOLD}}, 2, "other"},
        {{{3, NOW - 11, CRL_SUPERSEDED}, {7, NOW, CRL_CERTIFICATE_HOLD}}, 2, "other"},
        {{{3, NOW - 10, CRL_SUPERSEDED}, {7, NOW, CRL_SUPERSEDED}}, 2, "other"},
        {{{3, NOW + 1, CRL_SUPERSEDED}, {7, NOW, CRL_CERTIFICATE_HOLD}}, 2, "after thisUpdate"},
    };
    const struct crl_head head = good_head();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        struct err err = {0};

        make_list(&head, rows[i].entries, rows[i].count, PROFILE_SIGN_CA, &der);
        assert_int_equal(check_list(buf_bytes(&der), good_terms(), &err), -ERR_CONFLICT);
        assert_non_null(strstr(err.text, rows[i].words));
    }
}

static void a_list_as_it_was_meant_passes(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct crl_head head = good_head();

    (void)state;
    make_list(&head, entries, COUNT, PROFILE_SIGN_CA, &der);
    assert_int_equal(check_list(buf_bytes(&der), good_terms(), NULL), 0);
}

/* Number 7 may leave; asking for number 9 fails. */
static int seven_may(const void *context, uint32_t serial, bool *ret, struct err *err)
{
    (void)context;
    if (serial == 9)
        return FAIL(err, ERR_SYSTEM, "the disk is gone");
    *ret = serial == 7;
    return 0;
}

static const struct crl_watch *watch; /* of the comparisons below */

static int compare(const struct revocation *old, size_t old_count, const struct revocation *new,
                   size_t new_count, struct err *err)
{
    const struct gate_leave leave = {seven_may, NULL, watch};
    const struct crl_head head = good_head();
    CLEANUP(buf_done) struct buf old_der = BUF_INIT;
    CLEANUP(buf_done) struct buf new_der = BUF_INIT;
    struct crl before;
    struct crl after;

    make_list(&head, old, old_count, PROFILE_SIGN_CA, &old_der);
    make_list(&head, new, new_count, PROFILE_SIGN_CA, &new_der);
    assert_int_equal(crl_parse(buf_bytes(&old_der), LIMIT, &before, NULL), 0);
    assert_int_equal(crl_parse(buf_bytes(&new_der), LIMIT, &after, NULL), 0);
    return gate_compare(&before, &after, &leave, err);
}

static void an_entry_leaves_only_if_it_may(void **state)
{
    static const struct revocation nine[] = {{9, NOW, CRL_SUPERSEDED}};
    struct err err = {0};

    (void)state;
    assert_int_equal(compare(entries, 2, entries + 1, 1, &err), -ERR_CONFLICT); /* 3 is gone */
    assert_non_null(strstr(err.text, "lost an entry"));
    assert_int_equal(compare(entries, 2, NULL, 0, NULL), -ERR_CONFLICT);
    assert_int_equal(compare(nine, 1, NULL, 0, NULL), -ERR_SYSTEM);
    assert_int_equal(compare(entries, 2, entries, 1, NULL), 0); /* 7 is gone */
    assert_int_equal(compare(NULL, 0, entries, 2, NULL), 0);
}

static void an_entry_changes_only_from_hold_to_final(void **state)
{
    static const struct revocation final[] = {{3, NOW - 10, CRL_SUPERSEDED},
                                              {7, NOW, CRL_KEY_COMPROMISE}};
    static const struct revocation redated[] = {{3, NOW - 10, CRL_SUPERSEDED},
                                                {7, NOW - 1, CRL_KEY_COMPROMISE}};
    struct err err = {0};

    (void)state;
    assert_int_equal(compare(entries, 2, final, 2, NULL), 0);
    assert_int_equal(compare(final, 2, entries, 2, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "something else"));
    assert_int_equal(compare(entries, 2, redated, 2, NULL), -ERR_CONFLICT);
}

static int stop(void *context, struct err *err)
{
    ++*(int *)context;
    return FAIL(err, ERR_REMOTE, "stopped");
}

/* No conflict, which somebody would have to look into. */
static void who_is_told_to_stop_stops(void **state)
{
    int looks = 0;
    const struct crl_watch stopping = {stop, &looks};
    const struct crl_head head = good_head();
    struct gate_terms terms = good_terms();
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    make_list(&head, entries, COUNT, PROFILE_SIGN_CA, &der);
    terms.watch = watch = &stopping;
    assert_int_equal(check_list(buf_bytes(&der), terms, NULL), -ERR_REMOTE);
    assert_int_equal(compare(entries, 2, entries, 2, NULL), -ERR_REMOTE);
    assert_int_equal(looks, 2);
    watch = NULL;
}

static int go_on(void *context, struct err *err)
{
    (void)err;
    ++*(int *)context;
    return 0;
}

static void who_is_watched_sees_the_same(void **state)
{
    int looks = 0;
    const struct crl_watch looking = {go_on, &looks};
    struct crl_head head = good_head();
    struct gate_terms terms = good_terms();
    CLEANUP(buf_done) struct buf good = BUF_INIT;
    CLEANUP(buf_done) struct buf bad = BUF_INIT;
    struct err err;

    (void)state;
    make_list(&head, entries, COUNT, PROFILE_SIGN_CA, &good);
    make_list(&head, entries, COUNT, PROFILE_AUTH_CA, &bad);
    terms.watch = &looking;
    assert_int_equal(check_list(buf_bytes(&good), terms, NULL), 0);
    assert_int_equal(check_list(buf_bytes(&bad), terms, &err), -ERR_CONFLICT);
    assert_string_equal(err.text, "its signature is not by the key of the CA");
    assert_int_equal(looks, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_of_somebody_else_is_refused),
        cmocka_unit_test(a_number_that_does_not_rise_is_refused),
        cmocka_unit_test(a_list_for_another_place_is_refused),
        cmocka_unit_test(dates_that_are_not_sane_are_refused),
        cmocka_unit_test(a_signature_by_another_key_is_refused),
        cmocka_unit_test(entries_must_be_those_of_the_database),
        cmocka_unit_test(a_list_as_it_was_meant_passes),
        cmocka_unit_test(an_entry_leaves_only_if_it_may),
        cmocka_unit_test(an_entry_changes_only_from_hold_to_final),
        cmocka_unit_test(who_is_told_to_stop_stops),
        cmocka_unit_test(who_is_watched_sees_the_same),
    };

    return cmocka_run_group_tests(tests, make_pki, drop_pki);
}
