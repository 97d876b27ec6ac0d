/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The revocation feeds for registered verifiers, in signed requests. A request that waits is looked
 * at again when something has happened: its nonce counts once, who may ask is decided each time.
 */
#include "authority/party/routes_asked.h"

#include "authority/feed/quota.h"
#include "authority/feed/store.h"
#include "base/clock.h"
#include "base/hex.h"

#include <string.h>

#define FEED_TYPE "application/octet-stream"

enum { ISSUER_MAX = 32 }; /* octets of a key identifier */

/* What a verifier wants of a feed. */
struct wish {
    struct feed_id feed;
    struct buf issuer; /* the CA's key identifier, instead of the generation; empty: not said */
    bool is_snapshot;
    uint32_t since;  /* of deltas: the edition it has */
    int64_t wait_ms; /* for deltas, if there are none yet */
};

static void wish_done(struct wish *wish)
{
    buf_done(&wish->issuer);
}

static int read_number(const struct json *json, const char *key, int64_t max, int64_t *ret,
                       struct err *err)
{
    TRY(json_get_int(json, key, ret, err));
    return *ret >= 0 && *ret <= max ? 0
                                    : FAIL(err, ERR_INPUT, "%s is 0 to %lld", key, (long long)max);
}

static int read_issuer(const struct json *json, struct wish *ret, struct err *err)
{
    const char *text;

    TRY(json_get_text(json, "issuer", &text, err));
    TRY(err_prefix(err, hex_decode(text, &ret->issuer, err), "issuer"));
    return ret->issuer.len > 0 && ret->issuer.len <= ISSUER_MAX
               ? 0
               : FAIL(err, ERR_INPUT, "issuer has 1 to %d octets", ISSUER_MAX);
}

static int read_wish(const struct json *json, struct wish *ret, struct err *err)
{
    static const char *const members[] = {"origin",     "act",   "at",         "nonce",
                                          "request_id", "kind",  "generation", "issuer",
                                          "item",       "since", "wait",       NULL};
    static const char *const items[] = {"snapshot", "deltas", NULL};
    const char *kind;
    int64_t generation = 1;
    int64_t since = 0;
    unsigned item;

    TRY(json_only(json, members, err));
    TRY(json_get_text(json, "kind", &kind, err));
    TRY(ca_kind_from_name(kind, &ret->feed.kind, err));
    if (json_has(json, "generation") && json_has(json, "issuer"))
        return FAIL(err, ERR_INPUT, "a CA is named by generation or by issuer, not by both");
    if (json_has(json, "issuer"))
        TRY(read_issuer(json, ret, err));
    if (json_has(json, "generation"))
        TRY(read_number(json, "generation", UINT16_MAX, &generation, err));
    ret->feed.generation = (unsigned)generation;
    TRY(asked_choice(json, "item", items, &item, err));
    ret->is_snapshot = item == 0;
    if (ret->is_snapshot)
        return 0;
    TRY(read_number(json, "since", UINT32_MAX, &since, err));
    ret->since = (uint32_t)since;
    return json_has(json, "wait") ? read_number(json, "wait", HTTP_WAIT_MS, &ret->wait_ms, err) : 0;
}

/* Which generation a key identifier is of; 0 is none of that kind. */
static unsigned generation_of(const struct authority *authority, const struct wish *wish)
{
    const struct ca *ca = authority_ca_by_key(authority, buf_bytes(&wish->issuer));

    return ca == NULL || ca->kind != wish->feed.kind ? 0 : ca->generation;
}

static int check_right(const struct authority *authority, const struct party *party,
                       struct wish *wish, struct err *err)
{
    enum ca_kind kind = wish->feed.kind;

    if (!party->verifies[kind])
        return FAIL(err, ERR_DENIED, "this verifier does not verify %s certificates",
                    ca_kind_name(kind));
    if (wish->issuer.len > 0)
        wish->feed.generation = generation_of(authority, wish);
    if (wish->feed.generation < 1 || wish->feed.generation > authority->cas[kind].count)
        return FAIL(err, ERR_ABSENT, "the CA has no such generation");
    return 0;
}

static int give_snapshot(struct http_call *call, const struct wish *wish, const struct asked *asked,
                         struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(buf_done) struct buf item = BUF_INIT;
    uint32_t edition;

    TRY(authority_get_feed_snapshot(authority->store, wish->feed, &edition, &item, err));
    TRY(authority_count_snapshot(authority->store, asked->request.party.name, wish->feed.kind,
                                 &asked->by, err));
    http_reply_buf(&call->response, 200, FEED_TYPE, &item);
    return 0;
}

static int give_deltas(struct http_call *call, const struct wish *wish, uint64_t rings,
                       struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(buf_done) struct buf items = BUF_INIT;

    TRY(authority_list_feed_deltas(authority->store, wish->feed, wish->since, &items, err));
    if (items.len > 0)
        http_reply_buf(&call->response, 200, FEED_TYPE, &items);
    else if (!http_wait(call, rings, wish->wait_ms))
        http_reply_empty(&call->response, 204);
    return 0;
}

static int post_feed(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    uint64_t rings = http_bell_rings(authority_changes(authority->store));
    CLEANUP(asked_done) struct asked asked = {.request.json = NULL};
    CLEANUP(wish_done) struct wish wish = {.feed = {.kind = CA_SIGN}};

    TRY(asked_read(call, "feed", &asked, err));
    TRY(read_wish(asked.request.json, &wish, err));
    TRY(check_right(authority, &asked.request.party, &wish, err));
    if (authority->feed_quota != NULL && !asked_waited(call))
        TRY(feed_quota_take(authority->feed_quota, asked.request.party.name, monotonic_ms(), err));
    return wish.is_snapshot ? give_snapshot(call, &wish, &asked, err)
                            : give_deltas(call, &wish, rings, err);
}

static const struct http_answer feed_answers[] = {
    {200, "a snapshot, or deltas that lead on, in a row", .type = FEED_TYPE},
    {204, "there is no delta behind that edition"},
    {0},
};

const struct route authority_asked_feed_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/verifier/feed",
     .access = &http_anyone,
     .body = asked_members,
     .handle = post_feed,
     .operation = "askFeed",
     .summary = "Act feed: fetch an item (snapshot, or deltas since an edition, for which it may "
                "wait so many milliseconds) of the revocation feed of a kind and generation (1 if "
                "it is not said, or that of issuer, the key identifier of its CA in hexadecimal)",
     .answers = feed_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_UNTRUSTED)},
    {.path = NULL},
};
