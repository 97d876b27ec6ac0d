/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a revocation list, two-phase: the TBSCertList streams out, is signed elsewhere, and is
 * then wrapped. Memory does not depend on the number of entries (limits.md 4).
 */
#pragma once

#include "revocation/crl.h"

struct crl_head {
    struct bytes issuer;           /* the whole Name of the CA */
    struct bytes authority_key_id; /* of the CA's key */
    uint64_t number;               /* cRLNumber, from 1 */
    int64_t this_update, next_update;
    struct bytes distribution_point; /* the whole Name, or empty: a full list */
    enum crl_scope scope;
};

/* Where bytes go; called many times, a few kilobytes each. */
struct crl_sink {
    void *context;
    int (*put)(void *context, struct bytes piece, struct err *err);
};

struct crl_sink crl_sink_buf(struct buf *buf);

/*
 * The TBSCertList, signed with sha256WithRSAEncryption. ERR_USAGE if the source is not in
 * ascending order or changes between its two passes. *ret_size (optional) is what was written.
 */
MUST_CHECK int crl_write_tbs(const struct crl_head *head, const struct revocation_source *source,
                             const struct crl_sink *sink, size_t *ret_size, struct err *err);
/*
 * What stands before and behind a TBSCertList of that many bytes in its CertificateList; appended
 * to *front and *back.
 */
MUST_CHECK int crl_wrap(size_t tbs_len, struct bytes signature, struct buf *front, struct buf *back,
                        struct err *err);
/* The CertificateList around a TBSCertList that was written before, from memory or a mapping. */
MUST_CHECK int crl_assemble(struct bytes tbs, struct bytes signature, const struct crl_sink *sink,
                            struct err *err);
