/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile's file as base/conf.h reads it, made into a row of the table. What an extension may
 * say is a table of its own: its name, and the word or form of its value.
 */
#include "x509/profile_file.h"

#include "base/conf.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { MONTHS_MAX = 600, DAYS_MAX = 3660, NUMBER_DIGITS = 4 };

/* All names are those of the test hierarchy (design 1). */
#define ORGANIZATION "OpenJPKI TEST"

struct extension_text {
    char *id;
    char *value;
    char *cps;
    bool is_critical;
};

struct profile_text {
    char *name;
    char *issuer;
    char *lifetimes[KEY_KINDS_];
    char *subject[PROFILE_PARTS_MAX];
    char *alternative[PROFILE_PARTS_MAX];
    char *point[PROFILE_PARTS_MAX];
    struct extension_text extensions[PROFILE_EXTENSIONS_MAX];
    size_t extension_count;
};

#define TEXT(section, key, member, otherwise)                                                      \
    {                                                                                              \
        section, key, CONF_TEXT, offsetof(struct profile_text, member), otherwise, 0, 0, NULL      \
    }
#define PART(section, key, member) TEXT(section, key, member, CONF_UNSET)
#define PARTS(section, member)                                                                     \
    PART(section, "1", member[0]), PART(section, "2", member[1]), PART(section, "3", member[2]),   \
        PART(section, "4", member[3]), PART(section, "5", member[4]),                              \
        PART(section, "6", member[5])
_Static_assert(PROFILE_PARTS_MAX == 6, "PARTS has a row for each");

static const struct conf_key file_keys[] = {
    TEXT("certificate", "name", name, NULL),
    TEXT("certificate", "issuer", issuer, NULL),
    TEXT("lifetime", "RSA-2048", lifetimes[KEY_RSA], CONF_UNSET),
    TEXT("lifetime", "P-384", lifetimes[KEY_P384], CONF_UNSET),
    PARTS("subject", subject),
    PARTS("alternative", alternative),
    PARTS("point", point),
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};

