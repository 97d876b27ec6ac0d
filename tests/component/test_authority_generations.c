/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several generations of a CA with one name and a real signerd: how they come to be, what each
 * issues, which lists and feeds are whose; openssl judges.
 */
#include "authority/certificate/issue.h"
#include "authority/crl/harvest.h"
#include "authority/feed/feed.h"
#include "authority/feed/store.h"
#include "authority/store_sqlite.h"

#include "base/file.h"
#include "revocation/crl.h"
#include "revocation/feed_copy.h"
#include "support/child.h"
#include "support/signing_authority.h"
#include "x509/csr.h"
#include "x509/name.h"
#include "x509/profile.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DAY = 86400, YEAR = 365 * DAY, CARD_KEYS = 6, LATER = 2, NOW = 1795445999 };

static struct test_pki pki;
static struct privkey *later[LATER];   /* of the sign CA's generations 2 and 3 */
static struct privkey *feeds[LATER];   /* that sign the feeds of its generations */
static struct buf requests[CARD_KEYS]; /* PKCS#10 of as many keys */

static struct signing_authority f;
static struct audit_origin by;

static int make_keys(void **state)
{
    (void)state;
    test_pki_make(&pki);
    for (size_t i = 0; i < LATER; i++) {
        assert_int_equal(privkey_generate(SUBJECT_KEY_BITS, &later[i], NULL), 0);
        assert_int_equal(privkey_generate(SUBJECT_KEY_BITS, &feeds[i], NULL), 0);
    }
    test_requests_make(requests, CARD_KEYS);
    return 0;
}

static int release_keys(void **state)
{
    (void)state;
    test_pki_done(&pki);
    for (size_t i = 0; i < LATER; i++) {
        privkey_freep(&later[i]);
        privkey_freep(&feeds[i]);
    }
    test_requests_done(requests, CARD_KEYS);
    return 0;
}

static void go_to(int64_t moment)
{
    f.clock = clock_fixed(moment);
    by = (struct audit_origin){.at = moment, .actor = "uid:1000"};
}

/* Opening a key takes signerd long by design, so a test has those that it needs. */
static const struct key_row {
    const char *name, *role;
    struct privkey *const *key;
} rows[] = {
    {"sign-ca-g2", "ca", &later[0]},
    {"sign-ca-g3", "ca", &later[1]},
    {"feed-sign", "feed", &feeds[0]},
    {"feed-sign-g2", "feed", &feeds[1]},
};
enum { WITH_TWO = 1, WITH_THREE = 3, WITH_FEEDS = 1 + 4 + 8 }; /* bits of rows */

static void configure_signerd(unsigned which)
{
    static const char ca[] = "policies = 1.2.392.200149.8.5.1.0.20\n"
                             "subject = OU=OpenJPKI TEST Certification Authority,"
                             "OU=OpenJPKI TEST for digital signature,O=OpenJPKI TEST,C=JP\n";
    CLEANUP(buf_done) struct buf more = BUF_INIT;
    char allow[32];
    const char *text;

    (void)snprintf(allow, sizeof allow, "%u", (unsigned)geteuid());
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((which >> i & 1) == 0)
            continue;
        signer_site_add_key(&f.site, rows[i].name, *rows[i].key);
        assert_int_equal(buf_append_format(&more, NULL, "[key %s]\nrole = %s\nallow_uid = %s\n%s",
                                           rows[i].name, rows[i].role, allow,
                                           strcmp(rows[i].role, "ca") == 0 ? ca : ""),
                         0);
    }
    assert_int_equal(buf_text(&more, &text, NULL), 0);
    signer_site_configure(&f.site, allow, text);
}

static int init(enum ca_kind kind, unsigned generation, int64_t from, struct err *err)
{
    const struct ca_setup setup = {kind, f.authority.cas[kind].key, &by, generation, from};
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    return ca_init(f.store, f.signer, &setup, &der, err);
}

static void begin(unsigned which)
{
    signing_authority_make(&f, &pki, NOW);
    go_to(NOW);
    configure_signerd(which);
    signing_authority_start(&f, &by);
}

