/* SPDX-License-Identifier: Apache-2.0 */
/* Issuing with a real signerd behind it: limits, dead and unwilling signers, restored databases. */
#include "authority/authority.h"

#include "authority/limits.h"
#include "base/file.h"
#include "support/auditlog.h"
#include "support/signing_group.h"
#include "x509/csr.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void make_larger_request(struct buf *ret)
{
    CLEANUP(privkey_freep) struct privkey *key = NULL;

    assert_int_equal(privkey_generate(SUBJECT_KEY_BITS + 1024, &key, NULL), 0);
    test_pki_request(key, ret);
}

static struct issue_request auth_request(const char *id, size_t key)
{
    return (struct issue_request){.kind = CA_AUTH,
                                  .request_id = id,
                                  .csr = buf_bytes(&site_requests[key]),
                                  .by = &site_by,
                                  .not_after = SITE_NOW + 100 * SITE_DAY,
                                  .prefecture = "Hyogo-ken",
                                  .window_id = "28100003A"};
}

/* Issue; the serial number on success. */
static int issue(const struct issue_request *request, uint32_t *ret_serial, struct err *err)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;

    TRY(authority_issue(&site.authority, site.signer, request, &record, err));
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
    assert_int_equal(authority_issue(&site.authority, site.signer, &request, &record, &err),
                     -ERR_INPUT);
    assert_non_null(strstr(err.text, "a P-384 key where only RSA keys are used"));
}

static void a_lifetime_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    struct issue_request request = auth_request("a", 0);

    (void)state;
    request.not_after = SITE_NOW + (int64_t)(LIFETIME_MAX_DAYS + 1) * SITE_DAY;
    assert_int_equal(try_issue(&request), -ERR_INPUT);
    request.not_after = SITE_NOW;
    assert_int_equal(try_issue(&request), -ERR_INPUT);
    request.not_after = SITE_NOW + SITE_DAY - 1;
    assert_int_equal(try_issue(&request), -ERR_INPUT);
    request.not_after = SITE_NOW + (int64_t)LIFETIME_MAX_DAYS * SITE_DAY;
    assert_int_equal(try_issue(&request), 0);
}

static void a_clock_before_the_ca_is_named_and_costs_no_number(void **state)
{
    struct issue_request request = auth_request("a", 0);
    struct err err = {0};
    uint32_t serial;

    (void)state;
    site.clock = clock_fixed(SITE_NOW - 1);
    assert_int_equal(issue(&request, &serial, &err), -ERR_SYSTEM);
    assert_non_null(strstr(err.text, "the clock is wrong"));
    site.clock = clock_fixed(SITE_NOW);
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
    site.clock = clock_fixed(SITE_NOW + 2 * SITE_DAY);
    assert_int_equal(issue(&first, &serial, NULL), 0);
    site.clock = clock_fixed(SITE_NOW + SITE_DAY);
    assert_int_equal(issue(&second, &serial, NULL), 0);
    assert_int_equal(serial, CA_SERIAL + 2);
    assert_int_equal(issue(&first, &serial, NULL), 0);
    assert_int_equal(serial, CA_SERIAL + 1);
    assert_int_equal(authority_get_record(site.store, CA_AUTH, CA_SERIAL + 1, &record, NULL), 0);
    assert_true(record.reserved_at == SITE_NOW + 2 * SITE_DAY);
}

static void no_certificate_outlives_its_ca(void **state)
{
    struct issue_request request = auth_request("a", 0);

    (void)state;
    site.clock = clock_fixed(SITE_NOW + (int64_t)9 * 366 * SITE_DAY);
    request.not_after = site.clock.fixed + 400 * SITE_DAY;
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
    site.clock = clock_fixed(SITE_NOW + 1000 * SITE_DAY);
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
    assert_int_equal(signer_site_stop(site.signerd, SIGKILL), 128 + SIGKILL);
    assert_int_equal(try_issue(&first), -ERR_REMOTE);
    assert_int_equal(try_issue(&second), -ERR_REMOTE);
    assert_int_equal(authority_resume(&site.authority, site.signer, &counts, NULL), -ERR_REMOTE);
    site.signerd = signer_site_start(&site.site, STALL_MS);
    assert_int_equal(issue(&second, &serial, NULL), 0);
    assert_int_equal(serial, 3);
    assert_int_equal(authority_resume(&site.authority, site.signer, &counts, NULL), 0);
    assert_int_equal(counts.finished, 1);
    assert_int_equal(counts.failed, 0);
    assert_int_equal(issue(&first, &serial, NULL), 0);
    assert_int_equal(serial, 2);
    assert_int_equal(authority_resume(&site.authority, site.signer, &counts, NULL), 0);
    assert_int_equal(counts.finished, 0);
}

static void restart_signerd(const char *rules)
{
    assert_int_equal(signer_site_stop(site.signerd, SIGTERM), 0);
    signer_site_configure(&site.site, "0", rules);
    site.signerd = signer_site_start(&site.site, STALL_MS);
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
    authority_store_closep(&site.store);
    assert_int_equal(file_read(site.database, 1 << 20, &backup, NULL), 0);
    signing_authority_open_store(&site);
    assert_int_equal(issue(&lost, &serial, NULL), 0);
    assert_int_equal(serial, 2);
    authority_store_closep(&site.store);
    assert_int_equal(file_replace(site.database, 0600, buf_bytes(&backup), NULL), 0);
    signing_authority_open_store(&site);
    assert_int_equal(issue(&next, &serial, &err), -ERR_SYSTEM);
    assert_non_null(strstr(err.text, "older than signerd's records"));
    assert_int_equal(issue(&next, &serial, NULL), 0);
    assert_int_equal(serial, 3);
}

