/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a certificate have the shape of a profile? The variable parts are read out of it, subject
 * and extensions are built again from them, and must come out byte for byte the same.
 */
#include "x509/name.h"
#include "x509/profile_row.h"

#include <string.h>

enum { SERIAL_OCTETS_MAX = 4 };

#define POINT_SUFFIX " CRLDP"

/* What was read out of a certificate; inputs point into the rest. */
struct extracted {
    struct profile_inputs inputs;
    struct tbs issuer;
    char common_name[X509_ATTRIBUTE_MAX + 1];
    char prefecture[X509_ATTRIBUTE_MAX + 1];
    char municipality[X509_ATTRIBUTE_MAX + 1];
};

/* Whatever goes wrong in here is the certificate's fault, except running out of memory. */
static int unlike(int rc, const struct profile *profile, const char *what, struct err *err)
{
    if (rc == 0 || rc == -ERR_NOMEM || rc == -ERR_SYSTEM)
        return rc;
    return FAIL(err, ERR_UNTRUSTED, "%s is not as in %s certificates (pki.md 1)", what,
                profile->name);
}

static int attribute_text(struct bytes name, enum oid attribute, size_t nth,
                          char ret[X509_ATTRIBUTE_MAX + 1], struct err *err)
{
    struct bytes text;

    TRY(name_find(name, attribute, nth, &text, err));
    if (memchr(text.ptr, 0, text.len) != NULL)
        return FAIL(err, ERR_INPUT, "a NUL in a name");
    memcpy(ret, text.ptr, text.len);
    ret[text.len] = '\0';
    return 0;
}

/* The prefecture is not in the subject of an auth certificate, only in its CRL's name. */
static int prefecture_of_point(struct bytes point, char ret[X509_ATTRIBUTE_MAX + 1],
                               struct err *err)
{
    size_t len;

    if (point.len == 0)
        return FAIL(err, ERR_INPUT, "no distribution point");
    TRY(attribute_text(point, OID_COMMON_NAME, 0, ret, err));
    len = strlen(ret);
    if (len <= strlen(POINT_SUFFIX) || strcmp(ret + len - strlen(POINT_SUFFIX), POINT_SUFFIX) != 0)
        return FAIL(err, ERR_INPUT, "not the name of a CRL");
    ret[len - strlen(POINT_SUFFIX)] = '\0';
    return 0;
}

static int extract_subject(const struct profile *profile, const struct tbs *tbs,
                           struct extracted *out, struct err *err)
{
    out->inputs.common_name = out->common_name;
    out->inputs.prefecture = out->prefecture;
    out->inputs.municipality = out->municipality;
    if (profile->policy == OID_UNKNOWN) /* CAs and responders have a fixed name */
        return 0;
    TRY(attribute_text(tbs->subject, OID_COMMON_NAME, 0, out->common_name, err));
    if (profile->kind == PROFILE_AUTH)
        return 0;
    TRY(attribute_text(tbs->subject, OID_LOCALITY, 0, out->prefecture, err));
    return attribute_text(tbs->subject, OID_LOCALITY, 1, out->municipality, err);
}

static void extract_rest(const struct profile *profile, const struct tbs *tbs,
                         struct extracted *out)
{
    out->issuer.subject_key_id = tbs->authority_key_id;
    out->issuer.issuer = tbs->issuer; /* checked before: the CA's, self-signed */
    out->issuer.serial = tbs->authority_serial;
    out->inputs.issuer = &out->issuer;
    out->inputs.algorithm = tbs->algorithm_kind;
    out->inputs.spki = tbs->spki;
    out->inputs.holder = tbs->has_holder ? &tbs->holder : NULL;
    /* Left empty if there is none; building the distribution point then fails and says so. */
    if (profile->kind == PROFILE_AUTH &&
        prefecture_of_point(tbs->distribution_point, out->prefecture, NULL) < 0)
        out->prefecture[0] = '\0';
}

