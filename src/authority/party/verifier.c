/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may ask the OCSP responders, and this authority. A verifier is known by its certificates
 * alone, byte for byte; their issuer is not looked at, so they may be self-signed.
 */
#include "authority/authority.h"
#include "authority/party/party.h"

int verifier_certificate_check(struct bytes der, int64_t now, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    const struct tbs *tbs;

    TRY(x509_cert_parse(der, &cert, err));
    tbs = x509_cert_tbs(cert);
    if (tbs->is_ca)
        return FAIL(err, ERR_INPUT, "a verifier's certificate is not a CA's");
    if (tbs->has_key_usage && (tbs->key_usage & KEY_USAGE_DIGITAL_SIGNATURE) == 0)
        return FAIL(err, ERR_INPUT, "a verifier's certificate allows digitalSignature");
    if (now < tbs->not_before || now > tbs->not_after)
        return FAIL(err, ERR_INPUT, "the certificate is not valid now");
    return 0;
}

int authority_register_verifier(const struct authority *authority, const char *name,
                                struct bytes certificate, const struct audit_origin *by,
                                bool *ret_is_new, struct err *err)
{
    if (request_id_check(name, NULL) < 0)
        return FAIL(err, ERR_INPUT, "name is not 1 to %d letters, digits and hyphens",
                    VERIFIER_NAME_MAX);
    TRY(err_prefix(err, verifier_certificate_check(certificate, by->at, err), "certificate"));
    return authority_add_verifier(authority->store, name, certificate, by, ret_is_new, err);
}
