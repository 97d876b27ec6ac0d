/* SPDX-License-Identifier: Apache-2.0 */
/* The revocation feed over HTTP: items as they are, DER in a row. */
#include "authority/routes.h"
#include "authority/feed/feed.h"
#include "authority/feed/quota.h"
#include "authority/feed/store.h"
#include "authority/party/shown.h"
#include "base/clock.h"

#include <stdio.h>
#include <string.h>

#define FEED_TYPE "application/octet-stream"

enum { EDITION_DIGITS_MAX = 10, ETAG_ROOM = 32, FEED_NAME_ROOM = 16 };

/* "sign-12" in quotes (RFC 9110, 8.8.3): an edition never changes. */
static void make_etag(enum ca_kind kind, uint32_t edition, char ret[ETAG_ROOM])
{
    (void)snprintf(ret, ETAG_ROOM, "\"%s-%lu\"", ca_kind_name(kind), (unsigned long)edition);
}

/* "sign" is the first generation's, "sign-g2" a later one's. */
static int feed_param(const struct http_call *call, struct feed_id *ret, struct err *err)
{
    const struct authority *authority = call->context;
    const char *text = http_param(&call->request, "feed");
    char name[FEED_NAME_ROOM];

    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        for (unsigned i = 1; i <= authority->cas[kind].count; i++) {
            TRY(generation_name(ca_kind_name((enum ca_kind)kind), i, name, sizeof name, err));
            if (strcmp(text, name) == 0) {
                *ret = (struct feed_id){(enum ca_kind)kind, i};
                return 0;
            }
        }
    return FAIL(err, ERR_ABSENT, "there is no such CA");
}

static int get_snapshot(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const char *known = http_header(&call->request, "If-None-Match");
    CLEANUP(buf_done) struct buf item = BUF_INIT;
    char etag[ETAG_ROOM];
    struct feed_id feed;
    uint32_t edition;

    TRY(feed_param(call, &feed, err));
    if (known != NULL) {
        TRY(authority_get_feed_snapshot(authority->store, feed, &edition, NULL, err));
        make_etag(feed.kind, edition, etag);
        if (strcmp(known, etag) == 0) {
            http_reply_empty(&call->response, 304);
            return http_reply_field(&call->response, "ETag", etag, err);
        }
    }
    TRY(authority_get_feed_snapshot(authority->store, feed, &edition, &item, err));
    make_etag(feed.kind, edition, etag);
    TRY(http_reply_bytes(&call->response, 200, FEED_TYPE, buf_bytes(&item), err));
    return http_reply_field(&call->response, "ETag", etag, err);
}

static int since_param(const struct http_call *call, uint32_t *ret, struct err *err)
{
    const char *text = http_query(&call->request, "since");
    size_t len = text == NULL ? 0 : strlen(text);
    uint64_t number = 0;

    if (len == 0 || len > EDITION_DIGITS_MAX || strspn(text, "0123456789") != len)
        return FAIL(err, ERR_INPUT, "since is the edition that the caller has");
    for (size_t i = 0; i < len; i++)
        number = number * 10 + (uint64_t)(text[i] - '0');
    if (number > UINT32_MAX)
        return FAIL(err, ERR_INPUT, "since is the edition that the caller has");
    *ret = (uint32_t)number;
    return 0;
}

static int get_deltas(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    uint64_t rings = http_bell_rings(authority_changes(authority->store));
    CLEANUP(buf_done) struct buf items = BUF_INIT;
    struct feed_id feed;
    uint32_t since;
    int64_t wait_ms;

    TRY(feed_param(call, &feed, err));
    TRY(since_param(call, &since, err));
    TRY(authority_wait_param(call, &wait_ms, err));
    TRY(authority_list_feed_deltas(authority->store, feed, since, &items, err));
    if (items.len == 0) {
        if (!http_wait(call, rings, wait_ms))
            http_reply_empty(&call->response, 204);
        return 0;
    }
    return http_reply_bytes(&call->response, 200, FEED_TYPE, buf_bytes(&items), err);
}

