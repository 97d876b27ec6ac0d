/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/powers_http.h"

#include "http/problem.h"
#include "http/server.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum { OPERATIONS_MAX = 6, SLOW_MS = 2000, OCSP_SLOW_MS = 3000, SECONDS_PER_DAY = 86400 };

static struct powers_page *page;
static powers_explain_fn *explain;

/* Of the request that this thread handles. */
static _Thread_local uint64_t asked; /* a bit for each fault */

_Static_assert(NAMED_FAULTS_ <= 64, "a bit for each fault");

int powers_http_open(struct err *err)
{
    return powers_open(&page, err);
}

struct powers_page *powers_http_page(void)
{
    return page;
}

void powers_http_explain(powers_explain_fn *function)
{
    explain = function;
}

bool powers_meet(enum named_fault fault)
{
    if ((asked & UINT64_C(1) << fault) != 0)
        return true;
    return page != NULL && powers_take(page, fault);
}

uint64_t powers_asked(void)
{
    return asked;
}

/* ---- what happens ---- */

/* As when what is behind it cannot be reached: 503, with Retry-After. */
static int go_down(struct http_call *call, struct err *err)
{
    (void)call;
    return FAIL(err, ERR_REMOTE, "this is not available now; try later");
}

static int sleep_ms(long ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        continue;
    return 0;
}

static int be_slow(struct http_call *call, struct err *err)
{
    (void)call;
    (void)err;
    return sleep_ms(SLOW_MS);
}

static int answer_late(struct http_call *call, struct err *err)
{
    (void)call;
    (void)err;
    return sleep_ms(OCSP_SLOW_MS);
}

/* As the rule of tenants says it, to those whom it lets in. */
static int limit_rate(struct http_call *call, struct err *err)
{
    TRY(call->route->access->check(call, err));
    call->allowance = (struct http_allowance){
        .is_there = true, .is_over = true, .limit = 1, .remaining = 0, .wait_s = 1};
    return FAIL(err, ERR_REMOTE, "this tenant asks more than 1 times a second");
}

static int use_up_quota(struct http_call *call, struct err *err)
{
    TRY(call->route->access->check(call, err));
    call->allowance = (struct http_allowance){
        .is_there = true, .is_over = true, .limit = 1, .remaining = 0, .wait_s = SECONDS_PER_DAY};
    return FAIL(err, ERR_REMOTE, "this month's quota is used up");
}

/* One of the failures that the row has by name. */
static int fail_by_name(const struct http_call *call, const char *name, struct err *err)
{
    const struct http_problem *problem = call->route->problems;

    TRY(call->route->access->check(call, err));
    for (uint32_t i = 0; problem[i].name != NULL; i++)
        if (strcmp(problem[i].name, name) == 0)
            return FAIL_WITH(err, problem[i].kind, HTTP_NAMED(i), "%s", problem[i].meaning);
    return FAIL(err, ERR_SYSTEM, "%s has no failure %s", call->route->path, name);
}

static int say_withdrawn(struct http_call *call, struct err *err)
{
    return fail_by_name(call, "consent-withdrawn", err);
}

static int say_expired(struct http_call *call, struct err *err)
{
    return fail_by_name(call, "consent-expired", err);
}

/* ---- where it happens ---- */

/* Which rows; ANY_BEARER are those for tenants, ANY_ALL all but those of health. */
#define ANY_BEARER "*bearer"
#define ANY_ALL    "*"

