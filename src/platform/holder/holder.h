/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who somebody is to a tenant (design 5, F3 and F5): one pseudonym over renewals, other cards and
 * both keys, because the authority leads from each certificate to the one before it, and from the
 * sign certificate to the auth certificate that goes with it.
 */
#pragma once

#include "platform/holder/store.h"
#include "platform/platform.h"

struct holder_key holder_key_of(const struct x509_cert *cert);

/* A sign certificate that was found valid for a tenant. */
struct showing {
    const char *client_id;
    const struct x509_cert *cert;
    const char *reference; /* of the verification or consent that showed it, for the audit log */
    const struct audit_origin *by;
};

/*
 * Note it, and give the pseudonym. ERR_REMOTE if he is not known yet and the authority cannot be
 * asked who he is: he would become somebody else.
 */
MUST_CHECK int holder_show(const struct platform *platform, struct signer *signer,
                           const struct showing *showing, char ret[HOLDER_NAME_SIZE],
                           struct err *err);
