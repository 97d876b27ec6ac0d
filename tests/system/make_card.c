/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_card DIR: a card of a test PKI of its own, for tests that run the programs.
 *
 * Writes DIR/card (with its counters and key file), DIR/anchors/sign-ca.pem and
 * DIR/other/sign-ca.pem, the CA of nobody's card. PINs are 1234 and ABC123. The certificates are
 * valid from a day ago; "make_card DIR expired" makes a sign certificate that ended yesterday,
 * "make_card DIR young" a card without one.
 */
#include "base/clock.h"
#include "base/file.h"
#include "card/issue.h"
#include "card/store.h"

#include "support/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { DAY = 86400 };

static const char *directory;
static const char *variant;

static void issue(struct test_pki *pki, struct card *card, enum profile_kind kind,
                  enum card_key key)
{
    struct profile_inputs inputs = test_pki_inputs(pki, kind);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    int64_t now = clock_now(&clock_system);

    assert_int_equal(card_make_key(card, key, &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    inputs.not_before = now - 2 * DAY;
    inputs.not_after = strcmp(variant, "expired") == 0 ? now - DAY : now + 365 * DAY;
    x509_cert_freep(&pki->certs[kind]);
    test_pki_issue(pki, kind, &inputs, &pki->certs[kind]);
}

static void write_anchor(const char *folder, const struct x509_cert *cert)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    assert_int_equal(path_format(&path, NULL, "%s/%s", directory, folder), 0);
    assert_int_equal(dir_make(path, 0700, NULL), 0);
    free_text(&path);
    assert_int_equal(path_format(&path, NULL, "%s/%s/sign-ca.pem", directory, folder), 0);
    assert_int_equal(x509_cert_append_pem(&pem, cert, NULL), 0);
    assert_int_equal(file_replace(path, 0644, buf_bytes(&pem), NULL), 0);
}

static void make(void **state)
{
    struct card_personalisation with = {
        .pins = {[CARD_PIN_AUTH] = BYTES_LITERAL("1234")},
        .token = {TOKEN_LABEL_PLASTIC, "OpenJPKI TEST", "SOFTCARD", NULL},
    };
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(card_freep) struct card *card = NULL;
    struct test_pki pki = {0};
    struct test_pki other = {0};
    struct err err = {0};

    (void)state;
    test_pki_make(&pki);
    test_pki_make(&other);
    assert_int_equal(path_format(&path, NULL, "%s/card", directory), 0);
    assert_int_equal(store_make(&(struct store_paths){path, NULL}, "0000000000000001", NULL), 0);
    assert_int_equal(store_open(&(struct store_paths){path, NULL}, &card, NULL), 0);
    issue(&pki, card, PROFILE_AUTH, CARD_KEY_AUTH);
    with.files[CARD_AUTH_CERT] = x509_cert_der(pki.certs[PROFILE_AUTH]);
    with.files[CARD_AUTH_CA_CERT] = x509_cert_der(pki.certs[PROFILE_AUTH_CA]);
    with.files[CARD_SIGN_CA_CERT] = x509_cert_der(pki.certs[PROFILE_SIGN_CA]);
    if (strcmp(variant, "young") != 0) {
        issue(&pki, card, PROFILE_SIGN, CARD_KEY_SIGN);
        with.pins[CARD_PIN_SIGN] = BYTES_LITERAL("ABC123");
        with.files[CARD_SIGN_CERT] = x509_cert_der(pki.certs[PROFILE_SIGN]);
    }
    if (card_personalise(card, &with, &err) < 0)
        fail_msg("%s", err.text);
    write_anchor("anchors", pki.certs[PROFILE_SIGN_CA]);
    write_anchor("other", other.certs[PROFILE_SIGN_CA]);
    test_pki_done(&pki);
    test_pki_done(&other);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(make)};

    if (argc < 2 || argc > 3) {
        (void)fprintf(stderr, "usage: make_card DIR [expired|young]\n");
        return 2;
    }
    directory = argv[1];
    variant = argc > 2 ? argv[2] : "";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
