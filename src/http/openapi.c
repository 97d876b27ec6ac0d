/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenAPI 3.1.0; schemas are JSON Schema 2020-12. Every problem is one response of the components,
 * to which operations refer; schemas stand where they are used, since tables have no names.
 *
 * A peer of a Unix socket proves itself by its user id, for which OpenAPI has no security scheme:
 * such a rule is told in the operation's description and in "x-access".
 */
#include "http/openapi.h"

#include "base/cli.h"
#include "http/answer.h"
#include "http/exchange.h"
#include "http/problem.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { STATUS_SIZE = 12, REF_SIZE = 48, METHOD_SIZE = 8 };

/* An empty object below another, which owns it; NULL is reported by what is put into it. */
static struct json *put_object(struct json *object, const char *key)
{
    struct json *child = json_object_new();

    return json_put(object, key, child, NULL) < 0 ? NULL : child;
}

static int put_texts(struct json *object, const char *key, const char *const *texts,
                     struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();

    for (; *texts != NULL; texts++)
        TRY(json_add_text(array, *texts, err));
    return json_put(object, key, json_steal(&array), err);
}

static int put_text_schema(struct json *schema, const struct http_member *member, struct err *err)
{
    TRY(json_put_text(schema, "type", "string", err));
    if (member->form != NULL)
        TRY(json_put_text(schema, "pattern", member->form->pattern, err));
    return member->values == NULL ? 0 : put_texts(schema, "enum", member->values, err);
}

static int put_object_schema(struct json *schema, const struct http_member *members,
                             struct err *err);

static int put_array_schema(struct json *schema, const struct http_member *member, struct err *err)
{
    struct json *items;

    TRY(json_put_text(schema, "type", "array", err));
    items = put_object(schema, "items");
    return member->members != NULL ? put_object_schema(items, member->members, err)
                                   : put_text_schema(items, member, err);
}

static int put_type(struct json *schema, const struct http_member *member, struct err *err)
{
    switch (member->type) {
    case HTTP_TEXT:
        return put_text_schema(schema, member, err);
    case HTTP_INT:
        return json_put_text(schema, "type", "integer", err);
    case HTTP_BOOL:
        return json_put_text(schema, "type", "boolean", err);
    case HTTP_OBJECT:
        return put_object_schema(schema, member->members, err);
    case HTTP_ARRAY:
        return put_array_schema(schema, member, err);
    }
    return FAIL(err, ERR_USAGE, "member \"%s\" has no type", member->name);
}

static int put_meaning(struct json *schema, const struct http_member *member, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *words;

    TRY(buf_append_text(&text, member->meaning, err));
    if (member->form != NULL)
        TRY(buf_append_format(&text, err, "; %s", member->form->text));
    TRY(buf_text(&text, &words, err));
    return json_put_text(schema, "description", words, err);
}

/* A member that may be null is one of two schemas. */
static int put_member(struct json *properties, const struct http_member *member, struct err *err)
{
    CLEANUP(json_freep) struct json *either = NULL;
    struct json *schema = put_object(properties, member->name);
    struct json *null;

    TRY(put_meaning(schema, member, err));
    if (member->presence != HTTP_OR_NULL)
        return put_type(schema, member, err);
    either = json_array_new();
    for (int i = 0; i < 2; i++) {
        null = json_object_new();
        TRY(json_add(either, null, err));
        TRY(i == 0 ? put_type(null, member, err) : json_put_text(null, "type", "null", err));
    }
    return json_put(schema, "anyOf", json_steal(&either), err);
}

/* Neither side takes members that are not listed: http_members_check. */
static int put_object_schema(struct json *schema, const struct http_member *members,
                             struct err *err)
{
    const char *required[HTTP_MEMBERS_MAX + 1] = {NULL};
    struct json *properties;
    size_t count = 0;

    TRY(json_put_text(schema, "type", "object", err));
    properties = put_object(schema, "properties");
    for (; members->name != NULL; members++) {
        TRY(put_member(properties, members, err));
        if (members->presence != HTTP_OPTIONAL)
            required[count++] = members->name;
    }
    TRY(put_texts(schema, "required", required, err));
    return json_put_bool(schema, "additionalProperties", false, err);
}

