/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/procedure/english.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LONG_NAME "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct place_romaji rows[] = {
    {"01202", "Hokkaido", "Hakodate-shi"},    {"01303", "Hokkaido", "Tobetsu-cho"},
    {"13101", "Tokyo-to", "Chiyoda-ku"},      {"13307", "Tokyo-to", "Hinohara-mura"},
    {"27366", "Osaka-fu", "Misaki-cho"},      {"40341", "Fukuoka-ken", "Umi-machi"},
    {"47301", "Okinawa-ken", "Kunigami-son"}, {"47302", "Cho-ken", LONG_NAME LONG_NAME "-son"},
    {"47303", "Okinawa-ken", "Ara-ta"},
};
static const struct place_romaji_list list = {rows, sizeof rows / sizeof rows[0]};

static void each_kind_of_place_is_called_what_it_is(void **state)
{
    static const struct {
        const char *code, *prefecture, *name;
    } cases[] = {
        {"01202", "Hokkaido", "Hakodate City, Hokkaido"},
        {"01303", "Hokkaido", "Tobetsu Town, Hokkaido"},
        {"13101", "Tokyo", "Chiyoda City, Tokyo"},
        {"13307", "Tokyo", "Hinohara Village, Tokyo"},
        {"27366", "Osaka", "Misaki Town, Osaka"},
        {"40341", "Fukuoka", "Umi Town, Fukuoka"},
        {"47301", "Okinawa", "Kunigami Village, Okinawa"},
        {"47303", "Okinawa", "Ara-ta, Okinawa"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct place_english english;

        assert_true(place_english(&list, cases[i].code, &english));
        assert_string_equal(english.prefecture, cases[i].prefecture);
        assert_string_equal(english.name, cases[i].name);
    }
}

static void what_is_in_no_list_has_no_english_name(void **state)
{
    static const char *const codes[] = {"", "00000", "13100", "1310", "131010", "99999", "x"};
    static const struct place_romaji_list none;
    struct place_english english;

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        assert_false(place_english(&list, codes[i], &english));
    assert_false(place_english(&none, "13101", &english));
}

static void a_long_name_is_cut_off_inside_its_room(void **state)
{
    struct place_english english;

    (void)state;
    memset(&english, 'x', sizeof english);
    assert_true(place_english(&list, "47302", &english));
    assert_string_equal(english.prefecture, "Cho");
    assert_true(strlen(english.name) < sizeof english.name);
    assert_int_equal(strncmp(english.name, LONG_NAME, strlen(LONG_NAME)), 0);
    assert_string_equal(english.name + strlen(english.name) - strlen(", Cho"), ", Cho");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_place_is_called_what_it_is),
        cmocka_unit_test(what_is_in_no_list_has_no_english_name),
        cmocka_unit_test(a_long_name_is_cut_off_inside_its_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
