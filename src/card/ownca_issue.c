/* SPDX-License-Identifier: Apache-2.0 */
/* What an own CA signs. */
#include "card/ownca_keys.h"

#include "base/caltime.h"
#include "base/rand.h"

enum { LIFETIME_YEARS = 10, SELF_SERIAL = 1 }; /* pki.md 1.1 */

static enum ownca_key ca_of(enum profile_kind kind)
{
    return profile_issuer(profile_of(kind)) == profile_of(PROFILE_SIGN_CA) ? OWNCA_SIGN_CA
                                                                           : OWNCA_AUTH_CA;
}

const struct x509_cert *ownca_certificate(const struct ownca *ca, enum profile_kind kind)
{
    return ca->cas[ca_of(kind)];
}

/* A TBSCertificate, signed. */
static int ownca_certify(const struct privkey *key, struct bytes tbs, struct buf *ret_der,
                         struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    TRY(digest_compute(key_kind_digest(privkey_kind(key)), tbs, &digest, err));
    TRY(privkey_sign(key, &digest, &signature, err));
    return cert_assemble(tbs, buf_bytes(&signature), ret_der, err);
}

/* Ten years later, at the end of the day in Japan. */
static int64_t end_of(int64_t now)
{
    struct caldate date = caltime_at(now, JST_OFFSET_SECONDS).date;
    struct caldate last = caldate_birthday(date, date.year + LIFETIME_YEARS);

    return caltime_utc((struct caltime){last, 23, 59, 59}, JST_OFFSET_SECONDS);
}

int ownca_certify_self(struct ownca *ca, enum ownca_key key, int64_t now, struct err *err)
{
    const struct profile *profile = profile_of(key == OWNCA_SIGN_CA ? PROFILE_SIGN_CA
                                                                    : PROFILE_AUTH_CA);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct profile_inputs inputs = {
        .serial = SELF_SERIAL, .not_before = now, .not_after = end_of(now)};

    inputs.algorithm = privkey_kind(ca->keys[key]);
    TRY(privkey_spki(ca->keys[key], &spki, err));
    inputs.spki = buf_bytes(&spki);
    TRY(profile_build_tbs(profile, &inputs, &tbs, err));
    TRY(ownca_certify(ca->keys[key], buf_bytes(&tbs), &der, err));
    return x509_cert_parse(buf_bytes(&der), &ca->cas[key], err);
}

int ownca_spki(const struct ownca *ca, enum ownca_key key, struct buf *ret, struct err *err)
{
    return privkey_spki(ca->keys[key], ret, err);
}

int ownca_sign(const struct ownca *ca, enum ownca_key key, struct bytes digestinfo, struct buf *ret,
               struct err *err)
{
    if (key == OWNCA_SIGN_CA || key == OWNCA_AUTH_CA)
        return FAIL(err, ERR_USAGE, "the key of a CA signs certificates only");
    return privkey_sign_raw(ca->keys[key], digestinfo, ret, err);
}

/*
 * Random, because nothing is kept of what was issued: no two of two thousand million are the same,
 * but by chance. 1 is the CA's own; the first bit is 0, so that it has four bytes in DER at most.
 */
static int choose_serial(uint32_t *ret, struct err *err)
{
    uint32_t serial;

    do {
        TRY(rand_fill(&serial, sizeof serial, err));
        serial &= 0x7fffffff;
    } while (serial <= SELF_SERIAL);
    *ret = serial;
    return 0;
}

int ownca_issue(const struct ownca *ca, enum profile_kind kind, const struct profile_inputs *inputs,
                struct buf *ret_der, struct err *err)
{
    const struct tbs *issuer = x509_cert_tbs(ownca_certificate(ca, kind));
    struct profile_inputs with = *inputs;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;

    if (with.not_after > issuer->not_after)
        return FAIL(err, ERR_CONFLICT,
                    "the own CA's certificate ends before the card's would: make a new CA");
    with.issuer = issuer;
    with.algorithm = privkey_kind(ca->keys[ca_of(kind)]);
    TRY(choose_serial(&with.serial, err));
    TRY(profile_build_tbs(profile_of(kind), &with, &tbs, err));
    return ownca_certify(ca->keys[ca_of(kind)], buf_bytes(&tbs), ret_der, err);
}