#define AT(member) offsetof(struct extension_text, member)
static const struct conf_key extension_keys[] = {
    {"extension", "critical", CONF_FLAG, AT(is_critical), NULL, 0, 0, NULL},
    {"extension", "value", CONF_TEXT, AT(value), NULL, 0, 0, NULL},
    {"extension", "cps", CONF_TEXT, AT(cps), CONF_UNSET, 0, 0, NULL},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

static struct conf_group group_of(struct profile_text *text)
{
    return (struct conf_group){
        .prefix = "extension",
        .keys = extension_keys,
        .name = offsetof(struct extension_text, id),
        .size = sizeof text->extensions[0],
        .max = PROFILE_EXTENSIONS_MAX,
        .items = text->extensions,
        .count = &text->extension_count,
    };
}

/* By enum profile_kind. */
static const char *const kinds[PROFILES_] = {
    [PROFILE_SIGN_CA] = "sign-ca",
    [PROFILE_AUTH_CA] = "auth-ca",
    [PROFILE_SIGN] = "sign",
    [PROFILE_AUTH] = "auth",
    [PROFILE_OCSP_SIGN] = "ocsp-sign",
    [PROFILE_OCSP_AUTH] = "ocsp-auth",
    [PROFILE_FEED_SIGN] = "feed-sign",
    [PROFILE_FEED_AUTH] = "feed-auth",
    [PROFILE_PHONE_SIGN] = "phone-sign",
    [PROFILE_PHONE_AUTH] = "phone-auth",
};

static int read_kind(const char *name, enum profile_kind *ret, struct err *err)
{
    for (int i = 0; i < PROFILES_; i++) {
        if (strcmp(kinds[i], name) != 0)
            continue;
        *ret = (enum profile_kind)i;
        return 0;
    }
    return FAIL(err, ERR_INPUT, "there is no kind of certificate called %s", name);
}

/* The word before the first blank; *rest is what stands behind it, NULL if there is no blank. */
static struct bytes first_word(const char *text, const char **ret_rest)
{
    const char *blank = strchr(text, ' ');

    *ret_rest = blank == NULL ? NULL : blank + 1;
    return bytes_of(text, blank == NULL ? strlen(text) : (size_t)(blank - text));
}

static bool is_word(struct bytes word, const char *text)
{
    return bytes_equal(word, bytes_text(text));
}

/* "120 months", "365 days" */
static int read_lifetime(const char *text, struct profile_lifetime *ret, struct err *err)
{
    const char *unit;
    struct bytes digits = first_word(text, &unit);
    unsigned number = 0;

    if (unit == NULL || digits.len > NUMBER_DIGITS || strspn(text, "0123456789") != digits.len ||
        (strcmp(unit, "months") != 0 && strcmp(unit, "days") != 0))
        return FAIL(err, ERR_INPUT, "[lifetime] is a number of months or days, not \"%s\"", text);
    for (size_t i = 0; i < digits.len; i++)
        number = number * 10 + (unsigned)(digits.ptr[i] - '0');
    if (number == 0 || number > (unit[0] == 'm' ? MONTHS_MAX : DAYS_MAX))
        return FAIL(err, ERR_INPUT, "[lifetime] is 1 to %d months or 1 to %d days", MONTHS_MAX,
                    DAYS_MAX);
    *ret = unit[0] == 'm' ? (struct profile_lifetime){number, 0}
                          : (struct profile_lifetime){0, number};
    return 0;
}

static int read_lifetimes(const struct profile_text *text, struct profile *ret, struct err *err)
{
    bool is_any = false;

    for (int i = 0; i < KEY_KINDS_; i++) {
        if (text->lifetimes[i] == NULL)
            continue;
        TRY(read_lifetime(text->lifetimes[i], &ret->lifetimes[i], err));
        is_any = true;
    }
    return is_any ? 0 : FAIL(err, ERR_INPUT, "[lifetime] names no key");
}

static const enum oid attributes[] = {OID_COUNTRY, OID_LOCALITY, OID_ORGANIZATION,
                                      OID_ORGANIZATIONAL_UNIT, OID_COMMON_NAME};

static int read_attribute(struct bytes word, enum oid *ret, struct err *err)
{
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (!is_word(word, oid_name(attributes[i])))
            continue;
        *ret = attributes[i];
        return 0;
    }
    return FAIL(err, ERR_INPUT, "there is no attribute %.*s", (int)word.len,
                (const char *)word.ptr);
}

static int read_type(struct bytes word, enum der_tag *ret, struct err *err)
{
    if (!is_word(word, "printable") && !is_word(word, "utf8"))
        return FAIL(err, ERR_INPUT, "a string is printable or utf8, not %.*s", (int)word.len,
                    (const char *)word.ptr);
    *ret = word.ptr[0] == 'p' ? DER_PRINTABLE_STRING : DER_UTF8_STRING;
    return 0;
}

static const struct {
    const char *text;
    enum profile_source source;
} sources[] = {
    {"{prefecture}", PROFILE_PREFECTURE},
    {"{municipality}", PROFILE_MUNICIPALITY},
    {"{common-name-sign}", PROFILE_COMMON_NAME_SIGN},
    {"{common-name-auth}", PROFILE_COMMON_NAME_AUTH},
};

/* "{municipality} CRLDP": a source first, or none. */
static int read_part_text(const char *text, struct profile_part *part, struct err *err)
{
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        size_t len = strlen(sources[i].text);

        if (strncmp(text, sources[i].text, len) != 0)
            continue;
        part->source = sources[i].source;
        text += len;
        break;
    }
    if (strpbrk(text, "{}") != NULL)
        return FAIL(err, ERR_INPUT, "nothing is put in for \"%s\"", text);
    part->text = text;
    return 0;
}

