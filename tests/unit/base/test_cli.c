/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cli.h"

#include "base/file.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

struct options {
    bool json, yes;
    const char *out, *dialog;
    int64_t fd;
};

static struct options got;
static int got_count;
static const char *got_arguments[4];
static int runs;

static int keep(const void *options, int argc, char *const argv[])
{
    got = *(const struct options *)options;
    got_count = argc;
    for (int i = 0; i <= argc && i < 4; i++)
        got_arguments[i] = argv[i];
    runs++;
    return 7;
}

static const struct cli_option rows[] = {
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, "machine-readable output"},
    {'y', "yes", CLI_FLAG, offsetof(struct options, yes), NULL, "do not ask"},
    {'o', "out", CLI_TEXT, offsetof(struct options, out), "FILE", "where to write"},
    {0, "pin-fd", CLI_INT, offsetof(struct options, fd), "N", "read the PIN from there"},
    {0, "ask", CLI_OPTIONAL, offsetof(struct options, dialog), "P", "ask in a window"},
    CLI_OPTIONS_END,
};

static const struct cli_command card_info = {
    "card info", "", "tell about the card", rows, sizeof(struct options), 0, 0, keep};
static const struct cli_command card_list = {"card list", "", "list cards", NULL, 0, 0, 0, keep};
static const struct cli_command sign = {
    "sign", "FILE [OUT]", "sign a file", rows, sizeof(struct options), 1, 2, keep};
static const struct cli_command run_other = {.path = "run",
                                             .arguments = "COMMAND...",
                                             .description = "run a command",
                                             .options = rows,
                                             .size = sizeof(struct options),
                                             .min_arguments = 1,
                                             .max_arguments = 4,
                                             .run = keep,
                                             .options_end_at_argument = true};
static const struct cli_option make_rows[] = {
    {'j', "json", CLI_TEXT, offsetof(struct options, out), "FILE", "where the parts are"},
    CLI_OPTIONS_END,
};
static const struct cli_command make = {
    "make", "", "make a card", make_rows, sizeof(struct options), 0, 0, keep};
static const struct cli_command nameless = {"", "", "serve", rows, sizeof(struct options),
                                            0,  0,  keep};
static const struct options defaults = {.fd = -1};
static const struct cli_command card_watch = {
    "card watch", "", "wait for a card", rows, sizeof(struct options), 0, 0, keep, &defaults};
static const struct cli_command *const commands[] = {&card_info, &card_list, &card_watch, &sign,
                                                     &run_other, &make,      NULL};
