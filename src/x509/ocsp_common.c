/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/ocsp_common.h"

#include "x509/algorithm.h"

/* Of the key without its algorithm: contents of the subjectPublicKey BIT STRING. */
static int hash_key(enum digest_alg alg, const struct tbs *tbs, struct digest *ret, struct err *err)
{
    struct bytes bits;
    struct der element;

    TRY(der_only(tbs->spki, DER_SEQUENCE, "SubjectPublicKeyInfo", &element, err));
    struct bytes rest = element.value;
    TRY(der_take(&rest, DER_SEQUENCE, "algorithm", &element, err));
    TRY(der_take_bits(&rest, "subjectPublicKey", &bits, err));
    return digest_compute(alg, bits, ret, err);
}

int ocsp_issuer_hashes(enum digest_alg alg, const struct tbs *issuer, struct digest *ret_name,
                       struct digest *ret_key, struct err *err)
{
    TRY(digest_compute(alg, issuer->subject, ret_name, err));
    return hash_key(alg, issuer, ret_key, err);
}

int ocsp_responder_key_hash(const struct tbs *responder, struct digest *ret, struct err *err)
{
    return hash_key(DIGEST_SHA1, responder, ret, err);
}

int ocsp_cert_id_build(enum digest_alg alg, const struct tbs *issuer, struct bytes serial,
                       struct buf *ret, struct err *err)
{
    struct digest name;
    struct digest key;
    size_t mark;

    TRY(ocsp_issuer_hashes(alg, issuer, &name, &key, err));
    TRY(der_begin(ret, DER_SEQUENCE, &mark, err));
    TRY(algorithm_put_digest(ret, alg, err));
    TRY(der_put(ret, DER_OCTET_STRING, digest_bytes(&name), err));
    TRY(der_put(ret, DER_OCTET_STRING, digest_bytes(&key), err));
    TRY(der_put_positive(ret, DER_INTEGER, serial, err));
    return der_finish(ret, mark, err);
}

int ocsp_cert_id_names(const struct ocsp_cert_id *id, const struct tbs *issuer, bool *ret,
                       struct err *err)
{
    struct digest name;
    struct digest key;

    TRY(ocsp_issuer_hashes(id->alg, issuer, &name, &key, err));
    *ret = bytes_equal(id->name_hash, digest_bytes(&name)) &&
           bytes_equal(id->key_hash, digest_bytes(&key));
    return 0;
}

uint64_t ocsp_cert_id_serial(const struct ocsp_cert_id *id)
{
    uint64_t serial = 0;

    if (id->serial.len > sizeof serial)
        return 0;
    for (size_t i = 0; i < id->serial.len; i++)
        serial = serial << 8 | id->serial.ptr[i];
    return serial;
}

int ocsp_take_cert_id(struct bytes *rest, struct ocsp_cert_id *ret, struct err *err)
{
    struct ocsp_cert_id id = {0};
    struct algorithm_id algorithm;
    struct bytes left = *rest;
    struct der whole;
    struct der hash;

    TRY(der_take(&left, DER_SEQUENCE, "CertID", &whole, err));
    id.der = whole.whole;
    TRY(algorithm_take_digest(&whole.value, "hashAlgorithm", &algorithm, err));
    id.alg = algorithm.alg;
    TRY(der_take(&whole.value, DER_OCTET_STRING, "issuerNameHash", &hash, err));
    id.name_hash = hash.value;
    TRY(der_take(&whole.value, DER_OCTET_STRING, "issuerKeyHash", &hash, err));
    id.key_hash = hash.value;
    if (id.name_hash.len != digest_size(id.alg) || id.key_hash.len != digest_size(id.alg))
        return FAIL(err, ERR_INPUT, "a CertID whose hashes do not have their algorithm's length");
    TRY(der_take_positive(&whole.value, DER_INTEGER, "serialNumber", &id.serial, err));
    TRY(der_end(whole.value, "CertID", err));
    if (id.serial.len > X509_SERIAL_MAX)
        return FAIL(err, ERR_INPUT, "a serial number of more than %d octets", X509_SERIAL_MAX);
    *ret = id;
    *rest = left;
    return 0;
}

/* RFC 9654, 2.1: the value is an OCTET STRING of 1 to 128 octets inside extnValue. */
static int parse_nonce(struct bytes value, struct bytes *ret, struct err *err)
{
    struct der nonce;

    TRY(der_only(value, DER_OCTET_STRING, "nonce", &nonce, err));
    if (nonce.value.len < 1 || nonce.value.len > OCSP_NONCE_MAX)
        return FAIL(err, ERR_INPUT, "a nonce of %zu octets, 1 to %d are allowed (RFC 9654, 2.1)",
                    nonce.value.len, OCSP_NONCE_MAX);
    if (ret->len > 0)
        return FAIL(err, ERR_INPUT, "two nonces");
    *ret = nonce.value;
    return 0;
}

