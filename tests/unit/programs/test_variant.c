/* SPDX-License-Identifier: Apache-2.0 */
/* The sandbox's build; what the other one does is to refuse nothing. */
#include "programs/variant.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ca_whose_subject_or_issuer_is_no_test_is_refused),
        cmocka_unit_test(a_test_ca_is_taken),
    };

    return cmocka_run_group_tests(tests, make_pki, drop_pki);
}
