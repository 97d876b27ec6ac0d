/* SPDX-License-Identifier: Apache-2.0 */
/* A feed against an authority that says what it is told to, over a socket. */
#include "base/fault.h"
#include "base/json.h"
#include "ocsp/sync.h"
#include "support/httpclient.h"
#include "support/ocsp_question.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static unsigned place;

enum { PAGES = 10, GENERATED_PAGE = 1 << 15 };

#define ISSUED            "\"issued\":{\"sign\":100,\"auth\":50}"
#define NOTHING_NEW(last) "{\"entries\":[]," ISSUED ",\"last\":" last ",\"more\":false}"
#define SIGN(serial, reason)                                                                       \
    "{\"number\":1,\"kind\":\"sign\",\"serial\":" serial ",\"at\":1790000000,\"reason\":\"" reason \
    "\"}"
#define AUTH(serial)                                                                               \
    "{\"number\":1,\"kind\":\"auth\",\"serial\":" serial                                           \
    ",\"at\":1790000001,\"reason\":\"superseded\"}"
/* Of version 3. */
#define EVENT(kind, serial, at, reason, event)                                                     \
    "{\"number\":1,\"kind\":\"" kind "\",\"serial\":" serial ",\"at\":" at ",\"reason\":\"" reason \
    "\",\"event\":\"" event "\"}"
#define HOLD(serial)    EVENT("auth", serial, "1790000002", "certificateHold", "revoke")
#define RELEASE(serial) EVENT("auth", serial, "1790000003", "certificateHold", "release")
#define FINAL(serial)   EVENT("auth", serial, "1790000002", "keyCompromise", "revoke")
#define EVENTS(entries, last)                                                                      \
    "{\"version\":3,\"entries\":[" entries "]," ISSUED                                             \
    ",\"gaps\":{\"sign\":[],\"auth\":[]},\"last\":" last ",\"more\":false}"
#define WITH_GAPS(sign)                                                                            \
    "{\"version\":2,\"entries\":[]," ISSUED ",\"gaps\":{\"sign\":[" sign                           \
    "],\"auth\":[]},\"last\":0,\"more\":false}"
#define WITH_RUNS(sign)                                                                            \
    "{\"version\":4,\"entries\":[]," ISSUED ",\"gaps\":{\"sign\":[],\"auth\":[]},"                 \
    "\"runs\":{\"sign\":[" sign "],\"auth\":[]},\"last\":0,\"more\":false}"
#define RUN(first, generation) "{\"first\":" first ",\"generation\":" generation "}"
#define RANGE(first, last)     "{\"first\":" first ",\"last\":" last "}"
#define NOBODY                 "{\"verifiers\":[]}"

/* What the authority answers: pages by since (NULL: 409), and its verifiers (NULL: 404). */
static const char *_Atomic pages[PAGES];
static const char *verifiers;

static struct httpserver *server;
static struct ocsp_index index_of_test;
static struct feed *feed;
static struct clock at;

static int reply(struct http_call *call, const char *text, struct err *err)
{
    return http_reply_bytes(&call->response, 200, "application/json", bytes_text(text), err);
}

/* Instead of pages, above 0: so many revocations of sign certificates 1, 2, ... in pages. */
static uint32_t generated;

static int reply_generated(struct http_call *call, size_t since, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    size_t last = since + GENERATED_PAGE < generated ? since + GENERATED_PAGE : generated;

    TRY(buf_append_text(&text, "{\"entries\":[", err));
    for (size_t i = since + 1; i <= last; i++)
        TRY(buf_append_format(&text, err,
                              "%s{\"kind\":\"sign\",\"serial\":%zu,\"at\":1790000000,"
                              "\"reason\":\"superseded\"}",
                              i == since + 1 ? "" : ",", i));
    TRY(buf_append_format(&text, err,
                          "],\"issued\":{\"sign\":%u,\"auth\":1},\"last\":%zu,\"more\":%s}",
                          generated, last, last < generated ? "true" : "false"));
    return http_reply_bytes(&call->response, 200, "application/json", buf_bytes(&text), err);
}

/* How often somebody has asked for packed events. */
static _Atomic int packed_questions;

static int get_revocations(struct http_call *call, struct err *err)
{
    const char *form = http_query(&call->request, "form");
    size_t since = strtoul(http_query(&call->request, "since"), NULL, 10);

    if (form != NULL && strcmp(form, "packed") == 0)
        packed_questions++;
    if (generated > 0)
        return reply_generated(call, since, err);
    if (since >= PAGES || pages[since] == NULL)
        return FAIL(err, ERR_CONFLICT, "since is ahead");
    return reply(call, pages[since], err);
}

