/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of authority/store.h, whatever is behind it. */
#include "authority/store_sqlite.h"

#include "authority/schema.h"
#include "base/hex.h"

#include "support/published.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct authority_store *store;
};

static struct fixture fixture;
static const struct audit_origin by = {.at = 1000, .actor = "uid:1000"};

static int set_up(void **state)
{
    (void)state;
    fixture.dir = tempdir_make();
    tempdir_file(&fixture.dir, "a.db", fixture.path);
    return authority_store_open(fixture.path, &fixture.store, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    authority_store_closep(&fixture.store);
    tempdir_done(&fixture.dir);
    return 0;
}

static int set_up_cas(void **state)
{
    if (set_up(state) != 0)
        return -1;
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        if (authority_begin_ca(fixture.store, (enum ca_kind)kind, bytes_text("tbs"), NULL) < 0 ||
            authority_finish_ca(fixture.store, (enum ca_kind)kind, bytes_text("ca"), &by, NULL) < 0)
            return -1;
    }
    return 0;
}

static void reopen(void)
{
    authority_store_closep(&fixture.store);
    assert_int_equal(authority_store_open(fixture.path, &fixture.store, NULL), 0);
}

/* "tbs N" for serial number N; fails if the context says so. */
static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    if (context != NULL)
        return FAIL(err, ERR_INPUT, "cannot be built");
    return buf_append_format(ret, err, "tbs %u", serial);
}

static struct reservation request(enum ca_kind kind, const char *id)
{
    struct reservation r = {
        .kind = kind, .request_id = id, .now = 1000, .not_after = 2000, .build = build};

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(id), &r.fingerprint, NULL), 0);
    r.key = r.fingerprint;
    return r;
}

/* Reserve and return the serial number. */
static uint32_t reserve(enum ca_kind kind, const char *id)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct reservation r = request(kind, id);

    assert_int_equal(authority_reserve(fixture.store, &r, &record, NULL), 0);
    return record.serial;
}

/* Keep a certificate of the sign CA. */
static int complete(uint32_t serial, const char *certificate)
{
    const struct completion completion = {
        .kind = CA_SIGN, .serial = serial, .certificate = bytes_text(certificate), .by = &by};

    return authority_complete(fixture.store, &completion, NULL);
}

static void kinds_are_known_by_name(void **state)
{
    enum ca_kind kind;

    (void)state;
    assert_int_equal(ca_kind_from_name("token", &kind, NULL), -ERR_INPUT);
    assert_int_equal(ca_kind_from_name("", &kind, NULL), -ERR_INPUT);
    assert_int_equal(ca_kind_from_name("auth", &kind, NULL), 0);
    assert_int_equal(kind, CA_AUTH);
}

/* Also where the lock file does not keep it out, because somebody has removed that. */
static void a_second_authority_is_refused(void **state)
{
    struct authority_store *second = NULL;
    char lock[TEMPDIR_FILE_SIZE + 8];
    struct err err = {0};

    (void)state;
    assert_int_equal(authority_store_open(fixture.path, &second, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "another process has this database open"));
    (void)snprintf(lock, sizeof lock, "%s.lock", fixture.path);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(authority_store_open(fixture.path, &second, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "another process has the lease on this database"));
    assert_null(second);
    assert_int_equal(authority_store_ping(fixture.store, NULL), 0);
}

static void without_a_ca_there_is_no_serial_number(void **state)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct reservation r = request(CA_SIGN, "a");

    (void)state;
    assert_int_equal(authority_get_ca(fixture.store, CA_SIGN, &der, NULL), -ERR_ABSENT);
    assert_int_equal(authority_reserve(fixture.store, &r, &record, NULL), -ERR_SYSTEM);
    assert_int_equal(authority_begin_ca(fixture.store, CA_SIGN, bytes_text("tbs"), NULL), 0);
    assert_int_equal(authority_get_ca(fixture.store, CA_SIGN, &der, NULL), -ERR_ABSENT);
    assert_int_equal(authority_reserve(fixture.store, &r, &record, NULL), -ERR_SYSTEM);
}

