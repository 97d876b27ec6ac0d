/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/algorithm.h"

struct row {
    enum oid digest, signature;
};

static const struct row rows[] = {
    [DIGEST_SHA1] = {OID_SHA1, OID_SHA1_WITH_RSA},
    [DIGEST_SHA256] = {OID_SHA256, OID_SHA256_WITH_RSA},
    [DIGEST_SHA384] = {OID_SHA384, OID_SHA384_WITH_RSA},
    [DIGEST_SHA512] = {OID_SHA512, OID_SHA512_WITH_RSA},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* SEQUENCE { OBJECT IDENTIFIER, parameters }; the parameters are left in *ret_parameters. */
static int take(struct bytes *rest, const char *what, struct algorithm_id *ret,
                struct bytes *ret_parameters, struct err *err)
{
    struct der sequence;
    struct bytes oid;

    TRY(der_take(rest, DER_SEQUENCE, what, &sequence, err));
    TRY(der_take_oid(&sequence.value, what, &oid, err));
    ret->id = oid_find(oid);
    ret->whole = sequence.whole;
    *ret_parameters = sequence.value;
    return 0;
}

static int check_null(struct bytes parameters, const char *what, struct err *err)
{
    struct der null;

    TRY(der_only(parameters, DER_NULL, what, &null, err));
    return der_end(null.value, what, err);
}

int algorithm_take_signature(struct bytes *rest, const char *what, struct algorithm_id *ret,
                             struct err *err)
{
    struct algorithm_id got = {0};
    struct bytes left = *rest;
    struct bytes parameters;
    size_t i = 0;

    TRY(take(&left, what, &got, &parameters, err));
    while (i < ROWS && rows[i].signature != got.id)
        i++;
    if (i == ROWS && got.id != OID_RSA_ENCRYPTION)
        return FAIL(err, ERR_INPUT, "%s is not RSASSA-PKCS1-v1_5 with a known hash", what);
    TRY(check_null(parameters, what, err));
    got.alg = i == ROWS ? DIGEST_SHA1 : (enum digest_alg)i;
    *rest = left;
    *ret = got;
    return 0;
}

static int take_ecdsa(struct bytes *rest, const char *what, struct algorithm_id *ret,
                      struct err *err)
{
    struct algorithm_id got = {.kind = KEY_P384, .scheme = SCHEME_ECDSA, .alg = DIGEST_SHA384};
    struct bytes left = *rest;
    struct bytes parameters;

    TRY(take(&left, what, &got, &parameters, err));
    if (parameters.len > 0)
        return FAIL(err, ERR_INPUT, "%s has parameters, as no ECDSA does (RFC 5758, 3.2)", what);
    *rest = left;
    *ret = got;
    return 0;
}

int algorithm_take_any_signature(struct bytes *rest, const char *what, struct algorithm_id *ret,
                                 struct err *err)
{
    struct algorithm_id got = {0};
    struct bytes left = *rest;
    struct bytes parameters;

    TRY(take(&left, what, &got, &parameters, err));
    return got.id == OID_ECDSA_WITH_SHA384 ? take_ecdsa(rest, what, ret, err)
                                           : algorithm_take_signature(rest, what, ret, err);
}

int algorithm_take_digest(struct bytes *rest, const char *what, struct algorithm_id *ret,
                          struct err *err)
{
    struct algorithm_id got = {0};
    struct bytes left = *rest;
    struct bytes parameters;
    size_t i = 0;

    TRY(take(&left, what, &got, &parameters, err));
    while (i < ROWS && rows[i].digest != got.id)
        i++;
    if (i == ROWS)
        return FAIL(err, ERR_INPUT, "%s is not a known hash", what);
    if (parameters.len > 0)
        TRY(check_null(parameters, what, err));
    got.alg = (enum digest_alg)i;
    *rest = left;
    *ret = got;
    return 0;
}

/* [n] EXPLICIT; what is in it. */
static int take_tagged(struct bytes *rest, uint8_t n, const char *what, struct bytes *ret,
                       struct err *err)
{
    struct der tagged;

    TRY(der_take(rest, (uint8_t)DER_CONTEXT_CONSTRUCTED(n), what, &tagged, err));
    *ret = tagged.value;
    return 0;
}

/* [1] { id-mgf1, hash } */
static int take_mask(struct bytes *rest, const char *what, struct algorithm_id *ret_hash,
                     struct err *err)
{
    struct algorithm_id mask = {0};
    struct bytes tagged;
    struct bytes hash;

    TRY(take_tagged(rest, 1, what, &tagged, err));
    TRY(take(&tagged, what, &mask, &hash, err));
    TRY(der_end(tagged, what, err));
    if (mask.id != OID_MGF1)
        return FAIL(err, ERR_INPUT, "%s is RSASSA-PSS with something else than MGF1", what);
    TRY(algorithm_take_digest(&hash, what, ret_hash, err));
    return der_end(hash, what, err);
}

/* RSASSA-PSS-params (RFC 4055, 3.1), without trailerField, which has its default. */
static int check_pss(struct bytes parameters, const char *what, enum digest_alg *ret,
                     struct err *err)
{
    struct algorithm_id hash = {0};
    struct algorithm_id mask_hash = {0};
    struct der sequence;
    struct bytes tagged;
    unsigned salt = 0;

    TRY(der_only(parameters, DER_SEQUENCE, what, &sequence, err));
    TRY(take_tagged(&sequence.value, 0, what, &tagged, err));
    TRY(algorithm_take_digest(&tagged, what, &hash, err));
    TRY(der_end(tagged, what, err));
    TRY(take_mask(&sequence.value, what, &mask_hash, err));
    TRY(take_tagged(&sequence.value, 2, what, &tagged, err));
    TRY(der_take_small(&tagged, what, &salt, err));
    TRY(der_end(tagged, what, err));
    TRY(der_end(sequence.value, what, err));
    if (hash.alg == DIGEST_SHA1 || mask_hash.alg != hash.alg || salt != digest_size(hash.alg))
        return FAIL(err, ERR_INPUT,
                    "%s is RSASSA-PSS with SHA-1, two hashes or another salt than the hash's size",
                    what);
    *ret = hash.alg;
    return 0;
}

int algorithm_take_document_signature(struct bytes *rest, const char *what,
                                      struct algorithm_id *ret, struct err *err)
{
    struct algorithm_id got = {0};
    struct bytes left = *rest;
    struct bytes parameters;

    TRY(take(&left, what, &got, &parameters, err));
    if (got.id != OID_RSASSA_PSS)
        return algorithm_take_any_signature(rest, what, ret, err);
    TRY(check_pss(parameters, what, &got.alg, err));
    got.scheme = SCHEME_PSS;
    *rest = left;
    *ret = got;
    return 0;
}

int algorithm_put_signature(struct buf *out, enum digest_alg alg, struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_oid(out, rows[alg].signature, err));
    TRY(der_put_null(out, err));
    return der_finish(out, mark, err);
}

int algorithm_put_signature_by(struct buf *out, enum key_kind kind, struct err *err)
{
    size_t mark;

    if (kind == KEY_RSA)
        return algorithm_put_signature(out, key_kind_digest(kind), err);
    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_oid(out, OID_ECDSA_WITH_SHA384, err));
    return der_finish(out, mark, err);
}

int algorithm_put_digest(struct buf *out, enum digest_alg alg, struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_oid(out, rows[alg].digest, err));
    return der_finish(out, mark, err);
}
