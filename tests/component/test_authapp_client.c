/* SPDX-License-Identifier: Apache-2.0 */
/* Clients: their metadata, and how they prove themselves. */
#include "support/authapp_site.h"

#include "authapp/client/known.h"
#include "authapp/client/register.h"
#include "base/base64.h"
#include "fetch/uri.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct authapp_site *const site = &authapp_one_site;

/* ---- metadata ---- */

#define BASIC                                                                                      \
    "\"client_id\":\"c\",\"client_name\":\"C\",\"profile\":\"basic\",\"scope\":\"openid\","
#define REDIRECT "\"redirect_uris\":[\"https://c.example/cb\"]"

static int parse(const char *members)
{
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    assert_int_equal(buf_append_format(&text, NULL, "{%s}", members), 0);
    return client_parse(buf_bytes(&text), &client, NULL);
}

static void metadata_that_are_not_as_they_should_be_are_refused(void **state)
{
    static const char *const rows[] = {
        "",
        BASIC "\"x\":1," REDIRECT,
        BASIC "\"redirect_uris\":[]",
        BASIC "\"redirect_uris\":\"https://c.example/cb\"",
        BASIC "\"redirect_uris\":[1]",
        BASIC "\"redirect_uris\":[\"http://c.example/cb\"]",
        BASIC "\"redirect_uris\":[\"https://c.example/cb#a\"]",
        BASIC "\"redirect_uris\":[\"https://u@c.example/cb\"]",
        BASIC "\"redirect_uris\":[\"https://C.example/cb\"]",
        BASIC "\"redirect_uris\":[\"https://c.example:99999/cb\"]",
        BASIC "\"redirect_uris\":[\"https://c.example:65536/cb\"]",
        BASIC "\"redirect_uris\":[\"https://c.example:0/cb\"]",
        BASIC "\"redirect_uris\":[\"https://c.example\"]",
        BASIC "\"redirect_uris\":[\"javascript:alert(1)\"]",
        BASIC "\"redirect_uris\":[\"https://c.example/cb\",\"https://d.example/cb\"]",
        BASIC REDIRECT ",\"grant_types\":[\"implicit\"]",
        BASIC REDIRECT ",\"grant_types\":[\"password\"]",
        BASIC REDIRECT ",\"token_endpoint_auth_method\":\"none\"",
        BASIC REDIRECT ",\"token_endpoint_auth_method\":\"private_key_jwt\"",
        BASIC REDIRECT ",\"id_token_signed_response_alg\":\"none\"",
        BASIC REDIRECT ",\"id_token_signed_response_alg\":\"PS256\"",
        BASIC REDIRECT ",\"token_endpoint_auth_method\":\"private_key_jwt\",\"jwks\":{\"keys\":[]}",
        BASIC REDIRECT ",\"token_endpoint_auth_method\":\"private_key_jwt\",\"jwks\":{\"keys\":[{"
                       "\"kty\":\"EC\",\"d\":\"AA\"}]}",
        BASIC REDIRECT ",\"backchannel_logout_uri\":\"http://c.example/\"",
        "\"client_id\":\"a/"
        "b\",\"client_name\":\"C\",\"profile\":\"basic\",\"scope\":\"openid\"," REDIRECT,
        "\"client_id\":\"c\",\"client_name\":\"a\\u202eb\",\"profile\":\"basic\",\"scope\":"
        "\"openid\"," REDIRECT,
        "\"client_id\":\"c\",\"client_name\":\"C\",\"profile\":\"king\",\"scope\":"
        "\"openid\"," REDIRECT,
        "\"client_id\":\"c\",\"client_name\":\"C\",\"profile\":\"basic\",\"scope\":"
        "\"name\"," REDIRECT,
        "\"client_id\":\"c\",\"client_name\":\"C\",\"profile\":\"authapp\",\"scope\":\"openid\","
        "\"token_endpoint_auth_method\":\"client_secret_post\"," REDIRECT,
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(parse(rows[i]), -ERR_INPUT);
    assert_int_equal(parse(BASIC REDIRECT), 0);
    assert_int_equal(parse(BASIC "\"redirect_uris\":[\"https://c.example/cb\",\"https://d.example/"
                                 "cb\"],\"sector_identifier_uri\":\"https://c.example/s\""),
                     0);
}

static void read_sector(const char *members, char ret[FETCH_URI_MAX + 2])
{
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    assert_int_equal(buf_append_format(&text, NULL, "{%s}", members), 0);
    assert_int_equal(client_parse(buf_bytes(&text), &client, NULL), 0);
    memcpy(ret, client.sector, sizeof client.sector);
}

#define NATIVE(id, uri)                                                                            \
    "\"client_id\":\"" id "\",\"client_name\":\"C\",\"profile\":\"basic\",\"scope\":"              \
    "\"openid\",\"redirect_uris\":[" uri "]"

/* Programs on a computer have the same host, and are not the same party for that. */
static void clients_on_this_computer_have_sectors_of_their_own(void **state)
{
    char one[FETCH_URI_MAX + 2];
    char other[FETCH_URI_MAX + 2];

    (void)state;
    read_sector(NATIVE("c", "\"https://c.example/cb\""), one);
    read_sector(NATIVE("d", "\"https://c.example/other\""), other);
    assert_string_equal(one, "c.example");
    assert_string_equal(other, "c.example");
    read_sector(NATIVE("c", "\"http://127.0.0.1/cb\""), one);
    read_sector(NATIVE("d", "\"http://127.0.0.1/cb\""), other);
    assert_string_not_equal(one, other);
    read_sector(NATIVE("c", "\"http://127.0.0.1/cb\",\"http://[::1]/cb\""), other);
    assert_string_equal(one, other);
    read_sector(NATIVE("c.example", "\"http://localhost/cb\""), one);
    assert_string_not_equal(one, "c.example");
    assert_int_equal(parse(NATIVE("c", "\"http://127.0.0.1/cb\",\"https://c.example/cb\"")),
                     -ERR_INPUT);
}

/* A text of so many letters. */
static const char *letters(size_t len)
{
    static char text[AUTHAPP_METADATA_MAX + 2];

    memset(text, 'a', len);
    text[len] = '\0';
    return text;
}

static int parse_with(const char *format, size_t len)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    const char *at = strchr(format, '@');

    assert_int_equal(buf_append(&text, bytes_of(format, (size_t)(at - format)), NULL), 0);
    assert_int_equal(buf_append_text(&text, letters(len), NULL), 0);
    assert_int_equal(buf_append_text(&text, at + 1, NULL), 0);
    return client_parse(buf_bytes(&text), &client, NULL);
}

