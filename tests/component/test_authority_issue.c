/* SPDX-License-Identifier: Apache-2.0 */
/* Issuing with a real signerd behind it: limits, dead and unwilling signers, restored databases. */
#include "authority/authority.h"

#include "authority/limits.h"
#include "base/file.h"
#include "support/auditlog.h"
#include "support/signing_authority.h"
#include "x509/csr.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { DAY = 86400, CARD_KEYS = 3 };
/* 23:59:59 in Japan, so that whole days later are it too. */
enum { NOW = 1795445999 };
static const int64_t now = NOW;

static struct test_pki pki;
static struct buf requests[CARD_KEYS]; /* PKCS#10 of as many keys */

static struct signing_authority f;
static const struct audit_origin by = {.at = NOW, .actor = "uid:1000"};

static void make_larger_request(struct buf *ret)
{
    CLEANUP(privkey_freep) struct privkey *key = NULL;

    assert_int_equal(privkey_generate(SUBJECT_KEY_BITS + 1024, &key, NULL), 0);
    test_pki_request(key, ret);
}

static int make_keys(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_requests_make(requests, CARD_KEYS);
    return 0;
}

static int release_keys(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_requests_done(requests, CARD_KEYS);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    signing_authority_make(&f, &pki, now);
    signing_authority_start(&f, &by);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    signing_authority_done(&f);
    return 0;
}

static struct issue_request auth_request(const char *id, size_t key)
{
    return (struct issue_request){.kind = CA_AUTH,
                                  .request_id = id,
                                  .csr = buf_bytes(&requests[key]),
                                  .by = &by,
                                  .not_after = now + 100 * DAY,
                                  .prefecture = "Hyogo-ken",
                                  .window_id = "28100003A"};
}

/* Issue; the serial number on success. */
static int issue(const struct issue_request *request, uint32_t *ret_serial, struct err *err)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;

    TRY(authority_issue(&f.authority, f.signer, request, &record, err));
    assert_true(record.certificate.len > 0);
    *ret_serial = record.serial;
    return 0;
}

static int try_issue(const struct issue_request *request)
{
    uint32_t serial;

    return issue(request, &serial, NULL);
}

static void a_request_id_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    char id[REQUEST_ID_MAX + 2];
    struct issue_request request = auth_request(id, 0);

    (void)state;
    memset(id, 'a', sizeof id);
    id[REQUEST_ID_MAX + 1] = '\0';
    assert_int_equal(try_issue(&request), -ERR_INPUT);
    id[REQUEST_ID_MAX] = '\0';
    assert_int_equal(try_issue(&request), 0);
    id[0] = '\0';
    assert_int_equal(try_issue(&request), -ERR_INPUT);
    strcpy(id, "a/b");
    assert_int_equal(try_issue(&request), -ERR_INPUT);
}

static void a_subject_of_another_length_is_refused(void **state)
{
    char subject[SUBJECT_LEN + 2];
    struct issue_request request = auth_request("a", 0);

    (void)state;
    request.subject = subject;
    memset(subject, 'a', sizeof subject);
    subject[SUBJECT_LEN + 1] = '\0';
    assert_int_equal(try_issue(&request), -ERR_INPUT);
    subject[SUBJECT_LEN - 1] = '\0';
    assert_int_equal(try_issue(&request), -ERR_INPUT);
    subject[SUBJECT_LEN - 1] = 'A';
    subject[SUBJECT_LEN] = '\0';
    assert_int_equal(try_issue(&request), -ERR_INPUT);
    subject[SUBJECT_LEN - 1] = '0';
    assert_int_equal(try_issue(&request), 0);
}

static void a_key_of_another_size_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf larger = BUF_INIT;
    struct issue_request request = auth_request("a", 0);

    (void)state;
    make_larger_request(&larger);
    request.csr = buf_bytes(&larger);
    assert_int_equal(try_issue(&request), -ERR_INPUT);
}

