/* SPDX-License-Identifier: Apache-2.0 */
/* Have responders answer in tests; what is not to be appointed makes it fail. */
#pragma once

#include "ocsp/index.h"
#include "support/pki.h"

/* Others in the place of those there are, two at most. */
static inline int test_appoint(struct ocsp_index *index, const struct ocsp_appointment *list,
                               size_t count, struct err *err)
{
    CLEANUP(ocsp_delegates_releasep) struct ocsp_delegates *delegates = NULL;

    TRY(ocsp_delegates_new(&delegates, err));
    for (size_t i = 0; i < count; i++)
        TRY(ocsp_delegates_add(delegates, &list[i], err));
    ocsp_index_appoint(index, delegates);
    return 0;
}

/* Those of the test PKI, with the keys ocsp-sign and ocsp-auth. */
static inline int test_appoint_pki(struct ocsp_index *index, const struct test_pki *pki)
{
    const struct ocsp_appointment list[] = {
        {OCSP_CA_SIGN, "ocsp-sign", x509_cert_der(pki->certs[PROFILE_SIGN_CA]),
         x509_cert_der(pki->certs[PROFILE_OCSP_SIGN])},
        {OCSP_CA_AUTH, "ocsp-auth", x509_cert_der(pki->certs[PROFILE_AUTH_CA]),
         x509_cert_der(pki->certs[PROFILE_OCSP_AUTH])}};

    return test_appoint(index, list, 2, NULL);
}
