/* SPDX-License-Identifier: Apache-2.0 */
#include "support/pki.h"

#include "x509/csr.h"
#include "x509/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { YEAR = 365 * 86400 };

static const struct holder holder = {
    .name = {(const uint8_t *)"試験　太郎", 15},
    .birth = {(const uint8_t *)"419900217", 9},
    .sex = {(const uint8_t *)"1", 1},
    .address = {(const uint8_t *)"兵庫県神戸市中央区見本町1丁目1番1号", 51},
    .name_substitutes = {(const uint8_t *)"00000", 5},
    .address_substitutes = {(const uint8_t *)"0000000000000000000", 19},
};

const struct holder *test_pki_holder(void)
{
    return &holder;
}

struct bytes test_pki_spki(const struct test_pki *pki, enum profile_kind kind)
{
    return x509_cert_tbs(pki->certs[kind])->spki;
}

struct profile_inputs test_pki_inputs(const struct test_pki *pki, enum profile_kind kind)
{
    static const uint32_t serials[PROFILES_] = {
        [PROFILE_SIGN] = 2,       [PROFILE_AUTH] = 0x8000,      [PROFILE_OCSP_SIGN] = 3,
        [PROFILE_OCSP_AUTH] = 3,  [PROFILE_FEED_SIGN] = 4,      [PROFILE_FEED_AUTH] = 4,
        [PROFILE_PHONE_SIGN] = 5, [PROFILE_PHONE_AUTH] = 0x8001};
    bool is_sign = kind == PROFILE_SIGN || kind == PROFILE_PHONE_SIGN;
    const struct profile *profile = profile_of(kind);
    enum profile_kind issuer = profile_kind_of(profile_issuer(profile));
    struct profile_inputs inputs = {
        .serial = 1,
        .algorithm = pki->algorithm,
        .not_before = TEST_PKI_NOW - YEAR,
        .not_after = TEST_PKI_NOW + 9LL * YEAR,
    };

    if (profile_is_ca(profile))
        return inputs;
    inputs.serial = serials[kind];
    inputs.not_before = TEST_PKI_NOW - 86400;
    inputs.not_after = profile_policy(profile).len == 0 ? TEST_PKI_NOW + YEAR - 86400
                                                        : TEST_PKI_NOW + 4LL * YEAR;
    inputs.issuer = x509_cert_tbs(pki->certs[issuer]);
    inputs.prefecture = "Hyogo-ken";
    inputs.municipality = "Kobe-shi";
    inputs.common_name = is_sign ? "2026092023132000001281003A01" : "0123ABCDEFGHI928100003A";
    inputs.holder = is_sign ? &holder : NULL;
    return inputs;
}

void test_pki_sign(struct bytes tbs, const struct privkey *key, struct buf *ret_der)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    assert_int_equal(digest_compute(key_kind_digest(privkey_kind(key)), tbs, &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &signature, NULL), 0);
    assert_int_equal(cert_assemble(tbs, buf_bytes(&signature), ret_der, NULL), 0);
}

void test_pki_issue(const struct test_pki *pki, enum profile_kind kind,
                    const struct profile_inputs *inputs, struct x509_cert **ret)
{
    const struct profile *profile = profile_of(kind);
    enum profile_kind issuer = profile_kind_of(profile_issuer(profile));
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct err err = {0};

    if (profile_build_tbs(profile, inputs, &tbs, &err) < 0)
        fail_msg("%s: %s", profile_name(profile), err.text);
    test_pki_sign(buf_bytes(&tbs), pki->keys[issuer], &der);
    if (x509_cert_parse(buf_bytes(&der), ret, &err) < 0)
        fail_msg("%s: %s", profile_name(profile), err.text);
}

void test_pki_make(struct test_pki *pki)
{
    test_pki_make_kind(pki, KEY_RSA);
}

static void make_one(struct test_pki *pki, enum profile_kind kind)
{
    struct privkey **key = &pki->keys[kind];
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct profile_inputs inputs;

    assert_int_equal(pki->algorithm == KEY_P384 ? privkey_generate_p384(key, NULL)
                                                : privkey_generate(2048, key, NULL),
                     0);
    assert_int_equal(privkey_spki(*key, &spki, NULL), 0);
    inputs = test_pki_inputs(pki, kind);
    inputs.spki = buf_bytes(&spki);
    test_pki_issue(pki, kind, &inputs, &pki->certs[kind]);
}

void test_pki_make_kind(struct test_pki *pki, enum key_kind algorithm)
{
    pki->algorithm = algorithm;
    for (int i = 0; i < PROFILES_; i++)
        make_one(pki, (enum profile_kind)i);
}

void test_pki_make_some(struct test_pki *pki, unsigned kinds)
{
    *pki = (struct test_pki){.algorithm = KEY_RSA};
    for (int i = 0; i < PROFILES_; i++)
        if ((kinds & 1U << i) != 0)
            make_one(pki, (enum profile_kind)i);
}

void test_pki_done(struct test_pki *pki)
{
    for (int i = 0; i < PROFILES_; i++) {
        x509_cert_freep(&pki->certs[i]);
        privkey_freep(&pki->keys[i]);
    }
}

void test_pki_request(const struct privkey *key, struct buf *ret)
{
    static const struct name_row subject[] = {{OID_COMMON_NAME, DER_UTF8_STRING, "card"}};
    CLEANUP(buf_done) struct buf name = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    enum key_kind kind = privkey_kind(key);
    struct digest digest;

    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(name_build(subject, 1, &name, NULL), 0);
    assert_int_equal(csr_build_info(buf_bytes(&name), buf_bytes(&spki), &info, NULL), 0);
    assert_int_equal(digest_compute(key_kind_digest(kind), buf_bytes(&info), &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &signature, NULL), 0);
    assert_int_equal(csr_assemble(buf_bytes(&info), kind, buf_bytes(&signature), ret, NULL), 0);
}
