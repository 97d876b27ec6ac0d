/* SPDX-License-Identifier: Apache-2.0 */
#include "support/codes_site.h"

#include "base/hex.h"
#include "base/sock.h"
#include "crypto/jwe.h"
#include "http/engine.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const uid_t portal[] = {PORTAL_UID};
static const uid_t programs[] = {CLERK_UID};
const struct codes_setup codes_site_setup = {"/nowhere", "exchange", portal, 1};
struct codes_site codes_site;

void codes_start_authority(bool is_peer)
{
    static uid_t uids[1];
    const struct http_server_options options = {.tables = authority_routes,
                                                .context = &codes_site.authority.authority,
                                                .uids = uids,
                                                .uid_count = 1};
    int fd;

    uids[0] = is_peer ? getuid() : getuid() + 1;
    assert_int_equal(sock_listen(site.authority, 0600, &fd, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &codes_site.server, NULL), 0);
}

void codes_stop_authority(void)
{
    http_server_stopp(&codes_site.server);
    (void)unlink(site.authority);
}

int codes_make(void **state)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    authority_site_make(&codes_site.authority);
    if (site_make_pki(state) < 0 || privkey_generate(2048, &codes_site.key, NULL) < 0)
        return -1;
    assert_int_equal(privkey_spki(codes_site.key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_rsa(buf_bytes(&spki), &codes_site.public, NULL), 0);
    return 0;
}

int codes_release(void **state)
{
    privkey_freep(&codes_site.key);
    pubkey_freep(&codes_site.public);
    authority_site_done(&codes_site.authority);
    return site_release_pki(state);
}

void codes_site_open(void)
{
    struct err err = {0};

    if (codes_open(&codes_site_setup, site.store, &codes_site.codes, &err) < 0)
        fail_msg("%s", err.text);
    site.counter.codes = codes_site.codes;
}

int codes_set_up(void **state)
{
    token_signer = (struct token_signer){.key = codes_site.key};
    if (site_set_up_hanako(state) < 0)
        return -1;
    authority_site_open(&codes_site.authority);
    codes_start_authority(true);
    codes_site_open();
    return 0;
}

int codes_tear_down(void **state)
{
    codes_freep(&codes_site.codes);
    site.counter.codes = NULL;
    if (codes_site.server != NULL)
        codes_stop_authority();
    authority_site_close(&codes_site.authority);
    return site_tear_down(state);
}

void codes_post(uid_t uid, const char *path, const char *body, struct codes_answer *ret)
{
    const struct http_peer peer = {.is_unix = true, .cred = {.uid = uid}};
    const struct http_server_options options = {
        .tables = register_routes, .context = &site.counter, .uids = programs, .uid_count = 1};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    const char *text;

    assert_int_equal(buf_append_format(&request, NULL,
                                       "POST %s HTTP/1.1\r\nHost: x\r\n"
                                       "Content-Type: application/json\r\n"
                                       "Content-Length: %zu\r\n\r\n%s",
                                       path, strlen(body), body),
                     0);
    assert_int_equal(http_loopback(&options, &peer, buf_bytes(&request), &answer, NULL), 0);
    assert_int_equal(buf_text(&answer, &text, NULL), 0);
    assert_int_equal(sscanf(text, "HTTP/1.1 %u", &ret->status), 1);
    text = strstr(text, "\r\n\r\n");
    (void)snprintf(ret->text, sizeof ret->text, "%s", text == NULL ? "" : text + 4);
}

void codes_encrypt(const struct pubkey *to, const char *claims, char ret[2048])
{
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    const char *text;

    assert_int_equal(jwe_encrypt(to, bytes_text(claims), &compact, NULL), 0);
    assert_int_equal(buf_text(&compact, &text, NULL), 0);
    (void)snprintf(ret, 2048, "%s", text);
}

void codes_claim_of(const struct tbs *tbs, int64_t serial, int64_t made_at, char ret[256])
{
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    const char *text;

    assert_int_equal(hex_append(&issuer, tbs->authority_key_id, NULL), 0);
    assert_int_equal(buf_text(&issuer, &text, NULL), 0);
    (void)snprintf(ret, 256, "{\"issuer_key_id\": \"%s\", \"serial\": \"%lld\", \"iat\": %lld}",
                   text, (long long)serial, (long long)made_at);
}

void codes_claim(int64_t serial, int64_t made_at, char ret[256])
{
    codes_claim_of(x509_cert_tbs(site_pki.certs[PROFILE_AUTH]), serial, made_at, ret);
}

int64_t codes_auth_serial(void)
{
    return (int64_t)tbs_serial_number(x509_cert_tbs(site_pki.certs[PROFILE_AUTH]));
}

void codes_ask_with(uid_t uid, const char *claims, const char *bodies, struct codes_answer *ret)
{
    char reference[2048];
    char body[4096];

    codes_encrypt(codes_site.public, claims, reference);
    (void)snprintf(body, sizeof body, "{\"person_reference\": \"%s\", \"bodies\": %s}", reference,
                   bodies);
    codes_post(uid, "/v1/exchange-codes", body, ret);
}

void codes_ask(const char *bodies, struct codes_answer *ret)
{
    char claims[256];

    codes_claim(codes_auth_serial(), clock_now(&site.clock), claims);
    codes_ask_with(PORTAL_UID, claims, bodies, ret);
}

size_t codes_logged(const char *act, const char *outcome)
{
    CLEANUP(json_freep) struct json *log = NULL;
    const struct json *records;
    size_t count = 0;

    assert_int_equal(audit_list(register_store_db(site.store), NULL, &log, NULL), 0);
    assert_int_equal(json_get_array(log, "records", &records, NULL), 0);
    for (size_t i = 0; i < json_count(records); i++) {
        const char *name;
        const char *how = "";

        assert_int_equal(json_get_text(json_at(records, i), "act", &name, NULL), 0);
        (void)!json_get_text(json_at(records, i), "outcome", &how, NULL);
        count += strcmp(name, act) == 0 && strcmp(how, outcome) == 0 ? 1 : 0;
    }
    return count;
}

void codes_extract(uid_t uid, const char *claims, const char *extent, struct codes_answer *ret)
{
    char reference[2048], body[4096];

    codes_encrypt(codes_site.public, claims, reference);
    (void)snprintf(body, sizeof body, "{\"person_reference\": \"%s\", \"extent\": \"%s\"}",
                   reference, extent);
    codes_post(uid, "/v1/extracts", body, ret);
}
