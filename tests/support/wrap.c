/* SPDX-License-Identifier: Apache-2.0 */
#include "support/wrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static void choose(EVP_PKEY_CTX *ctx, enum wrap_form form)
{
    const EVP_MD *hash = form == WRAP_OAEP_SHA1 ? EVP_sha1() : EVP_sha256();
    bool is_mgf1_sha1 = form == WRAP_OAEP_SHA1 || form == WRAP_OAEP_MGF1;
    unsigned char *label;

    if (form == WRAP_PKCS1) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), 1);
        return;
    }
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, hash), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, is_mgf1_sha1 ? EVP_sha1() : hash), 1);
    if (form == WRAP_OAEP_LABEL) {
        label = OPENSSL_malloc(1);
        assert_non_null(label);
        *label = 'l';
        assert_int_equal(EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, 1), 1);
    }
}

void wrap_as(enum wrap_form form, struct bytes spki, struct bytes plain, struct buf *ret)
{
    const unsigned char *der = spki.ptr;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &der, (long)spki.len);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    uint8_t out[512];
    size_t len = sizeof out;

    assert_non_null(ctx);
    assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
    choose(ctx, form);
    assert_int_equal(EVP_PKEY_encrypt(ctx, out, &len, plain.ptr, plain.len), 1);
    assert_int_equal(buf_append(ret, bytes_of(out, len), NULL), 0);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
}

void wrap_for(struct bytes spki, struct bytes plain, struct buf *ret)
{
    wrap_as(WRAP_OAEP_256, spki, plain, ret);
}
