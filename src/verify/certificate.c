/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step of path validation (RFC 5280, 6.1): the hierarchy has no intermediates. The issuer is
 * found by key identifier and proven by signature; several generations share a name.
 */
#include "verify/certificate.h"

#include "x509/profile.h"

/* What a purpose asks of a certificate (pki.md 1.3, 1.4, 1.6): of a card or a phone. */
static const struct demand {
    unsigned key_usage;
    enum oid policy; /* of real ones */
    enum profile_kind kinds[2];
} demands[] = {
    [PURPOSE_DOCUMENT] = {KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION,
                          OID_POLICY_SIGN,
                          {PROFILE_SIGN, PROFILE_PHONE_SIGN}},
    [PURPOSE_LOGIN] = {KEY_USAGE_DIGITAL_SIGNATURE,
                       OID_POLICY_AUTH,
                       {PROFILE_AUTH, PROFILE_PHONE_AUTH}},
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

static bool has_policy(const struct tbs *tbs, const struct demand *demand)
{
    for (size_t i = 0; i < tbs->policy_count; i++)
        for (size_t n = 0; n < sizeof demand->kinds / sizeof demand->kinds[0]; n++)
            if (bytes_equal(tbs->policies[i].oid, profile_policy(profile_of(demand->kinds[n]))))
                return true;
    return tbs_has_policy(tbs, demand->policy);
}

static void check_purpose(const struct tbs *tbs, const struct demand *demand, struct report *report)
{
    if (tbs->unknown_critical.len > 0) /* RFC 5280, 6.1.4 (o) */
        report_add(report, REASON_UNKNOWN_CRITICAL_EXTENSION);
    if (tbs->is_ca || (tbs->key_usage & demand->key_usage) != demand->key_usage)
        report_add(report, REASON_WRONG_USAGE);
    if (!has_policy(tbs, demand))
        report_add(report, REASON_WRONG_POLICY);
}

static int check_profile(const struct shown *shown, const struct anchors *anchors,
                         struct report *report, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(shown->cert);
    const struct profile *profile = profile_guess(tbs);
    const struct profile_fixed *fixed;
    int rc;

    if (profile == NULL) {
        report_add(report, REASON_PROFILE_UNKNOWN);
        return 0;
    }
    fixed = anchors_fixed(anchors, shown->issuer, profile_kind_of(profile));
    rc = fixed == NULL ? profile_check(profile, tbs, err) : profile_check_fixed(fixed, tbs, err);
    if (status_is_our_trouble(rc))
        return rc;
    if (rc < 0)
        report_add(report, REASON_WRONG_PROFILE);
    return 0;
}

static int check_revocation(const struct shown *shown, const struct trust *trust,
                            struct report *report, struct certificate_facts *facts, struct err *err)
{
    const struct status_question question = {shown->cert, shown->issuer, trust->at};

    if (report->verdict == VERDICT_INVALID)
        return 0;
    /* Nobody is asked about a certificate of somebody unknown. */
    if (trust->status == NULL || shown->issuer == NULL) {
        report_add(report, REASON_REVOCATION_NOT_CHECKED);
        return 0;
    }
    return trust->status->look(trust->status->context, &question, report, &facts->status, err);
}

/* What stays so, whatever the time and the purpose. */
static int examine(const struct anchors *anchors, struct shown *shown, struct err *err)
{
    TRY(find_issuer(shown->cert, anchors, &shown->issued, &shown->issuer, err));
    return check_profile(shown, anchors, &shown->formed, err);
}

static int parse_and_examine(struct bytes der, const struct anchors *anchors, struct shown *ret,
                             struct err *err)
{
    CLEANUP(shown_done) struct shown shown = {.cert = NULL};

    TRY(x509_cert_parse(der, &shown.cert, err));
    TRY(examine(anchors, &shown, err));
    *ret = shown;
    shown.cert = NULL;
    return 0;
}

int certificate_show(struct bytes der, const struct anchors *anchors, struct shown *ret,
                     struct err *err)
{
    struct seen *seen = anchors_seen(anchors);

    if (seen != NULL && seen_find(seen, der, ret))
        return 0;
    TRY(parse_and_examine(der, anchors, ret, err));
    if (seen != NULL)
        seen_keep(seen, ret);
    return 0;
}

int certificate_judge(const struct shown *shown, enum purpose purpose, const struct trust *trust,
                      struct report *report, struct certificate_facts *ret, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(shown->cert);
    struct certificate_facts facts = {.issuer = shown->issuer, .status = {.reason = -1}};

    report_merge(report, &shown->issued);
    check_validity(tbs, shown->issuer, trust->at, report);
    check_purpose(tbs, &demands[purpose], report);
    report_merge(report, &shown->formed);
    TRY(check_revocation(shown, trust, report, &facts, err));
    *ret = facts;
    return 0;
}

int certificate_verify(struct x509_cert *cert, enum purpose purpose, const struct trust *trust,
                       struct report *report, struct certificate_facts *ret, struct err *err)
{
    struct shown shown = {.cert = cert};

    TRY(examine(trust->anchors, &shown, err));
    return certificate_judge(&shown, purpose, trust, report, ret, err);
}
