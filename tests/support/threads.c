/* SPDX-License-Identifier: Apache-2.0 */
#include "support/threads.h"

#include "base/clock.h"

#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 60000, PAUSE_US = 10000, LOOKS = 3 };

/* proc(5): the state stands behind the name, which is in brackets and may have some in it. */
static bool sleeps(const char *thread)
{
    char path[64], line[512] = "";
    const char *name_end;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/self/task/%.16s/stat", thread);
    file = fopen(path, "re");
    if (file == NULL)
        return true; /* it has ended */
    (void)!fgets(line, sizeof line, file);
    (void)fclose(file);
    name_end = strrchr(line, ')');
    return name_end == NULL || name_end[1] == '\0' || name_end[2] == 'S';
}

static bool all_sleep(void)
{
    const long own = (long)gettid();
    DIR *directory = opendir("/proc/self/task");
    const struct dirent *entry;
    bool all = true;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]) && strtol(entry->d_name, NULL, 10) != own)
            all = all && sleeps(entry->d_name);
    (void)closedir(directory);
    return all;
}

/* One that waits for another sleeps while that one works: so nobody works, several times. */
void threads_await_sleep(void)
{
    const int64_t end = monotonic_ms() + PATIENCE_MS;

    for (int looks = 0; looks < LOOKS; looks = all_sleep() ? looks + 1 : 0) {
        assert_true(monotonic_ms() < end);
        (void)usleep(PAUSE_US);
    }
}
