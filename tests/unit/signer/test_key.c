/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures over whole structures: what is refused, what is remembered, what is made. */
#include "signer/key.h"

#include "base/file.h"
#include "crypto/ed25519.h"
#include "crypto/jws.h"
#include "revocation/crl_write.h"
#include "revocation/feed_draft.h"
#include "support/revocations.h"
#include "support/signer_site.h"
#include "support/wrap.h"
#include "x509/name.h"
#include "x509/ocsp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct test_pki pki;
static struct signer_site site;
static struct signer_config *config;
static struct secret passphrase;
static struct key *key; /* sign-ca */

static struct key *opened(void)
{
    struct key *fresh = NULL;

    assert_int_equal(key_open(config, &config->key[0], &passphrase, &fresh, NULL), 0);
    return fresh;
}

static int setup_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return secret_copy(BYTES_LITERAL("a passphrase of tests"), &passphrase, NULL);
}

static int teardown_pki(void **state)
{
    (void)state;
    secret_done(&passphrase);
    test_pki_done(&pki);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    signer_site_make(&site, &pki, 1);
    assert_int_equal(signer_config_read(site.config, &config, NULL), 0);
    key = opened();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    key_freep(&key);
    signer_config_freep(&config);
    signer_site_done(&site);
    return 0;
}

static struct bytes tbs_of(enum profile_kind kind)
{
    return x509_cert_tbs(pki.certs[kind])->der;
}

static int sign(struct bytes tbs, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct key_act act;
    int rc = key_sign(key, SIGNER_CERTIFICATE, tbs, &signature, &act, err);

    if (rc == 0) {
        const struct pubkey *public = x509_cert_pubkey(pki.certs[PROFILE_SIGN_CA]);
        struct digest digest;

        assert_int_equal(digest_compute(DIGEST_SHA256, tbs, &digest, NULL), 0);
        assert_int_equal(pubkey_verify(public, &digest, buf_bytes(&signature), NULL), 0);
    } else {
        assert_null(signature.ptr);
    }
    return rc;
}

/* A certificate of the sign profile with another serial number. */
static void with_serial(uint32_t serial, struct buf *ret)
{
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_SIGN);

    inputs.serial = serial;
    inputs.spki = test_pki_spki(&pki, PROFILE_SIGN);
    assert_int_equal(profile_build_tbs(profile_of(PROFILE_SIGN), &inputs, ret, NULL), 0);
}

/* The sign certificate's structure with this DER in place of its serial number 2. */
static void with_serial_der(struct bytes serial, struct buf *ret)
{
    struct bytes tbs = tbs_of(PROFILE_SIGN);
    /* 30 82 LL LL, a0 03 02 01 02, 02 01 02 */
    struct bytes version = bytes_part(tbs, 4, 5);
    struct bytes rest = bytes_part(tbs, 12, tbs.len);
    size_t len = version.len + serial.len + rest.len;
    const uint8_t start[] = {0x30, 0x82, (uint8_t)(len >> 8), (uint8_t)len};

    assert_int_equal(buf_append(ret, BYTES_ARRAY(start), NULL), 0);
    assert_int_equal(buf_append(ret, version, NULL), 0);
    assert_int_equal(buf_append(ret, serial, NULL), 0);
    assert_int_equal(buf_append(ret, rest, NULL), 0);
}

static void what_is_no_structure_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf longer = BUF_INIT;
    struct bytes tbs = tbs_of(PROFILE_SIGN);

    (void)state;
    assert_int_equal(sign(tbs_of(PROFILE_SIGN_CA), NULL), 0);
    assert_int_equal(sign(BYTES_LITERAL("garbage"), NULL), -ERR_INPUT);
    assert_int_equal(sign(bytes_of(NULL, 0), NULL), -ERR_INPUT);
    assert_int_equal(sign(bytes_part(tbs, 0, tbs.len - 1), NULL), -ERR_INPUT);
    assert_int_equal(buf_append(&longer, tbs, NULL), 0);
    assert_int_equal(buf_append_byte(&longer, 0, NULL), 0);
    assert_int_equal(sign(buf_bytes(&longer), NULL), -ERR_INPUT);
    /* A whole certificate is not what is signed, and a hash is nothing at all. */
    assert_int_equal(sign(x509_cert_der(pki.certs[PROFILE_SIGN]), NULL), -ERR_INPUT);
    assert_int_equal(sign(bytes_part(tbs, 0, 32), NULL), -ERR_INPUT);
    assert_int_equal(sign(tbs, NULL), 0);
}

