/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/keeper.h"

#include "audit/record.h"
#include "audit/tree.h"
#include "base/chore.h"
#include "note/checkpoint.h"
#include "note/note.h"
#include "rpc/signer_client.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

const char audit_checkpoint_schema_v1[] =
    "CREATE TABLE audit_checkpoint ("
    " size INTEGER PRIMARY KEY CHECK (size > 0),"
    " at INTEGER NOT NULL,"
    " note BLOB NOT NULL) STRICT;"

    "CREATE TRIGGER audit_checkpoint_next BEFORE INSERT ON audit_checkpoint"
    " WHEN NEW.size <= (SELECT coalesce(max(size), 0) FROM audit_checkpoint)"
    " BEGIN SELECT RAISE(ABORT, 'checkpoints of the audit log grow'); END;"

    "CREATE TRIGGER audit_checkpoint_change BEFORE UPDATE ON audit_checkpoint"
    " BEGIN SELECT RAISE(ABORT, 'a checkpoint of the audit log cannot be changed'); END;"

    "CREATE TRIGGER audit_checkpoint_remove BEFORE DELETE ON audit_checkpoint"
    " BEGIN SELECT RAISE(ABORT, 'a checkpoint of the audit log cannot be removed'); END;";

struct audit_keeper {
    struct audit_keeper_options options;
    pthread_mutex_t one; /* makes a checkpoint at a time; over what follows */
    struct signer *signer;
    struct note_key key; /* known once there is a signer */
    /* The thread's own: */
    struct chore chore;
    bool has_failed;
};

int audit_keeper_new(const struct audit_keeper_options *options, struct audit_keeper **ret,
                     struct err *err)
{
    struct audit_keeper *keeper;

    TRY(note_name_check(bytes_text(options->origin), err));
    keeper = calloc(1, sizeof *keeper);
    if (keeper == NULL)
        return FAIL_NOMEM(err);
    keeper->options = *options;
    errno = pthread_mutex_init(&keeper->one, NULL);
    if (errno != 0) {
        free(keeper);
        return FAIL_ERRNO(err, "cannot make a lock");
    }
    *ret = keeper;
    return 0;
}

void audit_keeper_freep(struct audit_keeper **keeper)
{
    if (*keeper == NULL)
        return;
    audit_keeper_stop(*keeper);
    signer_close((*keeper)->signer);
    (void)pthread_mutex_destroy(&(*keeper)->one);
    free(*keeper);
    *keeper = NULL;
}

bool audit_keeper_knows(const struct audit_keeper *keeper, uid_t uid)
{
    for (size_t i = 0; keeper != NULL && i < keeper->options.witness_count; i++)
        if (keeper->options.witnesses[i] == uid)
            return true;
    return false;
}

/* ---- what is stored ---- */

/* ERR_ABSENT if there is none. */
static int find_last(struct audit_keeper *keeper, int64_t *ret_size, struct buf *ret_note,
                     struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(keeper->options.db, &txn, err));
    TRY(db_query_one(&txn, "SELECT size, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1",
                     DB_NOTHING, &rows, err));
    TRY(db_int(&rows, 0, ret_size, err));
    return db_blob(&rows, 1, ret_note, err);
}

static int find_of_size(struct audit_keeper *keeper, int64_t size, struct buf *ret_note,
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(keeper->options.db, &txn, err));
    TRY(db_query_one(&txn, "SELECT note FROM audit_checkpoint WHERE size = ?",
                     DB_WITH(DB_INT(size)), &rows, err));
    return db_blob(&rows, 0, ret_note, err);
}

static int store(struct audit_keeper *keeper, int64_t size, const struct buf *note, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(keeper->options.db, &txn, err));
    TRY(db_execute(
        &txn, "INSERT INTO audit_checkpoint (size, at, note) VALUES (?, ?, ?)",
        DB_WITH(DB_INT(size), DB_INT(clock_now(keeper->options.clock)), DB_BLOB(buf_bytes(note))),
        err));
    return db_commit(&txn, err);
}

int audit_keeper_show(struct audit_keeper *keeper, const char *size, struct buf *ret_note,
                      struct err *err)
{
    int64_t number;
    int rc;

    if (size == NULL) {
        rc = find_last(keeper, &number, ret_note, err);
    } else {
        TRY(record_number("size", size, &number, err));
        rc = find_of_size(keeper, number, ret_note, err);
    }
    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "there is no such checkpoint") : rc;
}

/* ---- what is made ---- */