static void metadata_end_at_their_limits(void **state)
{
    static const char id[] = "{\"client_id\":\"@\",\"client_name\":\"C\",\"profile\":\"basic\","
                             "\"scope\":\"openid\"," REDIRECT "}";
    static const char name[] = "{\"client_id\":\"c\",\"client_name\":\"@\",\"profile\":\"basic\","
                               "\"scope\":\"openid\"," REDIRECT "}";
    static const char uri[] = "{" BASIC "\"redirect_uris\":[\"https://c.example/@\"]}";
    static const char all[] = "{" BASIC REDIRECT "}@";
    const size_t start = strlen("https://c.example/");

    (void)state;
    assert_int_equal(parse_with(id, AUTHAPP_CLIENT_ID_MAX), 0);
    assert_int_equal(parse_with(id, AUTHAPP_CLIENT_ID_MAX + 1), -ERR_INPUT);
    assert_int_equal(parse_with(name, AUTHAPP_NAME_MAX), 0);
    assert_int_equal(parse_with(name, AUTHAPP_NAME_MAX + 1), -ERR_INPUT);
    assert_int_equal(parse_with(uri, FETCH_URI_MAX - start), 0);
    assert_int_equal(parse_with(uri, FETCH_URI_MAX - start + 1), -ERR_INPUT);
    for (int more = 0; more <= 1; more++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        CLEANUP(client_done) struct client client = {.metadata = NULL};

        assert_int_equal(buf_append(&text, bytes_of(all, strlen(all) - 1), NULL), 0);
        while (text.len < AUTHAPP_METADATA_MAX + (size_t)more)
            assert_int_equal(buf_append_byte(&text, ' ', NULL), 0);
        assert_int_equal(client_parse(buf_bytes(&text), &client, NULL), more ? -ERR_INPUT : 0);
    }
}