static void serial_numbers_outside_their_range_are_refused(void **state)
{
    static const struct {
        struct bytes der;
        int rc;
    } rows[] = {
        {{(const uint8_t *)"\x02\x01\x00", 3}, -ERR_INPUT},             /* 0 */
        {{(const uint8_t *)"\x02\x01\xff", 3}, -ERR_INPUT},             /* -1 */
        {{(const uint8_t *)"\x02\x02\x00\x02", 4}, -ERR_INPUT},         /* not shortest */
        {{(const uint8_t *)"\x02\x05\x01\0\0\0\0", 7}, -ERR_UNTRUSTED}, /* 2^32 */
        {{(const uint8_t *)"\x02\x05\x00\xff\xff\xff\xff", 7}, 0},      /* 2^32-1 */
        {{(const uint8_t *)"\x02\x01\x02", 3}, 0},
    };

    (void)state;
    assert_int_equal(sign(tbs_of(PROFILE_SIGN_CA), NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf tbs = BUF_INIT;

        with_serial_der(rows[i].der, &tbs);
        assert_int_equal(sign(buf_bytes(&tbs), NULL), rows[i].rc);
    }
}

static void another_algorithm_than_ours_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    static const uint8_t ours[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b};
    struct err err;
    uint8_t *at;

    (void)state;
    assert_int_equal(sign(tbs_of(PROFILE_SIGN_CA), NULL), 0);
    assert_int_equal(buf_append(&tbs, tbs_of(PROFILE_SIGN), NULL), 0);
    at = memmem(tbs.ptr, tbs.len, ours, sizeof ours);
    assert_non_null(at);
    at[8] = 0x05; /* sha1WithRSAEncryption */
    assert_int_equal(sign(buf_bytes(&tbs), &err), -ERR_UNTRUSTED);
    at[8] = 0x0d; /* sha512WithRSAEncryption */
    assert_int_equal(sign(buf_bytes(&tbs), &err), -ERR_UNTRUSTED);
}

/* One structure of each kind, all by or about the sign CA and the keys of its holder. */
static struct buf structures[SIGNER_FEED + 1];

static void make_ocsp(void)
{
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    const struct tbs *ca = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]);
    struct ocsp_question question = {.count = 1};
    struct ocsp_response response = {.produced_at = TEST_PKI_NOW, .count = 1};
    uint8_t key_id[KEY_ID_SIZE];
    struct bytes one;

    assert_int_equal(ocsp_cert_id_build(DIGEST_SHA1, ca, BYTES_LITERAL("\x07"), &id, NULL), 0);
    one = buf_bytes(&id);
    question.cert_ids = &one;
    assert_int_equal(ocsp_request_build(&question, &structures[SIGNER_OCSP_REQUEST], NULL), 0);
    assert_int_equal(pubkey_key_id(x509_cert_pubkey(pki.certs[PROFILE_SIGN]), key_id, NULL), 0);
    response.responder_key_hash = BYTES_ARRAY(key_id);
    response.singles[0] = (struct ocsp_single){
        .id.der = one, .this_update = TEST_PKI_NOW, .next_update = TEST_PKI_NOW + 900};
    assert_int_equal(ocsp_response_build_data(&response, &structures[SIGNER_OCSP_RESPONSE], NULL),
                     0);
}

static void make_list(uint64_t number, struct buf *ret)
{
    const struct tbs *ca = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]);
    const struct crl_head head = {.issuer = ca->subject,
                                  .authority_key_id = ca->subject_key_id,
                                  .number = number,
                                  .this_update = TEST_PKI_NOW,
                                  .next_update = TEST_PKI_NOW + 86400};
    struct test_revocations none = {0};
    const struct revocation_source source = test_revocations_source(&none);
    const struct crl_sink sink = crl_sink_buf(ret);

    assert_int_equal(crl_write_tbs(&head, &source, &sink, NULL, NULL), 0);
}

/* About another key's CA, by the key of the sign CA's holder. */
static void make_feed(uint32_t edition, struct buf *ret)
{
    CLEANUP(feed_state_done) struct feed_state feed = {.revoked = NULL};
    CLEANUP(feed_draft_done) struct feed_draft draft = {BUF_INIT, BUF_INIT};
    uint8_t key_id[KEY_ID_SIZE];
    struct feed_frame frame = {
        .ca_key_id = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA])->subject_key_id,
        .signer_key_id = BYTES_ARRAY(key_id),
        .edition = edition,
        .this_update = TEST_PKI_NOW,
        .next_update = TEST_PKI_NOW + 48 * 3600,
    };

    assert_int_equal(pubkey_key_id(x509_cert_pubkey(pki.certs[PROFILE_SIGN]), key_id, NULL), 0);
    assert_int_equal(feed_state_init(&feed, NULL), 0);
    assert_int_equal(feed_draft_snapshot(&frame, &feed, &draft, NULL), 0);
    buf_move(ret, &draft.head);
}

static void make_structures(void)
{
    assert_int_equal(buf_append(&structures[SIGNER_CERTIFICATE], tbs_of(PROFILE_SIGN_CA), NULL), 0);
    make_list(1, &structures[SIGNER_CRL]);
    make_ocsp();
    make_feed(7, &structures[SIGNER_FEED]);
}

