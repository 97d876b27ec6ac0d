/* SPDX-License-Identifier: Apache-2.0 */
/* Revoking, and the feed of revocations, from the request on the socket to the row on disk. */
#include "authority/routes.h"
#include "authority/schema.h"
#include "db/db.h"
#include "http/engine.h"
#include "support/published.h"
#include "support/routes_ask.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { REGISTER = 1000, OCSPD = 1001, NOW = 1795445999 };

struct fixture {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct authority_store *store;
    struct clock clock;
    struct authority authority;
};

static struct fixture f;
static const struct audit_origin by = {.at = NOW, .actor = "uid:1000"};

static void open_store(void)
{
    assert_int_equal(authority_store_open(f.path, &f.store, NULL), 0);
    f.authority.store = f.store;
}

static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    (void)context;
    return buf_append_format(ret, err, "tbs %u", serial);
}

/* Certificates with the next serial numbers of a CA. */
static void issue(enum ca_kind kind, unsigned first, unsigned last, bool is_signed)
{
    for (unsigned serial = first; serial <= last; serial++) {
        CLEANUP(record_done) struct record record = RECORD_INIT;
        struct reservation r = {.kind = kind, .now = NOW, .not_after = NOW + 1, .build = build};
        char id[32];

        (void)snprintf(id, sizeof id, "issue-%u-%u", (unsigned)kind, serial);
        r.request_id = id;
        assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(id), &r.fingerprint, NULL), 0);
        r.key = r.fingerprint;
        assert_int_equal(authority_reserve(f.store, &r, &record, NULL), 0);
        assert_int_equal(record.serial, serial);
        if (is_signed) {
            const struct completion completion = {
                .kind = kind, .serial = serial, .certificate = bytes_text("cert"), .by = &by};

            assert_int_equal(authority_complete(f.store, &completion, NULL), 0);
        }
    }
}

static int set_up(void **state)
{
    static const uid_t ocspd[] = {OCSPD};

    (void)state;
    f = (struct fixture){.dir = tempdir_make(), .clock = clock_fixed(NOW)};
    f.authority = (struct authority){.clock = &f.clock, .ocspd = {ocspd, 1}};
    tempdir_file(&f.dir, "a.db", f.path);
    open_store();
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        assert_int_equal(authority_begin_ca(f.store, (enum ca_kind)kind, bytes_text("t"), NULL), 0);
        assert_int_equal(
            authority_finish_ca(f.store, (enum ca_kind)kind, bytes_text("c"), &by, NULL), 0);
    }
    issue(CA_SIGN, 2, 4, true);
    issue(CA_AUTH, 2, 2, true);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    authority_store_closep(&f.store);
    tempdir_done(&f.dir);
    return 0;
}

/* The status of a request by a user id; the whole answer is in *answer. */
static unsigned ask(uid_t uid, const char *line, const char *body, struct buf *answer)
{
    static const uid_t uids[] = {REGISTER};
    const struct http_server_options options = {
        .tables = authority_routes, .context = &f.authority, .uids = uids, .uid_count = 1};
    const struct http_peer peer = {.is_unix = true, .cred = {.uid = uid}};

    return routes_ask(&options, &peer, line, bytes_text(body), answer);
}

static unsigned revoke(const char *body, struct buf *answer)
{
    return ask(REGISTER, "POST /v1/revocations", body, answer);
}

static void assert_says(const struct buf *answer, const char *words)
{
    const char *text;

    assert_int_equal(buf_text((struct buf *)(uintptr_t)answer, &text, NULL), 0);
    if (strstr(text, words) == NULL)
        fail_msg("no \"%s\" in: %s", words, text);
}

#define BODY(id, kind, serial, reason)                                                             \
    "{\"request_id\":\"" id "\",\"kind\":\"" kind "\",\"serial\":" serial ",\"reason\":\"" reason  \
    "\"}"

