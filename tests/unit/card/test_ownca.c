/* SPDX-License-Identifier: Apache-2.0 */
#include "card/ownca.h"

#include "base/file.h"
#include "card/limits.h"
#include "crypto/privkey.h"
#include "support/tempdir.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW = 1790000000, YEAR = 365 * 86400, PATH_SIZE = 160 };

static struct tempdir dir;
static struct ownca *ca;
static char place[PATH_SIZE], file[PATH_SIZE], key[PATH_SIZE];

static int setup(void **state)
{
    (void)state;
    dir = tempdir_make();
    (void)snprintf(place, sizeof place, "%s/ca", dir.path);
    (void)snprintf(file, sizeof file, "%s/ca/own-ca", dir.path);
    (void)snprintf(key, sizeof key, "%s/ca/own-ca.key", dir.path);
    assert_false(ownca_exists(place));
    assert_int_equal(ownca_open(place, KEY_RSA, NOW, &ca, NULL), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ownca_freep(&ca);
    tempdir_done(&dir);
    return 0;
}

static void assert_not_opened(enum err_kind kind)
{
    struct ownca *opened = NULL;

    assert_int_equal(ownca_open(place, KEY_RSA, NOW, &opened, NULL), -(int)kind);
    assert_null(opened);
}

static void a_changed_file_is_not_believed(void **state)
{
    CLEANUP(buf_done) struct buf contents = BUF_INIT;

    (void)state;
    assert_int_equal(file_read(file, OWNCA_FILE_MAX, &contents, NULL), 0);
    for (size_t at = 10; at < contents.len; at += contents.len / 7) {
        contents.ptr[at] ^= 1;
        assert_int_equal(file_replace(file, 0600, buf_bytes(&contents), NULL), 0);
        assert_not_opened(ERR_UNTRUSTED);
        contents.ptr[at] ^= 1;
    }
    contents.ptr[9] ^= 1; /* the version */
    assert_int_equal(file_replace(file, 0600, buf_bytes(&contents), NULL), 0);
    assert_not_opened(ERR_INPUT);
    contents.ptr[9] ^= 1;
    assert_int_equal(file_replace(file, 0600, buf_bytes(&contents), NULL), 0);
}

static void a_file_of_more_than_the_limit_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf contents = BUF_INIT;
    CLEANUP(buf_done) struct buf large = BUF_INIT;
    struct err err = {.kind = ERR_NONE};
    struct ownca *opened = NULL;

    (void)state;
    assert_int_equal(file_read(file, OWNCA_FILE_MAX, &contents, NULL), 0);
    assert_int_equal(buf_copy(buf_bytes(&contents), &large, NULL), 0);
    while (large.len < OWNCA_FILE_MAX)
        assert_int_equal(buf_append_byte(&large, 0, NULL), 0);
    assert_int_equal(file_replace(file, 0600, buf_bytes(&large), NULL), 0);
    assert_not_opened(ERR_UNTRUSTED); /* read, and not what was sealed */
    assert_int_equal(buf_append_byte(&large, 0, NULL), 0);
    assert_int_equal(file_replace(file, 0600, buf_bytes(&large), NULL), 0);
    assert_int_equal(ownca_open(place, KEY_RSA, NOW, &opened, &err), -ERR_INPUT);
    assert_int_equal(file_replace(file, 0600, buf_bytes(&contents), NULL), 0);
}

static void a_key_that_others_may_read_is_refused(void **state)
{
    (void)state;
    assert_int_equal(chmod(key, 0640), 0);
    assert_not_opened(ERR_DENIED);
    assert_int_equal(chmod(key, 0600), 0);
}

/* The file without its key is nothing, and no new key is made for it. */
static void without_its_key_the_file_is_not_opened(void **state)
{
    char away[PATH_SIZE];

    (void)state;
    (void)snprintf(away, sizeof away, "%s/away", dir.path);
    assert_int_equal(rename(key, away), 0);
    assert_not_opened(ERR_ABSENT);
    assert_int_equal(access(key, F_OK), -1);
    assert_int_equal(rename(away, key), 0);
}

static void a_directory_that_cannot_be_made_is_a_failure(void **state)
{
    struct ownca *opened = NULL;

    (void)state;
    assert_int_equal(ownca_open("/nonexistent/ca", KEY_RSA, NOW, &opened, NULL), -ERR_SYSTEM);
    assert_int_equal(ownca_open(file, KEY_RSA, NOW, &opened, NULL), -ERR_CONFLICT);
    assert_null(opened);
}

static void ca_keys_sign_nothing_but_certificates(void **state)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    (void)state;
    assert_int_equal(ownca_sign(ca, OWNCA_SIGN_CA, bytes_text("x"), &out, NULL), -ERR_USAGE);
    assert_int_equal(ownca_sign(ca, OWNCA_AUTH_CA, bytes_text("x"), &out, NULL), -ERR_USAGE);
    assert_null(out.ptr);
    assert_int_equal(ownca_sign(ca, OWNCA_TEXT_DATA, bytes_text("x"), &out, NULL), 0);
    assert_int_equal(out.len, 256);
}

static int issue(int64_t not_before, int64_t not_after, struct x509_cert **ret)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct profile_inputs inputs = {
        .not_before = not_before,
        .not_after = not_after,
        .common_name = "0123ABCDEFGHI928100003A",
        .prefecture = "Hyogo-ken",
    };

    TRY(ownca_spki(ca, OWNCA_TEXT_DATA, &spki, NULL));
    inputs.spki = buf_bytes(&spki);
    TRY(ownca_issue(ca, PROFILE_AUTH, &inputs, &der, NULL));
    return x509_cert_parse(buf_bytes(&der), ret, NULL);
}

