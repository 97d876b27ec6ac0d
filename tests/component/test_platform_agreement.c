/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates for whose keys clients and platform agree (ECDH-ES), beside those that are wrapped.
 */
#include "platform/verification/verification.h"

#include "base/base64.h"
#include "crypto/jwe.h"
#include "support/platform_site.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct test_pki pki;
static struct privkey *token, *point;
static struct platform_site site;
static struct signer *signer;

static int make_keys(void **state)
{
    (void)state;
    test_pki_make(&pki);
    assert_int_equal(privkey_generate_p256(&point, NULL), 0);
    return privkey_generate(2048, &token, NULL);
}

static int release_keys(void **state)
{
    (void)state;
    test_pki_done(&pki);
    privkey_freep(&token);
    privkey_freep(&point);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    token_signer = (struct token_signer){.key = token, .point = point};
    platform_site_make(&site, &pki);
    return signer_open("", &signer, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    platform_site_done(&site);
    return 0;
}

static int open_text(struct buf *compact, struct buf *ret, struct err *err)
{
    const char *text = NULL;

    assert_int_equal(buf_text(compact, &text, NULL), 0);
    return platform_open_certificate(&site.platform, signer, text, ret, err);
}

static void encrypt_to(const struct pubkey *key, struct buf *ret)
{
    assert_int_equal(jwe_encrypt(key, x509_cert_der(pki.certs[PROFILE_SIGN]), ret, NULL), 0);
}

/* The same JWE with a header that names another of the platform's keys. */
static void rename_key(const struct buf *compact, const char *from, const char *to, struct buf *ret)
{
    CLEANUP(buf_done) struct buf header = BUF_INIT;
    size_t len = (size_t)((const uint8_t *)memchr(compact->ptr, '.', compact->len) - compact->ptr);
    const char *text = NULL;
    char *at;

    assert_int_equal(base64_decode(BASE64_URL, bytes_of(compact->ptr, len), &header, NULL), 0);
    assert_int_equal(buf_text(&header, &text, NULL), 0);
    at = strstr((char *)header.ptr, from);
    assert_non_null(at);
    memcpy(at, to, JWK_THUMBPRINT_LEN);
    assert_int_equal(base64_append(ret, BASE64_URL, buf_bytes(&header), NULL), 0);
    assert_int_equal(buf_append(ret, bytes_of(compact->ptr + len, compact->len - len), NULL), 0);
}

static void whatever_is_wrong_with_it_is_told_in_one_sentence(void **state)
{
    const char *exchange = site.platform.exchange_kid.text;
    const char *agreement = site.platform.agreement.kid.text;
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    CLEANUP(buf_done) struct buf agreed = BUF_INIT;
    CLEANUP(buf_done) struct buf none = BUF_INIT;
    struct buf changed[4] = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
    struct err first = {0};

    (void)state;
    encrypt_to(site.platform.exchange_key, &wrapped);
    encrypt_to(site.platform.agreement.key, &agreed);
    rename_key(&wrapped, exchange, agreement, &changed[0]); /* 256 octets where a point belongs */
    rename_key(&agreed, agreement, exchange, &changed[1]);  /* a point where a block belongs */
    assert_int_equal(buf_copy(buf_bytes(&agreed), &changed[2], NULL), 0);
    changed[2].ptr[agreed.len - 3] = changed[2].ptr[agreed.len - 3] == 'A' ? 'B'
                                                                           : 'A'; /* the tag */
    assert_int_equal(buf_copy(buf_bytes(&agreed), &changed[3], NULL), 0);
    changed[3].ptr[agreed.len - 60] = changed[3].ptr[agreed.len - 60] == 'A' ? 'B' : 'A';
    for (size_t i = 0; i < 4; i++) {
        struct err err = {0};

        assert_int_equal(open_text(&changed[i], &none, &err), -ERR_UNTRUSTED);
        if (i == 0)
            first = err;
        assert_string_equal(err.text, first.text);
        buf_done(&changed[i]);
    }
    assert_null(none.ptr);
}

/* Its header with another "y": signerd's refusal is not told apart from a tag that does not fit. */
static void a_point_off_the_curve_is_told_as_if_it_were_another_key(void **state)
{
    CLEANUP(buf_done) struct buf agreed = BUF_INIT;
    CLEANUP(buf_done) struct buf off = BUF_INIT;
    CLEANUP(buf_done) struct buf header = BUF_INIT;
    CLEANUP(buf_done) struct buf none = BUF_INIT;
    struct err err = {0};
    size_t len;
    char *y;

    (void)state;
    encrypt_to(site.platform.agreement.key, &agreed);
    len = (size_t)((const uint8_t *)memchr(agreed.ptr, '.', agreed.len) - agreed.ptr);
    assert_int_equal(base64_decode(BASE64_URL, bytes_of(agreed.ptr, len), &header, NULL), 0);
    assert_int_equal(buf_append_byte(&header, 0, NULL), 0);
    y = strstr((char *)header.ptr, "\"y\":\"");
    assert_non_null(y);
    y[5] = y[5] == 'A' ? 'B' : 'A';
    assert_int_equal(base64_append(&off, BASE64_URL, bytes_of(header.ptr, header.len - 1), NULL),
                     0);
    assert_int_equal(buf_append(&off, bytes_of(agreed.ptr + len, agreed.len - len), NULL), 0);
    assert_int_equal(open_text(&off, &none, &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "certificate: encrypted for another key, or changed");
    assert_null(none.ptr);
}

static void without_such_a_key_what_is_for_it_is_for_somebody_else(void **state)
{
    CLEANUP(buf_done) struct buf agreed = BUF_INIT;
    CLEANUP(buf_done) struct buf none = BUF_INIT;
    struct err err = {0};

    (void)state;
    encrypt_to(site.platform.agreement.key, &agreed);
    site.platform.agreement.name = NULL;
    assert_int_equal(open_text(&agreed, &none, &err), -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "another key; fetch /v1/keys again"));
    assert_null(none.ptr);
}

static void a_signerd_that_refuses_or_is_away_is_not_the_senders_fault(void **state)
{
    CLEANUP(buf_done) struct buf agreed = BUF_INIT;
    CLEANUP(buf_done) struct buf none = BUF_INIT;
    struct err err = {0};

    (void)state;
    encrypt_to(site.platform.agreement.key, &agreed);
    token_signer.refusal = ERR_DENIED;
    assert_int_equal(open_text(&agreed, &none, &err), -ERR_SYSTEM);
    assert_non_null(strstr(err.text, "\"agreement\""));
    token_signer.refusal = ERR_NONE;
    token_signer.is_down = true;
    assert_int_equal(open_text(&agreed, &none, NULL), -ERR_REMOTE);
    assert_null(none.ptr);
}

static void a_key_that_is_not_on_p256_keeps_the_platform_from_starting(void **state)
{
    struct err err = {0};

    (void)state;
    token_signer.point = NULL; /* the name gives an RSA key then */
    pubkey_freep(&site.platform.exchange_key);
    pubkey_freep(&site.platform.agreement.key);
    assert_int_equal(platform_load_keys(&site.platform, &err), -ERR_INPUT);
    assert_string_equal(err.text, "signerd's key agreement is not on P-256");
}

static void both_ways_lead_to_the_certificate(void **state)
{
    const struct pubkey *keys[] = {site.platform.exchange_key, site.platform.agreement.key};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(buf_done) struct buf jwe = BUF_INIT;
        CLEANUP(buf_done) struct buf der = BUF_INIT;

        encrypt_to(keys[i], &jwe);
        assert_int_equal(open_text(&jwe, &der, NULL), 0);
        assert_true(bytes_equal(buf_bytes(&der), x509_cert_der(pki.certs[PROFILE_SIGN])));
    }
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(whatever_is_wrong_with_it_is_told_in_one_sentence),
        WITH_SITE(a_point_off_the_curve_is_told_as_if_it_were_another_key),
        WITH_SITE(without_such_a_key_what_is_for_it_is_for_somebody_else),
        WITH_SITE(a_signerd_that_refuses_or_is_away_is_not_the_senders_fault),
        WITH_SITE(a_key_that_is_not_on_p256_keeps_the_platform_from_starting),
        WITH_SITE(both_ways_lead_to_the_certificate),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