static void what_cannot_be_revoked_is_refused_and_takes_no_number(void **state)
{
    static const struct {
        const char *body;
        unsigned status;
        const char *words;
    } cases[] = {
        {BODY("a", "sign", "5", "superseded"), 404, "no such certificate"},
        {BODY("a", "sign", "1", "superseded"), 404, "no such certificate"},
        {BODY("a", "sign", "0", "superseded"), 404, "no such certificate"},
        {BODY("a", "sign", "-2", "superseded"), 404, "no such certificate"},
        {BODY("a", "sign", "4294967298", "superseded"), 404, "no such certificate"},
        {BODY("a", "auth", "3", "superseded"), 404, "no such certificate"},
        {BODY("a", "token", "2", "superseded"), 400, "none of sign, auth"},
        {BODY("a", "sign", "2", "removeFromCRL"), 400, "reason"},
        {BODY("a", "sign", "2", "3"), 400, "reason"},
        {BODY("a", "sign", "2", ""), 400, "reason"},
        {BODY("a", "auth", "2", "affiliationChanged"), 400, "sign certificates"},
        {BODY("", "sign", "2", "superseded"), 400, "request_id"},
        {BODY("a/b", "sign", "2", "superseded"), 400, "request_id"},
        {"{\"request_id\":\"a\",\"kind\":\"sign\",\"serial\":2}", 400, "reason"},
    };
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(revoke(cases[i].body, &answer), cases[i].status);
        assert_says(&answer, cases[i].words);
    }
    issue(CA_AUTH, 3, 3, false);
    assert_int_equal(revoke(BODY("a", "auth", "3", "superseded"), &answer), 409);
    assert_says(&answer, "not issued yet");
    assert_int_equal(revoke(BODY("a", "auth", "2", "superseded"), &answer), 201);
    assert_says(&answer, "\"number\":1,");
}

static void only_the_register_revokes_and_only_ocspd_and_it_may_listen(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(
        ask(OCSPD, "POST /v1/revocations", BODY("a", "sign", "2", "superseded"), &answer), 403);
    assert_int_equal(ask(0, "GET /v1/revocations", NULL, &answer), 403);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations", NULL, &answer), 200);
    assert_int_equal(ask(REGISTER, "GET /v1/revocations", NULL, &answer), 200);
}

static void a_certificate_is_revoked_once_and_the_same_request_gets_the_same_answer(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(revoke(BODY("a", "sign", "3", "affiliationChanged"), &answer), 201);
    assert_says(&answer, "{\"number\":1,\"kind\":\"sign\",\"serial\":3,\"at\":1795445999,"
                         "\"reason\":\"affiliationChanged\"}");
    authority_store_closep(&f.store);
    open_store();
    f.clock = clock_fixed(NOW + 100);
    assert_int_equal(revoke(BODY("a", "sign", "3", "affiliationChanged"), &answer), 201);
    assert_says(&answer, "{\"number\":1,\"kind\":\"sign\",\"serial\":3,\"at\":1795445999,");
    assert_int_equal(revoke(BODY("b", "sign", "3", "affiliationChanged"), &answer), 409);
    assert_says(&answer, "already revoked");
    assert_int_equal(revoke(BODY("b", "sign", "3", "keyCompromise"), &answer), 409);
    assert_says(&answer, "already revoked");
    assert_int_equal(revoke(BODY("a", "sign", "3", "superseded"), &answer), 409);
    assert_says(&answer, "request_id");
    assert_int_equal(revoke(BODY("a", "sign", "2", "affiliationChanged"), &answer), 409);
    assert_says(&answer, "request_id");
    /* The same serial number of the other CA is another certificate. */
    assert_int_equal(revoke(BODY("c", "auth", "2", "certificateHold"), &answer), 201);
    assert_says(&answer, "\"number\":2,");
}

