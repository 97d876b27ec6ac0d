/* SPDX-License-Identifier: Apache-2.0 */
#include "http/framing.h"

#include "http/syntax.h"

#include <string.h>
#include <strings.h>

/* Refuse with a status: the text goes to err, the status to the caller. */
#define REFUSE(err, status, ...) ((void)FAIL((err), ERR_INPUT, __VA_ARGS__), (unsigned)(status))

static bool is_named(const struct http_head_field *field, const char *name)
{
    return field->name.len == strlen(name) &&
           strncasecmp((const char *)field->name.ptr, name, field->name.len) == 0;
}

static bool is_word(struct bytes value, const char *word)
{
    return value.len == strlen(word) && strncasecmp((const char *)value.ptr, word, value.len) == 0;
}

/* How often a field occurs; *ret is the first one's value. */
static size_t find(const struct http_head *head, const char *name, struct bytes *ret)
{
    size_t count = 0;

    for (size_t i = 0; i < head->field_count; i++) {
        if (!is_named(&head->fields[i], name))
            continue;
        if (count++ == 0)
            *ret = head->fields[i].value;
    }
    return count;
}

static unsigned check_fields(const struct http_head *head, struct err *err)
{
    size_t total = 0;

    if (head->field_count > HTTP_FIELDS_MAX)
        return REFUSE(err, 431, "more than %d header fields", HTTP_FIELDS_MAX);
    for (size_t i = 0; i < head->field_count; i++)
        total += head->fields[i].name.len + head->fields[i].value.len;
    if (total > HTTP_FIELDS_BYTES_MAX)
        return REFUSE(err, 431, "more than %d bytes of header fields", HTTP_FIELDS_BYTES_MAX);
    for (size_t i = 0; i < head->field_count; i++) {
        if (!http_is_token(head->fields[i].name) || !http_is_field_value(head->fields[i].value))
            return REFUSE(err, 400, "a malformed header field, RFC 9110, 5.5");
    }
    return 0;
}

/* Fields that change meaning when there are two of them. */
static unsigned check_single(const struct http_head *head, struct err *err)
{
    static const char *const single[] = {"Host",         "Content-Length",   "Transfer-Encoding",
                                         "Content-Type", "Content-Encoding", "Expect",
                                         "Authorization"};
    struct bytes value;

    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
        if (find(head, single[i], &value) > 1)
            return REFUSE(err, 400, "header field %s is given twice", single[i]);
    }
    if (!head->is_http_10 && find(head, "Host", &value) == 0)
        return REFUSE(err, 400, "header field Host is missing, RFC 9112, 3.2");
    return 0;
}

/* RFC 9110, 8.6: digits and nothing else. */
static bool parse_length(struct bytes text, uint64_t *ret)
{
    uint64_t length = 0;

    if (text.len == 0 || text.len > 18)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        length = length * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *ret = length;
    return true;
}

static unsigned check_length(const struct http_head *head, struct http_framing *ret,
                             struct err *err)
{
    struct bytes length = {NULL, 0};
    struct bytes coding = {NULL, 0};

    ret->has_length = find(head, "Content-Length", &length) > 0;
    ret->is_chunked = find(head, "Transfer-Encoding", &coding) > 0;
    ret->has_body = ret->is_chunked || ret->has_length;
    /* RFC 9112, 6.1: the way in for smuggled requests. */
    if (ret->is_chunked && ret->has_length)
        return REFUSE(err, 400, "both Content-Length and Transfer-Encoding, RFC 9112, 6.1");
    if (ret->is_chunked && head->is_http_10)
        return REFUSE(err, 400, "Transfer-Encoding in HTTP/1.0, RFC 9112, 6.1");
    if (ret->is_chunked && !is_word(coding, "chunked"))
        return REFUSE(err, 501, "a transfer coding other than chunked, RFC 9112, 6.1");
    if (ret->has_length && !parse_length(length, &ret->length))
        return REFUSE(err, 400, "a malformed Content-Length, RFC 9110, 8.6");
    ret->has_body = ret->is_chunked || ret->length > 0;
    return 0;
}

