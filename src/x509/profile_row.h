/* SPDX-License-Identifier: Apache-2.0 */
/* What a certificate profile consists of; for the two halves of profile.h only. */
#pragma once

#include "x509/profile.h"

struct profile_extension {
    enum oid id;
    bool is_critical;
    /* Append the DER of the extension's value. */
    int (*build)(const struct profile *profile, const struct profile_inputs *inputs,
                 struct buf *out, struct err *err);
};

struct profile {
    const char *name;
    enum profile_kind kind, issuer;
    unsigned key_usage;
    enum oid policy;          /* OID_UNKNOWN: none */
    enum oid purpose;         /* what tells it from others without a policy; OID_UNKNOWN: none */
    const char *organization; /* O of the CA */
    const char *unit;         /* OU of the CA */
    const char *alt_unit;     /* OU of the CA's alternative name */
    const char *ocsp_url;     /* NULL: none */
    const struct profile_extension *extensions;
    size_t extension_count;
    /* Append the DER of the subject's Name. */
    int (*subject)(const struct profile *profile, const struct profile_inputs *inputs,
                   struct buf *out, struct err *err);
};

/* Whether text is a common name of 14 opaque or 14 + 5 dated characters and a window id. */
bool is_common_name_sign(const char *text);
bool is_common_name_auth(const char *text);
