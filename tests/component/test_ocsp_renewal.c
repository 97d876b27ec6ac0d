/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Responders' certificates that follow others, out of files and from an authority that says what a
 * test has it say: what does not fit changes nothing.
 */
#include "ocsp/renewal.h"

#include "support/httpclient.h"
#include "support/ocsp_appoint.h"
#include "support/signer_site.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { DAY = 86400, NOW = TEST_PKI_NOW };

static struct test_pki pki;
static struct signer_site site;
static pid_t signerd;
static struct httpserver *authority;
static struct ocsp_index at;
static struct clock now;
static struct renewal_options options;

/* What the authority gives: a certificate, or, if there is none, a refusal. */
static struct x509_cert *given;
static _Atomic int64_t asked_for; /* number of the certificate that is to be followed */

static int post_renewal(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    int64_t serial;

    TRY(json_get_int(call->request.json, "serial", &serial, err));
    asked_for = serial;
    if (given == NULL)
        return FAIL(err, ERR_CONFLICT, "certificate %d is over", (int)serial);
    TRY(json_put_base64(body, "certificate", x509_cert_der(given), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_member asked_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA"},
    {"serial", HTTP_INT, HTTP_REQUIRED, "number"},
    {NULL},
};
static const struct http_member given_members[] = {
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "DER"},
    {NULL},
};
static const struct http_answer given_answers[] = {{200, "the next one", given_members}, {0}};
static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/responders/renewals",
     .access = &http_anyone,
     .body = asked_members,
     .handle = post_renewal,
     .operation = "renew",
     .summary = "Renew",
     .answers = given_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};

static void start_signerd(void)
{
    char more[256];

    signer_site_make(&site, &pki, geteuid());
    signer_site_add_key(&site, "ocsp-sign", pki.keys[PROFILE_OCSP_SIGN]);
    signer_site_add_key(&site, "ocsp-auth", pki.keys[PROFILE_OCSP_AUTH]);
    signer_site_add_key(&site, "other", pki.keys[PROFILE_AUTH]);
    (void)snprintf(more, sizeof more,
                   "[key ocsp-sign]\nrole = ocsp\nallow_uid = %u\n"
                   "[key ocsp-auth]\nrole = ocsp\nallow_uid = %u\n"
                   "[key other]\nrole = ocsp\nallow_uid = %u\n",
                   (unsigned)geteuid(), (unsigned)geteuid(), (unsigned)geteuid());
    signer_site_configure(&site, "64102", more);
    signerd = signer_site_start(&site, 1000);
}

static int set_up_site(void **state)
{
    (void)state;
    test_pki_make(&pki);
    start_signerd();
    authority = httpserver_start((struct http_server_options){.routes = routes, .workers = 1});
    return 0;
}

static int tear_down_site(void **state)
{
    (void)state;
    httpserver_done(&authority);
    assert_int_equal(signer_site_stop(signerd, SIGTERM), 0);
    signer_site_done(&site);
    test_pki_done(&pki);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    now = clock_fixed(NOW);
    options = (struct renewal_options){
        .index = &at, .clock = &now, .signer = site.socket, .authority = authority->path};
    assert_int_equal(ocsp_index_init(&at, NULL), 0);
    return test_appoint_pki(&at, &pki);
}

static int tear_down(void **state)
{
    (void)state;
    x509_cert_freep(&given);
    ocsp_index_done(&at);
    return 0;
}

/* A certificate of the sign CA's responder, for the key of some kind. */
static struct x509_cert *certificate(enum profile_kind key, int64_t from, int64_t to)
{
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_OCSP_SIGN);
    struct x509_cert *cert = NULL;

    inputs.spki = test_pki_spki(&pki, key);
    inputs.serial = 77;
    inputs.not_before = from;
    inputs.not_after = to;
    test_pki_issue(&pki, PROFILE_OCSP_SIGN, &inputs, &cert);
    return cert;
}

/* What now answers for the sign CA. */
static struct bytes answering(void)
{
    return x509_cert_der(ocsp_delegates_find(at.delegates, OCSP_CA_SIGN)->certificate);
}

static bool answers_as_before(void)
{
    return bytes_equal(answering(), x509_cert_der(pki.certs[PROFILE_OCSP_SIGN]));
}

