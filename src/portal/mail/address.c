/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/mail/address.h"

#include "base/rand.h"
#include "crypto/digest.h"

#include <stdio.h>
#include <string.h>

enum { DAY = 86400, CODES = 1000000 };

int mail_address_get(struct db *db, const char *account, struct mail_address *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT address, language, consented_at, confirmed_at FROM mail_address"
                     " WHERE account = ?",
                     DB_WITH(DB_TEXT(account)), &rows, err));
    TRY(db_text(&rows, 0, ret->address, sizeof ret->address, err));
    TRY(db_text(&rows, 1, ret->language, sizeof ret->language, err));
    TRY(db_int(&rows, 2, &ret->consented_at, err));
    return db_int(&rows, 3, &ret->confirmed_at, err);
}

/* ---- giving ---- */

static int make_code(char ret[MAIL_CODE_SIZE], struct err *err)
{
    uint32_t random;

    do
        TRY(rand_fill(&random, sizeof random, err));
    while (random >= UINT32_MAX - UINT32_MAX % CODES); /* each code as likely as another */
    (void)snprintf(ret, MAIL_CODE_SIZE, "%06u", (unsigned)(random % CODES));
    return 0;
}

/* Of an account's code: the same digits of somebody else have another hash. */
static int hash_code(const char *account, const char *code, struct digest *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(buf_append_format(&text, err, "%s %s", account, code));
    return digest_compute(DIGEST_SHA256, buf_bytes(&text), ret, err);
}

/* Nobody has the portal write to other people's addresses for long. */
static int check_room(struct db_txn *txn, const char *account, int64_t at, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    TRY(db_query_one(txn,
                     "SELECT count(*) FROM mail WHERE account = ? AND notice IS NULL"
                     " AND made_at > ?",
                     DB_WITH(DB_TEXT(account), DB_INT(at - DAY)), &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    if (count >= MAIL_CODES_MAX)
        return FAIL(err, ERR_CONFLICT, "at most %d codes are sent in a day; try again tomorrow",
                    MAIL_CODES_MAX);
    return 0;
}

static int put(struct db_txn *txn, const char *account, const struct mail_address *address,
               const struct digest *hash, struct err *err)
{
    TRY(db_execute(txn, "DELETE FROM mail_address WHERE account = ?", DB_WITH(DB_TEXT(account)),
                   err));
    return db_execute(txn, "INSERT INTO mail_address VALUES (?1, ?2, ?3, ?4, 0, ?5, ?4, 0)",
                      DB_WITH(DB_TEXT(account), DB_TEXT(address->address),
                              DB_TEXT(address->language), DB_INT(address->consented_at),
                              DB_BLOB(digest_bytes(hash))),
                      err);
}

static int check_address(const char *address, const char *language, struct err *err)
{
    struct mailbox mailbox;

    TRY(err_prefix(err, mailbox_parse(bytes_text(address), &mailbox, err), "address"));
    return strcmp(language, "ja") == 0 || strcmp(language, "en") == 0
               ? 0
               : FAIL(err, ERR_INPUT, "language: ja or en");
}

int mail_address_give(struct db *db, const char *account, const char *address, const char *language,
                      const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct mail_address given = {.consented_at = by->at};
    char code[MAIL_CODE_SIZE];
    struct digest hash;

    TRY(check_address(address, language, err));
    (void)snprintf(given.address, sizeof given.address, "%s", address);
    (void)snprintf(given.language, sizeof given.language, "%s", language);
    TRY(make_code(code, err));
    TRY(hash_code(account, code, &hash, err));
    TRY(db_begin(db, &txn, err));
    TRY(check_room(&txn, account, by->at, err));
    TRY(put(&txn, account, &given, &hash, err));
    TRY(mail_queue_code(&txn, account, code, by->at, err));
    TRY(mail_note(&txn, MAIL_ADDRESS_GIVEN, account, by, err));
    return db_commit(&txn, err);
}

/* ---- proving ---- */

static int read_proof(struct db_txn *txn, const char *account, struct buf *ret_hash,
                      int64_t *ret_at, int64_t *ret_tries, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const int rc = db_query_one(txn,
                                "SELECT code_hash, code_at, tries FROM mail_address"
                                " WHERE account = ? AND confirmed_at = 0",
                                DB_WITH(DB_TEXT(account)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no mail address that is to be proved");
    TRY(rc);
    TRY(db_blob(&rows, 0, ret_hash, err));
    TRY(db_int(&rows, 1, ret_at, err));
    return db_int(&rows, 2, ret_tries, err);
}

/* A wrong one counts, durably, before it is said to be wrong. */
static int count_wrong(struct db_txn *txn, const char *account, struct err *err)
{
    TRY(db_execute(txn, "UPDATE mail_address SET tries = tries + 1 WHERE account = ?",
                   DB_WITH(DB_TEXT(account)), err));
    TRY(db_commit(txn, err));
    return FAIL(err, ERR_UNTRUSTED, "this is another code than the one that was sent");
}

int mail_address_prove(struct db *db, const char *account, const char *code,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(buf_done) struct buf expected = BUF_INIT;
    struct digest hash;
    int64_t at, tries;

    TRY(hash_code(account, code, &hash, err));
    TRY(db_begin(db, &txn, err));
    TRY(read_proof(&txn, account, &expected, &at, &tries, err));
    if (tries >= MAIL_CODE_TRIES_MAX || by->at > at + MAIL_CODE_S)
        return FAIL(err, ERR_CONFLICT, "the code does not count any more; ask for another one");
    if (!bytes_equal_secret(buf_bytes(&expected), digest_bytes(&hash)))
        return count_wrong(&txn, account, err);
    TRY(db_execute(&txn,
                   "UPDATE mail_address SET confirmed_at = ?, code_hash = NULL WHERE account = ?",
                   DB_WITH(DB_INT(by->at), DB_TEXT(account)), err));
    TRY(mail_note(&txn, MAIL_ADDRESS_PROVED, account, by, err));
    return db_commit(&txn, err);
}

/* Codes are counted for a day, whatever became of them. */
static int forget_mails(struct db_txn *txn, const char *account, struct err *err)
{
    TRY(db_execute(txn,
                   "DELETE FROM mail WHERE account = ? AND notice IS NOT NULL"
                   " AND state IN ('waiting', 'dead')",
                   DB_WITH(DB_TEXT(account)), err));
    return db_execute(
        txn,
        "UPDATE mail SET state = 'dead', code = NULL, why = 'it is not wanted any more'"
        " WHERE account = ? AND state = 'waiting'",
        DB_WITH(DB_TEXT(account)), err);
}

int mail_address_remove(struct db *db, const char *account, const struct audit_origin *by,
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(db_execute_one(&txn, "DELETE FROM mail_address WHERE account = ?",
                       DB_WITH(DB_TEXT(account)), err));
    TRY(forget_mails(&txn, account, err));
    TRY(mail_note(&txn, MAIL_ADDRESS_REMOVED, account, by, err));
    return db_commit(&txn, err);
}
