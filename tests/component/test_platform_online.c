/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A holder's program, a platform and the authority's responder, each behind a socket of its own:
 * the two sides of the platform's interface agree, and revocation is asked as a verifier asks.
 */
#include "holder/challenge.h"
#include "holder/opinion.h"
#include "http/server.h"
#include "platform/routes.h"
#include "revocation/reason.h"
#include "support/platform_site.h"
#include "support/token_signer.h"
#include "verify/ocsp_status.h"
#include "x509/ocsp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What is wrong with an answer that is good otherwise. */
enum flaw {
    NO_FLAW,
    STALE,
    FROM_FUTURE,
    ANOTHER_SERIAL,
    ANOTHER_CA,
    ANOTHER_NONCE,
    WITHOUT_NONCE,
    ANOTHER_KEY,
    CUT_OFF,
    FLAWS_,
};

/* A responder that answers what it is told to, with the key of the CA that was asked about. */
struct responder {
    enum ocsp_cert_status says;
    int reason;
    enum flaw flaw;
    unsigned asked, signed_by_verifier;
};

static struct test_pki pki;
static struct privkey *token;
static struct pubkey *verifier;
static struct platform_site site;
static struct responder responder;
static struct http_server *platform_server;
static struct http_server *responder_server;
static char responder_path[TEMPDIR_FILE_SIZE];
static char platform_origin[64];
static struct remote *remote;

static void spoil(enum profile_kind ca, struct ocsp_response *response, struct buf *other_id)
{
    static const uint8_t other_nonce[OCSP_QUESTION_NONCE] = {1};
    struct ocsp_single *single = &response->singles[0];
    enum profile_kind other = ca == PROFILE_SIGN_CA ? PROFILE_AUTH_CA : PROFILE_SIGN_CA;
    enum profile_kind issuer = responder.flaw == ANOTHER_CA ? other : ca;

    if (responder.flaw == STALE)
        single->this_update = response->produced_at -= 7200;
    if (responder.flaw == FROM_FUTURE)
        single->this_update = response->produced_at += 7200;
    if (responder.flaw == ANOTHER_NONCE)
        response->nonce = BYTES_ARRAY(other_nonce);
    if (responder.flaw == WITHOUT_NONCE)
        response->nonce = bytes_text("");
    if (responder.flaw == ANOTHER_SERIAL || responder.flaw == ANOTHER_CA) {
        struct bytes serial = responder.flaw == ANOTHER_SERIAL ? BYTES_LITERAL("\x77")
                                                               : single->id.serial;

        assert_int_equal(ocsp_cert_id_build(DIGEST_SHA256, x509_cert_tbs(pki.certs[issuer]), serial,
                                            other_id, NULL),
                         0);
        single->id.der = buf_bytes(other_id);
    }
    single->next_update = single->this_update + 60;
}

static int make_response(const struct ocsp_request *request, enum profile_kind ca, struct buf *ret,
                         struct err *err)
{
    const struct privkey *key = pki.keys[responder.flaw == ANOTHER_KEY ? PROFILE_SIGN : ca];
    struct ocsp_response response = {
        .responder_key_hash = x509_cert_tbs(pki.certs[ca])->subject_key_id,
        .produced_at = TEST_PKI_NOW,
        .count = 1,
        .nonce = request->nonce};
    CLEANUP(buf_done) struct buf other_id = BUF_INIT;
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    response.singles[0] = (struct ocsp_single){.id = request->ids[0],
                                               .status = responder.says,
                                               .revoked_at = TEST_PKI_NOW - 60,
                                               .reason = responder.reason,
                                               .this_update = TEST_PKI_NOW};
    spoil(ca, &response, &other_id);
    TRY(ocsp_response_build_data(&response, &data, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&data), &digest, err));
    TRY(privkey_sign(key, &digest, &signature, err));
    TRY(ocsp_response_assemble(buf_bytes(&data), buf_bytes(&signature), (struct bytes){NULL, 0},
                               ret, err));
    if (responder.flaw == CUT_OFF)
        ret->len--;
    return 0;
}

