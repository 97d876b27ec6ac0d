/* SPDX-License-Identifier: Apache-2.0 */
/* Attachments of applications. */
#include "portal/application/store.h"

#include "crypto/digest.h"
#include "portal/application/drafts.h"
#include "portal/application/file.h"

#include <stdio.h>
#include <string.h>

/* It may be changed by its owner, and is going to be. */
static int mark_change(struct db_txn *txn, const struct application *application, struct err *err)
{
    const int rc = db_execute_one(txn,
                                  "UPDATE application SET revision = revision + 1"
                                  " WHERE id = ? AND owner = ? AND state IN ('draft', 'returned')",
                                  DB_WITH(DB_TEXT(application->id), DB_TEXT(application->owner)),
                                  err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_CONFLICT, "this application cannot be changed now")
                             : rc;
}

static bool has_type(const struct json *file, const char *type)
{
    const struct json *types;

    if (json_get_array(file, "types", &types, NULL) < 0)
        return false;
    for (size_t i = 0; i < json_count(types); i++)
        if (strcmp(json_text(json_at(types, i)), type) == 0)
            return true;
    return false;
}

/* What the form asks for of that kind, and that this is one. */
static int check_kind(const struct application *application, const struct attachment *attachment,
                      int64_t *ret_most, struct err *err)
{
    const struct json *file = form_file(application->form, attachment->kind);
    bool asks = false;

    if (file != NULL)
        TRY(form_asks(application->form, file, application->answers, &asks, err));
    if (!asks)
        return FAIL(err, ERR_INPUT, "the form does not ask for such an attachment");
    if (!has_type(file, attachment->type))
        return FAIL(err, ERR_INPUT, "this attachment may not be of that kind of file");
    *ret_most = 1;
    return json_has(file, "max_files") ? json_get_int(file, "max_files", ret_most, err) : 0;
}

/* The next number, if there is room. */
static int find_room(struct db_txn *txn, const char *id, const char *kind, int64_t most,
                     int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t of_kind, all;

    TRY(db_query_one(
        txn,
        "SELECT count(*), count(*) FILTER (WHERE kind = ?), 1 + coalesce(max(number), 0)"
        " FROM application_file WHERE application = ?",
        DB_WITH(DB_TEXT(kind), DB_TEXT(id)), &rows, err));
    TRY(db_int(&rows, 0, &all, err));
    TRY(db_int(&rows, 1, &of_kind, err));
    if (of_kind >= most || all >= APPLICATION_FILES_MAX)
        return FAIL(err, ERR_INPUT, "there are as many attachments of that kind as may be");
    return db_int(&rows, 2, ret, err);
}

int application_attach_within(struct db_txn *txn, const struct application *application,
                              const struct attachment *attachment, struct bytes content,
                              int64_t *ret, struct err *err)
{
    struct digest digest;
    int64_t most;

    TRY(check_kind(application, attachment, &most, err));
    TRY(digest_compute(DIGEST_SHA256, content, &digest, err));
    TRY(mark_change(txn, application, err));
    TRY(find_room(txn, application->id, attachment->kind, most, ret, err));
    TRY(drafts_check_file(txn, application->owner, application->changed_at, err));
    return db_execute(txn,
                      "INSERT INTO application_file"
                      " (application, number, kind, name, type, digest, content)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?)",
                      DB_WITH(DB_TEXT(application->id), DB_INT(*ret), DB_TEXT(attachment->kind),
                              DB_TEXT(attachment->name), DB_TEXT(attachment->type),
                              DB_BLOB(digest_bytes(&digest)), DB_BLOB(content)),
                      err);
}

int application_attach(struct db *db, const struct application *application,
                       const struct attachment *attachment, struct bytes content, int64_t *ret,
                       struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(application_attach_within(&txn, application, attachment, content, ret, err));
    return db_commit(&txn, err);
}

int application_detach(struct db *db, const struct application *application, int64_t number,
                       struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(db, &txn, err));
    TRY(mark_change(&txn, application, err));
    rc = db_execute_one(&txn, "DELETE FROM application_file WHERE application = ? AND number = ?",
                        DB_WITH(DB_TEXT(application->id), DB_INT(number)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such attachment");
    TRY(rc);
    return db_commit(&txn, err);
}

static int read_attachment(const struct db_rows *rows, struct attachment *ret, struct err *err)
{
    int64_t size;

    TRY(db_int(rows, 0, &ret->number, err));
    TRY(db_text(rows, 1, ret->kind, sizeof ret->kind, err));
    TRY(db_text(rows, 2, ret->name, sizeof ret->name, err));
    TRY(db_text(rows, 3, ret->type, sizeof ret->type, err));
    TRY(db_blob(rows, 4, &ret->digest, err));
    TRY(db_int(rows, 5, &size, err));
    ret->size = (size_t)size;
    return 0;
}

int application_each_file(struct db *db, const char *id,
                          int (*tell)(void *context, const struct attachment *, struct err *),
                          void *context, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct attachment attachment = {.digest = BUF_INIT};
    int rc;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT number, kind, name, type, digest, length(content) FROM application_file"
                 " WHERE application = ? ORDER BY number",
                 DB_WITH(DB_TEXT(id)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        rc = read_attachment(&rows, &attachment, err);
        if (rc == 0)
            rc = tell(context, &attachment, err);
        if (rc < 0)
            break;
    }
    buf_done(&attachment.digest);
    return rc == -ERR_ABSENT ? 0 : rc;
}

int application_read_file(struct db *db, const char *id, int64_t number, char ret_type[8],
                          struct buf *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT type, content FROM application_file"
                      " WHERE application = ? AND number = ?",
                      DB_WITH(DB_TEXT(id), DB_INT(number)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such attachment");
    TRY(rc);
    TRY(db_text(&rows, 0, ret_type, 8, err));
    return db_blob(&rows, 1, ret, err);
}