/* Behind the back of the store, in a database of any version. */
static void execute(const struct db_schema *schema, const char *sql)
{
    CLEANUP(db_closep) struct db *db = NULL;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_open(f.path, schema, &db, NULL), 0);
    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

/* The same in the database of the store that is open. */
static void execute_live(const char *sql)
{
    authority_store_closep(&f.store);
    execute(&authority_schema, sql);
    open_store();
}

#define RELEASE(id, kind, serial)                                                                  \
    "{\"request_id\":\"" id "\",\"kind\":\"" kind "\",\"serial\":" serial "}"

static unsigned release(const char *body, struct buf *answer)
{
    return ask(REGISTER, "POST /v1/releases", body, answer);
}

static void only_the_hold_of_a_phone_that_logs_in_is_lifted(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    issue(CA_AUTH, 3, 4, true);
    execute_live("UPDATE certificate SET device = 'phone' WHERE serial >= 3");
    assert_int_equal(revoke(BODY("a", "auth", "2", "certificateHold"), &answer), 201);
    assert_int_equal(revoke(BODY("b", "sign", "3", "certificateHold"), &answer), 201);
    assert_int_equal(revoke(BODY("c", "auth", "4", "superseded"), &answer), 201);
    assert_int_equal(release(RELEASE("d", "auth", "2"), &answer), 409); /* a card's */
    assert_says(&answer, "only the auth certificate of a phone");
    assert_int_equal(release(RELEASE("d", "sign", "3"), &answer), 409);
    assert_says(&answer, "only the auth certificate of a phone");
    assert_int_equal(release(RELEASE("d", "auth", "3"), &answer), 409);
    assert_says(&answer, "not on hold");
    assert_int_equal(release(RELEASE("d", "auth", "4"), &answer), 409);
    assert_says(&answer, "revoked for ever");
    assert_int_equal(release(RELEASE("d", "auth", "5"), &answer), 404);
    assert_int_equal(release(RELEASE("d", "auth", "0"), &answer), 404);
    assert_int_equal(release(RELEASE("d", "both", "3"), &answer), 400);
    assert_int_equal(release(RELEASE("", "auth", "3"), &answer), 400);
    assert_int_equal(ask(OCSPD, "POST /v1/releases", RELEASE("d", "auth", "3"), &answer), 403);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?since=3", NULL, &answer), 200);
    assert_says(&answer, "\"entries\":[],"); /* none of them took a number */
}

static void a_release_is_an_event_and_the_same_request_gets_the_same_answer(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct revoked found;
    bool was_released;

    (void)state;
    issue(CA_AUTH, 3, 3, true);
    execute_live("UPDATE certificate SET device = 'phone' WHERE serial = 3");
    assert_int_equal(revoke(BODY("a", "auth", "3", "certificateHold"), &answer), 201);
    assert_int_equal(authority_was_released(f.store, CA_AUTH, 3, &was_released, NULL), 0);
    assert_false(was_released);
    f.clock = clock_fixed(NOW + 60);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(release(RELEASE("b", "auth", "3"), &answer), 201);
        assert_says(&answer, "{\"number\":2,\"kind\":\"auth\",\"serial\":3,\"at\":1795446059}");
    }
    assert_int_equal(release(RELEASE("c", "auth", "3"), &answer), 409);
    assert_int_equal(release(RELEASE("a", "auth", "3"), &answer), 409);
    assert_says(&answer, "request_id");
    assert_int_equal(revoke(BODY("b", "auth", "3", "certificateHold"), &answer), 409);
    assert_says(&answer, "request_id");
    assert_int_equal(authority_get_revocation(f.store, CA_AUTH, 3, &found, NULL), -ERR_ABSENT);
    assert_int_equal(authority_was_released(f.store, CA_AUTH, 3, &was_released, NULL), 0);
    assert_true(was_released);
    /* It can be put on hold again; then its last event is no release. */
    assert_int_equal(revoke(BODY("c", "auth", "3", "certificateHold"), &answer), 201);
    assert_says(&answer, "{\"number\":3,");
    assert_int_equal(authority_was_released(f.store, CA_AUTH, 3, &was_released, NULL), 0);
    assert_false(was_released);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?since=1", NULL, &answer), 200);
    assert_says(&answer, "\"entries\":[{\"number\":2,\"kind\":\"auth\",\"serial\":3,"
                         "\"at\":1795446059,\"reason\":\"certificateHold\","
                         "\"event\":\"release\"},{\"number\":3,");
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?since=1&form=packed", NULL, &answer), 200);
    assert_says(&answer, "\"packed\":\"AAAAAwAAAABrBFUrx");
    assert_int_equal(ask(REGISTER, "GET /v1/audit?since=8", NULL, &answer), 200);
    assert_says(&answer, "\"act\":\"certificate.released\"");
}