static int answer(struct http_call *call, enum profile_kind ca, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct ocsp_request request;
    struct digest digest;

    TRY(ocsp_request_parse(call->request.body, &request, err));
    TRY(digest_compute(DIGEST_SHA256, request.tbs, &digest, err));
    responder.asked++;
    if (request.signature.is_there &&
        pubkey_verify(verifier, &digest, request.signature.value, NULL) == 0)
        responder.signed_by_verifier++;
    TRY(make_response(&request, ca, &der, err));
    return http_reply_bytes(&call->response, 200, "application/ocsp-response", buf_bytes(&der),
                            err);
}

static int answer_sign(struct http_call *call, struct err *err)
{
    return answer(call, PROFILE_SIGN_CA, err);
}

static int answer_auth(struct http_call *call, struct err *err)
{
    return answer(call, PROFILE_AUTH_CA, err);
}

static const struct http_answer responses[] = {
    {200, "a response", .type = "application/ocsp-response"}, {0}};
static const struct route responder_routes[] = {
    {.method = HTTP_POST,
     .path = "/sign",
     .access = &http_anyone,
     .body_type = "application/ocsp-request",
     .handle = answer_sign,
     .operation = "askSign",
     .summary = "Ask",
     .answers = responses},
    {.method = HTTP_POST,
     .path = "/auth",
     .access = &http_anyone,
     .body_type = "application/ocsp-request",
     .handle = answer_auth,
     .operation = "askAuth",
     .summary = "Ask",
     .answers = responses},
    {.path = NULL},
};

static int make_keys(void **state)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    (void)state;
    test_pki_make(&pki);
    assert_int_equal(privkey_generate(2048, &token, NULL), 0);
    assert_int_equal(privkey_spki(token, &spki, NULL), 0);
    return pubkey_from_spki(buf_bytes(&spki), &verifier, NULL);
}

static int release_keys(void **state)
{
    (void)state;
    test_pki_done(&pki);
    privkey_freep(&token);
    pubkey_freep(&verifier);
    return 0;
}

static void start_responder(void)
{
    const struct http_server_options options = {.routes = responder_routes};
    int fd;

    (void)tempdir_file(&site.dir, "o.sock", responder_path);
    assert_int_equal(sock_listen(responder_path, 0600, &fd, NULL), 0);
    assert_int_equal(http_server_start(&options, fd, &responder_server, NULL), 0);
}

static void start_platform(void)
{
    const struct http_server_options options = {.tables = platform_routes,
                                                .context = &site.platform,
                                                .worker_open = signer_worker_open,
                                                .worker_close = signer_worker_close,
                                                .ready = platform_ready};
    uint16_t port;
    int fd;

    assert_int_equal(http_listen_loopback(0, &fd, &port, NULL), 0);
    (void)snprintf(platform_origin, sizeof platform_origin, "http://127.0.0.1:%u", (unsigned)port);
    site.platform.origin = platform_origin;
    assert_int_equal(http_server_start(&options, fd, &platform_server, NULL), 0);
}

