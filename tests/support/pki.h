/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small PKI for tests: two CAs and one holder, made by the profiles with keys of this run, which
 * are all of one kind.
 */
#pragma once

#include "crypto/privkey.h"
#include "x509/cert.h"
#include "x509/profile.h"

enum { TEST_PKI_NOW = 1790000000 }; /* 2026-09-21T14:13:20Z */

struct test_pki {
    enum key_kind algorithm;
    struct privkey *keys[PROFILES_];
    struct x509_cert *certs[PROFILES_];
};

/* Everything in here fails the running test instead of returning. */
void test_pki_make(struct test_pki *pki); /* RSA */
void test_pki_make_kind(struct test_pki *pki, enum key_kind algorithm);
/* Only these, CAs before what they sign: of 1U << PROFILE_SIGN_CA and so on, the rest is NULL. */
void test_pki_make_some(struct test_pki *pki, unsigned kinds);
void test_pki_done(struct test_pki *pki);

/* The inputs with which the certificate of this kind was made, to be changed and issued again. */
struct profile_inputs test_pki_inputs(const struct test_pki *pki, enum profile_kind kind);
/* SubjectPublicKeyInfo of the key of this kind; lives as long as the PKI. */
struct bytes test_pki_spki(const struct test_pki *pki, enum profile_kind kind);
/* The holder in the sign certificate. */
const struct holder *test_pki_holder(void);

/* Sign a TBSCertificate with any key by the hash that goes with the key, whatever is in it. */
void test_pki_sign(struct bytes tbs, const struct privkey *key, struct buf *ret_der);
/* A certificate request (PKCS#10) of a card for this key. */
void test_pki_request(const struct privkey *key, struct buf *ret);
/* Build by profile, sign with the key of its CA. */
void test_pki_issue(const struct test_pki *pki, enum profile_kind kind,
                    const struct profile_inputs *inputs, struct x509_cert **ret);
