/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/control_handlers.h"
#include "sandbox/page.h"
#include "sandbox/powers_file.h"
#include "sandbox/state.h"

int control_list_faults(struct http_call *call, struct err *err)
{
    const struct page *page = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct json *list = NULL;

    TRY(powers_faults_json(page->powers, &list, err));
    TRY(json_put(body, "faults", list, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

int control_clear_faults(struct http_call *call, struct err *err)
{
    const struct page *page = call->context;

    (void)err;
    for (unsigned i = 0; i < NAMED_FAULTS_; i++)
        powers_set(page->powers, (enum named_fault)i, 0);
    http_reply_empty(&call->response, 204);
    return 0;
}

static int reply_fault(struct http_call *call, enum named_fault fault, struct err *err)
{
    const struct page *page = call->context;
    struct json *row = NULL;

    TRY(powers_fault_json(page->powers, fault, &row, err));
    return http_reply_json(&call->response, 200, row, err);
}

int control_get_fault(struct http_call *call, struct err *err)
{
    enum named_fault fault;

    TRY(named_fault_find(http_param(&call->request, "name"), &fault, err));
    return reply_fault(call, fault, err);
}

/* To the person that is named, or whose card is in the reader. */
static int do_act(const struct page *page, const struct json *body, enum named_fault fault,
                  struct err *err)
{
    CLEANUP(json_freep) struct json *state = NULL;
    const char *persona = NULL;

    if (json_has(body, "persona"))
        TRY(json_get_text(body, "persona", &persona, err));
    else
        TRY(state_read(page->layout, &state, err));
    if (persona == NULL && json_get_text(state, "plugged", &persona, NULL) < 0)
        return FAIL(err, ERR_INPUT, "persona is missing, and no card is in the reader");
    return phone_act(page->phone, persona, fault, err);
}

int control_put_fault(struct http_call *call, struct err *err)
{
    const struct page *page = call->context;
    enum named_fault fault;
    int64_t times = 0;

    TRY(named_fault_find(http_param(&call->request, "name"), &fault, err));
    if (named_faults[fault].way == NAMED_BY_ACT) {
        TRY(do_act(page, call->request.json, fault, err));
        return reply_fault(call, fault, err);
    }
    if (json_has(call->request.json, "times"))
        TRY(json_get_int(call->request.json, "times", &times, err));
    TRY(powers_arm(page->powers, fault, times, err));
    return reply_fault(call, fault, err);
}

int control_delete_fault(struct http_call *call, struct err *err)
{
    const struct page *page = call->context;
    enum named_fault fault;

    TRY(named_fault_find(http_param(&call->request, "name"), &fault, err));
    powers_set(page->powers, fault, 0);
    http_reply_empty(&call->response, 204);
    return 0;
}

int control_put_state(struct http_call *call, struct err *err)
{
    const struct page *page = call->context;
    const char *persona = NULL;
    struct json *set = NULL;

    if (json_get_text(call->request.json, "persona", &persona, NULL) == 0)
        TRY(control_check_persona(page->layout, persona, err));
    TRY(powers_replace(page->powers, call->request.json, err));
    TRY(powers_json(page->powers, &set, err));
    return http_reply_json(&call->response, 200, set, err);
}
