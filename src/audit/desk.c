/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/desk.h"

#include "audit/words.h"

static int check_operator(const struct http_call *call, struct err *err)
{
    const struct audit_desk *desk = call->context;

    if (desk != NULL && http_peer_is_in(call, desk->operators, desk->operator_count))
        return 0;
    return FAIL(err, ERR_DENIED, "only an operator may read that");
}

const struct http_access audit_operator = {
    "operator", check_operator, "Served on a Unix socket, to the user ids listed as operators."};

static int check_witness(const struct http_call *call, struct err *err)
{
    const struct audit_desk *desk = call->context;

    if (desk != NULL && audit_witness_asks(call, desk->keeper))
        return 0;
    return check_operator(call, err);
}

const struct http_access audit_witness = {"witness-or-operator", check_witness,
                                          AUDIT_WITNESS_MEANING};

static int get_list(struct http_call *call, struct err *err)
{
    const struct audit_desk *desk = call->context;

    return audit_answer_list(call, desk->db, err);
}

static int get_tree(struct http_call *call, struct err *err)
{
    const struct audit_desk *desk = call->context;

    return audit_answer_tree(call, desk->db, err);
}

static int on_checkpoint(struct http_call *call, struct err *err)
{
    const struct audit_desk *desk = call->context;

    return audit_answer_checkpoint(call, desk->keeper, err);
}

const struct route audit_desk_routes[] = {
    AUDIT_ROUTES(&audit_operator, &audit_witness, get_list, get_tree, on_checkpoint),
    {.path = NULL},
};
