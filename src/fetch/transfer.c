/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl with everything switched off that a request was not asked for: redirects, proxies,
 * other protocols, signals. Limits are counted as the bytes arrive, before they are kept.
 */
#include "fetch/transfer.h"

#include "base/file.h"
#include "fetch/address.h"

#include <ctype.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode global_rc;

static void global_init(void)
{
    global_rc = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* What arrives, and how much of it may. */
struct sink {
    CURL *curl;
    struct buf *body;
    const int *file; /* of a good answer; NULL: none */
    size_t body_max, file_len;
    size_t head_len;
    bool is_head_whole; /* the empty line behind the header has come */
    bool is_too_large;
    struct err why; /* the file cannot be written */
};

static bool goes_into_file(const struct sink *sink)
{
    long status = 0;

    (void)curl_easy_getinfo(sink->curl, CURLINFO_RESPONSE_CODE, &status);
    return sink->file != NULL && status >= 200 && status <= 299;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct sink *sink = context;
    size_t len = size * count;
    bool is_file = goes_into_file(sink);
    size_t max = sink->file == NULL || is_file ? sink->body_max : FETCH_BODY_DEFAULT;

    if (len > max - (is_file ? sink->file_len : sink->body->len)) {
        sink->is_too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    if (is_file) {
        sink->file_len += len;
        return file_write_all(*sink->file, bytes_of(data, len), &sink->why) < 0
                   ? CURL_WRITEFUNC_ERROR
                   : len;
    }
    return buf_append(sink->body, bytes_of(data, len), NULL) < 0 ? CURL_WRITEFUNC_ERROR : len;
}

static size_t on_head(char *data, size_t size, size_t count, void *context)
{
    struct sink *sink = context;
    size_t len = size * count;
    struct bytes line = bytes_of(data, len);

    if (len > FETCH_HEAD_MAX - sink->head_len) {
        sink->is_too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    sink->head_len += len;
    /* Of several headers (100 Continue) the last one counts; trailers have no empty line. */
    if (bytes_start_with(line, BYTES_LITERAL("HTTP/")))
        sink->is_head_whole = false;
    else if (bytes_equal(line, BYTES_LITERAL("\r\n")) || bytes_equal(line, BYTES_LITERAL("\n")))
        sink->is_head_whole = true;
    return len;
}

static void easy_done(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

static void fields_done(struct curl_slist **fields)
{
    curl_slist_free_all(*fields);
}

static void url_done(CURLU **url)
{
    curl_url_cleanup(*url);
}

static int add_field(struct curl_slist **fields, const char *name, const char *value,
                     struct err *err)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    struct curl_slist *longer;
    const char *text;

    /* libcurl's own language: "Name:" alone takes a field out. */
    TRY(buf_append_format(&line, err, value[0] == '\0' ? "%s:%s" : "%s: %s", name, value));
    TRY(buf_text(&line, &text, err));
    longer = curl_slist_append(*fields, text);
    if (longer == NULL)
        return FAIL_NOMEM(err);
    *fields = longer;
    return 0;
}

static int make_fields(const struct fetch_request *request, struct curl_slist **ret,
                       struct err *err)
{
    TRY(add_field(ret, "Expect", "", err));
    TRY(add_field(ret, "Accept",
                  request->accept != NULL ? request->accept
                                          : "application/json, application/problem+json",
                  err));
    if (request->body != NULL)
        TRY(add_field(ret, "Content-Type", "application/json", err));
    if (request->content != NULL)
        TRY(add_field(ret, "Content-Type", request->content->type, err));
    if (request->traceparent != NULL)
        TRY(add_field(ret, "traceparent", request->traceparent, err));
    for (const struct fetch_field *at = request->fields; at != NULL && at->name != NULL; at++)
        TRY(add_field(ret, at->name, at->value, err));
    return 0;
}

static int check_scheme(CURLU *url, const char *text, struct err *err)
{
    char *scheme = NULL;
    bool is_http;

    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
        return FAIL_NOMEM(err);
    is_http = strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
    curl_free(scheme);
    return is_http ? 0 : FAIL(err, ERR_INPUT, "%.150s: only http and https are fetched", text);
}

/* The address, taken apart once by libcurl's own parser, so that nobody reads it in another way. */
static int make_url(const struct fetch_request *request, CURLU **ret, struct err *err)
{
    CLEANUP(url_done) CURLU *url = curl_url();
    CLEANUP(buf_done) struct buf whole = BUF_INIT;
    const char *text;
    CURLUcode rc;

    if (url == NULL)
        return FAIL_NOMEM(err);
    if (request->socket != NULL)
        TRY(buf_append_text(&whole, "http://localhost", err));
    TRY(buf_append_text(&whole, request->url, err));
    TRY(buf_text(&whole, &text, err));
    rc = curl_url_set(url, CURLUPART_URL, text, CURLU_DISALLOW_USER | CURLU_PATH_AS_IS);
    if (rc == CURLUE_OUT_OF_MEMORY)
        return FAIL_NOMEM(err);
    if (rc != CURLUE_OK)
        return FAIL(err, ERR_INPUT, "%.150s: %s", text, curl_url_strerror(rc));
    TRY(check_scheme(url, text, err));
    *ret = url;
    url = NULL;
    return 0;
}

static CURLcode set_method(CURL *curl, const char *method, struct bytes body, bool has_body)
{
    CURLcode rc = CURLE_OK;

    if (strcmp(method, "HEAD") == 0)
        return curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (has_body || strcmp(method, "POST") == 0) {
        rc = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
        if (rc == CURLE_OK)
            rc = curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
                                  body.len == 0 ? "" : (const char *)body.ptr);
    }
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    return rc;
}

/* Everything that is the same for all requests. */
static CURLcode set_manners(CURL *curl)
{
    static const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
        {CURLOPT_CONNECTTIMEOUT_MS, FETCH_CONNECT_MS},
        {CURLOPT_FRESH_CONNECT, 1},
        {CURLOPT_FORBID_REUSE, 1},
        {CURLOPT_PATH_AS_IS, 1},
    };
    CURLcode rc = CURLE_OK;

    for (size_t i = 0; rc == CURLE_OK && i < sizeof numbers / sizeof numbers[0]; i++)
        rc = curl_easy_setopt(curl, numbers[i].option, numbers[i].value);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    /* An empty name is no proxy at all, whatever the environment says. */
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_USERAGENT, "OpenJPKI");
    return rc;
}

