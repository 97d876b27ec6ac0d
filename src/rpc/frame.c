/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames are checked as early as their bytes allow, so that a peer that speaks something else is
 * refused at its first byte and never makes us wait for a body. Which fields a frame has is data:
 * one row for each verb and direction, one for each tag.
 */
#include "rpc/frame.h"

#include "base/utf8.h"

#include <string.h>

static const uint8_t magic[4] = {'J', 'P', 'K', 'S'};

enum text_form { NOT_TEXT, NAME, PRINTABLE, SENTENCE };

static const struct {
    size_t min, max;
    enum text_form form;
} tags[RPC_TAGS_] = {
    [RPC_TAG_VERSIONS] = {4, 4, NOT_TEXT},
    [RPC_TAG_VERSION] = {2, 2, NOT_TEXT},
    [RPC_TAG_KEY] = {1, RPC_NAME_MAX, NAME},
    [RPC_TAG_ROLE] = {1, RPC_WORD_MAX, NAME},
    [RPC_TAG_ALGORITHM] = {1, RPC_WORD_MAX, PRINTABLE},
    [RPC_TAG_SPKI] = {1, RPC_SPKI_MAX, NOT_TEXT},
    [RPC_TAG_KIND] = {1, 1, NOT_TEXT},
    [RPC_TAG_TBS] = {1, RPC_TBS_MAX, NOT_TEXT},
    [RPC_TAG_SIGNATURE] = {1, RPC_SIGNATURE_MAX, NOT_TEXT},
    [RPC_TAG_SENTENCE] = {1, RPC_SENTENCE_MAX, SENTENCE},
    [RPC_TAG_PROGRAM] = {1, RPC_WORD_MAX, PRINTABLE},
    [RPC_TAG_UPTIME] = {8, 8, NOT_TEXT},
    [RPC_TAG_SIGNATURES] = {8, 8, NOT_TEXT},
    [RPC_TAG_REFUSALS] = {8, 8, NOT_TEXT},
    [RPC_TAG_CONNECTIONS] = {4, 4, NOT_TEXT},
    [RPC_TAG_KEYS] = {4, 4, NOT_TEXT},
    [RPC_TAG_SEPARATED] = {1, 1, NOT_TEXT},
    [RPC_TAG_LOCKED] = {1, 1, NOT_TEXT},
    [RPC_TAG_PIECE] = {1, RPC_PIECE_MAX, NOT_TEXT},
    [RPC_TAG_WRAPPED] = {1, RPC_WRAPPED_MAX, NOT_TEXT},
    [RPC_TAG_PLAIN] = {1, RPC_PLAIN_MAX, NOT_TEXT},
    [RPC_TAG_SET] = {RPC_SET_SIZE, RPC_SET_SIZE, NOT_TEXT},
    [RPC_TAG_NEEDED] = {1, 1, NOT_TEXT},
    [RPC_TAG_TOTAL] = {1, 1, NOT_TEXT},
    [RPC_TAG_GIVEN] = {2, 2, NOT_TEXT},
    [RPC_TAG_REHEARSAL] = {1, 1, NOT_TEXT},
    [RPC_TAG_SHARE] = {RPC_SHARE_SIZE, RPC_SHARE_SIZE, NOT_TEXT},
};

enum { SHAPE_MAX = 8 };

struct shape {
    enum rpc_verb verb;
    bool is_answer;
    bool repeats;
    uint8_t tags[SHAPE_MAX]; /* ends with 0 */
};

/* How far the custodians are. */
#define QUORUM_TAGS RPC_TAG_SET, RPC_TAG_NEEDED, RPC_TAG_TOTAL, RPC_TAG_GIVEN, RPC_TAG_REHEARSAL