static int set_up(void **state)
{
    (void)state;
    begin(WITH_TWO);
    return 0;
}

static int set_up_three(void **state)
{
    (void)state;
    begin(WITH_THREE);
    return 0;
}

static int set_up_feeds(void **state)
{
    (void)state;
    begin(WITH_FEEDS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    signing_authority_done(&f);
    return 0;
}

static const struct x509_cert *cert_of(unsigned generation)
{
    const struct ca *ca = authority_ca(&f.authority, CA_SIGN, generation);

    assert_non_null(ca);
    return ca->certificate;
}

/* The next generation of the sign CA, which issues at once. */
static void rotate(unsigned generation)
{
    go_to(by.at + YEAR);
    assert_int_equal(init(CA_SIGN, generation, by.at, NULL), 0);
    signing_authority_reopen(&f);
}

/* A certificate of somebody in Kobe; its number. */
static uint32_t issue(const char *id, size_t key)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    const struct issue_request request = {.kind = CA_SIGN,
                                          .request_id = id,
                                          .csr = buf_bytes(&requests[key]),
                                          .by = &by,
                                          .not_after = by.at + (int64_t)1000 * DAY,
                                          .prefecture = "Hyogo-ken",
                                          .municipality = "Kobe-shi",
                                          .window_id = "28100003A",
                                          .holder = test_pki_holder()};

    assert_int_equal(authority_issue(&f.authority, f.signer, &request, &record, NULL), 0);
    assert_int_equal(x509_cert_parse(buf_bytes(&record.certificate), &cert, NULL), 0);
    assert_int_equal(x509_cert_is_issued_by(cert, cert_of(record.generation), NULL), 0);
    return record.serial;
}

static void do_revoke(const char *id, uint32_t serial)
{
    struct revocation_request request = {id, CA_SIGN, serial, CRL_SUPERSEDED, 0, &by};
    struct revoked revoked;

    assert_int_equal(authority_revoke(&f.authority, &request, &revoked, NULL), 0);
}

static int publish(struct err *err)
{
    return signing_authority_publish(&f, &by, err);
}

static unsigned generation_of(uint32_t serial)
{
    unsigned generation = 0;

    assert_int_equal(authority_generation_of(f.store, CA_SIGN, serial, &generation, NULL), 0);
    return generation;
}

static void a_generation_is_the_next_one_or_none(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(init(CA_SIGN, GENERATIONS_MAX + 1, NOW, NULL), -ERR_INPUT);
    go_to(NOW + YEAR);
    assert_int_equal(init(CA_SIGN, 3, NOW, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "generation 2 of the sign CA is not made yet"));
    assert_int_equal(init(CA_SIGN, GENERATIONS_MAX, NOW, NULL), -ERR_ABSENT); /* no such key */
    assert_int_equal(init(CA_AUTH, 2, NOW, NULL), -ERR_ABSENT);
    /* Not before the one before it. */
    go_to(NOW - 1);
    assert_int_equal(init(CA_SIGN, 2, NOW, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "the clock is wrong"));
    go_to(NOW + YEAR);
    assert_int_equal(init(CA_SIGN, 2, NOW, NULL), 0);
    go_to(NOW + YEAR - 1);
    assert_int_equal(init(CA_SIGN, 3, NOW, NULL), -ERR_CONFLICT);
}

/* Neither the key of another generation under a new name, nor another key for one that is there. */
static void a_key_belongs_to_one_generation(void **state)
{
    const struct ca_setup same = {CA_AUTH, "sign-ca", &by, 0, 0};
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct err err = {0};

    (void)state;
    assert_int_equal(ca_init(f.store, f.signer, &same, &der, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "has another key"));
    {
        const struct ca_setup other = {CA_SIGN, "auth-ca", &by, 1, 0};

        assert_int_equal(ca_init(f.store, f.signer, &other, &der, &err), -ERR_CONFLICT);
    }
}