static int set_up(void **state)
{
    struct origin origin;
    const char *path;

    (void)state;
    token_signer = (struct token_signer){.key = token};
    responder = (struct responder){.says = OCSP_GOOD, .reason = CRL_AFFILIATION_CHANGED};
    platform_site_make(&site, &pki);
    start_responder();
    site.platform.status = NULL;
    site.platform.ocsp.socket = responder_path;
    site.platform.ocsp.key = "verifier";
    assert_int_equal(x509_cert_parse(x509_cert_der(pki.certs[PROFILE_AUTH_CA]),
                                     &site.platform.ocsp.certificate, NULL),
                     0);
    start_platform();
    assert_int_equal(origin_parse(platform_origin, &origin, &path, NULL), 0);
    assert_int_equal(remote_new(&origin, &remote, NULL), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    remote_freep(&remote);
    http_server_stopp(&platform_server);
    http_server_stopp(&responder_server);
    platform_site_done(&site);
    return 0;
}

/* Asked by the tenant whose key the site knows, which has blanks: a real one has none. */
static void become_tenant(void)
{
    const struct audit_origin by = audit_by_self(1);
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    static const struct tenant tenant = {"office", "Office", "https://office.example"};
    struct digest hash;

    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_LITERAL("office-key"), &hash, NULL), 0);
    assert_int_equal(platform_add_tenant(site.platform.store, &tenant, &hash, &by, NULL), 0);
    assert_int_equal(secret_copy(BYTES_LITERAL("office-key"), &key, NULL), 0);
    assert_int_equal(remote_authorise(remote, &key, NULL), 0);
}

static int ask_opinion(struct opinion *ret)
{
    struct opinion_question question = {.cert = pki.certs[PROFILE_SIGN]};
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    assert_int_equal(
        digest_compute(DIGEST_SHA256, BYTES_LITERAL("a contract"), &question.digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN], &question.digest, &signature, NULL), 0);
    question.signature = buf_bytes(&signature);
    return opinion_ask(remote, &question, ret, NULL);
}

static void assert_opinion(enum verdict verdict, const char *reason)
{
    CLEANUP(opinion_done) struct opinion opinion = OPINION_INIT;

    assert_int_equal(ask_opinion(&opinion), 0);
    assert_int_equal(opinion.verdict, verdict);
    assert_false(opinion.has_holder);
    assert_int_equal(opinion.reason_count, 1);
    assert_true(bytes_equal(buf_bytes(&opinion.reasons[0]), bytes_text(reason)));
}

static void nobody_in_particular_gets_no_opinion(void **state)
{
    CLEANUP(opinion_done) struct opinion opinion = OPINION_INIT;

    (void)state;
    assert_int_equal(ask_opinion(&opinion), -ERR_DENIED);
    assert_int_equal(responder.asked, 0);
}

static void a_revoked_certificate_makes_the_signature_invalid(void **state)
{
    (void)state;
    become_tenant();
    responder.says = OCSP_REVOKED;
    assert_opinion(VERDICT_INVALID, "revoked");
    responder.reason = CRL_CERTIFICATE_HOLD;
    assert_opinion(VERDICT_INVALID, "revoked");
}

static void a_certificate_the_responder_does_not_know_is_not_believed(void **state)
{
    (void)state;
    become_tenant();
    responder.says = OCSP_UNKNOWN;
    assert_opinion(VERDICT_INDETERMINATE, reason_name(REASON_REVOCATION_NOT_CHECKED));
}

/* Whoever is between platform and responder, or responds himself. */
static void a_spoilt_answer_is_not_believed(void **state)
{
    (void)state;
    become_tenant();
    for (enum flaw flaw = NO_FLAW + 1; flaw < FLAWS_; flaw++) {
        responder.flaw = flaw;
        assert_opinion(VERDICT_INDETERMINATE, reason_name(REASON_REVOCATION_NOT_CHECKED));
    }
    assert_int_equal(responder.asked, FLAWS_ - 1);
}

static void a_responder_that_is_away_makes_nothing_valid(void **state)
{
    (void)state;
    become_tenant();
    http_server_stopp(&responder_server);
    assert_opinion(VERDICT_INDETERMINATE, reason_name(REASON_REVOCATION_NOT_CHECKED));
}

static void a_good_answer_to_a_signed_question_makes_it_valid(void **state)
{
    CLEANUP(opinion_done) struct opinion opinion = OPINION_INIT;

    (void)state;
    become_tenant();
    assert_int_equal(ask_opinion(&opinion), 0);
    assert_int_equal(opinion.verdict, VERDICT_VALID);
    assert_true(opinion.has_holder);
    assert_true(bytes_equal(buf_bytes(&opinion.name), test_pki_holder()->name));
    assert_int_equal(responder.asked, 1);
    assert_int_equal(responder.signed_by_verifier, 1);
}

