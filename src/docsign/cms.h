/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Detached CMS signatures (RFC 5652) with one signer, two-phase: cms_prepare makes the signed
 * attributes, their digest is signed elsewhere, cms_complete makes the file. The document itself
 * is never held, only its digest. Both digests are by the hash that goes with the signer's key
 * (key_kind_digest).
 *
 * Reading takes DER with signed attributes, RSASSA-PSS, too; other keys than RSA and P-384 are
 * refused by name, and so are several signers and a document in the signature unless they are asked
 * for. BER is refused with the detail DER_IS_BER. CRLs and unsigned attributes are stepped over.
 * What is read is not believed: see verify/.
 */
#pragma once

#include "docsign/limits.h"
#include "x509/cert.h"

/*
 * First phase: DER of SET OF Attribute (contentType, messageDigest, signingTime,
 * signingCertificateV2), to be hashed and signed with PKCS#1 v1.5 and DigestInfo, or with ECDSA by
 * a P-384 key. document is the digest of the document; ERR_USAGE if it is by another hash.
 */
MUST_CHECK int cms_prepare(const struct digest *document, const struct x509_cert *signer,
                           int64_t signing_time, struct buf *ret_attributes, struct err *err);
/*
 * Second phase: DER of ContentInfo with SignedData. ca may be NULL; it is carried along. Verifies
 * the signature first: ERR_UNTRUSTED if it is not by the signer's key over attributes, so that a
 * faulty card makes no file.
 */
MUST_CHECK int cms_complete(struct bytes attributes, struct bytes signature,
                            const struct x509_cert *signer, const struct x509_cert *ca,
                            struct buf *ret, struct err *err);

/* A signature by one signer taken apart; ranges point into the input. */
struct cms {
    struct bytes certificates[CMS_CERTIFICATES_MAX];
    size_t certificate_count;
    bool is_attached;            /* the document is in it; never from cms_parse */
    struct bytes content;        /* then: the document, which may be empty */
    enum digest_alg digest_alg;  /* of the document and of the attributes */
    struct bytes signer_issuer;  /* the whole Name; empty if the signer is named by key id */
    struct bytes signer_serial;  /* octets as in tbs.h */
    struct bytes signer_key_id;  /* empty if the signer is named by issuer and serial */
    struct bytes attributes;     /* the signed attributes with the tag of the SET OF replaced */
    struct bytes message_digest; /* as the signer stated it */
    bool has_signing_time;
    int64_t signing_time;            /* as the signer stated it: a claim, not a proof */
    struct bytes signer_cert_hash;   /* of signingCertificateV2; empty if there is none */
    enum digest_alg signer_cert_alg; /* of signer_cert_hash */
    enum signature_scheme scheme;    /* of the signature, says the signer */
    struct bytes signature;
    struct bytes signer_info; /* all of the above about the signer, as it stands in the file */
};

/* What several signed, each as if he had done so alone. */
struct cms_signers {
    struct cms at[CMS_SIGNERS_MAX]; /* in the order of the file */
    size_t count;                   /* at least one */
};

MUST_CHECK int cms_parse(struct bytes der, struct cms *ret, struct err *err);
/* The same, also with the document in it. */
MUST_CHECK int cms_parse_any(struct bytes der, struct cms *ret, struct err *err);
/* The same, also of several. If one of them cannot be read, ERR_INPUT for all. */
MUST_CHECK int cms_parse_signers(struct bytes der, struct cms_signers *ret, struct err *err);
/*
 * The same signature in a structure of its own, in DER, without the document and with the signer's
 * certificate alone: what proves it beside the document.
 */
MUST_CHECK int cms_detach(const struct cms *cms, struct bytes certificate, struct buf *ret,
                          struct err *err);
/* Digest of the signed attributes as the signer hashed them: SET OF (RFC 5652, 5.4). */
MUST_CHECK int cms_attributes_digest(const struct cms *cms, struct digest *ret, struct err *err);