static void a_generation_has_the_name_another_key_and_the_next_number(void **state)
{
    const struct tbs *first;
    const struct tbs *second;

    (void)state;
    assert_int_equal(issue("a", 0), 2);
    rotate(2);
    first = x509_cert_tbs(cert_of(1));
    second = x509_cert_tbs(cert_of(2));
    assert_true(bytes_equal(first->subject, second->subject));
    assert_true(bytes_equal(second->issuer, second->subject));
    assert_false(bytes_equal(first->subject_key_id, second->subject_key_id));
    assert_int_equal(tbs_serial_number(first), CA_SERIAL);
    assert_int_equal(tbs_serial_number(second), 3);
    /* Both live for years. */
    assert_true(second->not_before < first->not_after && second->not_after > first->not_after);
    assert_int_equal(issue("b", 1), 4);
    assert_int_equal(generation_of(2), 1);
    assert_int_equal(generation_of(3), 2);
    assert_int_equal(generation_of(4), 2);
    /* A number is asked about by the key that issued it. */
    assert_ptr_equal(authority_ca_by_key(&f.authority, second->subject_key_id),
                     authority_ca(&f.authority, CA_SIGN, 2));
}

/* Made before it issues: the older one goes on until the day. */
static void a_generation_issues_from_its_day_on(void **state)
{
    (void)state;
    go_to(NOW + YEAR);
    assert_int_equal(init(CA_SIGN, 2, NOW + YEAR + 2 * DAY, NULL), 0);
    signing_authority_reopen(&f);
    assert_int_equal(generation_of(issue("a", 0)), 1);
    go_to(NOW + YEAR + DAY);
    assert_int_equal(generation_of(issue("b", 1)), 1);
    go_to(NOW + YEAR + 2 * DAY);
    assert_int_equal(generation_of(issue("c", 2)), 2);
    /* What was asked for before is given as it was. */
    assert_int_equal(generation_of(3), 1);
    assert_int_equal(authority_ca(&f.authority, CA_SIGN, 2)->issues_from, NOW + YEAR + 2 * DAY);
}

static int count_pending(void)
{
    CLEANUP(ca_generation_done) struct ca_generation there = CA_GENERATION_INIT;
    int rc = authority_get_generation(f.store, CA_SIGN, 2, &there, NULL);

    return rc < 0 ? rc : there.certificate.len == 0;
}

/* Whoever is killed between the two transactions finds the same bytes to be signed. */
static void what_was_begun_is_finished_with_the_same_bytes(void **state)
{
    CLEANUP(ca_generation_done) struct ca_generation begun = CA_GENERATION_INIT;
    CLEANUP(ca_generation_done) struct ca_generation made = CA_GENERATION_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct revocation_page *page = calloc(1, sizeof *page);

    (void)state;
    assert_non_null(page);
    go_to(NOW + YEAR);
    assert_int_equal(signer_site_stop(f.signerd, SIGKILL), 128 + SIGKILL);
    f.signerd = -1;
    assert_true(init(CA_SIGN, 2, NOW + YEAR, NULL) < 0);
    assert_int_equal(count_pending(), -ERR_ABSENT);
    /* Its process would keep the database's lock. */
    authority_store_closep(&f.store);
    f.signerd = signer_site_start(&f.site, STALL_MS);
    signing_authority_open_store(&f);
    signer_closep(&f.signer);
    assert_int_equal(signer_open(f.site.socket, &f.signer, NULL), 0);
    assert_int_equal(init(CA_SIGN, 2, NOW + YEAR, NULL), 0);
    assert_int_equal(authority_get_generation(f.store, CA_SIGN, 2, &made, NULL), 0);
    assert_int_equal(x509_cert_parse(buf_bytes(&made.certificate), &cert, NULL), 0);
    /* As if it had been killed before the certificate was kept. */
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(db_begin(f.store->db, &txn, NULL), 0);
        assert_int_equal(db_execute(&txn, "UPDATE later_ca SET certificate = NULL, tbs = ?",
                                    DB_WITH(DB_BLOB(x509_cert_tbs(cert)->der)), NULL),
                         0);
        assert_int_equal(db_commit(&txn, NULL), 0);
    }
    assert_int_equal(count_pending(), 1);
    signing_authority_reopen(&f);
    assert_null(authority_ca(&f.authority, CA_SIGN, 2));
    assert_int_equal(issue("a", 0), 3); /* the number of what is begun is nobody else's */
    assert_int_equal(authority_list_revocations(f.store, 0, page, NULL), 0);
    assert_true(gaps_contain(&page->gaps[CA_SIGN], 2));
    go_to(NOW + YEAR + DAY);
    assert_int_equal(init(CA_SIGN, 2, NOW + YEAR + DAY, NULL), 0);
    assert_int_equal(authority_get_generation(f.store, CA_SIGN, 2, &begun, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&begun.certificate), buf_bytes(&made.certificate)));
    assert_int_equal(begun.issues_from, NOW + YEAR);
    /* And once more: nothing happens. */
    assert_int_equal(init(CA_SIGN, 2, NOW, NULL), 0);
    assert_int_equal(authority_list_revocations(f.store, 0, page, NULL), 0);
    assert_false(gaps_contain(&page->gaps[CA_SIGN], 2));
    free(page);
}

