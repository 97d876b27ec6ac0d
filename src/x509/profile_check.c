/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a certificate have the shape of a profile? The variable parts are read out of it, subject
 * and extensions are built again from them, and must come out byte for byte the same.
 */
#include "x509/name.h"
#include "x509/profile_row.h"

#include <stdlib.h>
#include <string.h>

enum { SERIAL_OCTETS_MAX = 4, EXTENSION_ROOM = 512 };

struct profile_fixed {
    const struct profile *profile;
    struct buf issuer;                         /* the Name of the CA */
    struct buf values[PROFILE_EXTENSIONS_MAX]; /* of extensions; empty: it varies */
};

/* What was read out of a certificate; inputs point into the rest. */
struct extracted {
    struct profile_inputs inputs;
    struct tbs issuer;
    char texts[PROFILE_SOURCES_][X509_ATTRIBUTE_MAX + 1];
};

/* Whatever goes wrong in here is the certificate's fault, except running out of memory. */
static int unlike(int rc, const struct profile *profile, const char *what, struct err *err)
{
    if (rc == 0 || rc == -ERR_NOMEM || rc == -ERR_SYSTEM)
        return rc;
    return FAIL(err, ERR_UNTRUSTED, "%s is not as in %s certificates (pki.md 1)", what,
                profile->name);
}

/* Which of the parts with its attribute a part is: the second OU has 1. */
static size_t place_of(const struct profile_name *name, size_t i)
{
    size_t nth = 0;

    for (size_t before = 0; before < i; before++)
        nth += name->parts[before].attribute == name->parts[i].attribute;
    return nth;
}

/* A variable part, without what stands behind it. What is not there is left empty. */
static void extract_part(const struct profile_part *part, struct bytes der, size_t nth, char *ret)
{
    struct bytes text;
    struct bytes end = bytes_text(part->text);

    if (name_find(der, part->attribute, nth, &text, NULL) < 0 || text.len < end.len ||
        !bytes_equal(bytes_part(text, text.len - end.len, end.len), end) ||
        memchr(text.ptr, 0, text.len) != NULL)
        return;
    memcpy(ret, text.ptr, text.len - end.len);
    ret[text.len - end.len] = '\0';
}

/*
 * The variable parts of a name, unless they are known already. Making the name again finds the
 * ones that are empty, and says so.
 */
static void extract_name(const struct profile_name *name, struct bytes der, struct extracted *out)
{
    for (size_t i = 0; i < name->count; i++) {
        const struct profile_part *part = &name->parts[i];

        if (part->source != PROFILE_FIXED && out->texts[part->source][0] == '\0')
            extract_part(part, der, place_of(name, i), out->texts[part->source]);
    }
}

/* At most one of the two common names is part of a profile. */
static const char *common_name_of(const struct extracted *extracted)
{
    const char *sign = extracted->texts[PROFILE_COMMON_NAME_SIGN];

    return sign[0] != '\0' ? sign : extracted->texts[PROFILE_COMMON_NAME_AUTH];
}

static void extract(const struct profile *profile, const struct tbs *tbs, struct extracted *out)
{
    extract_name(&profile->subject, tbs->subject, out);
    extract_name(&profile->point, tbs->distribution_point, out);
    out->issuer.subject_key_id = tbs->authority_key_id;
    out->issuer.issuer = tbs->issuer; /* checked before: the CA's, self-signed */
    out->issuer.serial = tbs->authority_serial;
    out->inputs = (struct profile_inputs){
        .algorithm = tbs->algorithm_kind,
        .spki = tbs->spki,
        .issuer = &out->issuer,
        .common_name = common_name_of(out),
        .prefecture = out->texts[PROFILE_PREFECTURE],
        .municipality = out->texts[PROFILE_MUNICIPALITY],
        .holder = tbs->has_holder ? &tbs->holder : NULL,
    };
}

