/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/vending.h"

#include "holder/answer.h"

#include <stdio.h>
#include <string.h>

#define ORDERS "/v1/kiosk/orders"
enum { PATH_SIZE = sizeof ORDERS "//cancellation" + CHALLENGE_SESSION_MAX };

const char *const vending_states[] = {
    [VENDING_OPEN] = "open",           [VENDING_SHOWN] = "shown",   [VENDING_CHOSEN] = "chosen",
    [VENDING_PAID] = "paid",           [VENDING_ISSUED] = "issued", [VENDING_DONE] = "done",
    [VENDING_CANCELLED] = "cancelled", [VENDING_STATES_] = NULL};

/* ---- answers ---- */

static int take_state(const struct json *json, enum vending_state *ret, struct err *err)
{
    const char *text;

    TRY(json_get_text(json, "state", &text, err));
    for (unsigned i = 0; i < VENDING_STATES_; i++) {
        if (strcmp(vending_states[i], text) != 0)
            continue;
        *ret = (enum vending_state)i;
        return 0;
    }
    return FAIL(err, ERR_INPUT, "a state that is unknown here");
}

static int take_offer(const struct json *json, struct vending_offer *ret, struct err *err)
{
    TRY(json_copy_text(json, "kind", ret->kind, sizeof ret->kind, err));
    TRY(json_copy_text(json, "name", ret->name, sizeof ret->name, err));
    TRY(json_copy_text(json, "name_en", ret->name_en, sizeof ret->name_en, err));
    TRY(json_get_bool(json, "is_open", &ret->is_open, err));
    TRY(json_get_int(json, "fee", &ret->fee, err));
    if (json_has(json, "refused"))
        TRY(json_copy_text(json, "refused", ret->refused, sizeof ret->refused, err));
    return ret->fee >= 0 ? 0 : FAIL(err, ERR_INPUT, "a fee below nothing");
}

static int take_offers(const struct json *json, struct vending_order *ret, struct err *err)
{
    const struct json *list;

    TRY(json_get_array(json, "certificates", &list, err));
    if (json_count(list) > VENDING_OFFERS_MAX)
        return FAIL(err, ERR_INPUT, "too many certificates");
    for (size_t i = 0; i < json_count(list); i++)
        TRY(take_offer(json_at(list, i), &ret->offers[i], err));
    ret->offer_count = json_count(list);
    return 0;
}

/* It becomes the name of a file. */
static int take_number(const struct json *json, struct vending_order *ret, struct err *err)
{
    if (!json_has(json, "number"))
        return 0;
    TRY(json_copy_text(json, "number", ret->number, sizeof ret->number, err));
    return remote_is_name(ret->number, sizeof ret->number - 1)
               ? 0
               : FAIL(err, ERR_INPUT, "this is no number of a certificate");
}

int vending_parse(const struct json *json, struct vending_order *ret, struct err *err)
{
    struct vending_order order = {.offer_count = 0};

    TRY(answer_take_name(json, "id", order.id, sizeof order.id, err));
    TRY(take_state(json, &order.state, err));
    TRY(take_offers(json, &order, err));
    TRY(take_number(json, &order, err));
    if (json_has(json, "fee"))
        TRY(json_get_int(json, "fee", &order.fee, err));
    if (order.state == VENDING_ISSUED && order.number[0] == '\0')
        return FAIL(err, ERR_INPUT, "a certificate without a number");
    *ret = order;
    return 0;
}

/* ---- asking ---- */

/* A step of an order; body NULL: only look. */
static int ask(const struct remote *remote, const char *id, const char *step,
               const struct json *body, struct vending_order *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *answer = NULL;
    char path[PATH_SIZE];

    if (!remote_is_name(id, CHALLENGE_SESSION_MAX))
        return FAIL(err, ERR_INPUT, "this is no name of an order");
    (void)snprintf(path, sizeof path, ORDERS "/%s%s", id, step);
    TRY(remote_ask(remote, path, body, &answer, err));
    if (answer == NULL || vending_parse(answer, ret, NULL) < 0)
        return remote_fail_answer(err, remote);
    return 0;
}

/* A step that says nothing more. */
static int step(const struct remote *remote, const char *what, struct vending_order *order,
                struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    char id[sizeof order->id];

    memcpy(id, order->id, sizeof id);
    return ask(remote, id, what, body, order, err);
}

int vending_open(const struct remote *remote, struct challenge *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *answer = NULL;

    TRY(remote_ask(remote, ORDERS, body, &answer, err));
    if (answer == NULL || challenge_parse(answer, ret, NULL) < 0)
        return remote_fail_answer(err, remote);
    return 0;
}

int vending_show(struct remote *remote, const struct challenge *challenge,
                 const struct challenge_proof *proof, struct vending_order *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(remote_put_certificate(remote, body, proof->cert, err));
    TRY(json_put_base64(body, "signature", buf_bytes(&proof->signature), err));
    return ask(remote, challenge->session, "/card", body, ret, err);
}

int vending_get(const struct remote *remote, const char *id, struct vending_order *ret,
                struct err *err)
{
    return ask(remote, id, "", NULL, ret, err);
}

/* Between commas, each as it is: the portal says which there are. */
static int put_items(const char *items, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (const char *rest = items; *rest != '\0'; rest += strspn(rest, ",")) {
        const size_t len = strcspn(rest, ",");
        CLEANUP(buf_done) struct buf item = BUF_INIT;
        const char *text;

        TRY(buf_append(&item, bytes_of(rest, len), err));
        TRY(buf_text(&item, &text, err));
        TRY(json_add_text(list, text, err));
        rest += len;
    }
    return json_put(body, "items", json_steal(&list), err);
}

int vending_choose(const struct remote *remote, const struct vending_choice *choice,
                   struct vending_order *order, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    char id[sizeof order->id];

    memcpy(id, order->id, sizeof id);
    TRY(json_put_text(body, "kind", choice->kind, err));
    if (choice->items != NULL)
        TRY(put_items(choice->items, body, err));
    return ask(remote, id, "/choice", body, order, err);
}

int vending_pay(const struct remote *remote, const char *payment, struct vending_order *order,
                struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    char id[sizeof order->id];

    memcpy(id, order->id, sizeof id);
    TRY(json_put_text(body, "payment", payment, err));
    TRY(json_put_int(body, "amount", order->fee, err));
    return ask(remote, id, "/payment", body, order, err);
}

int vending_issue(const struct remote *remote, struct vending_order *order, struct buf *ret_pdf,
                  struct err *err)
{
    char path[PATH_SIZE];

    TRY(step(remote, "/document", order, err));
    (void)snprintf(path, sizeof path, ORDERS "/%s/document", order->id);
    return remote_read(remote, path, VENDING_DOCUMENT_MAX, ret_pdf, err);
}

int vending_finish(const struct remote *remote, struct vending_order *order, struct err *err)
{
    return step(remote, "/printed", order, err);
}

int vending_cancel(const struct remote *remote, struct vending_order *order, struct err *err)
{
    return step(remote, "/cancellation", order, err);
}
