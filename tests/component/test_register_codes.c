/* SPDX-License-Identifier: Apache-2.0 */
/* What bodies of the exchange know people by: to whom it is told, for whom, and for which card. */
#include "base/hex.h"
#include "crypto/jwe.h"
#include "http/engine.h"
#include "register/codes_store.h"
#include "register/routes.h"
#include "support/register_site.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PORTAL_UID = 1007, CLERK_UID = 1000, STRANGER_UID = 1001 };

static const uid_t portal[] = {PORTAL_UID};
static const uid_t programs[] = {CLERK_UID};
static const struct codes_setup setup = {"/nowhere", "exchange", portal, 1};
static struct privkey *key;
static struct pubkey *public;
static struct codes *codes;

static int make_keys(void **state)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    if (site_make_pki(state) < 0 || privkey_generate(2048, &key, NULL) < 0)
        return -1;
    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_rsa(buf_bytes(&spki), &public, NULL), 0);
    return 0;
}

static int release_keys(void **state)
{
    privkey_freep(&key);
    pubkey_freep(&public);
    return site_release_pki(state);
}

static void open_codes(void)
{
    struct err err = {0};

    if (codes_open(&setup, site.store, &codes, &err) < 0)
        fail_msg("%s", err.text);
    site.counter.codes = codes;
}

static int set_up(void **state)
{
    token_signer = (struct token_signer){.key = key};
    if (site_set_up_hanako(state) < 0)
        return -1;
    open_codes();
    return 0;
}

static int tear_down(void **state)
{
    codes_freep(&codes);
    site.counter.codes = NULL;
    return site_tear_down(state);
}

/* ---- asking ---- */

struct answer {
    unsigned status;
    char text[2048];
};

static void post(uid_t uid, const char *path, const char *body, struct answer *ret)
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

/* A reference as the authentication app makes it, of these claims. */
static void encrypt(const struct pubkey *to, const char *claims, char ret[2048])
{
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    const char *text;

    assert_int_equal(jwe_encrypt(to, bytes_text(claims), &compact, NULL), 0);
    assert_int_equal(buf_text(&compact, &text, NULL), 0);
    (void)snprintf(ret, 2048, "%s", text);
}

static void claim_of(const struct tbs *tbs, int64_t serial, int64_t made_at, char ret[256])
{
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    const char *text;

    assert_int_equal(hex_append(&issuer, tbs->authority_key_id, NULL), 0);
    assert_int_equal(buf_text(&issuer, &text, NULL), 0);
    (void)snprintf(ret, 256, "{\"issuer_key_id\": \"%s\", \"serial\": \"%lld\", \"iat\": %lld}",
                   text, (long long)serial, (long long)made_at);
}

static void claim(int64_t serial, int64_t made_at, char ret[256])
{
    claim_of(x509_cert_tbs(site_pki.certs[PROFILE_AUTH]), serial, made_at, ret);
}

static int64_t auth_serial(void)
{
    return (int64_t)tbs_serial_number(x509_cert_tbs(site_pki.certs[PROFILE_AUTH]));
}

static void ask_with(uid_t uid, const char *claims, const char *bodies, struct answer *ret)
{
    char reference[2048];
    char body[4096];

    encrypt(public, claims, reference);
    (void)snprintf(body, sizeof body, "{\"person_reference\": \"%s\", \"bodies\": %s}", reference,
                   bodies);
    post(uid, "/v1/exchange-codes", body, ret);
}

static void ask(const char *bodies, struct answer *ret)
{
    char claims[256];

    claim(auth_serial(), clock_now(&site.clock), claims);
    ask_with(PORTAL_UID, claims, bodies, ret);
}

/* How often an act with this outcome is in the log. */
static size_t logged(const char *act, const char *outcome)
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

/* ---- refusals ---- */

