/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step of path validation (RFC 5280, 6.1): the hierarchy has no intermediates. The issuer is
 * found by key identifier and proven by signature; several generations share a name.
 */
#include "verify/certificate.h"

#include "x509/profile.h"

/* What a purpose asks of a certificate (pki.md 1.3, 1.4). */
static const struct demand {
    unsigned key_usage;
    enum oid policies[2];
} demands[] = {
    [PURPOSE_DOCUMENT] = {KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION,
                          {OID_POLICY_SIGN, OID_POLICY_SIGN_TEST}},
    [PURPOSE_LOGIN] = {KEY_USAGE_DIGITAL_SIGNATURE, {OID_POLICY_AUTH, OID_POLICY_AUTH}},
};

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

        if (status_is_our_trouble(rc))
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

static void check_purpose(const struct tbs *tbs, const struct demand *demand, struct report *report)
{
    if (tbs->unknown_critical.len > 0) /* RFC 5280, 6.1.4 (o) */
        report_add(report, REASON_UNKNOWN_CRITICAL_EXTENSION);
    if (tbs->is_ca || (tbs->key_usage & demand->key_usage) != demand->key_usage)
        report_add(report, REASON_WRONG_USAGE);
    if (!tbs_has_policy(tbs, demand->policies[0]) && !tbs_has_policy(tbs, demand->policies[1]))
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
    if (status_is_our_trouble(rc))
        return rc;
    if (rc < 0)
        report_add(report, REASON_WRONG_PROFILE);
    return 0;
}

static int check_revocation(const struct x509_cert *cert, const struct trust *trust,
                            struct report *report, struct certificate_facts *facts, struct err *err)
{
    const struct status_question question = {cert, facts->issuer, trust->at};

    if (report->verdict == VERDICT_INVALID)
        return 0;
    /* Nobody is asked about a certificate of somebody unknown. */
    if (trust->status == NULL || facts->issuer == NULL) {
        report_add(report, REASON_REVOCATION_NOT_CHECKED);
        return 0;
    }
    return trust->status->look(trust->status->context, &question, report, &facts->status, err);
}

int certificate_verify(const struct x509_cert *cert, enum purpose purpose,
                       const struct trust *trust, struct report *report,
                       struct certificate_facts *ret, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(cert);
    struct certificate_facts facts = {.status = {.reason = -1}};

    TRY(find_issuer(cert, trust->anchors, report, &facts.issuer, err));
    check_validity(tbs, facts.issuer, trust->at, report);
    check_purpose(tbs, &demands[purpose], report);
    TRY(check_profile(tbs, report, err));
    TRY(check_revocation(cert, trust, report, &facts, err));
    *ret = facts;
    return 0;
}
