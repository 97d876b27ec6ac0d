/* SPDX-License-Identifier: Apache-2.0 */
/* What a proxy says of the certificate that a TLS client has shown: refusals first. */
#include "x509/shown.h"

#include "support/pki.h"
#include "x509/limits.h"
#include "x509/pem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct test_pki pki;
static struct buf pem;

static int set_up(void **state)
{
    (void)state;
    test_pki_make_kind(&pki, KEY_P384);
    return pem_append(&pem, "CERTIFICATE", x509_cert_der(pki.certs[PROFILE_SIGN]), NULL);
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&pem);
    test_pki_done(&pki);
    return 0;
}

/* The first so many characters as escapes, and of the others those that nginx escapes. */
static void escape(struct bytes text, size_t escaped, struct buf *ret)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = (char)text.ptr[i];

        if (i < escaped || strchr(" \n+/=", c) != NULL)
            assert_int_equal(buf_append_format(ret, NULL, "%%%02X", (unsigned)text.ptr[i]), 0);
        else
            assert_int_equal(buf_append_byte(ret, text.ptr[i], NULL), 0);
    }
}

static int read_text(struct buf *text, struct buf *ret)
{
    const char *escaped;

    assert_int_equal(buf_text(text, &escaped, NULL), 0);
    return shown_read(escaped, ret, NULL);
}

static void assert_refused(const char *escaped)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    assert_int_equal(shown_read(escaped, &der, NULL), -ERR_INPUT);
    assert_int_equal(der.len, 0);
}

static void what_is_no_certificate_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf twice = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    assert_refused("");
    assert_refused("%");
    assert_refused("%4");
    assert_refused("%4x");
    assert_refused("%2525");
    assert_refused("-----BEGIN%20CERTIFICATE-----%0A-----END%20CERTIFICATE-----%0A");
    escape(buf_bytes(&pem), 0, &twice);
    escape(buf_bytes(&pem), 0, &twice);
    assert_int_equal(read_text(&twice, &der), -ERR_INPUT);
}

static void a_certificate_is_read_as_nginx_writes_it(void **state)
{
    static const size_t without[] = {0, 1}; /* of the line feed at the end */

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        CLEANUP(buf_done) struct buf der = BUF_INIT;

        escape(bytes_part(buf_bytes(&pem), 0, pem.len - without[i]), 0, &text);
        assert_int_equal(read_text(&text, &der), 0);
        assert_true(bytes_equal(buf_bytes(&der), x509_cert_der(pki.certs[PROFILE_SIGN])));
    }
}

/* A certificate that is spelled with so many characters. */
static int read_of_length(size_t length)
{
    for (size_t without = 0; without < 2; without++)
        for (size_t escaped = 0; escaped < pem.len; escaped++) {
            CLEANUP(buf_done) struct buf text = BUF_INIT;
            CLEANUP(buf_done) struct buf der = BUF_INIT;

            escape(bytes_part(buf_bytes(&pem), 0, pem.len - without), escaped, &text);
            if (text.len == length)
                return read_text(&text, &der);
        }
    fail_msg("no spelling has %zu characters", length);
    return 0;
}

static void up_to_the_limit_it_is_read_and_not_one_past_it(void **state)
{
    (void)state;
    assert_int_equal(read_of_length(SHOWN_MAX), 0);
    assert_int_equal(read_of_length(SHOWN_MAX + 1), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_certificate_is_refused),
        cmocka_unit_test(a_certificate_is_read_as_nginx_writes_it),
        cmocka_unit_test(up_to_the_limit_it_is_read_and_not_one_past_it),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
