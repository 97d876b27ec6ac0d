/* SPDX-License-Identifier: Apache-2.0 */
/* Reports that are shown to somebody: which are believed, and of which document. */
#include "holder/validation.h"

#include "base/base64.h"
#include "crypto/privkey.h"
#include "docsign/cms.h"
#include "support/signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ISSUER "https://platform.example"
#define FRAME                                                                                      \
    "\"iss\":\"" ISSUER "\",\"aud\":\"bank\",\"iat\":1000,\"jti\":\"j\",\"clock\":\"platform\""
#define VALID                                                                                      \
    "\"id\":\"v-1\",\"verdict\":\"valid\",\"reasons\":[],\"purpose\":\"signature\","               \
    "\"kind\":\"signature\",\"verified_at\":900"

static struct privkey *key, *other;
static struct json *keys; /* the platform's */
static struct jwk_thumbprint kid, other_kid;

static void name_key(const struct privkey *private, struct jwk_thumbprint *ret,
                     struct json **ret_jwk)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;

    assert_int_equal(privkey_spki(private, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(jwk_thumbprint(public, ret, NULL), 0);
    assert_int_equal(jwk_write(public, JWK_SIGNATURE, ret_jwk, NULL), 0);
}

static int setup(void **state)
{
    struct json *list = json_array_new();
    struct json *unused = NULL;
    struct json *jwk = NULL;

    (void)state;
    assert_int_equal(privkey_generate_p256(&key, NULL), 0);
    assert_int_equal(privkey_generate_p256(&other, NULL), 0);
    name_key(key, &kid, &jwk);
    name_key(other, &other_kid, &unused);
    json_free(unused);
    keys = json_object_new();
    assert_int_equal(json_add(list, jwk, NULL), 0);
    return json_put(keys, "keys", list, NULL);
}

static int teardown(void **state)
{
    (void)state;
    privkey_freep(&key);
    privkey_freep(&other);
    json_free(keys);
    return 0;
}

/* A report as somebody makes it who has that key. */
static void make(const struct privkey *by, const char *name, const char *typ, const char *claims,
                 struct buf *ret)
{
    CLEANUP(json_freep) struct json *object = NULL;
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    assert_int_equal(json_parse(bytes_text(claims), &object, NULL), 0);
    assert_int_equal(jws_prepare(JWS_ES256, typ, name, object, &input, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&input), &digest, NULL), 0);
    assert_int_equal(privkey_sign_jws(by, &digest, &signature, NULL), 0);
    assert_int_equal(jws_complete(buf_bytes(&input), buf_bytes(&signature), ret, NULL), 0);
}

static int read_made(const char *claims, const struct validation_wish *wish, struct validation *ret)
{
    CLEANUP(buf_done) struct buf compact = BUF_INIT;

    make(key, kid.text, VALIDATION_TYPE, claims, &compact);
    return validation_read(buf_bytes(&compact), keys, wish, ret, NULL);
}

static const struct validation_wish anybody = {NULL, NULL};

