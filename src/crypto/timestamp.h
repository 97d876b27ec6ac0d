/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timestamps of an authority outside (RFC 3161): that these bytes were there at a time, in the word
 * of somebody else. Asking and receiving are apart from the transport; a token is believed by the
 * roots of whoever reads it, and by nothing in itself.
 */
#pragma once

#include "base/bytes.h"
#include "crypto/limits.h"

#define TIMESTAMP_QUERY_TYPE "application/timestamp-query" /* RFC 3161, 3.4 */
#define TIMESTAMP_REPLY_TYPE "application/timestamp-reply"

/* The certificates that timestamps are believed by, and what they are not believed without. */
struct timestamp_roots;

/* Certificates in PEM, at least one. ERR_INPUT for anything else. */
MUST_CHECK int timestamp_roots_read(struct bytes pem, struct timestamp_roots **ret,
                                    struct err *err);
void timestamp_roots_freep(struct timestamp_roots **roots);

/* What an authority is asked: SHA-256 of data, a nonce of 16 octets, its certificate along. */
MUST_CHECK int timestamp_ask(struct bytes data, struct buf *ret_query, struct err *err);
/*
 * The token of its answer to that query, DER. ERR_REMOTE if it grants none;
 * ERR_UNTRUSTED if the token is of other data, answers another query or is not by these roots;
 * ERR_INPUT for an answer that cannot be read or is longer than TIMESTAMP_MAX.
 */
MUST_CHECK int timestamp_receive(struct bytes query, struct bytes answer,
                                 const struct timestamp_roots *roots, struct buf *ret_token,
                                 struct err *err);
/*
 * When data was there, UTC seconds, by a token that anybody hands over. ERR_INPUT if it cannot be
 * read; ERR_UNTRUSTED if it is of other data or not by these roots, whose certificates have to be
 * valid now.
 */
MUST_CHECK int timestamp_check(struct bytes token, struct bytes data,
                               const struct timestamp_roots *roots, int64_t *ret_time,
                               struct err *err);
