/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of revocations by a clock that was wrong: no entry is lost by it. */
#include "authority/authority.h"

#include "base/fault.h"
#include "revocation/crl.h"
#include "support/published.h"
#include "support/signing_authority.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { DAY = 86400, CARD_KEYS = 2 };
/* 23:59:59 in Japan, so that whole days later are it too. */
enum { NOW = 1795445999 };
static const int64_t now = NOW;

static struct test_pki pki;
static struct buf requests[CARD_KEYS]; /* PKCS#10 of as many keys */

static struct signing_authority f;
static const struct audit_origin by = {.at = NOW, .actor = "uid:1000"};

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

/* An auth certificate of somebody in Hyogo-ken; serial numbers begin at 2. */
static void issue(size_t key, int days)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    char id[] = {(char)('a' + key), '\0'};
    struct issue_request request = {.kind = CA_AUTH,
                                    .request_id = id,
                                    .csr = buf_bytes(&requests[key]),
                                    .by = &by,
                                    .not_after = now + (int64_t)days * DAY,
                                    .prefecture = "Hyogo-ken",
                                    .window_id = "28100003A"};

    assert_int_equal(authority_issue(&f.authority, f.signer, &request, &record, NULL), 0);
}

static void do_revoke(const char *id, uint32_t serial)
{
    struct revocation_request request = {id, CA_AUTH, serial, CRL_SUPERSEDED, 0, &by};
    struct revoked revoked;

    assert_int_equal(authority_revoke(&f.authority, &request, &revoked, NULL), 0);
}

static int publish(struct err *err)
{
    unsigned published;

    TRY(authority_publish(&f.authority, f.signer, &by, &published, err));
    return (int)published;
}

/* Those of a list, which must be signed by its CA. */
static void assert_serials(const char *name, const char *expected)
{
    const struct x509_cert *ca = authority_ca(&f.authority, CA_AUTH, 1)->certificate;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct revocation entry;
    struct crl crl;
    const char *got;

    assert_int_equal(published_list(f.store, name, &der), 0);
    assert_int_equal(crl_parse(buf_bytes(&der), der.len, &crl, NULL), 0);
    assert_int_equal(crl_verify(&crl, x509_cert_pubkey(ca), NULL), 0);
    while (crl_next(&crl.entries, &entry, NULL) == 0)
        assert_int_equal(
            buf_append_format(&text, NULL, "%s%u", text.len > 0 ? " " : "", (unsigned)entry.serial),
            0);
    assert_int_equal(buf_text(&text, &got, NULL), 0);
    assert_string_equal(got, expected);
}

/* It was three days ahead: what left the lists meanwhile comes back with the right time. */
static void entries_that_left_by_a_clock_that_was_ahead_come_back(void **state)
{
    (void)state;
    issue(0, 2);
    do_revoke("r", 2);
    f.clock = clock_fixed(now + 3 * DAY);
    for (int i = 0; i < 2; i++)
        assert_int_equal(publish(NULL), 5);
    assert_serials("auth-Hyogo-ken", "");
    f.clock = clock_fixed(now + 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(publish(NULL), 5);
        assert_serials("auth-Hyogo-ken", "2");
        assert_serials("auth-full", "2");
    }
}

/* A list from before a revocation that is on it would be believed by nobody. */
static void a_clock_that_went_back_stops_publication_until_it_is_right(void **state)
{
    const uint64_t before = fault_count(FAULT_CLOCK_BACK);
    struct err err = {0};

    (void)state;
    issue(0, 100);
    issue(1, 100);
    f.clock = clock_fixed(now + 7200);
    do_revoke("r", 2);
    assert_int_equal(publish(NULL), 5);
    f.clock = clock_fixed(now + 3600);
    do_revoke("s", 3);
    assert_int_equal(publish(&err), -ERR_REMOTE);
    assert_non_null(strstr(err.text, "the clock is 3600 seconds before the revocation of serial "
                                     "number 2"));
    assert_int_equal(fault_count(FAULT_CLOCK_BACK), before + 1);
    assert_serials("auth-Hyogo-ken", "2");
    f.clock = clock_fixed(now + 7200);
    assert_int_equal(publish(NULL), 5);
    assert_serials("auth-Hyogo-ken", "2 3");
}

/* The same for what was on no list yet: it is not left out of one that says it has seen it. */
static void what_was_revoked_by_a_clock_that_was_ahead_is_not_left_out(void **state)
{
    (void)state;
    issue(0, 100);
    f.clock = clock_fixed(now + 3600);
    do_revoke("r", 2);
    f.clock = clock_fixed(now + 3599);
    assert_int_equal(publish(NULL), -ERR_REMOTE);
    f.clock = clock_fixed(now + 3600);
    assert_int_equal(publish(NULL), 5);
    assert_serials("auth-Hyogo-ken", "2");
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(entries_that_left_by_a_clock_that_was_ahead_come_back),
        WITH_SITE(a_clock_that_went_back_stops_publication_until_it_is_right),
        WITH_SITE(what_was_revoked_by_a_clock_that_was_ahead_is_not_left_out),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
