/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a body that are asked for (RFC 9110, 14): one range of bytes. */
#pragma once

#include "http/request.h"
#include "http/response.h"

enum http_range {
    HTTP_RANGE_WHOLE, /* none is asked for, or one in another unit, or several: RFC 9110, 14.2 */
    HTTP_RANGE_PART,
    HTTP_RANGE_NONE, /* no byte of it exists */
};

/* What a value of the field Range means for a body of so many bytes; *ret is the part. */
enum http_range http_range_of(const char *value, size_t whole, size_t *ret_first, size_t *ret_len);

/*
 * Answer with a body that has a strong entity tag: 200, 206 for a part that is asked for, 416 for
 * one that does not exist, 304 for who has it already (If-None-Match, If-Range). type is a
 * constant; etag is quoted.
 */
MUST_CHECK int http_reply_file(const struct http_request *request, struct http_response *response,
                               const char *type, struct bytes whole, const char *etag,
                               struct err *err);

/* The same from an open file, which nobody changes; its bytes are read as they are sent. */
struct http_file {
    int fd; /* taken, also on failure */
    size_t size;
    const char *etag;
};
MUST_CHECK int http_reply_open_file(const struct http_request *request,
                                    struct http_response *response, const char *type,
                                    const struct http_file *file, struct err *err);