static void a_report_by_another_key_is_not_believed(void **state)
{
    struct validation read = VALIDATION_INIT;
    CLEANUP(buf_done) struct buf named = BUF_INIT;
    CLEANUP(buf_done) struct buf claimed = BUF_INIT;

    (void)state;
    make(other, other_kid.text, VALIDATION_TYPE, "{" FRAME ",\"verification\":{" VALID "}}",
         &named);
    make(other, kid.text, VALIDATION_TYPE, "{" FRAME ",\"verification\":{" VALID "}}", &claimed);
    assert_int_equal(validation_read(buf_bytes(&named), keys, &anybody, &read, NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(validation_read(buf_bytes(&claimed), keys, &anybody, &read, NULL),
                     -ERR_UNTRUSTED);
}

static void a_changed_report_is_not_believed(void **state)
{
    struct validation read = VALIDATION_INIT;
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    CLEANUP(buf_done) struct buf changed = BUF_INIT;
    CLEANUP(buf_done) struct buf claims = BUF_INIT;
    uint8_t *first, *second;

    (void)state;
    make(key, kid.text, VALIDATION_TYPE,
         "{" FRAME ",\"verification\":{\"id\":\"v-1\",\"verdict\":\"invalid\",\"reasons\":"
         "[\"revoked\"],\"kind\":\"signature\",\"verified_at\":900}}",
         &compact);
    first = memchr(compact.ptr, '.', compact.len);
    second = memchr(first + 1, '.', compact.len - (size_t)(first + 1 - compact.ptr));
    assert_int_equal(
        buf_append(&changed, bytes_of(compact.ptr, (size_t)(first + 1 - compact.ptr)), NULL), 0);
    assert_int_equal(buf_append_text(&claims, "{" FRAME ",\"verification\":{" VALID "}}", NULL), 0);
    assert_int_equal(base64_append(&changed, BASE64_URL, buf_bytes(&claims), NULL), 0);
    assert_int_equal(
        buf_append(&changed, bytes_of(second, compact.len - (size_t)(second - compact.ptr)), NULL),
        0);
    assert_int_equal(validation_read(buf_bytes(&changed), keys, &anybody, &read, NULL),
                     -ERR_UNTRUSTED);
}

static void what_is_no_report_is_refused(void **state)
{
    static const char *const claims[] = {
        "{" FRAME "}",
        "{" FRAME ",\"verification\":{}}",
        "{" FRAME ",\"verification\":{\"id\":\"v\",\"verdict\":\"good\",\"reasons\":[],\"kind\":"
        "\"cms\",\"verified_at\":1}}",
        "{" FRAME ",\"verification\":{\"id\":\"v\",\"verdict\":\"invalid\",\"reasons\":[],\"kind\":"
        "\"cms\",\"verified_at\":1}}",
        "{" FRAME ",\"verification\":{" VALID
        ",\"digest\":{\"alg\":\"SHA-256\",\"value\":\"AAAA\"}}}",
        "{\"iss\":\"\",\"aud\":\"bank\",\"iat\":1,\"verification\":{" VALID "}}",
    };
    struct validation read = VALIDATION_INIT;
    CLEANUP(buf_done) struct buf token = BUF_INIT;
    CLEANUP(buf_done) struct buf none = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
        assert_int_equal(read_made(claims[i], &anybody, &read), -ERR_INPUT);
    /* A token of the same key, and one that says that it needs no signature. */
    make(key, kid.text, "JWT", "{" FRAME ",\"verification\":{" VALID "}}", &token);
    assert_int_equal(validation_read(buf_bytes(&token), keys, &anybody, &read, NULL), -ERR_INPUT);
    assert_int_equal(
        base64_append(&none, BASE64_URL,
                      BYTES_LITERAL("{\"alg\":\"none\",\"typ\":\"" VALIDATION_TYPE "\"}"), NULL),
        0);
    assert_int_equal(buf_append_byte(&none, '.', NULL), 0);
    assert_int_equal(base64_append(&none, BASE64_URL,
                                   BYTES_LITERAL("{" FRAME ",\"verification\":{" VALID "}}"), NULL),
                     0);
    assert_int_equal(buf_append_byte(&none, '.', NULL), 0);
    assert_int_equal(validation_read(buf_bytes(&none), keys, &anybody, &read, NULL), -ERR_INPUT);
    assert_int_equal(validation_read(BYTES_LITERAL(""), keys, &anybody, &read, NULL), -ERR_INPUT);
}

static void a_report_of_another_platform_or_for_another_provider_is_refused(void **state)
{
    static const char claims[] = "{" FRAME ",\"verification\":{" VALID "}}";
    static const struct validation_wish wrong[] = {{"https://other.example", NULL}, {NULL, "shop"}};
    static const struct validation_wish right = {ISSUER, "bank"};
    struct validation none = VALIDATION_INIT;
    CLEANUP(validation_done) struct validation read = VALIDATION_INIT;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(read_made(claims, &wrong[i], &none), -ERR_UNTRUSTED);
    assert_int_equal(read_made(claims, &right, &read), 0);
}

/* A report with the digest of this text. */
static void read_about(const char *kind, struct bytes what, struct validation *ret)
{
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    CLEANUP(buf_done) struct buf claims = BUF_INIT;
    struct digest digest;
    const char *text, *all;

    assert_int_equal(digest_compute(DIGEST_SHA256, what, &digest, NULL), 0);
    assert_int_equal(base64_append(&value, BASE64_PADDED, digest_bytes(&digest), NULL), 0);
    assert_int_equal(buf_text(&value, &text, NULL), 0);
    assert_int_equal(
        buf_append_format(&claims, NULL,
                          "{" FRAME ",\"verification\":{\"id\":\"v\",\"verdict\":\"valid\","
                          "\"reasons\":[],\"kind\":\"%s\",\"verified_at\":900,\"digest\":{\"alg\":"
                          "\"SHA-256\",\"value\":\"%s\"}}}",
                          kind, text),
        0);
    assert_int_equal(buf_text(&claims, &all, NULL), 0);
    assert_int_equal(read_made(all, &anybody, ret), 0);
}

static struct validation_document document_of(const char *text, struct bytes cms)
{
    struct validation_document document = {.cms = cms};

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(text), &document.document, NULL), 0);
    document.of_cms = document.document;
    return document;
}