static void the_bytes_of_a_ca_are_chosen_once(void **state)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    assert_int_equal(authority_begin_ca(fixture.store, CA_AUTH, bytes_text("first"), NULL), 0);
    assert_int_equal(authority_begin_ca(fixture.store, CA_AUTH, bytes_text("second"), NULL), 0);
    reopen();
    assert_int_equal(authority_get_ca_tbs(fixture.store, CA_AUTH, &tbs, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&tbs), bytes_text("first")));
    assert_int_equal(authority_finish_ca(fixture.store, CA_AUTH, bytes_text("ca"), &by, NULL), 0);
    assert_int_equal(authority_finish_ca(fixture.store, CA_AUTH, bytes_text("other"), &by, NULL),
                     -ERR_ABSENT);
    assert_int_equal(authority_get_ca(fixture.store, CA_AUTH, &der, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&der), bytes_text("ca")));
    assert_int_equal(authority_get_ca_tbs(fixture.store, CA_AUTH, &tbs, NULL), -ERR_ABSENT);
}

static void serial_numbers_are_dense_for_each_ca(void **state)
{
    (void)state;
    assert_int_equal(reserve(CA_SIGN, "a"), 2);
    assert_int_equal(reserve(CA_SIGN, "b"), 3);
    assert_int_equal(reserve(CA_AUTH, "c"), 2);
    reopen();
    assert_int_equal(reserve(CA_SIGN, "d"), 4);
}

static void a_request_that_cannot_be_built_uses_no_number(void **state)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct reservation r = request(CA_SIGN, "a");

    (void)state;
    r.context = &r;
    assert_int_equal(authority_reserve(fixture.store, &r, &record, NULL), -ERR_INPUT);
    assert_int_equal(reserve(CA_SIGN, "a"), 2);
}

static void a_request_id_stands_for_one_request(void **state)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct reservation r = request(CA_SIGN, "a");
    struct reservation other = request(CA_SIGN, "b");

    (void)state;
    assert_int_equal(reserve(CA_SIGN, "a"), 2);
    reopen();
    assert_int_equal(authority_reserve(fixture.store, &r, &record, NULL), 0);
    assert_int_equal(record.serial, 2);
    assert_true(bytes_equal(buf_bytes(&record.tbs), bytes_text("tbs 2")));
    other.request_id = "a";
    assert_int_equal(authority_reserve(fixture.store, &other, &record, NULL), -ERR_CONFLICT);
}

static void a_key_gets_one_certificate_from_either_ca(void **state)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct reservation other = request(CA_AUTH, "b");

    (void)state;
    assert_int_equal(reserve(CA_SIGN, "a"), 2);
    other.key = request(CA_SIGN, "a").key;
    assert_int_equal(authority_reserve(fixture.store, &other, &record, NULL), -ERR_CONFLICT);
    assert_int_equal(reserve(CA_AUTH, "c"), 2);
}

static void a_certificate_is_kept_once(void **state)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;

    (void)state;
    assert_int_equal(reserve(CA_SIGN, "a"), 2);
    assert_int_equal(authority_get_record(fixture.store, CA_SIGN, 3, &record, NULL), -ERR_ABSENT);
    assert_int_equal(complete(3, "x"), -ERR_ABSENT);
    assert_int_equal(complete(2, "cert"), 0);
    assert_int_equal(complete(2, "cert"), 0);
    assert_int_equal(complete(2, "other"), -ERR_ABSENT);
    assert_int_equal(authority_release(fixture.store, CA_SIGN, 2, false, NULL), -ERR_ABSENT);
    reopen();
    assert_int_equal(authority_get_record(fixture.store, CA_SIGN, 2, &record, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&record.certificate), bytes_text("cert")));
    assert_int_equal(record.tbs.len, 0);
    assert_int_equal(record.not_after, 2000);
}

static void the_number_of_a_refused_request_goes_to_the_next(void **state)
{
    (void)state;
    assert_int_equal(reserve(CA_SIGN, "a"), 2);
    assert_int_equal(reserve(CA_SIGN, "b"), 3);
    assert_int_equal(authority_release(fixture.store, CA_SIGN, 2, false, NULL), 0);
    reopen();
    assert_int_equal(reserve(CA_AUTH, "c"), 2);
    assert_int_equal(reserve(CA_SIGN, "a"), 2);
    assert_int_equal(reserve(CA_SIGN, "d"), 4);
}