static const struct shape shapes[] = {
    {RPC_HELLO, false, false, {RPC_TAG_VERSIONS}},
    {RPC_HELLO, true, false, {RPC_TAG_VERSION}},
    {RPC_LIST, false, false, {0}},
    {RPC_LIST, true, true, {RPC_TAG_KEY, RPC_TAG_ROLE, RPC_TAG_ALGORITHM}},
    {RPC_PUBLIC, false, false, {RPC_TAG_KEY}},
    {RPC_PUBLIC, true, false, {RPC_TAG_SPKI}},
    {RPC_SIGN, false, false, {RPC_TAG_KEY, RPC_TAG_KIND, RPC_TAG_TBS}},
    {RPC_SIGN, true, false, {RPC_TAG_SIGNATURE}},
    {RPC_STATUS, false, false, {0}},
    {RPC_STATUS,
     true,
     false,
     {RPC_TAG_PROGRAM, RPC_TAG_UPTIME, RPC_TAG_SIGNATURES, RPC_TAG_REFUSALS, RPC_TAG_CONNECTIONS,
      RPC_TAG_KEYS, RPC_TAG_SEPARATED, RPC_TAG_LOCKED}},
    {RPC_UNWRAP, false, false, {RPC_TAG_KEY, RPC_TAG_WRAPPED}},
    {RPC_UNWRAP, true, false, {RPC_TAG_PLAIN}},
    {RPC_LIST_BEGIN, false, false, {RPC_TAG_KEY}},
    {RPC_LIST_BEGIN, true, false, {0}},
    {RPC_LIST_PIECE, false, false, {RPC_TAG_PIECE}},
    {RPC_LIST_PIECE, true, false, {0}},
    {RPC_LIST_END, false, false, {0}},
    {RPC_LIST_END, true, false, {RPC_TAG_SIGNATURE}},
    {RPC_QUORUM, false, false, {0}},
    {RPC_QUORUM, true, false, {QUORUM_TAGS}},
    {RPC_SHARE, false, false, {RPC_TAG_SHARE}},
    {RPC_SHARE, true, false, {QUORUM_TAGS}},
};

/* What every refusal carries, whatever was asked. */
static const struct shape refusal = {RPC_HELLO, true, false, {RPC_TAG_SENTENCE}};

static const struct shape *shape_of(enum rpc_verb verb, bool is_answer)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (shapes[i].verb == verb && shapes[i].is_answer == is_answer)
            return &shapes[i];
    return NULL;
}

static int put_number(struct buf *buf, uint64_t number, size_t size, struct err *err)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
    return buf_append(buf, bytes_of(bytes, size), err);
}

uint64_t rpc_number(struct bytes value)
{
    uint64_t number = 0;

    for (size_t i = 0; i < value.len; i++)
        number = number << 8 | value.ptr[i];
    return number;
}

int rpc_frame_append(struct buf *buf, const struct rpc_frame *frame, struct err *err)
{
    if (frame->body.len > RPC_BODY_MAX)
        return FAIL(err, ERR_USAGE, "a frame body of %zu bytes", frame->body.len);
    TRY(buf_reserve(buf, RPC_HEADER_SIZE + frame->body.len, err));
    TRY(buf_append(buf, BYTES_ARRAY(magic), err));
    TRY(put_number(buf, frame->version, 2, err));
    TRY(put_number(buf, frame->verb, 2, err));
    TRY(put_number(buf, frame->status, 2, err));
    TRY(put_number(buf, 0, 2, err));
    TRY(put_number(buf, frame->id, 4, err));
    TRY(put_number(buf, frame->body.len, 4, err));
    return buf_append(buf, frame->body, err);
}

