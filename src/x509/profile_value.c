/* SPDX-License-Identifier: Apache-2.0 */
/* The values of extensions, each made by one function. */
#include "crypto/pubkey.h"
#include "x509/profile_row.h"

enum { KEY_ID_SIZE = 20, PROFILE_RSA_BITS = 2048 }; /* pki.md 1.1 and 1.3 */

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

/* Elements inside each other: begun in this order, finished in the other. */
static int begin_all(struct buf *out, const uint8_t *tags, size_t count, size_t *ret_marks,
                     struct err *err)
{
    for (size_t i = 0; i < count; i++)
        TRY(der_begin(out, tags[i], &ret_marks[i], err));
    return 0;
}

static int finish_all(struct buf *out, const size_t *marks, size_t count, struct err *err)
{
    for (size_t i = count; i > 0; i--)
        TRY(der_finish(out, marks[i - 1], err));
    return 0;
}

static int put_key_usage(const struct profile *profile, const struct profile_extension *row,
                         const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    (void)profile;
    (void)inputs;
    return der_put_named_bits(out, row->key_usage, err);
}

/* RFC 5280, 4.2.1.12: one purpose. */
static int put_purpose(const struct profile *profile, const struct profile_extension *row,
                       const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    size_t mark;

    (void)profile;
    (void)inputs;
    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_oid(out, row->purpose, err));
    return der_finish(out, mark, err);
}

/* RFC 6960, 4.2.2.2.1: nobody asks a responder about itself. */
static int put_null(const struct profile *profile, const struct profile_extension *row,
                    const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    (void)profile;
    (void)row;
    (void)inputs;
    return der_put(out, DER_NULL, (struct bytes){NULL, 0}, err);
}

static int put_holder(const struct profile *profile, const struct profile_extension *row,
                      const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf names = BUF_INIT;

    (void)row;
    if (inputs->holder == NULL)
        return FAIL(err, ERR_USAGE, "a %s certificate needs its holder's attributes",
                    profile->name);
    TRY(holder_build(inputs->holder, &names, err));
    return buf_append(out, buf_bytes(&names), err);
}

/* GeneralNames with the CA's alternative name as directoryName. */
static int put_alternative(const struct profile *profile, const struct profile_extension *row,
                           const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    static const uint8_t tags[] = {DER_SEQUENCE, DER_CONTEXT_CONSTRUCTED(4)};
    size_t marks[COUNT(tags)];

    (void)row;
    TRY(begin_all(out, tags, COUNT(tags), marks, err));
    TRY(profile_put_name(&profile_issuer(profile)->alternative, inputs, out, err));
    return finish_all(out, marks, COUNT(tags), err);
}

/* RFC 5280, 4.2.1.9: cA TRUE, no pathLenConstraint. */
static int put_constraints(const struct profile *profile, const struct profile_extension *row,
                           const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    size_t mark;

    (void)profile;
    (void)row;
    (void)inputs;
    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_true(out, err));
    return der_finish(out, mark, err);
}

/* RFC 5280, 4.2.1.4: one policy with one CPS qualifier. */
static int put_policy(const struct profile *profile, const struct profile_extension *row,
                      const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    static const uint8_t outer[] = {DER_SEQUENCE, DER_SEQUENCE};
    static const uint8_t inner[] = {DER_SEQUENCE, DER_SEQUENCE};
    size_t marks[COUNT(outer)];
    size_t qualifier[COUNT(inner)];

    (void)profile;
    (void)inputs;
    TRY(begin_all(out, outer, COUNT(outer), marks, err));
    TRY(der_put(out, DER_OID, bytes_of(row->policy.octets, row->policy.len), err));
    TRY(begin_all(out, inner, COUNT(inner), qualifier, err));
    TRY(der_put_oid(out, OID_QT_CPS, err));
    TRY(der_put(out, DER_IA5_STRING, bytes_text(row->text), err));
    TRY(finish_all(out, qualifier, COUNT(inner), err));
    return finish_all(out, marks, COUNT(outer), err);
}

/* RFC 5280, 4.2.1.13: one point, fullName, directoryName. */
static int put_list(const struct profile_name *name, const struct profile_inputs *inputs,
                    struct buf *out, struct err *err)
{
    static const uint8_t tags[] = {DER_SEQUENCE, DER_SEQUENCE, DER_CONTEXT_CONSTRUCTED(0),
                                   DER_CONTEXT_CONSTRUCTED(0), DER_CONTEXT_CONSTRUCTED(4)};
    size_t marks[COUNT(tags)];