static int get_verifiers(struct http_call *call, struct err *err)
{
    return verifiers == NULL ? FAIL(err, ERR_ABSENT, "not here") : reply(call, verifiers, err);
}

static const struct http_member query[] = {{"since", HTTP_INT, HTTP_OPTIONAL, "a number"}, {NULL}};
static const struct http_answer answers[] = {{200, "as set", .type = "application/json"}, {0}};
static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/revocations",
     .access = &http_listed_peer,
     .query = query,
     .handle = get_revocations,
     .operation = "listRevocations",
     .summary = "Read",
     .answers = answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/verifiers",
     .access = &http_listed_peer,
     .handle = get_verifiers,
     .operation = "listVerifiers",
     .summary = "Read",
     .answers = answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};

/* The same, of an authority that packs events for who asks for it. */
static const struct http_member packing_query[] = {{"since", HTTP_INT, HTTP_OPTIONAL, "a number"},
                                                   {"form", HTTP_TEXT, HTTP_OPTIONAL, "packed"},
                                                   {NULL}};
static const struct route packing_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/revocations",
     .access = &http_listed_peer,
     .query = packing_query,
     .handle = get_revocations,
     .operation = "listRevocations",
     .summary = "Read",
     .answers = answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/verifiers",
     .access = &http_listed_peer,
     .handle = get_verifiers,
     .operation = "listVerifiers",
     .summary = "Read",
     .answers = answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAGES; i++)
        pages[i] = NULL;
    generated = 0;
    verifiers = NOBODY;
    at = clock_fixed(TEST_PKI_NOW);
    server = httpserver_start((struct http_server_options){.routes = routes, .workers = 1});
    assert_int_equal(ocsp_index_init(&index_of_test, NULL), 0);
    return feed_new(server->path, &index_of_test, &feed, NULL);
}