static int connect_signer(struct audit_keeper *keeper, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    if (keeper->signer != NULL)
        return 0;
    TRY(signer_open(keeper->options.signer, &signer, err));
    TRY(signer_public(signer, keeper->options.key, &spki, err));
    TRY(note_key_of_spki(keeper->options.origin, NOTE_ED25519, buf_bytes(&spki), &keeper->key,
                         err));
    keeper->signer = signer;
    signer = NULL;
    return 0;
}

/* Text and signature; it is a note that verifies, or there is none. */
static int sign(struct audit_keeper *keeper, const struct buf *text, struct buf *ret,
                struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct note note;
    int64_t none;

    TRY(connect_signer(keeper, err));
    TRY(signer_sign(keeper->signer, keeper->options.key, SIGNER_CHECKPOINT, buf_bytes(text),
                    &signature, err));
    TRY(buf_append(&out, buf_bytes(text), err));
    TRY(buf_append_byte(&out, '\n', err));
    TRY(note_sign_line(&keeper->key, 0, buf_bytes(&signature), &out, err));
    TRY(note_parse(buf_bytes(&out), &note, err));
    TRY(note_verify(&note, &keeper->key, &none, err));
    buf_move(ret, &out);
    return 0;
}

static int make(struct audit_keeper *keeper, const struct checkpoint *checkpoint, struct buf *ret,
                struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf note = BUF_INIT;
    int rc;

    TRY(checkpoint_build(checkpoint, &text, err));
    rc = sign(keeper, &text, &note, err);
    /* Whatever it was, the next one asks anew: signerd may have been given another key. */
    if (rc < 0) {
        signer_close(keeper->signer);
        keeper->signer = NULL;
        return rc;
    }
    TRY(store(keeper, checkpoint->size, &note, err));
    buf_move(ret, &note);
    return 0;
}

static int make_if_new(struct audit_keeper *keeper, struct buf *ret_note, int64_t *ret_size,
                       bool *ret_is_new, struct err *err)
{
    struct checkpoint checkpoint = {.size = 0};
    struct merkle_hash root;
    int64_t last = 0;
    int rc = find_last(keeper, &last, ret_note, err);

    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    TRY(audit_tree_root(keeper->options.db, &checkpoint.size, &root, err));
    *ret_is_new = checkpoint.size != last;
    *ret_size = checkpoint.size;
    if (checkpoint.size == 0)
        return FAIL(err, ERR_ABSENT, "the log has no record yet");
    if (!*ret_is_new)
        return 0;
    memcpy(checkpoint.origin, keeper->options.origin, strlen(keeper->options.origin));
    memcpy(checkpoint.root, root.value, sizeof checkpoint.root);
    buf_done(ret_note);
    return make(keeper, &checkpoint, ret_note, err);
}

int audit_keeper_make(struct audit_keeper *keeper, struct buf *ret_note, int64_t *ret_size,
                      struct err *err)
{
    CLEANUP(buf_done) struct buf note = BUF_INIT;
    bool is_new;
    int rc;

    (void)pthread_mutex_lock(&keeper->one);
    rc = make_if_new(keeper, &note, ret_size, &is_new, err);
    (void)pthread_mutex_unlock(&keeper->one);
    if (rc == 0)
        buf_move(ret_note, &note);
    return rc;
}

/* ---- the thread ---- */

static void take_turn(struct audit_keeper *keeper)
{
    CLEANUP(buf_done) struct buf note = BUF_INIT;
    struct err why = {0};
    bool is_new = false;
    int64_t size = 0;
    int rc;

    (void)pthread_mutex_lock(&keeper->one);
    rc = make_if_new(keeper, &note, &size, &is_new, &why);
    (void)pthread_mutex_unlock(&keeper->one);
    if (rc == -ERR_ABSENT && size == 0)
        return;
    if (keeper->options.report != NULL && ((rc == 0 && is_new) || (rc < 0 && !keeper->has_failed)))
        keeper->options.report(size, rc < 0 ? &why : NULL);
    keeper->has_failed = rc < 0;
}

static void *run(void *argument)
{
    struct audit_keeper *keeper = argument;

    do
        take_turn(keeper);
    while (chore_rest(&keeper->chore, (int)keeper->options.interval_ms));
    return NULL;
}

int audit_keeper_start(struct audit_keeper *keeper, struct err *err)
{
    return chore_start(&keeper->chore, run, keeper, err);
}

void audit_keeper_stop(struct audit_keeper *keeper)
{
    if (keeper != NULL)
        chore_stop(&keeper->chore);
}
