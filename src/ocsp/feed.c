/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer is believed as a whole or not at all: nothing of a page counts before all of it was
 * read, and nothing is confirmed before there is no further page.
 */
#include "ocsp/feed.h"

#include "fetch/fetch.h"
#include "ocsp/feed_page.h"

#include <inttypes.h>
#include <stdlib.h>

enum { TIMEOUT_MS = 3000 }; /* of one question */

struct feed {
    const char *socket;
    struct ocsp_index *index;
    uint64_t last;                     /* number of the last revocation that was read */
    struct pending pending[OCSP_CAS_]; /* read, not yet in the index */
    struct serials serials[OCSP_CAS_]; /* as the last page says */
    struct buf verifiers;              /* the answer that the index has the requesters of */
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
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        pending_done(&feed->pending[ca]);
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

static int ask(const struct feed *feed, const char *url, struct fetch_response *ret,
               struct err *err)
{
    const struct fetch_request request = {
        .socket = feed->socket, .url = url, .timeout_ms = TIMEOUT_MS, .limit = FEED_ANSWER_MAX};

    TRY(fetch(&request, ret, err));
    return ret->json == NULL ? FAIL(err, ERR_REMOTE, "the authority's answer is no JSON") : 0;
}

/* Numbers of revocations are without gaps: as many new ones as entries, or something was left out.
 */
static int check_page(const struct feed *feed, const struct feed_page *page, struct err *err)
{
    uint64_t count = page->entries[OCSP_CA_SIGN].count + page->entries[OCSP_CA_AUTH].count;

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

static int keep_page(struct feed *feed, const struct feed_page *page, struct err *err)
{
    size_t counts[OCSP_CAS_];

    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        counts[ca] = feed->pending[ca].count;
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        for (size_t i = 0; i < page->entries[ca].count; i++) {
            int rc = pending_add(&feed->pending[ca], &pending_entries(&page->entries[ca])[i], err);

            if (rc < 0) {
                for (unsigned k = 0; k < OCSP_CAS_; k++) {
                    feed->pending[k].count = counts[k];
                    feed->pending[k].entries.len = counts[k] * sizeof(struct revocation);
                }
                return rc;
            }
        }
        feed->serials[ca] = page->serials[ca];
    }
    feed->last = page->last;
    return 0;
}

static int poll_page(struct feed *feed, bool *ret_more, struct err *err)
{
    CLEANUP(feed_page_done) struct feed_page page = {.last = 0};
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    struct err why = {0};
    const char *text;
    int rc;

    TRY(buf_append_format(&url, err, "/v1/revocations?since=%" PRIu64, feed->last));
    TRY(buf_text(&url, &text, err));
    TRY(ask(feed, text, &response, err));
    rc = feed_page_read(response.json, &page, &why);
    if (rc == -ERR_INPUT)
        return FAIL(err, ERR_REMOTE, "the authority's list of revocations cannot be read: %s",
                    why.text);
    if (rc < 0)
        return err_copy(err, &why);
    TRY(check_page(feed, &page, err));
    TRY(keep_page(feed, &page, err));
    *ret_more = page.more;
    return 0;
}

static int read_verifiers(const struct json *json, struct requesters **ret, struct err *err)
{
    CLEANUP(requesters_freep) struct requesters *requesters = NULL;
    const struct json *list;

    TRY(requesters_new(&requesters, err));
    TRY(json_get_array(json, "verifiers", &list, err));
    for (size_t i = 0; i < json_count(list); i++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;

        TRY(json_get_base64(json_at(list, i), "certificate", &der, err));
        TRY(requesters_add(requesters, buf_bytes(&der), err));
    }
    *ret = requesters;
    requesters = NULL;
    return 0;
}

/* *ret stays NULL if nobody came or went; *ret_body is then empty. */
static int poll_verifiers(const struct feed *feed, struct requesters **ret, struct buf *ret_body,
                          struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    int rc;

    TRY(ask(feed, "/v1/verifiers", &response, err));
    if (bytes_equal(buf_bytes(&response.body), buf_bytes(&feed->verifiers)))
        return 0;
    rc = read_verifiers(response.json, ret, err);
    if (rc == -ERR_INPUT)
        return FAIL(err, ERR_REMOTE, "the authority's list of verifiers cannot be read");
    TRY(rc);
    buf_move(ret_body, &response.body);
    return 0;
}

/* New sets where there is something new, or no set yet. */
static int merge(struct feed *feed, struct ocsp_state *change, struct err *err)
{
    const struct ocsp_state *now = &feed->index->state; /* only this thread changes it */
    int rc;

    for (unsigned ca = 0; ca < OCSP_CAS_; ca++) {
        change->issued[ca] = feed->serials[ca].issued;
        change->gaps[ca] = feed->serials[ca].gaps;
        if (feed->pending[ca].count == 0 && now->revoked[ca] != NULL)
            continue;
        rc = pending_merge(&feed->pending[ca], now->revoked[ca], &change->revoked[ca], err);
        if (rc == -ERR_INPUT)
            return FAIL(err, ERR_REMOTE, "the authority revoked one certificate twice");
        TRY(rc);
    }
    return 0;
}

int feed_poll(struct feed *feed, const struct clock *clock, struct err *err)
{
    CLEANUP(ocsp_state_done) struct ocsp_state change = {.confirmed_at = clock_now(clock)};
    CLEANUP(buf_done) struct buf verifiers = BUF_INIT;
    bool more = true;

    while (more)
        TRY(poll_page(feed, &more, err));
    TRY(poll_verifiers(feed, &change.requesters, &verifiers, err));
    TRY(merge(feed, &change, err));
    if (verifiers.len > 0) {
        buf_done(&feed->verifiers);
        buf_move(&feed->verifiers, &verifiers);
    }
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        pending_done(&feed->pending[ca]);
    ocsp_index_update(feed->index, &change);
    return 0;
}