static void addresses_end_at_their_number(void **state)
{
    (void)state;
    for (int more = 0; more <= 1; more++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        CLEANUP(client_done) struct client client = {.metadata = NULL};

        assert_int_equal(buf_append_text(&text, "{" BASIC "\"redirect_uris\":[", NULL), 0);
        for (int i = 0; i < AUTHAPP_URIS_MAX + more; i++)
            assert_int_equal(
                buf_append_format(&text, NULL, "%s\"https://c.example/%d\"", i > 0 ? "," : "", i),
                0);
        assert_int_equal(buf_append_text(&text, "]}", NULL), 0);
        assert_int_equal(client_parse(buf_bytes(&text), &client, NULL), more ? -ERR_INPUT : 0);
    }
}

/* ---- assertions ---- */

/* What is wrong with an assertion, as a claim in the place of a good one. */
struct change {
    const char *claim, *text; /* NULL: a number */
    int64_t number;
};

static void make_assertion(const struct change *change, const char *header_more, bool is_ours,
                           struct buf *ret)
{
    CLEANUP(json_freep) struct json *claims = json_object_new();
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf json = BUF_INIT;
    char header[128];
    char jti[16];
    struct digest digest;

    (void)snprintf(jti, sizeof jti, "x%u", site->assertions++);
    assert_int_equal(json_put_text(claims, "iss", "bank", NULL), 0);
    assert_int_equal(json_put_text(claims, "sub", "bank", NULL), 0);
    assert_int_equal(json_put_text(claims, "aud", AUTHAPP_SITE_ISSUER, NULL), 0);
    assert_int_equal(json_put_text(claims, "jti", jti, NULL), 0);
    assert_int_equal(json_put_int(claims, "exp", AUTHAPP_SITE_NOW + 60, NULL), 0);
    if (change != NULL)
        assert_int_equal(change->text != NULL
                             ? json_put_text(claims, change->claim, change->text, NULL)
                             : json_put_int(claims, change->claim, change->number, NULL),
                         0);
    assert_int_equal(json_write(claims, &json, NULL), 0);
    (void)snprintf(header, sizeof header, "{\"alg\":\"ES256\"%s}", header_more);
    assert_int_equal(base64_append(&input, BASE64_URL, bytes_text(header), NULL), 0);
    assert_int_equal(buf_append_byte(&input, '.', NULL), 0);
    assert_int_equal(base64_append(&input, BASE64_URL, buf_bytes(&json), NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&input), &digest, NULL), 0);
    assert_int_equal(
        privkey_sign_jws(is_ours ? site->client : site->point, &digest, &signature, NULL), 0);
    assert_int_equal(jws_complete(buf_bytes(&input), buf_bytes(&signature), ret, NULL), 0);
}

static bool told_no_jti; /* by the last answer */

static unsigned ask_with(const char *assertion, const char *more)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const char *text;

    assert_int_equal(buf_append_format(&body, NULL,
                                       "grant_type=client_credentials&scope=sign&client_assertion_"
                                       "type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Aclient-assertion-"
                                       "type%%3Ajwt-bearer&client_assertion=%s%s",
                                       assertion, more),
                     0);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    struct authapp_answer answer = authapp_site_ask(site, "POST", AUTHAPP_SITE_TOKEN, "", text);
    unsigned status = answer.status;
    assert_true(status == 200 || authapp_answer_has(&answer, "\"error\":\"invalid_client\""));
    told_no_jti = authapp_answer_has(&answer, "the assertion has no jti");
    authapp_answer_done(&answer);
    return status;
}

static unsigned try(const struct change *change, const char *header_more, bool is_ours)
{
    CLEANUP(buf_done) struct buf assertion = BUF_INIT;
    const char *text;

    make_assertion(change, header_more, is_ours, &assertion);
    assert_int_equal(buf_text(&assertion, &text, NULL), 0);
    return ask_with(text, "");
}