static int set_up_packing(void **state)
{
    int rc = set_up(state);

    feed_freep(&feed);
    httpserver_done(&server);
    packed_questions = 0;
    server = httpserver_start((struct http_server_options){.routes = packing_routes, .workers = 1});
    return rc < 0 ? rc : feed_new(server->path, &index_of_test, &feed, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    feed_freep(&feed);
    ocsp_index_done(&index_of_test);
    httpserver_done(&server);
    return 0;
}

static int poll_feed(void)
{
    return feed_poll(feed, &at, NULL);
}

static struct ocsp_knowledge known(enum ocsp_ca ca)
{
    struct ocsp_knowledge knowledge = {.valid_s = 900};

    ocsp_index_read(&index_of_test, ca, &knowledge);
    ocsp_index_release(&index_of_test); /* nobody changes it meanwhile */
    return knowledge;
}

static bool is_revoked(enum ocsp_ca ca, uint32_t serial)
{
    struct revocation found;

    return overlay_find(known(ca).revoked, known(ca).recent, serial, &found, NULL) == 0;
}

/* Each at the place of the first page: refused, and nothing is confirmed. */
static void what_makes_no_sense_is_not_believed(void **state)
{
    static const char *const rows[] = {
        "",
        "[]",
        "{}",
        "{\"entries\":[]," ISSUED ",\"last\":0}",
        "{\"entries\":[],\"issued\":{\"sign\":100},\"last\":0,\"more\":false}",
        "{\"entries\":[],\"issued\":{\"sign\":-1,\"auth\":1},\"last\":0,\"more\":false}",
        "{\"entries\":[],\"issued\":{\"sign\":4294967296,\"auth\":1},\"last\":0,\"more\":false}",
        "{\"entries\":[{}]," ISSUED ",\"last\":1,\"more\":false}",
        "{\"entries\":[" SIGN("0", "superseded") "]," ISSUED ",\"last\":1,\"more\":false}",
        "{\"entries\":[" SIGN("101", "superseded") "]," ISSUED ",\"last\":1,\"more\":false}",
        "{\"entries\":[" SIGN("7", "boredom") "]," ISSUED ",\"last\":1,\"more\":false}",
        "{\"entries\":[" SIGN("7", "removeFromCRL") "]," ISSUED ",\"last\":1,\"more\":false}",
        /* counts that leave something out, or never end */
        "{\"entries\":[" SIGN("7", "superseded") "]," ISSUED ",\"last\":2,\"more\":false}",
        "{\"entries\":[" SIGN("7", "superseded") "]," ISSUED ",\"last\":-1,\"more\":false}",
        "{\"entries\":[]," ISSUED ",\"last\":0,\"more\":true}",
        /* versions that are none, and gaps that make no sense */
        "{\"version\":5,\"entries\":[]," ISSUED ",\"gaps\":{\"sign\":[],\"auth\":[]},"
        "\"runs\":{\"sign\":[],\"auth\":[]},\"last\":0,\"more\":false}",
        "{\"version\":4,\"entries\":[]," ISSUED ",\"gaps\":{\"sign\":[],\"auth\":[]},\"last\":0,"
        "\"more\":false}",
        WITH_RUNS("5"),
        WITH_RUNS("{\"first\":5}"),
        WITH_RUNS(RUN("0", "2")),
        WITH_RUNS(RUN("5", "0")),
        WITH_RUNS(RUN("5", "1")),
        WITH_RUNS(RUN("5", "10")),
        WITH_RUNS(RUN("5", "2") "," RUN("5", "1")),
        WITH_RUNS(RUN("5", "2") "," RUN("7", "2")),
        WITH_RUNS(RUN("4294967296", "2")),
        "{\"version\":0,\"entries\":[]," ISSUED ",\"last\":0,\"more\":false}",
        "{\"version\":\"2\",\"entries\":[]," ISSUED ",\"last\":0,\"more\":false}",
        "{\"version\":2,\"entries\":[]," ISSUED ",\"last\":0,\"more\":false}",
        "{\"version\":2,\"entries\":[]," ISSUED
        ",\"gaps\":{\"sign\":[]},\"last\":0,\"more\":false}",
        WITH_GAPS("5"),
        WITH_GAPS("{\"first\":5}"),
        WITH_GAPS(RANGE("6", "5")),
        WITH_GAPS(RANGE("0", "5")),
        WITH_GAPS(RANGE("-1", "5")),
        WITH_GAPS(RANGE("100", "101")),
        WITH_GAPS(RANGE("8", "9") "," RANGE("5", "6")),
        WITH_GAPS(RANGE("5", "6") "," RANGE("7", "9")),
        /* events that are none, or cannot follow each other */
        EVENTS("{\"number\":1,\"kind\":\"auth\",\"serial\":5,\"at\":1,\"reason\":\"superseded\"}",
               "1"),
        EVENTS(EVENT("auth", "5", "1", "certificateHold", "forget"), "1"),
        EVENTS(EVENT("auth", "5", "1", "superseded", "release"), "1"),
        EVENTS(RELEASE("5"), "1"),
        EVENTS(FINAL("5") "," RELEASE("5"), "2"),
        EVENTS(HOLD("5") "," HOLD("5"), "2"),
        EVENTS(HOLD("5") "," RELEASE("5") "," RELEASE("5"), "3"),
        EVENTS(HOLD("5") "," FINAL("5") "," FINAL("5"), "3"),
        EVENTS(RELEASE("5") "," HOLD("5"), "2"),
        /* one certificate twice */
        "{\"entries\":[" SIGN("7", "superseded") "," SIGN(
            "7", "superseded") "]," ISSUED ",\"last\":2,\"more\":false}",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pages[0] = rows[i];
        assert_int_equal(poll_feed(), -ERR_REMOTE);
        assert_true(fault_count(FAULT_FEED_REFUSED) > i);
        assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, 0);
        /* Each row meets a feed that has read nothing. */
        tear_down(state);
        set_up(state);
    }
}

#define PACKED(events, last)                                                                       \
    "{\"version\":5,\"packed\":\"" events "\"," ISSUED                                             \
    ",\"gaps\":{\"sign\":[],\"auth\":[]},\"runs\":{\"sign\":[],\"auth\":[]},\"last\":" last        \
    ",\"more\":false}"

/* Put together by base64 of coreutils. */
#define PACKED_SIGN_7        "AAAABwAAAABqsT4ABA==" /* 7, 1790000640, superseded */
#define PACKED_AUTH_HOLD_5   "AAAABQAAAABqsTuChg==" /* 5, 1790000002, of auth, certificateHold */
#define PACKED_AUTH_LIFTED_5 "AAAABQAAAABqsTuDxg==" /* the same at 1790000003, a release */

