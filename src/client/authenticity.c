/* SPDX-License-Identifier: Apache-2.0 */
#include "client/authenticity.h"

#include "base/i18n.h"

#include <string.h>

static const struct {
    const char *name, *text;
    bool is_forgery;
} faults[DATA_FAULTS_] = {
    [DATA_ISSUER_UNKNOWN] = {"issuer-unknown",
                             N_("The data is certified by a key that is not known here."), false},
    [DATA_SIGNATURE_NOT_READABLE] = {"signature-not-readable",
                                     N_("The card does not show the issuer's signature after this "
                                        "code."),
                                     false},
    [DATA_CARD_NOT_PROVEN] = {"card-not-proven",
                              N_("The card did not prove that it is the one the data was written "
                                 "for."),
                              false},
    [DATA_NOT_SIGNED] = {"not-signed", N_("Nobody signed this data."), false},
    [DATA_CERTIFICATE_FORGED] = {"certificate-forged",
                                 N_("The issuer's certificate on the card is forged."), true},
    [DATA_SIGNATURE_BROKEN] = {"signature-broken",
                               N_("The issuer did not sign this: the signature does not hold."),
                               true},
    [DATA_NUMBER_CHANGED] = {"number-changed",
                             N_("The individual number is not the one the issuer signed."), true},
    [DATA_ATTRIBUTES_CHANGED] = {"attributes-changed",
                                 N_("Name, address, date of birth or sex is not what the issuer "
                                    "signed."),
                                 true},
    [DATA_CARD_KEY_FORGED] = {"card-key-forged",
                              N_("The issuer did not sign the key that the card names as its own."),
                              true},
    [DATA_CARD_COPIED] = {"card-copied",
                          N_("The card is a copy: it does not have the key that belongs to this "
                             "data."),
                          true},
};

const char *data_fault_name(enum data_fault fault)
{
    return faults[fault].name;
}

const char *data_fault_text(enum data_fault fault)
{
    return faults[fault].text;
}

bool authenticity_is_forged(const struct authenticity *authenticity)
{
    for (size_t i = 0; i < DATA_FAULTS_; i++)
        if (authenticity->has[i] && faults[i].is_forgery)
            return true;
    return false;
}

bool authenticity_is_proven(const struct authenticity *authenticity)
{
    for (size_t i = 0; i < DATA_FAULTS_; i++)
        if (authenticity->has[i])
            return false;
    return true;
}

int authenticity_note(struct authenticity *authenticity, enum data_fault fault, int rc)
{
    if (rc != -ERR_UNTRUSTED)
        return rc;
    authenticity->has[fault] = true;
    return 0;
}

int authenticity_check(struct authenticity *authenticity, enum data_fault fault,
                       const struct pubkey *key, struct bytes content, struct bytes signature,
                       struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, content, &digest, err));
    return authenticity_note(authenticity, fault, pubkey_verify(key, &digest, signature, err));
}

int authenticity_open(struct authenticity *authenticity, struct bytes cert_object,
                      const struct data_roots *roots, struct pubkey **ret, struct err *err)
{
    const struct pubkey *root;
    struct data_cert cert;

    TRY(data_cert_parse(cert_object, &cert, err));
    memcpy(authenticity->issuer, cert.issuer.ptr, DATA_KEY_ID_SIZE);
    root = data_roots_find(roots, cert.issuer);
    if (root == NULL)
        authenticity->has[DATA_ISSUER_UNKNOWN] = true;
    else
        TRY(authenticity_check(authenticity, DATA_CERTIFICATE_FORGED, root, cert.body,
                               cert.signature, err));
    return data_key_parse(cert.key, ret, err);
}
