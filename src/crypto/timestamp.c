/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/timestamp.h"

#include "base/caltime.h"
#include "crypto/digest.h"
#include "crypto/openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <stdlib.h>
#include <time.h>

enum { NONCE_SIZE = 16, TM_YEAR = 1900 };

struct timestamp_roots {
    X509_STORE *store;
};

static void query_freep(TS_REQ **query)
{
    TS_REQ_free(*query);
}

static void answer_freep(TS_RESP **answer)
{
    TS_RESP_free(*answer);
}

static void token_freep(PKCS7 **token)
{
    PKCS7_free(*token);
}

static void checks_freep(TS_VERIFY_CTX **checks)
{
    TS_VERIFY_CTX_free(*checks);
}

static void bio_freep(BIO **bio)
{
    BIO_free(*bio);
}

void timestamp_roots_freep(struct timestamp_roots **roots)
{
    if (*roots == NULL)
        return;
    X509_STORE_free((*roots)->store);
    free(*roots);
    *roots = NULL;
}

/* How many certificates of a PEM text went into the store. */
static int add_all(X509_STORE *store, BIO *pem, unsigned *ret_count, struct err *err)
{
    X509 *cert;

    *ret_count = 0;
    while ((cert = PEM_read_bio_X509(pem, NULL, NULL, NULL)) != NULL) {
        int added = X509_STORE_add_cert(store, cert);

        X509_free(cert);
        if (added != 1)
            return FAIL_OPENSSL(err, ERR_INPUT, "a timestamp authority's certificate is no good");
        ++*ret_count;
    }
    /* The end of the text is an error to OpenSSL. */
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return FAIL_OPENSSL(err, ERR_INPUT, "a timestamp authority's certificate is malformed");
    ERR_clear_error();
    return 0;
}

int timestamp_roots_read(struct bytes pem, struct timestamp_roots **ret, struct err *err)
{
    CLEANUP(timestamp_roots_freep) struct timestamp_roots *roots = calloc(1, sizeof *roots);
    CLEANUP(bio_freep) BIO *bio = NULL;
    unsigned count;

    if (pem.len > TIMESTAMP_ROOTS_MAX)
        return FAIL(err, ERR_INPUT, "certificates of timestamp authorities are over %d bytes",
                    TIMESTAMP_ROOTS_MAX);
    bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    if (roots == NULL || bio == NULL)
        return FAIL(err, ERR_NOMEM, "out of memory");
    roots->store = X509_STORE_new();
    if (roots->store == NULL)
        return FAIL_OPENSSL(err, ERR_NOMEM, "out of memory");
    TRY(add_all(roots->store, bio, &count, err));
    if (count == 0)
        return FAIL(err, ERR_INPUT, "there is no certificate of a timestamp authority");
    *ret = roots;
    roots = NULL;
    return 0;
}

static int set_imprint(TS_REQ *query, struct bytes data, struct err *err)
{
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *alg = X509_ALGOR_new();
    struct digest digest;
    int rc = digest_compute(DIGEST_SHA256, data, &digest, err);

    if (rc == 0 && (imprint == NULL || alg == NULL ||
                    X509_ALGOR_set0(alg, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) != 1 ||
                    TS_MSG_IMPRINT_set_algo(imprint, alg) != 1 ||
                    TS_MSG_IMPRINT_set_msg(imprint, digest.value, (int)digest.len) != 1 ||
                    TS_REQ_set_msg_imprint(query, imprint) != 1))
        rc = FAIL_OPENSSL(err, ERR_NOMEM, "a query for a timestamp cannot be made");
    X509_ALGOR_free(alg);
    TS_MSG_IMPRINT_free(imprint);
    return rc;
}

static int set_nonce(TS_REQ *query, struct err *err)
{
    unsigned char random[NONCE_SIZE];
    ASN1_INTEGER *nonce = NULL;
    BIGNUM *number = NULL;
    int rc = 0;

    if (RAND_bytes(random, sizeof random) != 1 ||
        (number = BN_bin2bn(random, sizeof random, NULL)) == NULL ||
        (nonce = BN_to_ASN1_INTEGER(number, NULL)) == NULL || TS_REQ_set_nonce(query, nonce) != 1)
        rc = FAIL_OPENSSL(err, ERR_SYSTEM, "a query for a timestamp gets no nonce");
    ASN1_INTEGER_free(nonce);
    BN_free(number);
    return rc;
}

int timestamp_ask(struct bytes data, struct buf *ret_query, struct err *err)
{
    CLEANUP(query_freep) TS_REQ *query = TS_REQ_new();
    unsigned char *der = NULL;
    int len, rc;

    if (query == NULL || TS_REQ_set_version(query, 1) != 1 || TS_REQ_set_cert_req(query, 1) != 1)
        return FAIL_OPENSSL(err, ERR_NOMEM, "a query for a timestamp cannot be made");
    TRY(set_imprint(query, data, err));
    TRY(set_nonce(query, err));
    len = i2d_TS_REQ(query, &der);
    if (len <= 0)
        return FAIL_OPENSSL(err, ERR_NOMEM, "a query for a timestamp cannot be written");
    rc = buf_append(ret_query, bytes_of(der, (size_t)len), err);
    OPENSSL_free(der);
    return rc;
}

/* The query's own checks, and the signature. The store is borrowed: the context would free it. */
static int prepare(TS_REQ *query, const struct timestamp_roots *roots, TS_VERIFY_CTX **ret,
                   struct err *err)
{
    CLEANUP(checks_freep) TS_VERIFY_CTX *checks = NULL;