static void a_spent_number_goes_to_nobody(void **state)
{
    (void)state;
    assert_int_equal(reserve(CA_SIGN, "a"), 2);
    assert_int_equal(authority_release(fixture.store, CA_SIGN, 2, true, NULL), 0);
    assert_int_equal(reserve(CA_SIGN, "a"), 3);
}

static void what_is_not_signed_yet_is_found_in_order(void **state)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;

    (void)state;
    assert_int_equal(authority_next_pending(fixture.store, CA_SIGN, 0, &record, NULL), -ERR_ABSENT);
    assert_int_equal(reserve(CA_SIGN, "a"), 2);
    assert_int_equal(reserve(CA_SIGN, "b"), 3);
    assert_int_equal(reserve(CA_SIGN, "c"), 4);
    assert_int_equal(complete(3, "cert"), 0);
    reopen();
    assert_int_equal(authority_next_pending(fixture.store, CA_SIGN, 0, &record, NULL), 0);
    assert_int_equal(record.serial, 2);
    assert_int_equal(authority_next_pending(fixture.store, CA_SIGN, 2, &record, NULL), 0);
    assert_int_equal(record.serial, 4);
    assert_int_equal(record.kind, CA_SIGN);
    assert_true(bytes_equal(buf_bytes(&record.tbs), bytes_text("tbs 4")));
    assert_int_equal(authority_next_pending(fixture.store, CA_SIGN, 4, &record, NULL), -ERR_ABSENT);
    assert_int_equal(authority_next_pending(fixture.store, CA_AUTH, 0, &record, NULL), -ERR_ABSENT);
}

#define SOMEBODY "00112233445566778899aabbccddeeff"
#define ANOTHER  "ff112233445566778899aabbccddeeff"

static void a_request_id_stands_for_one_person(void **state)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct reservation r = request(CA_SIGN, "a");
    struct reservation unnamed = request(CA_SIGN, "b");

    (void)state;
    r.subject = SOMEBODY;
    assert_int_equal(authority_reserve(fixture.store, &r, &record, NULL), 0);
    r.subject = ANOTHER;
    assert_int_equal(authority_reserve(fixture.store, &r, &record, NULL), -ERR_CONFLICT);
    r.subject = SOMEBODY;
    assert_int_equal(authority_reserve(fixture.store, &r, &record, NULL), 0);
    assert_int_equal(record.serial, 2);
    /* Begun by a register that named nobody, and asked again by a newer one. */
    assert_int_equal(authority_reserve(fixture.store, &unnamed, &record, NULL), 0);
    unnamed.subject = SOMEBODY;
    assert_int_equal(authority_reserve(fixture.store, &unnamed, &record, NULL), 0);
    assert_int_equal(record.serial, 3);
}

static void run_sql(const struct db_schema *schema, const char *path, const char *sql)
{
    CLEANUP(db_closep) struct db *db = NULL;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_open(path, schema, &db, NULL), 0);
    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

/* Whose a certificate of the sign CA is; NULL: nobody's. */
static void assert_subject(uint32_t serial, const char *expected)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    assert_int_equal(db_begin_read(fixture.store->db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn,
                                  "SELECT 1 FROM certificate WHERE serial = ? AND subject IS ?",
                                  DB_WITH(DB_INT(serial), DB_TEXT(expected)), &rows, NULL),
                     0);
}

