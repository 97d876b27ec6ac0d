/* SPDX-License-Identifier: Apache-2.0 */
#include "support/authority_site.h"

#include "authority/feed/store.h"
#include "authority/party/party.h"
#include "authority/store_sqlite.h"
#include "docsign/cms.h"
#include "http/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ASKER_SERIAL = 4000000, YEAR = 365 * 86400 };

static const struct {
    enum profile_kind ca, holder;
} profiles[CA_KINDS_] = {
    [CA_SIGN] = {PROFILE_SIGN_CA, PROFILE_SIGN},
    [CA_AUTH] = {PROFILE_AUTH_CA, PROFILE_AUTH},
};

void authority_site_make(struct authority_site *site)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct profile_inputs inputs;

    test_pki_make(&site->pki);
    assert_int_equal(privkey_generate(SUBJECT_KEY_BITS, &site->key, NULL), 0);
    assert_int_equal(privkey_spki(site->key, &spki, NULL), 0);
    inputs = test_pki_inputs(&site->pki, PROFILE_AUTH);
    inputs.serial = ASKER_SERIAL;
    inputs.spki = buf_bytes(&spki);
    test_pki_issue(&site->pki, PROFILE_AUTH, &inputs, &site->cert);
}

void authority_site_done(struct authority_site *site)
{
    x509_cert_freep(&site->cert);
    privkey_freep(&site->key);
    test_pki_done(&site->pki);
}

static struct audit_origin by(const struct authority_site *site)
{
    return audit_by_uid(site->clock.fixed, 1000, NULL);
}

static void make_ca(struct authority_site *site, enum ca_kind kind)
{
    const struct x509_cert *ca = site->pki.certs[profiles[kind].ca];
    const struct audit_origin origin = by(site);

    assert_int_equal(authority_begin_ca(site->store, kind, bytes_text("t"), NULL), 0);
    assert_int_equal(authority_finish_ca(site->store, kind, x509_cert_der(ca), &origin, NULL), 0);
}

void authority_site_open(struct authority_site *site)
{
    bool is_new;

    site->dir = tempdir_make();
    site->clock = clock_fixed(SITE_NOW);
    site->requests = 0;
    (void)tempdir_file(&site->dir, "a.db", site->path);
    assert_int_equal(authority_store_open(site->path, &site->store, NULL), 0);
    site->authority = (struct authority){.store = site->store,
                                         .clock = &site->clock,
                                         .holder_origin = SITE_ORIGIN,
                                         .verifier_origin = SITE_ORIGIN};
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        make_ca(site, (enum ca_kind)kind);
    assert_int_equal(authority_load_cas(&site->authority, NULL), 0);
    const struct audit_origin origin = by(site);
    assert_int_equal(authority_add_verifier(site->store, SITE_PARTY, x509_cert_der(site->cert),
                                            &origin, &is_new, NULL),
                     0);
}

void authority_site_close(struct authority_site *site)
{
    authority_unload_cas(&site->authority);
    authority_store_closep(&site->store);
    tempdir_done(&site->dir);
}

void authority_site_reopen(struct authority_site *site)
{
    authority_store_closep(&site->store);
    assert_int_equal(authority_store_open(site->path, &site->store, NULL), 0);
    site->authority.store = site->store;
}

/* Instead of a TBSCertificate: what is signed is made when the number is known. */
static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    (void)context;
    return buf_append_format(ret, err, "tbs %u", serial);
}

/* What is issued. */
struct wish {
    enum ca_kind kind;
    const char *subject;
    const struct holder *holder; /* NULL: of the test PKI */
    bool is_for_phone;
};