static void packed_events_are_what_they_say(void **state)
{
    struct revocation found;

    (void)state;
    pages[0] = PACKED(PACKED_SIGN_7, "1");
    pages[1] = PACKED(PACKED_AUTH_HOLD_5, "2");
    pages[2] = PACKED(PACKED_AUTH_LIFTED_5, "3");
    pages[3] = PACKED("", "3");
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(overlay_find(NULL, known(OCSP_CA_SIGN).recent, 7, &found, NULL), 0);
    assert_int_equal(found.at, 1790000640);
    assert_int_equal(found.reason, CRL_SUPERSEDED);
    assert_int_equal(poll_feed(), 0);
    assert_true(is_revoked(OCSP_CA_AUTH, 5) && !is_revoked(OCSP_CA_SIGN, 5));
    assert_int_equal(poll_feed(), 0);
    assert_false(is_revoked(OCSP_CA_AUTH, 5));
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(packed_questions, 4);
}

static void packed_events_that_make_no_sense_are_not_believed(void **state)
{
    static const char *const rows[] = {
        PACKED("AAAABwAAAABqsT4ABA=", "1"),  /* no base64 */
        PACKED("AAAABwAAAABqsT4A", "1"),     /* 12 octets */
        PACKED("AAAABwAAAABqsT4ABAA=", "1"), /* 14 */
        PACKED("AAAAAAAAAABqsT4ABA==", "1"), /* number 0 */
        PACKED("AAAAZQAAAABqsT4ABA==", "1"), /* 101: was not issued */
        PACKED("AAAABwAAAABqsT4ABw==", "1"), /* reason 7 */
        PACKED("AAAABwAAAABqsT4ACA==", "1"), /* removeFromCRL */
        PACKED("AAAABQAAAABqsTuDxA==", "1"), /* a release from superseded */
        PACKED(PACKED_AUTH_LIFTED_5, "1"),   /* from no hold at all */
        PACKED(PACKED_SIGN_7, "2"),          /* one was left out */
        PACKED("", "1"),
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pages[0] = rows[i];
        assert_int_equal(poll_feed(), -ERR_REMOTE);
        assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, 0);
        tear_down(state);
        set_up_packing(state);
    }
}

/* It learns that once, and not at each question. */
static void an_authority_that_cannot_pack_is_asked_without(void **state)
{
    (void)state;
    packed_questions = 0;
    pages[0] = NOTHING_NEW("0");
    for (int i = 0; i < 3; i++)
        assert_int_equal(poll_feed(), 0);
    assert_int_equal(packed_questions, 0); /* 400 before anybody saw them */
    assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, TEST_PKI_NOW);
}

static void bad_verifiers_confirm_nothing(void **state)
{
    static const char *const rows[] = {"{}", "{\"verifiers\":[{}]}",
                                       "{\"verifiers\":[{\"certificate\":\"AAAA\"}]}"};

    (void)state;
    pages[0] = NOTHING_NEW("0");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        verifiers = rows[i];
        assert_int_equal(poll_feed(), -ERR_REMOTE);
        assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, 0);
    }
    verifiers = NULL;
    assert_int_equal(poll_feed(), -ERR_ABSENT);
    assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, 0);
}

static void an_authority_that_went_back_confirms_nothing(void **state)
{
    (void)state;
    pages[0] = "{\"entries\":[" SIGN("7", "superseded") "]," ISSUED ",\"last\":1,\"more\":false}";
    assert_int_equal(poll_feed(), 0);
    at = clock_fixed(TEST_PKI_NOW + 5);
    assert_int_equal(poll_feed(), -ERR_CONFLICT); /* 409: since=1 */
    pages[1] = "{\"entries\":[],\"issued\":{\"sign\":99,\"auth\":50},\"last\":1,\"more\":false}";
    assert_int_equal(poll_feed(), -ERR_CONFLICT);
    assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, TEST_PKI_NOW);
    assert_true(is_revoked(OCSP_CA_SIGN, 7));
}

