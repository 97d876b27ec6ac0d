/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_card DIR: a card of a test PKI of its own, for tests that run the programs.
 *
 * Writes DIR/card (with its counters and key file), DIR/anchors/sign-ca.pem and
 * DIR/other/sign-ca.pem, the CA of nobody's card. PINs are 1234 and ABC123. The certificates are
 * valid from a day ago; "make_card DIR expired" makes a sign certificate that ended yesterday,
 * "make_card DIR young" a card without one, "make_card DIR full" a card with text about its
 * holder, born 1990-02-17, the PIN 2345 for it and 3456 of the resident register,
 * "make_card DIR substitutes" a card whose holder has characters that stand for others and was born
 * some day in 1964.
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
    struct holder holder;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    int64_t now = clock_now(&clock_system);

    assert_int_equal(card_make_key(card, key, &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    inputs.not_before = now - 2 * DAY;
    inputs.not_after = strcmp(variant, "expired") == 0 ? now - DAY : now + 365 * DAY;
    if (strcmp(variant, "substitutes") == 0 && inputs.holder != NULL) {
        holder = *inputs.holder;
        holder.name_substitutes = BYTES_LITERAL("01001");
        holder.birth = BYTES_LITERAL("319640000");
        inputs.holder = &holder;
    }
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

/* EF 0002 of the text application, its length not minimal (card.md 3, 3.2). */
static const uint8_t attributes[] =
    "\xff\x20\x82\x00\x3e\xdf\x21\x08\x00\x10\x00\x1f\x00\x34\x00\x3f"
    "\xdf\x22\x0f"
    "\xe8\xa9\xa6\xe9\xa8\x93\xe3\x80\x80\xe5\xa4\xaa\xe9\x83\x8e"
    "\xdf\x23\x0f"
    "\xe5\x85\xb5\xe5\xba\xab\xe7\x9c\x8c\xe7\xa5\x9e\xe6\x88\xb8"
    "\xdf\x24\x08"
    "19900217\xdf\x25\x01"
    "1";

static void add_text(struct card_personalisation *with)
{
    with->files[CARD_TEXT_ATTRS] = bytes_of(attributes, sizeof attributes - 1);
    with->pins[CARD_PIN_TEXT] = BYTES_LITERAL("2345");
    with->pins[CARD_PIN_JUKI] = BYTES_LITERAL("3456");
    with->pins[CARD_PIN_COMMON] = BYTES_LITERAL("3456");
    with->pins[CARD_PIN_TEXT_A] = BYTES_LITERAL("123456789018");
    with->pins[CARD_PIN_VISUAL_A] = BYTES_LITERAL("123456789018");
    with->pins[CARD_PIN_TEXT_B] = BYTES_LITERAL("02021720351234");
    with->pins[CARD_PIN_VISUAL_B] = BYTES_LITERAL("02021720351234");
    with->pins[CARD_PIN_BIRTH] = BYTES_LITERAL("020217");
}

static void make(void **state)
{
    struct card_personalisation with = {
        .pins = {[CARD_PIN_AUTH] = BYTES_LITERAL("1234")},
        .token = {TOKEN_LABEL_PLASTIC, "OpenJPKI TEST", "SOFTCARD", NULL},
    };
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(card_freep) struct card *card = NULL;
    struct test_pki pki;
    struct test_pki other;
    struct err err = {0};

    (void)state;
    test_pki_make_some(&pki, 1U << PROFILE_SIGN_CA | 1U << PROFILE_AUTH_CA);
    test_pki_make_some(&other, 1U << PROFILE_SIGN_CA);
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
    if (strcmp(variant, "full") == 0)
        add_text(&with);
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
        (void)fprintf(stderr, "usage: make_card DIR [expired|full|substitutes|young]\n");
        return 2;
    }
    directory = argv[1];
    variant = argc > 2 ? argv[2] : "";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
