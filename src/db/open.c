/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a database: the lock file that keeps a second process of ours out, the file itself
 * (created durably with its mode before SQLite sees it), the connection's settings.
 *
 * The lock is a file of its own because closing any descriptor of the database would drop
 * SQLite's POSIX locks on it.
 */
#include "base/file.h"
#include "db/limits.h"
#include "db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long a statement waits for a process that is not ours, such as a backup. */
enum { BUSY_TIMEOUT_MS = 5000 };

static pthread_once_t library = PTHREAD_ONCE_INIT;

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

/* The first column of a statement's only row, compared with what it must be. */
static int expect(struct db *db, const char *sql, const char *expected, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        const void *text = sqlite3_column_text(statement, 0);

        rc = text != NULL && strcmp(text, expected) == 0
                 ? 0
                 : FAIL(err, ERR_SYSTEM, "SQLite refuses a setting: %s", sql);
    } else {
        rc = db_fail(db, rc, "opening", err);
    }
    (void)sqlite3_finalize(statement);
    return rc;
}

/* A small database takes as much as it has. */
int db_set_cache(struct db *db, unsigned megabytes, struct err *err)
{
    char sql[64];
    char kilobytes[24];
    int rc;

    (void)pthread_mutex_lock(&db->turn);
    (void)snprintf(kilobytes, sizeof kilobytes, "-%llu", megabytes * 1024ULL);
    (void)snprintf(sql, sizeof sql, "PRAGMA cache_size = %s", kilobytes);
    rc = db_script(db, sql, "opening", err);
    if (rc == 0)
        rc = expect(db, "PRAGMA cache_size", kilobytes, err);
    (void)pthread_mutex_unlock(&db->turn);
    return rc;
}

static int settings(struct db *db, struct err *err)
{
    /* SQLite ignores settings it does not know, so each is asked for afterwards. */
    static const char *const rows[][3] = {
        {"PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal"},
        {"PRAGMA synchronous = FULL", "PRAGMA synchronous", "2"},
        {"PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1"},
        {"PRAGMA trusted_schema = OFF", "PRAGMA trusted_schema", "0"},
        {"PRAGMA cell_size_check = ON", "PRAGMA cell_size_check", "1"},
        {"PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "2"},
        {"PRAGMA secure_delete = ON", "PRAGMA secure_delete", "1"},
        /* Pages are copied to the file less often. */
        {"PRAGMA wal_autocheckpoint = 4096", "PRAGMA wal_autocheckpoint", "4096"},
    };

    (void)sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    (void)sqlite3_limit(db->handle, SQLITE_LIMIT_LENGTH, DB_VALUE_MAX);
    (void)sqlite3_limit(db->handle, SQLITE_LIMIT_ATTACHED, 0);
    if (sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK)
        return FAIL(err, ERR_SYSTEM, "SQLite has no defensive mode");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        TRY(db_script(db, rows[i][0], "opening", err));
        TRY(expect(db, rows[i][1], rows[i][2], err));
    }
    return db_set_cache(db, DB_CACHE_MB, err);
}

static int connect_file(struct db *db, const char *path, const struct db_schema *schema,
                        struct err *err)
{
    int rc;

    TRY(lock_take(path, &db->lock_fd, err));
    TRY(file_ensure(path, err));
    rc = sqlite3_open_v2(path, &db->handle,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc != SQLITE_OK)
        return db_fail(db, rc, "opening", err);
    TRY(settings(db, err));
    return db_migrate(db, path, schema, err);
}

/* Counting all memory that SQLite has takes a lock for each piece of it, and nobody asks. */
static void set_up_library(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int db_open(const char *path, const struct db_schema *schema, struct db **ret, struct err *err)
{
    CLEANUP(db_closep) struct db *db = calloc(1, sizeof *db);

    if (db == NULL)
        return FAIL_NOMEM(err);
    (void)pthread_once(&library, set_up_library);
    db->lock_fd = -1;
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
    db_statements_forget(db);
    (void)sqlite3_close(db->handle);
    fd_done(&db->lock_fd);
    (void)pthread_mutex_destroy(&db->turn);
    free(db);
}

void db_closep(struct db **db)
{
    db_close(*db);
    *db = NULL;
}
