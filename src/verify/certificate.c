/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step of path validation (RFC 5280, 6.1): the hierarchy has no intermediates. The issuer is
 * found by key identifier and proven by signature; several generations share a name.
 */
#include "verify/certificate.h"

#include "x509/profile.h"

/* Failures that say nothing about the certificate but about this machine. */
static bool is_our_trouble(int rc)
{
    return rc == -ERR_NOMEM || rc == -ERR_SYSTEM;
}

static int find_issuer(const struct x509_cert *cert, const struct anchors *anchors,
                       struct report *report, const struct x509_cert **ret, struct err *err)
{
    struct bytes key_id = x509_cert_tbs(cert)->authority_key_id;
    const struct x509_cert *found = NULL;
    const struct x509_cert *anchor;
    size_t tried = 0;

    while (found == NULL && key_id.len > 0 &&
           (anchor = anchors_find(anchors, key_id, tried)) != NULL) {
        int rc = x509_cert_is_issued_by(cert, anchor, err);

        if (is_our_trouble(rc))
            return rc;
        if (rc == 0)
            found = anchor;
        tried++;
    }
    if (found == NULL)
        report_add(report, tried > 0 ? REASON_ISSUER_FORGED : REASON_ISSUER_UNKNOWN);
    *ret = found;
    return 0;
}

static void check_validity(const struct tbs *tbs, const struct x509_cert *issuer, int64_t at,
                           struct report *report)
{
    if (at < tbs->not_before)
        report_add(report, REASON_NOT_YET_VALID);
    if (at > tbs->not_after)
        report_add(report, REASON_EXPIRED);
    if (issuer != NULL &&
        (at < x509_cert_tbs(issuer)->not_before || at > x509_cert_tbs(issuer)->not_after))
        report_add(report, REASON_ISSUER_NOT_VALID);
}

static void check_purpose(const struct tbs *tbs, struct report *report)
{
    const unsigned needed = KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION;

    if (tbs->unknown_critical.len > 0) /* RFC 5280, 6.1.4 (o) */
        report_add(report, REASON_UNKNOWN_CRITICAL_EXTENSION);
    if (tbs->is_ca || (tbs->key_usage & needed) != needed)
        report_add(report, REASON_WRONG_USAGE);
    if (!tbs_has_policy(tbs, OID_POLICY_SIGN) && !tbs_has_policy(tbs, OID_POLICY_SIGN_TEST))
        report_add(report, REASON_WRONG_POLICY);
}

static int check_profile(const struct tbs *tbs, struct report *report, struct err *err)
{
    const struct profile *profile = profile_guess(tbs);
    int rc;

    if (profile == NULL) {
        report_add(report, REASON_PROFILE_UNKNOWN);
        return 0;
    }
    rc = profile_check(profile, tbs, err);
    if (is_our_trouble(rc))
        return rc;
    if (rc < 0)
        report_add(report, REASON_WRONG_PROFILE);
    return 0;
}

int certificate_verify(const struct x509_cert *cert, const struct anchors *anchors, int64_t at,
                       struct report *report, const struct x509_cert **ret_issuer, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(cert);
    const struct x509_cert *issuer;

    TRY(find_issuer(cert, anchors, report, &issuer, err));
    check_validity(tbs, issuer, at, report);
    check_purpose(tbs, report);
    TRY(check_profile(tbs, report, err));
    *ret_issuer = issuer;
    return 0;
}
