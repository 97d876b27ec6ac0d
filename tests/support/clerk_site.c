/* SPDX-License-Identifier: Apache-2.0 */
#include "support/clerk_site.h"

#include "base/rand.h"
#include "http/engine.h"
#include "register/refusal.h"
#include "register/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct clerk_site desks;

static const enum profile_kind profiles[CERT_KINDS_] = {PROFILE_SIGN, PROFILE_AUTH};
static const enum ca_kind cas[CERT_KINDS_] = {CA_SIGN, CA_AUTH};

int desks_make(void **state)
{
    authority_site_make(&desks.authority);
    return site_make_pki(state);
}

int desks_release(void **state)
{
    authority_site_done(&desks.authority);
    return site_release_pki(state);
}

void desks_start_authority(void)
{
    static uid_t uids[1];
    const struct http_server_options options = {
        .tables = authority_routes,
        .context = &desks.authority.authority,
        .uids = uids,
        .uid_count = 1,
    };
    int fd;

    uids[0] = getuid();
    assert_int_equal(sock_listen(site.authority, 0600, &fd, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &desks.server, NULL), 0);
}

void desks_stop_authority(void)
{
    http_server_stopp(&desks.server);
    (void)unlink(site.authority);
}

static void open_desk(void)
{
    struct anchors *anchors;

    assert_int_equal(anchors_new(&anchors, NULL), 0);
    assert_int_equal(anchors_add(anchors, desks.authority.pki.certs[PROFILE_SIGN_CA], NULL), 0);
    assert_int_equal(anchors_add(anchors, desks.authority.pki.certs[PROFILE_AUTH_CA], NULL), 0);
    assert_int_equal(desk_new(anchors, DESK_ORIGIN, &desks.desk, NULL), 0);
    site.counter.desk = desks.desk;
}

void desks_restart(void)
{
    desk_freep(&desks.desk);
    site_reopen();
    open_desk();
}

int desks_set_up(void **state)
{
    authority_site_open(&desks.authority);
    (void)site_set_up_hanako(state);
    site_give_card("A-1");
    open_desk();
    desks_start_authority();
    return 0;
}

int desks_tear_down(void **state)
{
    if (desks.server != NULL)
        desks_stop_authority();
    desk_freep(&desks.desk);
    (void)site_tear_down(state);
    authority_site_close(&desks.authority);
    return 0;
}

void desks_revoke(const struct test_clerk *clerk, enum cert_kind kind)
{
    authority_site_revoke(&desks.authority, cas[kind], clerk->serials[kind],
                          CRL_CESSATION_OF_OPERATION);
}

struct test_clerk who_new(void)
{
    struct test_clerk who = {.counter = DESK_COUNTER, .uid = 1000};

    for (unsigned kind = 0; kind < CERT_KINDS_; kind++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;

        who.serials[kind] = authority_site_issue(&desks.authority, cas[kind], NULL);
        authority_site_certificate(&desks.authority, cas[kind], who.serials[kind], &der);
        assert_int_equal(x509_cert_parse(buf_bytes(&der), &who.certs[kind], NULL), 0);
    }
    return who;
}

void who_done(struct test_clerk *who)
{
    for (unsigned kind = 0; kind < CERT_KINDS_; kind++)
        x509_cert_freep(&who->certs[kind]);
}

void who_sign(const struct test_clerk *who, struct bytes document, struct buf *ret)
{
    site_sign(&desks.authority, document, desks.authority.pki.keys[profiles[CERT_SIGN]],
              who->certs[CERT_SIGN], ret);
}

static void put(struct json *json, const char *key, const char *text)
{
    assert_int_equal(json_put_text(json, key, text, NULL), 0);
}

static const char *or_else(const char *text, const char *otherwise)
{
    return text == NULL ? otherwise : text;
}

struct json *who_apply(const struct test_clerk *who, const struct applying *with)
{
    CLEANUP(json_freep) struct json *inner = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct json *json = json_object_new();

    put(inner, "origin", or_else(with->origin, DESK_ORIGIN));
    put(inner, "challenge", or_else(with->challenge, ""));
    put(inner, "name", or_else(with->name, "窓口　一葉"));
    put(inner, "municipality", or_else(with->municipality, "13101"));
    put(inner, "window", or_else(with->window, ""));
    assert_int_equal(
        json_put_base64(inner, "auth_certificate", x509_cert_der(who->certs[CERT_AUTH]), NULL), 0);
    assert_int_equal(
        json_put_int(inner, "at", with->at == 0 ? clock_now(&site.clock) : with->at, NULL), 0);
    assert_int_equal(json_write(inner, &text, NULL), 0);
    who_sign(who, buf_bytes(&text), &signature);
    assert_int_equal(json_put_base64(json, "application", buf_bytes(&text), NULL), 0);
    assert_int_equal(json_put_base64(json, "signature", buf_bytes(&signature), NULL), 0);
    return json;
}