static int check_subject(const struct profile *profile, const struct tbs *tbs,
                         const struct extracted *extracted, struct err *err)
{
    CLEANUP(buf_done) struct buf expected = BUF_INIT;

    TRY(buf_reserve(&expected, EXTENSION_ROOM, err));
    TRY(profile_put_name(&profile->subject, &extracted->inputs, &expected, err));
    if (!name_equal(tbs->subject, buf_bytes(&expected)))
        return FAIL(err, ERR_INPUT, "another subject");
    return 0;
}

/* What depends on nothing but profile and CA. */
static bool is_fixed(enum profile_value value)
{
    static const bool fixed[PROFILE_VALUES_] = {
        [PROFILE_KEY_USAGE] = true, [PROFILE_PURPOSE] = true,    [PROFILE_ALTERNATIVE] = true,
        [PROFILE_POLICY] = true,    [PROFILE_OCSP] = true,       [PROFILE_ISSUER_KEY] = true,
        [PROFILE_NULL] = true,      [PROFILE_CONSTRAINTS] = true};

    return fixed[value];
}

/* Whether it is, byte for byte, what was built before; fixed may be NULL. */
static bool is_as_built(const struct profile_fixed *fixed, size_t i, struct bytes value)
{
    return fixed != NULL && fixed->values[i].len > 0 &&
           bytes_equal(buf_bytes(&fixed->values[i]), value);
}

static int check_extension(const struct profile *profile, const struct profile_extension *row,
                           const struct tbs_extension *extension, const struct extracted *extracted,
                           struct err *err)
{
    CLEANUP(buf_done) struct buf expected = BUF_INIT;

    /* holder_parse took all of the value, in the one spelling that there is of it. */
    if (row->value == PROFILE_HOLDER && extracted->inputs.holder != NULL)
        return holder_check(extracted->inputs.holder, err);
    TRY(buf_reserve(&expected, EXTENSION_ROOM, err));
    TRY(profile_put_value(profile, row, &extracted->inputs, &expected, err));
    if (!bytes_equal(extension->value, buf_bytes(&expected)))
        return FAIL(err, ERR_INPUT, "another value");
    return 0;
}

static int check_extensions(const struct profile *profile, const struct profile_fixed *fixed,
                            const struct tbs *tbs, const struct extracted *extracted,
                            struct err *err)
{
    for (size_t i = 0; i < profile->extension_count; i++) {
        const struct profile_extension *row = &profile->extensions[i];
        const struct tbs_extension *extension = &tbs->extensions[i];
        int rc = -ERR_INPUT;

        if (i < tbs->extension_count && extension->id == row->id &&
            extension->is_critical == row->is_critical)
            rc = is_as_built(fixed, i, extension->value)
                     ? 0
                     : check_extension(profile, row, extension, extracted, err);
        TRY(unlike(rc, profile, oid_name(row->id), err));
    }
    if (tbs->extension_count > profile->extension_count)
        return unlike(-ERR_INPUT, profile, "the number of extensions", err);
    return 0;
}

static int check_issuer_name(const struct profile *profile, const struct profile_fixed *fixed,
                             const struct tbs *tbs, struct err *err)
{
    CLEANUP(buf_done) struct buf expected = BUF_INIT;

    if (fixed != NULL && name_equal(tbs->issuer, buf_bytes(&fixed->issuer)))
        return 0;
    TRY(profile_issuer_name(profile, &expected, err));
    if (!name_equal(tbs->issuer, buf_bytes(&expected)))
        return unlike(-ERR_INPUT, profile, "issuer", err);
    return 0;
}

