/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Targets are decoded once and then never again, and whatever could be read in two ways (an
 * escaped slash, a dot segment, an empty segment) is refused rather than normalised: a proxy in
 * front and the handler behind then see the same path.
 */
#include "http/syntax.h"

#include "base/hex.h"
#include "base/rand.h"
#include "base/utf8.h"

#include <string.h>

static bool is_token_char(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool http_is_token(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_token_char(text.ptr[i]))
            return false;
    }
    return text.len > 0;
}

static bool is_control(uint8_t c)
{
    return c < 0x20 || c == 0x7f;
}

/*
 * Whether eight octets may have a control character among them; never false if they do. Where none
 * is below 0x20 nothing is borrowed from the highest bits, and so with 0x7f.
 */
static bool may_have_control(const uint8_t *at)
{
    const uint64_t ones = 0x0101010101010101;
    const uint64_t highest = 0x80 * ones;
    uint64_t word;
    uint64_t from_delete;

    memcpy(&word, at, sizeof word);
    from_delete = word ^ (0x7f * ones);
    return (((word - 0x20 * ones) & ~word) | ((from_delete - ones) & ~from_delete)) & highest;
}

/* Certificates come in fields, so most octets are looked at eight at a time. */
bool http_is_field_value(struct bytes text)
{
    for (size_t i = 0; i < text.len;) {
        if (text.len - i >= 8 && !may_have_control(text.ptr + i)) {
            i += 8;
            continue;
        }
        if (is_control(text.ptr[i]) && text.ptr[i] != '\t')
            return false;
        i++;
    }
    return true;
}

/*
 * One segment or query part, decoded into *ret. RFC 3986, 2.1. The refusal of control characters
 * keeps NUL out, so that the result is a C string.
 */
static int unescape(struct arena *arena, struct bytes text, bool plus_is_space, struct bytes *ret,
                    struct err *err)
{
    struct bytes copy;
    uint8_t *to;
    size_t len = 0;

    TRY(arena_copy(arena, text, &copy, err));
    to = (uint8_t *)(uintptr_t)copy.ptr;
    for (size_t i = 0; i < text.len; i++) {
        int c = text.ptr[i];

        if (c >= 0x80)
            return FAIL(err, ERR_INPUT, "the address has bytes outside ASCII, RFC 3986, 2");
        if (c == '%') {
            int high = i + 2 < text.len ? hex_digit((char)text.ptr[i + 1]) : -1;
            int low = i + 2 < text.len ? hex_digit((char)text.ptr[i + 2]) : -1;

            if (high < 0 || low < 0)
                return FAIL(err, ERR_INPUT, "a malformed escape in the address, RFC 3986, 2.1");
            c = high * 16 + low;
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (is_control((uint8_t)c))
            return FAIL(err, ERR_INPUT, "a control character in the address");
        to[len++] = (uint8_t)c;
    }
    to[len] = 0;
    if (!utf8_is_valid(bytes_of(to, len)))
        return FAIL(err, ERR_INPUT, "the address is not UTF-8");
    *ret = bytes_of(to, len);
    return 0;
}

/* Take what stands before the separator off *rest; all of it if there is none. */
static struct bytes cut(struct bytes *rest, char separator)
{
    const uint8_t *at = rest->len == 0 ? NULL : memchr(rest->ptr, separator, rest->len);
    size_t len = at == NULL ? rest->len : (size_t)(at - rest->ptr);
    struct bytes head = bytes_part(*rest, 0, len);

    *rest = bytes_part(*rest, len + 1, rest->len);
    return head;
}

static int check_segment(struct bytes segment, struct err *err)
{
    if (segment.len == 0)
        return FAIL(err, ERR_INPUT, "an empty segment in the path");
    if (bytes_equal(segment, BYTES_LITERAL(".")) || bytes_equal(segment, BYTES_LITERAL("..")))
        return FAIL(err, ERR_INPUT, "a dot segment in the path");
    if (memchr(segment.ptr, '/', segment.len) != NULL)
        return FAIL(err, ERR_INPUT, "an escaped slash in the path");
    return 0;
}

int http_target_decode(struct arena *arena, struct bytes target, const char **ret_path,
                       struct bytes *ret_query, struct err *err)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT;
    struct bytes query = target;
    struct bytes rest = cut(&query, '?');
    const char *text;

    if (rest.len == 0 || rest.ptr[0] != '/')
        return FAIL(err, ERR_INPUT, "the request target is not a path, RFC 9112, 3.2.1");
    if (memchr(target.ptr, '#', target.len) != NULL)
        return FAIL(err, ERR_INPUT, "a fragment in the request target, RFC 9112, 3.2.1");
    rest = bytes_part(rest, 1, rest.len);
    if (rest.len == 0)
        TRY(buf_append_byte(&path, '/', err));
    for (bool more = rest.len > 0; more;) {
        size_t left = rest.len;
        struct bytes raw = cut(&rest, '/');
        struct bytes segment;

        more = raw.len < left;
        TRY(unescape(arena, raw, false, &segment, err));
        /* The slash at the end of a folder's name is part of the path, and never taken off. */
        if (segment.len > 0 || more || path.len == 0)
            TRY(check_segment(segment, err));
        TRY(buf_append_byte(&path, '/', err));
        TRY(buf_append(&path, segment, err));
    }
    TRY(arena_text(arena, buf_bytes(&path), &text, err));
    *ret_path = text;
    *ret_query = query;
    return 0;
}

