/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_signed DIR: what a body that verifies on its own has on its disk, of a test PKI of this run.
 *
 * DIR/document with DIR/document.p7s; DIR/expired.p7s by a certificate that ended yesterday;
 * DIR/foreign.p7s by the holder of another PKI whose CA has the same name. DIR/cas/ holds the sign
 * CA, DIR/foreign-cas/ the other one. DIR/holder.key and .pem, expired and foreign likewise, are
 * what other programs sign with: key in DER, certificate in PEM. Folders with one list each, for
 * the holder's place: good, revoked (with the holder's certificate), held, stale, foreign (by the
 * other CA), forged (names our CA, signed by the other).
 */
#include "base/clock.h"
#include "base/file.h"
#include "support/signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { DAY = 86400, HOLDER = 2, EXPIRED = 3 }; /* numbers of certificates */

static const char *directory;
static int64_t now;

static void write_file(const char *name, struct bytes data)
{
    CLEANUP(free_text) char *path = NULL;

    assert_int_equal(path_format(&path, NULL, "%s/%s", directory, name), 0);
    assert_int_equal(file_replace(path, 0644, data, NULL), 0);
}

static void make_folder(const char *name)
{
    CLEANUP(free_text) char *path = NULL;

    assert_int_equal(path_format(&path, NULL, "%s/%s", directory, name), 0);
    assert_int_equal(dir_make(path, 0700, NULL), 0);
}

static void write_ca(const char *folder, const char *name, const struct test_pki *pki)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    make_folder(folder);
    assert_int_equal(x509_cert_append_pem(&pem, pki->certs[PROFILE_SIGN_CA], NULL), 0);
    write_file(name, buf_bytes(&pem));
}

static void write_list(const char *folder, const char *name, const struct test_list *list)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    make_folder(folder);
    test_list_make(list, &der);
    write_file(name, buf_bytes(&der));
}

/* The holder's certificate anew, under a number and valid to that time. */
static void reissue(struct test_pki *pki, uint32_t serial, int64_t not_after)
{
    struct profile_inputs inputs = test_pki_inputs(pki, PROFILE_SIGN);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(privkey_spki(pki->keys[PROFILE_SIGN], &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    inputs.serial = serial;
    inputs.not_before = now - 30 * DAY;
    inputs.not_after = not_after;
    x509_cert_freep(&pki->certs[PROFILE_SIGN]);
    test_pki_issue(pki, PROFILE_SIGN, &inputs, &pki->certs[PROFILE_SIGN]);
}

static void sign(const char *name, const struct test_pki *pki)
{
    CLEANUP(buf_done) struct buf cms = BUF_INIT;

    test_document_sign(pki, bytes_text("document\n"), now, &cms);
    write_file(name, buf_bytes(&cms));
}

/* What somebody else's program signs with as this holder. */
static void write_holder(const char *key_name, const char *cert_name, const struct test_pki *pki)
{
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    assert_int_equal(privkey_export(pki->keys[PROFILE_SIGN], &key, NULL), 0);
    write_file(key_name, bytes_of(key.ptr, key.len));
    assert_int_equal(x509_cert_append_pem(&pem, pki->certs[PROFILE_SIGN], NULL), 0);
    write_file(cert_name, buf_bytes(&pem));
}

static void make_lists(const struct test_pki *pki, const struct test_pki *other)
{
    struct revocation entry = {HOLDER, now - 60, CRL_AFFILIATION_CHANGED};
    struct test_list list = test_list_of(pki, now);

    write_list("good", "good/sign.crl", &list);
    list.signer = other->keys[PROFILE_SIGN_CA];
    write_list("forged", "forged/sign.crl", &list);
    list = test_list_of(other, now);
    write_list("foreign", "foreign/sign.crl", &list);
    list = test_list_of(pki, now);
    list.head.next_update = now - 1;
    write_list("stale", "stale/sign.crl", &list);
    list = test_list_of(pki, now);
    list.entries = &entry;
    list.count = 1;
    write_list("revoked", "revoked/sign.crl", &list);
    entry.reason = CRL_CERTIFICATE_HOLD;
    write_list("held", "held/sign.crl", &list);
}

static void make(void **state)
{
    const unsigned kinds = 1U << PROFILE_SIGN_CA | 1U << PROFILE_SIGN;
    struct test_pki pki;
    struct test_pki other;

    (void)state;
    now = clock_now(&clock_system);
    test_pki_make_some(&pki, kinds);
    test_pki_make_some(&other, kinds);
    reissue(&pki, EXPIRED, now - DAY);
    sign("expired.p7s", &pki);
    write_holder("expired.key", "expired.pem", &pki);
    reissue(&pki, HOLDER, now + 300LL * DAY);
    reissue(&other, HOLDER, now + 300LL * DAY);
    sign("document.p7s", &pki);
    sign("foreign.p7s", &other);
    write_holder("holder.key", "holder.pem", &pki);
    write_holder("foreign.key", "foreign.pem", &other);
    write_file("document", bytes_text("document\n"));
    write_ca("cas", "cas/sign-ca.pem", &pki);
    write_ca("foreign-cas", "foreign-cas/sign-ca.pem", &other);
    make_folder("empty");
    make_lists(&pki, &other);
    test_pki_done(&pki);
    test_pki_done(&other);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(make)};

    if (argc != 2) {
        (void)fprintf(stderr, "usage: make_signed DIR\n");
        return 2;
    }
    directory = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