static int check_header(struct bytes header, struct err *err)
{
    uint64_t version = rpc_number(bytes_part(header, 4, 2));
    uint64_t verb = rpc_number(bytes_part(header, 6, 2));
    uint64_t status = rpc_number(bytes_part(header, 8, 2));
    uint64_t len = rpc_number(bytes_part(header, 16, 4));

    if (version < RPC_VERSION_LOWEST || version > RPC_VERSION_HIGHEST)
        return FAIL(err, ERR_INPUT, "a frame of version %u; %d to %d are spoken here",
                    (unsigned)version, RPC_VERSION_LOWEST, RPC_VERSION_HIGHEST);
    if (verb < RPC_HELLO || verb > RPC_LIST_END)
        return FAIL(err, ERR_INPUT, "there is no verb %u", (unsigned)verb);
    if (status > RPC_UNAVAILABLE)
        return FAIL(err, ERR_INPUT, "there is no status %u", (unsigned)status);
    if (rpc_number(bytes_part(header, 10, 2)) != 0)
        return FAIL(err, ERR_INPUT, "reserved bytes of the frame are set");
    if (len > RPC_BODY_MAX)
        return FAIL(err, ERR_INPUT, "a frame body of %u bytes, the limit is %d", (unsigned)len,
                    RPC_BODY_MAX);
    return 0;
}

int rpc_frame_take(struct bytes *rest, struct rpc_frame *ret, struct err *err)
{
    struct bytes header = bytes_part(*rest, 0, RPC_HEADER_SIZE);
    struct bytes start = bytes_part(header, 0, sizeof magic);
    size_t len;

    if (!bytes_equal(start, bytes_of(magic, start.len)))
        return FAIL(err, ERR_INPUT, "not a frame of this protocol");
    if (header.len < RPC_HEADER_SIZE)
        return FAIL(err, ERR_ABSENT, "the frame is not complete");
    TRY(check_header(header, err));
    len = (size_t)rpc_number(bytes_part(header, 16, 4));
    if (rest->len - RPC_HEADER_SIZE < len)
        return FAIL(err, ERR_ABSENT, "the frame is not complete");
    ret->version = (uint16_t)rpc_number(bytes_part(header, 4, 2));
    ret->verb = (enum rpc_verb)rpc_number(bytes_part(header, 6, 2));
    ret->status = (enum rpc_status)rpc_number(bytes_part(header, 8, 2));
    ret->id = (uint32_t)rpc_number(bytes_part(header, 12, 4));
    ret->body = bytes_of(rest->ptr + RPC_HEADER_SIZE, len);
    *rest = bytes_of(rest->ptr + RPC_HEADER_SIZE + len, rest->len - RPC_HEADER_SIZE - len);
    return 0;
}

int rpc_put(struct buf *body, enum rpc_tag tag, struct bytes value, struct err *err)
{
    if (value.len < tags[tag].min || value.len > tags[tag].max)
        return FAIL(err, ERR_INPUT, "field %d has %zu bytes, the limit is %zu", (int)tag, value.len,
                    tags[tag].max);
    TRY(put_number(body, tag, 2, err));
    TRY(put_number(body, value.len, 4, err));
    return buf_append(body, value, err);
}

int rpc_put_number(struct buf *body, enum rpc_tag tag, uint64_t number, struct err *err)
{
    TRY(put_number(body, tag, 2, err));
    TRY(put_number(body, tags[tag].max, 4, err));
    return put_number(body, number, tags[tag].max, err);
}

static bool is_text(struct bytes value, enum text_form form)
{
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.ptr[i];
        bool is_name = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';

        if (c < 0x20 || c == 0x7f || (form == NAME && !is_name) || (form == PRINTABLE && c > 0x7e))
            return false;
    }
    return form != SENTENCE || utf8_is_valid(value);
}

