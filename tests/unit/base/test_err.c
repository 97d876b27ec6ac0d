/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include "base/utf8.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_failure_carries_kind_detail_place_and_text(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(FAIL_WITH(&err, ERR_DENIED, 0x63c2, "wrong PIN, %d tries left", 2),
                     -ERR_DENIED);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_int_equal(err.detail, 0x63c2);
    assert_string_equal(err.where, __func__);
    assert_string_equal(err.text, "wrong PIN, 2 tries left");
}

static void nobody_has_to_listen(void **state)
{
    (void)state;
    assert_int_equal(FAIL(NULL, ERR_INPUT, "nobody reads this"), -ERR_INPUT);
}

static void errno_keeps_its_number_and_gets_its_sentence(void **state)
{
    struct err err = {0};

    (void)state;
    errno = ENOSPC;
    assert_int_equal(FAIL_ERRNO(&err, "%s", "register.db"), -ERR_SYSTEM);
    assert_int_equal(err.detail, ENOSPC);
    assert_string_equal(err.text, "register.db: No space left on device");
    errno = ENOMEM;
    assert_int_equal(FAIL_ERRNO(&err, "x"), -ERR_NOMEM);
}

static void a_prefix_goes_before_the_text_and_never_overflows(void **state)
{
    struct err err = {0};
    char longer[2 * ERR_TEXT_MAX];

    (void)state;
    (void)FAIL(&err, ERR_INPUT, "not JSON");
    assert_int_equal(err_prefix(&err, -ERR_INPUT, "persona.json"), -ERR_INPUT);
    assert_string_equal(err.text, "persona.json: not JSON");
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    (void)FAIL(&err, ERR_INPUT, "%s", longer);
    (void)err_prefix(&err, -ERR_INPUT, "%s", longer);
    assert_true(strlen(err.text) < ERR_TEXT_MAX);
    assert_int_equal(err_prefix(&err, 0, "success stays success"), 0);
}

static void a_cut_text_ends_with_a_whole_character(void **state)
{
    struct err err = {0};

    (void)state;
    /* Two- to four-byte characters behind 0 to 3 letters: each way of being cut at the end. */
    for (int letters = 0; letters < 4; letters++) {
        static const char *const characters[] = {"\xc3\xa9", "\xe5\xb1\xb1", "\xf0\xa0\xae\xb7"};

        for (size_t i = 0; i < 3; i++) {
            char text[3 * ERR_TEXT_MAX] = "abc";

            text[letters] = '\0';
            while (strlen(text) < ERR_TEXT_MAX + 4)
                strncat(text, characters[i], 4);
            (void)FAIL(&err, ERR_INPUT, "%s", text);
            assert_true(utf8_is_valid(bytes_text(err.text)));
            assert_true(strlen(err.text) + 4 >= ERR_TEXT_MAX);
            (void)err_prefix(&err, -ERR_INPUT, "%s", text);
            assert_true(utf8_is_valid(bytes_text(err.text)));
        }
    }
}

static void a_failure_that_was_looked_at_is_handed_on_whole(void **state)
{
    struct err from = {0};
    struct err to = {0};

    (void)state;
    (void)FAIL_WITH(&from, ERR_ABSENT, 7, "no card");
    assert_int_equal(err_copy(&to, &from), -ERR_ABSENT);
    assert_int_equal(to.detail, 7);
    assert_string_equal(to.text, "no card");
    assert_int_equal(err_copy(NULL, &from), -ERR_ABSENT);
}

static const char *shout(const char *msgid)
{
    return strcmp(msgid, "no %s") == 0 ? "NO %s" : msgid;
}

static void a_program_may_have_failures_translated(void **state)
{
    struct err err = {0};

    (void)state;
    err_translate_by(shout);
    (void)FAIL(&err, ERR_ABSENT, "no %s", "card");
    assert_string_equal(err.text, "NO card");
    assert_string_equal(err_message("no %s"), "NO %s");
    err_translate_by(NULL);
    (void)FAIL(&err, ERR_ABSENT, "no %s", "card");
    assert_string_equal(err.text, "no card");
}

static void every_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = 0; a < ERR_KINDS_; a++) {
        assert_string_not_equal(err_kind_name((enum err_kind)a), "unknown");
        assert_int_equal(err_kind_of(-a), a);
        for (int b = 0; b < a; b++)
            assert_string_not_equal(err_kind_name((enum err_kind)a),
                                    err_kind_name((enum err_kind)b));
    }
    assert_int_equal(err_kind_of(-1000), ERR_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_carries_kind_detail_place_and_text),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(errno_keeps_its_number_and_gets_its_sentence),
        cmocka_unit_test(a_prefix_goes_before_the_text_and_never_overflows),
        cmocka_unit_test(a_cut_text_ends_with_a_whole_character),
        cmocka_unit_test(a_failure_that_was_looked_at_is_handed_on_whole),
        cmocka_unit_test(a_program_may_have_failures_translated),
        cmocka_unit_test(every_kind_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
