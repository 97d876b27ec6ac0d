/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/auth.h"

#include "x509/profile.h"

/* By key identifier and signature; the name decides nothing (design 6, rule 3). */
static int find_issuer(const struct anchors *anchors, const struct x509_cert *cert,
                       const struct x509_cert **ret, struct err *err)
{
    struct bytes key_id = x509_cert_tbs(cert)->authority_key_id;
    const struct x509_cert *anchor;

    for (size_t i = 0; key_id.len > 0 && (anchor = anchors_find(anchors, key_id, i)) != NULL; i++) {
        int rc = x509_cert_is_issued_by(cert, anchor, err);

        if (rc == 0) {
            *ret = anchor;
            return 0;
        }
        if (rc != -ERR_UNTRUSTED)
            return rc;
    }
    return FAIL(err, ERR_UNTRUSTED, "the card's certificate is not from a CA that is listed here");
}

static int check_time(const struct x509_cert *cert, int64_t now, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(cert);

    if (now < tbs->not_before)
        return FAIL(err, ERR_UNTRUSTED, "the card's certificate is not valid yet");
    if (now > tbs->not_after)
        return FAIL(err, ERR_UNTRUSTED, "the card's certificate has expired");
    return 0;
}

static int check_standing(const struct platform *platform, struct signer *signer,
                          const struct x509_cert *cert, const struct x509_cert *issuer,
                          struct err *err)
{
    enum standing standing;

    TRY(platform->standing(platform, signer, cert, issuer, &standing, err));
    switch (standing) {
    case STANDING_GOOD:
        return 0;
    case STANDING_BAD:
        return FAIL(err, ERR_UNTRUSTED, "the card's certificate is no longer in force");
    case STANDING_UNKNOWN:
        break;
    }
    return FAIL(err, ERR_REMOTE,
                "whether the card's certificate is in force cannot be found out now; try later");
}

int auth_check(const struct platform *platform, struct signer *signer, const struct x509_cert *cert,
               const struct digest *digest, struct bytes signature, struct err *err)
{
    int64_t now = clock_now(platform->clock);
    const struct x509_cert *issuer = NULL;
    int rc;

    TRY(find_issuer(platform->auth_cas, cert, &issuer, err));
    TRY(check_time(issuer, now, err));
    TRY(check_time(cert, now, err));
    rc = profile_check(profile_of(PROFILE_AUTH), x509_cert_tbs(cert), err);
    if (rc == -ERR_UNTRUSTED)
        return FAIL(err, ERR_UNTRUSTED, "the certificate is not one to log in with");
    TRY(rc);
    rc = pubkey_verify(x509_cert_pubkey(cert), digest, signature, err);
    if (rc == -ERR_UNTRUSTED || rc == -ERR_INPUT)
        return FAIL(err, ERR_UNTRUSTED,
                    "the card did not sign this login: another origin, client, session or moment, "
                    "or another card");
    TRY(rc);
    return check_standing(platform, signer, cert, issuer, err);
}
