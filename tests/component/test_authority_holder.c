/* SPDX-License-Identifier: Apache-2.0 */
/* What a holder asks of an authority, from the request on the socket to the row on disk. */
#include "authority/routes.h"

#include "authority/holder/holder.h"
#include "base/hex.h"
#include "crypto/bound.h"
#include "http/engine.h"
#include "support/pki.h"
#include "support/routes_ask.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ORIGIN "https://ca.example"

enum { NOW = TEST_PKI_NOW, SERIAL = 2 }; /* of the holder's certificates */

struct fixture {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct authority_store *store;
    struct clock clock;
    struct authority authority;
};

static struct test_pki pki;
static struct fixture f;
static const struct audit_origin by = {.at = NOW, .actor = "uid:1000"};

static const struct {
    enum profile_kind ca, holder;
} profiles[CA_KINDS_] = {
    [CA_SIGN] = {PROFILE_SIGN_CA, PROFILE_SIGN},
    [CA_AUTH] = {PROFILE_AUTH_CA, PROFILE_AUTH},
};

static int make_keys(void **state)
{
    (void)state;
    test_pki_make(&pki);
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        enum profile_kind holder = profiles[kind].holder;
        struct profile_inputs inputs = test_pki_inputs(&pki, holder);

        struct x509_cert *cert = NULL;

        inputs.serial = SERIAL;
        inputs.spki = test_pki_spki(&pki, holder);
        test_pki_issue(&pki, holder, &inputs, &cert);
        x509_cert_freep(&pki.certs[holder]);
        pki.certs[holder] = cert;
    }
    return 0;
}

static int release_keys(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    (void)context;
    return buf_append_format(ret, err, "tbs %u", serial);
}

/* The certificate of the PKI as SERIAL, and one that is reserved and not signed. */
static void fill(enum ca_kind kind)
{
    const struct x509_cert *cert = pki.certs[profiles[kind].holder];
    const struct completion completion = {
        .kind = kind, .serial = SERIAL, .certificate = x509_cert_der(cert), .by = &by};

    for (uint32_t serial = SERIAL; serial <= SERIAL + 1; serial++) {
        CLEANUP(record_done) struct record record = RECORD_INIT;
        struct reservation r = {.kind = kind, .now = NOW, .not_after = NOW + 1, .build = build};
        char id[32];

        (void)snprintf(id, sizeof id, "issue-%u-%u", (unsigned)kind, (unsigned)serial);
        r.request_id = id;
        assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(id), &r.fingerprint, NULL), 0);
        r.key = r.fingerprint;
        assert_int_equal(authority_reserve(f.store, &r, &record, NULL), 0);
        assert_int_equal(record.serial, serial);
    }
    assert_int_equal(authority_complete(f.store, &completion, NULL), 0);
}

static int set_up(void **state)
{
    (void)state;
    f = (struct fixture){.dir = tempdir_make(), .clock = clock_fixed(NOW)};
    tempdir_file(&f.dir, "a.db", f.path);
    assert_int_equal(authority_store_open(f.path, &f.store, NULL), 0);
    f.authority = (struct authority){.store = f.store, .clock = &f.clock, .holder_origin = ORIGIN};
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        struct bytes ca = x509_cert_der(pki.certs[profiles[kind].ca]);

        assert_int_equal(authority_begin_ca(f.store, (enum ca_kind)kind, bytes_text("t"), NULL), 0);
        assert_int_equal(authority_finish_ca(f.store, (enum ca_kind)kind, ca, &by, NULL), 0);
        fill((enum ca_kind)kind);
    }
    return authority_load_cas(&f.authority, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    authority_unload_cas(&f.authority);
    authority_store_closep(&f.store);
    tempdir_done(&f.dir);
    return 0;
}

/* What a client says and what it signs; the two may differ. */
struct order {
    const char *said_origin, *origin;
    enum ca_kind kind;
    const struct privkey *key;
    int64_t said_serial;
    const char *said_reason, *reason;
    int64_t said_at, at;
    uint8_t nonce[BOUND_NONCE_SIZE];
    const char *said_issuer; /* NULL: the one that is signed */
    bool is_other_nonce;     /* said */
};

static struct order order_of(enum ca_kind kind)
{
    return (struct order){.said_origin = ORIGIN,
                          .origin = ORIGIN,
                          .kind = kind,
                          .key = pki.keys[profiles[kind].holder],
                          .said_serial = SERIAL,
                          .said_reason = "keyCompromise",
                          .reason = "keyCompromise",
                          .said_at = NOW,
                          .at = NOW,
                          .nonce = {1, 2, 3}};
}