static void a_hold_becomes_final_once_and_since_it_began(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    bool was_released;

    (void)state;
    assert_int_equal(revoke(BODY("a", "sign", "3", "certificateHold"), &answer), 201);
    f.clock = clock_fixed(NOW + 60);
    assert_int_equal(revoke(BODY("b", "sign", "3", "certificateHold"), &answer), 409);
    assert_says(&answer, "already revoked");
    assert_int_equal(revoke(BODY("b", "sign", "3", "cessationOfOperation"), &answer), 201);
    assert_says(&answer, "{\"number\":2,\"kind\":\"sign\",\"serial\":3,\"at\":1795445999,"
                         "\"reason\":\"cessationOfOperation\"}");
    assert_int_equal(revoke(BODY("b", "sign", "3", "cessationOfOperation"), &answer), 201);
    assert_says(&answer, "{\"number\":2,");
    assert_int_equal(revoke(BODY("a", "sign", "3", "certificateHold"), &answer), 201);
    assert_says(&answer, "{\"number\":1,");
    assert_int_equal(revoke(BODY("c", "sign", "3", "keyCompromise"), &answer), 409);
    assert_int_equal(authority_was_released(f.store, CA_SIGN, 3, &was_released, NULL), 0);
    assert_false(was_released);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations", NULL, &answer), 200);
    assert_says(&answer, "\"last\":2,");
    assert_says(&answer, "\"reason\":\"certificateHold\",\"event\":\"revoke\"},{\"number\":2,");
}

static void the_feed_tells_all_in_order_and_how_far_serial_numbers_go(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?since=0", NULL, &answer), 200);
    assert_says(&answer, "{\"version\":4,\"entries\":[],\"issued\":{\"sign\":4,\"auth\":2},"
                         "\"gaps\":{\"sign\":[],\"auth\":[]},\"runs\":{\"sign\":[],\"auth\":[]},"
                         "\"last\":0,\"more\":false}");
    assert_int_equal(revoke(BODY("a", "sign", "4", "superseded"), &answer), 201);
    assert_int_equal(revoke(BODY("b", "sign", "2", "unspecified"), &answer), 201);
    issue(CA_SIGN, 5, 5, false);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations", NULL, &answer), 200);
    assert_says(
        &answer,
        "{\"version\":4,\"entries\":[{\"number\":1,\"kind\":\"sign\",\"serial\":4,"
        "\"at\":1795445999,\"reason\":\"superseded\",\"event\":\"revoke\"},{\"number\":2,"
        "\"kind\":\"sign\",\"serial\":2,\"at\":1795445999,"
        "\"reason\":\"unspecified\",\"event\":\"revoke\"}],\"issued\":{\"sign\":4,\"auth\":2},"
        "\"gaps\":{\"sign\":[],\"auth\":[]},\"runs\":{\"sign\":[],\"auth\":[]},\"last\":2,\"more\":"
        "false}");
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?since=1", NULL, &answer), 200);
    assert_says(&answer, "\"entries\":[{\"number\":2,");
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?since=1&form=packed", NULL, &answer), 200);
    assert_says(&answer, "{\"version\":5,\"packed\":\"AAAAAgAAAABrBFTvAA==\",\"issued\":");
    assert_says(&answer, "\"last\":2,\"more\":false}");
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?form=json", NULL, &answer), 400);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?since=2", NULL, &answer), 200);
    assert_says(&answer, "\"entries\":[],");
    assert_says(&answer, "\"last\":2,");
}

