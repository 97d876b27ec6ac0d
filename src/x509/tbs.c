/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TBSCertificate, field by field in the order of RFC 5280, 4.1. Extensions are a table: the ones
 * in it are understood, which is what "critical" asks for; of the others only id, criticality and
 * bytes are kept. Nothing is allocated, so nothing can run out.
 */
#include "x509/tbs.h"

#include "x509/algorithm.h"
#include "x509/name.h"

enum { VERSION_3 = 2 };

static int parse_subject_key_id(struct bytes value, struct tbs *tbs, struct err *err)
{
    struct der id;

    TRY(der_only(value, DER_OCTET_STRING, "subjectKeyIdentifier", &id, err));
    if (id.value.len == 0 || id.value.len > X509_KEY_ID_MAX)
        return FAIL(err, ERR_INPUT, "subjectKeyIdentifier has %zu bytes, not 1 to %d", id.value.len,
                    X509_KEY_ID_MAX);
    tbs->subject_key_id = id.value;
    return 0;
}

static int parse_key_usage(struct bytes value, struct tbs *tbs, struct err *err)
{
    TRY(der_take_named_bits(&value, "keyUsage", &tbs->key_usage, err));
    TRY(der_end(value, "keyUsage", err));
    tbs->has_key_usage = true;
    return 0;
}

/* RFC 5280, 4.2.1.9 */
static int parse_basic_constraints(struct bytes value, struct tbs *tbs, struct err *err)
{
    struct der sequence;
    unsigned path_len = 0;

    TRY(der_only(value, DER_SEQUENCE, "basicConstraints", &sequence, err));
    tbs->has_basic_constraints = true;
    if (der_follows(sequence.value, DER_BOOLEAN)) {
        TRY(der_take_true(&sequence.value, "cA", err));
        tbs->is_ca = true;
    }
    if (sequence.value.len > 0) {
        if (!tbs->is_ca)
            return FAIL(err, ERR_INPUT, "pathLenConstraint without cA (RFC 5280, 4.2.1.9)");
        TRY(der_take_small(&sequence.value, "pathLenConstraint", &path_len, err));
        tbs->path_len = (int)path_len;
    }
    return der_end(sequence.value, "basicConstraints", err);
}

/*
 * Contents of GeneralNames: the Name of the first directoryName; the others are stepped over. The
 * issuer's own name was checked where it stands.
 */
static int find_directory_name(struct bytes names, const char *what, const struct tbs *tbs,
                               struct bytes *ret, struct err *err)
{
    struct der name;

    if (names.len == 0)
        return FAIL(err, ERR_INPUT, "%s is empty", what);
    while (names.len > 0) {
        TRY(der_next(&names, &name, err));
        if (name.tag != DER_CONTEXT_CONSTRUCTED(4) || ret->len > 0)
            continue;
        if (!name_equal(name.value, tbs->issuer))
            TRY(name_check(name.value, err));
        *ret = name.value;
    }
    return 0;
}

static int parse_issuer_alt_name(struct bytes value, struct tbs *tbs, struct err *err)
{
    struct der names;

    TRY(der_only(value, DER_SEQUENCE, "issuerAltName", &names, err));
    return find_directory_name(names.value, "issuerAltName", tbs, &tbs->issuer_alt_name, err);
}

static int parse_subject_alt_name(struct bytes value, struct tbs *tbs, struct err *err)
{
    struct der names;

    TRY(der_only(value, DER_SEQUENCE, "subjectAltName", &names, err));
    tbs->has_holder = holder_parse(value, &tbs->holder, NULL) == 0;
    return find_directory_name(names.value, "subjectAltName", tbs, &tbs->alt_name, err);
}

/*
 * RFC 5280, 4.2.1.13: DistributionPoint { [0] { [0] fullName } } gives a name; other forms are
 * stepped over, because only directoryName is used here.
 */
static int parse_distribution_points(struct bytes value, struct tbs *tbs, struct err *err)
{
    static const char what[] = "cRLDistributionPoints";
    struct der points;
    struct der point;
    struct der name;
    struct der full;

    TRY(der_only(value, DER_SEQUENCE, what, &points, err));
    if (points.value.len == 0)
        return FAIL(err, ERR_INPUT, "%s is empty", what);
    while (points.value.len > 0) {
        TRY(der_take(&points.value, DER_SEQUENCE, what, &point, err));
        if (!der_follows(point.value, DER_CONTEXT_CONSTRUCTED(0)))
            continue;
        TRY(der_take(&point.value, DER_CONTEXT_CONSTRUCTED(0), what, &name, err));
        if (!der_follows(name.value, DER_CONTEXT_CONSTRUCTED(0)))
            continue;
        TRY(der_only(name.value, DER_CONTEXT_CONSTRUCTED(0), what, &full, err));
        TRY(find_directory_name(full.value, what, tbs, &tbs->distribution_point, err));
    }
    return 0;
}

