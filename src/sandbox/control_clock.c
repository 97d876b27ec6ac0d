/* SPDX-License-Identifier: Apache-2.0 */
#include "base/caltime.h"
#include "sandbox/clock_file.h"
#include "sandbox/control_handlers.h"
#include "sandbox/page.h"
#include "sandbox/powers_file.h"

static int reply_clock(struct http_call *call, int64_t offset, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    const int64_t now = clock_now(&clock_system) + offset;
    char text[CALTIME_TEXT_SIZE];

    caltime_format(now, JST_OFFSET_SECONDS, text);
    TRY(json_put_int(body, "now", now, err));
    TRY(json_put_text(body, "text", text, err));
    TRY(json_put_int(body, "offset_s", offset, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

int control_get_clock(struct http_call *call, struct err *err)
{
    const struct page *page = call->context;
    int64_t offset = 0;

    TRY(clock_file_read(page->layout, &offset, err));
    return reply_clock(call, offset, err);
}

int control_put_clock(struct http_call *call, struct err *err)
{
    const struct page *page = call->context;
    const struct json *body = call->request.json;
    struct clock_move move = {.is_shift = json_has(body, "by")};
    int64_t offset = 0;

    if (move.is_shift == json_has(body, "to"))
        return FAIL(err, ERR_INPUT, "by or to is needed, and not both");
    TRY(json_get_int(body, move.is_shift ? "by" : "to", &move.by_or_to, err));
    TRY(clock_file_move(page->layout, &clock_system, &move, &offset, err));
    return reply_clock(call, offset, err);
}

int control_post_reset(struct http_call *call, struct err *err)
{
    const struct page *page = call->context;

    (void)err;
    powers_clear(page->powers);
    http_reply_empty(&call->response, 204);
    return 0;
}