static void drop_structures(void)
{
    for (size_t i = 0; i < sizeof structures / sizeof structures[0]; i++)
        buf_done(&structures[i]);
}

/* A key in a site that has these sections, too. */
static struct key *opened_with(const char *sections, const char *name,
                               struct signer_config **ret_config)
{
    const struct key_config *row;
    struct key *fresh = NULL;

    signer_site_configure(&site, "1", sections);
    assert_int_equal(signer_config_read(site.config, ret_config, NULL), 0);
    assert_int_equal(signer_config_key(*ret_config, name, &row, NULL), 0);
    assert_int_equal(key_open(*ret_config, row, &passphrase, &fresh, NULL), 0);
    return fresh;
}

/* Key k under another role. */
static struct key *opened_as(const char *role, struct signer_config **ret_config)
{
    CLEANUP(buf_done) struct buf more = BUF_INIT;
    const char *text;

    assert_int_equal(buf_append_format(&more, NULL, "[key k]\nrole = %s\nallow_uid = 1\n", role),
                     0);
    assert_int_equal(buf_text(&more, &text, NULL), 0);
    return opened_with(text, "k", ret_config);
}

static void assert_signs_only(struct key *by, const char *role, enum signer_kind own)
{
    for (int kind = 0; kind <= SIGNER_FEED + 1; kind++) {
        CLEANUP(buf_done) struct buf signature = BUF_INIT;
        struct bytes tbs = kind <= SIGNER_FEED ? buf_bytes(&structures[kind]) : BYTES_LITERAL("?");
        struct key_act act;
        struct err err;
        char text[128];

        if (kind == (int)own) {
            assert_int_equal(key_sign(by, own, tbs, &signature, &act, NULL), 0);
            assert_int_equal(signature.len, 256);
            continue;
        }
        assert_int_equal(key_sign(by, (enum signer_kind)kind, tbs, &signature, &act, &err),
                         -ERR_UNTRUSTED);
        (void)snprintf(text, sizeof text, "structures of kind %d are not signed by keys of role %s",
                       kind, role);
        assert_string_equal(err.text, text);
        assert_null(signature.ptr);
    }
}

static void each_role_signs_its_own_structures_and_no_others(void **state)
{
    static const struct {
        const char *role;
        enum signer_kind kind;
    } rows[] = {{"ocsp", SIGNER_OCSP_RESPONSE},
                {"verifier", SIGNER_OCSP_REQUEST},
                {"feed", SIGNER_FEED},
                {"token", (enum signer_kind) - 1}};

    (void)state;
    make_structures();
    signer_site_add_key(&site, "k", pki.keys[PROFILE_SIGN]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(signer_config_freep) struct signer_config *other = NULL;
        CLEANUP(key_freep) struct key *by = opened_as(rows[i].role, &other);

        assert_signs_only(by, rows[i].role, rows[i].kind);
    }
    drop_structures();
}

static void a_ca_signs_nothing_of_ocsp_and_no_feed(void **state)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct key_act act;

    (void)state;
    make_structures();
    for (int kind = SIGNER_OCSP_RESPONSE; kind <= SIGNER_OCSP_REQUEST; kind++)
        assert_int_equal(key_sign(key, (enum signer_kind)kind, buf_bytes(&structures[kind]),
                                  &signature, &act, NULL),
                         -ERR_UNTRUSTED);
    assert_int_equal(
        key_sign(key, SIGNER_FEED, buf_bytes(&structures[SIGNER_FEED]), &signature, &act, NULL),
        -ERR_UNTRUSTED);
    drop_structures();
}

/* A token of this key's own, as a JWS that verifies. */
static void assert_signs_token(struct key *by)
{
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    CLEANUP(json_freep) struct json *claims = NULL;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    struct jwk_thumbprint kid;
    struct key_act act;

    assert_int_equal(pubkey_from_spki_jws(key_spki(by), &public, NULL), 0);
    assert_int_equal(jwk_thumbprint(public, &kid, NULL), 0);
    assert_int_equal(json_parse(BYTES_LITERAL("{\"iss\":\"https://op\",\"sub\":\"s\",\"aud\":"
                                              "\"a\",\"iat\":1,\"exp\":2}"),
                                &claims, NULL),
                     0);
    assert_int_equal(jws_prepare(JWS_ES256, "JWT", kid.text, claims, &input, NULL), 0);
    assert_int_equal(key_sign(by, SIGNER_TOKEN, buf_bytes(&input), &signature, &act, NULL), 0);
    assert_string_equal(act.what, "token");
    assert_int_equal(jws_complete(buf_bytes(&input), buf_bytes(&signature), &compact, NULL), 0);
    assert_int_equal(jws_parse(buf_bytes(&compact), &jws, NULL), 0);
    assert_int_equal(jws_verify(&jws, public, NULL), 0);
}

