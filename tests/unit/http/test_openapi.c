/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document of the test site, part by part. Whether the documents keep to OpenAPI 3.1 is judged
 * by others: tests/openapi.
 */
#include "http/openapi.h"

#include "http/engine.h"
#include "support/failalloc.h"
#include "support/httpsite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct http_about about = {"site", "The test site", "For tests."};
static const struct http_server_options site = {.routes = httpsite_routes, .about = &about};

static void write_document(struct buf *ret)
{
    CLEANUP(json_freep) struct json *document = NULL;

    assert_int_equal(openapi_make(&site, &document, NULL), 0);
    assert_int_equal(json_write(document, ret, NULL), 0);
}

static void assert_has(const struct buf *text, const char *part)
{
    if (memmem(text->ptr, text->len, part, strlen(part)) == NULL)
        fail_msg("not in the document: %s", part);
}

static int count_nothing(struct http_call *call, struct http_allowance *ret, struct err *err)
{
    (void)call;
    (void)ret;
    (void)err;
    return 0;
}

static void a_faulty_table_gives_no_document(void **state)
{
    const struct route table[] = {{HTTP_GET, "/a", &http_anyone, NULL, httpsite_routes[0].handle},
                                  {.path = NULL}};
    const struct http_server_options options = {.routes = table};
    CLEANUP(json_freep) struct json *document = NULL;

    (void)state;
    assert_int_equal(openapi_make(&options, &document, NULL), -ERR_USAGE);
    assert_null(document);
}

/* Fields that a handler looks at, and that a call may be one too many. */
static void the_document_has_fields_and_allowances(void **state)
{
    static const struct http_member fields[] = {
        {"X-Colour", HTTP_TEXT, HTTP_OPTIONAL, "which colour"}, {NULL}};
    static const struct http_member faulty[] = {{"X-Colour", HTTP_TEXT, HTTP_OPTIONAL, NULL},
                                                {NULL}};
    struct http_access counted = {"counted", http_anyone.check, "Whoever is counted.",
                                  .charge = count_nothing};
    struct route table[] = {httpsite_routes[1], {.path = NULL}};
    const struct http_server_options options = {.routes = table};
    CLEANUP(json_freep) struct json *document = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    table[0].access = &counted;
    table[0].headers = faulty;
    assert_int_equal(openapi_make(&options, &document, NULL), -ERR_USAGE);
    table[0].headers = fields;
    assert_int_equal(openapi_make(&options, &document, NULL), 0);
    assert_int_equal(json_write(document, &text, NULL), 0);
    assert_has(&text, "{\"name\":\"X-Colour\",\"in\":\"header\",\"required\":false,"
                      "\"description\":\"which colour\",\"schema\":{\"type\":\"string\"}}");
    assert_has(&text, "\"429\":{\"$ref\":\"#/components/responses/problem-429\"}");
    assert_has(&text, "\"problem-429\":{\"description\":\"too many requests\",\"headers\":"
                      "{\"Retry-After\":");
}

static void the_document_says_what_the_rows_say(void **state)
{
    static const char *const parts[] = {
        "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"The test site\",",
        "\"/livez\":{\"get\":{",
        "\"/openapi.json\":{\"get\":{",
        /* Methods of one path stand together. */
        "\"/v1/things/{id}\":{\"get\":{\"operationId\":\"getThing\",",
        "},\"put\":{\"operationId\":\"putThing\",",
        "},\"delete\":{\"operationId\":\"deleteThing\",",
        "{\"name\":\"id\",\"in\":\"path\",\"required\":true,",
        "{\"name\":\"page\",\"in\":\"query\",\"required\":false,\"description\":\"which page\","
        "\"schema\":{\"type\":\"integer\"}}",
        "\"/v1/tail/{rest}\":{\"get\":{",
        "all that is left of the path, slashes included",
        "\"requestBody\":{\"description\":\"at most 1024 bytes\",\"required\":true,"
        "\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\",",
        "\"application/x-raw\":{}",
        "\"colour\":{\"description\":\"one of two\",\"type\":\"string\",\"enum\":[\"red\",\"blue\"]"
        "}",
        "\"parts\":{\"description\":\"what it is made of\",\"type\":\"array\",\"items\":{\"type\":"
        "\"object\",",
        "\"required\":[\"name\"],\"additionalProperties\":false",
        "\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]",
        "\"204\":{\"description\":\"it is gone\"}",
        "\"409\":{\"$ref\":\"#/components/responses/problem-409\"}",
        "\"problem-409\":{\"description\":\"conflicts with what is there\",",
        "\"x-access\":\"listed peer\",\"security\":[]",
        "\"schema\":{\"$ref\":\"#/components/schemas/problem\"}",
    };
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    write_document(&text);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_has(&text, parts[i]);
}

static void a_bearer_rule_is_a_scheme(void **state)
{
    const struct http_access key = {"key", http_anyone.check, "With a key.", .is_bearer = true};
    struct route table[] = {httpsite_routes[1], httpsite_routes[4], {.path = NULL}};
    const struct http_server_options options = {.routes = table};
    CLEANUP(json_freep) struct json *document = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    table[0].access = table[1].access = &key;
    assert_int_equal(openapi_make(&options, &document, NULL), 0);
    assert_int_equal(json_write(document, &text, NULL), 0);
    assert_has(&text, "\"security\":[{\"key\":[]}]");
    assert_has(&text, "\"securitySchemes\":{\"key\":{\"type\":\"http\",\"scheme\":\"bearer\","
                      "\"description\":\"With a key.\"}}");
}

static void the_same_rows_give_the_same_bytes(void **state)
{
    CLEANUP(buf_done) struct buf first = BUF_INIT;
    CLEANUP(buf_done) struct buf second = BUF_INIT;

    (void)state;
    write_document(&first);
    write_document(&second);
    assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&second)));
}

static void every_server_serves_its_document(void **state)
{
    const struct http_peer stranger = {.is_unix = true, .cred = {.uid = 4711}};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    assert_int_equal(http_loopback(&site, &stranger,
                                   BYTES_LITERAL("GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"),
                                   &answer, NULL),
                     0);
    write_document(&text);
    assert_memory_equal(answer.ptr, "HTTP/1.1 200", 12);
    assert_has(&answer, "Content-Type: application/json\r\n");
    assert_has(&answer, "X-Content-Type-Options: nosniff\r\n");
    assert_true(answer.len > text.len);
    assert_memory_equal(answer.ptr + answer.len - text.len, text.ptr, text.len);
}

/* Few rows: each allocation that could fail is tried once. */
static int make_without_memory(void *context)
{
    const struct route table[] = {httpsite_routes[2], {.path = NULL}};
    const struct http_server_options options = {.routes = table};
    CLEANUP(json_freep) struct json *document = NULL;
    int rc = openapi_make(&options, &document, NULL);

    (void)context;
    assert_true((rc == 0) == (document != NULL));
    return rc;
}

static void without_memory_there_is_no_document(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(make_without_memory, NULL) > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_faulty_table_gives_no_document),
        cmocka_unit_test(the_document_says_what_the_rows_say),
        cmocka_unit_test(the_document_has_fields_and_allowances),
        cmocka_unit_test(a_bearer_rule_is_a_scheme),
        cmocka_unit_test(the_same_rows_give_the_same_bytes),
        cmocka_unit_test(every_server_serves_its_document),
        cmocka_unit_test(without_memory_there_is_no_document),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
