/* SPDX-License-Identifier: Apache-2.0 */
#include "support/order_run.h"

#include "register/filing.h"
#include "register/routes.h"

static int find(const char *path, const struct json *body, struct order *order, struct err *err)
{
    struct http_router router = {.count = 0};
    char allowed[HTTP_ALLOW_MAX];

    TRY(http_router_fill(&router, NULL, register_orders, err));
    TRY(http_router_find(&router, HTTP_POST, path, &order->route, allowed, err));
    order->path = path;
    order->body = body;
    if ((body == NULL) != (order->route->body == NULL))
        return FAIL(err, ERR_INPUT, "a body that the row does not take, or none");
    return body == NULL ? 0 : http_members_check(body, order->route->body, err);
}

int order_run(const struct counter *counter, const char *path, const struct json *body,
              struct http_response *ret, struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    struct counter context = *counter;
    struct http_call call = {.context = &context};
    struct order order = {.request_id = "test", .counter = "000000001"};

    order.by = audit_by_role(clock_now(counter->clock), "clerk", "test", NULL);
    TRY(arena_new(&arena, err));
    TRY(find(path, body, &order, err));
    call.request.arena = arena;
    return register_do_order(&call, &order, ret, err);
}
