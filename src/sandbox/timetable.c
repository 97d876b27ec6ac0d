/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/timetable.h"

#include <string.h>

static const struct {
    const char *name, *authority, *ocsp, *platform;
} timetables[] = {
    [TIMETABLE_FAST] = {"fast", "publish_changed_s = 1\nfeed_every_s = 1\n", "poll_ms = 200\n",
                        "look_seconds = 1\nnotice_seconds = 1\n"},
    /* An answer outlives the refresh that replaces it, so one that fails is no outage. */
    [TIMETABLE_REAL] = {"real", "publish_at = 07:00\n", "refresh_s = 900\nvalid_s = 1800\n",
                        "look_seconds = 900\nnotice_seconds = 86400\n"},
};

const char *timetable_name(enum timetable timetable)
{
    return timetables[timetable].name;
}

int timetable_from_name(const char *name, enum timetable *ret, struct err *err)
{
    for (size_t i = 0; i < sizeof timetables / sizeof timetables[0]; i++) {
        if (strcmp(timetables[i].name, name) != 0)
            continue;
        *ret = (enum timetable)i;
        return 0;
    }
    return FAIL(err, ERR_USAGE, "--timing is fast or real");
}

const char *timetable_authority_lines(enum timetable timetable)
{
    return timetables[timetable].authority;
}

const char *timetable_ocsp_lines(enum timetable timetable)
{
    return timetables[timetable].ocsp;
}

const char *timetable_platform_lines(enum timetable timetable)
{
    return timetables[timetable].platform;
}
