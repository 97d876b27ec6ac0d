/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/reason.h"

#include "base/i18n.h"

#include <string.h>

static const struct {
    const char *name;
    const char *meaning;
} reasons[CRL_REASONS_] = {
    [CRL_UNSPECIFIED] = {"unspecified", N_("the card was destroyed before it was handed over")},
    [CRL_KEY_COMPROMISE] = {"keyCompromise", N_("the holder's private key is compromised")},
    [CRL_CA_COMPROMISE] = {"cACompromise", N_("the authority's private key is compromised")},
    [CRL_AFFILIATION_CHANGED] = {"affiliationChanged",
                                 N_("what the certificate says about the holder has changed")},
    [CRL_SUPERSEDED] = {"superseded", N_("the certificate was renewed")},
    [CRL_CESSATION_OF_OPERATION] = {"cessationOfOperation",
                                    N_("the certificate is no longer needed")},
    [CRL_CERTIFICATE_HOLD] = {"certificateHold", N_("the card was reported lost and is on hold")},
};

const char *crl_reason_name(enum crl_reason reason)
{
    return reasons[reason].name;
}

const char *crl_reason_meaning(enum crl_reason reason)
{
    return reasons[reason].meaning;
}

int crl_reason_parse(const char *name, enum crl_reason *ret, struct err *err)
{
    for (int i = 0; i < CRL_REASONS_; i++) {
        if (strcmp(reasons[i].name, name) == 0) {
            *ret = (enum crl_reason)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "\"%.32s\" is not a reason for revocation", name);
}