/* The feed says so, and the store. */
static void assert_gaps(const char *sign)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    CLEANUP(buf_done) struct buf expected = BUF_INIT;
    const char *words;

    assert_int_equal(
        buf_append_format(&expected, NULL, "\"gaps\":{\"sign\":[%s],\"auth\":[]}", sign), 0);
    assert_int_equal(buf_text(&expected, &words, NULL), 0);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations", NULL, &answer), 200);
    assert_says(&answer, words);
}

static void complete(uint32_t serial)
{
    const struct completion completion = {
        .kind = CA_SIGN, .serial = serial, .certificate = bytes_text("cert"), .by = &by};

    assert_int_equal(authority_complete(f.store, &completion, NULL), 0);
}

static void numbers_without_a_certificate_are_told_until_they_have_one(void **state)
{
    (void)state;
    issue(CA_SIGN, 5, 8, false);
    assert_gaps(""); /* above the highest that is signed: not in use at all */
    complete(8);
    assert_gaps("{\"first\":5,\"last\":7}");
    /* 5 goes back, 6 to nobody: neither has a certificate. */
    assert_int_equal(authority_release(f.store, CA_SIGN, 5, false, NULL), 0);
    assert_int_equal(authority_release(f.store, CA_SIGN, 6, true, NULL), 0);
    authority_store_closep(&f.store);
    open_store();
    assert_gaps("{\"first\":5,\"last\":7}");
    complete(7);
    assert_gaps("{\"first\":5,\"last\":6}");
    issue(CA_SIGN, 5, 5, false);
    assert_gaps("{\"first\":5,\"last\":6}");
    complete(5);
    assert_gaps("{\"first\":6,\"last\":6}");
    issue(CA_SIGN, 9, 9, true);
    assert_gaps("{\"first\":6,\"last\":6}");
}

/* Version 4 of the database kept nothing of a spent number, and each list in one value. */
static void an_older_database_still_knows_its_gaps_and_lists(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const char *older[] = {NULL, NULL, NULL, NULL, NULL};
    const struct db_schema schema = {"authority", older};

    (void)state;
    memcpy(older, authority_schema.migrations, 4 * sizeof older[0]);
    authority_store_closep(&f.store);
    tempdir_file(&f.dir, "old.db", f.path);
    execute(&schema, "INSERT INTO ca VALUES ('sign', NULL, x'00', 12), ('auth', NULL, x'00', 3)");
    execute(&schema, "INSERT INTO free_serial VALUES ('sign', 4)");
    execute(&schema, "WITH n (i) AS (VALUES (2), (7), (10))"
                     " INSERT INTO certificate SELECT 'sign', i, 'r' || i, x'',"
                     " CAST(i AS BLOB), 1, 2, NULL, x'00', 0 FROM n");
    execute(&schema, "INSERT INTO crl VALUES (1, 'sign', x'01', 'sign-a', 7, 1, 2, 0, x'0a0b'),"
                     " (2, 'sign', x'02', 'sign-b', 0, 0, 0, 0, NULL)");
    open_store();
    assert_int_equal(published_list(f.store, "sign-a", &der), 0);
    assert_true(bytes_equal(buf_bytes(&der), BYTES_LITERAL("\x0a\x0b")));
    assert_int_equal(published_list(f.store, "sign-b", &der), -ERR_ABSENT);
    assert_gaps("{\"first\":3,\"last\":6},{\"first\":8,\"last\":9}");
}