/* "/v1/cards/:id" as "/v1/cards/{id}". */
static int write_template(const char *path, struct buf *ret, struct err *err)
{
    bool is_open = false;

    for (const char *at = path; *at != '\0'; at++) {
        bool begins = at > path && at[-1] == '/' && (*at == ':' || *at == '*');

        if (is_open && *at == '/') {
            TRY(buf_append_text(ret, "}", err));
            is_open = false;
        }
        is_open = is_open || begins;
        TRY(buf_append_byte(ret, begins ? '{' : (uint8_t)*at, err));
    }
    return is_open ? buf_append_text(ret, "}", err) : 0;
}

static int add_parameter(struct json *parameters, const char *name, const char *in,
                         const struct http_member *member, struct err *err)
{
    CLEANUP(json_freep) struct json *parameter = json_object_new();

    TRY(json_put_text(parameter, "name", name, err));
    TRY(json_put_text(parameter, "in", in, err));
    TRY(json_put_bool(parameter, "required", member->presence == HTTP_REQUIRED, err));
    TRY(put_meaning(parameter, member, err));
    TRY(put_type(put_object(parameter, "schema"), member, err));
    return json_add(parameters, json_steal(&parameter), err);
}

static int add_path_parameters(struct json *parameters, const char *path, struct err *err)
{
    static const struct http_member segment = {"", HTTP_TEXT, HTTP_REQUIRED,
                                               "one segment of the path"};
    static const struct http_member tail = {"", HTTP_TEXT, HTTP_REQUIRED,
                                            "all that is left of the path, slashes included"};

    for (const char *at = strpbrk(path, ":*"); at != NULL; at = strpbrk(at, ":*")) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        size_t len = strcspn(at, "/");
        const char *name;

        TRY(buf_append(&text, bytes_of(at + 1, len - 1), err));
        TRY(buf_text(&text, &name, err));
        TRY(add_parameter(parameters, name, "path", *at == '*' ? &tail : &segment, err));
        at += len;
    }
    return 0;
}

static int add_parameters(struct json *parameters, const char *in, const struct http_member *at,
                          struct err *err)
{
    for (; at != NULL && at->name != NULL; at++)
        TRY(add_parameter(parameters, at->name, in, at, err));
    return 0;
}

static int put_parameters(struct json *operation, const struct http_server_options *options,
                          const struct route *row, struct err *err)
{
    const struct http_powers *powers = options->powers;
    CLEANUP(json_freep) struct json *parameters = json_array_new();

    TRY(add_path_parameters(parameters, row->path, err));
    TRY(add_parameters(parameters, "query", row->query, err));
    TRY(add_parameters(parameters, "header", row->headers, err));
    if (powers != NULL && powers->said != NULL) {
        TRY(add_parameters(parameters, "query", powers->said(options, row, HTTP_SAID_IN_QUERY),
                           err));
        TRY(add_parameters(parameters, "header", powers->said(options, row, HTTP_SAID_IN_FIELDS),
                           err));
    }
    return json_put(operation, "parameters", json_steal(&parameters), err);
}

/* members NULL: whatever is of the type. */
static int put_content(struct json *object, const char *type, const struct http_member *members,
                       struct err *err)
{
    struct json *media = put_object(put_object(object, "content"), type);

    if (members != NULL)
        return put_object_schema(put_object(media, "schema"), members, err);
    return media == NULL ? FAIL_NOMEM(err) : 0;
}

static int put_body(struct json *operation, const struct route *row, struct err *err)
{
    struct json *body;
    char text[48];

    if (row->body == NULL && row->body_type == NULL)
        return 0;
    (void)snprintf(text, sizeof text, "at most %zu bytes", http_route_body_max(row));
    body = put_object(operation, "requestBody");
    TRY(json_put_text(body, "description", text, err));
    TRY(json_put_bool(body, "required", true, err));
    return put_content(body, row->body_type == NULL ? "application/json" : row->body_type,
                       row->body, err);
}

static int put_answer(struct json *responses, const struct http_answer *answer, struct err *err)
{
    char status[STATUS_SIZE];
    struct json *response;

    (void)snprintf(status, sizeof status, "%u", answer->status);
    response = put_object(responses, status);
    TRY(json_put_text(response, "description", answer->meaning, err));
    if (answer->members == NULL && answer->type == NULL)
        return 0;
    return put_content(response, answer->type == NULL ? "application/json" : answer->type,
                       answer->members, err);
}

