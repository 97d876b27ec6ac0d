/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How OpenSSL alone verifies a signed document, and what its primitives take: what verify.c
 * compares with. One thread.
 */
#pragma once

#include "base/bytes.h"

struct signed_case {
    struct bytes cert;      /* DER */
    struct bytes tbs;       /* what the CA signed */
    struct bytes modulus;   /* of the certificate's key */
    struct bytes ca_value;  /* the CA's signature, RSA with SHA-256 */
    struct bytes document;  /* what the holder signed */
    struct bytes signature; /* by that key, RSA with SHA-256 */
};

/* d2i_X509, X509_verify_cert with a list in the store, EVP_DigestVerify. */
struct openssl_store;
/* is_proven: the list's signature was checked before and is not checked again. */
MUST_CHECK int openssl_store_new(struct bytes ca, struct bytes crl, int64_t at, bool is_proven,
                                 struct openssl_store **ret, struct err *err);
void openssl_store_freep(struct openssl_store **store);
/* ERR_UNTRUSTED unless all of it holds. */
MUST_CHECK int openssl_store_verify(const struct openssl_store *store,
                                    const struct signed_case *signed_case, struct err *err);

/* The CA's key and one holder's, each with a context that is kept. */
struct bare;
MUST_CHECK int bare_new(struct bytes ca_modulus, const struct signed_case *example,
                        struct bare **ret, struct err *err);
void bare_freep(struct bare **bare);
/*
 * What cannot be left out: a hash of the document and of the certificate, the CA's signature with
 * its kept key, the holder's with a key that is made of its modulus.
 */
MUST_CHECK int bare_parts(const struct bare *bare, const struct signed_case *signed_case,
                          struct err *err);
/* One RSA verification over a digest that is there, with a kept context. */
MUST_CHECK int bare_raw(const struct bare *bare, struct err *err);