static void setting_up_a_ca_again_gives_the_same_certificate(void **state)
{
    const struct audit_origin later = audit_by_self(SITE_NOW + SITE_DAY);
    struct ca_setup setup = {CA_SIGN, "sign-ca", &later};
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    assert_int_equal(ca_init(site.store, site.signer, &setup, &der, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&der),
                            x509_cert_der(authority_ca(&site.authority, CA_SIGN, 1)->certificate)));
}

/* The SubjectPublicKeyInfo of one of the cards. */
static struct bytes spki_of(size_t key)
{
    struct csr csr;

    assert_int_equal(csr_parse(buf_bytes(&site_requests[key]), &csr, NULL), 0);
    return csr.spki;
}

static int issue_responder(enum ca_kind kind, struct bytes spki)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    const struct responder_request request = {kind, 1, spki, &site_by};

    return authority_issue_responder(&site.authority, site.signer, &request, &record, NULL);
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
    assert_int_equal(signer_site_stop(site.signerd, SIGKILL), 128 + SIGKILL);
    site.signerd = -1;
    assert_int_equal(issue_responder(CA_SIGN, spki_of(0)), -ERR_REMOTE);
    site.clock = clock_fixed(SITE_NOW + 50);
    assert_int_equal(issue_responder(CA_SIGN, spki_of(0)), -ERR_REMOTE);
    assert_int_equal(issue_responder(CA_AUTH, spki_of(0)), -ERR_CONFLICT);
    assert_int_equal(authority_next_pending(site.store, CA_SIGN, 0, &record, NULL), 0);
    assert_int_equal(record.serial, 2);
    assert_int_equal(tbs_parse(buf_bytes(&record.tbs), &tbs, NULL), 0);
    assert_int_equal(profile_check(profile_of(PROFILE_OCSP_SIGN), &tbs, NULL), 0);
    assert_int_equal(tbs.not_after - tbs.not_before, 365LL * SITE_DAY);
    assert_int_equal(authority_next_pending(site.store, CA_SIGN, 2, &record, NULL), -ERR_ABSENT);
}

/* As jpki-ocspd asks for what follows a certificate; its number. */
static int renew(uint32_t serial, uint32_t *ret, struct err *err)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    const struct renewal_request renewal = {CA_SIGN, serial, &site_by};
    int rc = authority_renew_responder(&site.authority, site.signer, &renewal, &record, err);

    if (rc == 0)
        *ret = record.serial;
    return rc;
}

static void end_certificate(uint32_t serial)
{
    const struct revocation_request request = {
        .request_id = "r", .kind = CA_SIGN, .serial = serial, .now = SITE_NOW, .by = &site_by};
    struct revoked revoked;

    assert_int_equal(authority_add_revocation(site.store, &request, &revoked, NULL), 0);
}

static void a_responders_certificate_is_followed_in_time_by_one_other(void **state)
{
    const int64_t end = SITE_NOW + 365LL * SITE_DAY;
    uint32_t serial = 0;
    struct err err = {0};

    (void)state;
    assert_int_equal(issue_responder(CA_SIGN, spki_of(0)), 0); /* number 2 */
    assert_int_equal(renew(9, &serial, &err), -ERR_ABSENT);
    assert_int_equal(renew(CA_SERIAL, &serial, &err), -ERR_ABSENT);
    site.clock = clock_fixed(end - APPOINTMENT_RENEW_S - 1);
    assert_int_equal(renew(2, &serial, &err), 0);
    assert_int_equal(serial, 2);
    site.clock = clock_fixed(end - APPOINTMENT_RENEW_S);
    for (int i = 0; i < 2; i++) { /* once, however often it is asked for */
        assert_int_equal(renew(2, &serial, &err), 0);
        assert_int_equal(serial, 3);
    }
    site.clock = clock_fixed(end + SITE_DAY); /* also by who slept meanwhile */
    assert_int_equal(renew(2, &serial, &err), 0);
    assert_int_equal(serial, 3);
}

static void what_is_over_or_revoked_is_not_followed_by_itself(void **state)
{
    const int64_t end = SITE_NOW + 365LL * SITE_DAY;
    uint32_t serial = 0;
    struct err err = {0};

    (void)state;
    assert_int_equal(issue_responder(CA_SIGN, spki_of(0)), 0); /* number 2 */
    site.clock = clock_fixed(end);
    assert_int_equal(renew(2, &serial, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "only an operator"));
    assert_int_equal(issue_responder(CA_SIGN, spki_of(0)), 0); /* by an operator: number 3 */
    assert_int_equal(renew(2, &serial, &err), 0);
    assert_int_equal(serial, 3);
    site.clock = clock_fixed(end + 365LL * SITE_DAY - 1);
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
    assert_int_equal(signer_site_stop(site.signerd, SIGKILL), 128 + SIGKILL);
    assert_int_equal(try_issue(&second), -ERR_REMOTE);
    site.signerd = signer_site_start(&site.site, STALL_MS);
    assert_int_equal(authority_resume(&site.authority, site.signer, &counts, NULL), 0);
    assert_int_equal(audit_list(authority_store_db(site.store), NULL, &log, NULL), 0);
    assert_log(log, "ca.made uid:1000 sign\n"
                    "ca.made uid:1000 auth\n"
                    "certificate.issued uid:1000 auth\n"
                    "responder.issued uid:1000 sign\n"
                    "certificate.issued self auth\n");
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, site_set_up, site_tear_down)

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

    return cmocka_run_group_tests(tests, site_make_keys, site_release_keys);
}
