/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "x509/csr.h"

#include <openssl/x509.h>

/* A request with a proof of possession is one for OpenSSL too. */
FUZZ_TARGET(data, size)
{
    const unsigned char *p = data;
    struct csr csr;
    X509_REQ *judge;

    if (csr_parse(bytes_of(data, size), &csr, NULL) < 0)
        return 0;
    FUZZ_CHECK(csr.der.len == size && fuzz_is_inside(csr.info, data, size));
    FUZZ_CHECK(fuzz_is_inside(csr.subject, data, size) && fuzz_is_inside(csr.spki, data, size));
    judge = d2i_X509_REQ(NULL, &p, (long)size);
    FUZZ_CHECK(judge != NULL && p == data + size);
    FUZZ_CHECK(X509_REQ_verify(judge, X509_REQ_get0_pubkey(judge)) == 1);
    X509_REQ_free(judge);
    return 0;
}
