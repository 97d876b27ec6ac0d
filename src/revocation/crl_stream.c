/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes before the entries is kept until the end, because rules about the list are about that;
 * it is read when CRL_END_MAX bytes are there, or at the end of a list that is shorter. From then
 * on only the part of a piece is kept that is no whole entry yet.
 */
#include "revocation/crl_stream.h"

#include "x509/der.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRY_HEADER = 2, LONG_LENGTH = 0x80 };

struct crl_stream {
    struct crl_look look;
    struct digest_stream *digest;
    size_t limit, taken; /* bytes: at most, so far */
    bool is_open;        /* the front was read */
    size_t left, behind; /* bytes of the entries that are still to come; of what is behind them */
    size_t count;
    struct buf front; /* the first bytes, never moved */
    struct buf held;  /* less than an entry; or what is behind them */
    struct crl crl;
};

int crl_stream_begin(size_t limit, const struct crl_look *look, struct crl_stream **ret,
                     struct err *err)
{
    CLEANUP(crl_stream_freep) struct crl_stream *stream = calloc(1, sizeof *stream);

    if (stream == NULL)
        return FAIL_NOMEM(err);
    stream->limit = limit;
    stream->look = *look;
    TRY(buf_reserve(&stream->front, CRL_END_MAX, err));
    TRY(digest_begin(DIGEST_SHA256, &stream->digest, err));
    *ret = stream;
    stream = NULL;
    return 0;
}

void crl_stream_freep(struct crl_stream **stream)
{
    if (*stream == NULL)
        return;
    digest_stream_free(&(*stream)->digest);
    buf_done(&(*stream)->front);
    buf_done(&(*stream)->held);
    free(*stream);
    *stream = NULL;
}

/* The header of revokedCertificates; without one there are no entries. */
static int read_entries_header(struct crl_stream *stream, struct bytes *rest, struct err *err)
{
    if (!der_follows(*rest, DER_SEQUENCE))
        return 0;
    TRY(der_take_header(rest, DER_SEQUENCE, "revokedCertificates", &stream->left, err));
    if (stream->left == 0)
        return FAIL(err, ERR_INPUT, "an empty revokedCertificates (RFC 5280, 5.1.2.6)");
    return 0;
}

/* *ret_rest is what stands in the front and does not belong to it. */
static int read_front(struct crl_stream *stream, struct bytes *ret_rest, struct err *err)
{
    struct bytes rest = buf_bytes(&stream->front);
    size_t len = 0;
    size_t header; /* bytes of it */
    size_t there;  /* bytes of the contents that have come */

    TRY(der_take_header(&rest, DER_SEQUENCE, "TBSCertList", &len, err));
    header = stream->front.len - rest.len;
    if (len > stream->limit - header)
        return FAIL(err, ERR_INPUT, "a list of more than %zu bytes", stream->limit);
    rest = bytes_part(rest, 0, len);
    there = rest.len;
    TRY(crl_read_front(&rest, &stream->crl, err));
    TRY(read_entries_header(stream, &rest, err));
    len -= there - rest.len;
    if (stream->left > len)
        return FAIL(err, ERR_INPUT, "entries that reach beyond their list");
    stream->behind = len - stream->left;
    if (stream->behind > CRL_END_MAX)
        return FAIL(err, ERR_INPUT, "a list with %zu bytes behind its entries, the limit is %d",
                    stream->behind, CRL_END_MAX);
    stream->is_open = true;
    *ret_rest = bytes_part(buf_bytes(&stream->front), header + there - rest.len, stream->front.len);
    return 0;
}

/* A whole entry, which has been looked for. */
static int take_entry(struct crl_stream *stream, struct bytes der, struct err *err)
{
    struct revocation entry;

    TRY(crl_next(&der, &entry, err));
    stream->count++;
    return stream->look.look(stream->look.context, &stream->crl, &entry, err);
}

static void drop_front(struct buf *buf, size_t len)
{
    buf->len -= len;
    memmove(buf->ptr, buf->ptr + len, buf->len);
}

/* All whole entries that stand in what is held. */
static int take_entries(struct crl_stream *stream, struct err *err)
{
    struct bytes rest = buf_bytes(&stream->held);

    while (stream->left > 0 && rest.len >= ENTRY_HEADER) {
        size_t size = ENTRY_HEADER + (size_t)rest.ptr[1];

        if (rest.ptr[1] >= LONG_LENGTH || size > stream->left)
            return FAIL(err, ERR_INPUT,
                        "an entry of more than %d bytes, or one that reaches beyond its list",
                        LONG_LENGTH - 1);
        if (size > rest.len)
            break;
        TRY(take_entry(stream, bytes_part(rest, 0, size), err));
        rest = bytes_part(rest, size, rest.len);
        stream->left -= size;
    }
    if (rest.len < stream->held.len)
        drop_front(&stream->held, stream->held.len - rest.len);
    return 0;
}

/* Bytes that do not belong to the front. */
static int take_rest(struct crl_stream *stream, struct bytes piece, struct err *err)
{
    TRY(buf_append(&stream->held, piece, err));
    TRY(take_entries(stream, err));
    if (stream->left == 0 && stream->held.len > stream->behind)
        return FAIL(err, ERR_INPUT, "a list with bytes behind its end");
    return 0;
}

static int open_list(struct crl_stream *stream, struct err *err)
{
    struct bytes rest;

    TRY(read_front(stream, &rest, err));
    return take_rest(stream, rest, err);
}

int crl_stream_add(struct crl_stream *stream, struct bytes piece, struct err *err)
{
    size_t room = CRL_END_MAX - stream->front.len;

    if (piece.len > stream->limit - stream->taken)
        return FAIL(err, ERR_INPUT, "a list of more than %zu bytes", stream->limit);
    stream->taken += piece.len;
    TRY(digest_add(stream->digest, piece, err));
    if (stream->is_open)
        return take_rest(stream, piece, err);
    TRY(buf_append(&stream->front, bytes_part(piece, 0, room), err));
    if (stream->front.len < CRL_END_MAX)
        return 0;
    TRY(open_list(stream, err));
    return take_rest(stream, bytes_part(piece, room, piece.len), err);
}

int crl_stream_end(struct crl_stream *stream, struct crl_streamed *ret, struct err *err)
{
    struct crl_streamed streamed;

    if (!stream->is_open)
        TRY(open_list(stream, err));
    if (stream->left > 0 || stream->held.len < stream->behind)
        return FAIL(err, ERR_INPUT, "a list that is cut off");
    TRY(crl_read_back(buf_bytes(&stream->held), &stream->crl, err));
    streamed.crl = stream->crl;
    streamed.count = stream->count;
    TRY(digest_end(stream->digest, &streamed.digest, err));
    *ret = streamed;
    return 0;
}