static void an_assertion_of_another_kind_is_refused(void **state)
{
    static const struct change changes[] = {
        {"iss", "shop", 0},
        {"sub", "shop", 0},
        {"aud", "https://op.openjpki.test", 0},
        {"aud", "https://evil.example/token", 0},
        {"exp", NULL, AUTHAPP_SITE_NOW},
        {"exp", "soon", 0},
        {"jti", "", 0},
        {"iat", NULL, AUTHAPP_SITE_NOW + AUTHAPP_SKEW_SECONDS + 1},
        {"nbf", NULL, AUTHAPP_SITE_NOW + AUTHAPP_SKEW_SECONDS + 1},
        {"exp", NULL, AUTHAPP_SITE_NOW + AUTHAPP_ASSERTION_SECONDS + AUTHAPP_SKEW_SECONDS + 1},
    };
    static const struct change limits[] = {
        {"iat", NULL, AUTHAPP_SITE_NOW + AUTHAPP_SKEW_SECONDS},
        {"exp", NULL, AUTHAPP_SITE_NOW + AUTHAPP_ASSERTION_SECONDS + AUTHAPP_SKEW_SECONDS},
        {"exp", NULL, AUTHAPP_SITE_NOW + 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        assert_true(try(&changes[i], "", true) == 401 &&
                    told_no_jti == (strcmp(changes[i].claim, "jti") == 0));
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        assert_int_equal(try(&limits[i], "", true), 200);
    assert_int_equal(try(NULL, "", false), 401);
    assert_int_equal(try(NULL, ",\"kid\":\"another\"", true), 401);
    assert_int_equal(try(NULL, ",\"crit\":[\"b64\"],\"b64\":false", true), 401);
    assert_int_equal(try(NULL, ",\"jku\":\"https://evil.example/\"", true), 401);
    assert_int_equal(try(NULL, "", true), 200);
    /* {"alg":"none"}.{"iss":"bank","sub":"bank"}. */
    assert_int_equal(ask_with("eyJhbGciOiJub25lIn0.eyJpc3MiOiJiYW5rIiwic3ViIjoiYmFuayJ9.", ""),
                     401);
}

static void an_assertion_counts_once(void **state)
{
    CLEANUP(buf_done) struct buf assertion = BUF_INIT;
    const char *text;

    (void)state;
    make_assertion(NULL, "", true, &assertion);
    assert_int_equal(buf_text(&assertion, &text, NULL), 0);
    assert_int_equal(ask_with(text, ""), 200);
    assert_int_equal(ask_with(text, ""), 401);
    site->clock.fixed += 59;
    assert_int_equal(ask_with(text, ""), 401);
}

/* ---- secrets ---- */

static unsigned basic(const char *pair, const char *body)
{
    CLEANUP(buf_done) struct buf field = BUF_INIT;
    const char *text;

    assert_int_equal(buf_append_text(&field, "Authorization: Basic ", NULL), 0);
    assert_int_equal(base64_append(&field, BASE64_PADDED, bytes_text(pair), NULL), 0);
    assert_int_equal(buf_append_text(&field, "\r\n", NULL), 0);
    assert_int_equal(buf_text(&field, &text, NULL), 0);
    struct authapp_answer answer = authapp_site_ask(site, "POST", AUTHAPP_OIDC "/revoke", text,
                                                    body);
    unsigned status = answer.status;
    assert_true(status != 401 || authapp_answer_has(&answer, "WWW-Authenticate: Basic"));
    authapp_answer_done(&answer);
    return status;
}

static void a_secret_is_proven_in_the_way_that_was_registered(void **state)
{
    char pair[128];
    char body[128];

    (void)state;
    (void)snprintf(pair, sizeof pair, "shop:%s", site->shop_secret);
    assert_int_equal(basic("shop:wrong", "token=t"), 401);
    assert_int_equal(basic("shop", "token=t"), 401);
    assert_int_equal(basic("bank:", "token=t"), 401);
    assert_int_equal(basic(pair, "token=t&client_id=bank"), 401);
    (void)snprintf(body, sizeof body, "token=t&client_id=shop&client_secret=%s", site->shop_secret);
    assert_int_equal(basic(pair, body), 400); /* two ways at once */
    assert_int_equal(basic(pair, "token=t"), 200);
    struct authapp_answer post = authapp_site_ask(site, "POST", AUTHAPP_OIDC "/revoke", "", body);
    assert_int_equal(post.status, 401); /* registered for the other */
    authapp_answer_done(&post);
}

static void a_secret_that_was_renewed_counts_alone(void **state)
{
    const struct audit_origin by = audit_by_self(AUTHAPP_SITE_NOW);
    char secret[CLIENT_SECRET_SIZE];
    char pair[128];

    (void)state;
    (void)snprintf(pair, sizeof pair, "shop:%s", site->shop_secret);
    assert_int_equal(basic(pair, "token=t"), 200); /* and it is known from now on */
    assert_int_equal(client_renew_secret(site->authapp.store, "bank", &by, secret, NULL),
                     -ERR_INPUT);
    assert_int_equal(client_renew_secret(site->authapp.store, "nobody", &by, secret, NULL),
                     -ERR_ABSENT);
    assert_int_equal(client_renew_secret(site->authapp.store, "shop", &by, secret, NULL), 0);
    (void)snprintf(pair, sizeof pair, "shop:%s", site->shop_secret);
    assert_int_equal(basic(pair, "token=t"), 401);
    (void)snprintf(pair, sizeof pair, "shop:%s", secret);
    assert_int_equal(basic(pair, "token=t"), 200);
}

/* ---- clients in memory ---- */

static int get_name(const char *id, char ret[AUTHAPP_NAME_MAX + 1])
{
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    int rc = authapp_get_client(site->authapp.store, id, &client, NULL);

    if (rc == 0)
        memcpy(ret, client.name, sizeof client.name);
    return rc;
}

static void a_client_that_was_removed_or_came_back_is_not_the_one_before(void **state)
{
    const struct audit_origin by = audit_by_self(AUTHAPP_SITE_NOW);
    char secret[CLIENT_SECRET_SIZE];
    char name[AUTHAPP_NAME_MAX + 1];

    (void)state;
    assert_int_equal(get_name("c", name), -ERR_ABSENT);
    assert_int_equal(
        client_register(site->authapp.store, bytes_text("{" BASIC REDIRECT "}"), &by, secret, NULL),
        0);
    assert_int_equal(get_name("c", name), 0);
    assert_int_equal(get_name("c", name), 0); /* out of memory, the same */
    assert_string_equal(name, "C");
    assert_int_equal(authapp_remove_client(site->authapp.store, "c", &by, NULL), 0);
    assert_int_equal(get_name("c", name), -ERR_ABSENT);
    assert_int_equal(
        client_register(site->authapp.store,
                        bytes_text("{\"client_id\":\"c\",\"client_name\":\"D\",\"profile\":"
                                   "\"basic\",\"scope\":\"openid\"," REDIRECT "}"),
                        &by, secret, NULL),
        0);
    assert_int_equal(get_name("c", name), 0);
    assert_string_equal(name, "D");
}

static void what_was_read_before_a_change_is_not_kept_after_it(void **state)
{
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    CLEANUP(client_done) struct client found = {.metadata = NULL};
    struct known_clients *known = NULL;
    uint64_t edition;

    (void)state;
    assert_int_equal(client_parse(bytes_text("{" BASIC REDIRECT "}"), &client, NULL), 0);
    assert_int_equal(known_clients_new(&known, NULL), 0);
    assert_false(known_clients_find(known, "c", &found));
    edition = known_clients_edition(known);
    known_clients_forget(known); /* somebody else's change, while we read */
    known_clients_put(known, &client, edition);
    assert_false(known_clients_find(known, "c", &found));
    known_clients_put(known, &client, known_clients_edition(known));
    assert_true(known_clients_find(known, "c", &found));
    assert_true(client_has_uri(&found, "redirect_uris", "https://c.example/cb"));
    client_done(&found);
    found.metadata = NULL;
    known_clients_forget(known);
    assert_false(known_clients_find(known, "c", &found));
    known_clients_free(known);
}

/* More than there is room for: whoever gives way is looked up again, and nobody is somebody else.
 */
static void clients_beyond_the_room_are_still_themselves(void **state)
{
    enum { MANY = 1000 };
    struct known_clients *known = NULL;
    unsigned kept = 0;

    (void)state;
    assert_int_equal(known_clients_new(&known, NULL), 0);
    for (unsigned i = 0; i < MANY; i++) {
        CLEANUP(client_done) struct client client = {.metadata = NULL};

        assert_int_equal(client_parse(bytes_text("{" BASIC REDIRECT "}"), &client, NULL), 0);
        (void)snprintf(client.id, sizeof client.id, "c-%u", i);
        known_clients_put(known, &client, known_clients_edition(known));
    }
    for (unsigned i = 0; i < MANY; i++) {
        CLEANUP(client_done) struct client found = {.metadata = NULL};
        char id[16];

        (void)snprintf(id, sizeof id, "c-%u", i);
        if (!known_clients_find(known, id, &found))
            continue;
        assert_string_equal(found.id, id);
        kept++;
    }
    assert_true(kept > 0 && kept < MANY);
    known_clients_free(known);
}

/* ---- keys at an address ---- */

static char *served;
static unsigned fetched;

static int serve_keys(struct http_call *call, struct err *err)
{
    fetched++;
    return http_reply_bytes(&call->response, 200, "application/json", bytes_text(served), err);
}

static const struct http_answer served_answers[] = {{200, "keys", .type = "application/json"}, {0}};
static const struct route served_rows[] = {{.method = HTTP_GET,
                                            .path = "/jwks",
                                            .access = &http_anyone,
                                            .handle = serve_keys,
                                            .operation = "getKeys",
                                            .summary = "Keys",
                                            .answers = served_answers},
                                           {.path = NULL}};

/* {"keys":[the public half of key under this name]} */
static void serve(const struct privkey *key, const char *kid)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf set = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    CLEANUP(json_freep) struct json *jwk = NULL;
    const char *one;
    const char *all;

    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(jwk_write(public, JWK_SIGNATURE, &jwk, NULL), 0);
    assert_int_equal(json_put_text(jwk, "kid", kid, NULL), 0);
    assert_int_equal(json_write(jwk, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &one, NULL), 0);
    assert_int_equal(buf_append_format(&set, NULL, "{\"keys\":[%s]}", one), 0);
    assert_int_equal(buf_text(&set, &all, NULL), 0);
    free(served);
    served = strdup(all);
    assert_non_null(served);
}

/* A client of that address, and an assertion of its. */
static void add_remote(uint16_t port)
{
    const struct audit_origin by = audit_by_self(AUTHAPP_SITE_NOW);
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char secret[CLIENT_SECRET_SIZE];

    assert_int_equal(
        buf_append_format(&text, NULL,
                          "{\"client_id\":\"remote\",\"client_name\":\"R\",\"profile\":\"authapp\","
                          "\"scope\":\"openid sign\",\"grant_types\":[\"client_credentials\"],"
                          "\"jwks_uri\":\"http://127.0.0.1:%u/jwks\"," REDIRECT "}",
                          (unsigned)port),
        0);
    assert_int_equal(client_register(site->authapp.store, buf_bytes(&text), &by, secret, NULL), 0);
}

static unsigned try_remote(const char *kid)
{
    CLEANUP(json_freep) struct json *claims = json_object_new();
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    const char *text;
    char jti[16];
    struct digest digest;

    (void)snprintf(jti, sizeof jti, "r%u", site->assertions++);
    assert_int_equal(json_put_text(claims, "iss", "remote", NULL), 0);
    assert_int_equal(json_put_text(claims, "sub", "remote", NULL), 0);
    assert_int_equal(json_put_text(claims, "aud", site->authapp.issuer, NULL), 0);
    assert_int_equal(json_put_text(claims, "jti", jti, NULL), 0);
    assert_int_equal(json_put_int(claims, "exp", clock_now(&site->clock) + 60, NULL), 0);
    assert_int_equal(jws_prepare(JWS_ES256, "JWT", kid, claims, &input, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&input), &digest, NULL), 0);
    assert_int_equal(privkey_sign_jws(site->client, &digest, &signature, NULL), 0);
    assert_int_equal(jws_complete(buf_bytes(&input), buf_bytes(&signature), &compact, NULL), 0);
    assert_int_equal(buf_text(&compact, &text, NULL), 0);
    return ask_with(text, "");
}

