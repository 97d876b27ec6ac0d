/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/persona.h"

#include "base/file.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ROW(name, pins)                                                                            \
    "{\"name\":\"" name "\",\"note\":\"n\",\"mynumber\":\"900000000015\",\"full_name\":\"x\","     \
    "\"address\":\"y\",\"birth_date\":\"1990-04-15\",\"sex\":\"male\",\"municipality\":\"13101\"," \
    "\"pins\":" pins "}"
#define PINS "{\"auth\":\"1234\",\"sign\":\"ABC123\"}"

static struct tempdir top;
static struct layout layout;

static int enter(void **state)
{
    (void)state;
    top = tempdir_make();
    layout = (struct layout){.dir = top.path, .lock_fd = -1, .watch_fd = -1};
    char path[256];
    snprintf(path, sizeof path, "%s/personas", top.path);
    return mkdir(path, 0700);
}

static int leave(void **state)
{
    (void)state;
    tempdir_done(&top);
    return 0;
}

static int load_text(struct bytes text, struct personas *ret, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    assert_int_equal(path_format(&path, NULL, "%s/list.json", top.path), 0);
    assert_int_equal(file_replace(path, 0600, text, NULL), 0);
    return personas_load(path, NULL, ret, err);
}

static void assert_refused(const char *row, const char *why)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct personas personas = {0};
    struct err err = {0};

    assert_int_equal(buf_append_format(&text, NULL, "{\"version\":1,\"personas\":[%s]}", row), 0);
    assert_int_equal(load_text(buf_bytes(&text), &personas, &err), -ERR_INPUT);
    if (strstr(err.text, why) == NULL)
        fail_msg("\"%s\" is not in: %s", why, err.text);
    assert_int_equal(personas.count, 0);
}

static void malformed_personas_are_refused_by_member(void **state)
{
    (void)state;
    assert_refused("7", "persona 1");
    assert_refused(ROW("", PINS), "name is malformed");
    assert_refused(ROW("Hanako", PINS), "name is malformed");
    assert_refused(ROW("../x", PINS), "name is malformed");
    assert_refused(ROW("a", "{\"auth\":\"123\",\"sign\":\"ABC123\"}"), "auth is malformed");
    assert_refused(ROW("a", "{\"auth\":\"1234\",\"sign\":\"abc123\"}"), "sign is malformed");
    assert_refused(ROW("a", "{\"auth\":\"1234\",\"sign\":\"ABC12\"}"), "6 to 16");
    assert_refused(ROW("a", "{\"auth\":\"1234\",\"sign\":\"ABCDEFGHIJKLMNOPQ\"}"), "6 to 16");
    assert_refused(ROW("a", "{\"auth\":\"1234\",\"sign\":\"ABC123\",\"x\":1}"), "x");
}

#define OF_KIND(name, kind)                                                                        \
    "{\"name\":\"" name "\",\"note\":\"n\",\"mynumber\":\"900000000015\",\"full_name\":\"x\","     \
    "\"address\":\"y\",\"birth_date\":\"1990-04-15\",\"sex\":\"male\",\"municipality\":\"13101\"," \
    "\"kind\":" kind ",\"pins\":" PINS "}"

static void a_card_is_of_a_known_kind_and_plastic_unless_said(void **state)
{
    CLEANUP(personas_done) struct personas personas = {0};

    (void)state;
    assert_refused(OF_KIND("a", "\"android\""), "kind is plastic");
    assert_refused(OF_KIND("a", "\"\""), "kind is plastic");
    assert_refused(OF_KIND("a", "1"), "kind");
    assert_int_equal(load_text(BYTES_LITERAL("{\"version\":1,\"personas\":[" ROW(
                                   "a", PINS) "," OF_KIND("b", "\"face\"") "]}"),
                               &personas, NULL),
                     0);
    assert_string_equal(personas.list[0].kind, "plastic");
    assert_string_equal(personas.list[1].kind, "face");
}

#define SINCE(since)                                                                               \
    "{\"name\":\"c\",\"note\":\"n\",\"mynumber\":\"900000000015\",\"full_name\":\"x\","            \
    "\"address\":\"y\",\"birth_date\":\"1990-04-15\",\"sex\":\"male\",\"municipality\":\"13101\"," \
    "\"since\":" since ",\"pins\":" PINS "}"