/* The certificate of a card's key, by that generation. */
static void build_tbs(unsigned generation, uint32_t serial, struct buf *ret)
{
    struct csr csr;
    char name[COMMON_NAME_SIGN_LEN + 1];
    struct profile_inputs inputs = {.serial = serial,
                                    .not_before = by.at,
                                    .not_after = by.at + (int64_t)1000 * DAY,
                                    .issuer = x509_cert_tbs(cert_of(generation)),
                                    .common_name = name,
                                    .prefecture = "Hyogo-ken",
                                    .municipality = "Kobe-shi",
                                    .holder = test_pki_holder()};

    assert_int_equal(csr_parse(buf_bytes(&requests[0]), &csr, NULL), 0);
    assert_int_equal(common_name_sign(by.at, 1, "28100003A", name, NULL), 0);
    inputs.spki = csr.spki;
    assert_int_equal(profile_build_tbs(profile_of(PROFILE_SIGN), &inputs, ret, NULL), 0);
}

/* An authority that somebody else has taken over asks the wrong key. */
static void signerd_signs_nothing_of_another_generation(void **state)
{
    static const char *const keys[] = {"sign-ca", "sign-ca-g2"};

    (void)state;
    rotate(2);
    for (unsigned key = 1; key <= 2; key++) {
        for (unsigned generation = 1; generation <= 2; generation++) {
            CLEANUP(buf_done) struct buf tbs = BUF_INIT;
            CLEANUP(buf_done) struct buf signature = BUF_INIT;

            build_tbs(generation, 100 * key + generation, &tbs);
            assert_int_equal(signer_sign(f.signer, keys[key - 1], SIGNER_CERTIFICATE,
                                         buf_bytes(&tbs), &signature, NULL),
                             key == generation ? 0 : -ERR_UNTRUSTED);
        }
        /* Nor a CA certificate for the other's key. */
        {
            CLEANUP(buf_done) struct buf signature = BUF_INIT;

            assert_int_equal(signer_sign(f.signer, keys[key - 1], SIGNER_CERTIFICATE,
                                         x509_cert_tbs(cert_of(3 - key))->der, &signature, NULL),
                             -ERR_UNTRUSTED);
        }
    }
}

static void read_list(const char *name, unsigned generation, struct buf *der, struct crl *ret)
{
    signing_authority_read_list(&f, name, cert_of(generation), der, ret);
}

static void assert_serials(const char *name, unsigned generation, const char *expected)
{
    signing_authority_assert_serials(&f, name, cert_of(generation), expected);
}

/* And no list by the key of another generation. */
static void signerd_signs_no_list_of_another_generation(void **state)
{
    static const char *const keys[] = {"sign-ca", "sign-ca-g2"};

    (void)state;
    rotate(2);
    assert_int_equal(publish(NULL), 6);
    for (unsigned generation = 1; generation <= 2; generation++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        CLEANUP(buf_done) struct buf signature = BUF_INIT;
        struct crl crl;

        read_list(generation == 1 ? "sign-full" : "sign-full-g2", generation, &der, &crl);
        assert_int_equal(
            signer_sign(f.signer, keys[2 - generation], SIGNER_CRL, crl.tbs, &signature, NULL),
            -ERR_UNTRUSTED);
    }
}

