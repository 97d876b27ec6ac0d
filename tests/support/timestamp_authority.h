/* SPDX-License-Identifier: Apache-2.0 */
/* A timestamp authority (RFC 3161) for tests, as OpenSSL has one, and what it may do wrong. */
#pragma once

#include "base/bytes.h"

struct timestamp_authority;

struct timestamp_authority *timestamp_authority_new(void);
void timestamp_authority_freep(struct timestamp_authority **authority);
/* Its own certificate, in PEM. */
void timestamp_authority_pem(const struct timestamp_authority *authority, struct buf *ret);
/* What it answers, DER: a token, or a refusal where it cannot read the query. */
void timestamp_authority_answer(const struct timestamp_authority *authority, struct bytes query,
                                struct buf *ret);
/* Answers have another certificate along from now on, so they are longer by about so many bytes. */
void timestamp_authority_fill(struct timestamp_authority *authority, size_t size);
/* A query of somebody else's making, DER: of data, with a hash of this NID, without a nonce. */
void timestamp_query_of(struct bytes data, int hash, struct buf *ret);
/* The token in an answer, DER. */
void timestamp_token_in(struct bytes answer, struct buf *ret);