    TRY(begin_all(out, tags, COUNT(tags), marks, err));
    TRY(profile_put_name(name, inputs, out, err));
    return finish_all(out, marks, COUNT(tags), err);
}

static int put_own_list(const struct profile *profile, const struct profile_extension *row,
                        const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    (void)row;
    return put_list(&profile->subject, inputs, out, err);
}

static int put_point_list(const struct profile *profile, const struct profile_extension *row,
                          const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    (void)row;
    return put_list(&profile->point, inputs, out, err);
}

/* RFC 5280, 4.2.2.1 */
static int put_ocsp(const struct profile *profile, const struct profile_extension *row,
                    const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    static const uint8_t tags[] = {DER_SEQUENCE, DER_SEQUENCE};
    size_t marks[COUNT(tags)];

    (void)profile;
    (void)inputs;
    TRY(begin_all(out, tags, COUNT(tags), marks, err));
    TRY(der_put_oid(out, OID_AD_OCSP, err));
    TRY(der_put(out, DER_CONTEXT(6), bytes_text(row->text), err));
    return finish_all(out, marks, COUNT(tags), err);
}

/* RFC 5280, 4.2.1.1, with issuer and serial of the CA's certificate (pki.md 1.3). */
static int put_issuer_key(const struct profile *profile, const struct profile_extension *row,
                          const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    static const uint8_t name_tags[] = {DER_CONTEXT_CONSTRUCTED(1), DER_CONTEXT_CONSTRUCTED(4)};
    const struct tbs *issuer = inputs->issuer;
    size_t marks[COUNT(name_tags)];
    size_t whole;

    (void)profile;
    (void)row;
    TRY(der_begin(out, DER_SEQUENCE, &whole, err));
    TRY(der_put(out, DER_CONTEXT(0), issuer->subject_key_id, err));
    TRY(begin_all(out, name_tags, COUNT(name_tags), marks, err));
    TRY(buf_append(out, issuer->issuer, err));
    TRY(finish_all(out, marks, COUNT(name_tags), err));
    TRY(der_put_positive(out, DER_CONTEXT(2), issuer->serial, err));
    return der_finish(out, whole, err);
}

static int put_subject_key(const struct profile *profile, const struct profile_extension *row,
                           const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    uint8_t id[KEY_ID_SIZE];

    (void)profile;
    (void)row;
    TRY(pubkey_from_spki(inputs->spki, &key, err));
    if (pubkey_kind(key) != inputs->algorithm)
        return FAIL(err, ERR_INPUT, "a %s key under a CA with %s keys",
                    key_kind_name(pubkey_kind(key)), key_kind_name(inputs->algorithm));
    if (pubkey_kind(key) == KEY_RSA && pubkey_bits(key) != PROFILE_RSA_BITS)
        return FAIL(err, ERR_INPUT, "a key of %zu bits; certificates are made for %d",
                    pubkey_bits(key), PROFILE_RSA_BITS);
    TRY(pubkey_key_id(key, id, err));
    return der_put(out, DER_OCTET_STRING, BYTES_ARRAY(id), err);
}

typedef int put_fn(const struct profile *profile, const struct profile_extension *row,
                   const struct profile_inputs *inputs, struct buf *out, struct err *err);

static put_fn *const values[PROFILE_VALUES_] = {
    [PROFILE_KEY_USAGE] = put_key_usage,
    [PROFILE_PURPOSE] = put_purpose,
    [PROFILE_HOLDER] = put_holder,
    [PROFILE_ALTERNATIVE] = put_alternative,
    [PROFILE_CONSTRAINTS] = put_constraints,
    [PROFILE_POLICY] = put_policy,
    [PROFILE_OWN_LIST] = put_own_list,
    [PROFILE_POINT_LIST] = put_point_list,
    [PROFILE_OCSP] = put_ocsp,
    [PROFILE_ISSUER_KEY] = put_issuer_key,
    [PROFILE_SUBJECT_KEY] = put_subject_key,
    [PROFILE_NULL] = put_null,
};

int profile_put_value(const struct profile *profile, const struct profile_extension *row,
                      const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    return values[row->value](profile, row, inputs, out, err);
}