/* PolicyQualifierInfo, of which CPS URIs are kept (RFC 5280, 4.2.1.4). */
static int parse_qualifiers(struct bytes qualifiers, struct tbs_policy *policy, struct err *err)
{
    struct der qualifier;
    struct der uri;
    struct bytes oid;

    while (qualifiers.len > 0) {
        TRY(der_take(&qualifiers, DER_SEQUENCE, "PolicyQualifierInfo", &qualifier, err));
        TRY(der_take_oid(&qualifier.value, "policyQualifierId", &oid, err));
        if (oid_find(oid) != OID_QT_CPS)
            continue;
        TRY(der_only(qualifier.value, DER_IA5_STRING, "CPSuri", &uri, err));
        policy->cps = uri.value;
    }
    return 0;
}

static int parse_policies(struct bytes value, struct tbs *tbs, struct err *err)
{
    static const char what[] = "certificatePolicies";
    struct der sequence;
    struct der info;
    struct der qualifiers;

    TRY(der_only(value, DER_SEQUENCE, what, &sequence, err));
    if (sequence.value.len == 0)
        return FAIL(err, ERR_INPUT, "%s is empty", what);
    while (sequence.value.len > 0) {
        struct tbs_policy policy = {0};

        if (tbs->policy_count == X509_POLICIES_MAX)
            return FAIL(err, ERR_INPUT, "more than %d policies", X509_POLICIES_MAX);
        TRY(der_take(&sequence.value, DER_SEQUENCE, what, &info, err));
        TRY(der_take_oid(&info.value, what, &policy.oid, err));
        if (info.value.len > 0) {
            TRY(der_only(info.value, DER_SEQUENCE, "policyQualifiers", &qualifiers, err));
            TRY(parse_qualifiers(qualifiers.value, &policy, err));
        }
        tbs->policies[tbs->policy_count++] = policy;
    }
    return 0;
}

/* RFC 5280, 4.2.1.1: issuer and serial come together or not at all. */
static int parse_authority_key_id(struct bytes value, struct tbs *tbs, struct err *err)
{
    static const char what[] = "authorityKeyIdentifier";
    struct der sequence;
    struct der element;

    TRY(der_only(value, DER_SEQUENCE, what, &sequence, err));
    if (der_follows(sequence.value, DER_CONTEXT(0))) {
        TRY(der_take(&sequence.value, DER_CONTEXT(0), what, &element, err));
        if (element.value.len == 0 || element.value.len > X509_KEY_ID_MAX)
            return FAIL(err, ERR_INPUT, "%s has %zu bytes, not 1 to %d", what, element.value.len,
                        X509_KEY_ID_MAX);
        tbs->authority_key_id = element.value;
    }
    if (sequence.value.len == 0)
        return 0;
    TRY(der_take(&sequence.value, DER_CONTEXT_CONSTRUCTED(1), what, &element, err));
    TRY(find_directory_name(element.value, what, tbs, &tbs->authority_issuer, err));
    TRY(der_take_positive(&sequence.value, DER_CONTEXT(2), what, &tbs->authority_serial, err));
    return der_end(sequence.value, what, err);
}

static int parse_purposes(struct bytes value, struct tbs *tbs, struct err *err)
{
    struct der sequence;

    TRY(der_only(value, DER_SEQUENCE, "extKeyUsage", &sequence, err));
    if (sequence.value.len == 0)
        return FAIL(err, ERR_INPUT, "extKeyUsage is empty");
    while (sequence.value.len > 0) {
        if (tbs->purpose_count == X509_PURPOSES_MAX)
            return FAIL(err, ERR_INPUT, "more than %d purposes in extKeyUsage", X509_PURPOSES_MAX);
        TRY(der_take_oid(&sequence.value, "extKeyUsage", &tbs->purposes[tbs->purpose_count], err));
        tbs->purpose_count++;
    }
    return 0;
}