static int64_t end_of_the_first(void)
{
    return x509_cert_tbs(pki.certs[PROFILE_OCSP_SIGN])->not_after;
}

/* As a reload does, with another certificate and key of the sign CA. */
static int take(const char *key, const struct x509_cert *cert, struct err *err)
{
    const struct ocsp_appointment list[] = {
        {OCSP_CA_SIGN, key, x509_cert_der(pki.certs[PROFILE_SIGN_CA]), x509_cert_der(cert)},
        {OCSP_CA_AUTH, "ocsp-auth", x509_cert_der(pki.certs[PROFILE_AUTH_CA]),
         x509_cert_der(pki.certs[PROFILE_OCSP_AUTH])}};
    CLEANUP(ocsp_delegates_releasep) struct ocsp_delegates *others = NULL;

    assert_int_equal(ocsp_delegates_new(&others, NULL), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(ocsp_delegates_add(others, &list[i], NULL), 0);
    return renewal_take(&options, others, err);
}

static void files_that_cannot_answer_are_not_taken(void **state)
{
    CLEANUP(x509_cert_freep) struct x509_cert *over = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *early = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *other = NULL;
    struct err err = {0};

    (void)state;
    over = certificate(PROFILE_AUTH, NOW - DAY, NOW);
    early = certificate(PROFILE_AUTH, NOW + 1, NOW + DAY);
    other = certificate(PROFILE_AUTH, NOW, NOW + DAY);
    assert_int_equal(take("other", over, &err), -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "has expired at 2026-09-21T14:13:20Z"));
    assert_int_equal(take("other", early, &err), -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "begins only at 2026-09-21T14:13:21Z"));
    assert_int_equal(take("ocsp-sign", other, &err), -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "is not for signerd's key ocsp-sign"));
    assert_int_equal(take("nothing", other, &err), -ERR_ABSENT);
    options.signer = "/nonexistent/s.sock";
    assert_int_equal(take("other", other, &err), -ERR_REMOTE);
    assert_true(answers_as_before());
    options.signer = site.socket;
    assert_int_equal(take("other", other, &err), 0);
    assert_true(bytes_equal(answering(), x509_cert_der(other)));
}

static void what_the_authority_gives_must_fit(void **state)
{
    const struct ocsp_delegate *delegate = ocsp_delegates_find(at.delegates, OCSP_CA_SIGN);
    struct err err = {0};

    (void)state;
    assert_int_equal(renewal_fetch(&options, delegate, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "is over"));
    assert_int_equal(asked_for, tbs_serial_number(x509_cert_tbs(delegate->certificate)));
    given = certificate(PROFILE_OCSP_SIGN, NOW, end_of_the_first()); /* not later */
    assert_int_equal(renewal_fetch(&options, delegate, &err), -ERR_CONFLICT);
    x509_cert_freep(&given);
    given = certificate(PROFILE_AUTH, NOW, end_of_the_first() + DAY); /* another key's */
    assert_int_equal(renewal_fetch(&options, delegate, &err), -ERR_UNTRUSTED);
    x509_cert_freep(&given);
    given = certificate(PROFILE_OCSP_SIGN, NOW + 1, end_of_the_first() + DAY);
    assert_int_equal(renewal_fetch(&options, delegate, &err), -ERR_UNTRUSTED);
    x509_cert_freep(&given);
    assert_int_equal(x509_cert_parse(x509_cert_der(pki.certs[PROFILE_SIGN]), &given, NULL), 0);
    assert_int_equal(renewal_fetch(&options, delegate, &err), -ERR_UNTRUSTED);
    options.authority = "/nonexistent/a.sock";
    assert_int_equal(renewal_fetch(&options, delegate, &err), -ERR_REMOTE);
    assert_true(answers_as_before());
}

