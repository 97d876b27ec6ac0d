/* SPDX-License-Identifier: Apache-2.0 */
#include "http/answer.h"

#include "http/problem.h"

#include <string.h>

static const struct http_answer *find(const struct route *route, unsigned status)
{
    const struct http_answer *answer = route->answers;

    while (answer->status != 0 && answer->status != status)
        answer++;
    return answer->status == 0 ? NULL : answer;
}

static bool is_type(const char *declared, const char *type)
{
    if (declared == NULL || type == NULL)
        return declared == type;
    return strcmp(declared, HTTP_ANY_TYPE) == 0 || strcmp(declared, type) == 0;
}

static int fail_members(const struct route *route, const struct err *why, struct err *err)
{
    return FAIL(err, ERR_USAGE, "the answer of %s is not as its row says: %s", route->path,
                why->text);
}

/* What was written was held against its table then; a tree is now. */
static bool is_kind(const struct http_answer *declared, const struct http_response *response)
{
    if (response->written != NULL)
        return declared->members == response->written;
    if (response->json != NULL)
        return declared->members != NULL;
    return declared->members == NULL && is_type(declared->type, response->type);
}

int http_answer_check(const struct route *route, const struct http_response *response,
                      struct err *err)
{
    const struct http_answer *declared = find(route, response->status);
    struct err why = {0};

    if (declared == NULL)
        return FAIL(err, ERR_USAGE, "the handler of %s gave status %u, which its row does not have",
                    route->path, response->status);
    if (!is_kind(declared, response))
        return FAIL(err, ERR_USAGE, "the handler of %s gave another body than its row has",
                    route->path);
    if (response->json != NULL &&
        http_members_check_ours(response->json, declared->members, &why) < 0)
        return fail_members(route, &why, err);
    return 0;
}

int http_answer_check_forms(const struct route *route, const struct http_response *response,
                            struct err *err)
{
    const struct http_answer *declared = find(route, response->status);
    CLEANUP(json_freep) struct json *body = NULL;
    struct err why = {0};

    if (declared == NULL || declared->members == NULL)
        return 0;
    TRY(json_parse(buf_bytes(&response->body), &body, err));
    return http_members_check(body, declared->members, &why) < 0 ? fail_members(route, &why, err)
                                                                 : 0;
}

void http_answer_begin(const struct http_call *call, unsigned status, struct http_writer *writer)
{
    const struct http_answer *declared = find(call->route, status);

    http_writer_begin(writer, declared == NULL ? NULL : declared->members);
    writer->status = status;
}

int http_answer_end(struct http_call *call, struct http_writer *writer, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct err why = {0};
    int rc = http_writer_end(writer, &text, &why);

    if (rc == -ERR_NOMEM)
        return err_copy(err, &why);
    if (rc < 0)
        return fail_members(call->route, &why, err);
    http_reply_written(&call->response, writer->status, writer->members, &text);
    return 0;
}

/* Failures that do not depend on the handler: the request, the caller, the server. */
static const struct {
    unsigned status;
    enum { ALWAYS, WITH_BODY, WITH_RULE, WITH_CHARGE } when;
} general[] = {
    {400, ALWAYS}, {403, WITH_RULE}, {411, WITH_BODY}, {413, WITH_BODY},
    {414, ALWAYS}, {415, WITH_BODY}, {417, ALWAYS},    {429, WITH_CHARGE},
    {431, ALWAYS}, {500, ALWAYS},    {501, ALWAYS},    {503, ALWAYS},
};

static bool is_general(const struct route *route, unsigned status)
{
    bool has_body = route->body != NULL || route->body_type != NULL;

    for (size_t i = 0; i < sizeof general / sizeof general[0]; i++) {
        if (general[i].status != status)
            continue;
        return general[i].when == ALWAYS || (general[i].when == WITH_BODY && has_body) ||
               (general[i].when == WITH_RULE && route->access != &http_anyone) ||
               (general[i].when == WITH_CHARGE && route->access->charge != NULL);
    }
    return false;
}

static bool is_failure(const struct route *route, unsigned status)
{
    if (is_general(route, status))
        return true;
    for (unsigned kind = ERR_NONE + 1; kind < ERR_KINDS_; kind++) {
        if ((route->fails & HTTP_FAIL(kind)) != 0 && problem_status((enum err_kind)kind) == status)
            return true;
    }
    return false;
}

/* What a row may have among its answers. */
static bool is_answer(const struct route *route, unsigned status)
{
    if (route->is_foreign)
        return status >= 200 && status <= 499;
    return (status >= 200 && status <= 299) || status == 304 || status == 416;
}

bool http_answer_is_declared(const struct route *route, unsigned status)
{
    return find(route, status) != NULL || is_failure(route, status);
}

unsigned http_answer_next_failure(const struct route *route, unsigned status)
{
    while (++status < 600) {
        if (is_failure(route, status) && find(route, status) == NULL)
            return status;
    }
    return 0;
}

static bool can_fail(const struct route *route, enum err_kind kind)
{
    return is_failure(route, problem_status(kind));
}

/* Their names and kinds; each kind is one that the row may fail with. */
static int check_problems(const struct route *route, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz-";
    const struct http_problem *problem = route->problems;

    for (; problem != NULL && problem->name != NULL; problem++) {
        if (problem->name[0] == '\0' || strlen(problem->name) > PROBLEM_NAME_MAX ||
            strspn(problem->name, letters) != strlen(problem->name) || problem->meaning == NULL ||
            !can_fail(route, problem->kind))
            return FAIL(err, ERR_USAGE, "route %s: a problem without a proper name or kind",
                        route->path);
    }
    return 0;
}

static bool is_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    return text != NULL && text[0] != '\0' && strspn(text, letters) == strlen(text);
}

int http_answer_valid(const struct route *route, struct err *err)
{
    const struct http_answer *answer = route->answers;

    if (!is_name(route->operation) || route->summary == NULL || answer == NULL)
        return FAIL(err, ERR_USAGE, "route %s: no operation, summary or answers", route->path);
    for (; answer->status != 0; answer++) {
        if (!is_answer(route, answer->status))
            return FAIL(err, ERR_USAGE, "route %s: %u is no status of success", route->path,
                        answer->status);
        if (answer->meaning == NULL || find(route, answer->status) != answer)
            return FAIL(err, ERR_USAGE, "route %s: answer %u is none or has no meaning",
                        route->path, answer->status);
        if (answer->members != NULL && answer->type != NULL)
            return FAIL(err, ERR_USAGE, "route %s: an answer of two kinds", route->path);
        if (answer->members != NULL)
            TRY(err_prefix(err, http_members_valid(answer->members, err), "%s", route->path));
    }
    if (answer == route->answers)
        return FAIL(err, ERR_USAGE, "route %s: it has no answer", route->path);
    return check_problems(route, err);
}
