/* SPDX-License-Identifier: Apache-2.0 */
#include "timestamp_authority.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

enum { DAY = 86400 };

struct timestamp_authority {
    EVP_PKEY *key;
    X509 *cert, *filler; /* NULL: there is none */
};

static void extend(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static X509 *certify(EVP_PKEY *key, const char *comment)
{
    X509 *cert = X509_new();
    X509_NAME *name;

    assert_non_null(cert);
    assert_int_equal(X509_set_version(cert, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(cert), -DAY));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(cert), DAY));
    name = X509_get_subject_name(cert);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                (const unsigned char *)"Time", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(cert, name), 1);
    assert_int_equal(X509_set_pubkey(cert, key), 1);
    extend(cert, NID_key_usage, "critical,digitalSignature");
    extend(cert, NID_ext_key_usage, "critical,timeStamping");
    if (comment != NULL)
        extend(cert, NID_netscape_comment, comment);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    return cert;
}

struct timestamp_authority *timestamp_authority_new(void)
{
    struct timestamp_authority *authority = calloc(1, sizeof *authority);

    assert_non_null(authority);
    authority->key = EVP_EC_gen("P-256");
    assert_non_null(authority->key);
    authority->cert = certify(authority->key, NULL);
    return authority;
}

void timestamp_authority_freep(struct timestamp_authority **authority)
{
    if (*authority == NULL)
        return;
    X509_free((*authority)->cert);
    X509_free((*authority)->filler);
    EVP_PKEY_free((*authority)->key);
    free(*authority);
    *authority = NULL;
}

void timestamp_authority_fill(struct timestamp_authority *authority, size_t size)
{
    char *comment = calloc(1, size + 1);

    assert_non_null(comment);
    memset(comment, 'x', size);
    X509_free(authority->filler);
    authority->filler = certify(authority->key, comment);
    free(comment);
}

static void fill(TS_RESP_CTX *ctx, X509 *filler)
{
    STACK_OF(X509) *certs = sk_X509_new_null();

    assert_true(sk_X509_push(certs, filler) > 0);
    assert_int_equal(TS_RESP_CTX_set_certs(ctx, certs), 1);
    sk_X509_free(certs);
}

void timestamp_authority_pem(const struct timestamp_authority *authority, struct buf *ret)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const char *text;
    long len;

    assert_int_equal(PEM_write_bio_X509(bio, authority->cert), 1);
    len = BIO_get_mem_data(bio, &text);
    assert_int_equal(buf_append(ret, bytes_of(text, (size_t)len), NULL), 0);
    BIO_free(bio);
}

static TS_RESP_CTX *prepare(const struct timestamp_authority *authority)
{
    TS_RESP_CTX *ctx = TS_RESP_CTX_new();
    ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4.1", 1);

    assert_int_equal(TS_RESP_CTX_set_signer_cert(ctx, authority->cert), 1);
    assert_int_equal(TS_RESP_CTX_set_signer_key(ctx, authority->key), 1);
    assert_int_equal(TS_RESP_CTX_set_signer_digest(ctx, EVP_sha256()), 1);
    assert_int_equal(TS_RESP_CTX_set_def_policy(ctx, policy), 1);
    assert_int_equal(TS_RESP_CTX_add_md(ctx, EVP_sha256()), 1);
    assert_int_equal(TS_RESP_CTX_add_md(ctx, EVP_sha1()), 1);
    ASN1_OBJECT_free(policy);
    if (authority->filler != NULL)
        fill(ctx, authority->filler);
    return ctx;
}

/* What i2d made, which is given back to OpenSSL. */
static void take(unsigned char *der, int len, struct buf *ret)
{
    assert_true(len > 0);
    assert_int_equal(buf_append(ret, bytes_of(der, (size_t)len), NULL), 0);
    OPENSSL_free(der);
}

void timestamp_authority_answer(const struct timestamp_authority *authority, struct bytes query,
                                struct buf *ret)
{
    TS_RESP_CTX *ctx = prepare(authority);
    BIO *bio = BIO_new_mem_buf(query.ptr, (int)query.len);
    TS_RESP *answer = TS_RESP_create_response(ctx, bio);
    unsigned char *der = NULL;
    int len;

    assert_non_null(answer);
    len = i2d_TS_RESP(answer, &der);
    take(der, len, ret);
    TS_RESP_free(answer);
    BIO_free(bio);
    TS_RESP_CTX_free(ctx);
}

void timestamp_query_of(struct bytes data, int hash, struct buf *ret)
{
    TS_REQ *query = TS_REQ_new();
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *alg = X509_ALGOR_new();
    unsigned char value[EVP_MAX_MD_SIZE], *der = NULL;
    unsigned size;
    int len;

    assert_int_equal(EVP_Digest(data.ptr, data.len, value, &size, EVP_get_digestbynid(hash), NULL),
                     1);
    assert_int_equal(X509_ALGOR_set0(alg, OBJ_nid2obj(hash), V_ASN1_NULL, NULL), 1);
    assert_int_equal(TS_MSG_IMPRINT_set_algo(imprint, alg), 1);
    assert_int_equal(TS_MSG_IMPRINT_set_msg(imprint, value, (int)size), 1);
    assert_int_equal(TS_REQ_set_version(query, 1), 1);
    assert_int_equal(TS_REQ_set_cert_req(query, 1), 1);
    assert_int_equal(TS_REQ_set_msg_imprint(query, imprint), 1);
    len = i2d_TS_REQ(query, &der);
    take(der, len, ret);
    X509_ALGOR_free(alg);
    TS_MSG_IMPRINT_free(imprint);
    TS_REQ_free(query);
}

void timestamp_token_in(struct bytes answer, struct buf *ret)
{
    const unsigned char *at = answer.ptr;
    TS_RESP *parsed = d2i_TS_RESP(NULL, &at, (long)answer.len);
    unsigned char *der = NULL;
    int len;

    assert_non_null(parsed);
    len = i2d_PKCS7(TS_RESP_get_token(parsed), &der);
    take(der, len, ret);
    TS_RESP_free(parsed);
}
