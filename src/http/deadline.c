/* SPDX-License-Identifier: Apache-2.0 */
#include "http/deadline.h"

#include <stddef.h>

void deadline_stop(struct deadline *deadline)
{
    struct deadline_queue *queue = deadline->queue;

    if (queue == NULL)
        return;
    if (deadline->before != NULL)
        deadline->before->after = deadline->after;
    else
        queue->first = deadline->after;
    if (deadline->after != NULL)
        deadline->after->before = deadline->before;
    else
        queue->last = deadline->before;
    deadline->queue = NULL;
}

void deadline_start(struct deadline *deadline, struct deadline_queue *queue, int64_t now_ms)
{
    deadline_stop(deadline);
    *deadline = (struct deadline){
        .before = queue->last, .queue = queue, .at_ms = now_ms + queue->duration_ms};
    if (queue->last != NULL)
        queue->last->after = deadline;
    else
        queue->first = deadline;
    queue->last = deadline;
}

struct deadline *deadline_passed(const struct deadline_queue *queue, int64_t now_ms)
{
    return queue->first != NULL && queue->first->at_ms <= now_ms ? queue->first : NULL;
}

int deadline_wait(const struct deadline_queue *queue, int64_t now_ms, int otherwise)
{
    int64_t left;

    if (queue->first == NULL)
        return otherwise;
    left = queue->first->at_ms - now_ms;
    if (left < 0)
        left = 0;
    return otherwise >= 0 && otherwise < left ? otherwise : (int)left;
}
