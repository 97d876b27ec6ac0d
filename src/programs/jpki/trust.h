/* SPDX-License-Identifier: Apache-2.0 */
/* What jpki believes in: which authorities are known here, and who is asked about revocation. */
#pragma once

#include "client/anchors.h"
#include "programs/verifier.h"
#include "verify/anchors.h"

/*
 * Add those of --anchors (given; NULL: not given), $JPKI_ANCHORS, or anchors.d below the
 * configuration, which need not be there.
 */
MUST_CHECK int trust_load(const char *given, struct anchors *anchors, struct err *err);

enum root {
    ROOT_UNKNOWN,
    ROOT_CONFIGURED,
    ROOT_PUBLISHED, /* of the real JPKI, pinned here */
};

struct root_facts {
    enum root root;
    int generation; /* ROOT_PUBLISHED only */
};

/*
 * Where the CA certificate on a card is known from; NULL is unknown. A published one becomes an
 * anchor.
 */
MUST_CHECK int trust_root(struct anchors *anchors, const struct x509_cert *ca,
                          struct root_facts *ret, struct err *err);
/* "unknown", "configured", "published": stable, for JSON. */
const char *root_name(enum root root);
/* A sentence for people, a msgid. */
const char *root_text(enum root root);

struct ocsp_options {
    const char *config, *url;
};

/* Rows for a command whose option struct has a member "ocsp". */
#define OCSP_OPTIONS(type)                                                                         \
    {0,        "ocsp",                                                                             \
     CLI_TEXT, offsetof(type, ocsp.url),                                                           \
     "URL",    N_("ask this OCSP responder whether the certificate has been revoked")},            \
    {                                                                                              \
        0, "config", CLI_TEXT, offsetof(type, ocsp.config), "FILE",                                \
            N_("ask as the verifier in this configuration of jpkictl")                             \
    }

/*
 * Who asks about revocation, and whom: --ocsp, $JPKI_OCSP, or what the configuration of a verifier
 * says, which is that of --config or $JPKICTL_CONFIG. Without an address nobody is asked: the one
 * in a certificate never is.
 */
struct trust_asker;
/* *ret is NULL if nobody is to be asked. */
MUST_CHECK int trust_asker_open(const struct ocsp_options *options, struct trust_asker **ret,
                                struct err *err);
void trust_asker_closep(struct trust_asker **asker);
struct status_source trust_asker_source(const struct trust_asker *asker);
