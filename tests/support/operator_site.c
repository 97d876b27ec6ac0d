/* SPDX-License-Identifier: Apache-2.0 */
#include "support/operator_site.h"

#include "http/engine.h"
#include "rpc/signer_worker.h"
#include "x509/pem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct test_pki pki;
static char shown[WHO_NOBODY][8192]; /* as a header line */

static void write_field(const struct x509_cert *certificate, char *ret, size_t size)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    int len = snprintf(ret, size, "X-SSL-Client-Cert: ");

    assert_int_equal(pem_append(&pem, "CERTIFICATE", x509_cert_der(certificate), NULL), 0);
    for (size_t i = 0; i < pem.len; i++) {
        const char c = (char)pem.ptr[i];

        len += snprintf(ret + len, size - (size_t)len,
                        strchr(" \n+/=", c) == NULL ? "%c" : "%%%02X", c);
    }
    (void)snprintf(ret + len, size - (size_t)len, "\r\n");
}

void operator_site_certificates(void)
{
    struct profile_inputs inputs;
    struct x509_cert *late;

    test_pki_make_kind(&pki, KEY_P384);
    write_field(pki.certs[PROFILE_SIGN], shown[WHO_BANK], sizeof shown[0]);
    write_field(pki.certs[PROFILE_AUTH], shown[WHO_SHOP], sizeof shown[0]);
    inputs = test_pki_inputs(&pki, PROFILE_AUTH);
    inputs.spki = test_pki_spki(&pki, PROFILE_AUTH);
    inputs.not_after = PORTAL_SITE_NOW - 1;
    test_pki_issue(&pki, PROFILE_AUTH, &inputs, &late);
    write_field(late, shown[WHO_LATE], sizeof shown[0]);
    x509_cert_free(late);
}

void operator_site_forget(void)
{
    test_pki_done(&pki);
}

void operator_site_digest(enum operator_who who, struct digest *ret)
{
    const struct x509_cert *certificate = pki.certs[who == WHO_BANK ? PROFILE_SIGN : PROFILE_AUTH];

    assert_int_equal(digest_compute(DIGEST_SHA256, x509_cert_der(certificate), ret, NULL), 0);
}

void operator_site_open(struct portal_site *site)
{
    static const uid_t proxies[] = {OPERATOR_SITE_PROXY};

    site->portal.proxies.uids = proxies;
    site->portal.proxies.count = 1;
    site->portal.door_origin = OPERATOR_SITE_DOOR;
}