static void keys_at_an_address_are_fetched_kept_and_fetched_again(void **state)
{
    const struct http_server_options options = {.routes = served_rows, .workers = 1};
    struct http_server *server = NULL;
    uint16_t port;
    int fd;

    (void)state;
    assert_int_equal(http_listen_loopback(0, &fd, &port, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &server, NULL), 0);
    add_remote(port);
    serve(site->client, "one");
    fetched = 0;
    /* Never into this computer, where the provider is on the Internet. */
    assert_int_equal(try_remote("one"), 401);
    assert_int_equal(fetched, 0);
    site->authapp.origin = "http://127.0.0.1:1";
    assert_int_equal(try_remote("one"), 200);
    assert_int_equal(try_remote("one"), 200);
    assert_int_equal(fetched, 1);
    /* A name that is not among them: not before the pause is over. */
    serve(site->client, "two");
    site->clock.fixed += FETCH_JWKS_PAUSE - 1;
    assert_int_equal(try_remote("two"), 401);
    assert_int_equal(fetched, 1);
    site->clock.fixed += 1;
    assert_int_equal(try_remote("two"), 200);
    assert_int_equal(fetched, 2);
    site->clock.fixed += FETCH_JWKS_SECONDS;
    assert_int_equal(try_remote("two"), 200);
    assert_int_equal(fetched, 2);
    site->clock.fixed += 1;
    assert_int_equal(try_remote("two"), 200);
    assert_int_equal(fetched, 3);
    http_server_stop(server);
    free(served);
    served = NULL;
}