static void sign(const struct order *order, struct buf *ret)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[profiles[order->kind].holder]);
    const struct bound_revocation message = {.origin = order->origin,
                                             .issuer = tbs->authority_key_id,
                                             .serial = tbs->serial,
                                             .reason = order->reason,
                                             .at = order->at,
                                             .nonce = BYTES_ARRAY(order->nonce)};
    struct digest digest;

    assert_int_equal(bound_revocation_digest(&message, &digest, NULL), 0);
    assert_int_equal(privkey_sign(order->key, &digest, ret, NULL), 0);
}

static void write_body(const struct order *order, struct buf *ret)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[profiles[order->kind].holder]);
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    uint8_t nonce[BOUND_NONCE_SIZE];
    const char *hex;

    memcpy(nonce, order->nonce, sizeof nonce);
    nonce[0] ^= order->is_other_nonce;
    sign(order, &signature);
    assert_int_equal(hex_append(&issuer, tbs->authority_key_id, NULL), 0);
    assert_int_equal(buf_text(&issuer, &hex, NULL), 0);
    assert_int_equal(json_put_text(body, "origin", order->said_origin, NULL), 0);
    assert_int_equal(
        json_put_text(body, "issuer", order->said_issuer == NULL ? hex : order->said_issuer, NULL),
        0);
    assert_int_equal(json_put_int(body, "serial", order->said_serial, NULL), 0);
    assert_int_equal(json_put_text(body, "reason", order->said_reason, NULL), 0);
    assert_int_equal(json_put_int(body, "at", order->said_at, NULL), 0);
    assert_int_equal(json_put_base64(body, "nonce", BYTES_ARRAY(nonce), NULL), 0);
    assert_int_equal(json_put_base64(body, "signature", buf_bytes(&signature), NULL), 0);
    assert_int_equal(json_write(body, ret, NULL), 0);
}

/* Post a body as anybody; the status, and what was answered. */
static unsigned post(const char *line, struct bytes body, struct buf *answer)
{
    const struct http_server_options options = {.routes = authority_holder_routes,
                                                .context = &f.authority};
    const struct http_peer peer = {.is_unix = false};

    return routes_ask(&options, &peer, line, body, answer);
}

static unsigned ask(const struct order *order, struct buf *answer)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    write_body(order, &body);
    return post("POST /v1/holder/revocations", buf_bytes(&body), answer);
}

static const char *text_of(struct buf *answer)
{
    const char *text;

    assert_int_equal(buf_text(answer, &text, NULL), 0);
    return text;
}

static void assert_says(struct buf *answer, const char *words)
{
    if (strstr(text_of(answer), words) == NULL)
        fail_msg("no \"%s\" in: %s", words, text_of(answer));
}

static uint64_t revocations(void)
{
    struct revocation_page *page = malloc(sizeof *page);
    uint64_t last;

    assert_non_null(page);
    assert_int_equal(authority_list_revocations(f.store, 0, page, NULL), 0);
    last = page->last;
    free(page);
    return last;
}

/* Refused in these words, and nothing is revoked. */
static void assert_refused(const struct order *order, unsigned status, const char *words)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    assert_int_equal(ask(order, &answer), status);
    assert_says(&answer, words);
    assert_int_equal(revocations(), 0);
}

static void a_holder_revokes_each_certificate_by_its_own_key(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    CLEANUP(json_freep) struct json *log = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct order order = order_of(CA_SIGN);
    struct revoked revoked;

    (void)state;
    assert_int_equal(ask(&order, &answer), 200);
    assert_says(&answer, "{\"at\":1790000000,\"reason\":\"keyCompromise\"}");
    assert_int_equal(authority_get_revocation(f.store, CA_SIGN, SERIAL, &revoked, NULL), 0);
    assert_int_equal(revoked.reason, CRL_KEY_COMPROMISE);
    assert_int_equal(authority_get_revocation(f.store, CA_AUTH, SERIAL, &revoked, NULL),
                     -ERR_ABSENT);
    order = order_of(CA_AUTH);
    order.reason = order.said_reason = "cessationOfOperation";
    assert_int_equal(ask(&order, &answer), 200);
    assert_int_equal(revocations(), 2);
    assert_int_equal(audit_list(authority_store_db(f.store), NULL, &log, NULL), 0);
    assert_int_equal(json_write(log, &text, NULL), 0);
    assert_says(&text, "\"actor\":\"holder\",\"act\":\"certificate.revoked\"");
}

static void the_same_request_revokes_once_and_so_does_another_one(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct order order = order_of(CA_SIGN);

    (void)state;
    assert_int_equal(ask(&order, &answer), 200);
    f.clock = clock_fixed(NOW + 10);
    assert_int_equal(ask(&order, &answer), 200);
    assert_says(&answer, "{\"at\":1790000000,\"reason\":\"keyCompromise\"}");
    order.nonce[0]++;
    order.reason = order.said_reason = "unspecified";
    assert_int_equal(ask(&order, &answer), 200);
    assert_says(&answer, "{\"at\":1790000000,\"reason\":\"keyCompromise\"}");
    assert_int_equal(revocations(), 1);
}

