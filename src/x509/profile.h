/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate profiles as data (pki.md 1.1, 1.3, 1.4): which extensions a kind of certificate
 * has, in which order, how critical and with which values, and how long it lives. Each is a file
 * in data/profiles/, of which the build makes a table; the table both builds and checks.
 *
 * All names in them are those of OpenJPKI TEST (design 1); no profile can make another's.
 */
#pragma once

#include "x509/tbs.h"

enum profile_kind {
    PROFILE_SIGN_CA,
    PROFILE_AUTH_CA,
    PROFILE_SIGN,
    PROFILE_AUTH,
    PROFILE_OCSP_SIGN, /* OCSP responders to which the CAs delegate (RFC 6960, 4.2.2.2) */
    PROFILE_OCSP_AUTH,
    PROFILE_FEED_SIGN, /* signers of revocation feeds (docs/revocation-feed.md) */
    PROFILE_FEED_AUTH,
    PROFILE_PHONE_SIGN, /* in a phone, beside the card's (pki.md 1.6) */
    PROFILE_PHONE_AUTH,
    PROFILES_
};

struct profile;

const struct profile *profile_of(enum profile_kind kind);
enum profile_kind profile_kind_of(const struct profile *profile);
/* "sign-ca", "phone-auth": the name of its file. */
const char *profile_name(const struct profile *profile);
bool profile_is_ca(const struct profile *profile);
/* The profile that makes the issuers of this one: itself for a CA. */
const struct profile *profile_issuer(const struct profile *profile);
/* Content octets of the one policy; empty for a CA, an OCSP responder and a feed. */
struct bytes profile_policy(const struct profile *profile);
/* Whether certificates of this kind are made for such keys. */
bool profile_has_key(const struct profile *profile, enum key_kind key);
/* The last second that a certificate for such a key may have if it begins at not_before. */
int64_t profile_last_second(const struct profile *profile, enum key_kind key, int64_t not_before);
/* The name of the CA: issuer of everything, subject of the CA's own. Appended as DER. */
MUST_CHECK int profile_issuer_name(const struct profile *profile, struct buf *ret, struct err *err);

/* What differs from certificate to certificate. Unused members stay zero. */
struct profile_inputs {
    uint32_t serial;               /* 1 to 2^32-1 */
    int64_t not_before, not_after; /* UTC seconds */
    enum key_kind algorithm;       /* of the CA's key and the subject's: they go together */
    struct bytes spki;             /* of the subject */
    const struct tbs *issuer;      /* the CA's certificate; NULL for a CA */
    const char *common_name;       /* sign: common_name_sign, auth: common_name_auth */
    const char *prefecture;        /* romaji, "Hyogo-ken"; sign and auth */
    const char *municipality;      /* romaji, "Kobe-shi"; sign */
    const struct holder *holder;   /* sign, of card and phone */
};

/* First phase: the TBSCertificate, to be signed by the issuer with what goes with
 * inputs->algorithm. */
MUST_CHECK int profile_build_tbs(const struct profile *profile, const struct profile_inputs *inputs,
                                 struct buf *ret, struct err *err);
/*
 * Whether tbs has exactly this shape: ERR_UNTRUSTED names the first field that has not. Does not
 * look at the clock, the issuer's certificate or the signature.
 */
MUST_CHECK int profile_check(const struct profile *profile, const struct tbs *tbs, struct err *err);
/*
 * What all certificates of one profile and one CA have in common, built once: checking many of them
 * is then comparing, for the most part. Several threads may check with one.
 */
struct profile_fixed;
MUST_CHECK int profile_fixed_make(const struct profile *profile, const struct tbs *issuer,
                                  struct profile_fixed **ret, struct err *err);
void profile_fixed_free(struct profile_fixed *fixed);
/* The answer of profile_check, whatever tbs is. */
MUST_CHECK int profile_check_fixed(const struct profile_fixed *fixed, const struct tbs *tbs,
                                   struct err *err);
/* The profile by issuer, CA flag and policy, or NULL; profile_check must still pass. */
const struct profile *profile_guess(const struct tbs *tbs);

enum { COMMON_NAME_SIGN_LEN = 28, COMMON_NAME_AUTH_LEN = 23, WINDOW_ID_LEN = 9 };
/*
 * Subject CN of a sign certificate (pki.md 1.3): time of the request in JST, sequence (0 to
 * 99999), window id (5 digits of the municipality and 4 characters 0-9 A-Z).
 */
MUST_CHECK int common_name_sign(int64_t now, unsigned sequence, const char *window,
                                char ret[COMMON_NAME_SIGN_LEN + 1], struct err *err);
/* Subject CN of an auth certificate: 14 characters 0-9 A-I, chosen by opaque, and window id. */
MUST_CHECK int common_name_auth(uint64_t opaque, const char *window,
                                char ret[COMMON_NAME_AUTH_LEN + 1], struct err *err);