static void pages_are_taken_in_together(void **state)
{
    (void)state;
    pages[0] = "{\"entries\":[" SIGN("70", "affiliationChanged") "," AUTH(
        "3") "]," ISSUED ",\"last\":2,\"more\":true}";
    assert_int_equal(poll_feed(), -ERR_CONFLICT); /* the second page is not there */
    assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, 0);
    assert_int_equal(feed_last(feed), 2);
    pages[2] = "{\"entries\":[" SIGN("7", "keyCompromise") "]," ISSUED
                                                           ",\"last\":3,\"more\":false}";
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, TEST_PKI_NOW);
    assert_int_equal(known(OCSP_CA_SIGN).issued, 100);
    assert_int_equal(known(OCSP_CA_AUTH).issued, 50);
    assert_true(is_revoked(OCSP_CA_SIGN, 7) && is_revoked(OCSP_CA_SIGN, 70));
    assert_true(is_revoked(OCSP_CA_AUTH, 3) && !is_revoked(OCSP_CA_AUTH, 7));
    /* And what comes later joins them. */
    pages[3] = NOTHING_NEW("3");
    at = clock_fixed(TEST_PKI_NOW + 1);
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, TEST_PKI_NOW + 1);
    pages[3] = "{\"entries\":[" SIGN("8", "superseded") "]," ISSUED ",\"last\":4,\"more\":false}";
    assert_int_equal(poll_feed(), 0);
    assert_true(is_revoked(OCSP_CA_SIGN, 7) && is_revoked(OCSP_CA_SIGN, 8));
    assert_int_equal(overlay_count(known(OCSP_CA_SIGN).recent), 3);
}

static void holds_are_lifted_and_become_final(void **state)
{
    struct revocation found;

    (void)state;
    pages[0] = EVENTS(HOLD("5") "," HOLD("6") "," HOLD("7"), "3");
    assert_int_equal(poll_feed(), 0);
    assert_true(is_revoked(OCSP_CA_AUTH, 5) && is_revoked(OCSP_CA_AUTH, 6));
    pages[3] = EVENTS(RELEASE("5") "," FINAL("6"), "5");
    assert_int_equal(poll_feed(), 0);
    assert_false(is_revoked(OCSP_CA_AUTH, 5));
    assert_int_equal(overlay_find(NULL, known(OCSP_CA_AUTH).recent, 6, &found, NULL), 0);
    assert_int_equal(found.reason, CRL_KEY_COMPROMISE);
    assert_int_equal(found.at, 1790000002);
    /* And again, all in one page. */
    pages[5] = EVENTS(HOLD("5") "," RELEASE("5") "," HOLD("5") "," RELEASE("7"), "9");
    assert_int_equal(poll_feed(), 0);
    assert_true(is_revoked(OCSP_CA_AUTH, 5));
    assert_false(is_revoked(OCSP_CA_AUTH, 7));
    assert_int_equal(feed_last(feed), 9);
}

static void a_version_is_later_only_where_an_answer_may_be_another(void **state)
{
    uint64_t first;

    (void)state;
    pages[0] = NOTHING_NEW("0");
    assert_int_equal(poll_feed(), 0);
    first = known(OCSP_CA_SIGN).version;
    assert_true(first > 0);
    at = clock_fixed(TEST_PKI_NOW + 1);
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(known(OCSP_CA_SIGN).version, first);
    pages[0] = WITH_GAPS(RANGE("9", "9"));
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(known(OCSP_CA_SIGN).version, first + 1);
    pages[0] = NOTHING_NEW("0");
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(known(OCSP_CA_SIGN).version, first + 2);
    pages[0] = EVENTS(HOLD("5"), "1");
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(known(OCSP_CA_SIGN).version, first + 3);
    pages[1] = EVENTS(RELEASE("5"), "2");
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(known(OCSP_CA_SIGN).version, first + 4);
    pages[2] = "{\"entries\":[],\"issued\":{\"sign\":101,\"auth\":50},\"last\":2,\"more\":false}";
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(known(OCSP_CA_SIGN).version, first + 5);
}

static void an_overlay_has_its_size_and_one_more_makes_a_set(void **state)
{
    (void)state;
    generated = OVERLAY_MAX;
    assert_int_equal(poll_feed(), 0);
    assert_null(known(OCSP_CA_SIGN).revoked);
    assert_int_equal(overlay_count(known(OCSP_CA_SIGN).recent), OVERLAY_MAX);
    generated++;
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(revocation_set_count(known(OCSP_CA_SIGN).revoked), OVERLAY_MAX + 1);
    assert_int_equal(overlay_count(known(OCSP_CA_SIGN).recent), 0);
    assert_true(is_revoked(OCSP_CA_SIGN, OVERLAY_MAX + 1));
    generated++;
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(revocation_set_count(known(OCSP_CA_SIGN).revoked), OVERLAY_MAX + 1);
    assert_true(is_revoked(OCSP_CA_SIGN, OVERLAY_MAX + 2) && is_revoked(OCSP_CA_SIGN, 1));
}