static int post_snapshots(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct feed_work work = {.is_snapshot_due = true, .by = authority_caller(call)};
    struct signer *signer;
    unsigned items;

    if (authority->feeds == NULL)
        return FAIL(err, ERR_ABSENT, "this authority makes no feeds");
    TRY(authority_worker_signer(call, &signer, err));
    TRY(feed_maker_run(authority->feeds, signer, &work, &items, err));
    TRY(json_put_int(body, "items", items, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

/* ---- for verifiers behind the proxy ---- */

/* Whether the verifier that has shown its certificate may have this feed, and so often. */
static int admit(struct http_call *call, struct party *ret, struct feed_id *ret_feed,
                 struct err *err)
{
    const struct authority *authority = call->context;

    TRY(shown_party(call, ret, err));
    TRY(feed_param(call, ret_feed, err));
    if (!ret->verifies[ret_feed->kind])
        return FAIL(err, ERR_DENIED, "this verifier does not verify %s certificates",
                    ca_kind_name(ret_feed->kind));
    if (authority->feed_quota != NULL && call->pause.until_ms == 0)
        TRY(feed_quota_take(authority->feed_quota, ret->name, monotonic_ms(), err));
    return 0;
}

static int get_shown_snapshot(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    struct audit_origin by;
    struct party party;
    struct feed_id feed;

    TRY(admit(call, &party, &feed, err));
    TRY(get_snapshot(call, err));
    if (call->response.status != 200)
        return 0;
    by = audit_by_role(clock_now(authority->clock), "verifier", party.name, call->request.trace_id);
    return authority_count_snapshot(authority->store, party.name, feed.kind, &by, err);
}

static int get_shown_deltas(struct http_call *call, struct err *err)
{
    struct party party;
    struct feed_id feed;

    TRY(admit(call, &party, &feed, err));
    return get_deltas(call, err);
}

static const struct http_member made_members[] = {
    {"items", HTTP_INT, HTTP_REQUIRED, "how many snapshots and deltas were made"},
    {NULL},
};
static const struct http_answer made_answers[] = {{201, "the snapshots are there", made_members},
                                                  {0}};
static const struct http_answer snapshot_answers[] = {
    {200, "the last snapshot", .type = FEED_TYPE},
    {304, "it is the one in If-None-Match"},
    {0},
};
static const struct http_member deltas_query[] = {
    {"since", HTTP_INT, HTTP_REQUIRED, "edition of the last item the caller has taken in"},
    {"wait", HTTP_INT, HTTP_OPTIONAL, "milliseconds to wait for a delta if there is none"},
    {NULL},
};
static const struct http_answer deltas_answers[] = {
    {200, "deltas that lead on, in a row", .type = FEED_TYPE},
    {204, "there is none behind that edition"},
    {0},
};

const struct route authority_feed_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/feed/snapshots",
     .access = &authority_operator,
     .handle = post_snapshots,
     .operation = "makeFeedSnapshots",
     .summary = "Make snapshots of both revocation feeds now",
     .answers = made_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_GET,
     .path = "/v1/feed/:feed/snapshot",
     .access = &authority_ocspd_peer,
     .handle = get_snapshot,
     .operation = "getFeedSnapshot",
     .summary = "Fetch the last snapshot of a revocation feed",
     .answers = snapshot_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/v1/feed/:feed/deltas",
     .access = &authority_ocspd_peer,
     .query = deltas_query,
     .handle = get_deltas,
     .operation = "listFeedDeltas",
     .summary = "Fetch the deltas of a revocation feed behind an edition",
     .answers = deltas_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};

const struct route authority_shown_feed_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/feed/:feed/snapshot",
     .access = &authority_proxy_peer,
     .handle = get_shown_snapshot,
     .operation = "getFeedSnapshot",
     .summary = "Fetch the last snapshot of a revocation feed",
     .answers = snapshot_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_DENIED)},
    {.method = HTTP_GET,
     .path = "/v1/feed/:feed/deltas",
     .access = &authority_proxy_peer,
     .query = deltas_query,
     .handle = get_shown_deltas,
     .operation = "listFeedDeltas",
     .summary = "Fetch the deltas of a revocation feed behind an edition",
     .answers = deltas_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};