static uint32_t issue(struct authority_site *site, const struct wish *wish)
{
    const enum ca_kind kind = wish->kind;
    const int64_t now = site->clock.fixed;
    const struct audit_origin origin = by(site);
    struct reservation r = {.kind = kind,
                            .subject = wish->subject,
                            .is_for_phone = wish->is_for_phone,
                            .now = now,
                            .not_after = now + 4 * (int64_t)YEAR,
                            .build = build};
    struct profile_inputs inputs = test_pki_inputs(&site->pki, profiles[kind].holder);
    CLEANUP(record_done) struct record record = RECORD_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct completion completion = {.kind = kind, .by = &origin};
    char id[32];

    (void)snprintf(id, sizeof id, "issue-%u", ++site->requests);
    r.request_id = id;
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(id), &r.key, NULL), 0);
    r.fingerprint = r.key;
    assert_int_equal(authority_reserve(site->store, &r, &record, NULL), 0);
    inputs.serial = record.serial;
    inputs.spki = test_pki_spki(&site->pki, profiles[kind].holder);
    inputs.not_before = now;
    inputs.not_after = r.not_after;
    if (wish->holder != NULL)
        inputs.holder = wish->holder;
    test_pki_issue(&site->pki, profiles[kind].holder, &inputs, &cert);
    completion.serial = record.serial;
    completion.certificate = x509_cert_der(cert);
    assert_int_equal(authority_complete(site->store, &completion, NULL), 0);
    return record.serial;
}

uint32_t authority_site_issue(struct authority_site *site, enum ca_kind kind, const char *subject)
{
    return issue(site, &(struct wish){.kind = kind, .subject = subject});
}

uint32_t authority_site_issue_to(struct authority_site *site, const char *subject,
                                 const struct holder *holder)
{
    return issue(site, &(struct wish){.kind = CA_SIGN, .subject = subject, .holder = holder});
}

uint32_t authority_site_enrol(struct authority_site *site, uint32_t sign, uint32_t auth)
{
    const struct audit_origin origin = by(site);
    struct phone phone = {.card = sign, .card_auth = auth, .now = origin.at, .by = &origin};
    char id[32];

    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        phone.serials[kind] = issue(
            site, &(struct wish){.kind = (enum ca_kind)kind, .is_for_phone = true});
    (void)snprintf(id, sizeof id, "phone-%u", ++site->requests);
    phone.request_id = id;
    assert_int_equal(authority_keep_phone(site->store, &phone, NULL), 0);
    return phone.serials[CA_AUTH];
}

void authority_site_certificate(struct authority_site *site, enum ca_kind kind, uint32_t serial,
                                struct buf *ret)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;

    assert_int_equal(authority_get_record(site->store, kind, serial, &record, NULL), 0);
    buf_done(ret);
    buf_move(ret, &record.certificate);
}

void authority_site_revoke(struct authority_site *site, enum ca_kind kind, uint32_t serial,
                           enum crl_reason reason)
{
    const struct audit_origin origin = by(site);
    struct revocation_request request = {
        .kind = kind, .serial = serial, .reason = reason, .by = &origin};
    struct revoked revoked;
    char id[32];

    (void)snprintf(id, sizeof id, "revoke-%u", ++site->requests);
    request.request_id = id;
    assert_int_equal(authority_revoke(&site->authority, &request, &revoked, NULL), 0);
}

int64_t authority_site_count(struct authority_site *site, const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    assert_int_equal(db_begin_read(site->store->db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &count, NULL), 0);
    return count;
}

void site_sign(struct authority_site *site, struct bytes document, const struct privkey *key,
               const struct x509_cert *cert, struct buf *ret)
{
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    assert_int_equal(digest_compute(DIGEST_SHA256, document, &digest, NULL), 0);
    assert_int_equal(cms_prepare(&digest, cert, site->clock.fixed, &attributes, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&attributes), &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &signature, NULL), 0);
    buf_done(ret);
    assert_int_equal(
        cms_complete(buf_bytes(&attributes), buf_bytes(&signature), cert, NULL, ret, NULL), 0);
}

/* Status line and header off. */
static unsigned take_apart(struct buf *answer, struct json **ret_body)
{
    const uint8_t *body = memmem(answer->ptr, answer->len, "\r\n\r\n", 4);
    size_t at;

    assert_non_null(body);
    at = (size_t)(body - answer->ptr) + 4;
    json_freep(ret_body);
    if (at < answer->len && answer->ptr[at] == '{')
        assert_int_equal(json_parse(bytes_of(answer->ptr + at, answer->len - at), ret_body, NULL),
                         0);
    return (unsigned)strtoul((const char *)answer->ptr + strlen("HTTP/1.1 "), NULL, 10);
}

