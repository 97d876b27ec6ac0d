/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "support/pki.h"
#include "support/tempdir.h"
#include "verify/anchors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct test_pki pki;

static int setup(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

static struct anchors *new_anchors(void)
{
    struct anchors *anchors = NULL;

    assert_int_equal(anchors_new(&anchors, NULL), 0);
    return anchors;
}

static void write_file(const struct tempdir *dir, const char *name, struct bytes contents)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(file_replace(tempdir_file(dir, name, path), 0600, contents, NULL), 0);
}

static void a_holders_certificate_is_no_anchor(void **state)
{
    CLEANUP(anchors_freep) struct anchors *anchors = new_anchors();

    (void)state;
    assert_int_equal(anchors_add(anchors, pki.certs[PROFILE_SIGN], NULL), -ERR_UNTRUSTED);
    assert_int_equal(anchors_count(anchors), 0);
}

/* A self-signature that does not hold: the key or the name is not the one that is claimed. */
static void a_ca_that_did_not_sign_itself_is_no_anchor(void **state)
{
    CLEANUP(anchors_freep) struct anchors *anchors = new_anchors();
    CLEANUP(x509_cert_freep) struct x509_cert *forged = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    test_pki_sign(x509_cert_tbs(pki.certs[PROFILE_SIGN_CA])->der, pki.keys[PROFILE_AUTH_CA], &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &forged, NULL), 0);
    assert_int_equal(anchors_add(anchors, forged, NULL), -ERR_UNTRUSTED);
    assert_int_equal(anchors_count(anchors), 0);
}

static void a_path_that_is_not_there_is_absent(void **state)
{
    CLEANUP(anchors_freep) struct anchors *anchors = new_anchors();
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    assert_int_equal(anchors_load(anchors, tempdir_file(&dir, "none", path), NULL), -ERR_ABSENT);
}

static void a_bad_file_is_named(void **state)
{
    CLEANUP(anchors_freep) struct anchors *anchors = new_anchors();
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    struct err err = {0};

    (void)state;
    write_file(&dir, "broken.cer", bytes_text("garbage"));
    assert_int_equal(anchors_load(anchors, dir.path, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "broken.cer"));
}

static void anchor_files_end_at_their_limit(void **state)
{
    static uint8_t text[ANCHOR_FILE_MAX + 1];
    CLEANUP(anchors_freep) struct anchors *anchors = new_anchors();
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    struct err at = {0};
    struct err past = {0};
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    memset(text, '\n', sizeof text);
    write_file(&dir, "at", bytes_of(text, ANCHOR_FILE_MAX));
    write_file(&dir, "past", BYTES_ARRAY(text));
    assert_int_equal(anchors_load(anchors, tempdir_file(&dir, "at", path), &at), -ERR_INPUT);
    assert_int_equal(anchors_load(anchors, tempdir_file(&dir, "past", path), &past), -ERR_INPUT);
    assert_non_null(strstr(at.text, "certificate")); /* read, and then refused for what it holds */
    assert_null(strstr(past.text, "certificate"));
}

static void a_directory_gives_its_certificates_and_nothing_else(void **state)
{
    CLEANUP(anchors_freep) struct anchors *anchors = new_anchors();
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    struct bytes key_id = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA])->subject_key_id;

    (void)state;
    assert_int_equal(x509_cert_append_pem(&pem, pki.certs[PROFILE_AUTH_CA], NULL), 0);
    write_file(&dir, "sign.cer", x509_cert_der(pki.certs[PROFILE_SIGN_CA]));
    write_file(&dir, "auth.pem", buf_bytes(&pem));
    write_file(&dir, "README", bytes_text("not a certificate"));
    assert_int_equal(anchors_load(anchors, dir.path, NULL), 0);
    assert_int_equal(anchors_count(anchors), 2);
    assert_non_null(anchors_find(anchors, key_id, 0));
    assert_null(anchors_find(anchors, key_id, 1));
    assert_null(anchors_at(anchors, 2));
}

static void the_same_certificate_twice_counts_once(void **state)
{
    CLEANUP(anchors_freep) struct anchors *anchors = new_anchors();

    (void)state;
    assert_int_equal(anchors_add(anchors, pki.certs[PROFILE_SIGN_CA], NULL), 0);
    assert_int_equal(anchors_add(anchors, pki.certs[PROFILE_SIGN_CA], NULL), 0);
    assert_int_equal(anchors_count(anchors), 1);
}

/* Generations with one key, so that they share name and key identifier. */
static void anchors_end_at_their_limit(void **state)
{
    CLEANUP(anchors_freep) struct anchors *anchors = new_anchors();
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_SIGN_CA);
    struct bytes key_id = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA])->subject_key_id;

    (void)state;
    inputs.spki = test_pki_spki(&pki, PROFILE_SIGN_CA);
    for (uint32_t i = 0; i <= ANCHORS_MAX; i++) {
        CLEANUP(x509_cert_freep) struct x509_cert *generation = NULL;

        inputs.serial = i + 1;
        test_pki_issue(&pki, PROFILE_SIGN_CA, &inputs, &generation);
        assert_int_equal(anchors_add(anchors, generation, NULL), i < ANCHORS_MAX ? 0 : -ERR_INPUT);
    }
    assert_int_equal(anchors_count(anchors), ANCHORS_MAX);
    assert_non_null(anchors_find(anchors, key_id, ANCHORS_MAX - 1));
    assert_null(anchors_find(anchors, key_id, ANCHORS_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_holders_certificate_is_no_anchor),
        cmocka_unit_test(a_ca_that_did_not_sign_itself_is_no_anchor),
        cmocka_unit_test(a_path_that_is_not_there_is_absent),
        cmocka_unit_test(a_bad_file_is_named),
        cmocka_unit_test(anchor_files_end_at_their_limit),
        cmocka_unit_test(a_directory_gives_its_certificates_and_nothing_else),
        cmocka_unit_test(the_same_certificate_twice_counts_once),
        cmocka_unit_test(anchors_end_at_their_limit),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
