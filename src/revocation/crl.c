/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the head and the tail of the list; the entries between them stay one range until
 * somebody walks them. So taking a list apart costs the same for ten entries and for ten million.
 */
#include "revocation/crl.h"

#include "x509/algorithm.h"
#include "x509/der.h"
#include "x509/name.h"

enum { CRL_VERSION_2 = 1, BYTES_BETWEEN_LOOKS = 4 << 20 };

/* [0] keyIdentifier, the only form JPKI's lists need. */
static int parse_authority_key_id(struct bytes value, struct crl *crl, struct err *err)
{
    struct der outer;
    struct der id;

    TRY(der_only(value, DER_SEQUENCE, "authorityKeyIdentifier", &outer, err));
    TRY(der_take(&outer.value, DER_CONTEXT(0), "keyIdentifier", &id, err));
    if (id.value.len == 0)
        return FAIL(err, ERR_INPUT, "an empty keyIdentifier");
    crl->authority_key_id = id.value;
    return 0;
}

static int parse_number(struct bytes value, struct crl *crl, struct err *err)
{
    struct der number;
    struct bytes octets;

    TRY(der_only(value, DER_INTEGER, "cRLNumber", &number, err));
    octets = number.value;
    if (octets.len == 0 || (octets.ptr[0] & 0x80) != 0)
        return FAIL(err, ERR_INPUT, "a negative cRLNumber (RFC 5280, 5.2.3)");
    if (octets.len > 1 && octets.ptr[0] == 0 && (octets.ptr[1] & 0x80) == 0)
        return FAIL(err, ERR_INPUT, "a cRLNumber that is not in its shortest form");
    if (octets.ptr[0] == 0)
        octets = bytes_part(octets, 1, octets.len);
    if (octets.len > CRL_NUMBER_MAX)
        return FAIL(err, ERR_INPUT, "a cRLNumber of more than %d octets", CRL_NUMBER_MAX);
    crl->number = octets;
    return 0;
}

/* distributionPoint [0] { fullName [0] { directoryName [4] } } */
static int parse_point(struct bytes rest, struct bytes *ret, struct err *err)
{
    struct der full;
    struct der name;
    struct bytes whole;

    TRY(der_only(rest, DER_CONTEXT_CONSTRUCTED(0), "fullName of the distribution point", &full,
                 err));
    TRY(der_only(full.value, DER_CONTEXT_CONSTRUCTED(4), "directoryName of the distribution point",
                 &name, err));
    whole = name.value;
    TRY(name_check(whole, err));
    *ret = whole;
    return 0;
}

/* RFC 5280, 5.2.5 */
static int parse_issuing_point(struct bytes value, struct crl *crl, struct err *err)
{
    struct der outer;
    struct der part;

    TRY(der_only(value, DER_SEQUENCE, "issuingDistributionPoint", &outer, err));
    while (outer.value.len > 0) {
        TRY(der_next(&outer.value, &part, err));
        switch (part.tag) {
        case DER_CONTEXT_CONSTRUCTED(0):
            TRY(parse_point(part.value, &crl->distribution_point, err));
            break;
        case DER_CONTEXT(1):
        case DER_CONTEXT(2):
            if (part.value.len != 1 || part.value.ptr[0] != 0xff || crl->scope != CRL_SCOPE_ALL)
                return FAIL(err, ERR_INPUT, "a malformed scope in issuingDistributionPoint");
            crl->scope = part.tag == DER_CONTEXT(1) ? CRL_SCOPE_USERS : CRL_SCOPE_CAS;
            break;
        default:
            return FAIL(err, ERR_INPUT,
                        "lists by reason, indirect lists and attribute lists are not read "
                        "(RFC 5280, 5.2.5)");
        }
    }
    return 0;
}

static const struct crl_extension {
    enum oid id;
    bool must_be_critical;
    int (*parse)(struct bytes value, struct crl *crl, struct err *err);
} extensions[] = {
    {OID_AUTHORITY_KEY_ID, false, parse_authority_key_id},
    {OID_CRL_NUMBER, false, parse_number},
    {OID_ISSUING_DISTRIBUTION_POINT, true, parse_issuing_point},
};

/* One Extension; *seen has a bit for each row of the table. */
static int parse_extension(struct bytes *rest, struct crl *crl, unsigned *seen, struct err *err)
{
    struct der extension;
    struct der value;
    struct bytes oid;
    bool is_critical = false;

    TRY(der_take(rest, DER_SEQUENCE, "an extension of the list", &extension, err));
    TRY(der_take_oid(&extension.value, "extnID", &oid, err));
    if (der_follows(extension.value, DER_BOOLEAN)) {
        TRY(der_take_true(&extension.value, "critical", err));
        is_critical = true;
    }
    TRY(der_take(&extension.value, DER_OCTET_STRING, "extnValue", &value, err));
    TRY(der_end(extension.value, "an extension of the list", err));
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        const struct crl_extension *known = &extensions[i];

        if (oid_find(oid) != known->id)
            continue;
        if ((*seen & 1u << i) != 0)
            return FAIL(err, ERR_INPUT, "%s twice", oid_name(known->id));
        if (known->must_be_critical != is_critical)
            return FAIL(err, ERR_INPUT, "%s must%s be critical", oid_name(known->id),
                        known->must_be_critical ? "" : " not");
        *seen |= 1u << i;
        return known->parse(value.value, crl, err);
    }
    if (is_critical)
        return FAIL(err, ERR_INPUT,
                    "the list has a critical extension that is not understood (RFC 5280, 5.2)");
    return 0;
}