static const struct rule {
    enum named_fault fault;
    const char *api; /* http_about.name */
    const char *operations[OPERATIONS_MAX];
    int (*act)(struct http_call *call, struct err *err);
} rules[] = {
    {NAMED_SLOW, "platform", {ANY_BEARER}, be_slow},
    {NAMED_SLOW, "authapp", {ANY_ALL}, be_slow},
    {NAMED_OCSP_DOWN, "ocsp", {"askSign", "askAuth", "askSignInPath", "askAuthInPath"}, go_down},
    {NAMED_OCSP_SLOW,
     "ocsp",
     {"askSign", "askAuth", "askSignInPath", "askAuthInPath"},
     answer_late},
    {NAMED_CRL_DOWN, "ocsp", {"getList"}, go_down},
    {NAMED_CRL_DOWN, "authority", {"getCrl"}, go_down},
    {NAMED_CRL_DOWN, "authority-proxy", {"getCrl"}, go_down},
    {NAMED_AUTHORITY_DOWN, "authority-verifier", {ANY_ALL}, go_down},
    {NAMED_AUTHORITY_DOWN, "authority-holder", {ANY_ALL}, go_down},
    {NAMED_AUTHORITY_DOWN, "authority-proxy", {ANY_ALL}, go_down},
    {NAMED_PLATFORM_DOWN, "platform", {ANY_BEARER}, go_down},
    {NAMED_RATE_LIMITED, "platform", {ANY_BEARER}, limit_rate},
    {NAMED_QUOTA_EXHAUSTED, "platform", {"verify", "authenticate"}, use_up_quota},
    {NAMED_CONSENT_WITHDRAWN, "platform", {"askLatest"}, say_withdrawn},
    {NAMED_CONSENT_EXPIRED, "platform", {"askLatest"}, say_expired},
    {NAMED_LOGIN_UNAVAILABLE, "authapp", {"authorize", "postAuthorize"}, go_down},
    {NAMED_TOKEN_DOWN, "authapp", {"getTokens"}, go_down},
    {NAMED_JWKS_DOWN, "authapp", {"listCerts"}, go_down},
    {NAMED_USERINFO_DOWN, "authapp", {"getUserinfo", "postUserinfo"}, go_down},
};

static bool is_operation_of_health(const char *operation)
{
    static const char *const names[] = {"live", "ready", "describe", "getMetrics"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(operation, names[i]) == 0)
            return true;
    return false;
}

static bool is_health(const struct http_call *call)
{
    return is_operation_of_health(call->route->operation);
}

static const char *api_of(const struct http_call *call)
{
    return call->options->about == NULL ? "" : call->options->about->name;
}

static bool is_for(const struct rule *rule, const struct http_call *call)
{
    if (strcmp(rule->api, api_of(call)) != 0)
        return false;
    if (strcmp(rule->operations[0], ANY_ALL) == 0)
        return !is_health(call);
    if (strcmp(rule->operations[0], ANY_BEARER) == 0)
        return call->route->access->is_bearer;
    for (size_t i = 0; i < OPERATIONS_MAX && rule->operations[i] != NULL; i++)
        if (strcmp(rule->operations[i], call->route->operation) == 0)
            return true;
    return false;
}

/* ---- what a request asks for ---- */

/* The name of the API without what stands behind a hyphen is part of its program's. */
static bool is_of_program(enum named_fault fault, const char *api)
{
    char program[32] = "jpki-";
    size_t len = strcspn(api, "-");

    if (len == 0 || len > sizeof program - sizeof "jpki-")
        return false;
    memcpy(program + sizeof "jpki-" - 1, api, len);
    return strstr(named_faults[fault].place, program) != NULL;
}

/* What the holder does is asked for where a login is opened. */
static bool can_ask_for(const struct http_call *call, enum named_fault fault)
{
    switch (named_faults[fault].way) {
    case NAMED_BY_REQUEST:
        return fault != NAMED_CRL_STALE && /* it happens to no request */
               is_of_program(fault, api_of(call));
    case NAMED_BY_HOLDER:
        return strcmp(api_of(call), "authapp") == 0 &&
               (strcmp(call->route->operation, "authorize") == 0 ||
                strcmp(call->route->operation, "postAuthorize") == 0);
    case NAMED_BY_ACT:
    case NAMED_WAYS_:
        break;
    }
    return false;
}

