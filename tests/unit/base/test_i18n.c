/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void set_environment(const char *lc_all, const char *lc_messages, const char *lang)
{
    assert_int_equal(lc_all == NULL ? unsetenv("LC_ALL") : setenv("LC_ALL", lc_all, 1), 0);
    assert_int_equal(
        lc_messages == NULL ? unsetenv("LC_MESSAGES") : setenv("LC_MESSAGES", lc_messages, 1), 0);
    assert_int_equal(lang == NULL ? unsetenv("LANG") : setenv("LANG", lang, 1), 0);
}

static void the_first_variable_that_is_set_decides(void **state)
{
    static const struct {
        const char *lc_all, *lc_messages, *lang, *language;
    } rows[] = {
        {NULL, NULL, NULL, "en"},
        {NULL, NULL, "ja_JP.UTF-8", "ja"},
        {NULL, "en_US.UTF-8", "ja_JP.UTF-8", "en"},
        {NULL, "ja", "C", "ja"},
        {"C", "ja", "ja", "en"},
        {"", "", "ja.UTF-8", "ja"},
        {"jam", NULL, NULL, "en"},
        {"../ja", NULL, NULL, "en"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        set_environment(rows[i].lc_all, rows[i].lc_messages, rows[i].lang);
        assert_string_equal(i18n_language(), rows[i].language);
    }
}

static void an_unknown_language_speaks_english(void **state)
{
    (void)state;
    assert_null(i18n_catalogue("en"));
    assert_null(i18n_catalogue("../../etc"));
    assert_string_equal(i18n_text(NULL, "card"), "card");
}

static void the_empty_message_stays_empty(void **state)
{
    (void)state;
    set_environment("ja", NULL, NULL);
    assert_string_equal(tr(""), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_language_speaks_english),
        cmocka_unit_test(the_empty_message_stays_empty),
        cmocka_unit_test(the_first_variable_that_is_set_decides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