static int take_field(struct bytes *rest, enum rpc_tag tag, struct bytes *ret, struct err *err)
{
    struct bytes value;
    size_t len;

    if (rest->len < 6 || rpc_number(bytes_part(*rest, 0, 2)) != tag)
        return FAIL(err, ERR_INPUT, "field %d is missing", (int)tag);
    len = (size_t)rpc_number(bytes_part(*rest, 2, 4));
    if (len < tags[tag].min || len > tags[tag].max)
        return FAIL(err, ERR_INPUT, "field %d has %zu bytes, the limit is %zu", (int)tag, len,
                    tags[tag].max);
    if (rest->len - 6 < len)
        return FAIL(err, ERR_INPUT, "field %d is cut off", (int)tag);
    value = bytes_of(rest->ptr + 6, len);
    if (tags[tag].form != NOT_TEXT && !is_text(value, tags[tag].form))
        return FAIL(err, ERR_INPUT, "field %d holds characters it may not", (int)tag);
    *rest = bytes_of(value.ptr + len, rest->len - 6 - len);
    *ret = value;
    return 0;
}

static int take_group(struct bytes *rest, const struct shape *shape, struct rpc_fields *ret,
                      struct err *err)
{
    struct rpc_fields fields = {{{NULL, 0}}};
    struct bytes left = *rest;

    for (size_t i = 0; i < SHAPE_MAX && shape->tags[i] != 0; i++)
        TRY(take_field(&left, shape->tags[i], &fields.value[shape->tags[i]], err));
    *rest = left;
    *ret = fields;
    return 0;
}

int rpc_fields_next(struct bytes *rest, struct rpc_fields *ret, struct err *err)
{
    if (rest->len == 0)
        return FAIL(err, ERR_ABSENT, "no more");
    return take_group(rest, shape_of(RPC_LIST, true), ret, err);
}

int rpc_fields_parse(const struct rpc_frame *frame, struct rpc_fields *ret, struct err *err)
{
    const struct shape *shape = frame->status > RPC_DONE
                                    ? &refusal
                                    : shape_of(frame->verb, frame->status == RPC_DONE);
    struct rpc_fields fields = {{{NULL, 0}}};
    struct bytes rest = frame->body;
    size_t groups = 0;

    if (shape == NULL)
        return FAIL(err, ERR_INPUT, "there is no verb %d", (int)frame->verb);
    do {
        if (shape->repeats && rest.len == 0)
            break;
        TRY(take_group(&rest, shape, &fields, err));
        groups++;
    } while (shape->repeats && groups <= RPC_KEYS_MAX);
    if (groups > RPC_KEYS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d keys", RPC_KEYS_MAX);
    if (rest.len > 0)
        return FAIL(err, ERR_INPUT, "%zu bytes behind the last field", rest.len);
    *ret = fields;
    return 0;
}

void rpc_text(struct bytes value, char *ret, size_t room)
{
    value = bytes_part(value, 0, room - 1);
    if (value.len > 0)
        memcpy(ret, value.ptr, value.len);
    ret[value.len] = 0;
}

enum rpc_status rpc_status_of(enum err_kind kind)
{
    switch (kind) {
    case ERR_NONE:
        return RPC_DONE;
    case ERR_INPUT:
        return RPC_MALFORMED;
    case ERR_DENIED:
        return RPC_NOT_YOURS;
    case ERR_ABSENT:
        return RPC_NO_SUCH_KEY;
    case ERR_UNTRUSTED:
        return RPC_REFUSED;
    case ERR_CONFLICT:
        return RPC_USED;
    case ERR_USAGE:
    case ERR_REMOTE:
    case ERR_NOMEM:
    case ERR_SYSTEM:
    case ERR_KINDS_:
        break;
    }
    return RPC_UNAVAILABLE;
}

enum err_kind rpc_status_kind(enum rpc_status status)
{
    switch (status) {
    case RPC_QUESTION:
    case RPC_DONE:
        return ERR_NONE;
    case RPC_MALFORMED:
        return ERR_INPUT;
    case RPC_NOT_YOURS:
        return ERR_DENIED;
    case RPC_NO_SUCH_KEY:
        return ERR_ABSENT;
    case RPC_REFUSED:
        return ERR_UNTRUSTED;
    case RPC_USED:
        return ERR_CONFLICT;
    case RPC_UNAVAILABLE:
        break;
    }
    return ERR_REMOTE;
}
