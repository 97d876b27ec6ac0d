/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certificate profile consists of; for the files behind profile.h, and for what reads and
 * writes the tables (profile_file.h).
 */
#pragma once

#include "x509/profile.h"

/* Where the text of a name's part comes from. */
enum profile_source {
    PROFILE_FIXED, /* the part's own */
    PROFILE_PREFECTURE,
    PROFILE_MUNICIPALITY,
    PROFILE_COMMON_NAME_SIGN,
    PROFILE_COMMON_NAME_AUTH,
    PROFILE_SOURCES_
};

struct profile_part {
    enum oid attribute;
    enum der_tag type; /* DER_PRINTABLE_STRING or DER_UTF8_STRING */
    enum profile_source source;
    const char *text; /* the whole, or what stands behind the source's text: " CRLDP", "" */
};

struct profile_name {
    struct profile_part parts[PROFILE_PARTS_MAX];
    size_t count; /* 0: there is no such name */
};

/* What an extension holds. */
enum profile_value {
    PROFILE_KEY_USAGE,   /* key_usage */
    PROFILE_PURPOSE,     /* purpose */
    PROFILE_HOLDER,      /* the six otherNames */
    PROFILE_ALTERNATIVE, /* the CA's alternative name as directoryName */
    PROFILE_CONSTRAINTS, /* cA TRUE */
    PROFILE_POLICY,      /* policy, with text as address of the CPS */
    PROFILE_OWN_LIST,    /* the distribution point under the subject's name */
    PROFILE_POINT_LIST,  /* under the name point of the profile */
    PROFILE_OCSP,        /* text is the address */
    PROFILE_ISSUER_KEY,  /* key, name and serial number of the issuer's certificate */
    PROFILE_SUBJECT_KEY, /* SHA-1 of the subject's key */
    PROFILE_NULL,
    PROFILE_VALUES_
};

struct profile_policy {
    uint8_t octets[X509_OID_MAX];
    size_t len;
};

struct profile_extension {
    enum oid id;
    bool is_critical;
    enum profile_value value;
    unsigned key_usage;
    enum oid purpose;
    struct profile_policy policy; /* content octets of the identifier */
    const char *text;
};

/* Certificates last at most until the end of the day, in Japan, so much later; both 0: none. */
struct profile_lifetime {
    unsigned months, days;
};

struct profile {
    const char *name;
    enum profile_kind kind, issuer;
    struct profile_lifetime lifetimes[KEY_KINDS_];
    struct profile_name subject;
    struct profile_name alternative; /* of a CA: its other name */
    struct profile_name point;
    struct profile_extension extensions[PROFILE_EXTENSIONS_MAX];
    size_t extension_count;
};

/* The table that the build makes of data/profiles/. */
extern const struct profile profile_table[PROFILES_];

/* The extension with this value, or NULL. */
const struct profile_extension *profile_find(const struct profile *profile,
                                             enum profile_value value);
/* Append the DER of a name, its variable parts from the inputs. */
MUST_CHECK int profile_put_name(const struct profile_name *name,
                                const struct profile_inputs *inputs, struct buf *out,
                                struct err *err);
/* Append the DER of the extension's value. */
MUST_CHECK int profile_put_value(const struct profile *profile, const struct profile_extension *row,
                                 const struct profile_inputs *inputs, struct buf *out,
                                 struct err *err);

/* Whether text is a common name of 14 opaque or 14 + 5 dated characters and a window id. */
bool is_common_name_sign(const char *text);
bool is_common_name_auth(const char *text);
