/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a database: the lock file that keeps a second process of ours out, the file itself
 * (created durably with its mode before SQLite sees it), the connections.
 *
 * The lock is a file of its own because closing any descriptor of the database would drop
 * SQLite's POSIX locks on it.
 */
#include "base/file.h"
#include "db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int lock_take(const char *path, int *ret_fd, struct err *err)
{
    CLEANUP(free_text) char *lock_path = NULL;
    CLEANUP(fd_done) int fd = -1;

    TRY(path_format(&lock_path, err, "%s.lock", path));
    fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", lock_path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK)
            return FAIL(err, ERR_CONFLICT, "another process has this database open");
        return FAIL_ERRNO(err, "%s", lock_path);
    }
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static int file_ensure(const char *path, struct err *err)
{
    struct stat st;

    if (lstat(path, &st) < 0) {
        if (errno != ENOENT)
            return FAIL_ERRNO(err, "cannot be examined");
        return file_create(path, 0600, bytes_of(NULL, 0), err);
    }
    if (!S_ISREG(st.st_mode))
        return FAIL(err, ERR_INPUT, "is not a regular file");
    return 0;
}

int db_set_cache(struct db *db, unsigned megabytes, struct err *err)
{
    const uint64_t kilobytes = megabytes * UINT64_C(1024);

    TRY(db_connection_cache(&db->writer, kilobytes, err));
    for (size_t i = 0; i < DB_READERS; i++)
        TRY(db_connection_cache(&db->readers.at[i], kilobytes / DB_READERS, err));
    return 0;
}

static int connect_file(struct db *db, const char *path, const struct db_schema *schema,
                        struct err *err)
{
    TRY(lock_take(path, &db->lock_fd, err));
    TRY(file_ensure(path, err));
    TRY(db_connection_open(&db->writer, path, err));
    TRY(db_migrate(db, path, schema, err));
    db_checkpoint_watch(db);
    TRY(db_readers_open(&db->readers, path, err));
    return db_set_cache(db, DB_CACHE_MB, err);
}

int db_open(const char *path, const struct db_schema *schema, struct db **ret, struct err *err)
{
    CLEANUP(db_closep) struct db *db = calloc(1, sizeof *db);

    if (db == NULL)
        return FAIL_NOMEM(err);
    db->lock_fd = -1;
    db->wal_due = DB_WAL_PAGES;
    if (pthread_mutex_init(&db->turn, NULL) != 0) {
        free(db);
        db = NULL;
        return FAIL_NOMEM(err);
    }
    TRY(err_prefix(err, connect_file(db, path, schema, err), "%s", path));
    *ret = db;
    db = NULL;
    return 0;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    db_lease_end(db);
    /* The last one copies the write-ahead log. */
    db_readers_close(&db->readers);
    db_connection_close(&db->writer);
    fd_done(&db->lock_fd);
    (void)pthread_mutex_destroy(&db->turn);
    free(db);
}

void db_closep(struct db **db)
{
    db_close(*db);
    *db = NULL;
}