/* The next generation of keys is the softcard's own CA's: this authority certifies RSA. */
static void a_key_that_is_not_rsa_is_refused(void **state)
{
    CLEANUP(privkey_freep) struct privkey *p384 = NULL;
    CLEANUP(record_done) struct record record = RECORD_INIT;
    CLEANUP(buf_done) struct buf csr = BUF_INIT;
    struct issue_request request = auth_request("a", 0);
    struct err err = {0};

    (void)state;
    assert_int_equal(privkey_generate_p384(&p384, NULL), 0);
    test_pki_request(p384, &csr);
    request.csr = buf_bytes(&csr);
    assert_int_equal(authority_issue(&f.authority, f.signer, &request, &record, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "a P-384 key where only RSA keys are used"));
}

static void a_lifetime_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    struct issue_request request = auth_request("a", 0);

    (void)state;
    request.not_after = now + (int64_t)(LIFETIME_MAX_DAYS + 1) * DAY;
    assert_int_equal(try_issue(&request), -ERR_INPUT);
    request.not_after = now;
    assert_int_equal(try_issue(&request), -ERR_INPUT);
    request.not_after = now + DAY - 1;
    assert_int_equal(try_issue(&request), -ERR_INPUT);
    request.not_after = now + (int64_t)LIFETIME_MAX_DAYS * DAY;
    assert_int_equal(try_issue(&request), 0);
}

static void a_clock_before_the_ca_is_named_and_costs_no_number(void **state)
{
    struct issue_request request = auth_request("a", 0);
    struct err err = {0};
    uint32_t serial;

    (void)state;
    f.clock = clock_fixed(now - 1);
    assert_int_equal(issue(&request, &serial, &err), -ERR_SYSTEM);
    assert_non_null(strstr(err.text, "the clock is wrong"));
    f.clock = clock_fixed(now);
    assert_int_equal(issue(&request, &serial, NULL), 0);
    assert_int_equal(serial, CA_SERIAL + 1);
}

/* Numbers follow the commits, whatever the clock says, and what was issued stays as it is. */
static void a_clock_that_steps_back_changes_nothing_that_was_issued(void **state)
{
    struct issue_request first = auth_request("a", 0);
    struct issue_request second = auth_request("b", 1);
    CLEANUP(record_done) struct record record = RECORD_INIT;
    uint32_t serial;

    (void)state;
    f.clock = clock_fixed(now + 2 * DAY);
    assert_int_equal(issue(&first, &serial, NULL), 0);
    f.clock = clock_fixed(now + DAY);
    assert_int_equal(issue(&second, &serial, NULL), 0);
    assert_int_equal(serial, CA_SERIAL + 2);
    assert_int_equal(issue(&first, &serial, NULL), 0);
    assert_int_equal(serial, CA_SERIAL + 1);
    assert_int_equal(authority_get_record(f.store, CA_AUTH, CA_SERIAL + 1, &record, NULL), 0);
    assert_true(record.reserved_at == now + 2 * DAY);
}

static void no_certificate_outlives_its_ca(void **state)
{
    struct issue_request request = auth_request("a", 0);

    (void)state;
    f.clock = clock_fixed(now + (int64_t)9 * 366 * DAY);
    request.not_after = f.clock.fixed + 400 * DAY;
    assert_int_equal(try_issue(&request), -ERR_CONFLICT);
}

static void personal_data_are_in_sign_requests_and_nowhere_else(void **state)
{
    struct issue_request request = auth_request("a", 0);

    (void)state;
    request.holder = test_pki_holder();
    assert_int_equal(try_issue(&request), -ERR_INPUT);
    request.kind = CA_SIGN;
    assert_int_equal(try_issue(&request), -ERR_INPUT); /* no municipality */
    request.municipality = "Kobe-shi";
    assert_int_equal(try_issue(&request), 0);
    request.holder = NULL;
    assert_int_equal(try_issue(&request), -ERR_INPUT);
}