/* fixed may be NULL; it only spares work. */
static int check(const struct profile *profile, const struct profile_fixed *fixed,
                 const struct tbs *tbs, struct err *err)
{
    struct extracted extracted = {0};

    if (tbs->serial.len > SERIAL_OCTETS_MAX)
        return unlike(-ERR_INPUT, profile, "serialNumber", err);
    if (tbs->algorithm_digest != key_kind_digest(tbs->algorithm_kind) ||
        !profile_has_key(profile, tbs->algorithm_kind))
        return unlike(-ERR_INPUT, profile, "signature", err);
    TRY(check_issuer_name(profile, fixed, tbs, err));
    if (tbs->not_before >= tbs->not_after)
        return unlike(-ERR_INPUT, profile, "validity", err);
    extract(profile, tbs, &extracted);
    TRY(unlike(check_subject(profile, tbs, &extracted, err), profile, "subject", err));
    return check_extensions(profile, fixed, tbs, &extracted, err);
}

int profile_check(const struct profile *profile, const struct tbs *tbs, struct err *err)
{
    return check(profile, NULL, tbs, err);
}

int profile_check_fixed(const struct profile_fixed *fixed, const struct tbs *tbs, struct err *err)
{
    return check(fixed->profile, fixed, tbs, err);
}

void profile_fixed_free(struct profile_fixed *fixed)
{
    if (fixed == NULL)
        return;
    buf_done(&fixed->issuer);
    for (size_t i = 0; i < PROFILE_EXTENSIONS_MAX; i++)
        buf_done(&fixed->values[i]);
    free(fixed);
}

static int fix(struct profile_fixed *fixed, const struct tbs *issuer, struct err *err)
{
    const struct profile_inputs inputs = {.issuer = issuer};
    const struct profile *profile = fixed->profile;

    TRY(profile_issuer_name(profile, &fixed->issuer, err));
    for (size_t i = 0; i < profile->extension_count; i++)
        if (is_fixed(profile->extensions[i].value))
            TRY(profile_put_value(profile, &profile->extensions[i], &inputs, &fixed->values[i],
                                  err));
    return 0;
}

int profile_fixed_make(const struct profile *profile, const struct tbs *issuer,
                       struct profile_fixed **ret, struct err *err)
{
    struct profile_fixed *fixed = calloc(1, sizeof *fixed);
    int rc;

    if (fixed == NULL)
        return FAIL_NOMEM(err);
    fixed->profile = profile;
    rc = fix(fixed, issuer, err);
    if (rc < 0)
        profile_fixed_free(fixed);
    else
        *ret = fixed;
    return rc;
}

/* What a name says for an attribute, where it stands first. */
static struct bytes fixed_text(const struct profile_name *name, enum oid attribute)
{
    for (size_t i = 0; i < name->count; i++)
        if (name->parts[i].attribute == attribute)
            return bytes_text(name->parts[i].text);
    return (struct bytes){NULL, 0};
}

/* Organisation and unit of the issuer say whose profile it may be. */
static bool is_issued_by_unit(const struct profile *profile, const struct tbs *tbs)
{
    const struct profile_name *ca = &profile_issuer(profile)->subject;
    struct bytes organization;
    struct bytes unit;

    return name_find(tbs->issuer, OID_ORGANIZATION, 0, &organization, NULL) == 0 &&
           name_find(tbs->issuer, OID_ORGANIZATIONAL_UNIT, 0, &unit, NULL) == 0 &&
           bytes_equal(organization, fixed_text(ca, OID_ORGANIZATION)) &&
           bytes_equal(unit, fixed_text(ca, OID_ORGANIZATIONAL_UNIT));
}

static bool has_policy(const struct tbs *tbs, struct bytes policy)
{
    for (size_t i = 0; i < tbs->policy_count; i++)
        if (bytes_equal(tbs->policies[i].oid, policy))
            return true;
    return false;
}

/* What tells the profiles of one issuer apart. */
static bool is_of_sort(const struct profile *profile, const struct tbs *tbs)
{
    struct bytes policy = profile_policy(profile);
    const struct profile_extension *purpose = profile_find(profile, PROFILE_PURPOSE);

    if (profile_is_ca(profile) || tbs->is_ca)
        return profile_is_ca(profile) == tbs->is_ca;
    if (policy.len == 0)
        return purpose != NULL && tbs_has_purpose(tbs, purpose->purpose);
    return has_policy(tbs, policy);
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
