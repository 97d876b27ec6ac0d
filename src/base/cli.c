/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First the words of the command line choose a command (the longest path that fits), then the
 * rest is sorted into options and arguments in place. Nothing is allocated for that, so the only
 * failure is a person's: it is told on stderr, once, with his words made harmless, and becomes
 * CLI_EXIT_USAGE.
 */
#include "base/cli.h"

#include "base/i18n.h"
#include "base/shown.h"

#include <errno.h>
#include <inttypes.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum outcome { GO_ON, SHOW_HELP, REFUSED };

struct parser {
    const struct cli_program *program;
    const struct cli_command *command;
    const char *group;     /* what help is there for while no command is chosen */
    unsigned char *target; /* the command's option struct */
    uint64_t seen;         /* bit n: options[n] was given */
    bool json;             /* a failure is told as JSON, too */
};

const char *cli_version(void)
{
    return OPENJPKI_VERSION;
}

static const char *separator(const char *path)
{
    return path[0] == '\0' ? "" : " ";
}

__attribute__((format(printf, 2, 3))) static enum outcome refuse(const struct parser *parser,
                                                                 const char *fmt, ...)
{
    const char *name = parser->program->name;
    const char *path = parser->command != NULL ? parser->command->path : parser->group;
    CLEANUP(buf_done) struct buf room = BUF_INIT;
    struct err err = {.kind = ERR_USAGE};
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(err.text, sizeof err.text, fmt, args);
    va_end(args);
    (void)fprintf(stderr, "%s%s%s: %s\n", name, separator(path), path, text_shown(err.text, &room));
    (void)fprintf(stderr, tr("try '%s%s%s --help'"), name, separator(path), path);
    (void)fprintf(stderr, "\n");
    /* Without memory for the object, stderr and the exit code still tell. */
    if (parser->json)
        (void)!cli_print_error(&err, CLI_EXIT_USAGE);
    return REFUSED;
}

/* ---- whether JSON is wanted ---- */

/* Of flags in one word, "-yj"; what follows a letter with a value is the value. */
static bool has_json_letter(const struct cli_command *command, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        const struct cli_option *option = command->options;

        while (option != NULL && option->name != NULL && option->letter != *letters)
            option++;
        if (option == NULL || option->name == NULL || option->type != CLI_FLAG)
            return false;
        if (strcmp(option->name, "json") == 0)
            return true;
    }
    return false;
}

/* Of a command that takes a value by that name, its output is no JSON. */
static bool may_print_json(const struct cli_command *command)
{
    for (const struct cli_option *o = command->options; o != NULL && o->name != NULL; o++)
        if (strcmp(o->name, "json") == 0)
            return o->type == CLI_FLAG;
    return true;
}

/* Before anything is parsed: a failure behind which --json stands is told as JSON just so. */
static bool wants_json(const struct cli_command *command, int argc, char *const argv[])
{
    if (command != NULL && !may_print_json(command))
        return false;
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *word = argv[i];

        if (strcmp(word, "--json") == 0)
            return true;
        if (command != NULL && word[0] == '-' && has_json_letter(command, word + 1))
            return true;
        if (command != NULL && command->options_end_at_argument && word[0] != '-')
            return false;
    }
    return false;
}

/* ---- nearest name ---- */

enum { NAME_MAX_COMPARED = 40, DISTANCE_SUGGESTED = 2 };

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/*
 * Edits from one name to the other, two letters that changed places counting as one edit (optimal
 * string alignment); far apart for names too long to be compared.
 */