/* Version 8 knew neither phones nor releases. */
static void an_older_database_keeps_its_sequence_and_has_cards_only(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    const char *older[9] = {NULL};
    const struct db_schema schema = {"authority", older};

    (void)state;
    memcpy(older, authority_schema.migrations, 8 * sizeof older[0]);
    authority_store_closep(&f.store);
    tempdir_file(&f.dir, "old.db", f.path);
    execute(&schema, "INSERT INTO ca VALUES ('sign', NULL, x'00', 12), ('auth', NULL, x'00', 3)");
    execute(&schema, "INSERT INTO certificate VALUES"
                     " ('auth', 2, 'r', x'', x'01', 1, 2, NULL, x'00', 0)");
    execute(&schema, "INSERT INTO revocation VALUES (1, 'q', 'auth', 2, 5, 6)");
    open_store();
    assert_int_equal(release(RELEASE("a", "auth", "2"), &answer), 409);
    assert_says(&answer, "only the auth certificate of a phone");
    execute_live("UPDATE certificate SET device = 'phone' WHERE device = 'card'");
    assert_int_equal(release(RELEASE("a", "auth", "2"), &answer), 201);
    assert_says(&answer, "{\"number\":2,");
}

/* Every odd number is a gap, one range more than fit. */
static void past_the_limit_no_gap_is_forgotten(void **state)
{
    static struct revocation_page page;
    const uint32_t last = 5 + 2 * GAPS_MAX + 2;
    char sql[768];

    (void)state;
    authority_store_closep(&f.store);
    (void)snprintf(sql, sizeof sql,
                   "WITH RECURSIVE n (i) AS (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE i < %u)"
                   " INSERT INTO certificate (kind, serial, request_id, fingerprint, key,"
                   " reserved_at, not_after, tbs, certificate) SELECT 'sign', i, 'x' || i, x'',"
                   " CAST('k' || i AS BLOB), 1, 2, CASE WHEN i %% 2 = 1 AND i < %u THEN x'00' END,"
                   " CASE WHEN i %% 2 = 0 OR i = %u THEN x'00' END FROM n",
                   last, last, last);
    execute(&authority_schema, sql);
    open_store();
    assert_int_equal(authority_list_revocations(f.store, 0, &page, NULL), 0);
    assert_int_equal(page.issued[CA_SIGN], last);
    assert_int_equal(page.gaps[CA_SIGN].count, GAPS_MAX);
    for (uint32_t serial = 5; serial < last; serial += 2)
        assert_true(gaps_contain(&page.gaps[CA_SIGN], serial));
    assert_false(gaps_contain(&page.gaps[CA_SIGN], 6));
    assert_int_equal(page.gaps[CA_SIGN].ranges[0].last, 5);
}

static void who_knows_more_than_the_database_is_told_so(void **state)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?since=1", NULL, &answer), 409);
    assert_says(&answer, "older than what was told before");
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?since=-1", NULL, &answer), 400);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?since=", NULL, &answer), 400);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?since=1x", NULL, &answer), 400);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?since=999999999999999999", NULL, &answer),
                     409);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?since=1000000000000000000", NULL, &answer),
                     400);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?after=1", NULL, &answer), 400);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?wait=25000", NULL, &answer), 200);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?wait=25001", NULL, &answer), 400);
    assert_int_equal(ask(OCSPD, "GET /v1/revocations?wait=-1", NULL, &answer), 400);
}

