/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request in memory. The reader below takes the strict core of RFC 9112 and is no server: it
 * exists so that tests and fuzzing reach routes, checks and handlers without a socket, and it
 * must agree with libmicrohttpd on what the tests send to both.
 */
#include "http/engine.h"

#include "http/answer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line up to CR LF, taken off *rest; false if there is none. */
static bool take_line(struct bytes *rest, struct bytes *ret)
{
    const uint8_t *end = rest->len == 0 ? NULL : memmem(rest->ptr, rest->len, "\r\n", 2);
    size_t len;

    if (end == NULL)
        return false;
    len = (size_t)(end - rest->ptr);
    *ret = bytes_part(*rest, 0, len);
    *rest = bytes_part(*rest, len + 2, rest->len);
    return true;
}

static bool take_word(struct bytes *line, struct bytes *ret)
{
    const uint8_t *end = line->len == 0 ? NULL : memchr(line->ptr, ' ', line->len);
    size_t len;

    if (end == NULL)
        return false;
    len = (size_t)(end - line->ptr);
    *ret = bytes_part(*line, 0, len);
    *line = bytes_part(*line, len + 1, line->len);
    return len > 0;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* RFC 9112, 5: no blank before the colon, no folded lines. */
static bool parse_field(struct bytes line, struct http_head_field *ret)
{
    const uint8_t *colon = memchr(line.ptr, ':', line.len);
    struct bytes value;
    size_t len;

    if (colon == NULL || colon == line.ptr || is_blank(line.ptr[0]) || is_blank(colon[-1]))
        return false;
    len = (size_t)(colon - line.ptr);
    value = bytes_part(line, len + 1, line.len);
    while (value.len > 0 && is_blank(value.ptr[0]))
        value = bytes_part(value, 1, value.len);
    while (value.len > 0 && is_blank(value.ptr[value.len - 1]))
        value.len--;
    *ret = (struct http_head_field){bytes_part(line, 0, len), value};
    return true;
}

static bool parse_request_line(struct bytes line, struct http_head *ret)
{
    if (!take_word(&line, &ret->method) || !take_word(&line, &ret->target))
        return false;
    ret->is_http_10 = bytes_equal(line, BYTES_LITERAL("HTTP/1.0"));
    return ret->is_http_10 || bytes_equal(line, BYTES_LITERAL("HTTP/1.1"));
}

/* fields has HTTP_FIELDS_MAX places; what does not fit is counted all the same. */
static bool parse_head(struct bytes *rest, struct http_head_field *fields, struct http_head *ret)
{
    struct http_head_field field;
    struct bytes line;

    ret->fields = fields;
    if (!take_line(rest, &line) || !parse_request_line(line, ret))
        return false;
    while (take_line(rest, &line)) {
        if (line.len == 0)
            return true;
        if (!parse_field(line, &field))
            return false;
        if (ret->field_count < HTTP_FIELDS_MAX)
            fields[ret->field_count] = field;
        ret->field_count++;
    }
    return false;
}

/* The body as announced. False, and refused, if there is less or more. */
static bool take_body(struct http_exchange *exchange, struct bytes rest)
{
    const char *length = http_header(&exchange->call.request, "Content-Length");
    size_t announced = length == NULL ? 0 : strtoul(length, NULL, 10);

    if (exchange->has_body && length == NULL)
        return http_exchange_refuse(exchange, 501, "no chunks in memory");
    if (rest.len != announced)
        return http_exchange_refuse(exchange, 400, "the body is not as long as announced");
    return rest.len == 0 || http_exchange_body(exchange, rest);
}

/* As a worker of the pool would, which lives for this one request. */
static void work(struct http_exchange *exchange)
{
    const struct http_server_options *options = &exchange->site->options;
    struct err why = {0};
    void *worker = NULL;

    if (options->worker_open != NULL && options->worker_open(options->context, &worker, &why) < 0) {
        (void)http_exchange_refuse(exchange, 500, "no worker: %s", why.text);
        return;
    }
    http_exchange_run(exchange, worker);
    if (options->worker_close != NULL)
        options->worker_close(options->context, worker);
}

static void serve(struct http_exchange *exchange, struct bytes request)
{
    struct http_head_field fields[HTTP_FIELDS_MAX];
    struct http_head head = {.field_count = 0};

    if (!parse_head(&request, fields, &head))
        (void)http_exchange_refuse(exchange, 400, "no HTTP/1 request");
    else if (http_exchange_head(exchange, &head) && take_body(exchange, request))
        work(exchange);
}

/* What of it is in a file. */
static int append_file(const struct http_file_body *file, struct buf *ret, struct err *err)
{
    uint8_t block[4096];

    for (size_t at = 0; at < file->len;) {
        size_t left = file->len - at;
        ssize_t got = pread(file->fd, block, left < sizeof block ? left : sizeof block,
                            (off_t)(file->first + at));

        if (got <= 0)
            return FAIL(err, ERR_SYSTEM, "a file ends before the body that it is");
        TRY(buf_append(ret, bytes_of(block, (size_t)got), err));
        at += (size_t)got;
    }
    return 0;
}

static int write_response(const struct http_exchange *exchange, struct buf *ret, struct err *err)
{
    const struct http_response *response = &exchange->call.response;

    TRY(buf_append_format(ret, err, "HTTP/1.1 %u -\r\nContent-Length: %zu\r\n", response->status,
                          response->file.is_there ? response->file.len : response->body.len));
    if (!http_response_may_be_kept(response))
        TRY(buf_append_text(ret, "Cache-Control: no-store\r\n", err));
    TRY(buf_append_format(ret, err, "traceparent: %s\r\n", exchange->call.request.traceparent));
    if (response->type != NULL)
        TRY(buf_append_format(ret, err, "Content-Type: %s\r\n", response->type));
    if (http_response_needs_nosniff(response))
        TRY(buf_append_text(ret, "X-Content-Type-Options: nosniff\r\n", err));
    if (exchange->must_close)
        TRY(buf_append_text(ret, "Connection: close\r\n", err));
    for (size_t i = 0; i < response->field_count; i++)
        TRY(buf_append_format(ret, err, "%s: %s\r\n", response->fields[i].name,
                              response->fields[i].value));
    if (response->location.len > 0)
        TRY(buf_append_format(ret, err, "Location: %.*s\r\n", (int)response->location.len,
                              (const char *)response->location.ptr));
    TRY(buf_append_text(ret, "\r\n", err));
    if (exchange->call.request.method == HTTP_HEAD)
        return 0;
    if (response->file.is_there)
        return append_file(&response->file, ret, err);
    return buf_append(ret, buf_bytes(&response->body), err);
}

/* For tests and fuzzing: what a server only tells its log, or does not look at, is a failure here.
 */
static int check_answer(const struct http_call *call, struct err *err)
{
    if (call->route == NULL)
        return 0;
    if (http_answer_is_declared(call->route, call->response.status))
        return http_answer_check_forms(call->route, &call->response, err);
    return FAIL(err, ERR_USAGE, "%s gave status %u, which its row does not have", call->route->path,
                call->response.status);
}

static void exchange_done(struct http_exchange **exchange)
{
    http_exchange_free(*exchange);
}

int http_loopback(const struct http_server_options *options, const struct http_peer *peer,
                  struct bytes request, struct buf *ret, struct err *err)
{
    CLEANUP(exchange_done) struct http_exchange *exchange = NULL;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct http_site site;

    TRY(http_site_init(&site, options, err));
    TRY(http_exchange_new(&site, peer, &exchange, err));
    serve(exchange, request);
    TRY(check_answer(&exchange->call, err));
    TRY(write_response(exchange, &out, err));
    return buf_append(ret, buf_bytes(&out), err);
}
