/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OCSP requests and responses as data (RFC 6960), taken apart without copies and made in two
 * phases: build, sign elsewhere, assemble. Who may ask, what is answered and whether an answer is
 * to be believed is decided elsewhere (ocsp, verify).
 *
 * Signatures are RSASSA-PKCS1-v1_5. Only basic responses (id-pkix-ocsp-basic) are read.
 */
#pragma once

#include "x509/cert.h"

/* CertID (RFC 6960, 4.1.1): which certificate is meant. */
struct ocsp_cert_id {
    struct bytes der;    /* the whole CertID, to be repeated as it is */
    enum digest_alg alg; /* SHA-1 and SHA-256 are what clients use */
    struct bytes name_hash, key_hash;
    struct bytes serial; /* octets of the positive INTEGER, no leading zero */
};

/* What a CertID has of the CA: hashes of its subject and of its key. */
MUST_CHECK int ocsp_issuer_hashes(enum digest_alg alg, const struct tbs *issuer,
                                  struct digest *ret_name, struct digest *ret_key, struct err *err);
/* CertID of a certificate by its CA, appended; alg names the hash of both issuer fields. */
MUST_CHECK int ocsp_cert_id_build(enum digest_alg alg, const struct tbs *issuer,
                                  struct bytes serial, struct buf *ret, struct err *err);
/* Whether id means a certificate of this issuer; compares both hashes. */
MUST_CHECK int ocsp_cert_id_names(const struct ocsp_cert_id *id, const struct tbs *issuer,
                                  bool *ret, struct err *err);
/* The serial number, or 0 if it has more than eight octets. */
uint64_t ocsp_cert_id_serial(const struct ocsp_cert_id *id);

/* What is signed, by whom it claims to be, with which certificates beside it. */
struct ocsp_signature {
    bool is_there;
    enum digest_alg digest;
    struct bytes value;
    struct bytes certs[OCSP_CERTS_MAX]; /* whole certificates, DER */
    size_t cert_count;
};

struct ocsp_request {
    struct bytes tbs;       /* TBSRequest: what is signed */
    struct bytes requestor; /* the Name of who asks; empty: none, or a name of another kind */
    struct ocsp_cert_id ids[OCSP_SINGLES_MAX];
    size_t count;       /* at least 1 */
    struct bytes nonce; /* 1 to OCSP_NONCE_MAX octets; empty: none */
    struct ocsp_signature signature;
};

/*
 * ERR_INPUT for everything malformed, for critical extensions that are not understood and for a
 * nonce outside RFC 9654's limits. Ranges point into der.
 */
MUST_CHECK int ocsp_request_parse(struct bytes der, struct ocsp_request *ret, struct err *err);

/* A request for some certificates; requestor is the subject name of who will sign it, or empty. */
struct ocsp_question {
    const struct bytes *cert_ids; /* CertIDs, DER */
    size_t count;
    struct bytes nonce; /* empty: none */
    struct bytes requestor;
};

/* First phase: TBSRequest. */
MUST_CHECK int ocsp_request_build(const struct ocsp_question *question, struct buf *ret,
                                  struct err *err);
/* Second phase; an empty signature makes an unsigned request. cert is the signer's, DER. */
MUST_CHECK int ocsp_request_assemble(struct bytes tbs, struct bytes signature, struct bytes cert,
                                     struct buf *ret, struct err *err);

/* OCSPResponseStatus (RFC 6960, 4.2.1). */
enum ocsp_status {
    OCSP_SUCCESSFUL = 0,
    OCSP_MALFORMED_REQUEST = 1,
    OCSP_INTERNAL_ERROR = 2,
    OCSP_TRY_LATER = 3,
    OCSP_SIG_REQUIRED = 5,
    OCSP_UNAUTHORIZED = 6,
};

/* "sigRequired": the name in the specification; NULL for a number that has none. */
const char *ocsp_status_name(enum ocsp_status status);

enum ocsp_cert_status { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };

struct ocsp_single {
    struct ocsp_cert_id id; /* for building, only der counts */
    enum ocsp_cert_status status;
    int64_t revoked_at; /* UTC seconds; revoked only */
    int reason;         /* CRLReason; -1: none given */
    int64_t this_update;
    int64_t next_update; /* 0: not given */
};

struct ocsp_response {
    enum ocsp_status status;
    /* The rest only if status is OCSP_SUCCESSFUL. */
    struct bytes tbs;                /* ResponseData: what is signed */
    struct bytes responder_name;     /* the whole Name, or empty */
    struct bytes responder_key_hash; /* 20 octets, or empty */
    int64_t produced_at;
    struct ocsp_single singles[OCSP_SINGLES_MAX];
    size_t count;
    struct bytes nonce;
    struct ocsp_signature signature;
};

/* ERR_INPUT for everything malformed. Nothing is verified. Ranges point into der. */
MUST_CHECK int ocsp_response_parse(struct bytes der, struct ocsp_response *ret, struct err *err);
/* ResponseData alone, as signerd gets it: only tbs to nonce are filled. */
MUST_CHECK int ocsp_response_parse_data(struct bytes data, struct ocsp_response *ret,
                                        struct err *err);

/* KeyHash of a responder (RFC 6960, 4.2.1), from the bytes of its certificate. */
MUST_CHECK int ocsp_responder_key_hash(const struct tbs *responder, struct digest *ret,
                                       struct err *err);
/* First phase: ResponseData from responder_key_hash, produced_at, singles and nonce. */
MUST_CHECK int ocsp_response_build_data(const struct ocsp_response *response, struct buf *ret,
                                        struct err *err);
/* Second phase: a successful response signed with sha256WithRSAEncryption. */
MUST_CHECK int ocsp_response_assemble(struct bytes data, struct bytes signature, struct bytes cert,
                                      struct buf *ret, struct err *err);
/* certs [0]: what a response ends with that was assembled with this certificate, or a request. */
MUST_CHECK int ocsp_put_certs(struct buf *out, struct bytes cert, struct err *err);
/* A response that is only a status, which is not OCSP_SUCCESSFUL. */
MUST_CHECK int ocsp_response_refuse(enum ocsp_status status, struct buf *ret, struct err *err);
