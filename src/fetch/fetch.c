/* SPDX-License-Identifier: Apache-2.0 */
/* Decides what may be sent, whether to try again, and what an answer means. */
#include "fetch/fetch.h"

#include "base/clock.h"
#include "base/sock.h"
#include "fetch/transfer.h"

#include <errno.h>
#include <string.h>
#include <time.h>

static const char *method_of(const struct fetch_request *request)
{
    if (request->method != NULL)
        return request->method;
    return request->body == NULL && request->content == NULL ? "GET" : "POST";
}

/* RFC 9110, 9.2.2 */
static bool is_idempotent(const char *method)
{
    static const char *const idempotent[] = {"GET", "HEAD", "PUT", "DELETE"};

    for (size_t i = 0; i < sizeof idempotent / sizeof idempotent[0]; i++) {
        if (strcmp(method, idempotent[i]) == 0)
            return true;
    }
    return false;
}

/* Visible ASCII, blanks where allowed: no line of a field can become two, RFC 9110, 5.5. */
static bool is_clean(const char *text, bool may_have_blanks)
{
    for (; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~' || (*text == ' ' && !may_have_blanks))
            return false;
    }
    return true;
}

static int check_address(const struct fetch_request *request, struct err *err)
{
    if (request->url == NULL)
        return FAIL(err, ERR_USAGE, "a request without an address");
    if (strlen(request->url) > FETCH_URL_MAX)
        return FAIL(err, ERR_INPUT, "an address of more than %d bytes", FETCH_URL_MAX);
    if (!is_clean(request->url, false))
        return FAIL(err, ERR_INPUT, "an address with blanks, control or non-ASCII characters");
    if (request->socket == NULL)
        return 0;
    if (request->url[0] != '/')
        return FAIL(err, ERR_USAGE, "the address on a socket must be a path");
    return sock_path_check(request->socket, err);
}

static int check(const struct fetch_request *request, struct err *err)
{
    const char *method = method_of(request);

    TRY(check_address(request, err));
    if (method[0] == '\0' || strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != strlen(method))
        return FAIL(err, ERR_USAGE, "a malformed method");
    if (request->timeout_ms < 0 || request->timeout_ms > FETCH_TIMEOUT_MAX_MS)
        return FAIL(err, ERR_USAGE, "a deadline of more than %d ms", FETCH_TIMEOUT_MAX_MS);
    if (request->limit > (request->file == NULL ? FETCH_BODY_MAX : FETCH_FILE_MAX))
        return FAIL(err, ERR_USAGE, "an answer of more than %d bytes",
                    request->file == NULL ? FETCH_BODY_MAX : FETCH_FILE_MAX);
    if (request->retries > FETCH_RETRIES_MAX)
        return FAIL(err, ERR_USAGE, "more than %d further tries", FETCH_RETRIES_MAX);
    if (request->retries > 0 && !is_idempotent(method) && !request->is_idempotent)
        return FAIL(err, ERR_USAGE, "a %s that must not be sent twice cannot be retried", method);
    if (request->body != NULL && request->content != NULL)
        return FAIL(err, ERR_USAGE, "a request with two bodies");
    if ((request->content != NULL && !is_clean(request->content->type, true)) ||
        (request->accept != NULL && !is_clean(request->accept, true)))
        return FAIL(err, ERR_USAGE, "a malformed media type");
    if (request->traceparent != NULL && !is_clean(request->traceparent, false))
        return FAIL(err, ERR_USAGE, "a malformed traceparent");
    for (const struct fetch_field *at = request->fields; at != NULL && at->name != NULL; at++) {
        if (at->name[0] == '\0' || strpbrk(at->name, ":;") != NULL || !is_clean(at->name, false) ||
            !is_clean(at->value, true))
            return FAIL(err, ERR_USAGE, "a header field that HTTP does not allow");
    }
    return 0;
}

static enum err_kind kind_of_status(unsigned status)
{
    switch (status) {
    case 401:
    case 403:
        return ERR_DENIED;
    case 404:
    case 410:
        return ERR_ABSENT;
    case 408:
    case 429:
        return ERR_REMOTE;
    case 409:
        return ERR_CONFLICT;
    default:
        return status >= 400 && status < 500 ? ERR_INPUT : ERR_REMOTE;
    }
}

/* Is worth another try: RFC 9110, 15.5.9, 15.6; RFC 6585, 4. */
static bool is_passing(unsigned status)
{
    return status == 0 || status == 408 || status == 429 || (status >= 502 && status <= 504);
}

static bool is_json(const char *type)
{
    return strcmp(type, "application/json") == 0 || strcmp(type, "application/problem+json") == 0;
}

/* Text from a peer that goes into a sentence of ours: one line of it. */
static bool is_sentence(const char *text)
{
    return text[0] != '\0' && text[strcspn(text, "\r\n\t\033\177")] == '\0';
}