static void a_key_on_p_256_signs_tokens_and_has_no_other_role(void **state)
{
    static const char section[] = "[key k]\nrole = jws\nallow_uid = 1\nissuer = https://op\n";
    CLEANUP(privkey_freep) struct privkey *point = NULL;
    CLEANUP(signer_config_freep) struct signer_config *other = NULL;
    CLEANUP(signer_config_freep) struct signer_config *wrong = NULL;
    CLEANUP(key_freep) struct key *by = NULL;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct key_config *row;
    struct key *none = NULL;
    struct key_act act;

    (void)state;
    assert_int_equal(privkey_generate_p256(&point, NULL), 0);
    signer_site_add_key(&site, "k", point);
    by = opened_with(section, "k", &other);
    assert_string_equal(key_algorithm(by), "P-256");
    make_structures();
    for (int kind = 0; kind <= SIGNER_FEED; kind++)
        assert_int_equal(key_sign(by, (enum signer_kind)kind, buf_bytes(&structures[kind]),
                                  &signature, &act, NULL),
                         -ERR_UNTRUSTED);
    drop_structures();
    assert_signs_token(by);
    signer_site_configure(&site, "1", "[key k]\nrole = verifier\nallow_uid = 1\n");
    assert_int_equal(signer_config_read(site.config, &wrong, NULL), 0);
    assert_int_equal(signer_config_key(wrong, "k", &row, NULL), 0);
    assert_int_equal(key_open(wrong, row, &passphrase, &none, NULL), -ERR_INPUT);
}

static int sign_note(struct key *by, enum signer_kind kind, const char *text, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    uint8_t public[ED25519_KEY_SIZE];
    struct key_act act;

    TRY(key_sign(by, kind, bytes_text(text), &signature, &act, err));
    assert_string_equal(act.what, kind == SIGNER_CHECKPOINT ? "checkpoint" : "cosignature");
    assert_int_equal(ed25519_from_spki(key_spki(by), public, NULL), 0);
    return ed25519_verify(public, bytes_text(text), buf_bytes(&signature), err);
}

#define ROOT_A "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=\n"
#define ROOT_B "aHRGLEj2gxeg9MRAiTaziVMhLiALmR1gMs7pLkvlMIo=\n"

/* Also after a restart: a log that became smaller, or has another past, has no more checkpoints. */
static void checkpoints_of_a_log_grow(void **state)
{
    static const char section[] =
        "[key k]\nrole = checkpoint\nbits = 255\nallow_uid = 1\norigin = log\n";
    CLEANUP(privkey_freep) struct privkey *private = NULL;
    CLEANUP(signer_config_freep) struct signer_config *first = NULL;
    CLEANUP(signer_config_freep) struct signer_config *second = NULL;
    struct key *by;

    (void)state;
    assert_int_equal(privkey_generate_ed25519(&private, NULL), 0);
    signer_site_add_key(&site, "k", private);
    by = opened_with(section, "k", &first);
    assert_string_equal(key_algorithm(by), "Ed25519");
    assert_int_equal(sign_note(by, SIGNER_CHECKPOINT, "log\n5\n" ROOT_A, NULL), 0);
    assert_int_equal(sign_note(by, SIGNER_CHECKPOINT, "log\n5\n" ROOT_A, NULL), 0);
    assert_int_equal(sign_note(by, SIGNER_CHECKPOINT, "log\n5\n" ROOT_B, NULL), -ERR_CONFLICT);
    assert_int_equal(sign_note(by, SIGNER_CHECKPOINT, "log\n4\n" ROOT_A, NULL), -ERR_CONFLICT);
    assert_int_equal(sign_note(by, SIGNER_CHECKPOINT, "other\n6\n" ROOT_A, NULL), -ERR_UNTRUSTED);
    assert_int_equal(
        sign_note(by, SIGNER_COSIGNATURE, "cosignature/v1\ntime 1\nlog\n6\n" ROOT_A, NULL),
        -ERR_UNTRUSTED);
    assert_int_equal(key_sync(by, NULL), 0);
    key_free(by);
    by = opened_with(section, "k", &second);
    assert_int_equal(sign_note(by, SIGNER_CHECKPOINT, "log\n4\n" ROOT_A, NULL), -ERR_CONFLICT);
    assert_int_equal(sign_note(by, SIGNER_CHECKPOINT, "log\n6\n" ROOT_B, NULL), 0);
    key_free(by);
}

