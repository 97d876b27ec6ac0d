/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no profile may lack or have, and what several may not have in common. A rule is a row: a
 * claim about the profile, and the sentence for one that breaks it.
 */
#include "x509/profile_file.h"

#include "x509/name.h"

static bool is_ca(const struct profile *profile)
{
    return profile->issuer == profile->kind;
}

static const struct profile_extension *find(const struct profile *profile, enum oid id)
{
    for (size_t i = 0; i < profile->extension_count; i++)
        if (profile->extensions[i].id == id)
            return &profile->extensions[i];
    return NULL;
}

static bool has_value(const struct profile *profile, enum profile_value value)
{
    for (size_t i = 0; i < profile->extension_count; i++)
        if (profile->extensions[i].value == value)
            return true;
    return false;
}

static bool has_critical(const struct profile *profile, enum oid id)
{
    const struct profile_extension *extension = find(profile, id);

    return extension != NULL && extension->is_critical;
}

static bool is_fixed(const struct profile_name *name)
{
    for (size_t i = 0; i < name->count; i++)
        if (name->parts[i].source != PROFILE_FIXED)
            return false;
    return true;
}

static bool has_subject(const struct profile *profile)
{
    return profile->subject.count > 0;
}

static bool has_fixed_names_of_ca(const struct profile *profile)
{
    return is_fixed(&profile->alternative) && (!is_ca(profile) || is_fixed(&profile->subject));
}

static bool has_other_name_of_ca(const struct profile *profile)
{
    return is_ca(profile) == (profile->alternative.count > 0);
}

static bool uses_its_point(const struct profile *profile)
{
    return (profile->point.count > 0) == has_value(profile, PROFILE_POINT_LIST);
}

static bool has_critical_usage(const struct profile *profile)
{
    return has_critical(profile, OID_KEY_USAGE);
}

static bool has_usage_of_its_sort(const struct profile *profile)
{
    const unsigned ca = KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_CRL_SIGN;
    unsigned usage = find(profile, OID_KEY_USAGE)->key_usage;

    return is_ca(profile) ? usage == ca : (usage & ca) == 0;
}

static bool has_constraints_of_its_sort(const struct profile *profile)
{
    return is_ca(profile) ? has_critical(profile, OID_BASIC_CONSTRAINTS)
                          : find(profile, OID_BASIC_CONSTRAINTS) == NULL;
}

static bool names_its_issuer(const struct profile *profile)
{
    return is_ca(profile) || has_value(profile, PROFILE_ISSUER_KEY);
}

static bool ends_with_its_key(const struct profile *profile)
{
    return profile->extension_count > 0 &&
           profile->extensions[profile->extension_count - 1].value == PROFILE_SUBJECT_KEY;
}

/* By the CA: to answer for it, or to say what it revoked. */
static bool is_appointed(const struct profile *profile)
{
    const struct profile_extension *purpose = find(profile, OID_EXT_KEY_USAGE);

    return purpose != NULL && purpose->purpose != OID_CLIENT_AUTH;
}

/* Exactly one of the two tells what a certificate is for; a CA has neither. */
static bool has_policy_or_is_appointed(const struct profile *profile)
{
    bool has_policy = has_critical(profile, OID_CERTIFICATE_POLICIES);

    if (is_ca(profile))
        return find(profile, OID_CERTIFICATE_POLICIES) == NULL &&
               find(profile, OID_EXT_KEY_USAGE) == NULL;
    return has_policy != is_appointed(profile);
}