/* "OU utf8 CRL Distribution Points" */
static int read_part(const char *line, struct profile_part *part, struct err *err)
{
    const char *rest;
    const char *text;
    struct bytes word = first_word(line, &rest);

    TRY(read_attribute(word, &part->attribute, err));
    if (rest == NULL)
        return FAIL(err, ERR_INPUT, "an attribute, the type of its string, and its text");
    word = first_word(rest, &text);
    TRY(read_type(word, &part->type, err));
    if (text == NULL)
        return FAIL(err, ERR_INPUT, "an attribute without text");
    TRY(read_part_text(text, part, err));
    if (part->attribute == OID_ORGANIZATION &&
        strncmp(part->text, ORGANIZATION, strlen(ORGANIZATION)) != 0)
        return FAIL(err, ERR_INPUT, "an organisation that is not %s", ORGANIZATION);
    return 0;
}

static int read_name(char *const lines[PROFILE_PARTS_MAX], const char *section,
                     struct profile_name *ret, struct err *err)
{
    for (size_t i = 0; i < PROFILE_PARTS_MAX; i++) {
        if (lines[i] == NULL)
            continue;
        if (ret->count != i)
            return FAIL(err, ERR_INPUT, "[%s] has a part %zu and none before it", section, i + 1);
        TRY(err_prefix(err, read_part(lines[i], &ret->parts[i], err), "[%s] %zu", section, i + 1));
        ret->count++;
    }
    return 0;
}

static const char *const usages[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                     "dataEncipherment", "keyAgreement",   "keyCertSign",
                                     "cRLSign",          "encipherOnly",   "decipherOnly"};

static int read_key_usage(const char *text, struct profile_extension *ret, struct err *err)
{
    while (text != NULL) {
        struct bytes word = first_word(text, &text);
        size_t i = 0;

        while (i < sizeof usages / sizeof usages[0] && !is_word(word, usages[i]))
            i++;
        if (i == sizeof usages / sizeof usages[0] || (ret->key_usage & 1U << i) != 0)
            return FAIL(err, ERR_INPUT, "no usage of a key, or there twice: %.*s", (int)word.len,
                        (const char *)word.ptr);
        ret->key_usage |= 1U << i;
    }
    return 0;
}

static int read_purpose(const char *text, struct profile_extension *ret, struct err *err)
{
    static const enum oid purposes[] = {OID_CLIENT_AUTH, OID_OCSP_SIGNING, OID_FEED_SIGNING};

    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++) {
        if (strcmp(text, oid_name(purposes[i])) != 0)
            continue;
        ret->purpose = purposes[i];
        return 0;
    }
    return FAIL(err, ERR_INPUT, "there is no purpose %s", text);
}

static int read_policy(const char *text, struct profile_extension *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf oid = BUF_INIT;

    TRY(oid_from_text(text, &oid, err));
    memcpy(ret->policy.octets, oid.ptr, oid.len); /* X509_OID_MAX at most */
    ret->policy.len = oid.len;
    return 0;
}

static int read_address(const char *text, struct profile_extension *ret, struct err *err)
{
    if (strncmp(text, "http://", 7) != 0 || utf8_count(bytes_text(text)) != strlen(text))
        return FAIL(err, ERR_INPUT, "an address is http://... in ASCII");
    ret->text = text;
    return 0;
}