static void what_has_happened_since_is_a_move_or_a_name(void **state)
{
    CLEANUP(personas_done) struct personas personas = {0};

    (void)state;
    assert_refused(SINCE("1"), "since");
    assert_refused(SINCE("{}"), "act");
    assert_refused(SINCE("{\"act\":\"death\"}"), "move or name");
    assert_refused(SINCE("{\"act\":\"move\",\"address\":1}"), "address");
    assert_refused(SINCE("{\"act\":\"name\",\"sex\":\"male\"}"), "sex");
    assert_int_equal(load_text(BYTES_LITERAL("{\"version\":1,\"personas\":[" ROW(
                                   "a", PINS) "," SINCE("{\"act\":\"name\",\"name\":\"z\"}") "]}"),
                               &personas, NULL),
                     0);
    assert_null(personas.list[0].since.act);
    assert_string_equal(personas.list[1].since.act, "name");
    assert_string_equal(personas.list[1].since.name, "z");
    assert_null(personas.list[1].since.address);
}

static void two_personas_of_one_name_are_refused(void **state)
{
    struct personas personas = {0};
    struct err err;

    (void)state;
    assert_int_equal(load_text(BYTES_LITERAL("{\"version\":1,\"personas\":[" ROW("a", PINS) "," ROW(
                                   "a", PINS) "]}"),
                               &personas, &err),
                     -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "persona 2"));
}

static void a_file_of_a_newer_version_is_refused(void **state)
{
    struct personas personas = {0};

    (void)state;
    assert_int_equal(load_text(BYTES_LITERAL("{\"version\":2,\"personas\":[]}"), &personas, NULL),
                     -ERR_CONFLICT);
}

