/* SPDX-License-Identifier: Apache-2.0 */
#include "base/conf.h"

#include "support/failalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct sample {
    char *name;
    char *path;
    char *spare;
    int64_t workers;
    bool loud;
    char *words;
    char *places;
};

static const struct conf_key keys[] = {
    {"main", "name", CONF_TEXT, offsetof(struct sample, name), NULL, 0, 0, "the name"},
    {"main", "path", CONF_PATH, offsetof(struct sample, path), "/tmp", 0, 0, "the place"},
    {"main", "spare", CONF_TEXT, offsetof(struct sample, spare), CONF_UNSET, 0, 0, "optional"},
    {"limits", "workers", CONF_INT, offsetof(struct sample, workers), "4", 1, 64, "how many"},
    {"limits", "loud", CONF_FLAG, offsetof(struct sample, loud), "no", 0, 0, "whether"},
    {"many", "words", CONF_TEXTS, offsetof(struct sample, words), "one", 0, 0, "some words"},
    {"many", "places", CONF_PATHS, offsetof(struct sample, places), CONF_UNSET, 0, 0, "places"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};

struct item {
    char *name;
    char *role;
    int64_t days;
};

static const struct conf_key item_keys[] = {
    {"", "role", CONF_TEXT, offsetof(struct item, role), NULL, 0, 0, "the role"},
    {"", "days", CONF_INT, offsetof(struct item, days), "10", 1, 100, "how long"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};

static void assert_refused(const char *text, const char *reason)
{
    struct sample sample = {0};
    struct item items[2] = {{0}};
    size_t count = 0;
    const struct conf_group group = {
        "key", item_keys, offsetof(struct item, name), sizeof items[0], 2, items, &count};
    struct err err = {0};

    assert_int_equal(conf_parse(bytes_text(text), "f", keys, &sample, &group, &err), -ERR_INPUT);
    assert_string_equal(err.text, reason);
    /* Nothing is left behind. */
    assert_null(sample.name);
    assert_null(sample.path);
    assert_int_equal(sample.workers, 0);
    assert_int_equal(count, 0);
    assert_null(items[0].name);
}

static void a_difference_is_named_unless_it_is_left_out(void **state)
{
    static char x[] = "x";
    static char y[] = "y";
    static char also_x[] = "x";
    static const char *const nothing[] = {NULL};
    static const char *const name_and_workers[] = {"name", "workers", NULL};
    const struct sample a = {.name = x, .workers = 4};
    struct sample b = {.name = also_x, .workers = 4};

    (void)state;
    assert_null(conf_difference(keys, &a, &b, nothing));
    b.loud = true;
    assert_string_equal(conf_difference(keys, &a, &b, name_and_workers)->key, "loud");
    b = (struct sample){.name = y, .workers = 5};
    assert_string_equal(conf_difference(keys, &a, &b, nothing)->key, "name");
    assert_null(conf_difference(keys, &a, &b, name_and_workers));
    b.spare = x;
    assert_string_equal(conf_difference(keys, &a, &b, name_and_workers)->key, "spare");
}

static void unknown_and_repeated_keys_are_refused_with_their_line(void **state)
{
    (void)state;
    assert_refused("[main]\nname = x\ncolour = red\n", "f:3: [main] has no key colour");
    assert_refused("[main]\nname = x\n\nname = y\n", "f:4: name: is there twice");
    assert_refused("[main]\nname = x\n[limits]\nloud=no\n[main]\nname = y\n",
                   "f:6: name: is there twice");
    assert_refused("[other]\nname = x\n", "f:2: there is no section [other]");
    assert_refused("name = x\n", "f:1: there is no section []");
    /* A key of another section does not count here. */
    assert_refused("[main]\nworkers = 3\n", "f:2: [main] has no key workers");
}

/* In their order, the default only if there is none. */
static void some_keys_may_be_there_several_times(void **state)
{
    struct sample sample = {0};
    struct sample other = {0};
    static const char *const nothing[] = {NULL};

    (void)state;
    assert_int_equal(conf_parse(bytes_text("[main]\nname = x\n[many]\nplaces = /a\nwords = b c\n"
                                           "places = /d\n[limits]\nworkers = 3\n[many]\n"
                                           "places = /a\n"),
                                "f", keys, &sample, NULL, NULL),
                     0);
    assert_string_equal(sample.places, "/a\n/d\n/a");
    assert_string_equal(sample.words, "b c");
    assert_int_equal(conf_parse(bytes_text("[main]\nname = x\n[limits]\nworkers = 3\n[many]\n"
                                           "places = /a\nplaces = /d\n"),
                                "f", keys, &other, NULL, NULL),
                     0);
    assert_string_equal(other.words, "one");
    assert_string_equal(conf_difference(keys, &sample, &other, nothing)->key, "words");
    conf_done(keys, &sample);
    conf_done(keys, &other);
    assert_null(sample.places);
    assert_refused("[main]\nname = x\n[many]\nplaces = /a\nplaces = b\n",
                   "f:5: places: must be an absolute path");
}

static void bad_values_are_refused_with_their_line(void **state)
{
    (void)state;
    assert_refused("[main]\nname =\n", "f:2: name: has no value");
    assert_refused("[main]\npath = tmp\n", "f:2: path: must be an absolute path");
    assert_refused("[limits]\nworkers = many\n", "f:2: workers: a number is needed");
    assert_refused("[limits]\nworkers = 4x\n", "f:2: workers: a number is needed");
    assert_refused("[limits]\nworkers = +4\n", "f:2: workers: a number is needed");
    assert_refused("[limits]\nworkers = 0\n", "f:2: workers: must be between 1 and 64");
    assert_refused("[limits]\nworkers = 65\n", "f:2: workers: must be between 1 and 64");
    assert_refused("[limits]\nworkers = 99999999999999999999\n",
                   "f:2: workers: must be between 1 and 64");
    assert_refused("[limits]\nloud = true\n", "f:2: loud: must be yes or no");
    assert_refused("[limits]\nworkers = 3\n", "f: [main] needs the key name");
    assert_refused("", "f: [main] needs the key name");
}

static void lines_that_libinih_would_misread_are_refused(void **state)
{
    char text[CONF_LINE_MAX + 32];
    int len = snprintf(text, sizeof text, "[main]\nname = ");

    (void)state;
    assert_refused("[main]\nname = x\n  y\n", "f:3: the line starts with a blank");
    assert_refused("[main]\nname\n", "f:2: neither [section] nor key = value");
    assert_refused("[main\nname = x\n", "f:1: a section is [name] and nothing else");
    assert_refused("[main] x\nname = x\n", "f:1: a section is [name] and nothing else");
    assert_refused("[main]\nname = \xff\n", "f: not UTF-8 text");
    /* One byte past CONF_LINE_MAX; "name = " is 7 of them. */
    memset(text + len, 'x', CONF_LINE_MAX - 7 + 1);
    text[len + CONF_LINE_MAX - 7 + 1] = 0;
    assert_refused(text, "f:2: the line is longer than 198 bytes");
}

static void a_line_at_the_limit_is_read_whole(void **state)
{
    char text[CONF_LINE_MAX + 32];
    struct sample sample = {0};
    int len = snprintf(text, sizeof text, "[main]\nname = ");

    (void)state;
    memset(text + len, 'x', CONF_LINE_MAX - 7);
    text[len + CONF_LINE_MAX - 7] = 0;
    assert_int_equal(conf_parse(bytes_text(text), "f", keys, &sample, NULL, NULL), 0);
    assert_int_equal(strlen(sample.name), CONF_LINE_MAX - 7);
    conf_done(keys, &sample);
}

static void a_nul_byte_is_refused(void **state)
{
    static const uint8_t text[] = "[main]\nname = a\0b\n";
    struct sample sample = {0};

    (void)state;
    assert_int_equal(conf_parse(BYTES_ARRAY(text), "f", keys, &sample, NULL, NULL), -ERR_INPUT);
}

static void a_file_past_the_limit_is_refused(void **state)
{
    char path[] = "/tmp/jpki-test-conf-XXXXXX";
    struct sample sample = {0};
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(conf_read("/nonexistent/f", keys, &sample, NULL), -ERR_ABSENT);
    assert_int_equal(dprintf(fd, "[main]\nname = x\n"), 16);
    for (int i = 16; i < CONF_FILE_MAX; i += 16)
        assert_int_equal(dprintf(fd, "#23456789abcdef\n"), 16);
    assert_int_equal(conf_read(path, keys, &sample, NULL), 0);
    conf_done(keys, &sample);
    assert_int_equal(dprintf(fd, "\n"), 1);
    assert_int_equal(conf_read(path, keys, &sample, NULL), -ERR_INPUT);
    (void)close(fd);
    (void)unlink(path);
}

static void what_is_written_is_read_and_the_rest_has_its_default(void **state)
{
    struct sample sample = {0};
    static const char text[] = "# a comment\n[main]\nname = two words\n[limits]\nloud = yes\r\n";

    (void)state;
    assert_int_equal(conf_parse(BYTES_LITERAL(text), "f", keys, &sample, NULL, NULL), 0);
    assert_string_equal(sample.name, "two words");
    assert_string_equal(sample.path, "/tmp");
    assert_null(sample.spare);
    assert_int_equal(sample.workers, 4);
    assert_true(sample.loud);
    conf_done(keys, &sample);
    assert_null(sample.name);
}

static void a_group_collects_its_sections_in_order(void **state)
{
    static const char text[] = "[main]\nname = x\n[key b]\nrole = ca\n[key a]\nrole = ocsp\n"
                               "days = 7\n";
    struct sample sample = {0};
    struct item items[2] = {{0}};
    size_t count = 0;
    const struct conf_group group = {
        "key", item_keys, offsetof(struct item, name), sizeof items[0], 2, items, &count};

    (void)state;
    assert_int_equal(conf_parse(BYTES_LITERAL(text), "f", keys, &sample, &group, NULL), 0);
    assert_int_equal(count, 2);
    assert_string_equal(items[0].name, "b");
    assert_string_equal(items[0].role, "ca");
    assert_int_equal(items[0].days, 10);
    assert_string_equal(items[1].name, "a");
    assert_int_equal(items[1].days, 7);
    conf_done(keys, &sample);
    conf_group_done(&group);
    assert_int_equal(count, 0);
}

static void a_group_refuses_what_a_table_refuses(void **state)
{
    (void)state;
    assert_refused("[main]\nname=x\n[key a]\nrole=ca\nrole=ca\n", "f:5: role: is there twice");
    assert_refused("[main]\nname=x\n[key a]\ncolour=ca\n", "f:4: [key a] has no key colour");
    assert_refused("[main]\nname=x\n[key a]\ndays=3\n", "f: [key a] needs the key role");
    assert_refused("[main]\nname=x\n[key a]\nrole=1\n[key b]\nrole=1\n[key c]\nrole=1\n",
                   "f:8: more than 2 sections [key ...]");
    assert_refused("[main]\nname=x\n[key ]\nrole=1\n", "f:4: there is no section [key ]");
}

static void the_sample_shows_every_key_and_is_read_again(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *shown;

    (void)state;
    assert_int_equal(conf_sample(keys, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &shown, NULL), 0);
    assert_string_equal(shown, "[main]\n# the name\nname =\n# the place\n#path = /tmp\n"
                               "# optional\n#spare = \n\n[limits]\n# how many\n#workers = 4\n"
                               "# whether\n#loud = no\n\n[many]\n# some words\n#words = one\n"
                               "# places\n#places = \n");
    /* Only the key without a default is missing. */
    assert_refused(shown, "f:3: name: has no value");
}

static int parse_both(void *context)
{
    static const char text[] = "[main]\nname = x\npath = /y\n[limits]\nworkers = 7\n[key a]\n"
                               "role = ca\n";
    struct sample sample = {0};
    struct item items[2] = {{0}};
    size_t count = 0;
    const struct conf_group group = {
        "key", item_keys, offsetof(struct item, name), sizeof items[0], 2, items, &count};
    int rc = conf_parse(BYTES_LITERAL(text), "f", keys, &sample, &group, NULL);

    (void)context;
    if (rc == 0) {
        assert_int_equal(sample.workers, 7);
        conf_done(keys, &sample);
        conf_group_done(&group);
    }
    assert_null(sample.name);
    assert_null(items[0].role);
    assert_int_equal(count, 0);
    return rc;
}

static void every_failed_allocation_is_told_and_leaves_nothing(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(parse_both, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_difference_is_named_unless_it_is_left_out),
        cmocka_unit_test(unknown_and_repeated_keys_are_refused_with_their_line),
        cmocka_unit_test(some_keys_may_be_there_several_times),
        cmocka_unit_test(bad_values_are_refused_with_their_line),
        cmocka_unit_test(lines_that_libinih_would_misread_are_refused),
        cmocka_unit_test(a_line_at_the_limit_is_read_whole),
        cmocka_unit_test(a_nul_byte_is_refused),
        cmocka_unit_test(a_file_past_the_limit_is_refused),
        cmocka_unit_test(what_is_written_is_read_and_the_rest_has_its_default),
        cmocka_unit_test(a_group_collects_its_sections_in_order),
        cmocka_unit_test(a_group_refuses_what_a_table_refuses),
        cmocka_unit_test(the_sample_shows_every_key_and_is_read_again),
        cmocka_unit_test(every_failed_allocation_is_told_and_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
