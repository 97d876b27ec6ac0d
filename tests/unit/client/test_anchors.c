/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "base/file.h"
#include "base/hex.h"
#include "client/anchors.h"
#include "client/limits.h"
#include "crypto/privkey.h"

#include "support/pki.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define OUR_ID "39303030303333080530303100000000"
#define NAME   "cv-" OUR_ID ".pem"

static struct buf spki = BUF_INIT;
static struct buf pem = BUF_INIT;
static struct bytes key_pem;

static int make_key(void **state)
{
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(buf_done) struct buf digits = BUF_INIT;

    (void)state;
    assert_int_equal(privkey_generate(2048, &key, NULL), 0);
    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(base64_append(&digits, BASE64_PADDED, buf_bytes(&spki), NULL), 0);
    assert_int_equal(buf_append_text(&pem, "-----BEGIN PUBLIC KEY-----\n", NULL), 0);
    for (size_t i = 0; i < digits.len; i += 64) {
        assert_int_equal(buf_append(&pem, bytes_part(buf_bytes(&digits), i, 64), NULL), 0);
        assert_int_equal(buf_append_byte(&pem, '\n', NULL), 0);
    }
    assert_int_equal(buf_append_text(&pem, "-----END PUBLIC KEY-----\n", NULL), 0);
    key_pem = buf_bytes(&pem);
    return 0;
}

static int release_key(void **state)
{
    (void)state;
    buf_done(&spki);
    buf_done(&pem);
    return 0;
}

static const struct pubkey *find(const struct data_roots *roots, const char *hex)
{
    CLEANUP(buf_done) struct buf key_id = BUF_INIT;

    assert_int_equal(hex_decode(hex, &key_id, NULL), 0);
    return data_roots_find(roots, buf_bytes(&key_id));
}

/* A directory with one file of that name and contents, into fresh roots. */
static int load(const char *name, struct bytes contents, struct data_roots **ret, struct err *err)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(data_roots_freep) struct data_roots *roots = NULL;
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(file_create(tempdir_file(&dir, name, path), 0600, contents, NULL), 0);
    assert_int_equal(data_roots_new(&roots, NULL), 0);
    TRY(data_roots_load(roots, dir.path, err));
    *ret = roots;
    roots = NULL;
    return 0;
}

static void assert_refused(const char *name, struct bytes contents, int rc, const char *reason)
{
    struct data_roots *roots = NULL;
    struct err err = {.text = ""};

    assert_int_equal(load(name, contents, &roots, &err), rc);
    assert_null(roots);
    assert_non_null(strstr(err.text, reason));
}

static void another_key_under_a_pinned_identifier_is_refused(void **state)
{
    (void)state;
    assert_refused("cv-35303030303333080530303100000000.pem", key_pem, -ERR_UNTRUSTED,
                   "another key is known");
}

static void bad_files_are_refused_by_name(void **state)
{
    CLEANUP(buf_done) struct buf twice = BUF_INIT;
    uint8_t large[DATA_ROOT_FILE_MAX + 1] = {0};

    (void)state;
    assert_int_equal(buf_append(&twice, key_pem, NULL), 0);
    assert_int_equal(buf_append(&twice, key_pem, NULL), 0);
    assert_refused(NAME, buf_bytes(&twice), -ERR_INPUT, "something behind the public key");
    assert_refused(NAME, BYTES_LITERAL(""), -ERR_INPUT, NAME);
    assert_refused(NAME, bytes_part(key_pem, 0, 200), -ERR_INPUT, "no public key");
    assert_refused(NAME,
                   BYTES_LITERAL("-----BEGIN PUBLIC KEY-----\nMII=\n-----END PUBLIC KEY-----"),
                   -ERR_INPUT, NAME);
    assert_refused(NAME, BYTES_ARRAY(large), -ERR_INPUT, "2048");
}

static void a_file_at_the_limit_is_read(void **state)
{
    CLEANUP(data_roots_freep) struct data_roots *roots = NULL;
    CLEANUP(buf_done) struct buf padded = BUF_INIT;

    (void)state;
    assert_int_equal(buf_append(&padded, key_pem, NULL), 0);
    while (padded.len < DATA_ROOT_FILE_MAX)
        assert_int_equal(buf_append_byte(&padded, '\n', NULL), 0);
    assert_int_equal(load(NAME, buf_bytes(&padded), &roots, NULL), 0);
    assert_non_null(find(roots, OUR_ID));
}

static void other_files_are_left_alone(void **state)
{
    static const char *const names[] = {"README", "cv-3930.pem", "CV-" OUR_ID ".pem", NAME ".old",
                                        "cv-3930303030333308053030310000000g.pem"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        CLEANUP(data_roots_freep) struct data_roots *roots = NULL;

        assert_int_equal(load(names[i], BYTES_LITERAL("no key"), &roots, NULL), 0);
        assert_null(find(roots, OUR_ID));
    }
}

static void a_directory_that_is_not_there_is_a_failure(void **state)
{
    CLEANUP(data_roots_freep) struct data_roots *roots = NULL;
    struct err err;

    (void)state;
    assert_int_equal(data_roots_new(&roots, NULL), 0);
    assert_int_equal(data_roots_load(roots, "/nonexistent", &err), -ERR_ABSENT);
    assert_non_null(strstr(err.text, "/nonexistent"));
}