static void a_witness_signs_no_checkpoint_and_its_key_is_of_no_other_kind(void **state)
{
    static const char section[] =
        "[key k]\nrole = cosignature\nbits = 255\nallow_uid = 1\norigins = log\n";
    CLEANUP(privkey_freep) struct privkey *private = NULL;
    CLEANUP(signer_config_freep) struct signer_config *mine = NULL;
    CLEANUP(signer_config_freep) struct signer_config *wrong = NULL;
    CLEANUP(key_freep) struct key *by = NULL;
    const struct key_config *row;
    struct key *none = NULL;

    (void)state;
    assert_int_equal(privkey_generate_ed25519(&private, NULL), 0);
    signer_site_add_key(&site, "k", private);
    by = opened_with(section, "k", &mine);
    assert_int_equal(
        sign_note(by, SIGNER_COSIGNATURE, "cosignature/v1\ntime 1\nlog\n6\n" ROOT_A, NULL), 0);
    assert_int_equal(
        sign_note(by, SIGNER_COSIGNATURE, "cosignature/v1\ntime 1\nlog\n5\n" ROOT_B, NULL), 0);
    assert_int_equal(sign_note(by, SIGNER_CHECKPOINT, "log\n5\n" ROOT_A, NULL), -ERR_UNTRUSTED);
    signer_site_configure(&site, "1", "[key k]\nrole = verifier\nallow_uid = 1\n");
    assert_int_equal(signer_config_read(site.config, &wrong, NULL), 0);
    assert_int_equal(signer_config_key(wrong, "k", &row, NULL), 0);
    assert_int_equal(key_open(wrong, row, &passphrase, &none, NULL), -ERR_INPUT);
}

/* Also where the allocator gives a new key the place of the last: a site is told keys by value. */
static void each_key_file_holds_the_key_it_was_made_of(void **state)
{
    static const char section[] =
        "[key k0]\nrole = cosignature\nbits = 255\nallow_uid = 1\norigins = log\n"
        "[key k1]\nrole = cosignature\nbits = 255\nallow_uid = 1\norigins = log\n"
        "[key k2]\nrole = cosignature\nbits = 255\nallow_uid = 1\norigins = log\n";
    static const char *const names[] = {"k0", "k1", "k2"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        CLEANUP(privkey_freep) struct privkey *private = NULL; /* released last, so used next */
        CLEANUP(signer_config_freep) struct signer_config *own = NULL;
        CLEANUP(buf_done) struct buf spki = BUF_INIT;
        CLEANUP(key_freep) struct key *by = NULL;

        assert_int_equal(privkey_generate_ed25519(&private, NULL), 0);
        assert_int_equal(privkey_spki(private, &spki, NULL), 0);
        signer_site_add_key(&site, names[i], private);
        by = opened_with(section, names[i], &own);
        assert_true(bytes_equal(key_spki(by), buf_bytes(&spki)));
    }
}

static int sign_feed(struct key *by, uint32_t edition, struct err *err)
{
    CLEANUP(buf_done) struct buf head = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct key_act act;

    make_feed(edition, &head);
    TRY(key_sign(by, SIGNER_FEED, buf_bytes(&head), &signature, &act, err));
    assert_string_equal(act.what, "feed-snapshot");
    assert_int_equal(act.serial, edition);
    return 0;
}

/* Also after a restart: no edition is ever signed behind a later one. */
static void editions_of_a_feed_rise(void **state)
{
    CLEANUP(signer_config_freep) struct signer_config *first = NULL;
    CLEANUP(signer_config_freep) struct signer_config *second = NULL;
    struct key *by;

    (void)state;
    signer_site_add_key(&site, "k", pki.keys[PROFILE_SIGN]);
    by = opened_as("feed", &first);
    assert_int_equal(sign_feed(by, 5, NULL), 0);
    assert_int_equal(sign_feed(by, 5, NULL), 0); /* the same bytes */
    assert_int_equal(sign_feed(by, 4, NULL), -ERR_CONFLICT);
    assert_int_equal(sign_feed(by, 9, NULL), 0);
    key_free(by);
    by = opened_as("feed", &second);
    assert_int_equal(sign_feed(by, 8, NULL), -ERR_CONFLICT);
    assert_int_equal(sign_feed(by, 10, NULL), 0);
    key_free(by);
}

/* What its own key signs is still refused when it says another is the responder. */
static void an_answer_in_the_name_of_another_responder_is_refused(void **state)
{
    CLEANUP(signer_config_freep) struct signer_config *other = NULL;
    CLEANUP(key_freep) struct key *by = NULL;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct key_act act;

    (void)state;
    make_structures();
    signer_site_add_key(&site, "k", pki.keys[PROFILE_AUTH]);
    by = opened_as("ocsp", &other);
    assert_int_equal(key_sign(by, SIGNER_OCSP_RESPONSE,
                              buf_bytes(&structures[SIGNER_OCSP_RESPONSE]), &signature, &act, NULL),
                     -ERR_UNTRUSTED);
    assert_string_equal(act.what, "ocsp-response");
    drop_structures();
}

static int sign_list(uint64_t number, struct err *err)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    const struct pubkey *public = x509_cert_pubkey(pki.certs[PROFILE_SIGN_CA]);
    struct digest digest;
    struct key_act act;

    make_list(number, &tbs);
    TRY(key_sign(key, SIGNER_CRL, buf_bytes(&tbs), &signature, &act, err));
    assert_int_equal(act.serial, number);
    assert_string_equal(act.what, "empty-crl");
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&tbs), &digest, NULL), 0);
    return pubkey_verify(public, &digest, buf_bytes(&signature), err);
}

