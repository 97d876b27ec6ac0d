/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CA of one's own in a directory, for cards that are made without any service: its keys issue
 * certificates by the profiles of OpenJPKI TEST and sign the personal files. Whoever has the
 * directory can make cards that verify below its anchors, and none that do below another's.
 *
 * DIR (0700) has own-ca, six key pairs and two certificates, sealed by own-ca.key (both 0600). The
 * two CAs have keys of one kind, chosen when they are made, and certify keys of that kind only; the
 * other four are RSA, as the personal files know nothing else (card.md 3.3).
 */
#pragma once

#include "x509/cert.h"
#include "x509/profile.h"

enum ownca_key {
    OWNCA_SIGN_CA,
    OWNCA_AUTH_CA,
    OWNCA_TEXT_ROOT, /* vouch for the next two */
    OWNCA_VISUAL_ROOT,
    OWNCA_TEXT_DATA, /* sign personal files */
    OWNCA_VISUAL_DATA,
    OWNCA_KEYS_
};

struct ownca;

/*
 * Open the CA in dir, or make directory and CA if there is none. now are UTC seconds, from which
 * its certificates count ten years. ERR_INPUT if the one that is there is of another kind,
 * ERR_UNTRUSTED if the file was changed or is another key's, ERR_DENIED if others may read the key.
 */
MUST_CHECK int ownca_open(const char *dir, enum key_kind kind, int64_t now, struct ownca **ret,
                          struct err *err);
/* Whether ownca_open would find one. */
bool ownca_exists(const char *dir);
void ownca_free(struct ownca *ca);
void ownca_freep(struct ownca **ca);

/* The CA's certificate for a holder's, card's or phone's; lives as long as the CA. */
const struct x509_cert *ownca_certificate(const struct ownca *ca, enum profile_kind kind);
/* SubjectPublicKeyInfo. */
MUST_CHECK int ownca_spki(const struct ownca *ca, enum ownca_key key, struct buf *ret,
                          struct err *err);
/*
 * RSASSA-PKCS1-v1_5 around a DigestInfo as it is; only for the keys that sign files or vouch for
 * those. ERR_USAGE for the keys of the two CAs, which sign certificates only.
 */
MUST_CHECK int ownca_sign(const struct ownca *ca, enum ownca_key key, struct bytes digestinfo,
                          struct buf *ret, struct err *err);
/*
 * A holder's certificate (PROFILE_SIGN, PROFILE_AUTH, or those of a phone), DER. The inputs are as
 * for profile_build_tbs but for serial, issuer and algorithm, which are set here. ERR_CONFLICT if
 * the CA's own certificate ends before this one would, ERR_INPUT if the key is of another kind.
 */
MUST_CHECK int ownca_issue(const struct ownca *ca, enum profile_kind kind,
                           const struct profile_inputs *inputs, struct buf *ret_der,
                           struct err *err);
