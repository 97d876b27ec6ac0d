/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/role_note.h"

#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ORIGIN "openjpki.test/audit/authority"
#define ROOT   "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=\n"

static void assert_checkpoint(const char *text, int rc)
{
    uint32_t size = 7;

    assert_int_equal(role_checkpoint_check(ORIGIN, bytes_text(text), &size, NULL), rc);
    assert_int_equal(size, rc == 0 ? 4294967295U : 7);
}

static void only_checkpoints_of_its_own_log_are_signed(void **state)
{
    (void)state;
    assert_checkpoint(ORIGIN "\n4294967295\n" ROOT, 0);
    assert_checkpoint(ORIGIN "\n4294967296\n" ROOT, -ERR_UNTRUSTED);
    assert_checkpoint(ORIGIN "\n0\n" ROOT, -ERR_UNTRUSTED);
    assert_checkpoint(ORIGIN "s\n1\n" ROOT, -ERR_UNTRUSTED);
    assert_checkpoint("openjpki.test/audit/platform\n1\n" ROOT, -ERR_UNTRUSTED);
    assert_checkpoint(ORIGIN "\n1\n" ROOT "more\n", -ERR_INPUT);
    assert_checkpoint("", -ERR_INPUT);
    assert_checkpoint("cosignature/v1\ntime 1\n" ORIGIN "\n1\n" ROOT, -ERR_INPUT);
}

static void assert_cosignature(const char *origins, const char *message, int rc)
{
    assert_int_equal(role_cosignature_check(origins, bytes_text(message), NULL), rc);
}

static void a_witness_signs_that_it_saw_a_log_it_was_told_of(void **state)
{
    static const char message[] = "cosignature/v1\ntime 1795683052\n" ORIGIN "\n1\n" ROOT;

    (void)state;
    assert_cosignature(ORIGIN, message, 0);
    assert_cosignature("a\n" ORIGIN, message, 0);
    assert_cosignature(ORIGIN " b", message, 0);
    assert_cosignature("openjpki.test/audit", message, -ERR_UNTRUSTED);
    assert_cosignature(ORIGIN "s a", message, -ERR_UNTRUSTED);
    assert_cosignature("", message, -ERR_UNTRUSTED);
    assert_cosignature(ORIGIN, ORIGIN "\n1\n" ROOT, -ERR_INPUT);
    assert_cosignature(ORIGIN, "cosignature/v1\ntime 01\n" ORIGIN "\n1\n" ROOT, -ERR_INPUT);
    assert_cosignature(ORIGIN, "cosignature/v1\ntime \n" ORIGIN "\n1\n" ROOT, -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_checkpoints_of_its_own_log_are_signed),
        cmocka_unit_test(a_witness_signs_that_it_saw_a_log_it_was_told_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
