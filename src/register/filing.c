/* SPDX-License-Identifier: Apache-2.0 */
#include "register/filing.h"

#include "register/act.h"
#include "register/refusal.h"

#include <stdio.h>
#include <string.h>

void order_done(struct order *order)
{
    json_freep(&order->json);
}

/* The session's clerk, with the card of then and a right to be here at all. */
static int find_clerk(const struct counter *counter, const struct session *session,
                      struct clerk *ret, struct err *err)
{
    TRY(register_get_clerk(counter->store, session->clerk, ret, err));
    if (ret->is_blocked)
        return refuse(err, REFUSED_BLOCKED);
    if (!bytes_equal(BYTES_ARRAY(ret->card.sign), BYTES_ARRAY(session->card.sign)))
        return refuse(err, REFUSED_SIGNER);
    return 0;
}

static int check_signature(const struct counter *counter, const struct filing_message *message,
                           struct err *err)
{
    struct prover prover = desk_prover(counter);
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    bool is_own = false;

    prover.good_at = message->session->good_at;
    TRY(proof_of_document(&prover, message->request, message->signature, &cert, err));
    TRY(clerk_is_certificate(message->session->card.sign, x509_cert_der(cert), &is_own, err));
    if (!is_own)
        return refuse(err, REFUSED_SIGNER);
    sessions_note_good(counter->desk->sessions, message->session->id, prover.good_at);
    return 0;
}

/* Where, in which session and when it was signed. at is a stranger's number: no difference. */
static int check_frame(const struct counter *counter, const struct json *json,
                       const struct session *session, struct err *err)
{
    static const char *const keys[] = {"origin", "session", "counter", "request_id",
                                       "at",     "path",    "body",    NULL};
    const struct {
        const char *key, *expected;
        enum refusal refusal;
    } texts[] = {
        {"origin", desk_origin(counter->desk, session->uid), REFUSED_ORIGIN},
        {"session", session->id, REFUSED_SESSION},
        {"counter", session->counter, REFUSED_COUNTER},
    };
    int64_t now = clock_now(counter->clock);
    const char *text;
    int64_t at;

    TRY(json_only(json, keys, err));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        TRY(json_get_text(json, texts[i].key, &text, err));
        if (strcmp(text, texts[i].expected) != 0)
            return refuse(err, texts[i].refusal);
    }
    TRY(json_get_int(json, "at", &at, err));
    if (at < now - FILING_SECONDS || at > now + FILING_SECONDS)
        return refuse(err, REFUSED_STALE);
    return 0;
}

/* What it asks for, held against its row. */
static int find_route(const struct counter *counter, struct order *order, struct err *err)
{
    char allowed[HTTP_ALLOW_MAX];

    TRY(json_get_text(order->json, "path", &order->path, err));
    if (order->path[0] != '/' || strlen(order->path) > FILING_PATH_MAX)
        return FAIL(err, ERR_INPUT, "path is none of at most %d bytes", FILING_PATH_MAX);
    if (http_router_find(&counter->desk->orders, HTTP_POST, order->path, &order->route, allowed,
                         NULL) < 0)
        return refuse(err, REFUSED_PATH);
    if (json_has(order->json, "body"))
        TRY(json_get_object(order->json, "body", &order->body, err));
    if (order->route->body == NULL)
        return order->body == NULL ? 0 : FAIL(err, ERR_INPUT, "nothing is told with this request");
    if (order->body == NULL)
        return FAIL(err, ERR_INPUT, "the member \"body\" is missing");
    return http_members_check(order->body, order->route->body, err);
}

static int read_id(struct order *order, struct err *err)
{
    TRY(json_get_text(order->json, "request_id", &order->request_id, err));
    return act_id_check(order->request_id, err);
}

/* The segment of a path behind "/v1/residents/" and the like. */
static void second_segment(const char *path, char *ret, size_t size)
{
    const char *at = strchr(path + 1, '/');
    const char *segment = at == NULL ? "" : strchr(at + 1, '/');

    segment = segment == NULL || segment[0] == '\0' ? "" : segment + 1;
    (void)snprintf(ret, size, "%.*s", (int)strcspn(segment, "/"), segment);
}

static const char *body_text(const struct order *order, const char *key)
{
    const char *text = NULL;

    if (order->body == NULL || !json_has(order->body, key) ||
        json_get_text(order->body, key, &text, NULL) < 0)
        return NULL;
    return text;
}

static int check_resident(const struct counter *counter, const struct order *order, const char *id,
                          struct err *err)
{
    const char *other = body_text(order, "municipality");
    struct resident resident;

    TRY(register_get_resident(counter->store, id, &resident, err));
    if (clerk_covers(order->counter, resident.municipality) ||
        (other != NULL && clerk_covers(order->counter, other)))
        return 0;
    return refuse(err, REFUSED_PLACE);
}

static int check_card(const struct counter *counter, const struct order *order, const char *serial,
                      struct err *err)
{
    struct card card;

    TRY(register_get_card(counter->store, serial, &card, err));
    return check_resident(counter, order, card.resident, err);
}

static int check_clerk(const struct counter *counter, const struct order *order, const char *id,
                       struct err *err)
{
    struct clerk other;

    if (strcmp(id, order->clerk.id) == 0)
        return refuse(err, REFUSED_SELF);
    TRY(register_get_clerk(counter->store, id, &other, err));
    return clerk_covers(order->counter, other.municipality) ? 0 : refuse(err, REFUSED_PLACE);
}

