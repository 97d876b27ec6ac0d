/* SPDX-License-Identifier: Apache-2.0 */
#include "http/locale.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *const locales[] = {"ja", "en", NULL};

static void tags_that_are_none_of_ours_count_for_nothing(void **state)
{
    static const char *const tags[] = {NULL,     "",      " ",   "fr",      "english",
                                       "e",      "en_GB", "-en", "fr de",   "en&prompt=none",
                                       "en\tja", "e n",   "j-a", "x-en ja_"};

    (void)state;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        assert_null(http_locale_pick(tags[i], locales));
}

static void the_first_of_ours_is_taken(void **state)
{
    static const struct {
        const char *tags, *locale;
    } rows[] = {{"ja", "ja"},          {"en", "en"},          {"EN", "en"},
                {"en-GB", "en"},       {"fr en-GB ja", "en"}, {"ja-Kana-JP en", "ja"},
                {"  fr   ja  ", "ja"}, {"fr ja", "ja"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_ptr_equal(http_locale_pick(rows[i].tags, locales),
                         locales[rows[i].locale[0] == 'j' ? 0 : 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_that_are_none_of_ours_count_for_nothing),
        cmocka_unit_test(the_first_of_ours_is_taken),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