int ocsp_parse_extensions(struct bytes list, struct bytes *ret_nonce, struct err *err)
{
    struct bytes nonce = {NULL, 0};
    struct der all;

    TRY(der_only(list, DER_SEQUENCE, "Extensions", &all, err));
    while (all.value.len > 0) {
        struct der extension;
        struct der value;
        struct bytes oid;
        bool is_critical = false;

        TRY(der_take(&all.value, DER_SEQUENCE, "an extension", &extension, err));
        TRY(der_take_oid(&extension.value, "extnID", &oid, err));
        if (der_follows(extension.value, DER_BOOLEAN)) {
            TRY(der_take_true(&extension.value, "critical", err));
            is_critical = true;
        }
        TRY(der_take(&extension.value, DER_OCTET_STRING, "extnValue", &value, err));
        TRY(der_end(extension.value, "an extension", err));
        if (oid_find(oid) == OID_OCSP_NONCE)
            TRY(parse_nonce(value.value, &nonce, err));
        else if (is_critical)
            return FAIL(err, ERR_INPUT, "a critical extension that is not understood");
    }
    *ret_nonce = nonce;
    return 0;
}

int ocsp_put_nonce(struct buf *out, uint8_t tag, struct bytes nonce, struct err *err)
{
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    size_t marks[3];

    if (nonce.len == 0)
        return 0;
    if (nonce.len > OCSP_NONCE_MAX)
        return FAIL(err, ERR_USAGE, "a nonce of more than %d octets", OCSP_NONCE_MAX);
    TRY(der_put(&value, DER_OCTET_STRING, nonce, err));
    TRY(der_begin(out, tag, &marks[0], err));
    TRY(der_begin(out, DER_SEQUENCE, &marks[1], err));
    TRY(der_begin(out, DER_SEQUENCE, &marks[2], err));
    TRY(der_put_oid(out, OID_OCSP_NONCE, err));
    TRY(der_put(out, DER_OCTET_STRING, buf_bytes(&value), err));
    for (int i = 2; i >= 0; i--)
        TRY(der_finish(out, marks[i], err));
    return 0;
}

/* certs [0] EXPLICIT SEQUENCE OF Certificate */
static int parse_certs(struct bytes list, struct ocsp_signature *signature, struct err *err)
{
    struct der all;

    TRY(der_only(list, DER_SEQUENCE, "certs", &all, err));
    while (all.value.len > 0) {
        struct der cert;

        if (signature->cert_count == OCSP_CERTS_MAX)
            return FAIL(err, ERR_INPUT, "more than %d certificates", OCSP_CERTS_MAX);
        TRY(der_take(&all.value, DER_SEQUENCE, "a certificate", &cert, err));
        signature->certs[signature->cert_count++] = cert.whole;
    }
    return 0;
}

int ocsp_parse_signature(struct bytes rest, struct ocsp_signature *ret, struct err *err)
{
    struct ocsp_signature signature = {.is_there = true};
    struct algorithm_id algorithm;

    TRY(algorithm_take_signature(&rest, "signatureAlgorithm", &algorithm, err));
    if (algorithm.id == OID_RSA_ENCRYPTION)
        return FAIL(err, ERR_INPUT, "a signature algorithm that names no hash");
    signature.digest = algorithm.alg;
    TRY(der_take_bits(&rest, "signature", &signature.value, err));
    if (rest.len > 0) {
        struct der certs;

        TRY(der_only(rest, DER_CONTEXT_CONSTRUCTED(0), "certs", &certs, err));
        TRY(parse_certs(certs.value, &signature, err));
    }
    *ret = signature;
    return 0;
}

int ocsp_put_certs(struct buf *out, struct bytes cert, struct err *err)
{
    size_t marks[2];

    if (cert.len == 0)
        return 0;
    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(0), &marks[0], err));
    TRY(der_begin(out, DER_SEQUENCE, &marks[1], err));
    TRY(buf_append(out, cert, err));
    TRY(der_finish(out, marks[1], err));
    return der_finish(out, marks[0], err);
}

int ocsp_put_signature(struct buf *out, struct bytes signature, struct bytes cert, struct err *err)
{
    TRY(algorithm_put_signature(out, DIGEST_SHA256, err));
    TRY(der_put_bits(out, signature, err));
    return ocsp_put_certs(out, cert, err);
}