int who_bootstrap(struct test_clerk *who, const struct applying *with, struct err *err)
{
    CLEANUP(json_freep) struct json *json = who_apply(who, with);
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct audit_origin by = site_clerk();
    struct application_text from;
    struct clerk clerk;

    assert_int_equal(json_get_base64(json, "application", &text, NULL), 0);
    assert_int_equal(json_get_base64(json, "signature", &signature, NULL), 0);
    from = (struct application_text){buf_bytes(&text), buf_bytes(&signature)};
    TRY(register_bootstrap(&site.counter, &from, &by, &clerk, err));
    memcpy(who->id, clerk.id, sizeof who->id);
    return 0;
}

struct test_clerk who_first(void)
{
    const struct audit_origin by = site_clerk();
    struct test_clerk who = who_new();
    char challenge[BOOTSTRAP_CHALLENGE_LEN + 1];
    struct applying with = {.challenge = challenge, .municipality = EVERY_MUNICIPALITY};

    assert_int_equal(register_begin_bootstrap(site.store, challenge, &by, NULL), 0);
    assert_int_equal(who_bootstrap(&who, &with, NULL), 0);
    assert_int_equal(who_log_in(&who, DESK_COUNTER, NULL), 201);
    return who;
}

static void merge(struct json *into, const char *members)
{
    CLEANUP(json_freep) struct json *changes = NULL;
    static const char *const keys[] = {"origin", "session", "counter", "request_id",
                                       "at",     "path",    "extra",   NULL};
    const char *text;
    int64_t number;

    assert_int_equal(json_parse(bytes_text(members), &changes, NULL), 0);
    for (size_t i = 0; keys[i] != NULL; i++) {
        if (!json_has(changes, keys[i]))
            continue;
        if (json_get_text(changes, keys[i], &text, NULL) == 0) {
            put(into, keys[i], text);
        } else {
            assert_int_equal(json_get_int(changes, keys[i], &number, NULL), 0);
            assert_int_equal(json_put_int(into, keys[i], number, NULL), 0);
        }
    }
}

void who_write(const struct test_clerk *who, const struct told *told, struct buf *ret)
{
    CLEANUP(json_freep) struct json *request = json_object_new();
    struct json *body;
    char id[24];

    (void)snprintf(id, sizeof id, "f-%u", desks.ids++);
    put(request, "origin", DESK_ORIGIN);
    put(request, "session", who->session);
    put(request, "counter", who->counter);
    put(request, "request_id", id);
    assert_int_equal(json_put_int(request, "at", clock_now(&site.clock), NULL), 0);
    put(request, "path", told->path);
    if (told->body != NULL) {
        assert_int_equal(json_parse(bytes_text(told->body), &body, NULL), 0);
        assert_int_equal(json_put(request, "body", body, NULL), 0);
    }
    if (told->changes != NULL)
        merge(request, told->changes);
    assert_int_equal(json_write(request, ret, NULL), 0);
}

/* Status line and header off. */
static unsigned take_apart(struct buf *answer, struct json **ret)
{
    const char *text;
    const char *body;

    assert_int_equal(buf_text(answer, &text, NULL), 0);
    body = strstr(text, "\r\n\r\n");
    assert_non_null(body);
    if (ret != NULL) {
        json_freep(ret);
        if (body[4] != '\0')
            assert_int_equal(json_parse(bytes_text(body + 4), ret, NULL), 0);
    }
    return (unsigned)strtoul(text + strlen("HTTP/1.1 "), NULL, 10);
}

unsigned desk_ask(const struct test_clerk *who, const char *request, const struct json *body,
                  struct json **ret)
{
    static const uid_t uids[] = {1000, 1001};
    const struct http_server_options options = {
        .tables = register_routes, .context = &site.counter, .uids = uids, .uid_count = 2};
    const struct http_peer peer = {.is_unix = true, .cred = {.uid = who->uid}};
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf bytes = BUF_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    if (body != NULL)
        assert_int_equal(json_write(body, &text, NULL), 0);
    assert_int_equal(buf_append_format(&bytes, NULL, "%s HTTP/1.1\r\nHost: x\r\n", request), 0);
    if (who->token[0] != '\0')
        assert_int_equal(
            buf_append_format(&bytes, NULL, "Authorization: Bearer %s\r\n", who->token), 0);
    if (body != NULL)
        assert_int_equal(buf_append_format(&bytes, NULL,
                                           "Content-Type: application/json\r\n"
                                           "Content-Length: %zu\r\n",
                                           text.len),
                         0);
    assert_int_equal(buf_append_text(&bytes, "\r\n", NULL), 0);
    assert_int_equal(buf_append(&bytes, buf_bytes(&text), NULL), 0);
    assert_int_equal(http_loopback(&options, &peer, buf_bytes(&bytes), &answer, NULL), 0);
    return take_apart(&answer, ret);
}