static void who_is_not_the_exchange_is_refused_with_a_record(void **state)
{
    struct answer answer;
    char claims[256];

    (void)state;
    site_give_card("C1");
    claim(auth_serial(), clock_now(&site.clock), claims);
    ask_with(CLERK_UID, claims, "[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 403);
    assert_int_equal(logged("codes.refused", "no-purpose"), 1);
    ask_with(STRANGER_UID, claims, "[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 403);
    post(PORTAL_UID, "/v1/residents/x/exchange-codes", "{\"bodies\": [\"PORTAL\"]}", &answer);
    assert_int_equal(answer.status, 403);
    assert_int_equal(logged("codes.told", "disclosure"), 0);
}

static void what_is_no_reference_is_refused(void **state)
{
    static const struct {
        const char *claims;
        unsigned status;
    } rows[] = {
        {"{}", 400},
        {"x", 400},
        {"{\"issuer_key_id\": \"00\", \"serial\": \"1\", \"iat\": 1}", 400},
        {"{\"issuer_key_id\": \"0123456789012345678901234567890123456789\", \"serial\": \"01\","
         " \"iat\": 1}",
         400},
        {"{\"issuer_key_id\": \"0123456789012345678901234567890123456789\", \"serial\": \"1\","
         " \"iat\": 1, \"more\": 1}",
         400},
        {"{\"issuer_key_id\": \"0123456789012345678901234567890123456789\", \"serial\": \"1\","
         " \"iat\": 1}",
         422}, /* long ago */
    };
    struct answer answer;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ask_with(PORTAL_UID, rows[i].claims, "[\"PORTAL\"]", &answer);
        assert_int_equal(answer.status, rows[i].status);
    }
    post(PORTAL_UID, "/v1/exchange-codes", "{\"person_reference\": \"x\", \"bodies\": [\"A\"]}",
         &answer);
    assert_int_equal(answer.status, 400);
}

static void a_reference_for_another_key_or_changed_is_refused(void **state)
{
    CLEANUP(privkey_freep) struct privkey *other = NULL;
    CLEANUP(pubkey_freep) struct pubkey *other_public = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct answer answer;
    char reference[2048];
    char claims[256];
    char body[4096];

    (void)state;
    assert_int_equal(privkey_generate(2048, &other, NULL), 0);
    assert_int_equal(privkey_spki(other, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_rsa(buf_bytes(&spki), &other_public, NULL), 0);
    claim(auth_serial(), clock_now(&site.clock), claims);
    encrypt(other_public, claims, reference);
    (void)snprintf(body, sizeof body, "{\"person_reference\": \"%s\", \"bodies\": [\"A\"]}",
                   reference);
    post(PORTAL_UID, "/v1/exchange-codes", body, &answer);
    assert_int_equal(answer.status, 422);
    encrypt(public, claims, reference);
    strrchr(reference, '.')[-2] ^= 1; /* of the ciphertext */
    (void)snprintf(body, sizeof body, "{\"person_reference\": \"%s\", \"bodies\": [\"A\"]}",
                   reference);
    post(PORTAL_UID, "/v1/exchange-codes", body, &answer);
    assert_true(answer.status == 422 || answer.status == 400);
    assert_null(strstr(answer.text, "codes\""));
}

static void a_reference_counts_as_long_as_a_session(void **state)
{
    int64_t now = clock_now(&site.clock);
    const struct {
        int64_t made_at;
        unsigned status;
    } rows[] = {
        {now + CODE_REFERENCE_AHEAD_SECONDS, 200},
        {now + CODE_REFERENCE_AHEAD_SECONDS + 1, 422},
        {now - CODE_REFERENCE_SECONDS, 200},
        {now - CODE_REFERENCE_SECONDS - 1, 422},
    };
    struct answer answer;
    char claims[256];

    (void)state;
    site_give_card("C1");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        claim(auth_serial(), rows[i].made_at, claims);
        ask_with(PORTAL_UID, claims, "[\"PORTAL\"]", &answer);
        assert_int_equal(answer.status, rows[i].status);
    }
}

static void bodies_have_a_form_and_a_number(void **state)
{
    CLEANUP(buf_done) struct buf many = BUF_INIT;
    struct answer answer;
    const char *text;

    (void)state;
    site_give_card("C1");
    ask("[]", &answer);
    assert_int_equal(answer.status, 400);
    ask("[\"m13101\"]", &answer);
    assert_int_equal(answer.status, 400);
    ask("[1]", &answer);
    assert_int_equal(answer.status, 400);
    ask("[\"A234567890123456\"]", &answer); /* CODE_BODY_MAX */
    assert_int_equal(answer.status, 200);
    ask("[\"A2345678901234567\"]", &answer);
    assert_int_equal(answer.status, 400);
    for (int i = 0; i < CODE_BODIES_MAX; i++)
        assert_int_equal(buf_append_format(&many, NULL, "%c\"B%d\"", i == 0 ? '[' : ',', i), 0);
    assert_int_equal(buf_append_text(&many, "]", NULL), 0);
    assert_int_equal(buf_text(&many, &text, NULL), 0);
    ask(text, &answer);
    assert_int_equal(answer.status, 200);
    many.len--;
    assert_int_equal(buf_append_text(&many, ",\"C\"]", NULL), 0);
    assert_int_equal(buf_text(&many, &text, NULL), 0);
    ask(text, &answer);
    assert_int_equal(answer.status, 400);
}

/* ---- who ---- */

static void an_unknown_certificate_and_one_that_is_over_are_told_apart(void **state)
{
    struct answer answer;
    char claims[256];

    (void)state;
    ask("[\"PORTAL\"]", &answer); /* nobody has a card yet */
    assert_int_equal(answer.status, 404);
    site_give_card("C1");
    claim(auth_serial() + 1, clock_now(&site.clock), claims);
    ask_with(PORTAL_UID, claims, "[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 404);
    ask("[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 200);
    site_act(act_of_card("loss", "C1"));
    ask("[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 409);
    assert_non_null(strstr(answer.text, "urn:openjpki:problem:gone"));
    assert_null(strstr(answer.text, "code\""));
}

static void each_body_has_another_code_which_stays(void **state)
{
    struct answer before;
    struct answer after;
    uint8_t code[CODE_BYTES];
    uint8_t other[CODE_BYTES];

    (void)state;
    site_give_card("C1");
    ask("[\"PORTAL\", \"M13101\"]", &before);
    assert_int_equal(before.status, 200);
    assert_int_equal(logged("codes.told", "disclosure"), 1);
    assert_int_equal(codes_derive(codes, site.resident, "PORTAL", code, NULL), 0);
    assert_int_equal(codes_derive(codes, site.resident, "M13101", other, NULL), 0);
    assert_memory_not_equal(code, other, sizeof code);
    assert_int_equal(codes_derive(codes, "another", "PORTAL", other, NULL), 0);
    assert_memory_not_equal(code, other, sizeof code);
    /* The municipality's program, which files records, is told the same. */
    {
        char path[128];

        (void)snprintf(path, sizeof path, "/v1/residents/%s/exchange-codes", site.resident);
        post(CLERK_UID, path, "{\"bodies\": [\"PORTAL\", \"M13101\"]}", &after);
        assert_string_equal(after.text, before.text);
    }
    codes_freep(&codes);
    site_reopen();
    open_codes();
    ask("[\"PORTAL\", \"M13101\"]", &after);
    assert_string_equal(after.text, before.text);
    assert_null(strstr(after.text, site.resident));
}

/* ---- extracts ---- */

static void extract(uid_t uid, const char *extent, struct answer *ret)
{
    char claims[256], reference[2048], body[4096];

    claim(auth_serial(), clock_now(&site.clock), claims);
    encrypt(public, claims, reference);
    (void)snprintf(body, sizeof body, "{\"person_reference\": \"%s\", \"extent\": \"%s\"}",
                   reference, extent);
    post(uid, "/v1/extracts", body, ret);
}

static void extracts_are_for_the_exchange_as_much_as_it_asks_for(void **state)
{
    struct answer answer;

    (void)state;
    site_give_card("C1");
    extract(CLERK_UID, "resident", &answer);
    assert_int_equal(answer.status, 403);
    assert_int_equal(logged("codes.refused", "no-purpose"), 1);
    extract(STRANGER_UID, "resident", &answer);
    assert_int_equal(answer.status, 403);
    extract(PORTAL_UID, "everything", &answer);
    assert_int_equal(answer.status, 400);
    extract(PORTAL_UID, "municipality", &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.text, "{\"municipality\":\"13101\"}");
    assert_int_equal(logged("extract.told", "municipality"), 1);
    extract(PORTAL_UID, "resident", &answer);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.text, "番号　花子"));
    assert_non_null(strstr(answer.text, "\"birth_date\":\""));
    assert_null(strstr(answer.text, "number"));
    assert_int_equal(logged("extract.told", "resident"), 1);
}

static void who_has_left_or_lost_the_card_gets_no_extract(void **state)
{
    struct act_entry leaves = act_of_resident("move-out");
    struct answer answer;

    (void)state;
    site_give_card("C1");
    leaves.told.date = "2026-12-01";
    site_act(leaves);
    extract(PORTAL_UID, "resident", &answer);
    assert_int_equal(answer.status, 409);
    assert_non_null(strstr(answer.text, "urn:openjpki:problem:not-here"));
    site_act(act_of_card("loss", "C1"));
    extract(PORTAL_UID, "resident", &answer);
    assert_int_equal(answer.status, 409);
    assert_non_null(strstr(answer.text, "urn:openjpki:problem:gone"));
    assert_int_equal(logged("extract.told", "resident"), 0);
}

static void both_certificates_of_a_card_are_of_one_person(void **state)
{
    const struct tbs *sign = x509_cert_tbs(site_pki.certs[PROFILE_SIGN]);
    struct answer by_auth, by_sign;
    char claims[256];

    (void)state;
    site_give_card("C1");
    ask("[\"PORTAL\"]", &by_auth);
    assert_int_equal(by_auth.status, 200);
    claim_of(sign, (int64_t)tbs_serial_number(sign), clock_now(&site.clock), claims);
    ask_with(PORTAL_UID, claims, "[\"PORTAL\"]", &by_sign);
    assert_int_equal(by_sign.status, 200);
    assert_string_equal(by_auth.text, by_sign.text);
}

/* With another key nobody would be who they were: better nothing. */
static void another_key_of_signerd_is_refused_at_the_start(void **state)
{
    CLEANUP(privkey_freep) struct privkey *other = NULL;
    struct codes *none = NULL;

    (void)state;
    assert_int_equal(privkey_generate(2048, &other, NULL), 0);
    token_signer.key = other;
    assert_int_equal(codes_open(&setup, site.store, &none, NULL), -ERR_CONFLICT);
    token_signer = (struct token_signer){.key = key, .is_down = true};
    assert_int_equal(codes_open(&setup, site.store, &none, NULL), -ERR_REMOTE);
    assert_null(none);
}

static void without_a_key_no_codes_are_told(void **state)
{
    struct answer answer;

    (void)state;
    site_give_card("C1");
    token_signer.is_down = true;
    ask("[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 503);
    codes_freep(&codes);
    site.counter.codes = NULL;
    ask("[\"PORTAL\"]", &answer);
    assert_int_equal(answer.status, 403);
    assert_int_equal(logged("codes.told", "disclosure"), 0);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(who_is_not_the_exchange_is_refused_with_a_record),
        CASE(what_is_no_reference_is_refused),
        CASE(a_reference_for_another_key_or_changed_is_refused),
        CASE(a_reference_counts_as_long_as_a_session),
        CASE(bodies_have_a_form_and_a_number),
        CASE(an_unknown_certificate_and_one_that_is_over_are_told_apart),
        CASE(each_body_has_another_code_which_stays),
        CASE(both_certificates_of_a_card_are_of_one_person),
        CASE(extracts_are_for_the_exchange_as_much_as_it_asks_for),
        CASE(who_has_left_or_lost_the_card_gets_no_extract),
        CASE(another_key_of_signerd_is_refused_at_the_start),
        CASE(without_a_key_no_codes_are_told),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