static void numbers_of_lists_rise_for_ever(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(sign_list(1, NULL), -ERR_UNTRUSTED); /* no CA certificate yet */
    assert_int_equal(sign(tbs_of(PROFILE_SIGN_CA), NULL), 0);
    assert_int_equal(sign_list(4, NULL), 0);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(sign_list(4, NULL), 0); /* the same bytes */
        assert_int_equal(sign_list(3, &err), -ERR_CONFLICT);
        assert_string_equal(err.text, "number 3 is not higher than the last one, 4");
        key_freep(&key);
        key = opened();
    }
    assert_int_equal(sign_list(5, NULL), 0);
    /* A list does not use up a serial number. */
    assert_int_equal(sign(tbs_of(PROFILE_SIGN), NULL), 0);
}

static void a_key_that_is_a_ca_takes_no_other_role(void **state)
{
    struct key_config row = config->key[0];
    struct key *fresh = NULL;

    (void)state;
    row.is = KEY_ROLE_OCSP;
    key_freep(&key);
    assert_int_equal(key_open(config, &row, &passphrase, &fresh, NULL), 0);
    key_freep(&fresh);
    key = opened();
    assert_int_equal(sign(tbs_of(PROFILE_SIGN_CA), NULL), 0);
    key_freep(&key);
    assert_int_equal(key_open(config, &row, &passphrase, &fresh, NULL), -ERR_INPUT);
    assert_null(fresh);
}

static void only_a_verifier_certifies_itself(void **state)
{
    CLEANUP(signer_config_freep) struct signer_config *other = NULL;
    CLEANUP(key_freep) struct key *by = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct tbs *tbs;

    (void)state;
    assert_int_equal(key_certify(key, TEST_PKI_NOW, &der, NULL), -ERR_USAGE);
    signer_site_add_key(&site, "k", pki.keys[PROFILE_SIGN]);
    by = opened_as("verifier", &other);
    assert_int_equal(key_certify(by, TEST_PKI_NOW, &der, NULL), 0);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    assert_int_equal(x509_cert_is_signed_by(cert, x509_cert_pubkey(cert), NULL), 0);
    tbs = x509_cert_tbs(cert);
    assert_true(bytes_equal(tbs->spki, key_spki(by)));
    assert_int_equal(tbs->key_usage, KEY_USAGE_DIGITAL_SIGNATURE);
    assert_false(tbs->is_ca);
    assert_true(name_equal(tbs->subject, tbs->issuer));
    assert_int_equal(tbs->not_before, TEST_PKI_NOW);
    assert_int_equal(tbs->not_after, TEST_PKI_NOW + 1830LL * 86400);
}

/* A root and two data keys, the second under an id that the root does not know. */
static const char card_sections[] =
    "[key r]\nrole = cv-root\nallow_uid = 1\nkey_id = 39303030303333080530303100000000\n"
    "subjects = 39303030303334080530303100000000\n"
    "[key d]\nrole = card-data\nallow_uid = 1\nkey_id = 39303030303334080530303100000000\n"
    "applet = text\n"
    "[key e]\nrole = card-data\nallow_uid = 1\nkey_id = 39303030303334080530303200000000\n"
    "applet = text\n";

static void only_a_root_certifies_and_only_data_keys_it_knows(void **state)
{
    static const enum profile_kind kinds[] = {PROFILE_SIGN_CA, PROFILE_SIGN, PROFILE_AUTH};
    CLEANUP(buf_done) struct buf first = BUF_INIT;
    CLEANUP(buf_done) struct buf second = BUF_INIT;
    struct signer_config *configs[3] = {NULL};
    struct key *keys[3] = {NULL};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const char name[] = {"rde"[i], '\0'};

        signer_site_add_key(&site, name, pki.keys[kinds[i]]);
        keys[i] = opened_with(card_sections, name, &configs[i]);
    }
    assert_int_equal(key_certify_card(keys[0], keys[0], &first, NULL), -ERR_USAGE);
    assert_int_equal(key_certify_card(keys[1], keys[2], &first, NULL), -ERR_USAGE);
    assert_int_equal(key_certify_card(key, keys[1], &first, NULL), -ERR_USAGE);
    assert_int_equal(key_certify_card(keys[0], keys[2], &first, NULL), -ERR_UNTRUSTED);
    assert_null(first.ptr);
    assert_int_equal(key_certify_card(keys[0], keys[1], &first, NULL), 0);
    assert_int_equal(first.len, 568);
    assert_int_equal(key_certify_card(keys[0], keys[1], &second, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&second)));
    for (size_t i = 0; i < 3; i++) {
        key_free(keys[i]);
        signer_config_free(configs[i]);
    }
}

