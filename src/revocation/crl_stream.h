/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TBSCertList that comes in pieces: read as crl.h reads it, hashed, and forgotten. What was
 * looked at is what was hashed, because both have the same bytes in the same place; and memory does
 * not depend on how many there are.
 *
 * Stricter than crl.h in what a writer of lists never needs: CRL_END_MAX bytes before the entries,
 * and behind them, and 127 bytes in an entry.
 */
#pragma once

#include "revocation/crl.h"

/* Called for each entry, in the order of the list; a failure is the one of the stream. */
struct crl_look {
    int (*look)(void *context, const struct crl *front, const struct revocation *entry,
                struct err *err);
    void *context;
};

/* What is known at the end. */
struct crl_streamed {
    struct crl crl;       /* without der, tbs, entries and signature; points into the stream */
    size_t count;         /* of entries */
    struct digest digest; /* SHA-256 of all of it */
};

struct crl_stream;
/* limit is the most bytes that are read. */
MUST_CHECK int crl_stream_begin(size_t limit, const struct crl_look *look, struct crl_stream **ret,
                                struct err *err);
/*
 * The next bytes, however many: ERR_INPUT as soon as it shows that they are no such list. After a
 * failure the stream is good for nothing but to be freed.
 */
MUST_CHECK int crl_stream_add(struct crl_stream *stream, struct bytes piece, struct err *err);
/* All have come. */
MUST_CHECK int crl_stream_end(struct crl_stream *stream, struct crl_streamed *ret, struct err *err);
void crl_stream_freep(struct crl_stream **stream);