static unsigned distance(const char *a, const char *b)
{
    unsigned rows[3][NAME_MAX_COMPARED + 1];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);

    if (a_len > NAME_MAX_COMPARED || b_len > NAME_MAX_COMPARED)
        return NAME_MAX_COMPARED;
    for (unsigned j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= a_len; i++) {
        unsigned *now = rows[i % 3];
        const unsigned *before = rows[(i + 2) % 3];
        const unsigned *earlier = rows[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            now[j] = smaller(smaller(before[j], now[j - 1]) + 1,
                             before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = smaller(now[j], earlier[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

/* Keep candidate in *best if it is nearer to name than what was there. */
static void consider(const char *name, const char *candidate, const char **best, unsigned *nearest)
{
    unsigned now = distance(name, candidate);

    if (now < *nearest && now < strlen(name)) {
        *nearest = now;
        *best = candidate;
    }
}

/* ---- help ---- */

static void print_usage_line(const struct cli_program *program, const struct cli_command *command)
{
    printf("%s %s%s%s %s%s%s\n", tr("Usage:"), program->name, separator(command->path),
           command->path, tr("[OPTIONS]"), separator(command->arguments), command->arguments);
}

static int option_head(const struct cli_option *option, char *head, size_t size)
{
    char letter[] = {'-', option->letter, ',', ' ', '\0'};

    bool stands_alone = option->type == CLI_OPTIONAL;

    return snprintf(head, size, "%s--%s%s%s%s", option->letter == 0 ? "    " : letter, option->name,
                    option->value == NULL ? ""
                    : stands_alone        ? "[="
                                          : " ",
                    option->value == NULL ? "" : option->value, stands_alone ? "]" : "");
}

static void print_row(const char *head, int width, const char *text)
{
    printf("  %-*s  %s\n", width, head, text);
}

static bool path_starts_with(const char *path, const char *group)
{
    size_t len = strlen(group);

    return len == 0 ? path[0] != '\0' : strncmp(path, group, len) == 0 && path[len] == ' ';
}

/* The commands below a group; the group "" holds all of them. Nothing if there are none. */
static void print_commands(const struct cli_program *program, const char *group)
{
    int width = 0;

    for (const struct cli_command *const *c = program->commands; *c != NULL; c++)
        if (path_starts_with((*c)->path, group) && (int)strlen((*c)->path) > width)
            width = (int)strlen((*c)->path);
    if (width == 0)
        return;
    printf("\n%s\n", tr("Commands:"));
    for (const struct cli_command *const *c = program->commands; *c != NULL; c++)
        if (path_starts_with((*c)->path, group))
            print_row((*c)->path, width, tr((*c)->description));
    printf("\n");
    printf(tr("'%s COMMAND --help' tells more about a command, '%s --version' which version "
              "this is."),
           program->name, program->name);
    printf("\n");
}

static void print_settings_hint(const struct cli_program *program)
{
    if (program->settings == NULL)
        return;
    printf("\n");
    printf(tr("'%s --settings [--json]' lists what can be set, with default and effect."),
           program->name);
    printf("\n");
}

static void print_group_help(const struct cli_program *program, const char *group)
{
    printf("%s %s%s%s %s\n\n%s\n", tr("Usage:"), program->name, separator(group), group,
           tr("COMMAND [OPTIONS]"), tr(program->description));
    print_commands(program, group);
    if (group[0] == '\0')
        print_settings_hint(program);
}

static void print_command_help(const struct parser *parser)
{
    static const struct cli_option help = {'h', "help", CLI_FLAG, 0, NULL, N_("show this help")};
    const struct cli_option *options = parser->command->options;
    char head[80];
    int width = option_head(&help, head, sizeof head);

    print_usage_line(parser->program, parser->command);
    printf("\n%s\n\n%s\n", tr(parser->command->description), tr("Options:"));
    for (const struct cli_option *o = options; o != NULL && o->name != NULL; o++) {
        int len = option_head(o, head, sizeof head);

        width = len > width ? len : width;
    }
    for (const struct cli_option *o = options; o != NULL && o->name != NULL; o++) {
        (void)option_head(o, head, sizeof head);
        print_row(head, width, tr(o->description));
    }
    (void)option_head(&help, head, sizeof head);
    print_row(head, width, tr(help.description));
    if (parser->command->path[0] == '\0') {
        print_commands(parser->program, "");
        print_settings_hint(parser->program);
    }
}

/* ---- choosing the command ---- */

/* How many of the words the path takes; 0 if it does not fit them. */
static int words_taken(const char *path, int argc, char *const argv[])
{
    int taken = 0;

    while (*path != '\0') {
        size_t len = strcspn(path, " ");

        if (taken == argc || strlen(argv[taken]) != len || strncmp(argv[taken], path, len) != 0)
            return 0;
        taken++;
        path += len;
        path += *path == ' ';
    }
    return taken;
}

/* The group that the first word names ("card" of "card info"), or "". */
static const char *group_named(const struct cli_program *program, int argc, char *const argv[])
{
    if (argc > 0)
        for (const struct cli_command *const *c = program->commands; *c != NULL; c++)
            if (path_starts_with((*c)->path, argv[0]) && argv[0][0] != '\0')
                return argv[0];
    return "";
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static enum outcome refuse_command(const struct parser *parser, const char *word)
{
    const char *group = parser->group;
    size_t skip = group[0] == '\0' ? 0 : strlen(group) + 1;
    unsigned nearest = DISTANCE_SUGGESTED + 1;
    const char *best = NULL;
    char name[NAME_MAX_COMPARED + 1];
    char found[NAME_MAX_COMPARED + 1] = "";

    if (word[0] == '-')
        return refuse(parser, tr("the command comes first, then options such as %s"), word);
    for (const struct cli_command *const *c = parser->program->commands; *c != NULL; c++) {
        const char *rest = (*c)->path + skip;

        if (!path_starts_with((*c)->path, group))
            continue;
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(rest, " "), rest);
        best = NULL;
        consider(word, name, &best, &nearest);
        if (best != NULL)
            (void)snprintf(found, sizeof found, "%s", name);
    }
    if (found[0] == '\0')
        return refuse(parser, tr("there is no command '%s'"), word);
    return refuse(parser, tr("there is no command '%s'; did you mean '%s'?"), word, found);
}

/* Sets parser->command and *ret_taken, or has shown help or an error. */
static enum outcome choose(struct parser *parser, int argc, char *const argv[], int *ret_taken)
{
    const struct cli_program *program = parser->program;
    const struct cli_command *chosen = NULL;
    int given;
    int best = -1;

    parser->group = group_named(program, argc, argv);
    given = parser->group[0] == '\0' ? 0 : 1;
    for (const struct cli_command *const *c = program->commands; *c != NULL; c++) {
        int taken = words_taken((*c)->path, argc, argv);

        if (taken > best && (taken > 0 || (*c)->path[0] == '\0')) {
            best = taken;
            chosen = *c;
        }
    }
    /* A word that names no command is an argument only where there is a command without a name. */
    if (best < 0 || (best == 0 && given > 0)) {
        if (argc == given)
            return refuse(parser, "%s", tr("which command?"));
        if (!is_help(argv[given]))
            return refuse_command(parser, argv[given]);
        print_group_help(program, parser->group);
        return SHOW_HELP;
    }
    parser->command = chosen;
    *ret_taken = best;
    return GO_ON;
}

/* ---- options ---- */

static enum outcome set_number(struct parser *parser, const struct cli_option *option,
                               const char *text)
{
    char *end;
    int64_t number;

    errno = 0;
    number = strtoimax(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number > INT32_MAX)
        return refuse(parser, tr("option --%s: '%s' is not a number between 0 and %d"),
                      option->name, text, INT32_MAX);
    memcpy(parser->target + option->offset, &number, sizeof number);
    return GO_ON;
}

static enum outcome set_option(struct parser *parser, const struct cli_option *option,
                               const char *text)
{
    uint64_t bit = UINT64_C(1) << (option - parser->command->options);

    if (option->type != CLI_FLAG && (parser->seen & bit) != 0)
        return refuse(parser, tr("option --%s is given twice"), option->name);
    parser->seen |= bit;
    switch (option->type) {
    case CLI_FLAG:
        memcpy(parser->target + option->offset, &(bool){true}, sizeof(bool));
        return GO_ON;
    case CLI_TEXT:
    case CLI_OPTIONAL:
        memcpy(parser->target + option->offset, &text, sizeof text);
        return GO_ON;
    case CLI_INT:
        return set_number(parser, option, text);
    }
    return REFUSED;
}

static enum outcome refuse_value_missing(const struct parser *parser,
                                         const struct cli_option *option)
{
    return refuse(parser, tr("option --%s needs a value: %s"), option->name, option->value);
}

static enum outcome refuse_long(const struct parser *parser, const char *name)
{
    unsigned nearest = DISTANCE_SUGGESTED + 1;
    const char *best = NULL;

    for (const struct cli_option *o = parser->command->options; o != NULL && o->name != NULL; o++)
        consider(name, o->name, &best, &nearest);
    if (best == NULL)
        return refuse(parser, tr("there is no option --%s"), name);
    return refuse(parser, tr("there is no option --%s; did you mean --%s?"), name, best);
}

/* word is what follows "--"; a value in the next word is taken by moving *at. */
static enum outcome long_option(struct parser *parser, char *word, int argc, char *argv[], int *at)
{
    const struct cli_option *option = parser->command->options;
    char *equals = strchr(word, '=');
    const char *value = NULL;

    if (equals != NULL) {
        *equals = '\0';
        value = equals + 1;
    }
    if (strcmp(word, "help") == 0)
        return SHOW_HELP;
    while (option != NULL && option->name != NULL && strcmp(option->name, word) != 0)
        option++;
    if (option == NULL || option->name == NULL)
        return refuse_long(parser, word);
    if (option->type == CLI_FLAG && value != NULL)
        return refuse(parser, tr("option --%s takes no value"), word);
    if (option->type == CLI_OPTIONAL && value == NULL)
        value = "";
    if (option->type != CLI_FLAG && value == NULL) {
        if (*at + 1 == argc)
            return refuse_value_missing(parser, option);
        value = argv[++*at];
    }
    return set_option(parser, option, value);
}

/* letters is what follows "-": flags may be bundled, a value may follow its letter. */
static enum outcome short_options(struct parser *parser, const char *letters, int argc,
                                  char *argv[], int *at)
{
    for (; *letters != '\0'; letters++) {
        const struct cli_option *option = parser->command->options;
        const char *value = NULL;
        enum outcome outcome;

        if (*letters == 'h')
            return SHOW_HELP;
        while (option != NULL && option->name != NULL && option->letter != *letters)
            option++;
        if (option == NULL || option->name == NULL)
            return refuse(parser, tr("there is no option -%c"), *letters);
        if (option->type != CLI_FLAG) {
            value = letters[1] != '\0' ? letters + 1 : *at + 1 < argc ? argv[++*at] : NULL;
            if (value == NULL)
                return refuse_value_missing(parser, option);
        }
        outcome = set_option(parser, option, value);
        if (outcome != GO_ON || value != NULL)
            return outcome;
    }
    return GO_ON;
}

/* Arguments move to the front of argv; *ret_count says how many there are. */
static enum outcome parse(struct parser *parser, int argc, char *argv[], int *ret_count)
{
    enum outcome outcome = GO_ON;
    bool over = false;
    int count = 0;

    for (int i = 0; i < argc && outcome == GO_ON; i++) {
        char *word = argv[i];

        if (over || word[0] != '-' || word[1] == '\0') {
            argv[count++] = word;
            over = over || parser->command->options_end_at_argument;
        } else if (strcmp(word, "--") == 0)
            over = true;
        else if (word[1] == '-')
            outcome = long_option(parser, word + 2, argc, argv, &i);
        else
            outcome = short_options(parser, word + 1, argc, argv, &i);
    }
    if (outcome != GO_ON)
        return outcome;
    if (count < parser->command->min_arguments)
        return refuse(parser, tr("an argument is missing: %s"), parser->command->arguments);
    if (count > parser->command->max_arguments)
        return refuse(parser, tr("one argument too many: '%s'"),
                      argv[parser->command->max_arguments]);
    if (count < argc)
        argv[count] = NULL; /* as execvp wants it: behind them lie words that moved */
    *ret_count = count;
    return GO_ON;
}

/* A full disk or a closed pipe must not look like success. */
static int flush_output(const struct cli_program *program, int exit_code)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return exit_code;
    (void)fprintf(stderr, "%s: ", program->name);
    (void)fprintf(stderr, tr("cannot write the output: %s"), strerror(errno));
    (void)fprintf(stderr, "\n");
    return CLI_EXIT_OUTPUT;
}

static int run(struct parser *parser, int argc, char *argv[])
{
    alignas(max_align_t) unsigned char target[CLI_STRUCT_MAX] = {0};
    int count = 0;

    parser->target = target;
    if (parser->command->defaults != NULL)
        memcpy(target, parser->command->defaults, parser->command->size);
    switch (parse(parser, argc, argv, &count)) {
    case GO_ON:
        return parser->command->run(target, count, argv);
    case SHOW_HELP:
        print_command_help(parser);
        return 0;
    case REFUSED:
        break;
    }
    return CLI_EXIT_USAGE;
}

/* rest is what follows --settings. */
static int show_settings(const struct parser *parser, int argc, char *const rest[])
{
    const struct cli_program *program = parser->program;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf room = BUF_INIT;
    bool as_json = argc == 1 && strcmp(rest[0], "--json") == 0;
    struct err err = {0};
    int rc;

    if (argc > 0 && !as_json) {
        (void)refuse(parser, tr("one argument too many: '%s'"), rest[argc - 1]);
        return CLI_EXIT_USAGE;
    }
    rc = as_json ? settings_json(program->settings, program->name, &text, &err)
                 : settings_text(program->settings, &text, &err);
    if (rc < 0) {
        (void)fprintf(stderr, "%s: %s\n", program->name, text_shown(err.text, &room));
        return CLI_EXIT_OUTPUT;
    }
    (void)fwrite(text.ptr, 1, text.len, stdout);
    return 0;
}

int cli_main(const struct cli_program *program, int argc, char *argv[])
{
    struct parser parser = {.program = program, .group = ""};
    int taken = 0;
    int exit_code;

    if (argc > 0) {
        argc--;
        argv++;
    }
    if (argc > 0 && strcmp(argv[0], "--version") == 0) {
        printf("%s (OpenJPKI) %s\n", program->name, cli_version());
        return flush_output(program, 0);
    }
    parser.json = wants_json(NULL, argc, argv);
    if (argc > 0 && program->settings != NULL && strcmp(argv[0], "--settings") == 0)
        return flush_output(program, show_settings(&parser, argc - 1, argv + 1));
    switch (choose(&parser, argc, argv, &taken)) {
    case GO_ON:
        parser.json = wants_json(parser.command, argc - taken, argv + taken);
        exit_code = run(&parser, argc - taken, argv + taken);
        break;
    case SHOW_HELP:
        exit_code = 0;
        break;
    case REFUSED:
    default:
        exit_code = CLI_EXIT_USAGE;
        break;
    }
    return flush_output(program, exit_code);
}
