/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SignedData taken apart (RFC 5652, 5). Nothing is copied or allocated. Every branch of the syntax
 * that is not followed is refused with its name, except CRLs and unsigned attributes, on which no
 * decision here depends.
 */
#include "docsign/cms.h"

#include "x509/algorithm.h"
#include "x509/name.h"

/* SET OF AlgorithmIdentifier; the signer's own counts, these are only read. */
static int take_digest_algorithms(struct bytes *rest, struct err *err)
{
    struct algorithm_id algorithm;
    struct der set;

    TRY(der_take(rest, DER_SET, "digestAlgorithms", &set, err));
    while (set.value.len > 0)
        TRY(algorithm_take_digest(&set.value, "digestAlgorithms", &algorithm, err));
    return 0;
}

static int take_content_info(struct bytes *rest, struct cms *cms, struct err *err)
{
    struct der info;
    struct der tagged;
    struct der content;
    struct bytes type;

    TRY(der_take(rest, DER_SEQUENCE, "encapContentInfo", &info, err));
    TRY(der_take_oid(&info.value, "eContentType", &type, err));
    if (oid_find(type) != OID_CMS_DATA)
        return FAIL(err, ERR_INPUT, "a signature over something else than plain data");
    if (info.value.len == 0)
        return 0;
    TRY(der_only(info.value, DER_CONTEXT_CONSTRUCTED(0), "eContent", &tagged, err));
    TRY(der_only(tagged.value, DER_OCTET_STRING, "eContent", &content, err));
    cms->is_attached = true;
    cms->content = content.value;
    return 0;
}

static int take_certificates(struct bytes *rest, struct cms *cms, struct err *err)
{
    struct der set;
    struct der cert;

    if (!der_follows(*rest, DER_CONTEXT_CONSTRUCTED(0)))
        return 0;
    TRY(der_take(rest, DER_CONTEXT_CONSTRUCTED(0), "certificates", &set, err));
    while (set.value.len > 0) {
        if (!der_follows(set.value, DER_SEQUENCE))
            return FAIL(err, ERR_INPUT, "a signature with certificates other than X.509");
        if (cms->certificate_count == CMS_CERTIFICATES_MAX)
            return FAIL(err, ERR_INPUT, "a signature with more than %d certificates",
                        CMS_CERTIFICATES_MAX);
        TRY(der_take(&set.value, DER_SEQUENCE, "certificates", &cert, err));
        cms->certificates[cms->certificate_count++] = cert.whole;
    }
    return 0;
}

/* Step over an element that is allowed but not looked at. */
static int skip(struct bytes *rest, uint8_t tag, const char *what, struct err *err)
{
    struct der ignored;

    if (!der_follows(*rest, tag))
        return 0;
    return der_take(rest, tag, what, &ignored, err);
}

/* SignerIdentifier and the version that belongs to it (RFC 5652, 5.3). */
static int take_signer_id(struct bytes *rest, struct cms *cms, struct err *err)
{
    struct der id;
    struct der name;
    unsigned version = 0;
    bool is_key_id;

    TRY(der_take_small(rest, "the version of SignerInfo", &version, err));
    is_key_id = der_follows(*rest, DER_CONTEXT(0));
    if (version != (is_key_id ? 3 : 1))
        return FAIL(err, ERR_INPUT, "SignerInfo has version %u (RFC 5652, 5.3)", version);
    if (is_key_id) {
        TRY(der_take(rest, DER_CONTEXT(0), "subjectKeyIdentifier", &id, err));
        if (id.value.len == 0 || id.value.len > X509_KEY_ID_MAX)
            return FAIL(err, ERR_INPUT, "the signer is named by %zu bytes", id.value.len);
        cms->signer_key_id = id.value;
        return 0;
    }
    TRY(der_take(rest, DER_SEQUENCE, "issuerAndSerialNumber", &id, err));
    TRY(der_take(&id.value, DER_SEQUENCE, "issuer", &name, err));
    TRY(name_check(name.whole, err));
    cms->signer_issuer = name.whole;
    TRY(der_take_positive(&id.value, DER_INTEGER, "serialNumber", &cms->signer_serial, err));
    return der_end(id.value, "issuerAndSerialNumber", err);
}

static int parse_content_type(struct bytes value, struct cms *cms, struct err *err)
{
    struct bytes type;

    (void)cms;
    TRY(der_take_oid(&value, "contentType", &type, err));
    if (oid_find(type) != OID_CMS_DATA)
        return FAIL(err, ERR_INPUT, "contentType is not id-data (RFC 5652, 11.1)");
    return der_end(value, "contentType", err);
}