static int ask_for(const struct http_call *call, const char *name, struct err *err)
{
    enum named_fault fault;

    if (named_fault_find(name, &fault, err) < 0)
        return FAIL(err, ERR_INPUT, POWERS_FAULT_FIELD ": there is no fault %.40s", name);
    if (!can_ask_for(call, fault))
        return FAIL(err, ERR_INPUT, POWERS_FAULT_FIELD ": %s does not happen to requests here",
                    name);
    asked |= UINT64_C(1) << fault;
    return 0;
}

static int read_field(const struct http_call *call, struct err *err)
{
    const char *at = http_header(&call->request, POWERS_FAULT_FIELD);
    char name[48];

    while (at != NULL && *at != '\0') {
        size_t len;

        at += strspn(at, " ,\t");
        len = strcspn(at, " ,\t");
        if (len >= sizeof name)
            return FAIL(err, ERR_INPUT, POWERS_FAULT_FIELD ": a name that is too long");
        memcpy(name, at, len);
        name[len] = '\0';
        if (len > 0)
            TRY(ask_for(call, name, err));
        at += len;
    }
    return 0;
}

static bool is_to_be_explained(const struct http_call *call)
{
    const char *field = http_header(&call->request, POWERS_DEBUG_FIELD);

    return explain != NULL && field != NULL && strcmp(field, "1") == 0;
}

static int before(struct http_call *call, struct err *err)
{
    asked = 0;
    TRY(read_field(call, err));
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (is_for(&rules[i], call) && powers_meet(rules[i].fault))
            TRY(rules[i].act(call, err));
    return 0;
}

/* Whatever is a JSON object gets the member; if that fails it stays as it was. */
static int add_debug(const struct http_call *call, struct http_response *response)
{
    CLEANUP(json_freep) struct json *debug = json_object_new();
    CLEANUP(json_freep) struct json *body = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(json_parse(buf_bytes(&response->body), &body, NULL));
    TRY(explain(call, debug, NULL));
    TRY(json_put(body, "debug", json_steal(&debug), NULL));
    TRY(json_write(body, &text, NULL));
    buf_move(&response->body, &text);
    return 0;
}

static void after(struct http_call *call)
{
    asked = 0;
    if (explain == NULL)
        return;
    if (!is_to_be_explained(call) || call->response.file.is_there ||
        add_debug(call, &call->response) < 0)
        (void)!explain(call, NULL, NULL);
}

/* ---- what the document of the API says of it ---- */

static const struct http_member persona_query[] = {
    {"sandbox_persona", HTTP_TEXT, HTTP_OPTIONAL,
     "sandbox: who answers this login, unless the field says; - for nobody"},
    {NULL},
};
static const struct http_member persona_fields[] = {
    {"X-JPKI-Sandbox-Persona", HTTP_TEXT, HTTP_OPTIONAL,
     "sandbox: who answers this login; - for nobody"},
    {POWERS_FAULT_FIELD, HTTP_TEXT, HTTP_OPTIONAL,
     "sandbox: named faults that this request or login meets, with commas between"},
    {POWERS_DEBUG_FIELD, HTTP_TEXT, HTTP_OPTIONAL,
     "sandbox: 1 for what was computed, in the answer as debug"},
    {NULL},
};

/* The persona stands first, and is for logins alone. */
static const struct http_member *said(const struct http_server_options *options,
                                      const struct route *row, enum http_said where)
{
    bool opens_login = options->about != NULL && strcmp(options->about->name, "authapp") == 0 &&
                       (strcmp(row->operation, "authorize") == 0 ||
                        strcmp(row->operation, "postAuthorize") == 0);

    if (where == HTTP_SAID_IN_QUERY)
        return opens_login ? persona_query : NULL;
    if (is_operation_of_health(row->operation))
        return NULL;
    return opens_login ? persona_fields : persona_fields + 1;
}

const struct http_powers *powers_http(void)
{
    static const struct http_powers powers = {before, after, said};

    return page == NULL ? NULL : &powers;
}
