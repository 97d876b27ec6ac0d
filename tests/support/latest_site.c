/* SPDX-License-Identifier: Apache-2.0 */
#include "support/latest_site.h"

#include "authority/party/party.h"
#include "platform/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct latest_site latest_site;

#define site (&latest_site)

/* What the authority's database says of a sign certificate, as a list would. */
static int look(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err)
{
    const struct bytes serial = x509_cert_tbs(question->cert)->serial;
    uint64_t number = 0;
    char sql[128];

    (void)context;
    (void)err;
    for (size_t i = 0; i < serial.len; i++)
        number = number << 8 | serial.ptr[i];
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM revocation WHERE kind = 'sign' AND serial = %llu",
                   (unsigned long long)number);
    *ret = (struct status){.answer = STATUS_GOOD};
    if (site->is_blind)
        report_add(report, REASON_OCSP_UNAVAILABLE);
    else if (authority_site_count(&site->at.authority, sql) > 0)
        report_add(report, REASON_REVOKED);
    return 0;
}

int latest_site_make(void **state)
{
    (void)state;
    door_site_make(&site->at);
    return 0;
}

int latest_site_done(void **state)
{
    (void)state;
    door_site_done(&site->at);
    return 0;
}

static void give_notice(void)
{
    static const struct notice notices[] = {{"bank", "見本銀行", "accounts", "口座"},
                                            {"bank", "見本銀行", "loans", "貸付"},
                                            {"shop", "見本商店", "orders", "注文"}};
    const struct audit_origin by = audit_by_self(SITE_NOW);

    for (size_t i = 0; i < sizeof notices / sizeof notices[0]; i++)
        assert_int_equal(
            authority_give_notice(site->at.authority.store, SITE_PARTY, &notices[i], &by, NULL), 0);
}

static void open_front(void)
{
    site->front = httpserver_start(
        (struct http_server_options){.tables = platform_routes,
                                     .context = &site->at.platform.platform,
                                     .worker_open = signer_worker_open,
                                     .worker_close = signer_worker_close});
}

int latest_site_open(void **state)
{
    (void)state;
    door_site_open(&site->at);
    give_notice();
    site->status = (struct status_source){look, NULL};
    site->is_blind = false;
    site->at.platform.platform.status = &site->status;
    open_front();
    return signer_open("", &site->signer, NULL);
}

int latest_site_close(void **state)
{
    (void)state;
    json_freep(&site->body);
    signer_closep(&site->signer);
    httpserver_done(&site->front);
    door_site_close(&site->at);
    return 0;
}

void latest_site_restart(void)
{
    struct platform *platform = &site->at.platform.platform;

    httpserver_done(&site->front);
    platform_store_closep(&platform->store);
    assert_int_equal(platform_store_open(site->at.platform.database, &platform->store, NULL), 0);
    open_front();
}

void latest_site_pass(int64_t seconds)
{
    door_site_later(&site->at, seconds);
}

void latest_site_look(void)
{
    struct err err = {0};

    if (watch_round(&site->at.platform.platform, site->signer, 86400, &err) < 0)
        fail_msg("%s", err.text);
}

static unsigned call(const char *key, const char *method, const char *path, const struct json *body)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    char bearer[128];
    const struct fetch_field fields[] = {{"Authorization", bearer}, {NULL, NULL}};
    const struct fetch_request request = {.method = method,
                                          .socket = site->front->path,
                                          .url = path,
                                          .body = body,
                                          .fields = fields,
                                          .timeout_ms = 60000,
                                          .problem = site->problem};
    struct err err = {0};

    (void)snprintf(bearer, sizeof bearer, "Bearer %s", key);
    json_freep(&site->body);
    if (fetch(&request, &response, &err) < 0) {
        if (err.detail == 0)
            fail_msg("%s", err.text);
        return err.detail;
    }
    site->body = json_steal(&response.json);
    return response.status;
}

unsigned latest_site_call(const char *key, const char *path, const char *body)
{
    CLEANUP(json_freep) struct json *json = NULL;

    if (body != NULL)
        assert_int_equal(json_parse(bytes_text(body), &json, NULL), 0);
    return call(key, NULL, path, json);
}

unsigned latest_site_post(const char *key, const char *path)
{
    return call(key, "POST", path, NULL);
}

unsigned latest_site_delete(const char *key, const char *path)
{
    return call(key, "DELETE", path, NULL);
}

const char *latest_site_text(const char *member)
{
    return site_text(site->body, member);
}

int64_t latest_site_number(const char *member)
{
    return site_number(site->body, member);
}

static void sign_with(uint32_t serial, const struct privkey *key, struct bytes document,
                      struct json *body)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;
    const char *text;

    authority_site_certificate(&site->at.authority, CA_SIGN, serial, &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    platform_site_encrypt(&site->at.platform, cert, &jwe);
    assert_int_equal(buf_text(&jwe, &text, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, document, &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &signature, NULL), 0);
    assert_int_equal(json_put_base64(body, "document", document, NULL), 0);
    assert_int_equal(json_put_base64(body, "signature", buf_bytes(&signature), NULL), 0);
    assert_int_equal(json_put_text(body, "certificate", text, NULL), 0);
}

unsigned latest_site_consent(const char *key, const struct latest_consent *consent)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    const struct privkey *signer = site->at.authority.pki.keys[PROFILE_SIGN];
    struct consent_text text = {.is_withdrawal = consent->attributes == 0,
                                .verifier = SITE_PARTY,
                                .attributes = consent->attributes,
                                .at = site->at.platform.clock.fixed};

    (void)snprintf(text.provider, sizeof text.provider, "%s", consent->provider);
    (void)snprintf(text.service, sizeof text.service, "%s", consent->service);
    assert_int_equal(consent_xml_write(&text, &document, NULL), 0);
    sign_with(consent->serial, consent->signer == NULL ? signer : consent->signer,
              buf_bytes(&document), body);
    return call(key, NULL, text.is_withdrawal ? "/v1/consent-withdrawals" : "/v1/consents", body);
}

void latest_site_consented(uint32_t serial, unsigned attributes, char ret[HOLDER_NAME_SIZE])
{
    const struct latest_consent consent = {serial, "bank", "accounts", attributes, NULL};

    assert_int_equal(latest_site_consent(LATEST_SITE_BANK, &consent), 201);
    (void)snprintf(ret, HOLDER_NAME_SIZE, "%s", latest_site_text("holder"));
    latest_site_pass(86400);
}