/* ---- keys of the provider ---- */

static int load_keys(size_t count)
{
    struct signer *signer = NULL;
    struct token_keys keys = {.count = 0};
    char names[256] = "";
    int rc;

    for (size_t i = 0; i < count; i++)
        (void)snprintf(names + strlen(names), sizeof names - strlen(names), "jws-%zu ", i);
    assert_int_equal(signer_open("", &signer, NULL), 0);
    rc = token_keys_load(signer, names, &keys, NULL);
    assert_int_equal(keys.count, rc == 0 ? count : 0);
    token_keys_done(&keys);
    return rc;
}

static void keys_of_tokens_end_at_their_number(void **state)
{
    struct token_keys keys = {.count = 0};
    struct signer *signer = NULL;

    (void)state;
    assert_int_equal(load_keys(AUTHAPP_KEYS_MAX), 0);
    assert_int_equal(load_keys(AUTHAPP_KEYS_MAX + 1), -ERR_INPUT);
    assert_int_equal(load_keys(0), -ERR_INPUT);
    assert_int_equal(signer_open("", &signer, NULL), 0);
    assert_int_equal(token_keys_load(signer, "rsa", &keys, NULL), -ERR_INPUT); /* no ES256 */
    assert_int_equal(token_keys_load(signer, "rsa jws-1", &keys, NULL), 0);
    assert_true(token_keys_has(&keys, JWS_RS256));
    token_keys_done(&keys);
    assert_int_equal(token_keys_load(signer, "jws-1 seal", &keys, NULL), -ERR_INPUT);
}