static int parse_message_digest(struct bytes value, struct cms *cms, struct err *err)
{
    struct der digest;

    TRY(der_only(value, DER_OCTET_STRING, "messageDigest", &digest, err));
    if (digest.value.len != digest_size(cms->digest_alg))
        return FAIL(err, ERR_INPUT, "messageDigest has %zu bytes, a %s has %zu", digest.value.len,
                    digest_name(cms->digest_alg), digest_size(cms->digest_alg));
    cms->message_digest = digest.value;
    return 0;
}

static int parse_signing_time(struct bytes value, struct cms *cms, struct err *err)
{
    TRY(der_take_time(&value, "signingTime", &cms->signing_time, err));
    cms->has_signing_time = true;
    return der_end(value, "signingTime", err);
}

/* The first ESSCertIDv2 names the signer's certificate (RFC 5035, 3); SHA-256 is the default. */
static int parse_signing_certificate(struct bytes value, struct cms *cms, struct err *err)
{
    static const char what[] = "signingCertificateV2";
    struct algorithm_id algorithm = {.alg = DIGEST_SHA256};
    struct der element;
    struct der hash;

    TRY(der_only(value, DER_SEQUENCE, what, &element, err));
    TRY(der_take(&element.value, DER_SEQUENCE, what, &element, err));
    TRY(der_take(&element.value, DER_SEQUENCE, what, &element, err));
    if (der_follows(element.value, DER_SEQUENCE))
        TRY(algorithm_take_digest(&element.value, what, &algorithm, err));
    TRY(der_take(&element.value, DER_OCTET_STRING, what, &hash, err));
    if (hash.value.len != digest_size(algorithm.alg))
        return FAIL(err, ERR_INPUT, "%s has a hash of %zu bytes", what, hash.value.len);
    cms->signer_cert_hash = hash.value;
    cms->signer_cert_alg = algorithm.alg;
    return 0;
}

static const struct {
    enum oid id;
    int (*parse)(struct bytes value, struct cms *cms, struct err *err);
} attributes[] = {
    {OID_CONTENT_TYPE, parse_content_type},
    {OID_MESSAGE_DIGEST, parse_message_digest},
    {OID_SIGNING_TIME, parse_signing_time},
    {OID_SIGNING_CERTIFICATE_V2, parse_signing_certificate},
};

enum { KNOWN_ATTRIBUTES = sizeof attributes / sizeof attributes[0] };

/* Attribute ::= SEQUENCE { OBJECT IDENTIFIER, SET OF value }; ours have one value each. */
static int take_attribute(struct bytes *rest, unsigned *seen, struct cms *cms, struct err *err)
{
    struct der sequence;
    struct der values;
    struct bytes oid;
    size_t i = 0;

    TRY(der_take(rest, DER_SEQUENCE, "a signed attribute", &sequence, err));
    TRY(der_take_oid(&sequence.value, "a signed attribute", &oid, err));
    TRY(der_only(sequence.value, DER_SET, "a signed attribute", &values, err));
    while (i < KNOWN_ATTRIBUTES && attributes[i].id != oid_find(oid))
        i++;
    if (i == KNOWN_ATTRIBUTES)
        return 0;
    if ((*seen >> i & 1) != 0)
        return FAIL(err, ERR_INPUT, "%s occurs twice (RFC 5652, 11)", oid_name(attributes[i].id));
    *seen |= 1U << i;
    return attributes[i].parse(values.value, cms, err);
}

/* contentType and messageDigest must be there (RFC 5652, 5.3). */
static int take_attributes(struct bytes *rest, struct cms *cms, struct err *err)
{
    struct der set;
    unsigned seen = 0;
    size_t count = 0;

    if (!der_follows(*rest, DER_CONTEXT_CONSTRUCTED(0)))
        return FAIL(err, ERR_INPUT, "a signature without signed attributes is not read");
    TRY(der_take(rest, DER_CONTEXT_CONSTRUCTED(0), "signedAttrs", &set, err));
    cms->attributes = set.whole;
    while (set.value.len > 0) {
        if (count++ == CMS_ATTRIBUTES_MAX)
            return FAIL(err, ERR_INPUT, "more than %d signed attributes", CMS_ATTRIBUTES_MAX);
        TRY(take_attribute(&set.value, &seen, cms, err));
    }
    if ((seen & 3) != 3)
        return FAIL(err, ERR_INPUT,
                    "signed attributes without contentType and messageDigest (RFC 5652, 5.3)");
    return 0;
}

static int take_signature_algorithm(struct bytes *rest, struct cms *cms, struct err *err)
{
    struct algorithm_id algorithm;

    TRY(algorithm_take_document_signature(rest, "signatureAlgorithm", &algorithm, err));
    if (algorithm.id != OID_RSA_ENCRYPTION && algorithm.alg != cms->digest_alg)
        return FAIL(err, ERR_INPUT, "a signature that names two hashes");
    cms->scheme = algorithm.scheme;
    return 0;
}

