/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-sandbox/commands.h"

#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "sandbox/timetable.h"

#include <stdio.h>
#include <string.h>

int fail(const struct err *err)
{
    return exit_report("jpki-sandbox", err);
}

static int print_program(const struct json *row, struct err *err)
{
    const char *name = NULL;
    const char *state = NULL;
    const char *ending = NULL;
    int64_t restarts = 0;
    int64_t pid = 0;

    TRY(json_get_text(row, "name", &name, err));
    TRY(json_get_text(row, "state", &state, err));
    TRY(json_get_int(row, "restarts", &restarts, err));
    if (json_get_int(row, "pid", &pid, NULL) == 0)
        printf("  %-18s %-10s %7lld", name, tr(state), (long long)pid);
    else
        printf("  %-18s %-10s %7s", name, tr(state), "-");
    if (json_get_text(row, "last_ending", &ending, NULL) == 0)
        printf(tr("   started again %lld times, last %s"), (long long)restarts, ending);
    printf("\n");
    return 0;
}

/* Not there while the sandbox starts: nothing is set then. */
static int print_powers(const struct json *state, struct err *err)
{
    const struct json *powers = NULL;
    const struct json *faults = NULL;
    const char *text = NULL;

    if (json_get_object(state, "powers", &powers, NULL) < 0)
        return 0;
    TRY(json_get_array(powers, "faults", &faults, err));
    for (size_t i = 0; i < json_count(faults); i++) {
        TRY(json_get_text(json_at(faults, i), "name", &text, err));
        printf(tr("Goes wrong: %s\n"), text);
    }
    if (json_get_text(powers, "persona", &text, NULL) == 0)
        printf(tr("Logs in without being asked: %s\n"), text);
    return 0;
}

int print_state(const struct json *state, struct err *err)
{
    const struct json *programs = NULL;
    const struct json *urls = NULL;
    const char *dir = NULL;
    const char *text = NULL;
    bool is_separate = false;

    TRY(json_get_text(state, "directory", &dir, err));
    TRY(json_get_array(state, "programs", &programs, err));
    TRY(json_get_bool(state, "separate_users", &is_separate, err));
    printf(tr("Sandbox in %s\n"), dir);
    for (size_t i = 0; i < json_count(programs); i++)
        TRY(print_program(json_at(programs, i), err));
    TRY(json_get_object(state, "urls", &urls, err));
    TRY(json_get_text(urls, "page", &text, err));
    printf(tr("Start page: %s/\n"), text);
    TRY(json_get_text(urls, "platform", &text, err));
    printf(tr("Platform: %s\n"), text);
    TRY(json_get_text(urls, "ocsp", &text, err));
    printf(tr("OCSP responder: %s\n"), text);
    TRY(json_get_text(urls, "authority", &text, err));
    printf(tr("Authority, for holders: %s\n"), text);
    TRY(json_get_text(urls, "authapp", &text, err));
    printf(tr("OpenID provider: %s\n"), text);
    TRY(json_get_text(urls, "portal", &text, err));
    printf(tr("Portal for citizens: %s/\n"), text);
    TRY(json_get_text(state, "timing", &text, err));
    if (strcmp(text, timetable_name(TIMETABLE_REAL)) == 0)
        printf("%s\n", tr("Revocations become known as in the real system: lists at 07:00, OCSP "
                          "each quarter of an hour."));
    if (json_get_text(state, "no_reader_reason", &text, NULL) == 0)
        printf(tr("No reader: %s\nThe card is reached through its own socket.\n"), text);
    if (json_get_text(state, "plugged", &text, NULL) == 0)
        printf(tr("In the reader: the card of %s\n"), text);
    else
        printf(tr("No card is in the reader.\n"));
    TRY(print_powers(state, err));
    if (!is_separate)
        printf(tr("All programs run as one user: signerd cannot tell its peers apart.\n"));
    return 0;
}