static int put_responses(struct json *operation, const struct route *row, struct err *err)
{
    struct json *responses = put_object(operation, "responses");
    unsigned failure = 0;

    for (const struct http_answer *answer = row->answers; answer->status != 0; answer++)
        TRY(put_answer(responses, answer, err));
    while ((failure = http_answer_next_failure(row, failure)) != 0) {
        char status[STATUS_SIZE];
        char ref[REF_SIZE];

        (void)snprintf(status, sizeof status, "%u", failure);
        (void)snprintf(ref, sizeof ref, "#/components/responses/problem-%u", failure);
        TRY(json_put_text(put_object(responses, status), "$ref", ref, err));
    }
    return 0;
}

/* The names of failures, which the status alone does not tell apart. */
static int put_problem_names(struct json *operation, const struct route *row, struct err *err)
{
    CLEANUP(json_freep) struct json *list = NULL;

    if (row->problems == NULL)
        return 0;
    list = json_array_new();
    for (const struct http_problem *at = row->problems; at->name != NULL; at++) {
        CLEANUP(json_freep) struct json *object = json_object_new();
        char type[sizeof HTTP_PROBLEM_URN + PROBLEM_NAME_MAX];

        (void)snprintf(type, sizeof type, HTTP_PROBLEM_URN "%s", at->name);
        TRY(json_put_text(object, "type", type, err));
        TRY(json_put_int(object, "status", problem_status(at->kind), err));
        TRY(json_put_text(object, "title", at->meaning, err));
        TRY(json_add(list, json_steal(&object), err));
    }
    return json_put(operation, "x-problems", json_steal(&list), err);
}

/* One of the ways to prove who calls; several are alternatives (OpenAPI 3.1, 4.8.10). */
static int add_requirement(struct json *security, const char *scheme, struct err *err)
{
    static const char *const no_scopes[] = {NULL};
    CLEANUP(json_freep) struct json *needed = json_object_new();

    TRY(put_texts(needed, scheme, no_scopes, err));
    return json_add(security, json_steal(&needed), err);
}

/* Who may call, as a scheme where there is one and always in words. */
static int put_access(struct json *operation, const struct http_access *access, struct err *err)
{
    CLEANUP(json_freep) struct json *security = json_array_new();

    TRY(json_put_text(operation, "description", access->meaning, err));
    TRY(json_put_text(operation, "x-access", access->name, err));
    if (access->is_bearer)
        TRY(add_requirement(security, access->name, err));
    if (access->cookie != NULL)
        TRY(add_requirement(security, access->cookie, err));
    return json_put(operation, "security", json_steal(&security), err);
}

static int put_operation(struct json *item, const struct http_server_options *options,
                         const struct route *row, struct err *err)
{
    const char *name = http_method_name(row->method);
    char method[METHOD_SIZE] = "";
    struct json *operation;

    for (size_t i = 0; i + 1 < sizeof method && name[i] != '\0'; i++)
        method[i] = (char)tolower((unsigned char)name[i]);
    operation = put_object(item, method);
    TRY(json_put_text(operation, "operationId", row->operation, err));
    TRY(json_put_text(operation, "summary", row->summary, err));
    TRY(put_access(operation, row->access, err));
    TRY(put_parameters(operation, options, row, err));
    TRY(put_body(operation, row, err));
    TRY(put_problem_names(operation, row, err));
    return put_responses(operation, row, err);
}

/* All methods of one path stand where the first one does. */
static int put_paths(struct json *document, const struct http_server_options *options,
                     const struct http_router *router, struct err *err)
{
    struct json *paths = put_object(document, "paths");

    for (size_t i = 0; i < router->count; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        struct json *item;
        const char *path;

        TRY(write_template(router->rows[i]->path, &text, err));
        TRY(buf_text(&text, &path, err));
        if (json_has(paths, path))
            continue;
        item = put_object(paths, path);
        for (size_t j = i; j < router->count; j++) {
            if (strcmp(router->rows[j]->path, router->rows[i]->path) == 0)
                TRY(put_operation(item, options, router->rows[j], err));
        }
    }
    return 0;
}