/* Called once a name has been resolved, so no name can lead into our own network. */
static curl_socket_t open_public(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)context;
    (void)purpose;
    if (!address_is_public(&address->addr))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static CURLcode set_sink(CURL *curl, struct sink *sink)
{
    size_t max = sink->file != NULL && sink->body_max < FETCH_BODY_DEFAULT ? FETCH_BODY_DEFAULT
                                                                           : sink->body_max;

    CURLcode rc = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);

    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_WRITEDATA, sink);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_head);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_HEADERDATA, sink);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)max);
    return rc;
}

/* Why there is no answer, in words for a person. */
static int explain(const struct fetch_request *request, CURLcode rc, const struct sink *sink,
                   struct err *err)
{
    const char *peer = request->socket != NULL ? request->socket : request->url;

    if (sink->is_too_large || rc == CURLE_FILESIZE_EXCEEDED)
        return FAIL(err, ERR_REMOTE, "%.100s: the answer is too large, %zu bytes are allowed", peer,
                    sink->body_max);
    if (sink->why.kind != ERR_NONE)
        return err_copy(err, &sink->why);
    if (rc == CURLE_OUT_OF_MEMORY || rc == CURLE_WRITE_ERROR)
        return FAIL_NOMEM(err);
    if (rc == CURLE_OPERATION_TIMEDOUT)
        return FAIL(err, ERR_REMOTE, "%.100s: no answer within %d ms", peer, request->timeout_ms);
    if (rc == CURLE_UNSUPPORTED_PROTOCOL) /* or none at all, which is HTTP/0.9 */
        return FAIL(err, ERR_REMOTE, "%.100s: the answer is not HTTP/1.1", peer);
    if (rc == CURLE_COULDNT_CONNECT)
        return FAIL(err, ERR_REMOTE, "%.100s: nobody is listening", peer);
    if (rc == CURLE_PARTIAL_FILE || rc == CURLE_RECV_ERROR || rc == CURLE_GOT_NOTHING)
        return FAIL(err, ERR_REMOTE, "%.100s: the connection was cut", peer);
    return FAIL(err, ERR_REMOTE, "%.100s: %s", peer, curl_easy_strerror(rc));
}

static void read_facts(CURL *curl, struct transfer *ret)
{
    const char *type = NULL;
    curl_off_t seconds = 0;
    long status = 0;
    size_t len;

    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds);
    (void)curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
    ret->status = (unsigned)status;
    if (seconds > 0)
        ret->retry_after_ms = seconds > FETCH_TIMEOUT_MAX_MS / 1000 ? FETCH_TIMEOUT_MAX_MS
                                                                    : (int)seconds * 1000;
    len = type == NULL ? 0 : strcspn(type, "; \t");
    if (len > TRANSFER_TYPE_MAX)
        len = 0;
    for (size_t i = 0; i < len; i++)
        ret->type[i] = (char)tolower((unsigned char)type[i]);
    ret->type[len] = '\0';
}

static CURLcode set_all(CURL *curl, const struct fetch_request *request, const char *method,
                        struct bytes body, struct sink *sink)
{
    CURLcode rc = set_manners(curl);

    if (rc == CURLE_OK && request->socket != NULL)
        rc = curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, request->socket);
    if (rc == CURLE_OK && request->is_public)
        rc = curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_public);
    if (rc == CURLE_OK)
        rc = set_sink(curl, sink);
    if (rc == CURLE_OK)
        rc = set_method(curl, method, body, request->body != NULL || request->content != NULL);
    return rc;
}

int transfer_handle(void **ret, struct err *err)
{
    (void)pthread_once(&once, global_init);
    *ret = global_rc == CURLE_OK ? curl_easy_init() : NULL;
    return *ret == NULL ? FAIL_NOMEM(err) : 0;
}

int transfer_run(const struct fetch_request *request, const char *method, struct bytes body,
                 struct transfer *ret, struct err *err)
{
    CLEANUP(url_done) CURLU *url = NULL;
    CLEANUP(fields_done) struct curl_slist *fields = NULL;
    CLEANUP(easy_done) CURL *curl = NULL;
    struct sink sink = {.body = &ret->body, .file = request->file, .body_max = request->limit};
    CURLcode rc;

    TRY(transfer_handle(&curl, err));
    sink.curl = curl;
    if (request->file != NULL)
        TRY(file_empty(*request->file, err));
    TRY(make_url(request, &url, err));
    TRY(make_fields(request, &fields, err));
    rc = set_all(curl, request, method, body, &sink);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_CURLU, url);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    if (rc == CURLE_OK)
        rc = curl_easy_perform(curl);
    /* libcurl takes a header that is cut in the middle for a whole one. */
    if (rc == CURLE_OK && !sink.is_head_whole)
        rc = CURLE_PARTIAL_FILE;
    if (rc != CURLE_OK)
        return explain(request, rc, &sink, err);
    read_facts(curl, ret);
    return 0;
}

void transfer_done(struct transfer *transfer)
{
    buf_done(&transfer->body);
    *transfer = (struct transfer)TRANSFER_INIT;
}
