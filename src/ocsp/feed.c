/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer is believed as a whole or not at all: nothing of a page counts before all of it was
 * read, and nothing is confirmed before there is no further page.
 */
#include "ocsp/feed.h"

#include "base/fault.h"
#include "fetch/fetch.h"
#include "ocsp/feed_page.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    TIMEOUT_MS = 3000,   /* of one question */
    VERIFIERS_MS = 1000, /* where polls follow each other: how often to ask who is registered */
};

/* Of one CA: what was read and is not yet in the index. */
struct draft {
    struct pending pending;
    struct revocation_set *set; /* instead of the index's; NULL: none */
    struct overlay *recent;     /* on that set, or instead of the index's; NULL: none */
};

struct feed {
    const char *socket;
    struct ocsp_index *index;
    struct ocsp_meter *meter;                                   /* NULL: nothing is counted */
    int (*look)(void *context, uint64_t last, struct err *err); /* between pages; may be NULL */
    void *look_context;
    int wait_ms;   /* how long the authority may keep a question */
    bool is_plain; /* the authority cannot pack events */
    uint64_t last; /* number of the last event that was read */
    struct draft drafts[OCSP_CAS_];
    struct serials serials[OCSP_CAS_]; /* as the last page says */
    struct buf verifiers;              /* the answer that the index has the requesters of */
    int64_t verifiers_ms;              /* monotonic: when they were asked for */
};

int feed_new(const char *socket, struct ocsp_index *index, struct feed **ret, struct err *err)
{
    struct feed *feed = calloc(1, sizeof *feed);

    if (feed == NULL)
        return FAIL_NOMEM(err);
    feed->socket = socket;
    feed->index = index;
    *ret = feed;
    return 0;
}

void feed_free(struct feed *feed)
{
    if (feed == NULL)
        return;
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        struct draft *draft = &feed->drafts[ca];

        pending_done(&draft->pending);
        overlay_free(draft->recent);
        revocation_set_free(draft->set);
    }
    buf_done(&feed->verifiers);
    free(feed);
}

void feed_freep(struct feed **feed)
{
    feed_free(*feed);
    *feed = NULL;
}

uint64_t feed_last(const struct feed *feed)
{
    return feed->last;
}

void feed_set_meter(struct feed *feed, struct ocsp_meter *meter)
{
    feed->meter = meter;
}

void feed_set_watch(struct feed *feed, int (*look)(void *context, uint64_t last, struct err *err),
                    void *context)
{
    feed->look = look;
    feed->look_context = context;
}

void feed_set_wait(struct feed *feed, int wait_ms)
{
    feed->wait_ms = wait_ms;
}

static int ask(const struct feed *feed, const char *url, int wait_ms, struct fetch_response *ret,
               struct err *err)
{
    const struct fetch_request request = {.socket = feed->socket,
                                          .url = url,
                                          .timeout_ms = TIMEOUT_MS + wait_ms,
                                          .limit = FEED_ANSWER_MAX};

    TRY(fetch(&request, ret, err));
    if (ret->json != NULL)
        return 0;
    fault_note(FAULT_FEED_REFUSED);
    return FAIL(err, ERR_REMOTE, "the authority's answer is no JSON");
}

/* Numbers of events are without gaps: as many new ones as entries, or something was left out. */
static int check_page(const struct feed *feed, const struct feed_page *page, struct err *err)
{
    uint64_t count = page->events[OCSP_CA_SIGN].count + page->events[OCSP_CA_AUTH].count;

    if (page->last != feed->last + count || (page->more && count == 0))
        return FAIL(err, ERR_REMOTE, "the authority counts %" PRIu64 " revocations, not %" PRIu64,
                    page->last, feed->last + count);
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        if (page->serials[ca].issued < feed->serials[ca].issued)
            return FAIL(err, ERR_CONFLICT,
                        "the authority has issued fewer certificates than before");
    }
    return 0;
}

/* What a CA's events go onto: the draft, where it has begun, or the index, which only this thread
 * changes. */
static const struct revocation_set *set_below(const struct feed *feed, unsigned ca)
{
    const struct draft *draft = &feed->drafts[ca];

    return draft->set != NULL ? draft->set : feed->index->state.revoked[ca];
}

