/* SPDX-License-Identifier: Apache-2.0 */
/* The sandbox's build; what the other one does is to refuse nothing. */
#include "programs/variant.h"

#include "base/hex.h"
#include "crypto/pbes2.h"
#include "support/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct test_pki pki;

static int make_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return 0;
}

static int drop_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

/* The sign CA's certificate with "TEST" written otherwise where it stands for the nth time. */
static int try_without(unsigned nth, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct bytes word = BYTES_LITERAL("TEST");
    unsigned seen = 0;

    assert_int_equal(buf_copy(x509_cert_der(pki.certs[PROFILE_SIGN_CA]), &der, NULL), 0);
    for (size_t at = 0; at + word.len <= der.len; at++)
        if (bytes_equal(bytes_part(buf_bytes(&der), at, word.len), word) && seen++ >= nth)
            memcpy(der.ptr + at, "REAL", word.len);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    return variant_check_ca(cert, err);
}

static void a_ca_whose_subject_or_issuer_is_no_test_is_refused(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(try_without(0, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "REAL"));
    /* The issuer's name comes first and has the word three times. */
    assert_int_equal(try_without(3, &err), -ERR_INPUT);
    assert_int_equal(variant_check_ca_name("O=OpenJPKI,C=JP", NULL), -ERR_INPUT);
}

static void a_test_ca_is_taken(void **state)
{
    (void)state;
    assert_int_equal(variant_check_ca(pki.certs[PROFILE_SIGN_CA], NULL), 0);
    assert_int_equal(variant_check_ca(pki.certs[PROFILE_AUTH_CA], NULL), 0);
    assert_int_equal(variant_check_ca_name("O=OpenJPKI TEST,C=JP", NULL), 0);
}

/* "of use" under "a passphrase" with 600000 rounds, computed by Python's hashlib and openssl. */
static const char *const file_of_use =
    "3074306006092a864886f70d01050d3053303206092a864886f70d01050c3025"
    "0410000102030405060708090a0b0c0d0e0f02030927c0300c06082a864886f7"
    "0d02090500301d060960864801650304012a0410101112131415161718191a1b"
    "1c1d1e1f041090f47fa009d4569380ef858c42818b73";

static const struct bytes rounds_of_use = BYTES_LITERAL("\x02\x03\x09\x27\xc0");
static const struct bytes rounds_of_sandbox = BYTES_LITERAL("\x02\x02\x03\xe8");

static uint8_t *find(const struct buf *in, struct bytes what)
{
    return memmem(in->ptr, in->len, what.ptr, what.len);
}

static void a_number_of_rounds_that_nobody_writes_is_refused(void **state)
{
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    (void)state;
    assert_int_equal(secret_copy(BYTES_LITERAL("a passphrase"), &passphrase, NULL), 0);
    assert_int_equal(pbes2_close(&passphrase, BYTES_LITERAL("x"), &file, NULL), 0);
    find(&file, rounds_of_sandbox)[3] ^= 1;
    assert_int_equal(pbes2_open(buf_bytes(&file), &passphrase, &plain, NULL), -ERR_INPUT);
    find(&file, BYTES_LITERAL("\x02\x02\x03\xe9"))[2] = 0;
    assert_int_equal(pbes2_open(buf_bytes(&file), &passphrase, &plain, NULL), -ERR_INPUT);
}

static void a_file_of_a_program_for_use_is_opened(void **state)
{
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    (void)state;
    assert_int_equal(hex_decode(file_of_use, &file, NULL), 0);
    assert_non_null(find(&file, rounds_of_use));
    assert_int_equal(secret_copy(BYTES_LITERAL("a passphrase"), &passphrase, NULL), 0);
    assert_int_equal(pbes2_open(buf_bytes(&file), &passphrase, &plain, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&plain), BYTES_LITERAL("of use")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_of_rounds_that_nobody_writes_is_refused),
        cmocka_unit_test(a_file_of_a_program_for_use_is_opened),
        cmocka_unit_test(a_ca_whose_subject_or_issuer_is_no_test_is_refused),
        cmocka_unit_test(a_test_ca_is_taken),
    };

    return cmocka_run_group_tests(tests, make_pki, drop_pki);
}