/* What a refusal is called (RFC 9457, 3.1.1), for whoever wants to know. */
static void tell_problem(const struct json *problem, char *ret)
{
    const char *type;

    if (ret != NULL && json_get_text(problem, "type", &type, NULL) == 0 &&
        strlen(type) < FETCH_PROBLEM_SIZE && is_clean(type, false))
        memcpy(ret, type, strlen(type) + 1);
}

/* An answer that is no 2xx, with the peer's own sentence where there is one. */
static int refused(const struct fetch_request *request, const struct transfer *answer,
                   struct err *err)
{
    CLEANUP(json_freep) struct json *problem = NULL;
    enum err_kind kind = kind_of_status(answer->status);
    const char *text;

    if (!is_json(answer->type) || json_parse(buf_bytes(&answer->body), &problem, NULL) < 0)
        return FAIL_WITH(err, kind, answer->status, "the server answered with status %u",
                         answer->status);
    tell_problem(problem, request->problem);
    if (answer->status == 422 && json_get_text(problem, "kind", &text, NULL) == 0 &&
        strcmp(text, err_kind_name(ERR_UNTRUSTED)) == 0)
        kind = ERR_UNTRUSTED;
    if ((json_get_text(problem, "detail", &text, NULL) == 0 ||
         json_get_text(problem, "title", &text, NULL) == 0) &&
        is_sentence(text))
        return FAIL_WITH(err, kind, answer->status, "%s", text);
    return FAIL_WITH(err, kind, answer->status, "the server answered with status %u",
                     answer->status);
}

static int take_answer(const struct fetch_request *request, struct transfer *answer,
                       struct fetch_response *ret, struct err *err)
{
    struct json *json = NULL;

    if (answer->status < 200 || answer->status > 299)
        return refused(request, answer, err);
    if (is_json(answer->type) && answer->body.len > 0 &&
        json_parse(buf_bytes(&answer->body), &json, err) < 0)
        return FAIL_WITH(err, ERR_REMOTE, answer->status, "the server's answer is not JSON");
    ret->status = answer->status;
    ret->json = json;
    buf_move(&ret->body, &answer->body);
    return 0;
}

/* Whether another try makes sense after a failure, and how long the peer asks to wait before. */
struct advice {
    bool again;
    int wait_ms; /* -1: it did not say */
};

static int try_once(const struct fetch_request *request, struct bytes body,
                    struct fetch_response *ret, struct advice *ret_advice, struct err *err)
{
    CLEANUP(transfer_done) struct transfer answer = TRANSFER_INIT;
    int rc = transfer_run(request, method_of(request), body, &answer, err);

    if (rc == 0)
        rc = take_answer(request, &answer, ret, err);
    ret_advice->again = rc == -ERR_REMOTE && is_passing(answer.status);
    ret_advice->wait_ms = answer.retry_after_ms;
    return rc;
}

static void sleep_ms(int ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000L};

    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        continue;
}

/* Tries until one holds, the failure is not a passing one, or there is no time for another. */
static int try_all(const struct fetch_request *request, struct bytes body,
                   struct fetch_response *ret, struct err *err)
{
    struct fetch_request now = *request; /* with the time that is left */
    int64_t deadline = monotonic_ms() + request->timeout_ms;
    int pause = FETCH_RETRY_FIRST_MS;

    for (unsigned tried = 0;; tried++) {
        struct advice advice;
        int64_t left;
        int rc = try_once(&now, body, ret, &advice, err);

        if (rc == 0 || !advice.again || tried == request->retries)
            return rc;
        if (advice.wait_ms > pause)
            pause = advice.wait_ms;
        left = deadline - monotonic_ms() - pause;
        if (left <= 0)
            return rc;
        sleep_ms(pause);
        now.timeout_ms = (int)left;
        pause = pause * 2 > FETCH_RETRY_MAX_MS ? FETCH_RETRY_MAX_MS : pause * 2;
    }
}

int fetch(const struct fetch_request *request, struct fetch_response *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct fetch_request filled = *request;

    if (request->problem != NULL)
        request->problem[0] = '\0';
    TRY(check(request, err));
    if (filled.timeout_ms == 0)
        filled.timeout_ms = FETCH_TIMEOUT_MS;
    if (filled.limit == 0)
        filled.limit = FETCH_BODY_DEFAULT;
    if (request->body != NULL)
        TRY(json_write(request->body, &body, err));
    if (request->content != NULL)
        TRY(buf_copy(request->content->data, &body, err));
    return try_all(&filled, buf_bytes(&body), ret, err);
}

void fetch_response_done(struct fetch_response *response)
{
    buf_done(&response->body);
    json_free(response->json);
    *response = (struct fetch_response)FETCH_RESPONSE_INIT;
}

int fetch_escape(struct buf *buf, const char *text, struct err *err)
{
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        if (strchr(unreserved, text[i]) != NULL)
            TRY(buf_append_byte(buf, (uint8_t)text[i], err));
        else
            TRY(buf_append_format(buf, err, "%%%02X", (unsigned)(uint8_t)text[i]));
    }
    return 0;
}
