/* SPDX-License-Identifier: Apache-2.0 */
#include "register/desk.h"

#include "register/routes.h"

#include <stdlib.h>

/* Without sessions yet. */
static int make(struct anchors *anchors, const char *origin, struct desk **ret, struct err *err)
{
    CLEANUP(desk_freep) struct desk *desk = calloc(1, sizeof *desk);

    if (desk == NULL) {
        anchors_free(anchors);
        return FAIL_NOMEM(err);
    }
    desk->anchors = anchors;
    desk->origin = origin;
    TRY(http_router_fill(&desk->orders, NULL, register_orders, err));
    *ret = desk;
    desk = NULL;
    return 0;
}

int desk_new(struct anchors *anchors, const char *origin, struct desk **ret, struct err *err)
{
    CLEANUP(desk_freep) struct desk *desk = NULL;

    TRY(make(anchors, origin, &desk, err));
    TRY(sessions_new(&desk->sessions, err));
    desk->owns_sessions = true;
    *ret = desk;
    desk = NULL;
    return 0;
}

int desk_follow(const struct desk *before, struct anchors *anchors, struct desk **ret,
                struct err *err)
{
    struct desk *desk;

    TRY(make(anchors, before->origin, &desk, err));
    desk->sessions = before->sessions;
    desk->door_origin = before->door_origin;
    desk->observe = before->observe;
    *ret = desk;
    return 0;
}

void desk_freep(struct desk **desk)
{
    if (*desk == NULL)
        return;
    if ((*desk)->owns_sessions)
        sessions_freep(&(*desk)->sessions);
    anchors_free((*desk)->anchors);
    free(*desk);
    *desk = NULL;
}

const char *desk_origin(const struct desk *desk, uid_t uid)
{
    return uid == BROWSER_UID ? desk->door_origin : desk->origin;
}

struct prover desk_prover(const struct counter *counter)
{
    return (struct prover){.anchors = counter->desk->anchors,
                           .authority = counter->authority,
                           .now = clock_now(counter->clock)};
}
