/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signerd's server with the keys of card data, asked over its socket: who certifies whom, what is
 * signed for a card, and that a root remembers.
 */
#include "base/file.h"
#include "crypto/pubkey.h"
#include "iso7816/tlv.h"
#include "rpc/signer_client.h"
#include "signer/key.h"
#include "support/signer_site.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ROOT_ID "39303030303333080530303100000000"
#define TEXT_ID "39303030303334080530303100000000"
#define FACE_ID "39303030303234080530303100000000"

enum { STALL_MS = 1000, BODY_SIZE = 297 };

static struct test_pki pki;
static struct signer_site site;
static struct signer *signer;
static pid_t server;

/* Whose key is which: the root the sign CA's, the others those of holders. */
static const struct {
    const char *name;
    enum profile_kind kind;
} keys[] = {{"root", PROFILE_SIGN_CA}, {"text", PROFILE_SIGN}, {"visual", PROFILE_AUTH}};

static int setup(void **state)
{
    char more[512];
    unsigned uid = (unsigned)geteuid();

    (void)state;
    test_pki_make(&pki);
    signer_site_make(&site, &pki, geteuid());
    for (size_t i = 0; i < 3; i++)
        signer_site_add_key(&site, keys[i].name, pki.keys[keys[i].kind]);
    (void)snprintf(
        more, sizeof more,
        "[key root]\nrole = cv-root\nallow_uid = %u\nkey_id = " ROOT_ID "\nsubjects = " TEXT_ID
        " " FACE_ID "\n"
        "[key text]\nrole = card-data\nallow_uid = %u\nkey_id = " TEXT_ID "\napplet = text\n"
        "[key visual]\nrole = card-data\nallow_uid = %u\nkey_id = " FACE_ID "\napplet = visual\n",
        uid, uid, uid);
    signer_site_configure(&site, "64102", more);
    server = signer_site_start(&site, STALL_MS);
    return signer_open(site.socket, &signer, NULL);
}

static int teardown(void **state)
{
    (void)state;
    signer_closep(&signer);
    assert_int_equal(signer_site_stop(server, SIGTERM), 0);
    signer_site_done(&site);
    test_pki_done(&pki);
    return 0;
}

/* The body of a CV certificate by the root for this key under that id. */
static void make_body(const char *subject, enum profile_kind kind, struct buf *ret)
{
    struct card_rules root;
    struct card_rules data;

    assert_int_equal(cv_key_id_parse(ROOT_ID, root.key_id, NULL), 0);
    assert_int_equal(cv_key_id_parse(subject, data.key_id, NULL), 0);
    assert_int_equal(role_card_body(&root, &data, test_pki_spki(&pki, kind), ret, NULL), 0);
    assert_int_equal(ret->len, BODY_SIZE);
}

static int verify(enum profile_kind kind, struct bytes data, struct bytes signature)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    struct digest digest;

    assert_int_equal(pubkey_from_spki(test_pki_spki(&pki, kind), &key, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, data, &digest, NULL), 0);
    return pubkey_verify(key, &digest, signature, NULL);
}

static int certify(const char *subject, enum profile_kind kind, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    make_body(subject, kind, &body);
    TRY(signer_sign(signer, "root", SIGNER_CV_CERTIFICATE, buf_bytes(&body), &signature, err));
    return verify(PROFILE_SIGN_CA, buf_bytes(&body), buf_bytes(&signature));
}