static void a_report_is_about_one_document(void **state)
{
    CLEANUP(validation_done) struct validation read = VALIDATION_INIT;
    CLEANUP(validation_done) struct validation bare = VALIDATION_INIT;
    const struct validation_document right = document_of("a contract", BYTES_LITERAL(""));
    const struct validation_document wrong = document_of("another", BYTES_LITERAL(""));
    enum digest_alg alg;

    (void)state;
    read_about("pdf", BYTES_LITERAL("a contract"), &read);
    assert_int_equal(validation_digest_alg(&read, &alg, NULL), 0);
    assert_int_equal(alg, DIGEST_SHA256);
    assert_int_equal(validation_check_document(&read, &right, NULL), 0);
    assert_int_equal(validation_check_document(&read, &wrong, NULL), -ERR_UNTRUSTED);
    assert_int_equal(read_made("{" FRAME ",\"verification\":{" VALID "}}", &anybody, &bare), 0);
    assert_int_equal(validation_digest_alg(&bare, &alg, NULL), -ERR_UNTRUSTED);
    assert_int_equal(validation_check_document(&bare, &right, NULL), -ERR_UNTRUSTED);
}

/* jpki sends the digest of the signed attributes: they lead to the document, and to no other. */
static void signed_attributes_lead_to_their_document(void **state)
{
    CLEANUP(buf_done) struct buf p7s = BUF_INIT;
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    CLEANUP(validation_done) struct validation read = VALIDATION_INIT;
    CLEANUP(validation_done) struct validation other_kind = VALIDATION_INIT;
    struct validation_document right, wrong, without;
    struct test_pki pki;
    struct cms cms;

    (void)state;
    test_pki_make_some(&pki, 1U << PROFILE_SIGN_CA | 1U << PROFILE_SIGN);
    test_document_sign(&pki, BYTES_LITERAL("a contract"), TEST_PKI_NOW, &p7s);
    assert_int_equal(cms_parse(buf_bytes(&p7s), &cms, NULL), 0);
    assert_int_equal(buf_copy(cms.attributes, &attributes, NULL), 0);
    attributes.ptr[0] = 0x31; /* SET OF, as it was hashed */
    read_about("signature", buf_bytes(&attributes), &read);
    read_about("cms", buf_bytes(&attributes), &other_kind);
    right = document_of("a contract", buf_bytes(&p7s));
    wrong = document_of("another", buf_bytes(&p7s));
    without = document_of("a contract", BYTES_LITERAL(""));
    assert_int_equal(validation_check_document(&read, &right, NULL), 0);
    assert_int_equal(validation_check_document(&read, &wrong, NULL), -ERR_UNTRUSTED);
    assert_int_equal(validation_check_document(&read, &without, NULL), -ERR_UNTRUSTED);
    assert_int_equal(validation_check_document(&other_kind, &right, NULL), -ERR_UNTRUSTED);
    test_pki_done(&pki);
}

static void a_good_report_tells_verdict_and_times(void **state)
{
    CLEANUP(validation_done) struct validation read = VALIDATION_INIT;

    (void)state;
    assert_int_equal(read_made("{" FRAME ",\"verification\":{" VALID "}}", &anybody, &read), 0);
    assert_int_equal(read.opinion.verdict, VERDICT_VALID);
    assert_true(bytes_equal(buf_bytes(&read.issuer), BYTES_LITERAL(ISSUER)));
    assert_true(bytes_equal(buf_bytes(&read.provider), BYTES_LITERAL("bank")));
    assert_int_equal(read.verified_at, 900);
    assert_int_equal(read.made_at, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_by_another_key_is_not_believed),
        cmocka_unit_test(a_changed_report_is_not_believed),
        cmocka_unit_test(what_is_no_report_is_refused),
        cmocka_unit_test(a_report_of_another_platform_or_for_another_provider_is_refused),
        cmocka_unit_test(a_report_is_about_one_document),
        cmocka_unit_test(signed_attributes_lead_to_their_document),
        cmocka_unit_test(a_good_report_tells_verdict_and_times),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