/* What an extension may say: one word, or what a function reads. */
static const struct value_form {
    enum oid id;
    enum profile_value value;
    const char *word; /* NULL: read */
    int (*read)(const char *text, struct profile_extension *ret, struct err *err);
} forms[] = {
    {OID_KEY_USAGE, PROFILE_KEY_USAGE, NULL, read_key_usage},
    {OID_EXT_KEY_USAGE, PROFILE_PURPOSE, NULL, read_purpose},
    {OID_SUBJECT_ALT_NAME, PROFILE_HOLDER, "holder", NULL},
    {OID_SUBJECT_ALT_NAME, PROFILE_ALTERNATIVE, "alternative", NULL},
    {OID_ISSUER_ALT_NAME, PROFILE_ALTERNATIVE, "alternative", NULL},
    {OID_BASIC_CONSTRAINTS, PROFILE_CONSTRAINTS, "CA", NULL},
    {OID_CERTIFICATE_POLICIES, PROFILE_POLICY, NULL, read_policy},
    {OID_CRL_DISTRIBUTION_POINTS, PROFILE_OWN_LIST, "subject", NULL},
    {OID_CRL_DISTRIBUTION_POINTS, PROFILE_POINT_LIST, "point", NULL},
    {OID_AUTHORITY_INFO_ACCESS, PROFILE_OCSP, NULL, read_address},
    {OID_AUTHORITY_KEY_ID, PROFILE_ISSUER_KEY, "issuer", NULL},
    {OID_SUBJECT_KEY_ID, PROFILE_SUBJECT_KEY, "key", NULL},
    {OID_OCSP_NOCHECK, PROFILE_NULL, "null", NULL},
};

static int find_form(const struct extension_text *text, const struct value_form **ret,
                     struct err *err)
{
    bool is_known = false;

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(oid_name(forms[i].id), text->id) != 0)
            continue;
        is_known = true;
        if (forms[i].word != NULL && strcmp(forms[i].word, text->value) != 0)
            continue;
        *ret = &forms[i];
        return 0;
    }
    return is_known ? FAIL(err, ERR_INPUT, "there is no such value: %s", text->value)
                    : FAIL(err, ERR_INPUT, "there is no such extension");
}

static int read_extension(const struct extension_text *text, struct profile_extension *ret,
                          struct err *err)
{
    const struct value_form *form;

    TRY(find_form(text, &form, err));
    ret->id = form->id;
    ret->value = form->value;
    ret->is_critical = text->is_critical;
    if (form->read != NULL)
        TRY(form->read(text->value, ret, err));
    if ((form->value == PROFILE_POLICY) != (text->cps != NULL))
        return FAIL(err, ERR_INPUT, "cps is for certificatePolicies, which needs it");
    return text->cps == NULL ? 0 : err_prefix(err, read_address(text->cps, ret, err), "cps");
}

static int read_extensions(const struct profile_text *text, struct profile *ret, struct err *err)
{
    for (size_t i = 0; i < text->extension_count; i++) {
        const struct extension_text *extension = &text->extensions[i];

        TRY(err_prefix(err, read_extension(extension, &ret->extensions[i], err), "[extension %s]",
                       extension->id));
        ret->extension_count++;
    }
    return 0;
}

static int read_profile(const struct profile_text *text, struct profile *ret, struct err *err)
{
    ret->name = text->name;
    TRY(read_kind(text->name, &ret->kind, err));
    TRY(read_kind(text->issuer, &ret->issuer, err));
    TRY(read_lifetimes(text, ret, err));
    TRY(read_name(text->subject, "subject", &ret->subject, err));
    TRY(read_name(text->alternative, "alternative", &ret->alternative, err));
    TRY(read_name(text->point, "point", &ret->point, err));
    TRY(read_extensions(text, ret, err));
    return profile_file_check(ret, err);
}

int profile_file_parse(struct bytes text, const char *name, struct profile_file *ret,
                       struct err *err)
{
    struct profile_file file = {.text = calloc(1, sizeof *file.text)};
    struct conf_group group;
    int rc;

    if (file.text == NULL)
        return FAIL_NOMEM(err);
    group = group_of(file.text);
    rc = conf_parse(text, name, file_keys, file.text, &group, err);
    if (rc == 0)
        rc = err_prefix(err, read_profile(file.text, &file.profile, err), "%s", name);
    if (rc < 0) {
        profile_file_done(&file);
        return rc;
    }
    *ret = file;
    return 0;
}

void profile_file_done(struct profile_file *file)
{
    struct conf_group group;

    if (file->text == NULL)
        return;
    group = group_of(file->text);
    conf_group_done(&group);
    conf_done(file_keys, file->text);
    free(file->text);
    *file = (struct profile_file){.text = NULL};
}