static const struct {
    bool (*holds)(const struct profile *profile);
    const char *otherwise;
} rules[] = {
    {has_subject, "[subject] has no part"},
    {has_fixed_names_of_ca, "the names of a CA are fixed"},
    {has_other_name_of_ca, "[alternative] is for a CA, which needs it"},
    {uses_its_point, "[point] and the value point of cRLDistributionPoints go together"},
    {has_critical_usage, "keyUsage is missing or not critical (RFC 5280, 4.2.1.3)"},
    {has_usage_of_its_sort, "keyCertSign and cRLSign are for a CA, and nothing else is"},
    {has_constraints_of_its_sort, "basicConstraints is for a CA, critical (RFC 5280, 4.2.1.9)"},
    {names_its_issuer, "authorityKeyIdentifier is missing (RFC 5280, 4.2.1.1)"},
    {ends_with_its_key, "subjectKeyIdentifier is not the last extension (pki.md 1.3)"},
    {has_policy_or_is_appointed,
     "either a critical policy or the purpose of an appointed signer, or a CA"},
};

/* What a string type cannot hold; variable parts are tried with what any place may be called. */
static int check_name(const struct profile_name *name, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct name_row rows[PROFILE_PARTS_MAX];

    for (size_t i = 0; i < name->count; i++) {
        const struct profile_part *part = &name->parts[i];
        bool is_empty = part->source != PROFILE_FIXED && part->text[0] == '\0';

        rows[i] = (struct name_row){part->attribute, part->type, is_empty ? "-" : part->text};
    }
    return name->count == 0 ? 0 : name_build(rows, name->count, &der, err);
}

int profile_file_check(const struct profile *profile, struct err *err)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (!rules[i].holds(profile))
            return FAIL(err, ERR_INPUT, "%s", rules[i].otherwise);
    TRY(check_name(&profile->subject, err));
    TRY(check_name(&profile->alternative, err));
    return check_name(&profile->point, err);
}

static const struct profile *of_kind(const struct profile_file *files, size_t count,
                                     enum profile_kind kind)
{
    const struct profile *found = NULL;

    for (size_t i = 0; i < count; i++) {
        if (files[i].profile.kind != kind)
            continue;
        if (found != NULL)
            return NULL;
        found = &files[i].profile;
    }
    return found;
}

static int check_issuer(const struct profile *profile, const struct profile *issuer,
                        struct err *err)
{
    if (!is_ca(issuer))
        return FAIL(err, ERR_INPUT, "%s: its issuer %s is no CA", profile->name, issuer->name);
    for (int key = 0; key < KEY_KINDS_; key++) {
        const struct profile_lifetime *own = &profile->lifetimes[key];
        const struct profile_lifetime *ca = &issuer->lifetimes[key];

        if (own->months + own->days > 0 && ca->months + ca->days == 0)
            return FAIL(err, ERR_INPUT, "%s: its issuer has no such keys", profile->name);
    }
    return 0;
}

/* Which certificates of one issuer would be taken for both. */
static bool look_alike(const struct profile *a, const struct profile *b)
{
    const struct profile_extension *one = find(a, OID_CERTIFICATE_POLICIES);
    const struct profile_extension *other = find(b, OID_CERTIFICATE_POLICIES);

    if (a == b || a->issuer != b->issuer || is_ca(a) || is_ca(b) ||
        (one == NULL) != (other == NULL))
        return false;
    if (one == NULL)
        return find(a, OID_EXT_KEY_USAGE)->purpose == find(b, OID_EXT_KEY_USAGE)->purpose;
    return bytes_equal(bytes_of(one->policy.octets, one->policy.len),
                       bytes_of(other->policy.octets, other->policy.len));
}

int profile_files_check(const struct profile_file *files, size_t count, struct err *err)
{
    for (int kind = 0; kind < PROFILES_; kind++)
        if (of_kind(files, count, (enum profile_kind)kind) == NULL)
            return FAIL(err, ERR_INPUT, "a kind of certificate has not exactly one file");
    for (size_t i = 0; i < count; i++) {
        const struct profile *profile = &files[i].profile;

        TRY(check_issuer(profile, of_kind(files, count, profile->issuer), err));
        for (size_t j = 0; j < count; j++)
            if (look_alike(profile, &files[j].profile))
                return FAIL(err, ERR_INPUT, "%s and %s cannot be told apart", profile->name,
                            files[j].profile.name);
    }
    return 0;
}