/* Certificates of before are nobody's, and the next ones are somebody's. */
static void a_database_of_before_subjects_is_taken_over(void **state)
{
    enum { BEFORE = 8 };
    const char *older[BEFORE + 1] = {NULL};
    const struct db_schema schema = {authority_schema.name, older};
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct reservation r = request(CA_SIGN, "a");

    (void)state;
    memcpy(older, authority_schema.migrations, BEFORE * sizeof older[0]);
    authority_store_closep(&fixture.store);
    tempdir_file(&fixture.dir, "old.db", fixture.path);
    run_sql(&schema, fixture.path, "INSERT INTO ca VALUES ('sign', NULL, x'00', 3)");
    run_sql(&schema, fixture.path,
            "INSERT INTO certificate VALUES ('sign', 2, 'old', x'', x'01', 1, 2, NULL, x'30', 0)");
    assert_int_equal(authority_store_open(fixture.path, &fixture.store, NULL), 0);
    assert_int_equal(authority_get_record(fixture.store, CA_SIGN, 2, &record, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&record.certificate), BYTES_LITERAL("0")));
    r.subject = SOMEBODY;
    assert_int_equal(authority_reserve(fixture.store, &r, &record, NULL), 0);
    assert_int_equal(record.serial, 3);
    assert_subject(2, NULL);
    assert_subject(3, SOMEBODY);
}

/* How many rows a query counts. */
static int64_t count_rows(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count = -1;

    assert_int_equal(db_begin_read(fixture.store->db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &count, NULL), 0);
    return count;
}

/* By its key: ERR_CONFLICT to reserve once more, and found. */
static void assert_key_is_taken(const struct digest *key, uint32_t serial)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    const struct find_query query = {.key = digest_bytes(key)};
    struct reservation again = request(CA_AUTH, "another-id");
    struct found found;

    again.key = *key;
    assert_int_equal(authority_reserve(fixture.store, &again, &record, NULL), -ERR_CONFLICT);
    assert_int_equal(authority_find_certificate(fixture.store, &query, &found, NULL), 0);
    assert_int_equal(found.serial, serial);
}

/* Before, a row had the digest of its key alone; then the number stands before it. */
static void keys_of_an_older_database_are_still_known(void **state)
{
    const char *older[32] = {NULL};
    const struct db_schema schema = {authority_schema.name, older};
    struct reservation old = request(CA_SIGN, "old");
    struct reservation other = request(CA_SIGN, "new");
    struct find_query query = {.key = digest_bytes(&other.key)};
    CLEANUP(buf_done) struct buf sql = BUF_INIT;
    struct found found;

    (void)state;
    for (size_t i = 0; strstr(authority_schema.migrations[i], "certificate_key") == NULL; i++)
        older[i] = authority_schema.migrations[i];
    authority_store_closep(&fixture.store);
    tempdir_file(&fixture.dir, "old.db", fixture.path);
    run_sql(&schema, fixture.path,
            "INSERT INTO ca VALUES ('sign', NULL, x'00', 3), ('auth', NULL, x'00', 2)");
    assert_int_equal(buf_append(&sql,
                                bytes_text("INSERT INTO certificate (kind, serial, request_id,"
                                           " fingerprint, key, reserved_at, not_after,"
                                           " certificate)"
                                           " VALUES ('sign', 2, 'old', x'', x'"),
                                NULL),
                     0);
    assert_int_equal(hex_append(&sql, digest_bytes(&old.key), NULL), 0);
    assert_int_equal(buf_append(&sql, BYTES_LITERAL("', 1, 2, x'30')\0"), NULL), 0);
    run_sql(&schema, fixture.path, (const char *)sql.ptr);
    assert_int_equal(authority_store_open(fixture.path, &fixture.store, NULL), 0);
    assert_key_is_taken(&old.key, 2);
    assert_int_equal(authority_find_certificate(fixture.store, &query, &found, NULL), -ERR_ABSENT);
    assert_int_equal(reserve(CA_SIGN, "new"), 3);
    assert_key_is_taken(&other.key, 3);
    assert_int_equal(count_rows("SELECT count(*) FROM certificate WHERE serial = 3"
                                " AND substr(key, 1, 5) = x'0000000003' AND length(key) = 37"),
                     1);
}

/* The index has five octets of a digest only; the rest decides. */
static void keys_that_begin_alike_are_two(void **state)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    struct reservation twin = request(CA_SIGN, "b");

    (void)state;
    assert_int_equal(reserve(CA_SIGN, "a"), 2);
    twin.key = request(CA_SIGN, "a").key;
    twin.key.value[31] ^= 1;
    assert_int_equal(authority_reserve(fixture.store, &twin, &record, NULL), 0);
    assert_key_is_taken(&twin.key, 3);
}