/* The holder's side of a login, with a card that is only a key; its result on success. */
static int log_in(const char *origin, char ret_subject[SUBJECT_MAX + 1])
{
    struct challenge challenge;
    CLEANUP(challenge_proof_done) struct challenge_proof proof = {.cert = NULL};
    struct digest digest;
    int rc;

    assert_int_equal(challenge_open(remote, "bank", &challenge, NULL), 0);
    assert_int_equal(
        challenge_check_issuer(&challenge, x509_cert_tbs(pki.certs[PROFILE_AUTH])->authority_key_id,
                               NULL),
        0);
    assert_int_equal(
        challenge_check_issuer(&challenge, x509_cert_tbs(pki.certs[PROFILE_SIGN])->authority_key_id,
                               NULL),
        -ERR_UNTRUSTED);
    assert_int_equal(challenge_digest(&challenge, origin, &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_AUTH], &digest, &proof.signature, NULL), 0);
    proof.cert = pki.certs[PROFILE_AUTH];
    rc = challenge_answer(&challenge, remote, &proof, NULL, NULL);
    proof.cert = NULL;
    if (rc == 0)
        rc = challenge_redeem(&challenge, remote, ret_subject, NULL);
    challenge_done(&challenge);
    return rc;
}

static void a_login_for_another_origin_is_refused(void **state)
{
    char subject[SUBJECT_MAX + 1];

    (void)state;
    assert_int_equal(log_in("https://platform.openjpki.test.example", subject), -ERR_UNTRUSTED);
    assert_int_equal(responder.asked, 0);
}

static void a_revoked_card_does_not_log_in_and_nobody_does_while_nothing_is_known(void **state)
{
    char subject[SUBJECT_MAX + 1];

    (void)state;
    responder.says = OCSP_REVOKED;
    assert_int_equal(log_in(remote_origin(remote), subject), -ERR_UNTRUSTED);
    responder.reason = CRL_CERTIFICATE_HOLD;
    assert_int_equal(log_in(remote_origin(remote), subject), -ERR_UNTRUSTED);
    responder.says = OCSP_GOOD;
    for (enum flaw flaw = NO_FLAW + 1; flaw < FLAWS_; flaw++) {
        responder.flaw = flaw;
        assert_int_equal(log_in(remote_origin(remote), subject), -ERR_REMOTE);
    }
    http_server_stopp(&responder_server);
    assert_int_equal(log_in(remote_origin(remote), subject), -ERR_REMOTE);
}

static void a_login_gives_the_same_pseudonym_each_time(void **state)
{
    char first[SUBJECT_MAX + 1];
    char again[SUBJECT_MAX + 1];

    (void)state;
    assert_int_equal(log_in(remote_origin(remote), first), 0);
    assert_int_equal(log_in(remote_origin(remote), again), 0);
    assert_string_equal(first, again);
    assert_int_equal(responder.signed_by_verifier, 2);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(nobody_in_particular_gets_no_opinion),
        WITH_SITE(a_revoked_certificate_makes_the_signature_invalid),
        WITH_SITE(a_certificate_the_responder_does_not_know_is_not_believed),
        WITH_SITE(a_spoilt_answer_is_not_believed),
        WITH_SITE(a_responder_that_is_away_makes_nothing_valid),
        WITH_SITE(a_good_answer_to_a_signed_question_makes_it_valid),
        WITH_SITE(a_login_for_another_origin_is_refused),
        WITH_SITE(a_revoked_card_does_not_log_in_and_nobody_does_while_nothing_is_known),
        WITH_SITE(a_login_gives_the_same_pseudonym_each_time),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
