/* SPDX-License-Identifier: Apache-2.0 */
#include "support/httpsite.h"

#include "http/range.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Takes what makes the reply; a half-made body is out of memory. */
static int reply_pair(struct http_call *call, const char *name, const char *value,
                      const char *name2, const char *value2, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct json *made;

    TRY(json_put_text(body, name, value, err));
    TRY(json_put_optional(body, name2, value2, err));
    made = body;
    body = NULL;
    return http_reply_json(&call->response, 200, made, err);
}

static int get_thing(struct http_call *call, struct err *err)
{
    return reply_pair(call, "id", http_param(&call->request, "id"), "verbose",
                      http_query(&call->request, "verbose"), err);
}

static int get_first(struct http_call *call, struct err *err)
{
    return reply_pair(call, "id", "the first", "verbose", NULL, err);
}

static int echo(struct http_call *call, struct err *err)
{
    TRY(http_reply_bytes(&call->response, 201, "application/json", call->request.body, err));
    return http_reply_field(&call->response, "Location", "/v1/things/new", err);
}

static int delete_thing(struct http_call *call, struct err *err)
{
    (void)err;
    http_reply_empty(&call->response, 204);
    return 0;
}

static int fail(struct http_call *call, struct err *err)
{
    const char *name = http_param(&call->request, "kind");

    for (unsigned kind = ERR_NONE + 1; kind < ERR_KINDS_; kind++) {
        if (strcmp(err_kind_name((enum err_kind)kind), name) == 0)
            return FAIL_WITH(err, (enum err_kind)kind, EIO, "the sentence of the failure");
    }
    return FAIL(err, ERR_INPUT, "no kind \"%.40s\"", name);
}

static _Atomic unsigned waits;

unsigned httpsite_waits(void)
{
    return waits;
}

static int wait_a_while(struct http_call *call, struct err *err)
{
    long ms = strtol(http_param(&call->request, "ms"), NULL, 10);
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};

    if (ms < 0 || ms > 10000)
        return FAIL(err, ERR_INPUT, "between 0 and 10000 ms");
    waits++;
    while (nanosleep(&left, &left) < 0)
        continue;
    return reply_pair(call, "waited", http_param(&call->request, "ms"), "id", NULL, err);
}

static int get_bytes(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    unsigned long count = strtoul(http_param(&call->request, "count"), NULL, 10);

    if (count > HTTPSITE_BYTES_MAX)
        return FAIL(err, ERR_INPUT, "at most %d bytes", HTTPSITE_BYTES_MAX);
    TRY(buf_reserve(&text, count + 1, err));
    memset(text.ptr, 'x', count);
    return http_reply_bytes(&call->response, 200, "text/plain; charset=utf-8",
                            bytes_of(text.ptr, count), err);
}

/* Zeros that are on no disk. */
static int get_file(struct http_call *call, struct err *err)
{
    unsigned long count = strtoul(http_param(&call->request, "count"), NULL, 10);
    struct http_file file = {.size = count, .etag = "\"zeros\""};

    if (count > HTTPSITE_FILE_MAX)
        return FAIL(err, ERR_INPUT, "at most %d bytes", HTTPSITE_FILE_MAX);
    file.fd = memfd_create("zeros", MFD_CLOEXEC);
    if (file.fd < 0 || ftruncate(file.fd, (off_t)count) < 0)
        return FAIL_ERRNO(err, "no file");
    return http_reply_open_file(&call->request, &call->response, "application/x-zeros", &file, err);
}

static int get_private(struct http_call *call, struct err *err)
{
    return reply_pair(call, "id", "private", "verbose", NULL, err);
}

static int get_trace(struct http_call *call, struct err *err)
{
    return reply_pair(call, "trace_id", call->request.trace_id, "traceparent",
                      call->request.traceparent, err);
}

static int echo_raw(struct http_call *call, struct err *err)
{
    return http_reply_bytes(&call->response, 200, "application/x-raw", call->request.body, err);
}

static int get_tail(struct http_call *call, struct err *err)
{
    return reply_pair(call, "rest", http_param(&call->request, "rest"), "verbose",
                      http_query(&call->request, "verbose"), err);
}

static int get_nothing(struct http_call *call, struct err *err)
{
    (void)call;
    (void)err;
    return 0;
}

static const struct http_member part_members[] = {
    {"part", HTTP_TEXT, HTTP_REQUIRED, "a part"},
    {NULL},
};
static const struct http_member more_members[] = {
    {"colour", HTTP_TEXT, HTTP_OPTIONAL, "one of two",
     .values = (const char *const[]){"red", "blue", NULL}},
    {"tags", HTTP_ARRAY, HTTP_OPTIONAL, "words"},
    {NULL},
};
static const struct http_member thing_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "what it is called"},
    {"count", HTTP_INT, HTTP_OPTIONAL, "how many"},
    {"is_new", HTTP_BOOL, HTTP_OPTIONAL, "whether it is new"},
    {"parts", HTTP_ARRAY, HTTP_OPTIONAL, "what it is made of", part_members},
    {"more", HTTP_OBJECT, HTTP_OPTIONAL, "what else there is", more_members},
    {NULL},
};