static void no_certificate_outlives_the_ca(void **state)
{
    int64_t end = x509_cert_tbs(ownca_certificate(ca, PROFILE_AUTH))->not_after;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;

    (void)state;
    assert_int_equal(issue(end - YEAR, end + 1, &cert), -ERR_CONFLICT);
    assert_int_equal(issue(end - YEAR, end, &cert), 0);
    assert_int_equal(x509_cert_tbs(cert)->not_after, end);
}

static void what_is_issued_is_by_the_profile_and_by_the_ca(void **state)
{
    CLEANUP(x509_cert_freep) struct x509_cert *first = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *second = NULL;
    const struct x509_cert *issuer = ownca_certificate(ca, PROFILE_AUTH);

    (void)state;
    assert_int_equal(issue(NOW, NOW + 5LL * YEAR, &first), 0);
    assert_int_equal(issue(NOW, NOW + 5LL * YEAR, &second), 0);
    assert_int_equal(profile_check(profile_of(PROFILE_AUTH), x509_cert_tbs(first), NULL), 0);
    assert_int_equal(x509_cert_is_issued_by(first, issuer, NULL), 0);
    assert_int_equal(x509_cert_is_issued_by(first, ownca_certificate(ca, PROFILE_SIGN), NULL),
                     -ERR_UNTRUSTED);
    assert_int_not_equal(tbs_serial_number(x509_cert_tbs(first)),
                         tbs_serial_number(x509_cert_tbs(second)));
    assert_int_equal(profile_check(profile_of(PROFILE_SIGN_CA),
                                   x509_cert_tbs(ownca_certificate(ca, PROFILE_SIGN)), NULL),
                     0);
}

static void it_is_made_once_and_only_its_owner_can_read_it(void **state)
{
    CLEANUP(ownca_freep) struct ownca *again = NULL;
    struct stat st;

    (void)state;
    assert_true(ownca_exists(place));
    assert_int_equal(ownca_open(place, KEY_RSA, NOW + YEAR, &again, NULL), 0);
    for (int i = 0; i < OWNCA_KEYS_; i++) {
        CLEANUP(buf_done) struct buf first = BUF_INIT;
        CLEANUP(buf_done) struct buf second = BUF_INIT;

        assert_int_equal(ownca_spki(ca, (enum ownca_key)i, &first, NULL), 0);
        assert_int_equal(ownca_spki(again, (enum ownca_key)i, &second, NULL), 0);
        assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&second)));
    }
    assert_true(bytes_equal(x509_cert_der(ownca_certificate(ca, PROFILE_SIGN)),
                            x509_cert_der(ownca_certificate(again, PROFILE_SIGN))));
    assert_int_equal(stat(place, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(key, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

/* Each CA certifies keys of its own kind, which is chosen once. */
static void a_p384_ca_certifies_p384_keys_and_is_no_rsa_ca(void **state)
{
    CLEANUP(ownca_freep) struct ownca *p384 = NULL;
    CLEANUP(privkey_freep) struct privkey *own = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf root = BUF_INIT;
    struct profile_inputs inputs = {
        .not_before = NOW,
        .not_after = NOW + 5LL * YEAR,
        .common_name = "0123ABCDEFGHI928100003A",
        .prefecture = "Hyogo-ken",
    };
    struct ownca *opened = NULL;
    char other[PATH_SIZE];

    (void)state;
    (void)snprintf(other, sizeof other, "%s/p384", dir.path);
    assert_int_equal(ownca_open(place, KEY_P384, NOW, &opened, NULL), -ERR_INPUT);
    assert_int_equal(ownca_open(other, KEY_P384, NOW, &p384, NULL), 0);
    assert_int_equal(ownca_open(other, KEY_RSA, NOW, &opened, NULL), -ERR_INPUT);
    assert_int_equal(ownca_open(other, KEY_P384, NOW, &opened, NULL), 0);
    ownca_free(opened);
    assert_int_equal(ownca_spki(p384, OWNCA_TEXT_DATA, &root, NULL), 0);
    assert_int_equal(root.len, 294); /* RSA-2048 all the same */
    inputs.spki = buf_bytes(&root);
    assert_int_equal(ownca_issue(p384, PROFILE_AUTH, &inputs, &der, NULL), -ERR_INPUT);
    assert_int_equal(privkey_generate_p384(&own, NULL), 0);
    assert_int_equal(privkey_spki(own, &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    assert_int_equal(ownca_issue(ca, PROFILE_AUTH, &inputs, &der, NULL), -ERR_INPUT);
    assert_int_equal(ownca_issue(p384, PROFILE_AUTH, &inputs, &der, NULL), 0);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    assert_int_equal(x509_cert_is_issued_by(cert, ownca_certificate(p384, PROFILE_AUTH), NULL), 0);
    assert_int_equal(profile_check(profile_of(PROFILE_AUTH), x509_cert_tbs(cert), NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_file_is_not_believed),
        cmocka_unit_test(a_file_of_more_than_the_limit_is_refused),
        cmocka_unit_test(a_key_that_others_may_read_is_refused),
        cmocka_unit_test(without_its_key_the_file_is_not_opened),
        cmocka_unit_test(a_directory_that_cannot_be_made_is_a_failure),
        cmocka_unit_test(ca_keys_sign_nothing_but_certificates),
        cmocka_unit_test(no_certificate_outlives_the_ca),
        cmocka_unit_test(what_is_issued_is_by_the_profile_and_by_the_ca),
        cmocka_unit_test(a_p384_ca_certifies_p384_keys_and_is_no_rsa_ca),
        cmocka_unit_test(it_is_made_once_and_only_its_owner_can_read_it),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