static void what_the_register_revoked_before_is_told_as_it_was(void **state)
{
    struct revocation_request request = {.request_id = "move",
                                         .kind = CA_SIGN,
                                         .serial = SERIAL,
                                         .reason = CRL_AFFILIATION_CHANGED,
                                         .by = &by};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    const struct order order = order_of(CA_SIGN);
    struct revoked revoked;

    (void)state;
    f.clock = clock_fixed(NOW - 30);
    assert_int_equal(authority_revoke(&f.authority, &request, &revoked, NULL), 0);
    f.clock = clock_fixed(NOW);
    assert_int_equal(ask(&order, &answer), 200);
    assert_says(&answer, "{\"at\":1789999970,\"reason\":\"affiliationChanged\"}");
    assert_int_equal(revocations(), 1);
}

static void a_signature_counts_for_a_minute_either_way_and_not_a_second_more(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct order order = order_of(CA_SIGN);

    (void)state;
    order.at = order.said_at = NOW - HOLDER_SECONDS - 1;
    assert_refused(&order, 422, "more than 60 seconds ago");
    order.at = order.said_at = NOW + HOLDER_SECONDS + 1;
    assert_refused(&order, 422, "is fast");
    order.at = NOW - HOLDER_SECONDS - 1; /* said to be newer than it is */
    order.said_at = NOW;
    assert_refused(&order, 422, "no signature");
    order.said_at = INT64_MAX;
    assert_refused(&order, 422, "is fast");
    order.said_at = INT64_MIN;
    assert_refused(&order, 422, "ago");
    order.at = order.said_at = NOW - HOLDER_SECONDS;
    assert_int_equal(ask(&order, &answer), 200);
    order = order_of(CA_AUTH);
    order.at = order.said_at = NOW + HOLDER_SECONDS;
    assert_int_equal(ask(&order, &answer), 200);
}

static void what_was_signed_for_another_service_is_refused(void **state)
{
    struct order order = order_of(CA_SIGN);

    (void)state;
    order.origin = order.said_origin = "https://ca.example:444";
    assert_refused(&order, 422, "another service");
    order.said_origin = ORIGIN; /* by whoever stands between */
    assert_refused(&order, 422, "no signature");
}

static void what_is_said_and_what_is_signed_must_be_the_same(void **state)
{
    struct order order = order_of(CA_SIGN);

    (void)state;
    order.said_reason = "unspecified";
    assert_refused(&order, 422, "no signature");
    order = order_of(CA_SIGN);
    order.said_at++;
    assert_refused(&order, 422, "no signature");
    order = order_of(CA_SIGN);
    order.is_other_nonce = true;
    assert_refused(&order, 422, "no signature");
    order = order_of(CA_SIGN);
    order.said_reason = order.reason;
    order.said_serial++;
    assert_refused(&order, 422, "no signature");
}

static void only_the_key_of_the_certificate_counts(void **state)
{
    struct order order = order_of(CA_SIGN);

    (void)state;
    order.key = pki.keys[PROFILE_AUTH]; /* the same person's */
    assert_refused(&order, 422, "no signature");
    order.key = pki.keys[PROFILE_SIGN_CA];
    assert_refused(&order, 422, "no signature");
    order = order_of(CA_AUTH);
    order.key = pki.keys[PROFILE_SIGN];
    assert_refused(&order, 422, "no signature");
}

/* One sentence, whether there is such a certificate or not. */
static void nobody_without_the_key_learns_which_certificates_there_are(void **state)
{
    static const char refusal[] = "\"detail\":\"this is no signature, by the key of a certificate "
                                  "with this number, over this "
                                  "request; nothing was revoked\"";
    const int64_t numbers[] = {
        SERIAL,     SERIAL + 1, /* reserved, and not signed */
        SERIAL + 2, CA_SERIAL,  0,          -1,
        INT64_MIN,  INT64_MAX,  UINT32_MAX, (int64_t)UINT32_MAX + 1 + SERIAL};
    struct order order = order_of(CA_SIGN);

    (void)state;
    order.key = pki.keys[PROFILE_AUTH];
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        order.said_serial = numbers[i];
        assert_refused(&order, 422, refusal);
    }
}

