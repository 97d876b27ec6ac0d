/* SPDX-License-Identifier: Apache-2.0 */
/* Signings over their time, and as many as there may be, on a real store. */
#include "authapp/signing/signing.h"
#include "authapp/store_sqlite.h"
#include "base/base64.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1790000000 };

/* SHA-256 of "abc" (FIPS 180-4). */
#define HASH "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="

static struct tempdir dir;
static struct clock now;
static struct http_bell bell;
static struct authapp authapp = {.clock = &now, .bell = &bell, .origin = "https://app.example"};

static int open_store(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    dir = tempdir_make();
    now = clock_fixed(NOW);
    http_bell_init(&bell);
    return authapp_store_open(tempdir_file(&dir, "a.db", path), &authapp.store, NULL);
}

static int close_store(void **state)
{
    (void)state;
    authapp_store_closep(&authapp.store);
    http_bell_done(&bell);
    tempdir_done(&dir);
    return 0;
}

static int ask(const char *client_id, const char *document, struct signing *ret)
{
    const struct signing_request request = {
        .client_id = client_id, .hash = HASH, .title = "title", .document = document};

    return signing_open(&authapp, &request, ret, NULL);
}

static int answer(const struct signing *signing, bool is_denied)
{
    char signature[345] = ""; /* 256 octets in base64 */
    const struct signing_answer with = {.session = signing->session,
                                        .code = signing->code,
                                        .is_denied = is_denied,
                                        .certificate = is_denied ? NULL : "a.b.c.d.e",
                                        .signature = is_denied ? NULL : signature};

    memset(signature, 'A', 341);
    memcpy(signature + 341, "A==", 4);
    return signing_answer(&authapp, &with, NULL);
}

static enum signing_outcome outcome_of(const struct signing *signing)
{
    CLEANUP(signing_done) struct signing found = {.text = BUF_INIT};

    assert_int_equal(
        authapp_signing_of_client(authapp.store, signing->client_id, signing->id, &found, NULL), 0);
    return found.outcome;
}

/* Names are put on our own page before people, too. */
static void what_cannot_be_shown_is_refused(void **state)
{
    static const struct {
        const char *title, *text;
        bool is_fine;
    } rows[] = {
        {"a\nb", NULL, false},
        {"a\xe2\x80\xae"
         "b",
         NULL, false}, /* turns the direction of writing */
        {"a", "b\x1b[2K", false},
        {"a", "b\r\nc", false},
        {"a", "b\nc\n\nd", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};
        const struct signing_request request = {
            .client_id = "bank", .hash = HASH, .title = rows[i].title, .text = rows[i].text};

        assert_int_equal(signing_open(&authapp, &request, &signing, NULL),
                         rows[i].is_fine ? 0 : -ERR_INPUT);
    }
}

static void it_is_answered_up_to_its_last_second(void **state)
{
    CLEANUP(signing_done) struct signing first = {.text = BUF_INIT};
    CLEANUP(signing_done) struct signing second = {.text = BUF_INIT};

    (void)state;
    assert_int_equal(ask("bank", NULL, &first), 0);
    assert_int_equal(ask("bank", NULL, &second), 0);
    assert_int_equal(first.expires_at, NOW + AUTHAPP_SIGNING_SECONDS);
    now = clock_fixed(NOW + AUTHAPP_SIGNING_SECONDS);
    assert_int_equal(answer(&first, false), 0);
    assert_int_equal(outcome_of(&first), SIGNING_SIGNED);
    now = clock_fixed(NOW + AUTHAPP_SIGNING_SECONDS + 1);
    assert_int_equal(answer(&second, false), -ERR_ABSENT);
    assert_int_equal(answer(&second, true), -ERR_ABSENT);
    assert_int_equal(outcome_of(&second), SIGNING_OPEN);
    assert_true(signing_is_late(&authapp, &second));
}

