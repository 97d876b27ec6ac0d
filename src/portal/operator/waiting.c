/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/operator/waiting.h"

#include "portal/portal.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* ---- from where ---- */

enum { V4_OCTETS = 4, V6_OCTETS = 16, V4_IN_V6_AT = 12 };

static void put_v4(const uint8_t octets[V4_OCTETS], char ret[OPERATOR_REQUESTER_SIZE])
{
    (void)snprintf(ret, OPERATOR_REQUESTER_SIZE, "%u.%u.%u.%u", octets[0], octets[1], octets[2],
                   octets[3]);
}

/* A connection has a prefix of IPv6 to choose its addresses from, /48 the shortest that is usual.
 */
static void put_v6(const uint8_t octets[V6_OCTETS], char ret[OPERATOR_REQUESTER_SIZE])
{
    static const uint8_t mapped[V4_IN_V6_AT] = {[10] = 0xff, [11] = 0xff}; /* RFC 4291, 2.5.5.2 */

    if (bytes_equal((struct bytes){octets, sizeof mapped}, (struct bytes){mapped, sizeof mapped}))
        put_v4(octets + V4_IN_V6_AT, ret);
    else
        (void)snprintf(ret, OPERATOR_REQUESTER_SIZE, "%02x%02x:%02x%02x:%02x%02x::/48", octets[0],
                       octets[1], octets[2], octets[3], octets[4], octets[5]);
}

/* The last address of the field; what stands before it is the sender's own claim. */
static void put_forwarded(const char *field, char ret[OPERATOR_REQUESTER_SIZE])
{
    const char *last = strrchr(field, ',');
    char text[INET6_ADDRSTRLEN];
    uint8_t octets[V6_OCTETS];

    if (last != NULL)
        field = last + 1;
    field += strspn(field, " \t");
    if (snprintf(text, sizeof text, "%.*s", (int)strcspn(field, " \t"), field) >= (int)sizeof text)
        return;
    if (inet_pton(AF_INET, text, octets) == 1)
        put_v4(octets, ret);
    else if (inet_pton(AF_INET6, text, octets) == 1)
        put_v6(octets, ret);
}

void operator_requester(const struct http_call *call, char ret[OPERATOR_REQUESTER_SIZE])
{
    const struct portal *portal = call->context;
    const struct http_peer *peer = &call->request.peer;
    const char *field = http_header(&call->request, "X-Forwarded-For");

    ret[0] = '\0';
    if (http_peer_is_in(call, portal->proxies.uids, portal->proxies.count)) {
        if (field != NULL)
            put_forwarded(field, ret);
    } else if (peer->is_unix) {
        (void)snprintf(ret, OPERATOR_REQUESTER_SIZE, "uid %lu", (unsigned long)peer->cred.uid);
    }
}

/* ---- how many ---- */

static int count(struct db_txn *txn, const char *sql, const struct db_value *values, int64_t *ret,
                 struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, sql, values, &rows, err));
    return db_int(&rows, 0, ret, err);
}

struct waiting {
    int64_t all, own, near; /* near: from the requester's network, those of himself as well */
};

/*
 * How much of a requester's text is his network: what a provider has at once, of IPv4 16 bits, of
 * IPv6 32. All of it where no address is known.
 */
static size_t network_len(const char *requester)
{
    const char *dot = strchr(requester, '.');

    if (strchr(requester, ':') != NULL)
        return strlen("2001:0db8:");
    if (dot == NULL)
        return strlen(requester);
    return (size_t)(dot - requester) + 1 + strcspn(dot + 1, ".") + 1;
}

static int count_waiting(struct db_txn *txn, const char *requester, struct waiting *ret,
                         struct err *err)
{
    const size_t len = network_len(requester);
    char network[OPERATOR_REQUESTER_SIZE];