static void each_generation_has_its_lists(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf other = BUF_INIT;
    struct crl first;
    struct crl second;

    (void)state;
    assert_int_equal(issue("a", 0), 2);
    rotate(2);
    assert_int_equal(issue("b", 1), 4);
    rotate(3);
    assert_int_equal(issue("c", 2), 6);
    do_revoke("r", 2);
    do_revoke("s", 4);
    /* Of each of three and of the auth CA: of CA certificates and of everything; and three places.
     */
    assert_int_equal(publish(NULL), 8 + 3);
    assert_serials("sign-Hyogo-ken-Kobe-shi", 1, "2");
    assert_serials("sign-Hyogo-ken-Kobe-shi-g2", 2, "4");
    assert_serials("sign-Hyogo-ken-Kobe-shi-g3", 3, "");
    assert_serials("sign-full", 1, "2");
    assert_serials("sign-full-g2", 2, "4");
    assert_serials("sign-full-g3", 3, "");
    assert_serials("sign-arl-g3", 3, "");
    /* One place, so one distribution point: it is the key that tells them apart (pki.md 2). */
    read_list("sign-Hyogo-ken-Kobe-shi", 1, &der, &first);
    read_list("sign-Hyogo-ken-Kobe-shi-g2", 2, &other, &second);
    assert_true(bytes_equal(first.distribution_point, second.distribution_point));
    assert_true(bytes_equal(first.issuer, second.issuer));
}

/* Only those that changed, as everywhere. */
static void a_revocation_makes_the_lists_of_its_generation_due(void **state)
{
    struct publishing run = {.by = by};
    unsigned published;

    (void)state;
    assert_int_equal(issue("a", 0), 2);
    rotate(2);
    assert_int_equal(issue("b", 1), 4);
    assert_int_equal(publish(NULL), 6 + 2);
    do_revoke("r", 4);
    go_to(by.at + 1);
    run.due = (struct crl_due){.planned = 0, .now = by.at, .is_changed_enough = true};
    assert_int_equal(authority_publish_due(&f.authority, f.signer, &run, &published, NULL), 0);
    assert_int_equal(published, 2); /* of its place, and of everything */
    assert_serials("sign-Hyogo-ken-Kobe-shi-g2", 2, "4");
    assert_serials("sign-full-g2", 2, "4");
    assert_serials("sign-full", 1, "");
}