static void a_result_is_kept_for_its_time_and_a_document_no_longer_than_needed(void **state)
{
    CLEANUP(signing_done) struct signing late = {.text = BUF_INIT};
    CLEANUP(signing_done) struct signing other = {.text = BUF_INIT};
    CLEANUP(signing_done) struct signing found = {.text = BUF_INIT};
    CLEANUP(buf_done) struct buf document = BUF_INIT;

    (void)state;
    assert_int_equal(ask("bank", "YWJj", &late), 0);
    assert_int_equal(authapp_signing_document(authapp.store, late.session, &document, NULL), 0);
    assert_int_equal(document.len, 3);
    now = clock_fixed(NOW + AUTHAPP_SIGNING_SECONDS + 1);
    assert_int_equal(ask("bank", NULL, &other), 0);
    assert_int_equal(authapp_signing_document(authapp.store, late.session, &document, NULL),
                     -ERR_ABSENT);
    now = clock_fixed(NOW + AUTHAPP_SIGNING_SECONDS + AUTHAPP_SIGNING_RESULT_SECONDS);
    signing_done(&other);
    assert_int_equal(ask("bank", NULL, &other), 0);
    assert_int_equal(outcome_of(&late), SIGNING_OPEN);
    now = clock_fixed(NOW + AUTHAPP_SIGNING_SECONDS + AUTHAPP_SIGNING_RESULT_SECONDS + 1);
    signing_done(&other);
    assert_int_equal(ask("bank", NULL, &other), 0);
    assert_int_equal(authapp_signing_of_client(authapp.store, "bank", late.id, &found, NULL),
                     -ERR_ABSENT);
}

static void an_answer_counts_once(void **state)
{
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};

    (void)state;
    assert_int_equal(ask("bank", "YWJj", &signing), 0);
    assert_int_equal(answer(&signing, true), 0);
    assert_int_equal(answer(&signing, false), -ERR_CONFLICT);
    assert_int_equal(outcome_of(&signing), SIGNING_DENIED);
}

static void nobody_else_finds_it(void **state)
{
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};
    CLEANUP(signing_done) struct signing found = {.text = BUF_INIT};

    (void)state;
    assert_int_equal(ask("bank", NULL, &signing), 0);
    assert_int_equal(authapp_signing_of_client(authapp.store, "shop", signing.id, &found, NULL),
                     -ERR_ABSENT);
    assert_int_equal(
        authapp_signing_of_client(authapp.store, "bank", signing.session, &found, NULL),
        -ERR_ABSENT);
    assert_int_equal(signing_find(&authapp, signing.id, &found, NULL), -ERR_ABSENT);
}

/* All but one of what a client may have, at once. */
static void fill(const char *client_id)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(authapp.store->db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn,
                                "INSERT INTO signing WITH RECURSIVE n(i) AS"
                                " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                                " SELECT 'id' || i, 'session' || i, ?, '', '', NULL, zeroblob(32),"
                                " 0, 0, NULL, '000000', 0, ?, 'open', NULL, NULL, NULL FROM n",
                                DB_WITH(DB_INT(AUTHAPP_SIGNINGS_MAX - 1), DB_TEXT(client_id),
                                        DB_INT(NOW + AUTHAPP_SIGNING_SECONDS)),
                                NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void a_client_has_as_many_as_the_limit_and_leaves_room_to_others(void **state)
{
    CLEANUP(signing_done) struct signing last = {.text = BUF_INIT};
    CLEANUP(signing_done) struct signing other = {.text = BUF_INIT};
    struct signing more;

    (void)state;
    fill("bank");
    assert_int_equal(ask("bank", NULL, &last), 0);
    assert_int_equal(ask("bank", NULL, &more), -ERR_REMOTE);
    assert_int_equal(ask("shop", NULL, &other), 0);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, open_store, close_store)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_STORE(what_cannot_be_shown_is_refused),
        WITH_STORE(it_is_answered_up_to_its_last_second),
        WITH_STORE(a_result_is_kept_for_its_time_and_a_document_no_longer_than_needed),
        WITH_STORE(an_answer_counts_once),
        WITH_STORE(nobody_else_finds_it),
        WITH_STORE(a_client_has_as_many_as_the_limit_and_leaves_room_to_others),
    };

    return cmocka_run_group_tests_name("authapp/signing", tests, NULL, NULL);
}