unsigned site_post(struct authority_site *site, const char *path, struct bytes request,
                   struct bytes signature, struct json **ret_body)
{
    const struct http_server_options options = {.tables = authority_asked_routes,
                                                .context = &site->authority};
    const struct http_peer peer = {.is_unix = false};
    CLEANUP(json_freep) struct json *outer = json_object_new();
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    CLEANUP(buf_done) struct buf bytes = BUF_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    assert_int_equal(json_put_base64(outer, "request", request, NULL), 0);
    assert_int_equal(json_put_base64(outer, "signature", signature, NULL), 0);
    assert_int_equal(json_write(outer, &body, NULL), 0);
    assert_int_equal(buf_append_format(&bytes, NULL,
                                       "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                       "application/json\r\nContent-Length: %zu\r\n\r\n",
                                       path, body.len),
                     0);
    assert_int_equal(buf_append(&bytes, buf_bytes(&body), NULL), 0);
    assert_int_equal(http_loopback(&options, &peer, buf_bytes(&bytes), &answer, NULL), 0);
    return take_apart(&answer, ret_body);
}

static void put_frame(struct authority_site *site, const char *act, struct json *request)
{
    uint8_t nonce[NONCE_SIZE] = {(uint8_t)(site->requests >> 8), (uint8_t)site->requests};
    char id[32];

    site->requests++;
    (void)snprintf(id, sizeof id, "ask-%u", site->requests);
    if (!json_has(request, "origin"))
        assert_int_equal(json_put_text(request, "origin", SITE_ORIGIN, NULL), 0);
    if (!json_has(request, "act"))
        assert_int_equal(json_put_text(request, "act", act, NULL), 0);
    if (!json_has(request, "at"))
        assert_int_equal(json_put_int(request, "at", site->clock.fixed, NULL), 0);
    if (!json_has(request, "nonce"))
        assert_int_equal(json_put_base64(request, "nonce", BYTES_ARRAY(nonce), NULL), 0);
    if (!json_has(request, "request_id"))
        assert_int_equal(json_put_text(request, "request_id", id, NULL), 0);
}

unsigned site_ask(struct authority_site *site, const char *act, const char *path,
                  struct json **ret_body, const char *format, ...)
{
    CLEANUP(json_freep) struct json *request = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    char members[8192];
    char object[sizeof members + 2];
    va_list arguments;

    va_start(arguments, format);
    assert_in_range(vsnprintf(members, sizeof members, format, arguments), 0, sizeof members - 1);
    va_end(arguments);
    (void)snprintf(object, sizeof object, "{%s}", members);
    assert_int_equal(json_parse(bytes_text(object), &request, NULL), 0);
    put_frame(site, act, request);
    assert_int_equal(json_write(request, &text, NULL), 0);
    site_sign(site, buf_bytes(&text), site->key, site->cert, &signature);
    return site_post(site, path, buf_bytes(&text), buf_bytes(&signature), ret_body);
}

const char *site_text(const struct json *body, const char *key)
{
    const char *text = NULL;

    assert_int_equal(json_get_text(body, key, &text, NULL), 0);
    return text;
}

int64_t site_number(const struct json *body, const char *key)
{
    int64_t number = -1;

    assert_int_equal(json_get_int(body, key, &number, NULL), 0);
    return number;
}

void site_keep_feed_item(const struct authority_site *site, unsigned generation,
                         const struct buf *signed_item)
{
    const struct audit_origin by = audit_by_self(SITE_NOW);
    const struct feed_id feed = {CA_AUTH, generation};
    struct bytes rest = buf_bytes(signed_item);
    struct feed_item item;

    assert_int_equal(feed_item_next(&rest, &item, NULL), 0);
    assert_int_equal(authority_add_feed_item(site->store, feed, &item, &by, NULL), 0);
}