/* In one poll of many pages: what is too much to be pending becomes a set before the end. */
static void so_many_are_pending_at_most(void **state)
{
    (void)state;
    generated = FEED_PENDING_MAX + 5;
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(revocation_set_count(known(OCSP_CA_SIGN).revoked), FEED_PENDING_MAX);
    assert_int_equal(overlay_count(known(OCSP_CA_SIGN).recent), 5);
    assert_true(is_revoked(OCSP_CA_SIGN, 1) && is_revoked(OCSP_CA_SIGN, FEED_PENDING_MAX + 5));
    assert_false(is_revoked(OCSP_CA_SIGN, FEED_PENDING_MAX + 6));
}

static void an_authority_that_cannot_wait_is_asked_without(void **state)
{
    (void)state;
    pages[0] = NOTHING_NEW("0");
    feed_set_wait(feed, 300);
    for (int i = 0; i < 3; i++)
        assert_int_equal(poll_feed(), 0); /* the first never waits, the second learns */
    assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, TEST_PKI_NOW);
}

static void gaps_are_those_of_the_last_answer(void **state)
{
    (void)state;
    pages[0] = WITH_GAPS(RANGE("5", "6") "," RANGE("9", "9"));
    assert_int_equal(poll_feed(), 0);
    assert_true(gaps_contain(known(OCSP_CA_SIGN).gaps, 6));
    assert_true(gaps_contain(known(OCSP_CA_SIGN).gaps, 9));
    assert_false(gaps_contain(known(OCSP_CA_AUTH).gaps, 6));
    pages[0] = WITH_GAPS(RANGE("9", "9")); /* 5 and 6 were signed meanwhile */
    assert_int_equal(poll_feed(), 0);
    assert_false(gaps_contain(known(OCSP_CA_SIGN).gaps, 6));
    assert_true(gaps_contain(known(OCSP_CA_SIGN).gaps, 9));
    pages[0] = "";
    assert_int_equal(poll_feed(), -ERR_REMOTE);
    assert_true(gaps_contain(known(OCSP_CA_SIGN).gaps, 9));
    pages[0] = NOTHING_NEW("0"); /* version 1 */
    assert_int_equal(poll_feed(), 0);
    assert_false(gaps_contain(known(OCSP_CA_SIGN).gaps, 9));
}

/* GAPS_MAX ranges of one CA, and one more. */
static void an_answer_has_so_many_gaps(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *whole;

    (void)state;
    for (int more = 1; more >= 0; more--) {
        buf_clear(&text);
        assert_int_equal(buf_append_text(&text,
                                         "{\"version\":2,\"entries\":[],\"issued\":{\"sign\":9999,"
                                         "\"auth\":1},\"gaps\":{\"auth\":[],\"sign\":[",
                                         NULL),
                         0);
        for (int i = 1; i <= GAPS_MAX + more; i++)
            assert_int_equal(buf_append_format(&text, NULL, "%s{\"first\":%d,\"last\":%d}",
                                               i == 1 ? "" : ",", 2 * i, 2 * i),
                             0);
        assert_int_equal(buf_append_text(&text, "]},\"last\":0,\"more\":false}", NULL), 0);
        assert_int_equal(buf_text(&text, &whole, NULL), 0);
        pages[0] = whole;
        assert_int_equal(poll_feed(), more > 0 ? -ERR_REMOTE : 0);
    }
    assert_true(gaps_contain(known(OCSP_CA_SIGN).gaps, 2 * GAPS_MAX));
}

static void an_authority_that_is_away_is_told_and_changes_nothing(void **state)
{
    (void)state;
    pages[0] = NOTHING_NEW("0");
    assert_int_equal(poll_feed(), 0);
    http_server_stopp(&server->server); /* its path stays, which the feed borrows */
    at = clock_fixed(TEST_PKI_NOW + 5);
    assert_int_equal(poll_feed(), -ERR_REMOTE);
    assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, TEST_PKI_NOW);
}