static void only_a_token_key_unwraps(void **state)
{
    static const char *const roles[] = {"ocsp", "verifier"};
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    struct err err;

    (void)state;
    wrap_for(test_pki_spki(&pki, PROFILE_SIGN), BYTES_LITERAL("0123456789abcdef"), &wrapped);
    signer_site_add_key(&site, "k", pki.keys[PROFILE_SIGN]);
    assert_int_equal(key_unwrap(key, buf_bytes(&wrapped), &plain, &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "keys of role ca unwrap nothing");
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(signer_config_freep) struct signer_config *other = NULL;
        CLEANUP(key_freep) struct key *by = opened_as(roles[i], &other);

        assert_int_equal(key_unwrap(by, buf_bytes(&wrapped), &plain, NULL), -ERR_UNTRUSTED);
    }
    CLEANUP(signer_config_freep) struct signer_config *other = NULL;
    CLEANUP(key_freep) struct key *by = opened_as("token", &other);
    assert_int_equal(key_unwrap(by, buf_bytes(&wrapped), &plain, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&plain), BYTES_LITERAL("0123456789abcdef")));
}

/* The same sentence for a block of RSA, for what is no point, and from a key of another role. */
static void a_token_key_on_p_256_agrees_on_keys(void **state)
{
    CLEANUP(privkey_freep) struct privkey *private = NULL;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    CLEANUP(signer_config_freep) struct signer_config *other = NULL;
    CLEANUP(key_freep) struct key *by = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf point = BUF_INIT;
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    CLEANUP(secret_done) struct secret sent = SECRET_INIT;
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    struct err err;

    (void)state;
    assert_int_equal(privkey_generate_p256(&private, NULL), 0);
    assert_int_equal(privkey_spki(private, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &public, NULL), 0);
    signer_site_add_key(&site, "k", private);
    by = opened_as("token", &other);
    assert_string_equal(key_algorithm(by), "P-256");
    wrap_for(test_pki_spki(&pki, PROFILE_SIGN), BYTES_LITERAL("0123456789abcdef"), &wrapped);
    assert_int_equal(key_unwrap(by, buf_bytes(&wrapped), &plain, &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "it cannot be unwrapped with this key");
    assert_int_equal(pubkey_agree(public, &sent, &point, NULL), 0);
    point.ptr[point.len - 1] ^= 1;
    assert_int_equal(key_unwrap(by, buf_bytes(&point), &plain, &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "it cannot be unwrapped with this key");
    assert_null(plain.ptr);
    point.ptr[point.len - 1] ^= 1;
    assert_int_equal(key_unwrap(by, buf_bytes(&point), &plain, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&plain), secret_bytes(&sent)));
}

static void the_certificates_of_another_key_are_refused(void **state)
{
    (void)state;
    assert_int_equal(sign(tbs_of(PROFILE_AUTH_CA), NULL), -ERR_UNTRUSTED);
    assert_int_equal(sign(tbs_of(PROFILE_SIGN), NULL), -ERR_UNTRUSTED); /* no CA certificate yet */
    assert_false(key_has_ca(key));
    assert_int_equal(sign(tbs_of(PROFILE_SIGN_CA), NULL), 0);
    assert_true(key_has_ca(key));
    assert_int_equal(sign(tbs_of(PROFILE_AUTH), NULL), -ERR_UNTRUSTED);
}

static void a_second_ca_certificate_is_refused_for_ever(void **state)
{
    CLEANUP(buf_done) struct buf second = BUF_INIT;
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_SIGN_CA);
    struct err err;

    (void)state;
    inputs.spki = test_pki_spki(&pki, PROFILE_SIGN_CA);
    inputs.not_after--;
    assert_int_equal(profile_build_tbs(profile_of(PROFILE_SIGN_CA), &inputs, &second, NULL), 0);
    assert_int_equal(sign(tbs_of(PROFILE_SIGN_CA), NULL), 0);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(sign(buf_bytes(&second), &err), -ERR_CONFLICT);
        assert_string_equal(err.text, "this key has signed its CA certificate already");
        /* The first one may be asked for again, and is still the one that counts. */
        assert_int_equal(sign(tbs_of(PROFILE_SIGN_CA), NULL), 0);
        assert_int_equal(sign(tbs_of(PROFILE_SIGN), NULL), 0);
        key_freep(&key);
        key = opened();
    }
}

static void a_serial_number_is_used_once_and_repeated_for_the_same_bytes(void **state)
{
    CLEANUP(buf_done) struct buf other = BUF_INIT;
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_SIGN);
    struct err err;

    (void)state;
    inputs.spki = test_pki_spki(&pki, PROFILE_SIGN);
    inputs.not_after--;
    assert_int_equal(profile_build_tbs(profile_of(PROFILE_SIGN), &inputs, &other, NULL), 0);
    assert_int_equal(sign(tbs_of(PROFILE_SIGN_CA), NULL), 0);
    assert_int_equal(sign(tbs_of(PROFILE_SIGN), NULL), 0);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(sign(buf_bytes(&other), &err), -ERR_CONFLICT);
        assert_string_equal(err.text, "serial number 2 was used for other bytes");
        assert_int_equal(sign(tbs_of(PROFILE_SIGN), NULL), 0);
        key_freep(&key);
        key = opened();
    }
}

