/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/path.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

struct path_store {
    X509_STORE *trusted; /* anchors and lists */
    STACK_OF(X509) * intermediates;
};

/* Without an explicit anyPolicy, libcrypto takes "explicit policy" for "no policy is good". */
static const char any_policy[] = "2.5.29.32.0";

static const unsigned long always = X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |
                                    X509_V_FLAG_EXTENDED_CRL_SUPPORT | X509_V_FLAG_USE_DELTAS |
                                    X509_V_FLAG_POLICY_CHECK;

static void cert_freep(X509 **cert)
{
    X509_free(*cert);
}

static void crl_freep(X509_CRL **crl)
{
    X509_CRL_free(*crl);
}

static void ctx_freep(X509_STORE_CTX **ctx)
{
    X509_STORE_CTX_free(*ctx);
}

int path_store_new(struct path_store **ret, struct err *err)
{
    CLEANUP(path_store_freep) struct path_store *store = calloc(1, sizeof *store);

    if (store == NULL)
        return FAIL_NOMEM(err);
    store->trusted = X509_STORE_new();
    store->intermediates = sk_X509_new_null();
    if (store->trusted == NULL || store->intermediates == NULL) {
        ERR_clear_error();
        return FAIL_NOMEM(err);
    }
    *ret = store;
    store = NULL;
    return 0;
}

void path_store_free(struct path_store *store)
{
    if (store == NULL)
        return;
    X509_STORE_free(store->trusted);
    sk_X509_pop_free(store->intermediates, X509_free);
    free(store);
}

void path_store_freep(struct path_store **store)
{
    path_store_free(*store);
    *store = NULL;
}

static int parse_cert(struct bytes der, X509 **ret, struct err *err)
{
    const unsigned char *at = der.ptr;
    X509 *cert = der.len == 0 || der.len > LONG_MAX ? NULL : d2i_X509(NULL, &at, (long)der.len);

    ERR_clear_error();
    if (cert == NULL || at != der.ptr + der.len) {
        X509_free(cert);
        return FAIL(err, ERR_INPUT, "not a certificate (RFC 5280, 4.1)");
    }
    *ret = cert;
    return 0;
}

int path_store_add_anchor(struct path_store *store, struct bytes der, struct err *err)
{
    CLEANUP(cert_freep) X509 *cert = NULL;

    TRY(parse_cert(der, &cert, err));
    return X509_STORE_add_cert(store->trusted, cert) == 1 ? 0 : FAIL_NOMEM(err);
}

int path_store_add_intermediate(struct path_store *store, struct bytes der, struct err *err)
{
    CLEANUP(cert_freep) X509 *cert = NULL;

    TRY(parse_cert(der, &cert, err));
    if (sk_X509_push(store->intermediates, cert) <= 0)
        return FAIL_NOMEM(err);
    cert = NULL;
    return 0;
}

int path_store_add_crl(struct path_store *store, struct bytes der, struct err *err)
{
    const unsigned char *at = der.ptr;
    CLEANUP(crl_freep)
    X509_CRL *crl = der.len == 0 || der.len > LONG_MAX ? NULL
                                                       : d2i_X509_CRL(NULL, &at, (long)der.len);

    ERR_clear_error();
    if (crl == NULL || at != der.ptr + der.len)
        return FAIL(err, ERR_INPUT, "not a revocation list (RFC 5280, 5.1)");
    return X509_STORE_add_crl(store->trusted, crl) == 1 ? 0 : FAIL_NOMEM(err);
}

static int add_policy(X509_VERIFY_PARAM *param, const char *dotted, struct err *err)
{
    ASN1_OBJECT *policy = OBJ_txt2obj(dotted, 1);

    if (policy == NULL) {
        ERR_clear_error();
        return FAIL(err, ERR_USAGE, "%s is no object identifier", dotted);
    }
    if (X509_VERIFY_PARAM_add0_policy(param, policy) != 1) {
        ASN1_OBJECT_free(policy);
        return FAIL_NOMEM(err);
    }
    return 0;
}

static int set_question(X509_STORE_CTX *ctx, const struct path_question *question, struct err *err)
{
    static const char *const any[] = {any_policy, NULL};
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    unsigned long flags = always;

    if (question->explicit_policy)
        flags |= X509_V_FLAG_EXPLICIT_POLICY;
    if (question->inhibit_mapping)
        flags |= X509_V_FLAG_INHIBIT_MAP;
    if (question->inhibit_any_policy)
        flags |= X509_V_FLAG_INHIBIT_ANY;
    if (X509_VERIFY_PARAM_set_flags(param, flags) != 1)
        return FAIL_NOMEM(err);
    X509_VERIFY_PARAM_set_time(param, (time_t)question->at);
    for (const char *const *at = question->policies == NULL ? any : question->policies; *at != NULL;
         at++)
        TRY(add_policy(param, *at, err));
    return 0;
}

/*
 * The anchor is trusted by decision and no part of the path (RFC 5280, 6.1): a list that covers it
 * need not be there. Is there one that names it, it counts.
 */
static int excuse_anchor(int ok, X509_STORE_CTX *ctx)
{
    int error = X509_STORE_CTX_get_error(ctx);
    int top = sk_X509_num(X509_STORE_CTX_get0_chain(ctx)) - 1;

    if (ok == 0 && X509_STORE_CTX_get_error_depth(ctx) == top &&
        (error == X509_V_ERR_UNABLE_TO_GET_CRL || error == X509_V_ERR_DIFFERENT_CRL_SCOPE)) {
        X509_STORE_CTX_set_error(ctx, X509_V_OK);
        return 1;
    }
    return ok;
}

int path_verify(const struct path_store *store, const struct path_question *question,
                struct err *err)
{
    CLEANUP(ctx_freep) X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    CLEANUP(cert_freep) X509 *cert = NULL;
    int rc;

    TRY(parse_cert(question->cert, &cert, err));
    if (ctx == NULL || X509_STORE_CTX_init(ctx, store->trusted, cert, store->intermediates) != 1) {
        ERR_clear_error();
        return FAIL_NOMEM(err);
    }
    TRY(set_question(ctx, question, err));
    X509_STORE_CTX_set_verify_cb(ctx, excuse_anchor);
    rc = X509_verify_cert(ctx);
    ERR_clear_error();
    if (rc == 1)
        return 0;
    rc = X509_STORE_CTX_get_error(ctx);
    if (rc == X509_V_ERR_OUT_OF_MEM)
        return FAIL_NOMEM(err);
    return FAIL_WITH(err, ERR_UNTRUSTED, (uint32_t)rc, "%s", X509_verify_cert_error_string(rc));
}