/* Number 1 is the CA's own; nobody revokes that here, not even by its key. */
static void a_ca_is_not_revoked(void **state)
{
    struct order order = order_of(CA_SIGN);
    const uint8_t one[] = {1};
    const struct tbs *tbs = x509_cert_tbs(pki.certs[PROFILE_SIGN]);
    const struct bound_revocation message = {.origin = ORIGIN,
                                             .issuer = tbs->authority_key_id,
                                             .serial = BYTES_ARRAY(one),
                                             .reason = "keyCompromise",
                                             .at = NOW,
                                             .nonce = BYTES_ARRAY(order.nonce)};
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct holder_request request = {.origin = ORIGIN,
                                     .issuer = tbs->authority_key_id,
                                     .serial = CA_SERIAL,
                                     .reason = "keyCompromise",
                                     .at = NOW,
                                     .nonce = BYTES_ARRAY(order.nonce),
                                     .by = &by};
    struct revoked revoked;
    struct digest digest;

    (void)state;
    assert_int_equal(bound_revocation_digest(&message, &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN_CA], &digest, &signature, NULL), 0);
    request.signature = buf_bytes(&signature);
    assert_int_equal(authority_revoke_by_holder(&f.authority, &request, &revoked, NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(revocations(), 0);
}

static void another_ca_is_not_ours(void **state)
{
    struct order order = order_of(CA_SIGN);

    (void)state;
    order.said_issuer = "00112233445566778899aabbccddeeff00112233";
    assert_refused(&order, 422, "not issued here");
    order.said_issuer = "";
    assert_refused(&order, 400, "issuer");
    order.said_issuer = "xy";
    assert_refused(&order, 400, "issuer");
}

static void reasons_of_others_are_not_a_holders(void **state)
{
    static const char *const others[] = {"affiliationChanged", "superseded",    "cACompromise",
                                         "certificateHold",    "removeFromCRL", ""};
    struct order order = order_of(CA_SIGN);

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        order.said_reason = others[i];
        assert_refused(&order, 400, "reason");
    }
}

static void what_is_malformed_is_refused(void **state)
{
    static const char *const bodies[] = {
        "",
        "{}",
        "[]",
        "{\"origin\":\"" ORIGIN "\"}",
        "{\"origin\":\"" ORIGIN "\",\"issuer\":\"00\",\"serial\":\"2\",\"reason\":"
        "\"unspecified\",\"at\":1790000000,\"nonce\":\"AA==\",\"signature\":\"AA==\"}",
        "{\"origin\":\"" ORIGIN "\",\"issuer\":\"00\",\"serial\":2,\"reason\":"
        "\"unspecified\",\"at\":1790000000,\"nonce\":\"*\",\"signature\":\"AA==\"}",
    };
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        assert_int_equal(post("POST /v1/holder/revocations", bytes_text(bodies[i]), &answer), 400);
    assert_int_equal(revocations(), 0);
}

static void holders_reach_nothing_of_the_registers(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(post("POST /v1/revocations", BYTES_LITERAL("{}"), &answer), 404);
    assert_int_equal(post("POST /v1/certificates", BYTES_LITERAL("{}"), &answer), 404);
    for (const struct route *row = authority_holder_routes; row->path != NULL; row++)
        assert_ptr_equal(strstr(row->path, "/v1/holder/"), row->path);
    for (size_t i = 0; authority_routes[i] != NULL; i++)
        for (const struct route *row = authority_routes[i]; row->path != NULL; row++)
            assert_true(row->access != &http_anyone || strcmp(row->path, "/metrics") == 0);
}

/* The two tables of reasons are the same: a client may give each that the encoder signs. */
static void each_reason_that_can_be_signed_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; bound_reasons[i] != NULL; i++) {
        CLEANUP(buf_done) struct buf answer = BUF_INIT;
        struct order order = order_of(CA_AUTH);

        order.reason = order.said_reason = bound_reasons[i];
        assert_int_equal(ask(&order, &answer), 200);
    }
    assert_int_equal(revocations(), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_signature_counts_for_a_minute_either_way_and_not_a_second_more),
        TEST(what_was_signed_for_another_service_is_refused),
        TEST(what_is_said_and_what_is_signed_must_be_the_same),
        TEST(only_the_key_of_the_certificate_counts),
        TEST(nobody_without_the_key_learns_which_certificates_there_are),
        TEST(a_ca_is_not_revoked),
        TEST(another_ca_is_not_ours),
        TEST(reasons_of_others_are_not_a_holders),
        TEST(what_is_malformed_is_refused),
        TEST(holders_reach_nothing_of_the_registers),
        TEST(a_holder_revokes_each_certificate_by_its_own_key),
        TEST(the_same_request_revokes_once_and_so_does_another_one),
        TEST(what_the_register_revoked_before_is_told_as_it_was),
        TEST(each_reason_that_can_be_signed_is_taken),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