/* Whatever there was is of the first generation, and lists keep their numbers and contents. */
static void a_database_of_before_generations_is_taken_over(void **state)
{
    const char *older[32] = {NULL};
    const struct db_schema schema = {authority_schema.name, older};
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct crl_record list = {.id = 0};
    size_t before = 0;

    (void)state;
    for (; strstr(authority_schema.migrations[before], "later_ca") == NULL; before++)
        older[before] = authority_schema.migrations[before];
    authority_store_closep(&fixture.store);
    tempdir_file(&fixture.dir, "old.db", fixture.path);
    run_sql(&schema, fixture.path, "INSERT INTO ca VALUES ('sign', NULL, x'00', 3)");
    run_sql(
        &schema, fixture.path,
        "INSERT INTO certificate (kind, serial, request_id, fingerprint, key, reserved_at,"
        " not_after, certificate, point) VALUES ('sign', 2, 'old', x'', x'01', 1, 2, x'30', 7)");
    run_sql(&schema, fixture.path, "INSERT INTO crl_file VALUES (9, 'sign-a', 1, 1)");
    run_sql(&schema, fixture.path, "INSERT INTO crl_file_part VALUES (9, 0, x'0a0b')");
    run_sql(&schema, fixture.path,
            "INSERT INTO crl (id, kind, point, name, number, this_update, next_update, entries,"
            " seen, file) VALUES (7, 'sign', x'01', 'sign-a', 11, 12, 13, 14, 15, 9)");
    run_sql(&schema, fixture.path, "INSERT INTO feed_item VALUES ('sign', 4, NULL, x'02', 5)");
    assert_int_equal(authority_store_open(fixture.path, &fixture.store, NULL), 0);
    assert_int_equal(count_rows("SELECT count(*) FROM certificate WHERE generation = 1"), 1);
    assert_int_equal(count_rows("SELECT count(*) FROM feed_item WHERE generation = 1"), 1);
    assert_int_equal(count_rows("SELECT count(*) FROM ca_generation WHERE generation = 1"), 1);
    assert_int_equal(count_rows("SELECT count(*) FROM serial_run"), 0);
    assert_int_equal(count_rows("SELECT count(*) FROM crl WHERE generation = 1 AND point = x'01'"),
                     1);
    assert_int_equal(authority_next_crl(fixture.store, 0, &list, NULL, NULL), 0);
    assert_int_equal(list.id, 7);
    assert_string_equal(list.name, "sign-a");
    assert_int_equal(list.number, 11);
    assert_int_equal(list.this_update, 12);
    assert_int_equal(list.next_update, 13);
    assert_int_equal(list.entries, 14);
    assert_int_equal(list.seen, 15);
    assert_int_equal(published_list(fixture.store, "sign-a", &der), 0);
    assert_true(bytes_equal(buf_bytes(&der), BYTES_LITERAL("\x0a\x0b")));
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define WITH_CAS(test)   cmocka_unit_test_setup_teardown(test, set_up_cas, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_known_by_name),
        WITH_STORE(a_second_authority_is_refused),
        WITH_STORE(without_a_ca_there_is_no_serial_number),
        WITH_STORE(the_bytes_of_a_ca_are_chosen_once),
        WITH_CAS(serial_numbers_are_dense_for_each_ca),
        WITH_CAS(a_request_that_cannot_be_built_uses_no_number),
        WITH_CAS(a_request_id_stands_for_one_request),
        WITH_CAS(a_request_id_stands_for_one_person),
        WITH_STORE(a_database_of_before_subjects_is_taken_over),
        WITH_STORE(keys_of_an_older_database_are_still_known),
        WITH_CAS(keys_that_begin_alike_are_two),
        WITH_STORE(a_database_of_before_generations_is_taken_over),
        WITH_CAS(a_key_gets_one_certificate_from_either_ca),
        WITH_CAS(a_certificate_is_kept_once),
        WITH_CAS(the_number_of_a_refused_request_goes_to_the_next),
        WITH_CAS(a_spent_number_goes_to_nobody),
        WITH_CAS(what_is_not_signed_yet_is_found_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