unsigned http_framing_check(const struct http_head *head, struct http_framing *ret, struct err *err)
{
    struct bytes expect;
    unsigned status;

    if (head->target.len > HTTP_TARGET_MAX)
        return REFUSE(err, 414, "an address of more than %d bytes", HTTP_TARGET_MAX);
    if (!http_is_token(head->method))
        return REFUSE(err, 400, "a malformed method, RFC 9110, 9.1");
    status = check_fields(head, err);
    if (status == 0)
        status = check_single(head, err);
    if (status == 0)
        status = check_length(head, ret, err);
    if (status != 0)
        return status;
    /* RFC 9110, 10.1.1 */
    if (find(head, "Expect", &expect) > 0 && !is_word(expect, "100-continue"))
        return REFUSE(err, 417, "an expectation other than 100-continue");
    return 0;
}

static size_t token_len(const char *text)
{
    size_t len = 0;

    while (text[len] != '\0' && http_is_token(bytes_of(text + len, 1)))
        len++;
    return len;
}

/* Of a token or a quoted string with its quotes (RFC 9110, 5.6); 0 if it is neither. */
static size_t parameter_len(const char *text)
{
    size_t len = 1;

    if (*text != '"')
        return token_len(text);
    while (text[len] != '"') {
        if (text[len] == '\\')
            len++;
        if (text[len] == '\0')
            return 0;
        len++;
    }
    return len + 1;
}

/*
 * Whether sent is that media type with well-formed parameters (RFC 9110, 8.3.1), which say nothing
 * here: only a text in another charset than UTF-8 is not what it has to be (RFC 8259, 8.1).
 */
static bool is_media_type(const char *sent, const char *type, bool is_text)
{
    const char *at = sent + strlen(type);

    if (strncasecmp(sent, type, strlen(type)) != 0)
        return false;
    for (;;) {
        struct bytes name, value;

        at += strspn(at, " \t");
        if (*at != ';')
            return *at == '\0';
        at += 1 + strspn(at + 1, " \t");
        name = bytes_of(at, token_len(at));
        if (name.len == 0) /* nothing may stand between two semicolons */
            continue;
        at += name.len;
        if (*at != '=')
            return false;
        value = bytes_of(at + 1, parameter_len(at + 1));
        if (value.len == 0)
            return false;
        if (is_text && is_word(name, "charset") && !is_word(value, "utf-8") &&
            !is_word(value, "\"utf-8\""))
            return false;
        at += 1 + value.len;
    }
}

static unsigned check_type(const struct route *route, const char *type, struct err *err)
{
    /* Foreign ones are forms, which are text. */
    if (route->body_type != NULL)
        return type != NULL && is_media_type(type, route->body_type, route->is_foreign)
                   ? 0
                   : REFUSE(err, 415, "the body must be %s", route->body_type);
    if (type == NULL || !is_media_type(type, "application/json", true))
        return REFUSE(err, 415, "the body must be application/json in UTF-8");
    return 0;
}

unsigned http_framing_admit(const struct http_request *request, const struct http_framing *framing,
                            const struct route *route, struct err *err)
{
    size_t limit = http_route_body_max(route);
    unsigned status;

    if (!http_route_has_body(route))
        return framing->has_body ? REFUSE(err, 400, "this path takes no body") : 0;
    if (!framing->has_length && !framing->is_chunked)
        return REFUSE(err, 411, "neither Content-Length nor chunks");
    status = check_type(route, http_header(request, "Content-Type"), err);
    if (status != 0)
        return status;
    if (http_header(request, "Content-Encoding") != NULL)
        return REFUSE(err, 415, "the body must not be compressed");
    if (framing->length > limit)
        return REFUSE(err, 413, "the body is larger than %zu bytes", limit);
    return 0;
}