static void the_serial_number_of_the_ca_is_nobody_elses(void **state)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;

    (void)state;
    with_serial(1, &tbs);
    assert_int_equal(sign(tbs_of(PROFILE_SIGN_CA), NULL), 0);
    assert_int_equal(sign(buf_bytes(&tbs), NULL), -ERR_CONFLICT);
}

static void a_crash_before_the_decision_leaves_it_open(void **state)
{
    CLEANUP(free_text) char *path = NULL;

    (void)state;
    /* NAME.ca was written, the ledger was not. */
    assert_int_equal(path_format(&path, NULL, "%s/sign-ca.ca", site.keys), 0);
    assert_int_equal(file_create(path, 0600, tbs_of(PROFILE_AUTH_CA), NULL), 0);
    key_freep(&key);
    key = opened();
    assert_false(key_has_ca(key));
    assert_int_equal(sign(tbs_of(PROFILE_SIGN_CA), NULL), 0);
}

static void a_key_whose_files_do_not_fit_together_is_not_opened(void **state)
{
    CLEANUP(free_text) char *ca = NULL;
    CLEANUP(free_text) char *ledger = NULL;
    struct key *fresh = NULL;

    (void)state;
    assert_int_equal(path_format(&ca, NULL, "%s/sign-ca.ca", site.keys), 0);
    assert_int_equal(path_format(&ledger, NULL, "%s/sign-ca.ledger", site.keys), 0);
    assert_int_equal(sign(tbs_of(PROFILE_SIGN_CA), NULL), 0);
    key_freep(&key);
    assert_int_equal(file_replace(ca, 0600, tbs_of(PROFILE_AUTH_CA), NULL), 0);
    assert_int_equal(key_open(config, &config->key[0], &passphrase, &fresh, NULL), -ERR_INPUT);
    assert_int_equal(unlink(ca), 0);
    assert_int_equal(key_open(config, &config->key[0], &passphrase, &fresh, NULL), -ERR_ABSENT);
    assert_int_equal(file_create(ca, 0600, tbs_of(PROFILE_SIGN_CA), NULL), 0);
    assert_int_equal(key_open(config, &config->key[0], &passphrase, &fresh, NULL), 0);
    key_freep(&fresh);
    assert_int_equal(unlink(ledger), 0);
    assert_int_equal(key_open(config, &config->key[0], &passphrase, &fresh, NULL), -ERR_ABSENT);
    assert_null(fresh);
}

static void nothing_is_signed_that_cannot_be_noted(void **state)
{
    CLEANUP(free_text) char *ledger = NULL;

    (void)state;
    assert_int_equal(sign(tbs_of(PROFILE_SIGN_CA), NULL), 0);
    assert_int_equal(path_format(&ledger, NULL, "%s/sign-ca.ledger", site.keys), 0);
    assert_int_equal(unlink(ledger), 0);
    assert_int_equal(sign(tbs_of(PROFILE_SIGN), NULL), -ERR_SYSTEM);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(what_is_no_structure_is_refused),
        EACH(serial_numbers_outside_their_range_are_refused),
        EACH(another_algorithm_than_ours_is_refused),
        EACH(each_role_signs_its_own_structures_and_no_others),
        EACH(a_ca_signs_nothing_of_ocsp_and_no_feed),
        EACH(a_key_on_p_256_signs_tokens_and_has_no_other_role),
        EACH(checkpoints_of_a_log_grow),
        EACH(a_witness_signs_no_checkpoint_and_its_key_is_of_no_other_kind),
        EACH(each_key_file_holds_the_key_it_was_made_of),
        EACH(editions_of_a_feed_rise),
        EACH(an_answer_in_the_name_of_another_responder_is_refused),
        EACH(numbers_of_lists_rise_for_ever),
        EACH(a_key_that_is_a_ca_takes_no_other_role),
        EACH(only_a_verifier_certifies_itself),
        EACH(only_a_root_certifies_and_only_data_keys_it_knows),
        EACH(only_a_token_key_unwraps),
        EACH(a_token_key_on_p_256_agrees_on_keys),
        EACH(the_certificates_of_another_key_are_refused),
        EACH(a_second_ca_certificate_is_refused_for_ever),
        EACH(a_serial_number_is_used_once_and_repeated_for_the_same_bytes),
        EACH(the_serial_number_of_the_ca_is_nobody_elses),
        EACH(a_crash_before_the_decision_leaves_it_open),
        EACH(a_key_whose_files_do_not_fit_together_is_not_opened),
        EACH(nothing_is_signed_that_cannot_be_noted),
    };

    return cmocka_run_group_tests(tests, setup_pki, teardown_pki);
}
