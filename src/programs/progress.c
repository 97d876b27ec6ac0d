/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/progress.h"

#include "base/clock.h"
#include "base/i18n.h"

#include <stdio.h>
#include <unistd.h>

enum { SHOW_EVERY_MS = 250, STEPS_BETWEEN_LOOKS = 256, ESTIMATE_AFTER_MS = 1000 };

static const char clear_line[] = "\r\033[K";

struct progress progress_start(const char *what, uint64_t total)
{
    int64_t now = monotonic_ms();

    return (struct progress){what, total, now, now, isatty(STDERR_FILENO) == 1};
}

void progress_format(const struct progress *progress, uint64_t done, int64_t elapsed_ms,
                     char ret[PROGRESS_TEXT_SIZE])
{
    double share = progress->total == 0 ? 1.0 : (double)done / (double)progress->total;
    long long left_s = 0;

    if (share <= 0 || elapsed_ms < ESTIMATE_AFTER_MS) {
        (void)snprintf(ret, PROGRESS_TEXT_SIZE, tr("%s %.1f %% of %llu"), progress->what,
                       share * 100, (unsigned long long)progress->total);
        return;
    }
    left_s = (long long)((double)elapsed_ms / share * (1 - share) / 1000 + 0.5);
    (void)snprintf(ret, PROGRESS_TEXT_SIZE, tr("%s %.1f %% of %llu, %lld min %lld s left"),
                   progress->what, share * 100, (unsigned long long)progress->total, left_s / 60,
                   left_s % 60);
}

void progress_at(struct progress *progress, uint64_t done)
{
    char text[PROGRESS_TEXT_SIZE];
    int64_t now;

    if (!progress->is_terminal || done % STEPS_BETWEEN_LOOKS != 0)
        return;
    now = monotonic_ms();
    if (now - progress->shown_ms < SHOW_EVERY_MS)
        return;
    progress->shown_ms = now;
    progress_format(progress, done, now - progress->started_ms, text);
    (void)fprintf(stderr, "%s%s", clear_line, text);
}

void progress_end(struct progress *progress)
{
    if (progress->is_terminal)
        (void)fputs(clear_line, stderr);
}
