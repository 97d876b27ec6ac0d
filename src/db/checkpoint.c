/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The write-ahead log is copied into the file now and then, and begins anew once all of it was and
 * nobody reads from it. A reading that began before the last commit keeps what came after it from
 * being copied, and where many read all the time, one of them always did: the log would grow
 * without end. So most of it is copied beside them, and for the rest they stop for a moment. Those
 * who read for long are not waited for, and the log grows meanwhile.
 */
#include "db/sqlite.h"

static int note_pages(void *context, sqlite3 *handle, const char *name, int pages)
{
    struct db *db = context;

    (void)handle;
    (void)name;
    db->wal_pages = pages > 0 ? (unsigned)pages : 0;
    return SQLITE_OK;
}

void db_checkpoint_watch(struct db *db)
{
    (void)sqlite3_wal_hook(db->writer.handle, note_pages, db);
}

/* Whether all of it was. */
static bool copy(struct db *db)
{
    int all = 0;
    int copied = 0;

    return sqlite3_wal_checkpoint_v2(db->writer.handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &all,
                                     &copied) == SQLITE_OK &&
           copied == all;
}

void db_checkpoint(struct db *db)
{
    bool is_whole;

    if (db->wal_pages < db->wal_due)
        return;
    (void)copy(db); /* what is left is told by the second time */
    db_readers_pause(&db->readers, DB_READERS_WAIT_MS);
    is_whole = copy(db);
    db_readers_go_on(&db->readers);
    db->wal_due = is_whole ? DB_WAL_PAGES : db->wal_pages + DB_WAL_PAGES;
}
