/* SPDX-License-Identifier: Apache-2.0 */
#include "http/problem.h"

#include <stdio.h>

enum { PROBLEM_TYPE_SIZE = sizeof HTTP_PROBLEM_URN + PROBLEM_NAME_MAX };

/* What a client may be told about a kind of failure, and whether it gets the sentence. */
struct rule {
    unsigned status;
    const char *title;
    bool tells;
};

static struct rule rule_of(enum err_kind kind)
{
    switch (kind) {
    case ERR_INPUT:
        return (struct rule){400, "the request is malformed", true};
    case ERR_DENIED:
        return (struct rule){403, "not permitted", true};
    case ERR_ABSENT:
        return (struct rule){404, "not found", true};
    case ERR_CONFLICT:
        return (struct rule){409, "conflicts with what is there", true};
    case ERR_UNTRUSTED:
        return (struct rule){422, "well formed, but not acceptable", true};
    case ERR_REMOTE:
        return (struct rule){503, "not available now, try later", true};
    case ERR_NOMEM:
        return (struct rule){503, "not available now, try later", false};
    case ERR_NONE:
    case ERR_USAGE:
    case ERR_SYSTEM:
    case ERR_KINDS_:
        break;
    }
    return (struct rule){500, "internal error", false};
}

const struct http_problem *problem_named(const struct http_problem *problems,
                                         const struct err *failure)
{
    for (uint32_t i = 0; problems != NULL && problems[i].name != NULL; i++) {
        if (failure->detail == HTTP_NAMED(i) && failure->kind == problems[i].kind)
            return &problems[i];
    }
    return NULL;
}

unsigned problem_status(enum err_kind kind)
{
    return rule_of(kind).status;
}

/* Titles of the statuses that HTTP itself brings and no kind of failure stands for. */
const char *problem_title(unsigned status)
{
    static const struct {
        unsigned status;
        const char *title;
    } titles[] = {
        {405, "method not allowed"},     {411, "length required"},
        {413, "content too large"},      {414, "address too long"},
        {415, "unsupported media type"}, {417, "expectation failed"},
        {429, "too many requests"},      {431, "header fields too large"},
        {501, "not implemented"},        {505, "HTTP version not supported"},
    };

    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        if (titles[i].status == status)
            return titles[i].title;
    }
    for (unsigned kind = ERR_NONE + 1; kind < ERR_KINDS_; kind++) {
        struct rule rule = rule_of((enum err_kind)kind);

        if (rule.status == status)
            return rule.title;
    }
    return NULL;
}

static const char *title_of(unsigned status, const struct rule *rule)
{
    const char *title = problem_title(status);

    return title == NULL ? rule->title : title;
}

static const char *const kinds[] = {"input",  "denied", "absent", "conflict", "untrusted",
                                    "remote", "nomem",  "system", "usage",    NULL};

static const struct http_form trace_form = {"^[0-9a-f]{32}$", "32 hexadecimal digits"};

const struct http_member problem_members[] = {
    {"type", HTTP_TEXT, HTTP_REQUIRED,
     "about:blank, or the name of the failure: urn:openjpki:problem:NAME"},
    {"title", HTTP_TEXT, HTTP_REQUIRED, "what the status says, or the name"},
    {"status", HTTP_INT, HTTP_REQUIRED, "the status again"},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "whose turn it is", .values = kinds},
    {"request_id", HTTP_TEXT, HTTP_REQUIRED, "the trace id of this request, for the operator",
     .form = &trace_form},
    {"detail", HTTP_TEXT, HTTP_OPTIONAL, "one sentence; not for failures only the operator mends"},
    {NULL},
};

/* "type" and "title". */
static int put_name(struct json *body, unsigned status, const struct rule *rule,
                    const struct http_problem *named, struct err *err)
{
    char type[PROBLEM_TYPE_SIZE];

    if (named == NULL) {
        TRY(json_put_text(body, "type", "about:blank", err));
        return json_put_text(body, "title", title_of(status, rule), err);
    }
    (void)snprintf(type, sizeof type, HTTP_PROBLEM_URN "%s", named->name);
    TRY(json_put_text(body, "type", type, err));
    return json_put_text(body, "title", named->meaning, err);
}

static struct json *problem_body(unsigned status, const struct rule *rule,
                                 const struct err *failure, const struct http_problem *named,
                                 const char *request_id)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct json *done;

    if (put_name(body, status, rule, named, NULL) < 0 ||
        json_put_int(body, "status", status, NULL) < 0 ||
        json_put_text(body, "kind", err_kind_name(failure->kind), NULL) < 0 ||
        json_put_text(body, "request_id", request_id, NULL) < 0)
        return NULL;
    /* Text that is no UTF-8 (cut in a character) is left out rather than the whole body. */
    if (rule->tells && json_put_text(body, "detail", failure->text, NULL) == -ERR_NOMEM)
        return NULL;
    done = body;
    body = NULL;
    return done;
}

void problem_reply(struct http_response *response, unsigned status, const struct err *failure,
                   const struct http_problem *named, const char *request_id)
{
    struct rule rule = rule_of(failure->kind);
    char seconds[12];

    http_response_done(response);
    if (status == 0)
        status = rule.status;
    if (http_reply_json(response, status, problem_body(status, &rule, failure, named, request_id),
                        NULL) < 0)
        http_reply_empty(response, status);
    else
        response->type = HTTP_PROBLEM_TYPE;
    (void)snprintf(seconds, sizeof seconds, "%d", HTTP_RETRY_AFTER_S);
    /* There is room: the response is new. */
    if (status == 503 && http_reply_field(response, "Retry-After", seconds, NULL) < 0)
        response->field_count = 0;
}