struct portal_answer operator_ask_as(struct portal_site *site, uid_t uid, enum operator_who who,
                                     const char *line, const char *fields, const char *type,
                                     const char *body)
{
    const struct http_peer peer = {.is_unix = uid != 0, .cred = {.uid = uid}};
    const struct http_server_options options = {.tables = portal_door_routes,
                                                .context = &site->portal,
                                                .worker_open = signer_worker_open,
                                                .worker_close = signer_worker_close};
    struct portal_answer answer = {.status = 0};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    const char *text, *found;

    assert_int_equal(buf_append_format(&request, NULL, "%s HTTP/1.1\r\nHost: api\r\n%s%s", line,
                                       who == WHO_NOBODY ? "" : shown[who], fields),
                     0);
    if (body != NULL)
        assert_int_equal(buf_append_format(&request, NULL,
                                           "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                                           type, strlen(body), body),
                         0);
    else
        assert_int_equal(buf_append_text(&request, "\r\n", NULL), 0);
    assert_int_equal(http_loopback(&options, &peer, buf_bytes(&request), &answer.text, NULL), 0);
    assert_int_equal(buf_text(&answer.text, &text, NULL), 0);
    assert_int_equal(sscanf(text, "HTTP/1.1 %u", &answer.status), 1);
    found = strstr(text, "\r\n\r\n");
    if (found != NULL && found[4] == '{')
        assert_int_equal(json_parse(bytes_text(found + 4), &answer.json, NULL), 0);
    return answer;
}

struct portal_answer operator_ask(struct portal_site *site, enum operator_who who, const char *line,
                                  const char *fields, const char *type, const char *body)
{
    return operator_ask_as(site, OPERATOR_SITE_PROXY, who, line, fields, type, body);
}

/* ---- services ---- */

static const char metadata[] =
    "{\"client_name\": \"見本銀行\", \"client_name_en\": \"Sample Bank\","
    " \"purpose\": \"住宅ローンの審査\", \"purpose_en\": \"To decide on a loan\","
    " \"actor\": \"private\", \"sector\": \"finance\", \"environment\": \"test\","
    " \"apis\": [\"self-information\", \"medical-insurance\", \"notices\","
    " \"notice-sending\", \"e-application\"],"
    " \"infos\": [\"TM00000000000001\", \"TM00000000000002\", \"TM99000000000101\"],"
    " \"redirect_uris\": [\"https://bank.example/back\"],"
    " \"token_endpoint_auth_method\": \"self_signed_tls_client_auth\","
    " \"review\": {\"body\": \"a bank\", \"purpose\": \"loans\", \"law\": \"banking act\","
    " \"value\": \"no papers\", \"support\": \"a desk\"}}";

static void replace(struct json *object, const char *member, const struct json *other)
{
    const struct json *found = NULL;
    const char *text;
    struct json *copy;

    if (json_get_text(other, member, &text, NULL) == 0) {
        assert_int_equal(json_put_text(object, member, text, NULL), 0);
        return;
    }
    if (json_get_array(other, member, &found, NULL) < 0)
        assert_int_equal(json_get_object(other, member, &found, NULL), 0);
    assert_int_equal(json_duplicate(found, &copy, NULL), 0);
    assert_int_equal(json_put(object, member, copy, NULL), 0);
}

void operator_metadata(const char *changes, struct buf *ret)
{
    CLEANUP(json_freep) struct json *object = NULL;
    CLEANUP(json_freep) struct json *other = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    static const char *const members[] = {"client_name", "client_name_en",
                                          "purpose",     "purpose_en",
                                          "actor",       "sector",
                                          "environment", "apis",
                                          "infos",       "redirect_uris",
                                          "review",      "callback_uri",
                                          "jwks",        "token_endpoint_auth_method",
                                          "test_client"};

    assert_int_equal(json_parse(bytes_text(metadata), &object, NULL), 0);
    assert_int_equal(buf_append_format(&text, NULL, "{%s}", changes), 0);
    assert_int_equal(json_parse(buf_bytes(&text), &other, NULL), 0);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (json_has(other, members[i]))
            replace(object, members[i], other);
    }
    assert_int_equal(json_write(object, ret, NULL), 0);
}

void operator_service_add(struct portal_site *site, enum operator_who who, const char *changes,
                          enum operator_state state, struct operator_service *ret)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = {.status = 0};
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const char *text;

    operator_metadata(changes, &body);
    assert_int_equal(buf_text(&body, &text, NULL), 0);
    answer = operator_ask(site, who, "POST /v1/clients", "", "application/json", text);
    assert_int_equal(answer.status, 201);
    ret->who = who;
    (void)snprintf(ret->id, sizeof ret->id, "%s", portal_text(&answer, "client_id"));
    (void)snprintf(ret->secret, sizeof ret->secret, "%s",
                   portal_text(&answer, "registration_access_token"));
    if (state != OPERATOR_APPLIED)
        assert_int_equal(operator_judge(site, ret->id, "approved", "", ""), 200);
}

unsigned operator_review(struct portal_site *site, const char *id, const char *state,
                         const char *reason)
{
    return operator_judge(site, id, state, reason, NULL);
}

unsigned operator_judge(struct portal_site *site, const char *id, const char *state,
                        const char *reason, const char *unmet)
{
    struct json *body = json_object_new();
    struct json *verdicts = json_object_new();
    char line[64];

    for (size_t i = 0; unmet != NULL && operator_viewpoints[i] != NULL; i++)
        assert_int_equal(json_put_text(verdicts, operator_viewpoints[i],
                                       strcmp(operator_viewpoints[i], unmet) == 0 ? "unmet" : "met",
                                       NULL),
                         0);
    if (unmet != NULL)
        assert_int_equal(json_put(body, "verdicts", json_steal(&verdicts), NULL), 0);
    json_freep(&verdicts);
    (void)snprintf(line, sizeof line, "PUT /v1/operators/%s/state", id);
    assert_int_equal(json_put_text(body, "state", state, NULL), 0);
    assert_int_equal(json_put_text(body, "reason", reason, NULL), 0);
    return portal_operate(site, PORTAL_SITE_OPERATOR, line, body);
}