static const struct overlay *recent_below(const struct feed *feed, unsigned ca)
{
    const struct draft *draft = &feed->drafts[ca];

    return draft->set != NULL || draft->recent != NULL ? draft->recent
                                                       : feed->index->state.recent[ca];
}

/* Put what is pending on top, and where that has become much, make a new set of all. */
static int fold(struct feed *feed, unsigned ca, struct err *err)
{
    CLEANUP(overlay_freep) struct overlay *recent = NULL;
    struct draft *draft = &feed->drafts[ca];
    struct revocation_set *set = NULL;
    int rc = overlay_apply(set_below(feed, ca), recent_below(feed, ca), &draft->pending, &recent,
                           err);

    if (rc == 0 && overlay_count(recent) > OVERLAY_MAX)
        rc = overlay_flatten(set_below(feed, ca), recent, &set, err);
    if (rc == -ERR_INPUT) {
        fault_note(FAULT_FEED_REFUSED);
        return FAIL(err, ERR_REMOTE, "the authority tells of events that cannot be");
    }
    TRY(rc);
    overlay_freep(&draft->recent);
    if (set != NULL) {
        revocation_set_free(draft->set);
        draft->set = set;
    } else {
        draft->recent = recent;
        recent = NULL;
    }
    pending_done(&draft->pending);
    return 0;
}

static int add_all(struct pending *to, const struct pending *from, struct err *err)
{
    for (size_t i = 0; i < from->count; i++)
        TRY(pending_add(to, &pending_events(from)[i], err));
    return 0;
}

static int keep_page(struct feed *feed, const struct feed_page *page, struct err *err)
{
    size_t counts[OCSP_CAS_];
    int rc = 0;

    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        counts[ca] = feed->drafts[ca].pending.count;
    for (unsigned ca = 0; rc == 0 && ca < OCSP_CAS_; ca++)
        rc = add_all(&feed->drafts[ca].pending, &page->events[ca], err);
    if (rc < 0) {
        for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
            pending_cut(&feed->drafts[ca].pending, counts[ca]);
        return rc;
    }
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        feed->serials[ca] = page->serials[ca];
    feed->last = page->last;
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        if (feed->drafts[ca].pending.count >= FEED_PENDING_MAX)
            TRY(fold(feed, ca, err));
    }
    return 0;
}

/*
 * An authority that is older does not know how to pack events, or how to wait: 400. It is asked
 * without, from now on.
 */
static int ask_page(struct feed *feed, int wait_ms, struct fetch_response *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    const char *text;
    int rc;

    TRY(buf_append_format(&url, err, "/v1/revocations?since=%" PRIu64, feed->last));
    if (wait_ms > 0)
        TRY(buf_append_format(&url, err, "&wait=%d", wait_ms));
    if (!feed->is_plain)
        TRY(buf_append_text(&url, "&form=packed", err));
    TRY(buf_text(&url, &text, err));
    rc = ask(feed, text, wait_ms, ret, err);
    if (rc != -ERR_INPUT || (wait_ms == 0 && feed->is_plain))
        return rc;
    if (feed->is_plain)
        wait_ms = feed->wait_ms = 0;
    feed->is_plain = true;
    return ask_page(feed, wait_ms, ret, err);
}

/* What cannot follow from what was known, or be read. */
static int read_page(const struct feed *feed, const struct json *json, struct feed_page *ret,
                     struct err *err)
{
    struct err why = {0};
    int rc = feed_page_read(json, ret, &why);

    if (rc == -ERR_INPUT)
        rc = FAIL(err, ERR_REMOTE, "the authority's list of revocations cannot be read: %s",
                  why.text);
    else if (rc < 0)
        return err_copy(err, &why);
    else
        rc = check_page(feed, ret, err);
    if (rc < 0)
        fault_note(FAULT_FEED_REFUSED);
    return rc;
}

static int poll_page(struct feed *feed, int wait_ms, bool *ret_more, struct err *err)
{
    CLEANUP(feed_page_done) struct feed_page page = {.last = 0};
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;

    TRY(ask_page(feed, wait_ms, &response, err));
    TRY(read_page(feed, response.json, &page, err));
    TRY(keep_page(feed, &page, err));
    *ret_more = page.more;
    return 0;
}

/* Whether a verifier may ask about certificates of a CA; of one that older authorities tell: yes.
 */
