/* SPDX-License-Identifier: Apache-2.0 */
#include "http/range.h"

#include "base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Digits off *text, at least one; a number that is too large is as large as can be. */
static bool take_number(const char **text, size_t *ret)
{
    size_t len = strspn(*text, "0123456789");
    size_t number = 0;

    for (size_t i = 0; i < len; i++) {
        size_t digit = (size_t)((*text)[i] - '0');

        number = number > (SIZE_MAX - digit) / 10 ? SIZE_MAX : number * 10 + digit;
    }
    *text += len;
    *ret = number;
    return len > 0;
}

/* "-500": the last bytes. */
static enum http_range last_bytes(const char *text, size_t whole, size_t *ret_first,
                                  size_t *ret_len)
{
    size_t count;

    if (!take_number(&text, &count) || *text != '\0')
        return HTTP_RANGE_WHOLE;
    if (count == 0 || whole == 0)
        return HTTP_RANGE_NONE;
    *ret_len = count < whole ? count : whole;
    *ret_first = whole - *ret_len;
    return HTTP_RANGE_PART;
}

enum http_range http_range_of(const char *value, size_t whole, size_t *ret_first, size_t *ret_len)
{
    static const char unit[] = "bytes=";
    const char *text;
    size_t first;
    size_t last = SIZE_MAX;

    if (value == NULL || strncmp(value, unit, sizeof unit - 1) != 0)
        return HTTP_RANGE_WHOLE;
    text = value + sizeof unit - 1;
    if (*text == '-')
        return last_bytes(text + 1, whole, ret_first, ret_len);
    if (!take_number(&text, &first) || *text++ != '-')
        return HTTP_RANGE_WHOLE;
    if (*text != '\0' && (!take_number(&text, &last) || *text != '\0' || last < first))
        return HTTP_RANGE_WHOLE;
    if (first >= whole)
        return HTTP_RANGE_NONE;
    if (last >= whole)
        last = whole - 1;
    *ret_first = first;
    *ret_len = last - first + 1;
    return HTTP_RANGE_PART;
}

static bool is_known(const struct http_request *request, const char *etag)
{
    const char *known = http_header(request, "If-None-Match");

    return known != NULL && (strcmp(known, "*") == 0 || strstr(known, etag) != NULL);
}

/* RFC 9110, 13.1.5: a part of something else is of no use. */
static const char *range_field(const struct http_request *request, const char *etag)
{
    const char *condition = http_header(request, "If-Range");

    if (condition != NULL && strcmp(condition, etag) != 0)
        return NULL;
    return http_header(request, "Range");
}

/* What is sent of a body. */
struct extent {
    enum http_range range;
    size_t first, len, whole;
};

static const unsigned statuses[] = {
    [HTTP_RANGE_WHOLE] = 200, [HTTP_RANGE_PART] = 206, [HTTP_RANGE_NONE] = 416};

/* False if the caller has it already. */
static bool find_extent(const struct http_request *request, size_t whole, const char *etag,
                        struct extent *ret)
{
    *ret = (struct extent){.len = whole, .whole = whole};
    if (is_known(request, etag))
        return false;
    ret->range = http_range_of(range_field(request, etag), whole, &ret->first, &ret->len);
    return true;
}

static int put_part(struct http_response *response, const struct extent *extent, struct err *err)
{
    char text[96];

    if (extent->range == HTTP_RANGE_WHOLE)
        return 0;
    if (extent->range == HTTP_RANGE_NONE)
        (void)snprintf(text, sizeof text, "bytes */%zu", extent->whole);
    else
        (void)snprintf(text, sizeof text, "bytes %zu-%zu/%zu", extent->first,
                       extent->first + extent->len - 1, extent->whole);
    return http_reply_field(response, "Content-Range", text, err);
}

static int put_fields(struct http_response *response, const struct extent *extent, const char *etag,
                      struct err *err)
{
    TRY(put_part(response, extent, err));
    TRY(http_reply_field(response, "Accept-Ranges", "bytes", err));
    return http_reply_field(response, "ETag", etag, err);
}

int http_reply_file(const struct http_request *request, struct http_response *response,
                    const char *type, struct bytes whole, const char *etag, struct err *err)
{
    struct extent extent;

    if (!find_extent(request, whole.len, etag, &extent)) {
        http_reply_empty(response, 304);
        return http_reply_field(response, "ETag", etag, err);
    }
    if (extent.range == HTTP_RANGE_NONE)
        http_reply_empty(response, 416);
    else
        TRY(http_reply_bytes(response, statuses[extent.range], type,
                             bytes_part(whole, extent.first, extent.len), err));
    return put_fields(response, &extent, etag, err);
}

int http_reply_open_file(const struct http_request *request, struct http_response *response,
                         const char *type, const struct http_file *file, struct err *err)
{
    CLEANUP(fd_done) int fd = file->fd;
    struct extent extent;

    if (!find_extent(request, file->size, file->etag, &extent)) {
        http_reply_empty(response, 304);
        return http_reply_field(response, "ETag", file->etag, err);
    }
    http_reply_empty(response, statuses[extent.range]);
    if (extent.range != HTTP_RANGE_NONE) {
        response->type = type;
        response->file = (struct http_file_body){true, fd, extent.first, extent.len};
        fd = -1;
    }
    return put_fields(response, &extent, file->etag, err);
}