/* The card's answer to a challenge. */
struct json *who_answer(const struct test_clerk *who, const struct json *challenge)
{
    const struct privkey *key = desks.authority.pki.keys[profiles[CERT_AUTH]];
    CLEANUP(buf_done) struct buf nonce = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct bound bound = {.origin = site_text(challenge, "origin"),
                          .client_id = who->counter,
                          .session = site_text(challenge, "session"),
                          .expires_at = site_number(challenge, "expires_at")};
    struct json *json = json_object_new();
    struct digest digest;

    assert_int_equal(json_get_base64(challenge, "nonce", &nonce, NULL), 0);
    bound.nonce = buf_bytes(&nonce);
    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &signature, NULL), 0);
    put(json, "session", bound.session);
    assert_int_equal(
        json_put_base64(json, "certificate", x509_cert_der(who->certs[CERT_AUTH]), NULL), 0);
    assert_int_equal(json_put_base64(json, "signature", buf_bytes(&signature), NULL), 0);
    return json;
}

unsigned who_log_in(struct test_clerk *who, const char *counter, struct json **ret)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *challenge = NULL;
    CLEANUP(json_freep) struct json *answer = NULL;
    CLEANUP(json_freep) struct json *session = NULL;
    unsigned status;

    put(body, "counter", counter);
    status = desk_ask(who, "POST /v1/challenges", body, &challenge);
    if (status == 201) {
        (void)snprintf(who->counter, sizeof who->counter, "%s", counter);
        answer = who_answer(who, challenge);
        status = desk_ask(who, "POST /v1/sessions", answer, &session);
    } else {
        session = json_steal(&challenge);
    }
    if (status == 201) {
        (void)snprintf(who->session, sizeof who->session, "%s", site_text(session, "session"));
        (void)snprintf(who->token, sizeof who->token, "%s", site_text(session, "token"));
        (void)snprintf(who->id, sizeof who->id, "%s", site_text(session, "clerk"));
    }
    if (ret != NULL) {
        json_freep(ret);
        *ret = json_steal(&session);
    }
    return status;
}

unsigned who_send(const struct test_clerk *who, struct bytes document, const struct told *told,
                  struct json **ret)
{
    CLEANUP(json_freep) struct json *message = json_object_new();
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct test_clerk *signer = told->signer == NULL ? who : told->signer;

    who_sign(signer, told->other_document == NULL ? document : bytes_text(told->other_document),
             &signature);
    assert_int_equal(json_put_base64(message, "request", document, NULL), 0);
    assert_int_equal(json_put_base64(message, "signature", buf_bytes(&signature), NULL), 0);
    return desk_ask(who, "POST /v1/filings", message, ret);
}

unsigned who_file(const struct test_clerk *who, const struct told *told, struct json **ret)
{
    CLEANUP(buf_done) struct buf document = BUF_INIT;

    who_write(who, told, &document);
    return who_send(who, buf_bytes(&document), told, ret);
}

unsigned who_order(const struct test_clerk *who, const char *path, const char *body,
                   struct json **ret)
{
    return who_file(who, &(struct told){.path = path, .body = body}, ret);
}

unsigned who_confirm(const struct test_clerk *who, const struct json *pending, struct json **ret)
{
    char path[FILING_PATH_MAX];
    char body[128];

    (void)snprintf(path, sizeof path, "/v1/filings/%s/confirmation",
                   site_text(pending, "request_id"));
    (void)snprintf(body, sizeof body, "{\"digest\":\"%s\"}", site_text(pending, "digest"));
    return who_order(who, path, body, ret);
}

struct test_clerk who_added(struct test_clerk *by, const char *roles, const char *municipality)
{
    struct test_clerk who = who_new();
    struct applying with = {.municipality = municipality};
    CLEANUP(json_freep) struct json *body = who_apply(&who, &with);
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *answer = NULL;
    struct json *names;
    char counter[COUNTER_LEN + 1];
    const char *told;

    assert_int_equal(json_parse(bytes_text(roles), &names, NULL), 0);
    assert_int_equal(json_put(body, "roles", names, NULL), 0);
    assert_int_equal(json_write(body, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &told, NULL), 0);
    assert_int_equal(who_log_in(by, "000000001", NULL), 201);
    assert_int_equal(who_order(by, "/v1/clerks", told, &answer), 201);
    (void)snprintf(counter, sizeof counter, "%s0001", municipality);
    assert_int_equal(who_log_in(&who, counter, NULL), 201);
    return who;
}

void assert_refused(const struct json *problem, enum refusal refusal)
{
    const char *word = refusal_word(refusal);
    const char *detail = site_text(problem, "detail");

    if (strncmp(detail, word, strlen(word)) != 0 || detail[strlen(word)] != ':')
        fail_msg("%s, not %s", detail, word);
}