static int read_right(const struct json *json, enum ocsp_ca ca, bool *ret, struct err *err)
{
    *ret = true;
    return json_has(json, ocsp_ca_name(ca)) ? json_get_bool(json, ocsp_ca_name(ca), ret, err) : 0;
}

static int read_verifier(const struct feed *feed, const struct json *json,
                         struct requesters *const requesters[OCSP_CAS_], struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    unsigned place = REQUESTER_UNCOUNTED;
    const char *name;

    TRY(json_get_base64(json, "certificate", &der, err));
    if (feed->meter != NULL) {
        TRY(json_get_text(json, "name", &name, err));
        TRY(ocsp_meter_place(feed->meter, name, &place, err));
    }
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        bool may_ask;

        TRY(read_right(json, (enum ocsp_ca)ca, &may_ask, err));
        if (may_ask)
            TRY(requesters_add(requesters[ca], buf_bytes(&der), place, err));
    }
    return 0;
}

static int read_verifiers(const struct feed *feed, const struct json *json, struct ocsp_state *ret,
                          struct err *err)
{
    CLEANUP(requesters_freep) struct requesters *sign = NULL;
    CLEANUP(requesters_freep) struct requesters *auth = NULL;
    const struct json *list;

    TRY(requesters_new(&sign, err));
    TRY(requesters_new(&auth, err));
    TRY(json_get_array(json, "verifiers", &list, err));
    for (size_t i = 0; i < json_count(list); i++) {
        struct requesters *const both[OCSP_CAS_] = {
            [OCSP_CA_SIGN] = sign,
            [OCSP_CA_AUTH] = auth,
        };

        TRY(read_verifier(feed, json_at(list, i), both, err));
    }
    ret->requesters = sign;
    ret->auth_requesters = auth;
    sign = NULL;
    auth = NULL;
    return 0;
}

/* The requesters stay NULL if nobody came or went; *ret_body is then empty. */
static int poll_verifiers(struct feed *feed, struct ocsp_state *ret, struct buf *ret_body,
                          struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    int64_t now_ms = monotonic_ms();
    int rc;

    if (feed->wait_ms > 0 && feed->verifiers.len > 0 && now_ms - feed->verifiers_ms < VERIFIERS_MS)
        return 0;
    TRY(ask(feed, "/v1/verifiers", 0, &response, err));
    feed->verifiers_ms = now_ms;
    if (bytes_equal(buf_bytes(&response.body), buf_bytes(&feed->verifiers)))
        return 0;
    rc = read_verifiers(feed, response.json, ret, err);
    if (rc == -ERR_INPUT)
        return FAIL(err, ERR_REMOTE, "the authority's list of verifiers cannot be read");
    TRY(rc);
    buf_move(ret_body, &response.body);
    return 0;
}

/* Where there is something new. */
static int take_drafts(struct feed *feed, struct ocsp_state *change, struct err *err)
{
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        if (feed->drafts[ca].pending.count > 0)
            TRY(fold(feed, ca, err));
    }
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        struct draft *draft = &feed->drafts[ca];

        change->issued[ca] = feed->serials[ca].issued;
        change->gaps[ca] = feed->serials[ca].gaps;
        change->runs[ca] = feed->serials[ca].runs;
        change->revoked[ca] = draft->set;
        change->recent[ca] = draft->recent;
        draft->set = NULL;
        draft->recent = NULL;
    }
    return 0;
}

int feed_poll(struct feed *feed, const struct clock *clock, struct err *err)
{
    CLEANUP(ocsp_state_done) struct ocsp_state change = {.confirmed_at = clock_now(clock)};
    CLEANUP(buf_done) struct buf verifiers = BUF_INIT;
    int wait_ms = feed->index->state.confirmed_at > 0 ? feed->wait_ms : 0;
    bool more = true;

    for (; more; wait_ms = 0) {
        TRY(poll_page(feed, wait_ms, &more, err));
        if (more && feed->look != NULL)
            TRY(feed->look(feed->look_context, feed->last, err));
    }
    TRY(poll_verifiers(feed, &change, &verifiers, err));
    TRY(take_drafts(feed, &change, err));
    if (verifiers.len > 0) {
        buf_done(&feed->verifiers);
        buf_move(&feed->verifiers, &verifiers);
    }
    ocsp_index_update(feed->index, &change);
    return 0;
}
