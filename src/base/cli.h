/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines as data: a program is a table of commands, a command a table of options. Help,
 * usage errors and the man-page check are derived from the tables.
 *
 * Options go into the command's own struct by offset and may stand before or behind the
 * arguments; "--" ends them. Long names are never abbreviated; an option with a value may be
 * given once. Errors name the option and what was expected, and end with "try 'jpki sign
 * --help'"; help goes to stdout, exit 0. With "--json" in the command line an error is told on
 * stdout as well, as cli_print_error has it.
 */
#pragma once

#include "base/bytes.h"
#include "base/settings.h"

enum cli_type {
    CLI_FLAG, /* bool */
    CLI_TEXT, /* const char *, points into argv */
    CLI_INT,  /* int64_t, between 0 and INT32_MAX */
    /*
     * const char *, "" where the option stands alone: a value follows "=" only, "--name=VALUE",
     * because the next word may be an argument. Without a letter.
     */
    CLI_OPTIONAL,
};

struct cli_option {
    char letter;      /* 0: no short form */
    const char *name; /* long form without "--" */
    enum cli_type type;
    size_t offset;           /* into the command's struct */
    const char *value;       /* how help calls the value, "FILE"; NULL for flags */
    const char *description; /* one line, msgid */
};

#define CLI_OPTIONS_END                                                                            \
    {                                                                                              \
        0, NULL, CLI_FLAG, 0, NULL, NULL                                                           \
    }

struct cli_command {
    const char *path;        /* "cert show"; "" for what the program does without a command */
    const char *arguments;   /* "FILE [SIGNATURE]"; "" for none */
    const char *description; /* one line, msgid */
    const struct cli_option *options; /* at most 64, ends with CLI_OPTIONS_END; NULL for none */
    size_t size;                      /* of the command's option struct, at most CLI_STRUCT_MAX */
    int min_arguments, max_arguments;
    /* Returns the program's exit code. options starts as defaults and is filled. */
    int (*run)(const void *options, int argc, char *const argv[]);
    const void *defaults; /* the command's option struct; NULL: all zero */
    /* The first argument ends the options, as "--" does: the rest is another command's. */
    bool options_end_at_argument;
};

enum { CLI_STRUCT_MAX = 512, CLI_OPTIONS_MAX = 64, CLI_EXIT_USAGE = 2, CLI_EXIT_OUTPUT = 6 };

struct cli_program {
    const char *name;                          /* "jpki" */
    const char *description;                   /* one line, msgid */
    const struct cli_command *const *commands; /* NULL-terminated */
    const struct program_settings *settings;   /* NULL: there is nothing to set */
};

/*
 * Parse argv and run the command; the result is main's. Also serves --help (at each level),
 * --version, and --settings [--json] where there are any. A command whose output could not be
 * written ends with CLI_EXIT_OUTPUT. argv's pointers are reordered.
 */
int cli_main(const struct cli_program *program, int argc, char *argv[]);

/*
 * A failure as programs with --json print it, in one line on stdout: {"error": {"kind", "text"},
 * "exit_code"}. What is not UTF-8 in the text becomes U+FFFD.
 */
MUST_CHECK int cli_print_error(const struct err *err, int exit_code);

/* The version of OpenJPKI, "0.1.0". */
const char *cli_version(void);