/* RFC 5280, 4.2.2.1: the first OCSP address; other methods are stepped over. */
static int parse_info_access(struct bytes value, struct tbs *tbs, struct err *err)
{
    static const char what[] = "authorityInfoAccess";
    struct der sequence;
    struct der access;
    struct der location;
    struct bytes method;

    TRY(der_only(value, DER_SEQUENCE, what, &sequence, err));
    if (sequence.value.len == 0)
        return FAIL(err, ERR_INPUT, "%s is empty", what);
    while (sequence.value.len > 0) {
        TRY(der_take(&sequence.value, DER_SEQUENCE, what, &access, err));
        TRY(der_take_oid(&access.value, what, &method, err));
        if (oid_find(method) != OID_AD_OCSP || tbs->ocsp_url.len > 0)
            continue;
        TRY(der_only(access.value, DER_CONTEXT(6), "the OCSP address", &location, err));
        tbs->ocsp_url = location.value;
    }
    return 0;
}

static const struct {
    enum oid id;
    int (*parse)(struct bytes value, struct tbs *tbs, struct err *err);
} understood[] = {
    {OID_SUBJECT_KEY_ID, parse_subject_key_id},
    {OID_KEY_USAGE, parse_key_usage},
    {OID_SUBJECT_ALT_NAME, parse_subject_alt_name},
    {OID_ISSUER_ALT_NAME, parse_issuer_alt_name},
    {OID_BASIC_CONSTRAINTS, parse_basic_constraints},
    {OID_CRL_DISTRIBUTION_POINTS, parse_distribution_points},
    {OID_CERTIFICATE_POLICIES, parse_policies},
    {OID_AUTHORITY_KEY_ID, parse_authority_key_id},
    {OID_EXT_KEY_USAGE, parse_purposes},
    {OID_AUTHORITY_INFO_ACCESS, parse_info_access},
};

static int understand(const struct tbs_extension *extension, struct tbs *tbs, struct err *err)
{
    for (size_t i = 0; i < sizeof understood / sizeof understood[0]; i++)
        if (understood[i].id == extension->id)
            return understood[i].parse(extension->value, tbs, err);
    if (extension->is_critical && tbs->unknown_critical.len == 0)
        tbs->unknown_critical = extension->oid;
    return 0;
}

/* Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue } (RFC 5280, 4.1) */
static int take_extension(struct bytes *rest, struct tbs *tbs, struct err *err)
{
    struct tbs_extension extension = {0};
    struct der sequence;
    struct der value;

    TRY(der_take(rest, DER_SEQUENCE, "Extension", &sequence, err));
    TRY(der_take_oid(&sequence.value, "extnID", &extension.oid, err));
    extension.id = oid_find(extension.oid);
    if (der_follows(sequence.value, DER_BOOLEAN)) {
        TRY(der_take_true(&sequence.value, "critical", err));
        extension.is_critical = true;
    }
    TRY(der_only(sequence.value, DER_OCTET_STRING, "extnValue", &value, err));
    extension.value = value.value;
    for (size_t i = 0; i < tbs->extension_count; i++)
        if (bytes_equal(tbs->extensions[i].oid, extension.oid))
            return FAIL(err, ERR_INPUT, "an extension occurs twice (RFC 5280, 4.2)");
    if (tbs->extension_count == X509_EXTENSIONS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d extensions", X509_EXTENSIONS_MAX);
    tbs->extensions[tbs->extension_count++] = extension;
    return understand(&extension, tbs, err);
}

static int parse_extensions(struct bytes rest, struct tbs *tbs, struct err *err)
{
    struct der tagged;
    struct der sequence;

    if (der_follows(rest, DER_CONTEXT(1)) || der_follows(rest, DER_CONTEXT(2)))
        return FAIL(err, ERR_INPUT, "a certificate with unique identifiers (RFC 5280, 4.1.2.8)");
    TRY(der_take(&rest, DER_CONTEXT_CONSTRUCTED(3), "extensions", &tagged, err));
    TRY(der_end(rest, "TBSCertificate", err));
    TRY(der_only(tagged.value, DER_SEQUENCE, "extensions", &sequence, err));
    if (sequence.value.len == 0)
        return FAIL(err, ERR_INPUT, "an empty list of extensions (RFC 5280, 4.1)");
    while (sequence.value.len > 0)
        TRY(take_extension(&sequence.value, tbs, err));
    return 0;
}

static int take_version(struct bytes *rest, struct err *err)
{
    struct der tagged;
    unsigned version = 0;

    if (!der_follows(*rest, DER_CONTEXT_CONSTRUCTED(0)))
        return FAIL(err, ERR_INPUT, "not a version 3 certificate (RFC 5280, 4.1.2.1)");
    TRY(der_take(rest, DER_CONTEXT_CONSTRUCTED(0), "version", &tagged, err));
    TRY(der_take_small(&tagged.value, "version", &version, err));
    TRY(der_end(tagged.value, "version", err));
    if (version != VERSION_3)
        return FAIL(err, ERR_INPUT, "not a version 3 certificate (RFC 5280, 4.1.2.1)");
    return 0;
}

static int take_serial(struct bytes *rest, struct tbs *tbs, struct err *err)
{
    struct bytes start = *rest;
    struct der whole;

    TRY(der_take(&start, DER_INTEGER, "serialNumber", &whole, err));
    if (whole.value.len > X509_SERIAL_MAX)
        return FAIL(err, ERR_INPUT, "a serial number of more than %d octets (RFC 5280, 4.1.2.2)",
                    X509_SERIAL_MAX);
    return der_take_positive(rest, DER_INTEGER, "serialNumber", &tbs->serial, err);
}

static int take_name(struct bytes *rest, const char *what, struct bytes *ret, struct err *err)
{
    struct der name;
    int rc;

    TRY(der_take(rest, DER_SEQUENCE, what, &name, err));
    rc = name_check(name.whole, err);
    if (rc < 0)
        return err_prefix(err, rc, "%s", what);
    *ret = name.whole;
    return 0;
}

int tbs_take_validity(struct bytes *rest, int64_t *ret_not_before, int64_t *ret_not_after,
                      struct err *err)
{
    struct der validity;

    TRY(der_take(rest, DER_SEQUENCE, "validity", &validity, err));
    TRY(der_take_time(&validity.value, "notBefore", ret_not_before, err));
    TRY(der_take_time(&validity.value, "notAfter", ret_not_after, err));
    return der_end(validity.value, "validity", err);
}

int tbs_parse(struct bytes der, struct tbs *ret, struct err *err)
{
    struct tbs tbs = {.der = der, .path_len = -1};
    struct algorithm_id algorithm;
    struct der whole;
    struct der spki;

    if (der.len > X509_CERT_MAX)
        return FAIL(err, ERR_INPUT, "a certificate of more than %d bytes", X509_CERT_MAX);
    TRY(der_only(der, DER_SEQUENCE, "TBSCertificate", &whole, err));
    TRY(take_version(&whole.value, err));
    TRY(take_serial(&whole.value, &tbs, err));
    TRY(algorithm_take_any_signature(&whole.value, "signature", &algorithm, err));
    if (algorithm.id == OID_RSA_ENCRYPTION)
        return FAIL(err, ERR_INPUT, "a certificate whose signature algorithm names no hash");
    tbs.algorithm = algorithm.whole;
    tbs.algorithm_kind = algorithm.kind;
    tbs.algorithm_digest = algorithm.alg;
    TRY(take_name(&whole.value, "issuer", &tbs.issuer, err));
    TRY(tbs_take_validity(&whole.value, &tbs.not_before, &tbs.not_after, err));
    TRY(take_name(&whole.value, "subject", &tbs.subject, err));
    TRY(der_take(&whole.value, DER_SEQUENCE, "subjectPublicKeyInfo", &spki, err));
    tbs.spki = spki.whole;
    TRY(parse_extensions(whole.value, &tbs, err));
    *ret = tbs;
    return 0;
}

uint64_t tbs_serial_number(const struct tbs *tbs)
{
    uint64_t number = 0;

    if (tbs->serial.len > sizeof number)
        return 0;
    for (size_t i = 0; i < tbs->serial.len; i++)
        number = number << 8 | tbs->serial.ptr[i];
    return number;
}

bool tbs_has_policy(const struct tbs *tbs, enum oid policy)
{
    for (size_t i = 0; i < tbs->policy_count; i++)
        if (bytes_equal(tbs->policies[i].oid, oid_der(policy)))
            return true;
    return false;
}

bool tbs_has_purpose(const struct tbs *tbs, enum oid purpose)
{
    for (size_t i = 0; i < tbs->purpose_count; i++)
        if (bytes_equal(tbs->purposes[i], oid_der(purpose)))
            return true;
    return false;
}

const struct tbs_extension *tbs_find(const struct tbs *tbs, enum oid id)
{
    for (size_t i = 0; i < tbs->extension_count; i++)
        if (tbs->extensions[i].id == id)
            return &tbs->extensions[i];
    return NULL;
}