static int put_problem(struct json *responses, unsigned status, struct err *err)
{
    struct json *response;
    struct json *media;
    struct json *header;
    char name[REF_SIZE];

    (void)snprintf(name, sizeof name, "problem-%u", status);
    response = put_object(responses, name);
    TRY(json_put_text(response, "description", problem_title(status), err));
    if (status == 503 || status == 429) {
        header = put_object(put_object(response, "headers"), "Retry-After");
        TRY(json_put_text(header, "description", "how many seconds to wait", err));
        TRY(json_put_text(put_object(header, "schema"), "type", "integer", err));
    }
    media = put_object(put_object(response, "content"), HTTP_PROBLEM_TYPE);
    return json_put_text(put_object(media, "schema"), "$ref", "#/components/schemas/problem", err);
}

static bool is_used(const struct http_router *router, unsigned status)
{
    for (size_t i = 0; i < router->count; i++) {
        if (http_answer_next_failure(router->rows[i], status - 1) == status)
            return true;
    }
    return false;
}

static int put_bearer(struct json *schemes, const struct http_access *access, struct err *err)
{
    struct json *scheme;

    if (!access->is_bearer || json_has(schemes, access->name))
        return 0;
    scheme = put_object(schemes, access->name);
    TRY(json_put_text(scheme, "type", "http", err));
    TRY(json_put_text(scheme, "scheme", "bearer", err));
    return json_put_text(scheme, "description", access->meaning, err);
}

static int put_cookie(struct json *schemes, const char *cookie, struct err *err)
{
    struct json *scheme;

    if (cookie == NULL || json_has(schemes, cookie))
        return 0;
    scheme = put_object(schemes, cookie);
    TRY(json_put_text(scheme, "type", "apiKey", err));
    TRY(json_put_text(scheme, "in", "cookie", err));
    TRY(json_put_text(scheme, "name", cookie, err));
    return json_put_text(scheme, "description", "a browser's session", err);
}

static int put_schemes(struct json *components, const struct http_router *router, struct err *err)
{
    struct json *schemes = put_object(components, "securitySchemes");

    for (size_t i = 0; i < router->count; i++) {
        TRY(put_bearer(schemes, router->rows[i]->access, err));
        TRY(put_cookie(schemes, router->rows[i]->access->cookie, err));
    }
    return schemes == NULL ? FAIL_NOMEM(err) : 0;
}

static int put_components(struct json *document, const struct http_router *router, struct err *err)
{
    struct json *components = put_object(document, "components");
    struct json *schemas = put_object(components, "schemas");
    struct json *responses;

    TRY(put_object_schema(put_object(schemas, "problem"), problem_members, err));
    responses = put_object(components, "responses");
    for (unsigned status = 400; status < 600; status++) {
        if (is_used(router, status))
            TRY(put_problem(responses, status, err));
    }
    return put_schemes(components, router, err);
}

static int put_info(struct json *document, const struct http_about *about, struct err *err)
{
    struct json *info = put_object(document, "info");
    struct json *licence;

    TRY(json_put_text(info, "title", about->title, err));
    TRY(json_put_text(info, "description", about->text, err));
    TRY(json_put_text(info, "version", cli_version(), err));
    licence = put_object(info, "license");
    TRY(json_put_text(licence, "name", "Apache-2.0", err));
    return json_put_text(licence, "identifier", "Apache-2.0", err);
}

int openapi_make(const struct http_server_options *options, struct json **ret, struct err *err)
{
    static const struct http_about nameless = {"api", "OpenJPKI", "An API without a name."};
    CLEANUP(json_freep) struct json *document = json_object_new();
    struct http_router router = {.count = 0};

    TRY(http_router_add(&router, http_health_routes, err));
    TRY(http_router_fill(&router, options->routes, options->tables, err));
    TRY(json_put_text(document, "openapi", "3.1.0", err));
    TRY(put_info(document, options->about == NULL ? &nameless : options->about, err));
    TRY(put_paths(document, options, &router, err));
    TRY(put_components(document, &router, err));
    *ret = json_steal(&document);
    return 0;
}