static void the_audit_log_is_for_the_register_and_operators(void **state)
{
    static const uid_t operators[] = {OCSPD + 1};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;

    (void)state;
    assert_int_equal(ask(OCSPD, "GET /v1/audit", NULL, &answer), 403);
    assert_int_equal(ask(OCSPD + 1, "GET /v1/audit", NULL, &answer), 403);
    f.authority.operators = (struct peer_list){operators, 1};
    assert_int_equal(ask(OCSPD + 1, "GET /v1/audit?since=", NULL, &answer), 400);
    assert_int_equal(ask(OCSPD + 1, "GET /v1/audit?since=7", NULL, &answer), 409);
    assert_int_equal(ask(OCSPD + 1, "GET /v1/audit?after=1", NULL, &answer), 400);
    assert_int_equal(revoke(BODY("a", "sign", "2", "superseded"), &answer), 201);
    assert_int_equal(revoke(BODY("a", "sign", "2", "superseded"), &answer), 201);
    assert_int_equal(revoke(BODY("b", "sign", "2", "superseded"), &answer), 409);
    assert_int_equal(ask(OCSPD + 1, "GET /v1/audit?since=6", NULL, &answer), 200);
    assert_says(&answer, "\"seq\":7,");
    assert_says(&answer, "\"actor\":\"uid:1000\",\"act\":\"certificate.revoked\"");
    assert_says(&answer, "\"outcome\":\"superseded\"");
    assert_says(&answer, "\"last\":7,\"more\":false");
    assert_int_equal(ask(REGISTER, "GET /v1/audit?since=7", NULL, &answer), 200);
    assert_says(&answer, "\"records\":[]");
}

static void a_page_at_the_limit_is_the_last_and_one_past_it_has_another_behind(void **state)
{
    static struct revocation_page page;
    struct revocation_request request = {
        .kind = CA_AUTH, .reason = CRL_SUPERSEDED, .now = NOW, .by = &by};
    struct revoked revoked;

    (void)state;
    issue(CA_AUTH, 3, FEED_PAGE_MAX + 2, true);
    for (unsigned i = 2; i <= FEED_PAGE_MAX + 2; i++) {
        char id[32];

        if (i == FEED_PAGE_MAX + 2) {
            assert_int_equal(authority_list_revocations(f.store, 0, &page, NULL), 0);
            assert_int_equal(page.count, FEED_PAGE_MAX);
            assert_true(page.is_last_page);
        }
        (void)snprintf(id, sizeof id, "r-%u", i);
        request.request_id = id;
        request.serial = i;
        assert_int_equal(authority_add_revocation(f.store, &request, &revoked, NULL), 0);
    }
    assert_int_equal(authority_list_revocations(f.store, 0, &page, NULL), 0);
    assert_int_equal(page.count, FEED_PAGE_MAX);
    assert_int_equal(page.last, FEED_PAGE_MAX);
    assert_false(page.is_last_page);
    assert_int_equal(authority_list_revocations(f.store, page.last, &page, NULL), 0);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.last, FEED_PAGE_MAX + 1);
    assert_true(page.is_last_page);
    assert_int_equal(page.entries[0].serial, FEED_PAGE_MAX + 2);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(what_cannot_be_revoked_is_refused_and_takes_no_number),
        WITH_STORE(only_the_register_revokes_and_only_ocspd_and_it_may_listen),
        WITH_STORE(a_certificate_is_revoked_once_and_the_same_request_gets_the_same_answer),
        WITH_STORE(only_the_hold_of_a_phone_that_logs_in_is_lifted),
        WITH_STORE(a_release_is_an_event_and_the_same_request_gets_the_same_answer),
        WITH_STORE(a_hold_becomes_final_once_and_since_it_began),
        WITH_STORE(an_older_database_keeps_its_sequence_and_has_cards_only),
        WITH_STORE(the_feed_tells_all_in_order_and_how_far_serial_numbers_go),
        WITH_STORE(numbers_without_a_certificate_are_told_until_they_have_one),
        WITH_STORE(an_older_database_still_knows_its_gaps_and_lists),
        WITH_STORE(past_the_limit_no_gap_is_forgotten),
        WITH_STORE(who_knows_more_than_the_database_is_told_so),
        WITH_STORE(the_audit_log_is_for_the_register_and_operators),
        WITH_STORE(a_page_at_the_limit_is_the_last_and_one_past_it_has_another_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