static void a_person_reference_is_for_clients_that_are_marked(void **state)
{
    static const char body[] =
        "{\"client_id\":\"portal\",\"client_name\":\"P\",\"profile\":\"basic\","
        "\"redirect_uris\":[\"https://portal.example/cb\"],\"scope\":\"openid "
        "person_reference\"%s}";
    static const struct {
        const char *more;
        int rc;
    } cases[] = {{"", -ERR_INPUT},
                 {",\"person_reference\":false", -ERR_INPUT},
                 {",\"person_reference\":\"yes\"", -ERR_INPUT},
                 {",\"person_reference\":true", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(client_done) struct client client = {.metadata = NULL};
        char text[512];

        (void)snprintf(text, sizeof text, body, cases[i].more);
        assert_int_equal(client_parse(bytes_text(text), &client, NULL), cases[i].rc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_reference_is_for_clients_that_are_marked),
        cmocka_unit_test(metadata_that_are_not_as_they_should_be_are_refused),
        cmocka_unit_test(clients_on_this_computer_have_sectors_of_their_own),
        cmocka_unit_test(metadata_end_at_their_limits),
        cmocka_unit_test(addresses_end_at_their_number),
        WITH_AUTHAPP_SITE(an_assertion_of_another_kind_is_refused),
        WITH_AUTHAPP_SITE(an_assertion_counts_once),
        WITH_AUTHAPP_SITE(a_secret_is_proven_in_the_way_that_was_registered),
        WITH_AUTHAPP_SITE(a_secret_that_was_renewed_counts_alone),
        WITH_AUTHAPP_SITE(a_client_that_was_removed_or_came_back_is_not_the_one_before),
        cmocka_unit_test(what_was_read_before_a_change_is_not_kept_after_it),
        cmocka_unit_test(clients_beyond_the_room_are_still_themselves),
        WITH_AUTHAPP_SITE(keys_at_an_address_are_fetched_kept_and_fetched_again),
        WITH_AUTHAPP_SITE(keys_of_tokens_end_at_their_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