static void a_known_request_gets_its_certificate_at_any_time(void **state)
{
    struct issue_request request = auth_request("a", 0);
    struct issue_request other = auth_request("b", 0);
    uint32_t first;
    uint32_t again;

    (void)state;
    assert_int_equal(issue(&request, &first, NULL), 0);
    f.clock = clock_fixed(now + 1000 * DAY);
    assert_int_equal(issue(&request, &again, NULL), 0);
    assert_int_equal(first, again);
    request.window_id = "28100003B";
    assert_int_equal(try_issue(&request), -ERR_CONFLICT);
    assert_int_equal(try_issue(&other), -ERR_CONFLICT); /* the same key */
}

static void what_a_dead_signer_left_is_finished_later(void **state)
{
    struct issue_request first = auth_request("a", 0);
    struct issue_request second = auth_request("b", 1);
    struct resumed counts;
    uint32_t serial;

    (void)state;
    assert_int_equal(signer_site_stop(f.signerd, SIGKILL), 128 + SIGKILL);
    assert_int_equal(try_issue(&first), -ERR_REMOTE);
    assert_int_equal(try_issue(&second), -ERR_REMOTE);
    assert_int_equal(authority_resume(&f.authority, f.signer, &counts, NULL), -ERR_REMOTE);
    f.signerd = signer_site_start(&f.site, STALL_MS);
    assert_int_equal(issue(&second, &serial, NULL), 0);
    assert_int_equal(serial, 3);
    assert_int_equal(authority_resume(&f.authority, f.signer, &counts, NULL), 0);
    assert_int_equal(counts.finished, 1);
    assert_int_equal(counts.failed, 0);
    assert_int_equal(issue(&first, &serial, NULL), 0);
    assert_int_equal(serial, 2);
    assert_int_equal(authority_resume(&f.authority, f.signer, &counts, NULL), 0);
    assert_int_equal(counts.finished, 0);
}

static void restart_signerd(const char *rules)
{
    assert_int_equal(signer_site_stop(f.signerd, SIGTERM), 0);
    signer_site_configure(&f.site, "0", rules);
    f.signerd = signer_site_start(&f.site, STALL_MS);
}

static void a_refusal_of_the_signer_costs_no_serial_number(void **state)
{
    struct issue_request request = auth_request("a", 0);
    struct err err = {0};
    uint32_t serial;

    (void)state;
    restart_signerd("days = 50\n");
    assert_int_equal(issue(&request, &serial, &err), -ERR_SYSTEM);
    assert_non_null(strstr(err.text, "signerd refuses to sign"));
    restart_signerd("");
    assert_int_equal(issue(&request, &serial, NULL), 0);
    assert_int_equal(serial, 2);
}

static void a_database_older_than_the_signer_gives_no_number_twice(void **state)
{
    struct issue_request lost = auth_request("a", 0);
    struct issue_request next = auth_request("b", 1);
    CLEANUP(buf_done) struct buf backup = BUF_INIT;
    struct err err = {0};
    uint32_t serial;

    (void)state;
    authority_store_closep(&f.store);
    assert_int_equal(file_read(f.database, 1 << 20, &backup, NULL), 0);
    signing_authority_open_store(&f);
    assert_int_equal(issue(&lost, &serial, NULL), 0);
    assert_int_equal(serial, 2);
    authority_store_closep(&f.store);
    assert_int_equal(file_replace(f.database, 0600, buf_bytes(&backup), NULL), 0);
    signing_authority_open_store(&f);
    assert_int_equal(issue(&next, &serial, &err), -ERR_SYSTEM);
    assert_non_null(strstr(err.text, "older than signerd's records"));
    assert_int_equal(issue(&next, &serial, NULL), 0);
    assert_int_equal(serial, 3);
}

static void setting_up_a_ca_again_gives_the_same_certificate(void **state)
{
    const struct audit_origin later = audit_by_self(now + DAY);
    struct ca_setup setup = {CA_SIGN, "sign-ca", &later};
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    assert_int_equal(ca_init(f.store, f.signer, &setup, &der, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&der),
                            x509_cert_der(authority_ca(&f.authority, CA_SIGN, 1)->certificate)));
}

