/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/common.h"

#include "client/find.h"
#include "programs/exit.h"
#include "programs/jpki/patience.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *environment(const char *name)
{
    const char *value = secure_getenv(name);

    return value == NULL || value[0] == '\0' ? NULL : value;
}

const char *kind_title(enum icc_kind kind)
{
    switch (kind) {
    case ICC_CARD:
        return N_("My Number Card");
    case ICC_ANDROID:
        return N_("smartphone (Android)");
    case ICC_IPHONE:
        return N_("smartphone (iPhone)");
    }
    return "";
}

/* A line is a command that is about to be sent, "> ...", or what came back. */
static void see_line(void *context, const char *line)
{
    const struct card_options *options = context;

    if (line[0] == '>')
        patience_begin();
    else
        patience_end();
    if (options->trace)
        (void)fprintf(stderr, "%s\n", line);
}

int open_card(const struct card_options *options, struct icc **ret, struct err *err)
{
    static struct card_options seen; /* as long as the card is open */
    struct icc_find find = {
        .reader = options->reader != NULL ? options->reader : environment("JPKI_READER"),
        .trace = options->trace || patience_is_of_use() ? see_line : NULL,
        .trace_context = &seen,
    };
    struct err why = {0};
    int rc;

    seen = *options;
    patience_begin(); /* another program may have the card */
    rc = icc_find(&find, ret, &why);
    patience_end();
    if (rc == -ERR_USAGE && (find.reader == NULL || !reader_name_is_special(find.reader)))
        return FAIL_WITH(err, why.kind, why.detail, "%s; choose one with --reader", why.text);
    return rc < 0 ? err_copy(err, &why) : 0;
}

int finish_as(const char *program, int rc, bool json, const struct err *err)
{
    int exit_code;

    if (rc == 0)
        return EXIT_CODE_DONE;
    exit_code = exit_report(program, err);
    /* Without memory for the object, stderr and the exit code still tell. */
    if (json)
        (void)!cli_print_error(err, exit_code);
    return exit_code;
}

int finish(int rc, bool json, const struct err *err)
{
    return finish_as("jpki", rc, json, err);
}

void print_field(const char *label, const char *value)
{
    if (value[0] != '\0')
        printf("%s: %s\n", label, value);
}

static bool has_colours(void)
{
    return isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR") == NULL;
}

const char *colour_on(enum colour colour)
{
    static const char *const sequences[] = {
        [COLOUR_GOOD] = "\033[32m",
        [COLOUR_DOUBTFUL] = "\033[33m",
        [COLOUR_BAD] = "\033[31m",
    };

    return has_colours() ? sequences[colour] : "";
}

const char *colour_off(void)
{
    return has_colours() ? "\033[0m" : "";
}