static void a_certificate_that_was_fetched_outlives_its_older_file(void **state)
{
    CLEANUP(x509_cert_freep) struct x509_cert *other = NULL;

    (void)state;
    given = certificate(PROFILE_OCSP_SIGN, NOW, end_of_the_first() + DAY);
    assert_int_equal(renewal_fetch(&options, ocsp_delegates_find(at.delegates, OCSP_CA_SIGN), NULL),
                     0);
    assert_true(bytes_equal(answering(), x509_cert_der(given)));
    assert_int_equal(take("ocsp-sign", pki.certs[PROFILE_OCSP_SIGN], NULL), 0);
    assert_true(bytes_equal(answering(), x509_cert_der(given)));
    /* Another key is the operator's wish, whatever ends when. */
    other = certificate(PROFILE_AUTH, NOW, NOW + DAY);
    assert_int_equal(take("other", other, NULL), 0);
    assert_true(bytes_equal(answering(), x509_cert_der(other)));
}

static void who_holds_the_old_ones_can_use_them(void **state)
{
    CLEANUP(ocsp_delegates_releasep) struct ocsp_delegates *held = ocsp_index_delegates(&at);

    (void)state;
    given = certificate(PROFILE_OCSP_SIGN, NOW, end_of_the_first() + DAY);
    assert_int_equal(renewal_fetch(&options, ocsp_delegates_find(held, OCSP_CA_SIGN), NULL), 0);
    assert_true(bytes_equal(x509_cert_der(held->list[0].certificate),
                            x509_cert_der(pki.certs[PROFILE_OCSP_SIGN])));
    assert_false(answers_as_before());
}

static _Atomic unsigned told[3];

static void count(enum renewal_event event, const struct ocsp_delegate *delegate,
                  const struct err *failure)
{
    (void)delegate;
    assert_int_equal(failure == NULL, event != RENEWAL_FAILED);
    told[event]++;
}

/* Until an event was told, a minute at most. */
static void await_event(enum renewal_event event)
{
    for (int i = 0; i < 6000 && told[event] == 0; i++)
        (void)usleep(10000);
    assert_true(told[event] > 0);
}

static void the_thread_renews_in_time_and_warns_if_it_cannot(void **state)
{
    struct renewal *renewal = NULL;
    uint64_t done;
    uint64_t failed;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        told[i] = 0;
    now = clock_fixed(end_of_the_first() - 5 * DAY);
    options.report = count;
    options.renew_s = 6 * DAY;
    options.warn_s = 6 * DAY;
    assert_int_equal(renewal_start(&options, &renewal, NULL), 0);
    await_event(RENEWAL_ENDS_SOON);
    await_event(RENEWAL_FAILED);
    renewal_counts(renewal, &done, &failed);
    assert_int_equal(done, 0);
    assert_true(failed > 0);
    renewal_stopp(&renewal);
    assert_true(answers_as_before());
    given = certificate(PROFILE_OCSP_SIGN, end_of_the_first() - 9 * DAY,
                        end_of_the_first() + 100 * DAY);
    assert_int_equal(renewal_start(&options, &renewal, NULL), 0);
    await_event(RENEWAL_DONE);
    renewal_stopp(&renewal);
    assert_true(bytes_equal(answering(), x509_cert_der(given)));
}

static void there_are_so_many_responders_and_no_more(void **state)
{
    const struct ocsp_appointment one = {OCSP_CA_SIGN, "ocsp-sign",
                                         x509_cert_der(pki.certs[PROFILE_SIGN_CA]),
                                         x509_cert_der(pki.certs[PROFILE_OCSP_SIGN])};
    CLEANUP(ocsp_delegates_releasep) struct ocsp_delegates *many = NULL;

    (void)state;
    assert_int_equal(ocsp_delegates_new(&many, NULL), 0);
    for (size_t i = 0; i < OCSP_DELEGATES_MAX; i++)
        assert_int_equal(ocsp_delegates_add(many, &one, NULL), 0);
    assert_int_equal(ocsp_delegates_add(many, &one, NULL), -ERR_CONFLICT);
    assert_int_equal(many->count, OCSP_DELEGATES_MAX);
}

#define WITH_INDEX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_INDEX(files_that_cannot_answer_are_not_taken),
        WITH_INDEX(what_the_authority_gives_must_fit),
        WITH_INDEX(a_certificate_that_was_fetched_outlives_its_older_file),
        WITH_INDEX(who_holds_the_old_ones_can_use_them),
        WITH_INDEX(the_thread_renews_in_time_and_warns_if_it_cannot),
        WITH_INDEX(there_are_so_many_responders_and_no_more),
    };

    return cmocka_run_group_tests(tests, set_up_site, tear_down_site);
}