/* The SubjectPublicKeyInfo of one of the cards. */
static struct bytes spki_of(size_t key)
{
    struct csr csr;

    assert_int_equal(csr_parse(buf_bytes(&requests[key]), &csr, NULL), 0);
    return csr.spki;
}

static int issue_responder(enum ca_kind kind, struct bytes spki)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    const struct responder_request request = {kind, 1, spki, &by};

    return authority_issue_responder(&f.authority, f.signer, &request, &record, NULL);
}

static void a_responders_key_gets_one_serial_number_whatever_the_signer_does(void **state)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    CLEANUP(buf_done) struct buf larger = BUF_INIT;
    struct issue_request taken = auth_request("a", 1);
    struct tbs tbs;
    struct csr csr;

    (void)state;
    assert_int_equal(try_issue(&taken), 0);
    make_larger_request(&larger);
    assert_int_equal(csr_parse(buf_bytes(&larger), &csr, NULL), 0);
    assert_int_equal(issue_responder(CA_SIGN, csr.spki), -ERR_INPUT);
    assert_int_equal(issue_responder(CA_SIGN, bytes_text("key")), -ERR_INPUT);
    assert_int_equal(issue_responder(CA_SIGN, spki_of(1)), -ERR_CONFLICT);
    assert_int_equal(signer_site_stop(f.signerd, SIGKILL), 128 + SIGKILL);
    f.signerd = -1;
    assert_int_equal(issue_responder(CA_SIGN, spki_of(0)), -ERR_REMOTE);
    f.clock = clock_fixed(now + 50);
    assert_int_equal(issue_responder(CA_SIGN, spki_of(0)), -ERR_REMOTE);
    assert_int_equal(issue_responder(CA_AUTH, spki_of(0)), -ERR_CONFLICT);
    assert_int_equal(authority_next_pending(f.store, CA_SIGN, 0, &record, NULL), 0);
    assert_int_equal(record.serial, 2);
    assert_int_equal(tbs_parse(buf_bytes(&record.tbs), &tbs, NULL), 0);
    assert_int_equal(profile_check(profile_of(PROFILE_OCSP_SIGN), &tbs, NULL), 0);
    assert_int_equal(tbs.not_after - tbs.not_before, 365LL * DAY);
    assert_int_equal(authority_next_pending(f.store, CA_SIGN, 2, &record, NULL), -ERR_ABSENT);
}

/* As jpki-ocspd asks for what follows a certificate; its number. */
static int renew(uint32_t serial, uint32_t *ret, struct err *err)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    const struct renewal_request renewal = {CA_SIGN, serial, &by};
    int rc = authority_renew_responder(&f.authority, f.signer, &renewal, &record, err);

    if (rc == 0)
        *ret = record.serial;
    return rc;
}

static void end_certificate(uint32_t serial)
{
    const struct revocation_request request = {
        .request_id = "r", .kind = CA_SIGN, .serial = serial, .now = now, .by = &by};
    struct revoked revoked;

    assert_int_equal(authority_add_revocation(f.store, &request, &revoked, NULL), 0);
}

static void a_responders_certificate_is_followed_in_time_by_one_other(void **state)
{
    const int64_t end = now + 365LL * DAY;
    uint32_t serial = 0;
    struct err err = {0};

    (void)state;
    assert_int_equal(issue_responder(CA_SIGN, spki_of(0)), 0); /* number 2 */
    assert_int_equal(renew(9, &serial, &err), -ERR_ABSENT);
    assert_int_equal(renew(CA_SERIAL, &serial, &err), -ERR_ABSENT);
    f.clock = clock_fixed(end - APPOINTMENT_RENEW_S - 1);
    assert_int_equal(renew(2, &serial, &err), 0);
    assert_int_equal(serial, 2);
    f.clock = clock_fixed(end - APPOINTMENT_RENEW_S);
    for (int i = 0; i < 2; i++) { /* once, however often it is asked for */
        assert_int_equal(renew(2, &serial, &err), 0);
        assert_int_equal(serial, 3);
    }
    f.clock = clock_fixed(end + DAY); /* also by who slept meanwhile */
    assert_int_equal(renew(2, &serial, &err), 0);
    assert_int_equal(serial, 3);
}