static const struct http_member no_members[] = {{NULL}};

static const struct http_member thing_query[] = {
    {"verbose", HTTP_TEXT, HTTP_OPTIONAL, "what to say more"},
    {"page", HTTP_INT, HTTP_OPTIONAL, "which page"},
    {NULL},
};

#define PAIR(name_, name2_)                                                                        \
    {                                                                                              \
        {(name_), HTTP_TEXT, HTTP_REQUIRED, "what was asked for"},                                 \
            {(name2_), HTTP_TEXT, HTTP_OR_NULL, "what was said beside it"},                        \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
static const struct http_member got_members[] = PAIR("id", "verbose");
static const struct http_member waited_members[] = PAIR("waited", "id");
static const struct http_member trace_members[] = PAIR("trace_id", "traceparent");
static const struct http_member tail_members[] = PAIR("rest", "verbose");

static const struct http_answer got[] = {{200, "the thing", got_members}, {0}};
static const struct http_answer echoed[] = {{201, "the body again", .type = "application/json"},
                                            {0}};
static const struct http_answer deleted[] = {{204, "it is gone"}, {0}};
static const struct http_answer waited[] = {{200, "how long it took", waited_members}, {0}};
static const struct http_answer bytes[] = {{200, "so many", .type = "text/plain; charset=utf-8"},
                                           {0}};
static const struct http_answer zeros[] = {{200, "so many", .type = "application/x-zeros"},
                                           {206, "some of them", .type = "application/x-zeros"},
                                           {304, "the same"},
                                           {416, "there are none"},
                                           {0}};
static const struct http_answer traced[] = {{200, "the ids", trace_members}, {0}};
static const struct http_answer raw[] = {{200, "the body again", .type = "application/x-raw"}, {0}};
static const struct http_answer rest[] = {{200, "what is left", tail_members}, {0}};

/* Answers with what it took, declared as another thing. */
static const struct http_answer undeclared[] = {{200, "a thing", waited_members}, {0}};

#define FAILS                                                                                      \
    (HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |                     \
     HTTP_FAIL(ERR_UNTRUSTED))

const struct route httpsite_routes[] = {
    {HTTP_GET, "/v1/things/:id", &http_anyone, NULL, get_thing, "getThing", "Read a thing", got,
     .query = thing_query},
    {HTTP_GET, "/v1/things/first", &http_anyone, NULL, get_first, "getFirst", "Read one", got},
    {HTTP_POST, "/v1/things", &http_anyone, thing_members, echo, "addThing", "Echo", echoed,
     .body_max = HTTPSITE_BODY_MAX},
    {HTTP_PUT, "/v1/things/:id", &http_anyone, thing_members, echo, "putThing", "Echo", echoed,
     .body_max = HTTPSITE_BODY_MAX},
    {HTTP_DELETE, "/v1/things/:id", &http_anyone, NULL, delete_thing, "deleteThing", "Do nothing",
     deleted},
    {HTTP_POST, "/v1/failures/:kind", &http_anyone, no_members, fail, "fail", "Fail", got,
     .fails = FAILS},
    {HTTP_GET, "/v1/waits/:ms", &http_anyone, NULL, wait_a_while, "waitForIt", "Wait", waited},
    {HTTP_GET, "/v1/bytes/:count", &http_anyone, NULL, get_bytes, "getBytes", "Read text", bytes},
    {HTTP_GET, "/v1/files/:count", &http_anyone, NULL, get_file, "getFile", "Read zeros", zeros},
    {HTTP_GET, "/v1/private", &http_listed_peer, NULL, get_private, "getPrivate", "Read it", got},
    {HTTP_GET, "/v1/trace", &http_anyone, NULL, get_trace, "getTrace", "Read ids", traced},
    {HTTP_POST, "/v1/raw", &http_anyone, NULL, echo_raw, "echoRaw", "Echo", raw,
     .body_type = "application/x-raw", .body_max = HTTPSITE_BODY_MAX},
    {HTTP_GET, "/v1/tail/*rest", &http_anyone, NULL, get_tail, "getTail", "Read the rest", rest,
     .query = thing_query},
    {HTTP_GET, "/v1/nothing", &http_anyone, NULL, get_nothing, "getNothing", "Forget it", got},
    {HTTP_GET, "/v1/undeclared", &http_anyone, NULL, get_first, "getUndeclared", "Say too much",
     undeclared},
    {.path = NULL},
};