static const struct cli_command *const one_command[] = {&nameless, NULL};
static const struct conf_key keys[] = {
    {"main", "port", CONF_INT, 0, "0", 0, 9, "where"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
static const struct conf_key *const tables[] = {keys, NULL};
static const struct program_settings settings = {tables, NULL, NULL};
static const struct cli_program program = {"jpki", "works with the card", commands, NULL};
static const struct cli_program daemon_program = {"jpkid", "serves", one_command, &settings};

enum { WORDS_MAX = 8 };

/* What a call wrote to stdout and stderr. */
static char output[4096];
/* The words of the last call, which got_arguments points into. */
static char copies[WORDS_MAX][64];

static int redirect(int fd, int to)
{
    int kept = dup(fd);

    assert_true(kept >= 0);
    assert_true(dup2(to, fd) >= 0);
    return kept;
}

static int call(const struct cli_program *which, const char *const words[])
{
    CLEANUP(fd_done) int file = memfd_create("output", MFD_CLOEXEC);
    char *argv[WORDS_MAX + 1] = {copies[0]};
    int argc = 1;
    int out, error, rc;
    ssize_t len;

    for (; words[argc - 1] != NULL; argc++) {
        assert_true(argc < WORDS_MAX);
        (void)snprintf(copies[argc], sizeof copies[argc], "%s", words[argc - 1]);
        argv[argc] = copies[argc];
    }
    (void)fflush(stdout);
    out = redirect(STDOUT_FILENO, file);
    error = redirect(STDERR_FILENO, file);
    rc = cli_main(which, argc, argv);
    (void)fflush(stdout);
    assert_true(dup2(out, STDOUT_FILENO) >= 0 && dup2(error, STDERR_FILENO) >= 0);
    (void)close(out);
    (void)close(error);
    len = pread(file, output, sizeof output - 1, 0);
    assert_true(len >= 0);
    output[len] = '\0';
    return rc;
}

#define CALL(...) call(&program, (const char *const[]){__VA_ARGS__, NULL})

static void assert_refused(int rc, const char *text, const char *help)
{
    assert_int_equal(rc, CLI_EXIT_USAGE);
    assert_non_null(strstr(output, text));
    assert_non_null(strstr(output, help));
    assert_int_equal(runs, 0);
}

static int reset(void **state)
{
    (void)state;
    runs = 0;
    got_count = -1;
    return unsetenv("LC_ALL") | setenv("LC_MESSAGES", "C", 1);
}

static void usage_errors_name_what_was_wrong(void **state)
{
    const char *top = "try 'jpki --help'";
    const char *below = "try 'jpki sign --help'";

    (void)state;
    assert_refused(CALL("sing"), "no command 'sing'; did you mean 'sign'?", top);
    assert_refused(CALL("frobnicate"), "no command 'frobnicate'", top);
    assert_refused(CALL("--json"), "the command comes first", top);
    assert_refused(CALL(""), "no command ''", top);
    assert_refused(CALL("card"), "which command?", "try 'jpki card --help'");
    assert_refused(CALL("card", "inof"), "did you mean 'info'?", "try 'jpki card --help'");
    assert_refused(CALL("sign"), "an argument is missing: FILE", below);
    assert_refused(CALL("sign", "a", "b", "c"), "one argument too many: 'c'", below);
    assert_refused(CALL("sign", "--jsn", "a"), "no option --jsn; did you mean --json?", below);
    assert_refused(CALL("sign", "--nothing", "a"), "no option --nothing", below);
    assert_refused(CALL("sign", "-x", "a"), "no option -x", below);
    assert_refused(CALL("sign", "a", "--out"), "option --out needs a value: FILE", below);
    assert_refused(CALL("sign", "a", "-o"), "option --out needs a value: FILE", below);
    assert_refused(CALL("sign", "--json=1", "a"), "option --json takes no value", below);
    assert_refused(CALL("sign", "-ob", "--out", "c", "a"), "option --out is given twice", below);
}

/* Whoever made a command line for somebody else paints nothing on his terminal by it. */
static void words_are_told_without_what_moves_the_cursor(void **state)
{
    static const char *const words[] = {
        "\x1b[2K\rok",    /* a line is removed */
        "\x1b]0;title\a", /* a title is set */
        "a\nb",           /* a line of its own */
        "\xc2\x9b"
        "2J", /* CSI as one character (C1) */
        "a\xe2\x80\xae"
        "b",        /* what follows is turned around */
        "\x80\xff", /* no UTF-8 */
        "\xe3\x81", /* a character that ends too early */
        "\xc0\x9b", /* ESC, overlong */
    };

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *rest;

        assert_int_equal(CALL("sign", "a", "b", words[i]), CLI_EXIT_USAGE);
        assert_non_null(strstr(output, "one argument too many: '"));
        assert_non_null(strstr(output, "\xef\xbf\xbd"));
        assert_true(utf8_is_valid(bytes_text(output)));
        for (rest = output; *rest != '\0'; rest++)
            assert_true((uint8_t)*rest >= ' ' || *rest == '\n');
        assert_null(strstr(output, "\xc2\x9b"));
        assert_null(strstr(output, "\xe2\x80\xae"));
        /* Nor by the command, an option or its letter. */
        assert_int_equal(CALL(words[i]), CLI_EXIT_USAGE);
        assert_null(strchr(output, '\x1b'));
        assert_true(utf8_is_valid(bytes_text(output)));
    }
    assert_refused(CALL("sign", "--\x1b[1m", "a"), "no option --\xef\xbf\xbd[1m", "try");
    assert_refused(CALL("sign", "-\x1b", "a"), "no option -\xef\xbf\xbd", "try");
    assert_refused(CALL("sign", "-\x80", "a"), "no option -\xef\xbf\xbd", "try");
    assert_refused(CALL("sign", "a", "b", "番号　花子"), "one argument too many: '番号　花子'",
                   "try");
}

/* The line that programs read, and the person's before it. */
static void assert_told_as_json(int rc, const char *text)
{
    char line[256];

    (void)snprintf(line, sizeof line,
                   "{\"error\":{\"kind\":\"usage\",\"text\":\"%s\"},\"exit_code\":2}\n", text);
    assert_refused(rc, line, "--help'\n");
}

static void usage_errors_are_json_where_that_is_asked_for(void **state)
{
    (void)state;
    assert_told_as_json(CALL("sing", "--json"), "there is no command 'sing'; did you mean 'sign'?");
    assert_told_as_json(CALL("card", "--json"),
                        "the command comes first, then options such as --json");
    assert_told_as_json(CALL("--json"), "the command comes first, then options such as --json");
    assert_told_as_json(CALL("sign", "--json"), "an argument is missing: FILE [OUT]");
    assert_told_as_json(CALL("sign", "a", "b", "c", "--json"), "one argument too many: 'c'");
    assert_told_as_json(CALL("sign", "--nothing", "a", "--json"), "there is no option --nothing");
    assert_told_as_json(CALL("sign", "-x", "a", "-yj"), "there is no option -x");
    assert_told_as_json(CALL("card", "list", "--json"), "there is no option --json");
    assert_told_as_json(CALL("sign", "--json", "a", "--\xff"), "there is no option --\xef\xbf\xbd");
    assert_told_as_json(call(&daemon_program, (const char *const[]){"--json", "x", NULL}),
                        "one argument too many: 'x'");
    assert_told_as_json(
        call(&daemon_program, (const char *const[]){"--settings", "--json", "--json", NULL}),
        "one argument too many: '--json'");
}

static void usage_errors_are_no_json_otherwise(void **state)
{
    (void)state;
    assert_refused(CALL("sign", "-x", "a"), "no option -x", "jpki sign --help");
    assert_null(strchr(output, '{'));
    assert_refused(CALL("sign", "-oj"), "an argument is missing", "jpki sign --help");
    assert_null(strchr(output, '{'));
    assert_refused(CALL("sign", "-x", "--", "--json"), "no option -x", "jpki sign --help");
    assert_null(strchr(output, '{'));
    /* Another command's, and a file's name. */
    assert_int_equal(CALL("run", "--colour", "ls", "--json"), CLI_EXIT_USAGE);
    assert_null(strchr(output, '{'));
    assert_refused(CALL("make", "--json", "FILE", "-x"), "no option -x", "jpki make --help");
    assert_null(strchr(output, '{'));
}

static void numbers_are_digits_up_to_the_limit(void **state)
{
    static const char *const wrong[] = {
        "", "-1", "+1", " 1", "1x", "2147483648", "99999999999999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_refused(CALL("sign", "a", "--pin-fd", wrong[i]), "is not a number",
                       "try 'jpki sign --help'");
    assert_int_equal(CALL("sign", "a", "--pin-fd", "2147483647"), 7);
    assert_int_equal(got.fd, 2147483647);
}

static void nothing_at_all_asks_for_a_command(void **state)
{
    (void)state;
    assert_refused(call(&program, (const char *const[]){NULL}), "which command?", "jpki --help");
}

static void options_and_arguments_may_be_mixed(void **state)
{
    (void)state;
    assert_int_equal(CALL("sign", "a", "-jo", "x", "--yes", "b"), 7);
    assert_true(got.json && got.yes);
    assert_string_equal(got.out, "x");
    assert_int_equal(got_count, 2);
    assert_string_equal(got_arguments[0], "a");
    assert_string_equal(got_arguments[1], "b");
}

static void a_value_that_may_be_left_out_stands_behind_equals(void **state)
{
    (void)state;
    assert_refused(CALL("sign", "--ask", "--ask=b", "a"), "option --ask is given twice",
                   "jpki sign --help");
    assert_int_equal(CALL("sign", "a"), 7);
    assert_null(got.dialog);
    assert_int_equal(CALL("sign", "--ask", "a"), 7); /* the argument is no value */
    assert_string_equal(got.dialog, "");
    assert_int_equal(got_count, 1);
    assert_int_equal(CALL("sign", "--ask=prog", "a"), 7);
    assert_string_equal(got.dialog, "prog");
    assert_int_equal(CALL("sign", "--help"), 0);
    assert_non_null(strstr(output, "--ask[=P]"));
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    assert_int_equal(CALL("sign", "--out=", "--", "--json", "-"), 7);
    assert_false(got.json);
    assert_string_equal(got.out, "");
    assert_string_equal(got_arguments[0], "--json");
    assert_string_equal(got_arguments[1], "-");
}

static void a_command_without_options_starts_from_zero(void **state)
{
    (void)state;
    assert_int_equal(CALL("card", "list"), 7);
    assert_false(got.json || got.yes);
    assert_null(got.out);
    assert_int_equal(got_count, 0);
}

static void options_behind_an_argument_may_be_another_commands(void **state)
{
    (void)state;
    assert_int_equal(CALL("run", "--json", "ls", "--yes", "--", "-x"), 7);
    assert_true(got.json);
    assert_false(got.yes);
    assert_int_equal(got_count, 4);
    assert_string_equal(got_arguments[0], "ls");
    assert_string_equal(got_arguments[1], "--yes");
    assert_string_equal(got_arguments[2], "--");
    assert_string_equal(got_arguments[3], "-x");
    assert_int_equal(CALL("run", "--", "--json", "-x"), 7);
    assert_false(got.json);
    assert_string_equal(got_arguments[0], "--json");
    /* execvp reads on to the NULL. */
    assert_int_equal(CALL("run", "--out", "x", "--json", "ls", "-x"), 7);
    assert_int_equal(got_count, 2);
    assert_string_equal(got_arguments[1], "-x");
    assert_null(got_arguments[2]);
    assert_int_equal(CALL("run", "--colour", "ls"), CLI_EXIT_USAGE);
}

static void a_command_may_have_other_defaults(void **state)
{
    (void)state;
    assert_int_equal(CALL("card", "watch"), 7);
    assert_int_equal(got.fd, -1);
    assert_int_equal(CALL("card", "watch", "--pin-fd", "0"), 7);
    assert_int_equal(got.fd, 0);
}

static void help_is_there_at_each_level(void **state)
{
    (void)state;
    assert_int_equal(CALL("--help"), 0);
    assert_non_null(strstr(output, "card info"));
    assert_non_null(strstr(output, "sign a file"));
    assert_int_equal(CALL("card", "--help"), 0);
    assert_non_null(strstr(output, "card list"));
    assert_null(strstr(output, "sign a file"));
    assert_int_equal(CALL("sign", "--help"), 0);
    assert_non_null(strstr(output, "Usage: jpki sign [OPTIONS] FILE [OUT]"));
    assert_non_null(strstr(output, "  -o, --out FILE  where to write"));
    assert_non_null(strstr(output, "      --pin-fd N  read the PIN from there"));
    assert_int_equal(CALL("sign", "-h"), 0);
    assert_int_equal(runs, 0);
}

static void the_version_is_the_project_s(void **state)
{
    char expected[64];

    (void)state;
    (void)snprintf(expected, sizeof expected, "jpki (OpenJPKI) %s\n", cli_version());
    assert_int_equal(CALL("--version"), 0);
    assert_string_equal(output, expected);
}

static void a_program_may_have_one_command_without_a_name(void **state)
{
    (void)state;
    assert_int_equal(call(&daemon_program, (const char *const[]){"--json", NULL}), 7);
    assert_true(got.json);
    runs = 0;
    assert_int_equal(call(&daemon_program, (const char *const[]){"--help", NULL}), 0);
    assert_non_null(strstr(output, "--pin-fd"));
    assert_refused(call(&daemon_program, (const char *const[]){"x", NULL}), "too many",
                   "try 'jpkid --help'");
}

static void settings_are_listed_where_there_are_any(void **state)
{
    (void)state;
    assert_int_equal(call(&daemon_program, (const char *const[]){"--settings", NULL}), 0);
    assert_string_equal(output, "[main] port: number, 0 to 9, default 0\n    where\n");
    assert_int_equal(call(&daemon_program, (const char *const[]){"--settings", "--json", NULL}), 0);
    assert_non_null(strstr(output, "{\"program\":\"jpkid\",\"keys\":[{\"section\":\"main\""));
    assert_int_equal(call(&daemon_program, (const char *const[]){"--help", NULL}), 0);
    assert_non_null(strstr(output, "'jpkid --settings [--json]' lists"));
    assert_refused(
        call(&daemon_program, (const char *const[]){"--settings", "--json", "--json", NULL}),
        "one argument too many: '--json'", "try 'jpkid --help'");
    assert_refused(CALL("--settings"), "the command comes first", "try 'jpki --help'");
    assert_int_equal(CALL("--help"), 0);
    assert_null(strstr(output, "--settings"));
    assert_int_equal(runs, 0);
}

static void output_that_cannot_be_written_is_a_failure(void **state)
{
    char name[] = "jpki";
    char help[] = "--help";
    char *argv[] = {name, help, NULL};
    FILE *full = fopen("/dev/full", "w");
    int kept, rc;

    (void)state;
    assert_non_null(full);
    (void)fflush(stdout);
    kept = redirect(STDOUT_FILENO, fileno(full));
    rc = cli_main(&program, 2, argv);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    clearerr(stdout);
    (void)close(kept);
    (void)fclose(full);
    assert_int_equal(rc, CLI_EXIT_OUTPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(usage_errors_name_what_was_wrong, reset),
        cmocka_unit_test_setup(words_are_told_without_what_moves_the_cursor, reset),
        cmocka_unit_test_setup(usage_errors_are_json_where_that_is_asked_for, reset),
        cmocka_unit_test_setup(usage_errors_are_no_json_otherwise, reset),
        cmocka_unit_test_setup(numbers_are_digits_up_to_the_limit, reset),
        cmocka_unit_test_setup(nothing_at_all_asks_for_a_command, reset),
        cmocka_unit_test_setup(output_that_cannot_be_written_is_a_failure, reset),
        cmocka_unit_test_setup(options_and_arguments_may_be_mixed, reset),
        cmocka_unit_test_setup(a_value_that_may_be_left_out_stands_behind_equals, reset),
        cmocka_unit_test_setup(two_dashes_end_the_options, reset),
        cmocka_unit_test_setup(a_command_without_options_starts_from_zero, reset),
        cmocka_unit_test_setup(options_behind_an_argument_may_be_another_commands, reset),
        cmocka_unit_test_setup(a_command_may_have_other_defaults, reset),
        cmocka_unit_test_setup(help_is_there_at_each_level, reset),
        cmocka_unit_test_setup(the_version_is_the_project_s, reset),
        cmocka_unit_test_setup(settings_are_listed_where_there_are_any, reset),
        cmocka_unit_test_setup(a_program_may_have_one_command_without_a_name, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