static int load_many(size_t count, size_t name_len, struct personas *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    assert_int_equal(buf_append_text(&text, "{\"version\":1,\"personas\":[", NULL), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(buf_append_format(&text, NULL,
                                           "%s{\"name\":\"%0*zu\",\"note\":\"n\",\"mynumber\":"
                                           "\"900000000015\",\"full_name\":\"x\",\"address\":\"y\","
                                           "\"birth_date\":\"1990-04-15\",\"sex\":\"male\","
                                           "\"municipality\":\"13101\",\"pins\":" PINS "}",
                                           i == 0 ? "" : ",", (int)name_len, i),
                         0);
    assert_int_equal(buf_append_text(&text, "]}", NULL), 0);
    return load_text(buf_bytes(&text), ret, err);
}

static void as_many_and_as_long_as_the_limits_say(void **state)
{
    CLEANUP(personas_done) struct personas personas = {0};
    CLEANUP(personas_done) struct personas longest = {0};
    struct personas none = {0};
    struct err err;

    (void)state;
    assert_int_equal(load_many(SANDBOX_PERSONAS_MAX, 4, &personas, NULL), 0);
    assert_int_equal(personas.count, SANDBOX_PERSONAS_MAX);
    assert_int_equal(load_many(SANDBOX_PERSONAS_MAX + 1, 4, &none, &err), -ERR_INPUT);
    assert_int_equal(load_many(1, SANDBOX_PERSONA_NAME_MAX, &longest, NULL), 0);
    assert_int_equal(load_many(1, SANDBOX_PERSONA_NAME_MAX + 1, &none, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "longer"));
}

static void a_file_of_the_greatest_size_is_read_and_no_larger_one(void **state)
{
    static const char content[] = "{\"version\":1,\"personas\":[]}";
    CLEANUP(personas_done) struct personas personas = {0};
    char *text = malloc(SANDBOX_PERSONAS_BYTES_MAX + 1);

    (void)state;
    assert_non_null(text);
    memset(text, ' ', SANDBOX_PERSONAS_BYTES_MAX + 1);
    memcpy(text, content, strlen(content));
    assert_int_equal(load_text(bytes_of(text, SANDBOX_PERSONAS_BYTES_MAX + 1), &personas, NULL),
                     -ERR_INPUT);
    assert_int_equal(load_text(bytes_of(text, SANDBOX_PERSONAS_BYTES_MAX), &personas, NULL), 0);
    free(text);
}

static void an_unknown_persona_is_answered_with_those_there_are(void **state)
{
    CLEANUP(personas_done) struct personas personas = {0};
    struct persona persona;
    struct err err;

    (void)state;
    assert_int_equal(load_many(2, 2, &personas, NULL), 0);
    assert_int_equal(persona_find(&personas, "02", &persona, &err), -ERR_ABSENT);
    assert_non_null(strstr(err.text, "00, 01"));
    assert_int_equal(persona_find(&personas, "01", &persona, NULL), 0);
    assert_string_equal(persona.pin_sign, "ABC123");
}

static void an_added_persona_is_found_again_and_not_added_twice(void **state)
{
    CLEANUP(personas_done) struct personas before = {0};
    CLEANUP(personas_done) struct personas after = {0};
    CLEANUP(free_text) char *name = NULL;
    CLEANUP(free_text) char *path = NULL;
    struct persona persona;

    (void)state;
    assert_int_equal(load_many(1, 2, &before, NULL), 0);
    assert_int_equal(persona_add(&layout, &before, BYTES_LITERAL(ROW("00", PINS)), &name, NULL),
                     -ERR_CONFLICT);
    assert_int_equal(persona_add(&layout, &before, BYTES_LITERAL("{}"), &name, NULL), -ERR_INPUT);
    assert_int_equal(persona_add(&layout, &before, BYTES_LITERAL(ROW("new", PINS)), &name, NULL),
                     0);
    assert_string_equal(name, "new");
    assert_int_equal(path_format(&path, NULL, "%s/list.json", top.path), 0);
    assert_int_equal(personas_load(path, &layout, &after, NULL), 0);
    assert_int_equal(after.count, 2);
    assert_int_equal(persona_find(&after, "new", &persona, NULL), 0);
    free_text(&name);
    assert_int_equal(persona_add(&layout, &after, BYTES_LITERAL(ROW("new", PINS)), &name, NULL),
                     -ERR_CONFLICT);
}

/* The weights of the real rule (card.md 11.1, 12); sandbox numbers end five further. */
static int check_digit(const char *mynumber)
{
    int sum = 0;

    for (int n = 1; n <= 11; n++)
        sum += (mynumber[11 - n] - '0') * (n <= 6 ? n + 1 : n - 5);
    return sum % 11 <= 1 ? 0 : 11 - sum % 11;
}

static void our_own_personas_are_well_formed_and_nobodys(void **state)
{
    CLEANUP(personas_done) struct personas personas = {0};
    CLEANUP(free_text) char *path = NULL;
    const char *share = secure_getenv("JPKI_TEST_SHARE");
    struct err err = {0};

    (void)state;
    if (share == NULL)
        skip();
    assert_int_equal(path_format(&path, NULL, "%s/openjpki/personas.json", share), 0);
    if (personas_load(path, NULL, &personas, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(personas.list[0].mynumber, "123456789018");
    assert_true(personas.count > 10);
    for (size_t i = 1; i < personas.count; i++) {
        const char *mynumber = personas.list[i].mynumber;

        assert_int_equal(mynumber[11] - '0', (check_digit(mynumber) + 5) % 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(malformed_personas_are_refused_by_member, enter, leave),
        cmocka_unit_test_setup_teardown(a_card_is_of_a_known_kind_and_plastic_unless_said, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(what_has_happened_since_is_a_move_or_a_name, enter, leave),
        cmocka_unit_test_setup_teardown(two_personas_of_one_name_are_refused, enter, leave),
        cmocka_unit_test_setup_teardown(a_file_of_a_newer_version_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(as_many_and_as_long_as_the_limits_say, enter, leave),
        cmocka_unit_test_setup_teardown(a_file_of_the_greatest_size_is_read_and_no_larger_one,
                                        enter, leave),
        cmocka_unit_test_setup_teardown(an_unknown_persona_is_answered_with_those_there_are, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(an_added_persona_is_found_again_and_not_added_twice, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(our_own_personas_are_well_formed_and_nobodys, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