static void execute(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(f.store->db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

/* What goes wrong with one generation keeps the others back, too. */
static void all_generations_are_published_or_none(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(issue("a", 0), 2);
    do_revoke("r", 2);
    rotate(2);
    assert_int_equal(issue("b", 1), 4);
    assert_int_equal(publish(NULL), 6 + 2);
    do_revoke("s", 4);
    execute("DELETE FROM revocation WHERE serial = 2");
    assert_int_equal(publish(&err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "lost an entry"));
    assert_serials("sign-full-g2", 2, "");
    execute("INSERT INTO revocation VALUES (1, 'r', 'sign', 2, 1795445999, 4)");
    assert_int_equal(publish(NULL), 6 + 2);
    assert_serials("sign-full-g2", 2, "4");
}

/* An entry that a mistake has put under another generation is no entry of its list. */
static void a_certificate_in_the_list_of_another_generation_stops_publication(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(issue("a", 0), 2);
    rotate(2);
    assert_int_equal(issue("b", 1), 4);
    assert_int_equal(publish(NULL), 6 + 2);
    do_revoke("r", 4);
    execute("UPDATE certificate SET point = (SELECT point FROM certificate WHERE serial = 2)"
            " WHERE serial = 4");
    assert_int_equal(publish(&err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "is missing"));
}

/* The last lists of a generation stay as they are; the others go on. */
static void lists_end_with_their_generation(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct crl crl;
    int64_t end;

    (void)state;
    assert_int_equal(issue("a", 0), 2);
    rotate(2);
    assert_int_equal(issue("b", 1), 4);
    end = x509_cert_tbs(cert_of(1))->not_after;
    assert_int_equal(x509_cert_tbs(authority_ca(&f.authority, CA_AUTH, 1)->certificate)->not_after,
                     end);
    go_to(end);
    assert_int_equal(publish(NULL), 6 + 2);
    go_to(end + 1);
    assert_int_equal(publish(NULL), 2 + 1); /* what there is of generation 2 */
    read_list("sign-full", 1, &der, &crl);
    assert_int_equal(crl.this_update, end);
    read_list("sign-full-g2", 2, &der, &crl);
    assert_int_equal(crl.this_update, end + 1);
}

/* A responder of a generation is certified by it, also when another one issues. */
static void each_generation_appoints_its_responder(void **state)
{
    CLEANUP(record_done) struct record first = RECORD_INIT;
    CLEANUP(record_done) struct record second = RECORD_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct responder_request request = {.kind = CA_SIGN, .by = &by};
    struct csr csrs[2];

    (void)state;
    rotate(2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(csr_parse(buf_bytes(&requests[3 + i]), &csrs[i], NULL), 0);
    request.spki = csrs[0].spki;
    request.generation = 3;
    assert_int_equal(authority_issue_responder(&f.authority, f.signer, &request, &first, NULL),
                     -ERR_ABSENT);
    request.generation = 1;
    assert_int_equal(authority_issue_responder(&f.authority, f.signer, &request, &first, NULL), 0);
    assert_int_equal(first.serial, 3);
    assert_int_equal(generation_of(3), 1);
    /* Not the same key for two. */
    request.generation = 2;
    assert_int_equal(authority_issue_responder(&f.authority, f.signer, &request, &second, NULL),
                     -ERR_CONFLICT);
    request.spki = csrs[1].spki;
    assert_int_equal(authority_issue_responder(&f.authority, f.signer, &request, &second, NULL), 0);
    assert_int_equal(generation_of(second.serial), 2);
    assert_int_equal(x509_cert_parse(buf_bytes(&second.certificate), &cert, NULL), 0);
    assert_int_equal(x509_cert_is_issued_by(cert, cert_of(2), NULL), 0);
    assert_true(x509_cert_is_issued_by(cert, cert_of(1), NULL) < 0);
}

/* Numbers that were given back are given to whoever comes next, of whichever generation. */
static void a_number_that_was_given_back_is_of_who_gets_it(void **state)
{
    struct revocation_page *page = calloc(1, sizeof *page);

    (void)state;
    assert_non_null(page);
    assert_int_equal(issue("a", 0), 2);
    execute("INSERT INTO free_serial VALUES ('sign', 3)");
    execute("UPDATE ca SET next_serial = 6 WHERE kind = 'sign'");
    execute("INSERT INTO spent_serial VALUES ('sign', 4), ('sign', 5)");
    rotate(2); /* takes 3 */
    assert_int_equal(generation_of(3), 2);
    assert_int_equal(generation_of(4), 1);
    assert_int_equal(issue("b", 1), 6);
    assert_int_equal(generation_of(6), 2);
    assert_int_equal(generation_of(5), 1);
    assert_int_equal(authority_list_revocations(f.store, 0, page, NULL), 0);
    assert_int_equal(page->runs[CA_SIGN].count, 3); /* 3, 4 and 6 */
    assert_int_equal(page->runs[CA_AUTH].count, 0);
    /* Given back again, and taken by the older one: nothing remains of it. */
    execute("UPDATE certificate SET certificate = NULL, tbs = x'00' WHERE serial = 6");
    assert_int_equal(authority_release(f.store, CA_SIGN, 6, false, NULL), 0);
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
        uint32_t serial;

        assert_int_equal(db_begin(f.store->db, &txn, NULL), 0);
        assert_int_equal(serial_take(&txn, CA_SIGN, 1, &serial, NULL), 0);
        assert_int_equal(serial, 6);
        assert_int_equal(db_commit(&txn, NULL), 0);
    }
    assert_int_equal(authority_list_revocations(f.store, 0, page, NULL), 0);
    assert_int_equal(page->runs[CA_SIGN].count, 2);
    free(page);
}

static struct feed_copy *follow(unsigned generation)
{
    CLEANUP(buf_done) struct buf items = BUF_INIT;
    struct feed_copy *copy = NULL;
    uint32_t edition;
    unsigned taken;

    assert_int_equal(authority_get_feed_snapshot(f.store, (struct feed_id){CA_SIGN, generation},
                                                 &edition, &items, NULL),
                     0);
    assert_int_equal(feed_copy_new(x509_cert_der(cert_of(generation)), &copy, NULL), 0);
    assert_int_equal(feed_copy_take_all(copy, buf_bytes(&items), by.at, &taken, NULL), 0);
    assert_int_equal(taken, 1);
    return copy;
}

static void assert_feed(unsigned generation, uint32_t serial, enum feed_answer expected)
{
    struct feed_copy *copy = follow(generation);

    assert_int_equal(feed_copy_ask(copy, serial, by.at), expected);
    feed_copy_free(copy);
}

/* Not covered, not good, by the feed of a generation that has not issued it. */
static void each_generation_has_its_feed(void **state)
{
    const struct feed_options options = {.authority = &f.authority,
                                         .keys = {"feed-sign", "feed-auth"}};
    struct feed_work work = {.is_snapshot_due = true};
    struct feed_maker *maker = NULL;
    struct err err = {0};
    unsigned items;

    (void)state;
    assert_int_equal(issue("a", 0), 2);
    assert_int_equal(issue("b", 1), 3);
    rotate(2);
    assert_int_equal(issue("c", 2), 5);
    assert_int_equal(issue("d", 3), 6);
    do_revoke("r", 2);
    do_revoke("s", 5);
    work.by = by;
    assert_int_equal(feed_maker_new(&options, &maker, NULL), 0);
    /* There is no key for the auth CA's here, which is told; all others are made. */
    assert_true(feed_maker_run(maker, f.signer, &work, &items, &err) < 0);
    assert_non_null(strstr(err.text, "auth CA, generation 1"));
    assert_int_equal(items, 2);
    feed_maker_freep(&maker);
    assert_feed(1, 2, FEED_REVOKED);
    assert_feed(1, 3, FEED_GOOD);
    assert_feed(1, 4, FEED_NOT_COVERED); /* the certificate of generation 2 */
    assert_feed(1, 5, FEED_NOT_COVERED);
    assert_feed(1, 6, FEED_NOT_COVERED);
    assert_feed(2, 2, FEED_NOT_COVERED);
    assert_feed(2, 3, FEED_NOT_COVERED);
    assert_feed(2, 5, FEED_REVOKED);
    assert_feed(2, 6, FEED_GOOD);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_generation_is_the_next_one_or_none, set_up_three,
                                        tear_down),
        WITH_SITE(a_key_belongs_to_one_generation),
        WITH_SITE(a_generation_has_the_name_another_key_and_the_next_number),
        WITH_SITE(a_generation_issues_from_its_day_on),
        WITH_SITE(what_was_begun_is_finished_with_the_same_bytes),
        WITH_SITE(signerd_signs_nothing_of_another_generation),
        WITH_SITE(signerd_signs_no_list_of_another_generation),
        cmocka_unit_test_setup_teardown(each_generation_has_its_lists, set_up_three, tear_down),
        WITH_SITE(a_revocation_makes_the_lists_of_its_generation_due),
        WITH_SITE(all_generations_are_published_or_none),
        WITH_SITE(a_certificate_in_the_list_of_another_generation_stops_publication),
        WITH_SITE(lists_end_with_their_generation),
        WITH_SITE(each_generation_appoints_its_responder),
        WITH_SITE(a_number_that_was_given_back_is_of_who_gets_it),
        cmocka_unit_test_setup_teardown(each_generation_has_its_feed, set_up_feeds, tear_down),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
