/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parameters with which a relying party sends a browser. Nobody is answered at an address that
 * is not registered; what is kept of a request is the request.
 */
#include "authapp/login/request.h"

#include "authapp/scope.h"
#include "fuzz.h"
#include "http/syntax.h"

#include <string.h>

static const char metadata[] =
    "{\"client_id\":\"bank\",\"client_name\":\"Bank\",\"profile\":\"authapp\","
    "\"redirect_uris\":[\"https://bank.example/cb\",\"http://127.0.0.1/cb\"],"
    "\"sector_identifier_uri\":\"https://bank.example/s\",\"scope\":\"openid name sign\","
    "\"jwks_uri\":\"https://bank.example/jwks\"}";

static void check_kept(const struct auth_request *request)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *json = NULL;
    struct auth_request kept;

    FUZZ_CHECK(auth_request_write(request, &text, NULL) == 0);
    FUZZ_CHECK(json_parse(buf_bytes(&text), &json, NULL) == 0);
    FUZZ_CHECK(auth_request_restore(json, &kept, NULL) == 0);
    FUZZ_CHECK(strcmp(kept.redirect_uri, request->redirect_uri) == 0);
    FUZZ_CHECK(strcmp(kept.state, request->state) == 0 && kept.scopes == request->scopes);
}

FUZZ_TARGET(data, size)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    struct auth_request request = {.scopes = 0};
    struct http_fields fields = {NULL, 0};

    FUZZ_CHECK(client_parse(BYTES_LITERAL(metadata), &client, NULL) == 0);
    FUZZ_CHECK(arena_new(&arena, NULL) == 0);
    if (http_query_decode(arena, bytes_of(data, size), &fields, NULL) < 0 ||
        auth_request_target(&fields, &client, &request, NULL) < 0)
        return 0;
    FUZZ_CHECK(strncmp(request.redirect_uri, "https://bank.example/cb", 23) == 0 ||
               strncmp(request.redirect_uri, "http://127.0.0.1", 16) == 0);
    if (auth_request_read(&fields, &client, &request).code != NULL)
        return 0;
    FUZZ_CHECK((request.scopes & SCOPE_OPENID) != 0 && (request.scopes & ~client.scopes) == 0);
    FUZZ_CHECK(request.nonce != NULL && request.challenge != NULL);
    check_kept(&request);
    return 0;
}
