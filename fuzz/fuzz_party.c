/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of a verifier that somebody wants signed: JSON with a certificate of the fuzzer's own.
 * What is taken gives attributes, and is one request and not another when a byte is added.
 */
#include "fuzz.h"
#include "signer/role_party.h"
#include "support/pki.h"
#include "x509/der.h"

#include <stdlib.h>

static struct test_pki pki;

static void clean(void)
{
    test_pki_done(&pki);
}

static const struct test_pki *have_pki(void)
{
    if (pki.keys[PROFILE_AUTH] == NULL) {
        FUZZ_CHECK(atexit(clean) == 0);
        test_pki_make(&pki);
    }
    return &pki;
}

FUZZ_TARGET(data, size)
{
    static const struct party_rules rules = {"https://authority.example"};
    struct bytes spki = test_pki_spki(have_pki(), PROFILE_AUTH);
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    size_t mark;

    /* As it comes, which is what signerd gets. */
    (void)!role_party_check(&rules, spki, bytes_of(data, size), &attributes, NULL);
    buf_clear(&attributes);
    FUZZ_CHECK(der_begin(&tbs, DER_SEQUENCE, &mark, NULL) == 0);
    FUZZ_CHECK(der_put(&tbs, DER_OCTET_STRING, bytes_of(data, size), NULL) == 0);
    FUZZ_CHECK(buf_append(&tbs, x509_cert_der(pki.certs[PROFILE_AUTH]), NULL) == 0);
    FUZZ_CHECK(der_finish(&tbs, mark, NULL) == 0);
    if (role_party_check(&rules, spki, buf_bytes(&tbs), &attributes, NULL) < 0) {
        FUZZ_CHECK(attributes.len == 0);
        return 0;
    }
    FUZZ_CHECK(attributes.len > 0 && size <= SIGNERD_REQUEST_MAX);
    return 0;
}