int http_tail_decode(struct arena *arena, struct bytes target, size_t tail, const char **ret_path,
                     struct bytes *ret_query, struct err *err)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT;
    struct bytes query = target;
    struct bytes raw = cut(&query, '?');
    struct bytes rest;

    if (memchr(target.ptr, '#', target.len) != NULL)
        return FAIL(err, ERR_INPUT, "a fragment in the request target, RFC 9112, 3.2.1");
    TRY(unescape(arena, bytes_part(raw, tail, raw.len), false, &rest, err));
    TRY(buf_append(&path, bytes_part(raw, 0, tail), err));
    TRY(buf_append(&path, rest, err));
    TRY(arena_text(arena, buf_bytes(&path), ret_path, err));
    *ret_query = query;
    return 0;
}

static int query_part(struct arena *arena, struct bytes part, struct http_field *ret,
                      struct err *err)
{
    struct bytes value = part;
    struct bytes name = cut(&value, '=');

    TRY(unescape(arena, name, true, &name, err));
    TRY(unescape(arena, value, true, &value, err));
    if (name.len == 0)
        return FAIL(err, ERR_INPUT, "a query parameter without a name");
    *ret = (struct http_field){(const char *)name.ptr, (const char *)value.ptr};
    return 0;
}

int http_query_decode(struct arena *arena, struct bytes query, struct http_fields *ret,
                      struct err *err)
{
    struct http_field *at;
    void *memory;
    size_t count = 0;

    if (query.len == 0) {
        *ret = (struct http_fields){NULL, 0};
        return 0;
    }
    TRY(arena_alloc(arena, HTTP_QUERY_MAX * sizeof *at, &memory, err));
    at = memory;
    for (bool more = true; more;) {
        size_t left = query.len;
        struct bytes part = cut(&query, '&');

        more = part.len < left;
        if (count == HTTP_QUERY_MAX)
            return FAIL(err, ERR_INPUT, "more than %d query parameters", HTTP_QUERY_MAX);
        TRY(query_part(arena, part, &at[count], err));
        for (size_t i = 0; i < count; i++) {
            if (strcmp(at[i].name, at[count].name) == 0)
                return FAIL(err, ERR_INPUT, "query parameter \"%.40s\" is given twice", at[i].name);
        }
        count++;
    }
    *ret = (struct http_fields){at, count};
    return 0;
}

/* Lower-case digits, not all zero: W3C Trace Context, 2.2.2. */
static bool is_trace_number(const char *text, size_t len)
{
    bool has_value = false;

    for (size_t i = 0; i < len; i++) {
        if (strchr("0123456789abcdef", text[i]) == NULL)
            return false;
        has_value = has_value || text[i] != '0';
    }
    return has_value;
}

static bool is_traceparent(const char *text)
{
    return strlen(text) == HTTP_TRACEPARENT_LEN && strncmp(text, "00-", 3) == 0 &&
           is_trace_number(text + 3, 32) && text[35] == '-' && is_trace_number(text + 36, 16) &&
           text[52] == '-' && hex_digit(text[53]) >= 0 && hex_digit(text[54]) >= 0;
}

/* As hex digits, never all zero. */
static void put_number(char *to, uint8_t *octets, size_t count)
{
    static const char hex[] = "0123456789abcdef";

    octets[0] |= 1;
    for (size_t i = 0; i < count; i++) {
        to[2 * i] = hex[octets[i] >> 4];
        to[2 * i + 1] = hex[octets[i] & 15];
    }
    to[2 * count] = '\0';
}

int http_trace_begin(struct http_request *request, const char *value, struct err *err)
{
    enum { TRACE_OCTETS = HTTP_TRACE_ID_LEN / 2, PARENT_OCTETS = 8, PARENT_AT = 36 };
    uint8_t random[TRACE_OCTETS + PARENT_OCTETS];
    char *parent = request->traceparent;

    TRY(rand_label(random, sizeof random, err));
    /* A malformed one starts a new trace: W3C Trace Context, 4.3. */
    if (value != NULL && is_traceparent(value)) {
        memcpy(request->trace_id, value + 3, HTTP_TRACE_ID_LEN);
        request->trace_id[HTTP_TRACE_ID_LEN] = '\0';
    } else {
        put_number(request->trace_id, random, TRACE_OCTETS);
    }
    memcpy(parent, "00-", 3);
    memcpy(parent + 3, request->trace_id, HTTP_TRACE_ID_LEN);
    parent[PARENT_AT - 1] = '-';
    put_number(parent + PARENT_AT, random + TRACE_OCTETS, PARENT_OCTETS);
    memcpy(parent + PARENT_AT + 2 * PARENT_OCTETS, "-01", 4);
    return 0;
}
