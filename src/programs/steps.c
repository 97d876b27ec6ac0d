/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/steps.h"

#include "base/clock.h"

#include <string.h>

void steps_note(const struct step *steps, const struct http_event *event)
{
    int64_t began_us = monotonic_us() - event->duration_us;

    if (steps == NULL || event->route == NULL || event->status < 200 || event->status > 299)
        return;
    for (; steps->path != NULL; steps++)
        if (steps->method == event->method && strcmp(steps->path, event->route->path) == 0)
            trace_step_at(began_us, steps->flow, steps->step, steps->text, event->trace_id);
}