    if (X509_STORE_up_ref(roots->store) != 1)
        return FAIL_OPENSSL(err, ERR_NOMEM, "out of memory");
    checks = query == NULL ? TS_VERIFY_CTX_new() : TS_REQ_to_TS_VERIFY_CTX(query, NULL);
    if (checks == NULL) {
        X509_STORE_free(roots->store);
        return FAIL_OPENSSL(err, ERR_NOMEM, "out of memory");
    }
    (void)TS_VERIFY_CTX_set_store(checks, roots->store);
    (void)TS_VERIFY_CTX_add_flags(checks, TS_VFY_VERSION | TS_VFY_SIGNATURE);
    *ret = checks;
    checks = NULL;
    return 0;
}

static int check_status(TS_RESP *answer, struct err *err)
{
    const TS_STATUS_INFO *info = TS_RESP_get_status_info(answer);
    long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));

    if (status == TS_STATUS_GRANTED || status == TS_STATUS_GRANTED_WITH_MODS)
        return 0;
    return FAIL(err, ERR_REMOTE, "the timestamp authority grants no timestamp (status %ld)",
                status);
}

static int parse_answer(struct bytes der, TS_RESP **ret, struct err *err)
{
    CLEANUP(answer_freep) TS_RESP *answer = NULL;
    const unsigned char *at = der.ptr;

    if (der.len <= TIMESTAMP_MAX)
        answer = d2i_TS_RESP(NULL, &at, (long)der.len);
    if (answer == NULL || at != der.ptr + der.len)
        return FAIL_OPENSSL(err, ERR_INPUT, "this is no answer of a timestamp authority");
    *ret = answer;
    answer = NULL;
    return 0;
}

static int write_token(PKCS7 *token, struct buf *ret, struct err *err)
{
    unsigned char *der = NULL;
    int len = i2d_PKCS7(token, &der);
    int rc;

    if (len <= 0)
        return FAIL_OPENSSL(err, ERR_NOMEM, "a timestamp cannot be written");
    rc = buf_append(ret, bytes_of(der, (size_t)len), err);
    OPENSSL_free(der);
    return rc;
}

int timestamp_receive(struct bytes query, struct bytes answer, const struct timestamp_roots *roots,
                      struct buf *ret_token, struct err *err)
{
    CLEANUP(query_freep) TS_REQ *asked = NULL;
    CLEANUP(answer_freep) TS_RESP *got = NULL;
    CLEANUP(checks_freep) TS_VERIFY_CTX *checks = NULL;
    const unsigned char *at = query.ptr;

    asked = d2i_TS_REQ(NULL, &at, (long)query.len);
    if (asked == NULL)
        return FAIL_OPENSSL(err, ERR_USAGE, "this is no query for a timestamp");
    TRY(parse_answer(answer, &got, err));
    TRY(check_status(got, err));
    TRY(prepare(asked, roots, &checks, err));
    if (TS_RESP_verify_response(checks, got) != 1)
        return FAIL_OPENSSL(err, ERR_UNTRUSTED,
                            "the timestamp is no answer to this query, or by no authority that is "
                            "believed");
    return write_token(TS_RESP_get_token(got), ret_token, err);
}

/* The imprint is of this data, by SHA-256 and nothing weaker. */
static int check_imprint(TS_TST_INFO *info, struct bytes data, struct err *err)
{
    TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(info);
    const X509_ALGOR *alg = TS_MSG_IMPRINT_get_algo(imprint);
    const ASN1_OCTET_STRING *value = TS_MSG_IMPRINT_get_msg(imprint);
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, data, &digest, err));
    if (OBJ_obj2nid(alg->algorithm) == NID_sha256 &&
        bytes_equal(digest_bytes(&digest),
                    bytes_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value))))
        return 0;
    return FAIL(err, ERR_UNTRUSTED, "the timestamp is of something else");
}

static int read_time(const TS_TST_INFO *info, int64_t *ret, struct err *err)
{
    struct tm tm;

    if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm) != 1)
        return FAIL_OPENSSL(err, ERR_INPUT, "the timestamp tells no time");
    *ret = caltime_utc(
        (struct caltime){
            {tm.tm_year + TM_YEAR, tm.tm_mon + 1, tm.tm_mday}, tm.tm_hour, tm.tm_min, tm.tm_sec},
        0);
    return 0;
}

static int check_token(PKCS7 *token, struct bytes data, const struct timestamp_roots *roots,
                       int64_t *ret_time, struct err *err)
{
    CLEANUP(checks_freep) TS_VERIFY_CTX *checks = NULL;
    TS_TST_INFO *info = PKCS7_to_TS_TST_INFO(token);
    int rc;

    if (info == NULL)
        return FAIL_OPENSSL(err, ERR_INPUT, "this is no timestamp");
    rc = check_imprint(info, data, err);
    if (rc == 0)
        rc = prepare(NULL, roots, &checks, err);
    if (rc == 0 && TS_RESP_verify_token(checks, token) != 1)
        rc = FAIL_OPENSSL(err, ERR_UNTRUSTED, "the timestamp is by no authority that is believed");
    if (rc == 0)
        rc = read_time(info, ret_time, err);
    TS_TST_INFO_free(info);
    return rc;
}

int timestamp_check(struct bytes token, struct bytes data, const struct timestamp_roots *roots,
                    int64_t *ret_time, struct err *err)
{
    CLEANUP(token_freep) PKCS7 *parsed = NULL;
    const unsigned char *at = token.ptr;

    if (token.len <= TIMESTAMP_MAX)
        parsed = d2i_PKCS7(NULL, &at, (long)token.len);
    if (parsed == NULL || at != token.ptr + token.len || PKCS7_type_is_signed(parsed) != 1)
        return FAIL_OPENSSL(err, ERR_INPUT, "this is no timestamp");
    return check_token(parsed, data, roots, ret_time, err);
}