static int parse_signer(struct bytes signer, struct cms *cms, struct err *err)
{
    struct algorithm_id digest;
    struct der signature;

    TRY(take_signer_id(&signer, cms, err));
    TRY(algorithm_take_digest(&signer, "digestAlgorithm", &digest, err));
    cms->digest_alg = digest.alg;
    TRY(take_attributes(&signer, cms, err));
    TRY(take_signature_algorithm(&signer, cms, err));
    TRY(der_take(&signer, DER_OCTET_STRING, "signature", &signature, err));
    cms->signature = signature.value;
    TRY(skip(&signer, DER_CONTEXT_CONSTRUCTED(1), "unsignedAttrs", err));
    return der_end(signer, "SignerInfo", err);
}

/* common is what all of them share. */
static int take_signers(struct bytes *rest, const struct cms *common, struct cms_signers *ret,
                        struct err *err)
{
    struct der set;
    struct der signer;

    TRY(der_take(rest, DER_SET, "signerInfos", &set, err));
    if (set.value.len == 0)
        return FAIL(err, ERR_INPUT, "a signature file without a signature in it");
    for (ret->count = 0; set.value.len > 0; ret->count++) {
        if (ret->count == CMS_SIGNERS_MAX)
            return FAIL(err, ERR_INPUT, "a signature by more than %d signers", CMS_SIGNERS_MAX);
        TRY(der_take(&set.value, DER_SEQUENCE, "SignerInfo", &signer, err));
        ret->at[ret->count] = *common;
        ret->at[ret->count].signer_info = signer.whole;
        TRY(parse_signer(signer.value, &ret->at[ret->count], err));
    }
    return 0;
}

static int parse_signed_data(struct bytes data, struct cms_signers *ret, struct err *err)
{
    struct cms common = {0};
    unsigned version = 0;

    TRY(der_take_small(&data, "the version of SignedData", &version, err));
    if (version != 1 && version != 3 && version != 4)
        return FAIL(err, ERR_INPUT, "SignedData has version %u (RFC 5652, 5.1)", version);
    TRY(take_digest_algorithms(&data, err));
    TRY(take_content_info(&data, &common, err));
    TRY(take_certificates(&data, &common, err));
    TRY(skip(&data, DER_CONTEXT_CONSTRUCTED(1), "crls", err));
    TRY(take_signers(&data, &common, ret, err));
    return der_end(data, "SignedData", err);
}

int cms_parse_signers(struct bytes der, struct cms_signers *ret, struct err *err)
{
    struct cms_signers signers;
    struct der info;
    struct der tagged;
    struct der data;
    struct bytes type;

    if (der.len > CMS_MAX)
        return FAIL(err, ERR_INPUT, "a signature file of more than %d bytes", CMS_MAX);
    TRY(der_only(der, DER_SEQUENCE, "ContentInfo", &info, err));
    TRY(der_take_oid(&info.value, "contentType", &type, err));
    if (oid_find(type) != OID_CMS_SIGNED_DATA)
        return FAIL(err, ERR_INPUT, "a CMS file that is no signature (RFC 5652, 5.1)");
    TRY(der_only(info.value, DER_CONTEXT_CONSTRUCTED(0), "content", &tagged, err));
    TRY(der_only(tagged.value, DER_SEQUENCE, "SignedData", &data, err));
    TRY(parse_signed_data(data.value, &signers, err));
    *ret = signers;
    return 0;
}

int cms_parse_any(struct bytes der, struct cms *ret, struct err *err)
{
    struct cms_signers signers;

    TRY(cms_parse_signers(der, &signers, err));
    if (signers.count > 1)
        return FAIL(err, ERR_INPUT, "several signers in one file; one is read");
    *ret = signers.at[0];
    return 0;
}

int cms_parse(struct bytes der, struct cms *ret, struct err *err)
{
    struct cms cms;

    TRY(cms_parse_any(der, &cms, err));
    if (cms.is_attached)
        return FAIL(err, ERR_INPUT,
                    "the signature contains its document; only detached ones are read");
    *ret = cms;
    return 0;
}

/* RFC 5652, 5.4: hashed is the SET OF, not the [0] IMPLICIT that stands in the file. */
int cms_attributes_digest(const struct cms *cms, struct digest *ret, struct err *err)
{
    CLEANUP(digest_stream_free) struct digest_stream *stream = NULL;
    static const uint8_t set = DER_SET;

    TRY(digest_begin(cms->digest_alg, &stream, err));
    TRY(digest_add(stream, bytes_of(&set, 1), err));
    TRY(digest_add(stream, bytes_part(cms->attributes, 1, cms->attributes.len), err));
    return digest_end(stream, ret, err);
}