static void what_is_over_or_revoked_is_not_followed_by_itself(void **state)
{
    const int64_t end = now + 365LL * DAY;
    uint32_t serial = 0;
    struct err err = {0};

    (void)state;
    assert_int_equal(issue_responder(CA_SIGN, spki_of(0)), 0); /* number 2 */
    f.clock = clock_fixed(end);
    assert_int_equal(renew(2, &serial, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "only an operator"));
    assert_int_equal(issue_responder(CA_SIGN, spki_of(0)), 0); /* by an operator: number 3 */
    assert_int_equal(renew(2, &serial, &err), 0);
    assert_int_equal(serial, 3);
    f.clock = clock_fixed(end + 365LL * DAY - 1);
    end_certificate(3);
    assert_int_equal(renew(3, &serial, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "is revoked"));
    assert_int_equal(issue_responder(CA_SIGN, spki_of(0)), -ERR_CONFLICT);
}

static void the_log_tells_who_had_which_kind_of_certificate_issued(void **state)
{
    struct issue_request first = auth_request("a", 0);
    struct issue_request second = auth_request("b", 1);
    struct resumed counts;
    struct json *log;

    (void)state;
    assert_int_equal(try_issue(&first), 0);
    assert_int_equal(try_issue(&first), 0);
    assert_int_equal(issue_responder(CA_SIGN, spki_of(2)), 0);
    assert_int_equal(signer_site_stop(f.signerd, SIGKILL), 128 + SIGKILL);
    assert_int_equal(try_issue(&second), -ERR_REMOTE);
    f.signerd = signer_site_start(&f.site, STALL_MS);
    assert_int_equal(authority_resume(&f.authority, f.signer, &counts, NULL), 0);
    assert_int_equal(authority_list_audit(f.store, NULL, &log, NULL), 0);
    assert_log(log, "ca.made uid:1000 sign\n"
                    "ca.made uid:1000 auth\n"
                    "certificate.issued uid:1000 auth\n"
                    "responder.issued uid:1000 sign\n"
                    "certificate.issued self auth\n");
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(a_request_id_at_the_limit_is_taken_and_one_past_it_refused),
        WITH_SITE(a_subject_of_another_length_is_refused),
        WITH_SITE(a_key_of_another_size_is_refused),
        WITH_SITE(a_key_that_is_not_rsa_is_refused),
        WITH_SITE(a_lifetime_at_the_limit_is_taken_and_one_past_it_refused),
        WITH_SITE(a_clock_before_the_ca_is_named_and_costs_no_number),
        WITH_SITE(a_clock_that_steps_back_changes_nothing_that_was_issued),
        WITH_SITE(no_certificate_outlives_its_ca),
        WITH_SITE(personal_data_are_in_sign_requests_and_nowhere_else),
        WITH_SITE(a_known_request_gets_its_certificate_at_any_time),
        WITH_SITE(what_a_dead_signer_left_is_finished_later),
        WITH_SITE(a_refusal_of_the_signer_costs_no_serial_number),
        WITH_SITE(a_database_older_than_the_signer_gives_no_number_twice),
        WITH_SITE(a_responders_key_gets_one_serial_number_whatever_the_signer_does),
        WITH_SITE(a_responders_certificate_is_followed_in_time_by_one_other),
        WITH_SITE(what_is_over_or_revoked_is_not_followed_by_itself),
        WITH_SITE(the_log_tells_who_had_which_kind_of_certificate_issued),
        WITH_SITE(setting_up_a_ca_again_gives_the_same_certificate),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
