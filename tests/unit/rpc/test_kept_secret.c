/* SPDX-License-Identifier: Apache-2.0 */
/* A secret that another key wrapped, or that is none of ours, then one that is there again. */
#include "rpc/kept_secret.h"

#include "crypto/pubkey.h"
#include "support/tempdir.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *const migrations[] = {
    "CREATE TABLE wrapped (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT;", NULL};
static const struct db_schema schema = {"kept", migrations};

static struct privkey *own, *other;
static struct tempdir dir;
static struct db *db;
static struct signer *signer;

static int make(void **state)
{
    (void)state;
    assert_int_equal(privkey_generate(2048, &own, NULL), 0);
    return privkey_generate(2048, &other, NULL);
}

static int done(void **state)
{
    (void)state;
    privkey_freep(&own);
    privkey_freep(&other);
    return 0;
}

static int set_up(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    dir = tempdir_make();
    token_signer = (struct token_signer){.key = own};
    assert_int_equal(signer_open("", &signer, NULL), 0);
    return db_open(tempdir_file(&dir, "kept.db", path), &schema, &db, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    signer_closep(&signer);
    db_closep(&db);
    tempdir_done(&dir);
    return 0;
}

static bool is_same(const struct secret *a, const struct secret *b)
{
    return bytes_equal(bytes_of(a->ptr, a->len), bytes_of(b->ptr, b->len));
}

static int load(const char *name, struct secret *ret, struct err *err)
{
    const struct kept_secret which = {db, "seal", name};

    return kept_secret_load(&which, signer, ret, err);
}

/* What is derived from it must never change: no other is made in its place. */
static void a_secret_of_another_key_is_a_conflict(void **state)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    CLEANUP(secret_done) struct secret again = SECRET_INIT;
    struct err err = {0};

    (void)state;
    assert_int_equal(load("pseudonyms", &secret, NULL), 0);
    token_signer.key = other;
    assert_int_equal(load("pseudonyms", &again, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "seal"));
    assert_non_null(strstr(err.text, "pseudonyms"));
    assert_null(again.ptr);
    token_signer.key = own;
    assert_int_equal(load("pseudonyms", &again, NULL), 0);
    assert_true(is_same(&secret, &again));
}

/* As somebody with the database would put one there: a content key has 32 octets. */
static void a_secret_of_another_length_is_a_conflict(void **state)
{
    CLEANUP(secret_done) struct secret short_one = SECRET_INIT;
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    (void)state;
    assert_int_equal(privkey_spki(own, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_rsa(buf_bytes(&spki), &key, NULL), 0);
    assert_int_equal(secret_new(32, &short_one, NULL), 0);
    assert_int_equal(pubkey_wrap(key, &short_one, &wrapped, NULL), 0);
    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, "INSERT INTO wrapped VALUES ('pseudonyms', ?)",
                                DB_WITH(DB_BLOB(buf_bytes(&wrapped))), NULL),
                     0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    assert_int_equal(load("pseudonyms", &secret, NULL), -ERR_CONFLICT);
}

static void without_signerd_none_is_made(void **state)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;

    (void)state;
    token_signer.is_down = true;
    assert_int_equal(load("pseudonyms", &secret, NULL), -ERR_REMOTE);
    assert_null(secret.ptr);
}

static void each_has_its_own_and_the_same_again(void **state)
{
    CLEANUP(secret_done) struct secret first = SECRET_INIT;
    CLEANUP(secret_done) struct secret again = SECRET_INIT;
    CLEANUP(secret_done) struct secret other_one = SECRET_INIT;

    (void)state;
    assert_int_equal(load("pseudonyms", &first, NULL), 0);
    assert_int_equal(load("pseudonyms", &again, NULL), 0);
    assert_int_equal(load("subjects", &other_one, NULL), 0);
    assert_int_equal(first.len, KEPT_SECRET_SIZE);
    assert_true(is_same(&first, &again));
    assert_false(is_same(&first, &other_one));
}

#define WITH_DATABASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DATABASE(a_secret_of_another_key_is_a_conflict),
        WITH_DATABASE(a_secret_of_another_length_is_a_conflict),
        WITH_DATABASE(without_signerd_none_is_made),
        WITH_DATABASE(each_has_its_own_and_the_same_again),
    };

    return cmocka_run_group_tests(tests, make, done);
}
