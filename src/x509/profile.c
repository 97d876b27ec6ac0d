/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The profiles and how their certificates are built. A profile is a row of a table that the build
 * makes of data/profiles/; checking a certificate (profile_check.c) makes names and extensions
 * again from what the certificate says and compares, so there is one description of the shape and
 * no second.
 */
#include "base/caltime.h"
#include "x509/algorithm.h"
#include "x509/name.h"
#include "x509/profile_row.h"

enum { VERSION_3 = 2, MONTHS = 12, DAY_SECONDS = 86400 };

const struct profile *profile_of(enum profile_kind kind)
{
    return &profile_table[kind];
}

enum profile_kind profile_kind_of(const struct profile *profile)
{
    return profile->kind;
}

const char *profile_name(const struct profile *profile)
{
    return profile->name;
}

bool profile_is_ca(const struct profile *profile)
{
    return profile->issuer == profile->kind;
}

const struct profile *profile_issuer(const struct profile *profile)
{
    return &profile_table[profile->issuer];
}

const struct profile_extension *profile_find(const struct profile *profile,
                                             enum profile_value value)
{
    for (size_t i = 0; i < profile->extension_count; i++)
        if (profile->extensions[i].value == value)
            return &profile->extensions[i];
    return NULL;
}

struct bytes profile_policy(const struct profile *profile)
{
    const struct profile_extension *row = profile_find(profile, PROFILE_POLICY);

    return row == NULL ? (struct bytes){NULL, 0} : bytes_of(row->policy.octets, row->policy.len);
}

/* The same day so many months later, or the last of its month. */
static struct caldate months_after(struct caldate date, unsigned months)
{
    unsigned month = (unsigned)date.month - 1 + months;
    struct caldate later = {date.year + (int)(month / MONTHS), (int)(month % MONTHS) + 1, date.day};

    while (!caldate_is_valid(later) && later.day > 28)
        later.day--;
    return later;
}

bool profile_has_key(const struct profile *profile, enum key_kind key)
{
    return profile->lifetimes[key].months != 0 || profile->lifetimes[key].days != 0;
}

int64_t profile_last_second(const struct profile *profile, enum key_kind key, int64_t not_before)
{
    const struct profile_lifetime *lifetime = &profile->lifetimes[key];
    int64_t end = not_before + (int64_t)lifetime->days * DAY_SECONDS;
    struct caldate day = months_after(caltime_at(end, JST_OFFSET_SECONDS).date, lifetime->months);

    return caltime_utc((struct caltime){day, 23, 59, 59}, JST_OFFSET_SECONDS);
}

/* The CA's own subject: all of it is fixed. */
static int put_issuer(const struct profile *profile, struct buf *out, struct err *err)
{
    static const struct profile_inputs nothing;

    return profile_put_name(&profile_issuer(profile)->subject, &nothing, out, err);
}

int profile_issuer_name(const struct profile *profile, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT;

    TRY(put_issuer(profile, &name, err));
    buf_move(ret, &name);
    return 0;
}

static int put_extension(const struct profile *profile, const struct profile_extension *row,
                         const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    size_t extension;
    size_t value;

    TRY(der_begin(out, DER_SEQUENCE, &extension, err));
    TRY(der_put_oid(out, row->id, err));
    if (row->is_critical)
        TRY(der_put_true(out, err));
    TRY(der_begin(out, DER_OCTET_STRING, &value, err));
    TRY(profile_put_value(profile, row, inputs, out, err));
    TRY(der_finish(out, value, err));
    return der_finish(out, extension, err);
}

static int put_extensions(const struct profile *profile, const struct profile_inputs *inputs,
                          struct buf *out, struct err *err)
{
    size_t tagged;
    size_t sequence;

    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(3), &tagged, err));
    TRY(der_begin(out, DER_SEQUENCE, &sequence, err));
    for (size_t i = 0; i < profile->extension_count; i++)
        TRY(put_extension(profile, &profile->extensions[i], inputs, out, err));
    TRY(der_finish(out, sequence, err));
    return der_finish(out, tagged, err);
}

static int put_version(struct buf *out, struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(0), &mark, err));
    TRY(der_put_uint(out, VERSION_3, err));
    return der_finish(out, mark, err);
}

static int put_validity(const struct profile_inputs *inputs, struct buf *out, struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_time(out, inputs->not_before, err));
    TRY(der_put_time(out, inputs->not_after, err));
    return der_finish(out, mark, err);
}

/* The issuer must be a CA of the kind that issues this, and outlive it. */
static int check_issuer(const struct profile *profile, const struct profile_inputs *inputs,
                        struct err *err)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT;

    if (profile_is_ca(profile) != (inputs->issuer == NULL))
        return FAIL(err, ERR_USAGE, "a CA certificate is self-signed, all others have an issuer");
    if (inputs->issuer == NULL)
        return 0;
    TRY(put_issuer(profile, &name, err));
    if (!inputs->issuer->is_ca || !name_equal(inputs->issuer->subject, buf_bytes(&name)))
        return FAIL(err, ERR_USAGE, "this CA does not issue %s certificates", profile->name);
    if (inputs->issuer->subject_key_id.len == 0)
        return FAIL(err, ERR_USAGE, "the CA's certificate has no key identifier");
    if (inputs->not_before < inputs->issuer->not_before ||
        inputs->not_after > inputs->issuer->not_after)
        return FAIL(err, ERR_CONFLICT, "the certificate would not lie within its CA's validity");
    return 0;
}

static int check_lifetime(const struct profile *profile, const struct profile_inputs *inputs,
                          struct err *err)
{
    if (inputs->serial == 0 || inputs->not_before >= inputs->not_after)
        return FAIL(err, ERR_USAGE, "a certificate needs a serial number and some time to live");
    if (!profile_has_key(profile, inputs->algorithm))
        return FAIL(err, ERR_INPUT, "%s certificates are not made for %s keys", profile->name,
                    key_kind_name(inputs->algorithm));
    if (inputs->not_after > profile_last_second(profile, inputs->algorithm, inputs->not_before))
        return FAIL(err, ERR_INPUT, "a %s certificate does not live so long", profile->name);
    return 0;
}

int profile_build_tbs(const struct profile *profile, const struct profile_inputs *inputs,
                      struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct tbs parsed;
    size_t mark;

    TRY(check_lifetime(profile, inputs, err));
    TRY(check_issuer(profile, inputs, err));
    TRY(der_begin(&out, DER_SEQUENCE, &mark, err));
    TRY(put_version(&out, err));
    TRY(der_put_uint(&out, inputs->serial, err));
    TRY(algorithm_put_signature_by(&out, inputs->algorithm, err));
    TRY(put_issuer(profile, &out, err));
    TRY(put_validity(inputs, &out, err));
    TRY(profile_put_name(&profile->subject, inputs, &out, err));
    TRY(buf_append(&out, inputs->spki, err));
    TRY(put_extensions(profile, inputs, &out, err));
    TRY(der_finish(&out, mark, err));
    TRY(tbs_parse(buf_bytes(&out), &parsed, err));
    buf_move(ret, &out);
    return 0;
}
