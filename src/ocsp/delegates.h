/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that the responders have from files: which CAs there are, and the certificates and keys by
 * which these answer. One value, made and checked as a whole, that never changes; a new one takes
 * its place in the index (index.h). It lives as long as somebody holds it.
 */
#pragma once

#include "ocsp/limits.h"
#include "rpc/signer_client.h"
#include "x509/cert.h"
#include "x509/ocsp.h"

#include <stdatomic.h>

enum ocsp_ca { OCSP_CA_SIGN, OCSP_CA_AUTH, OCSP_CAS_ };

const char *ocsp_ca_name(enum ocsp_ca ca); /* "sign", "auth" */
/* ERR_INPUT for another name. */
MUST_CHECK int ocsp_ca_from_name(const char *name, enum ocsp_ca *ret, struct err *err);

/* How questions name a CA, by one of the hashes that clients use. */
struct ocsp_ca_id {
    struct digest name, key;
};

/* One responder of a CA, which may have several: one for each generation. */
struct ocsp_delegate {
    enum ocsp_ca kind;
    char *key; /* its name at signerd */
    struct x509_cert *ca, *certificate;
    struct ocsp_ca_id sha1, sha256; /* of the CA */
    struct buf tail;                /* what all its answers end with */
    uint64_t key_tag; /* of its key; under another certificate of that key it is the same */
};

struct ocsp_delegates {
    atomic_uint holders;
    size_t count;
    struct ocsp_delegate list[OCSP_DELEGATES_MAX];
};

/* Empty, and held by the caller. */
MUST_CHECK int ocsp_delegates_new(struct ocsp_delegates **ret, struct err *err);
struct ocsp_delegates *ocsp_delegates_hold(struct ocsp_delegates *delegates);
/* The last one releases the memory. Accepts NULL. */
void ocsp_delegates_release(struct ocsp_delegates *delegates);
void ocsp_delegates_releasep(struct ocsp_delegates **delegates);

/* What ocsp_delegates_add copies. */
struct ocsp_appointment {
    enum ocsp_ca kind;
    const char *key;
    struct bytes ca, certificate; /* DER */
};

/*
 * One more, while nobody else holds it. ERR_UNTRUSTED unless the CA issued the certificate, for
 * OCSP signing, with no need to check it further (RFC 6960, 4.2.2.2.1); ERR_INPUT for what is no
 * certificate.
 */
MUST_CHECK int ocsp_delegates_add(struct ocsp_delegates *delegates,
                                  const struct ocsp_appointment *appointment, struct err *err);
/* The first responder of a CA, of whichever generation; NULL if there is none. */
const struct ocsp_delegate *ocsp_delegates_find(const struct ocsp_delegates *delegates,
                                                enum ocsp_ca kind);
/* The one of the generation that a question names by its key; the first if it names none of them.
 */
const struct ocsp_delegate *ocsp_delegates_choose(const struct ocsp_delegates *delegates,
                                                  enum ocsp_ca kind, const struct ocsp_cert_id *id);
/* The one of the generation with this key identifier; NULL if there is none. */
const struct ocsp_delegate *ocsp_delegates_by_key(const struct ocsp_delegates *delegates,
                                                  enum ocsp_ca kind, struct bytes key_id);

/*
 * Whether others may take the place of those there are: each is of its time, and signerd has the
 * keys of their certificates. Else ERR_UNTRUSTED, or what signer_public says.
 */
MUST_CHECK int ocsp_delegates_check(const struct ocsp_delegates *delegates, struct signer *signer,
                                    int64_t now, struct err *err);
/*
 * A copy of delegates, in which certificates are replaced by those in others that end later, of the
 * same CA and key: a file that was not renewed does not undo what was.
 */
MUST_CHECK int ocsp_delegates_merge(const struct ocsp_delegates *delegates,
                                    const struct ocsp_delegates *others,
                                    struct ocsp_delegates **ret, struct err *err);