static void a_root_from_a_directory_is_found_and_may_be_there_twice(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(data_roots_freep) struct data_roots *roots = NULL;
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    assert_int_equal(file_create(tempdir_file(&dir, NAME, path), 0600, key_pem, NULL), 0);
    assert_int_equal(data_roots_new(&roots, NULL), 0);
    assert_null(find(roots, OUR_ID));
    assert_int_equal(data_roots_load(roots, dir.path, NULL), 0);
    assert_int_equal(data_roots_load(roots, dir.path, NULL), 0);
    assert_non_null(find(roots, OUR_ID));
    assert_null(find(roots, "39303030303333080530303100000001"));
}

static void the_production_roots_are_always_there(void **state)
{
    CLEANUP(data_roots_freep) struct data_roots *roots = NULL;

    (void)state;
    assert_int_equal(data_roots_new(&roots, NULL), 0);
    /* The identifiers are ASCII in part: "5000033", "5000023" (card.md 3.2). */
    assert_int_equal(pubkey_bits(find(roots, "35303030303333080530303100000000")), 2048);
    assert_int_equal(pubkey_bits(find(roots, "35303030303233080530303100000000")), 2048);
}

static void as_many_roots_as_the_limit_says_and_no_more(void **state)
{
    CLEANUP(data_roots_freep) struct data_roots *roots = NULL;
    uint8_t key_id[DATA_KEY_ID_SIZE] = {0};
    struct err err;

    (void)state;
    assert_int_equal(data_roots_new(&roots, NULL), 0);
    for (int i = 2; i < DATA_ROOTS_MAX; i++) {
        key_id[0] = (uint8_t)i;
        assert_int_equal(data_roots_add(roots, BYTES_ARRAY(key_id), buf_bytes(&spki), NULL), 0);
    }
    assert_non_null(data_roots_find(roots, BYTES_ARRAY(key_id)));
    key_id[0] = DATA_ROOTS_MAX;
    assert_int_equal(data_roots_add(roots, BYTES_ARRAY(key_id), buf_bytes(&spki), &err),
                     -ERR_INPUT);
    assert_non_null(strstr(err.text, "more than 32"));
    assert_null(data_roots_find(roots, BYTES_ARRAY(key_id)));
    assert_int_equal(data_roots_add(roots, BYTES_LITERAL("short"), buf_bytes(&spki), NULL),
                     -ERR_USAGE);
}

static void certificates_of_nobody_are_not_known(void **state)
{
    struct test_pki pki;
    struct known_ca ca = {.generation = 9};

    (void)state;
    test_pki_make(&pki);
    assert_int_equal(known_ca_find(x509_cert_der(pki.certs[PROFILE_SIGN_CA]), &ca, NULL),
                     -ERR_ABSENT);
    assert_int_equal(known_ca_find(BYTES_LITERAL(""), &ca, NULL), -ERR_ABSENT);
    assert_int_equal(ca.generation, 9);
    test_pki_done(&pki);
}

/* The last generation of each, as J-LIS publishes their fingerprints. */
static void certificates_of_the_jpki_are_known_by_their_fingerprints(void **state)
{
    static const struct {
        const char *fingerprint;
        struct known_ca ca;
    } rows[] = {
        {"d227f6cde11d35c5252178f106f843d24651944975413b539fa2fb68dbfa365f", {true, 3}},
        {"64114f29620c24ed2631d46476a040e7ee740d956089c00b036a6a8118c322b5", {false, 3}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf value = BUF_INIT;
        struct digest digest = {.alg = DIGEST_SHA256, .len = 32};
        struct known_ca ca = {.generation = 9};

        assert_int_equal(hex_decode(rows[i].fingerprint, &value, NULL), 0);
        memcpy(digest.value, value.ptr, 32);
        assert_int_equal(known_ca_by_fingerprint(&digest, &ca, NULL), 0);
        assert_int_equal(ca.is_sign, rows[i].ca.is_sign);
        assert_int_equal(ca.generation, rows[i].ca.generation);
        digest.value[31] ^= 1;
        assert_int_equal(known_ca_by_fingerprint(&digest, &ca, NULL), -ERR_ABSENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_key_under_a_pinned_identifier_is_refused),
        cmocka_unit_test(bad_files_are_refused_by_name),
        cmocka_unit_test(a_file_at_the_limit_is_read),
        cmocka_unit_test(other_files_are_left_alone),
        cmocka_unit_test(a_directory_that_is_not_there_is_a_failure),
        cmocka_unit_test(a_root_from_a_directory_is_found_and_may_be_there_twice),
        cmocka_unit_test(the_production_roots_are_always_there),
        cmocka_unit_test(as_many_roots_as_the_limit_says_and_no_more),
        cmocka_unit_test(certificates_of_nobody_are_not_known),
        cmocka_unit_test(certificates_of_the_jpki_are_known_by_their_fingerprints),
    };

    return cmocka_run_group_tests(tests, make_key, release_key);
}