/* A clerk acts only where he sits. */
static int check_place(const struct counter *counter, const struct order *order, struct err *err)
{
    char segment[FILING_PATH_MAX + 1];
    const char *text;

    second_segment(order->path, segment, sizeof segment);
    switch (order->right->place) {
    case PLACE_RESIDENT:
        return check_resident(counter, order, segment, err);
    case PLACE_CARD:
        return check_card(counter, order, segment, err);
    case PLACE_HOLDER:
        text = body_text(order, "resident");
        return check_resident(counter, order, text == NULL ? "" : text, err);
    case PLACE_NEW:
        text = body_text(order, "municipality");
        return text != NULL && clerk_covers(order->counter, text) ? 0 : refuse(err, REFUSED_PLACE);
    case PLACE_CLERK:
        return check_clerk(counter, order, segment, err);
    case PLACE_ANY:
    case PLACE_APPLICATION:
        break;
    }
    return 0;
}

static int find_right(const struct counter *counter, struct order *order, struct err *err)
{
    TRY(right_find(order->route->operation, order->body, order->clerk.roles, &order->right, err));
    return check_place(counter, order, err);
}

static struct audit_origin by_clerk(const struct counter *counter, const struct clerk *clerk,
                                    const char *trace_id)
{
    return audit_by_role(clock_now(counter->clock), "clerk", clerk->id, trace_id);
}

int filing_read(const struct counter *counter, const struct filing_message *message,
                const char *trace_id, struct order *ret, struct err *err)
{
    CLEANUP(order_done) struct order order = {.json = NULL};

    if (message->request.len > FILING_BYTES_MAX)
        return FAIL(err, ERR_INPUT, "the request has more than %d bytes", FILING_BYTES_MAX);
    TRY(find_clerk(counter, message->session, &order.clerk, err));
    TRY(check_signature(counter, message, err));
    TRY(err_prefix(err, json_parse(message->request, &order.json, err), "request"));
    TRY(check_frame(counter, order.json, message->session, err));
    TRY(read_id(&order, err));
    memcpy(order.counter, message->session->counter, sizeof order.counter);
    order.by = by_clerk(counter, &order.clerk, trace_id);
    TRY(find_route(counter, &order, err));
    TRY(find_right(counter, &order, err));
    *ret = order;
    order.json = NULL;
    return 0;
}

int filing_read_kept(const struct counter *counter, const struct filing *filing,
                     const char *trace_id, struct order *ret, struct err *err)
{
    CLEANUP(order_done) struct order order = {.json = NULL};

    TRY(register_get_clerk(counter->store, filing->clerk, &order.clerk, err));
    if (order.clerk.is_blocked)
        return refuse(err, REFUSED_BLOCKED);
    if (json_parse(buf_bytes(&filing->request), &order.json, err) < 0)
        return FAIL(err, ERR_SYSTEM, "a stored filing cannot be read");
    TRY(read_id(&order, err));
    memcpy(order.counter, filing->counter, sizeof order.counter);
    order.by = by_clerk(counter, &order.clerk, trace_id);
    TRY(find_route(counter, &order, err));
    TRY(find_right(counter, &order, err));
    *ret = order;
    order.json = NULL;
    return 0;
}

/* A member of that name is the act's own id, by which its history finds who signed. */
static void note_act(const struct order *order, struct filing *filing)
{
    const char *act = body_text(order, "request_id");

    if (act != NULL && strlen(act) < sizeof filing->act)
        (void)snprintf(filing->act, sizeof filing->act, "%s", act);
}

int filing_of(const struct order *order, const struct filing_message *message, int64_t now,
              struct filing *ret, struct err *err)
{
    (void)snprintf(ret->request_id, sizeof ret->request_id, "%s", order->request_id);
    (void)snprintf(ret->operation, sizeof ret->operation, "%s", order->route->operation);
    (void)snprintf(ret->path, sizeof ret->path, "%s", order->path);
    memcpy(ret->clerk, order->clerk.id, sizeof ret->clerk);
    memcpy(ret->counter, order->counter, sizeof ret->counter);
    ret->card = order->clerk.card;
    note_act(order, ret);
    ret->received_at = now;
    if (order->right->needs_second) {
        ret->state = FILING_PENDING;
        ret->waits_until = now + FILING_WAIT_SECONDS;
    }
    if (!order->right->is_private)
        TRY(buf_copy(message->request, &ret->request, err));
    TRY(buf_copy(message->signature, &ret->signature, err));
    return digest_compute(DIGEST_SHA256, message->request, &ret->digest, err);
}

int filing_check_second(const struct filing *filing, const struct order *confirming,
                        struct bytes digest, int64_t now, struct err *err)
{
    const struct clerk *second = &confirming->clerk;

    if (strcmp(second->id, filing->clerk) == 0)
        return refuse(err, REFUSED_SAME_CLERK);
    if (bytes_equal(BYTES_ARRAY(second->card.sign), BYTES_ARRAY(filing->card.sign)))
        return refuse(err, REFUSED_SAME_CARD);
    if (!clerk_covers(confirming->counter, filing->counter))
        return refuse(err, REFUSED_PLACE);
    if (!bytes_equal_secret(digest, digest_bytes(&filing->digest)))
        return refuse(err, REFUSED_DIGEST);
    if (filing->state != FILING_PENDING && filing->state != FILING_CONFIRMED)
        return refuse(err, REFUSED_OVER);
    if (filing->state == FILING_PENDING && filing->waits_until < now)
        return refuse(err, REFUSED_EXPIRED);
    return 0;
}