static void verifiers_come_and_go(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    CLEANUP(json_freep) struct json *entry = json_object_new();
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct bytes serial = BYTES_LITERAL("\x07");
    const struct test_question question = {.serials = &serial, .count = 1};
    struct ocsp_request request;
    struct test_pki pki;

    (void)state;
    test_pki_make(&pki);
    test_question_make(&pki, &question, &der);
    assert_int_equal(ocsp_request_parse(buf_bytes(&der), &request, NULL), 0);
    assert_int_equal(
        json_put_base64(entry, "certificate", x509_cert_der(pki.certs[PROFILE_AUTH]), NULL), 0);
    assert_int_equal(json_add(list, json_steal(&entry), NULL), 0);
    assert_int_equal(json_put(body, "verifiers", json_steal(&list), NULL), 0);
    assert_int_equal(json_write(body, &text, NULL), 0);
    pages[0] = NOTHING_NEW("0");
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(
        requesters_check(known(OCSP_CA_SIGN).requesters, &request, TEST_PKI_NOW, &place, NULL),
        -ERR_UNTRUSTED);
    assert_int_equal(buf_text(&text, &verifiers, NULL), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(poll_feed(), 0);
        assert_int_equal(
            requesters_check(known(OCSP_CA_AUTH).requesters, &request, TEST_PKI_NOW, &place, NULL),
            0);
    }
    verifiers = NOBODY;
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(
        requesters_check(known(OCSP_CA_SIGN).requesters, &request, TEST_PKI_NOW, &place, NULL),
        -ERR_UNTRUSTED);
    test_pki_done(&pki);
}

/* Registered for sign certificates, a verifier is a stranger where it is about others. */
static void a_verifier_of_one_kind_asks_about_that_kind(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    CLEANUP(json_freep) struct json *entry = json_object_new();
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct bytes serial = BYTES_LITERAL("\x07");
    const struct test_question question = {.serials = &serial, .count = 1};
    struct ocsp_request request;
    struct test_pki pki;

    (void)state;
    test_pki_make(&pki);
    test_question_make(&pki, &question, &der);
    assert_int_equal(ocsp_request_parse(buf_bytes(&der), &request, NULL), 0);
    assert_int_equal(
        json_put_base64(entry, "certificate", x509_cert_der(pki.certs[PROFILE_AUTH]), NULL), 0);
    assert_int_equal(json_put_bool(entry, "sign", true, NULL), 0);
    assert_int_equal(json_put_bool(entry, "auth", false, NULL), 0);
    assert_int_equal(json_add(list, json_steal(&entry), NULL), 0);
    assert_int_equal(json_put(body, "verifiers", json_steal(&list), NULL), 0);
    assert_int_equal(json_write(body, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &verifiers, NULL), 0);
    pages[0] = NOTHING_NEW("0");
    assert_int_equal(poll_feed(), 0);
    assert_int_equal(
        requesters_check(known(OCSP_CA_AUTH).requesters, &request, TEST_PKI_NOW, &place, NULL),
        -ERR_UNTRUSTED);
    assert_int_equal(
        requesters_check(known(OCSP_CA_SIGN).requesters, &request, TEST_PKI_NOW, &place, NULL), 0);
    test_pki_done(&pki);
}

/* +1 for each that works, +100 for each that fails, as the thread tells. */
static _Atomic int reports;

static void report(const struct feed *of, const struct err *failure)
{
    assert_ptr_equal(of, feed);
    reports += failure == NULL ? 1 : 100;
}

static void await_reports(int count)
{
    for (int i = 0; i < 6000 && reports < count; i++)
        (void)poll(NULL, 0, 10);
}

static void assert_confirmed_soon(int64_t expected)
{
    for (int i = 0; i < 6000 && known(OCSP_CA_SIGN).confirmed_at != expected; i++)
        (void)poll(NULL, 0, 10);
    assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, expected);
}

static void a_thread_polls_and_tells_only_what_changed(void **state)
{
    const struct sync_options options = {
        .feed = feed, .clock = &at, .interval_ms = 5, .report = report};
    struct sync *sync;

    (void)state;
    reports = 0;
    assert_int_equal(sync_start(&options, &sync, NULL), 0);
    await_reports(100);
    (void)poll(NULL, 0, 100);
    sync_stop(sync);
    assert_int_equal(reports, 100); /* pages[0] is 409 each time */
    pages[0] = NOTHING_NEW("0");
    assert_int_equal(sync_start(&options, &sync, NULL), 0);
    await_reports(101);
    (void)poll(NULL, 0, 100);
    sync_stop(sync);
    assert_int_equal(reports, 101);
    assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, TEST_PKI_NOW);
}

static _Atomic int64_t movable; /* of the thread, and moved by this one */

static int64_t read_movable(const struct clock *clock)
{
    (void)clock;
    return movable;
}