    (void)snprintf(network, sizeof network, "%.*s", (int)len, requester);
    TRY(count(txn, "SELECT count(*) FROM operator_client WHERE state = 'applied'", DB_NOTHING,
              &ret->all, err));
    TRY(count(txn, "SELECT count(*) FROM operator_client WHERE state = 'applied' AND requester = ?",
              DB_WITH(DB_TEXT(requester)), &ret->own, err));
    ret->near = ret->own;
    if (requester[len] == '\0')
        return 0;
    return count(txn,
                 "SELECT count(*) FROM operator_client WHERE state = 'applied'"
                 " AND substr(requester, 1, length(?1)) = ?1",
                 DB_WITH(DB_TEXT(network)), &ret->near, err);
}

/*
 * Those of whom nobody knows where they come from share a part, so they lock out nobody else; and
 * whoever fills the queue locks out the networks that he did it from, and no others
 * (docs/decisions/0133).
 */
int operator_waiting_check(struct db_txn *txn, const char *requester, struct err *err)
{
    const bool is_known = requester[0] != '\0';
    const int max = is_known ? OPERATOR_WAITING_MAX : OPERATOR_UNKNOWN_MAX;
    struct waiting now;

    TRY(count_waiting(txn, requester, &now, err));
    if (now.all >= OPERATOR_QUEUE_MAX || (now.all >= OPERATOR_APPLICATIONS_MAX && now.near > 0))
        return FAIL(err, ERR_CONFLICT, "%d services wait for their review already; come back later",
                    OPERATOR_APPLICATIONS_MAX);
    if (now.own < max && (!is_known || now.near < OPERATOR_NETWORK_MAX))
        return 0;
    return FAIL(err, ERR_CONFLICT,
                "%d services from where this one comes wait for their review already",
                now.own < max ? OPERATOR_NETWORK_MAX : max);
}

/* ---- until when ---- */

#define IS_LATE " state = 'applied' AND confirmed_at IS NULL AND made_at <= ?"

static int find_late(struct db_txn *txn, int64_t now, char ret[OPERATOR_ID_SIZE], struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT id FROM operator_client WHERE" IS_LATE " ORDER BY made_at LIMIT 1",
                     DB_WITH(DB_INT(now - OPERATOR_CONFIRM_SECONDS)), &rows, err));
    return db_text(&rows, 0, ret, OPERATOR_ID_SIZE, err);
}

int operator_waiting_lapse(struct db_txn *txn, const struct audit_origin *by, struct err *err)
{
    char id[OPERATOR_ID_SIZE];
    int rc;

    while ((rc = find_late(txn, by->at, id, err)) == 0) {
        TRY(db_execute_one(txn, "DELETE FROM operator_client WHERE id = ?", DB_WITH(DB_TEXT(id)),
                           err));
        TRY(operator_note(txn, OPERATOR_ACT_LAPSED, id, NULL, by, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int is_anyone_late(struct db *db, int64_t now, bool *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char id[OPERATOR_ID_SIZE];
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = find_late(&txn, now, id, err);
    *ret = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

int operator_waiting_sweep(struct db *db, int64_t now, struct err *err)
{
    const struct audit_origin by = audit_by_self(now);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool is_late;

    TRY(is_anyone_late(db, now, &is_late, err));
    if (!is_late)
        return 0;
    TRY(db_begin(db, &txn, err));
    TRY(operator_waiting_lapse(&txn, &by, err));
    return db_commit(&txn, err);
}

int operator_waiting_confirm(struct db *db, const char *id, const struct audit_origin *by,
                             struct err *err)
{
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(operator_waiting_lapse(&txn, by, err));
    TRY(operator_get_in(&txn, id, &client, err));
    if (client.state != OPERATOR_APPLIED)
        return FAIL(err, ERR_CONFLICT, "it does not wait for its review");
    if (client.confirmed_at != 0)
        return 0;
    TRY(db_execute_one(&txn, "UPDATE operator_client SET confirmed_at = ? WHERE id = ?",
                       DB_WITH(DB_INT(by->at), DB_TEXT(id)), err));
    TRY(operator_note(&txn, OPERATOR_ACT_CONFIRMED, id, NULL, by, err));
    return db_commit(&txn, err);
}
