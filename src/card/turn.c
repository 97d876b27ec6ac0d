/* SPDX-License-Identifier: Apache-2.0 */
#include "card/turn.h"

#include <stddef.h>

static void append(struct turns *turns, struct turn *turn)
{
    struct turn **at = &turns->first;

    while (*at != NULL)
        at = &(*at)->next;
    *at = turn;
    turn->next = NULL;
    turn->is_waiting = true;
}

static void take_out(struct turns *turns, struct turn *turn)
{
    struct turn **at = &turns->first;

    while (*at != turn)
        at = &(*at)->next;
    *at = turn->next;
    turn->is_waiting = false;
}

bool turn_take(struct turns *turns, struct turn *turn)
{
    if (turn->has_card)
        return true;
    if (!turn->is_waiting)
        append(turns, turn);
    if (turns->holder != NULL || turns->first != turn)
        return false;
    take_out(turns, turn);
    turns->holder = turn;
    turn->has_card = true;
    return true;
}

void turn_leave(struct turns *turns, struct turn *turn)
{
    if (turn->is_waiting)
        take_out(turns, turn);
    if (turn->has_card)
        turns->holder = NULL;
    turn->has_card = false;
}