static _Atomic uint64_t loading;
static _Atomic bool is_stopping;

/* The poll is held here until it is about to be stopped, and nearly so after that. */
static void note_loading(uint64_t last)
{
    if (loading > 0)
        (void)poll(NULL, 0, 1000);
    loading = last;
    while (!is_stopping)
        (void)poll(NULL, 0, 5);
}

/* Of many pages: it is told how far it is, and nothing counts before the last one. */
static void a_long_start_is_told_of_and_can_be_stopped(void **state)
{
    const struct sync_options options = {.feed = feed,
                                         .clock = &at,
                                         .interval_ms = 10,
                                         .report = report,
                                         .loading = note_loading,
                                         .loading_ms = 1};
    struct sync *sync;

    (void)state;
    reports = 0;
    loading = 0;
    is_stopping = false;
    verifiers = NOBODY;
    generated = 5 * GENERATED_PAGE;
    assert_int_equal(sync_start(&options, &sync, NULL), 0);
    for (int i = 0; i < 6000 && loading == 0; i++)
        (void)poll(NULL, 0, 10);
    assert_true(loading > 0 && loading < generated);
    is_stopping = true;
    sync_stop(sync);
    assert_true(feed_last(feed) < generated);
    assert_int_equal(index_of_test.state.confirmed_at, 0);
    assert_int_equal(reports, 0);     /* being stopped is no failure */
    assert_int_equal(poll_feed(), 0); /* it goes on where it was */
    assert_int_equal(feed_last(feed), generated);
    generated = 0;
}

static void with_a_refresh_a_thread_asks_once_in_each_span(void **state)
{
    const struct clock clock = {.now = read_movable};
    const struct sync_options options = {
        .feed = feed, .clock = &clock, .interval_ms = 5, .refresh_s = 900, .report = report};
    const int64_t tick = TEST_PKI_NOW / 900 * 900;
    struct sync *sync;

    (void)state;
    movable = tick + 7;
    reports = 0;
    assert_int_equal(sync_start(&options, &sync, NULL), 0);
    await_reports(100);
    assert_int_equal(known(OCSP_CA_SIGN).confirmed_at, 0);
    pages[0] = NOTHING_NEW("0"); /* failures are tried again in the same span */
    assert_confirmed_soon(tick + 7);
    movable = tick + 899;
    (void)poll(NULL, 0, 100);
    assert_confirmed_soon(tick + 7);
    movable = tick + 900;
    assert_confirmed_soon(tick + 900);
    movable = tick + 100000; /* jumps show at once, in both directions */
    assert_confirmed_soon(tick + 100000);
    movable = tick;
    assert_confirmed_soon(tick);
    sync_stop(sync);
    assert_int_equal(reports, 101);
}

/* FEED_ANSWER_MAX bytes of blanks and an answer in them; one more is too much. */
static void an_answer_has_its_size(void **state)
{
    static char text[FEED_ANSWER_MAX + 2];

    (void)state;
    memset(text, ' ', FEED_ANSWER_MAX + 1);
    memcpy(text, NOTHING_NEW("0"), sizeof NOTHING_NEW("0") - 1);
    pages[0] = text;
    assert_int_equal(poll_feed(), -ERR_REMOTE);
    text[FEED_ANSWER_MAX] = '\0';
    assert_int_equal(poll_feed(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_makes_no_sense_is_not_believed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(packed_events_are_what_they_say, set_up_packing, tear_down),
        cmocka_unit_test_setup_teardown(packed_events_that_make_no_sense_are_not_believed,
                                        set_up_packing, tear_down),
        cmocka_unit_test_setup_teardown(an_authority_that_cannot_pack_is_asked_without, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(bad_verifiers_confirm_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_authority_that_went_back_confirms_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(pages_are_taken_in_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(holds_are_lifted_and_become_final, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_version_is_later_only_where_an_answer_may_be_another,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_authority_that_cannot_wait_is_asked_without, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_overlay_has_its_size_and_one_more_makes_a_set, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(so_many_are_pending_at_most, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gaps_are_those_of_the_last_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_answer_has_so_many_gaps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_authority_that_is_away_is_told_and_changes_nothing,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_verifier_of_one_kind_asks_about_that_kind, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(verifiers_come_and_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_thread_polls_and_tells_only_what_changed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_long_start_is_told_of_and_can_be_stopped, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(with_a_refresh_a_thread_asks_once_in_each_span, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_answer_has_its_size, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