static int check_subject(const struct profile *profile, const struct tbs *tbs,
                         const struct extracted *extracted, struct err *err)
{
    CLEANUP(buf_done) struct buf expected = BUF_INIT;

    TRY(profile->subject(profile, &extracted->inputs, &expected, err));
    if (!name_equal(tbs->subject, buf_bytes(&expected)))
        return FAIL(err, ERR_INPUT, "another subject");
    return 0;
}

static int check_extension(const struct profile *profile, const struct profile_extension *row,
                           const struct tbs_extension *extension, const struct extracted *extracted,
                           struct err *err)
{
    CLEANUP(buf_done) struct buf expected = BUF_INIT;

    if (extension->id != row->id || extension->is_critical != row->is_critical)
        return FAIL(err, ERR_INPUT, "another extension");
    TRY(row->build(profile, &extracted->inputs, &expected, err));
    if (!bytes_equal(extension->value, buf_bytes(&expected)))
        return FAIL(err, ERR_INPUT, "another value");
    return 0;
}

static int check_extensions(const struct profile *profile, const struct tbs *tbs,
                            const struct extracted *extracted, struct err *err)
{
    for (size_t i = 0; i < profile->extension_count; i++) {
        const struct profile_extension *row = &profile->extensions[i];
        int rc = -ERR_INPUT;

        if (i < tbs->extension_count)
            rc = check_extension(profile, row, &tbs->extensions[i], extracted, err);
        TRY(unlike(rc, profile, oid_name(row->id), err));
    }
    if (tbs->extension_count > profile->extension_count)
        return unlike(-ERR_INPUT, profile, "the number of extensions", err);
    return 0;
}

static int check_issuer_name(const struct profile *profile, const struct tbs *tbs, struct err *err)
{
    CLEANUP(buf_done) struct buf expected = BUF_INIT;

    TRY(profile_issuer_name(profile, &expected, err));
    if (!name_equal(tbs->issuer, buf_bytes(&expected)))
        return unlike(-ERR_INPUT, profile, "issuer", err);
    return 0;
}

int profile_check(const struct profile *profile, const struct tbs *tbs, struct err *err)
{
    struct extracted extracted = {0};
    int rc;

    if (tbs->serial.len > SERIAL_OCTETS_MAX)
        return unlike(-ERR_INPUT, profile, "serialNumber", err);
    if (tbs->algorithm_digest != key_kind_digest(tbs->algorithm_kind))
        return unlike(-ERR_INPUT, profile, "signature", err);
    TRY(check_issuer_name(profile, tbs, err));
    if (tbs->not_before >= tbs->not_after)
        return unlike(-ERR_INPUT, profile, "validity", err);
    rc = extract_subject(profile, tbs, &extracted, err);
    extract_rest(profile, tbs, &extracted);
    if (rc == 0)
        rc = check_subject(profile, tbs, &extracted, err);
    TRY(unlike(rc, profile, "subject", err));
    return check_extensions(profile, tbs, &extracted, err);
}

/* Organisation and unit of the issuer say whose profile it may be. */
static bool is_issued_by_unit(const struct profile *profile, const struct tbs *tbs)
{
    struct bytes organization;
    struct bytes unit;

    return name_find(tbs->issuer, OID_ORGANIZATION, 0, &organization, NULL) == 0 &&
           name_find(tbs->issuer, OID_ORGANIZATIONAL_UNIT, 0, &unit, NULL) == 0 &&
           bytes_equal(organization, bytes_text(profile->organization)) &&
           bytes_equal(unit, bytes_text(profile->unit));
}

/* What tells the profiles of one issuer apart. */
static bool is_of_sort(const struct profile *profile, const struct tbs *tbs)
{
    if (profile_is_ca(profile) || tbs->is_ca)
        return profile_is_ca(profile) == tbs->is_ca;
    if (profile->policy == OID_UNKNOWN)
        return tbs_has_purpose(tbs, profile->purpose);
    return tbs_has_policy(tbs, profile->policy);
}

const struct profile *profile_guess(const struct tbs *tbs)
{
    for (int kind = 0; kind < PROFILES_; kind++) {
        const struct profile *profile = profile_of((enum profile_kind)kind);

        if (is_of_sort(profile, tbs) && is_issued_by_unit(profile, tbs))
            return profile;
    }
    return NULL;
}
