/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/steps.h"

#include <string.h>

void steps_note(const struct step *steps, const struct http_event *event)
{
    if (steps == NULL || event->route == NULL || event->status < 200 || event->status > 299)
        return;
    for (; steps->path != NULL; steps++)
        if (steps->method == event->method && strcmp(steps->path, event->route->path) == 0)
            trace_step(steps->flow, steps->step, steps->text, event->trace_id);
}
