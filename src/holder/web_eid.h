/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authentication token of Web eID, for sites that have its validators already. It says less
 * than our own message (crypto/bound.h): an origin and a nonce, but neither for which client, nor
 * in which session, nor until when; and it shows the certificate, with its serial number, to
 * whoever gets it. So it is made on request only, and with the auth key only.
 */
#pragma once

#include "base/json.h"
#include "base/secret.h"
#include "client/icc.h"
#include "crypto/digest.h"
#include "holder/limits.h"

/*
 * SHA-256 over SHA-256 of the origin and SHA-256 of the nonce's characters, for RS256. ERR_INPUT
 * unless the nonce is WEB_EID_NONCE_MIN to WEB_EID_NONCE_MAX characters of base64 with padding.
 */
MUST_CHECK int web_eid_digest(const char *origin, const char *nonce, struct digest *ret,
                              struct err *err);

struct web_eid_wish {
    const char *origin; /* of the page, as its browser says */
    const char *nonce;
    const struct secret *pin;
    bool may_use_last_try;
    int64_t now;
};

/*
 * Send the PIN and have the card sign, in one transaction. *ret becomes the token, with the members
 * unverifiedCertificate, algorithm, signature and format.
 */
MUST_CHECK int web_eid_sign(const struct web_eid_wish *wish, struct icc *icc, struct json **ret,
                            struct err *err);
