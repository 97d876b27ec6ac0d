/* SPDX-License-Identifier: Apache-2.0 */
/* What may be sent to a platform at all; conversations are in tests/component/test_holder.c. */
#include "holder/remote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int authorise(struct bytes key)
{
    CLEANUP(remote_freep) struct remote *remote = NULL;
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    const struct origin origin = {"https://platform.example"};

    assert_int_equal(remote_new(&origin, &remote, NULL), 0);
    assert_string_equal(remote_origin(remote), "https://platform.example");
    if (key.len > 0)
        assert_int_equal(secret_copy(key, &secret, NULL), 0);
    return remote_authorise(remote, &secret, NULL);
}

static void a_key_that_could_become_another_header_field_is_refused(void **state)
{
    static const char *const keys[] = {
        "", "a b", "a\r\nX: y", "a\n", "\xc3\xa9", "=", "a=b", "\"a\"", "a,b", "a;b", "a+b=c+",
    };

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_int_equal(authorise(bytes_text(keys[i])), -ERR_INPUT);
    assert_int_equal(authorise(BYTES_LITERAL("a\0b")), -ERR_INPUT);
}

static void a_key_has_at_most_512_characters(void **state)
{
    uint8_t key[TENANT_KEY_MAX + 1];

    (void)state;
    memset(key, 'k', sizeof key);
    assert_int_equal(authorise(bytes_of(key, TENANT_KEY_MAX)), 0);
    assert_int_equal(authorise(BYTES_ARRAY(key)), -ERR_INPUT);
}

static void a_key_in_any_alphabet_of_bearer_tokens_is_taken(void **state)
{
    (void)state;
    assert_int_equal(authorise(BYTES_LITERAL("AZaz09-._~+/")), 0);
    assert_int_equal(authorise(BYTES_LITERAL("YWJj+/8=")), 0);
    assert_int_equal(authorise(BYTES_LITERAL("YWI==")), 0);
}

static void names_cannot_change_a_path(void **state)
{
    (void)state;
    assert_false(remote_is_name("", 8));
    assert_false(remote_is_name("a/b", 8));
    assert_false(remote_is_name("a?b", 8));
    assert_false(remote_is_name("a%2f", 8));
    assert_false(remote_is_name("..", 8));
    assert_false(remote_is_name(".", 8));
    assert_false(remote_is_name("123456789", 8));
    assert_true(remote_is_name("a-._~Z09", 8));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_could_become_another_header_field_is_refused),
        cmocka_unit_test(a_key_has_at_most_512_characters),
        cmocka_unit_test(a_key_in_any_alphabet_of_bearer_tokens_is_taken),
        cmocka_unit_test(names_cannot_change_a_path),
    };

    return cmocka_run_group_tests_name("holder/remote", tests, NULL, NULL);
}