int crl_read_back(struct bytes rest, struct crl *crl, struct err *err)
{
    enum { BOTH = 3 }; /* authorityKeyIdentifier and cRLNumber */
    struct der outer;
    struct der list;
    unsigned seen = 0;
    int count = 0;

    TRY(der_take(&rest, DER_CONTEXT_CONSTRUCTED(0), "crlExtensions", &outer, err));
    TRY(der_end(rest, "TBSCertList", err));
    TRY(der_only(outer.value, DER_SEQUENCE, "crlExtensions", &list, err));
    while (list.value.len > 0) {
        if (++count > CRL_EXTENSIONS_MAX)
            return FAIL(err, ERR_INPUT, "a list with more than %d extensions", CRL_EXTENSIONS_MAX);
        TRY(parse_extension(&list.value, crl, &seen, err));
    }
    if ((seen & BOTH) != BOTH)
        return FAIL(err, ERR_INPUT,
                    "a list without authorityKeyIdentifier or cRLNumber (RFC 5280, 5.2)");
    return 0;
}

int crl_read_front(struct bytes *rest, struct crl *crl, struct err *err)
{
    struct algorithm_id algorithm;
    struct der element;
    unsigned version;

    TRY(der_take_small(rest, "version of the list", &version, err));
    if (version != CRL_VERSION_2)
        return FAIL(err, ERR_INPUT, "a list that is not v2 (RFC 5280, 5.1.2.1)");
    TRY(algorithm_take_signature(rest, "signature of the list", &algorithm, err));
    if (algorithm.id == OID_RSA_ENCRYPTION)
        return FAIL(err, ERR_INPUT, "a signature algorithm that names no hash");
    crl->digest = algorithm.alg;
    TRY(der_take(rest, DER_SEQUENCE, "issuer of the list", &element, err));
    TRY(name_check(element.whole, err));
    crl->issuer = element.whole;
    TRY(der_take_time(rest, "thisUpdate", &crl->this_update, err));
    TRY(der_take_time(rest, "nextUpdate", &crl->next_update, err));
    return crl->next_update < crl->this_update
               ? FAIL(err, ERR_INPUT, "a list whose nextUpdate is before its thisUpdate")
               : 0;
}

int crl_parse_tbs(struct bytes tbs, struct crl *ret, struct err *err)
{
    struct crl crl = {.tbs = tbs};
    struct der element;

    TRY(der_only(tbs, DER_SEQUENCE, "TBSCertList", &element, err));
    struct bytes rest = element.value;
    TRY(crl_read_front(&rest, &crl, err));
    if (der_follows(rest, DER_SEQUENCE)) {
        TRY(der_take(&rest, DER_SEQUENCE, "revokedCertificates", &element, err));
        if (element.value.len == 0)
            return FAIL(err, ERR_INPUT, "an empty revokedCertificates (RFC 5280, 5.1.2.6)");
        crl.entries = element.value;
    }
    TRY(crl_read_back(rest, &crl, err));
    *ret = crl;
    return 0;
}

int crl_parse(struct bytes der, size_t limit, struct crl *ret, struct err *err)
{
    struct algorithm_id outside;
    struct bytes signature;
    struct der list;
    struct der tbs;
    struct crl crl;

    if (der.len > limit)
        return FAIL(err, ERR_INPUT, "a list of %zu bytes, the limit is %zu", der.len, limit);
    TRY(der_only(der, DER_SEQUENCE, "CertificateList", &list, err));
    TRY(der_take(&list.value, DER_SEQUENCE, "TBSCertList", &tbs, err));
    TRY(algorithm_take_signature(&list.value, "signatureAlgorithm", &outside, err));
    TRY(der_take_bits(&list.value, "signatureValue", &signature, err));
    TRY(der_end(list.value, "CertificateList", err));
    TRY(crl_parse_tbs(tbs.whole, &crl, err));
    /* Both are one known algorithm with one spelling, so the same hash is the same bytes. */
    if (outside.id == OID_RSA_ENCRYPTION || outside.alg != crl.digest)
        return FAIL(err, ERR_INPUT,
                    "the algorithms inside and outside of the list differ (RFC 5280, 5.1.1.2)");
    crl.der = der;
    crl.signature = signature;
    *ret = crl;
    return 0;
}

int crl_verify(const struct crl *crl, const struct pubkey *key, struct err *err)
{
    return crl_verify_watched(crl, key, NULL, err);
}

static int hash(const struct crl *crl, const struct crl_watch *watch, struct digest *ret,
                struct err *err)
{
    CLEANUP(digest_stream_free) struct digest_stream *stream = NULL;

    TRY(digest_begin(crl->digest, &stream, err));
    for (size_t at = 0; at < crl->tbs.len; at += BYTES_BETWEEN_LOOKS) {
        TRY(watch->look(watch->context, err));
        TRY(digest_add(stream, bytes_part(crl->tbs, at, BYTES_BETWEEN_LOOKS), err));
    }
    return digest_end(stream, ret, err);
}

int crl_verify_watched(const struct crl *crl, const struct pubkey *key,
                       const struct crl_watch *watch, struct err *err)
{
    struct digest digest;

    if (crl->digest == DIGEST_SHA1)
        return FAIL(err, ERR_UNTRUSTED, "the list is signed over SHA-1");
    if (watch == NULL)
        TRY(digest_compute(crl->digest, crl->tbs, &digest, err));
    else
        TRY(hash(crl, watch, &digest, err));
    return pubkey_verify(key, &digest, crl->signature, err);
}

int crl_number(const struct crl *crl, uint64_t *ret, struct err *err)
{
    uint64_t number = 0;

    if (crl->number.len > sizeof number)
        return FAIL(err, ERR_INPUT, "a cRLNumber of more than eight octets");
    for (size_t i = 0; i < crl->number.len; i++)
        number = number << 8 | crl->number.ptr[i];
    *ret = number;
    return 0;
}