static void roles_keep_to_their_own(void **state)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    static const char face[96];
    struct err err;

    (void)state;
    make_body(TEXT_ID, PROFILE_SIGN, &body);
    assert_int_equal(
        signer_sign(signer, "text", SIGNER_CV_CERTIFICATE, buf_bytes(&body), &signature, &err),
        -ERR_UNTRUSTED);
    assert_string_equal(err.text, "structures of kind 5 are not signed by keys of role card-data");
    assert_int_equal(
        signer_sign(signer, "auth-ca", SIGNER_CV_CERTIFICATE, buf_bytes(&body), &signature, NULL),
        -ERR_UNTRUSTED);
    assert_int_equal(signer_sign(signer, "root", SIGNER_CARD_FACE, bytes_of(face, sizeof face),
                                 &signature, &err),
                     -ERR_UNTRUSTED);
    assert_string_equal(err.text, "structures of kind 9 are not signed by keys of role cv-root");
    assert_int_equal(signer_sign(signer, "text", SIGNER_CARD_FACE, bytes_of(face, sizeof face),
                                 &signature, &err),
                     -ERR_UNTRUSTED);
    assert_string_equal(err.text, "structures of kind 9 belong to the other applet");
    assert_int_equal(signer_sign(signer, "root", SIGNER_CERTIFICATE,
                                 x509_cert_tbs(pki.certs[PROFILE_SIGN_CA])->der, &signature, NULL),
                     -ERR_UNTRUSTED);
    assert_null(signature.ptr);
}

static void a_root_certifies_each_subject_once_and_remembers_through_a_kill(void **state)
{
    struct err err;

    (void)state;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(certify(TEXT_ID, PROFILE_SIGN, NULL), 0);
        assert_int_equal(certify(TEXT_ID, PROFILE_SIGN, NULL), 0); /* the same bytes */
        assert_int_equal(certify(TEXT_ID, PROFILE_AUTH, &err), -ERR_CONFLICT);
        assert_string_equal(err.text, "serial number 34002 was used for other bytes");
        assert_int_equal(signer_site_stop(server, SIGKILL), 128 + SIGKILL);
        server = signer_site_start(&site, STALL_MS);
    }
    assert_int_equal(certify(FACE_ID, PROFILE_AUTH, NULL), 0);
    assert_int_equal(certify(FACE_ID, PROFILE_SIGN_CA, NULL), -ERR_UNTRUSTED);
}

static void what_is_on_a_card_may_be_asked_for_again(void **state)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf first = BUF_INIT;
    CLEANUP(buf_done) struct buf second = BUF_INIT;

    (void)state;
    assert_int_equal(
        tlv_append(&tbs, 0xdf31, BYTES_LITERAL("0123456789abcdef0123456789abcdef"), NULL), 0);
    assert_int_equal(
        tlv_append(&tbs, 0xdf32, BYTES_LITERAL("fedcba9876543210fedcba9876543210"), NULL), 0);
    assert_int_equal(
        signer_sign(signer, "text", SIGNER_CARD_DIGESTS, buf_bytes(&tbs), &first, NULL), 0);
    assert_int_equal(
        signer_sign(signer, "text", SIGNER_CARD_DIGESTS, buf_bytes(&tbs), &second, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&second)));
    assert_int_equal(verify(PROFILE_SIGN, buf_bytes(&tbs), buf_bytes(&first)), 0);
}

/* No API verifies it as a signature: it is 96 bytes under the name of SHA-256 (card.md 3.3). */
static void a_face_is_signed_as_cards_have_it(void **state)
{
    static const char face[96] = "three hashes, one after the other";
    static const char head[] = "\x30\x71\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
                               "\x05\x00\x04\x60";
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    CLEANUP(buf_done) struct buf expected = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    (void)state;
    assert_int_equal(signer_sign(signer, "visual", SIGNER_CARD_FACE, bytes_of(face, sizeof face),
                                 &signature, NULL),
                     0);
    assert_int_equal(verify(PROFILE_AUTH, bytes_of(face, sizeof face), buf_bytes(&signature)),
                     -ERR_UNTRUSTED);
    assert_int_equal(buf_append(&info, BYTES_LITERAL(head), NULL), 0);
    assert_int_equal(buf_append(&info, bytes_of(face, sizeof face), NULL), 0);
    assert_int_equal(privkey_sign_raw(pki.keys[PROFILE_AUTH], buf_bytes(&info), &expected, NULL),
                     0);
    assert_true(bytes_equal(buf_bytes(&signature), buf_bytes(&expected)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_keep_to_their_own),
        cmocka_unit_test(a_root_certifies_each_subject_once_and_remembers_through_a_kill),
        cmocka_unit_test(what_is_on_a_card_may_be_asked_for_again),
        cmocka_unit_test(a_face_is_signed_as_cards_have_it),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
