/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file is a header and records of one size, appended one by one and synced one or several at a
 * time:
 *
 *   header   "JPKILDGR", version (2), zeros (6), SHA-256 of the key's SPKI (32), check (16)
 *   record   kind (1), zeros (2), place (1), serial (4), SHA-256 of what was signed (32), check (8)
 *
 * A place is how many records before this one were not synced when it was appended. A power cut
 * may leave any of those that are not synced, so a damaged record is nothing as long as no sound
 * one behind it says that there was a sync in between, and a fault of the disk otherwise.
 *
 * A check is the beginning of the SHA-256 of what stands before it; it finds torn writes and
 * disk errors, it is no protection against somebody who may write the file. A LEDGER_FLOOR record
 * says that every serial number up to its own is spent; of LEDGER_LIST records, whose serial is
 * the number of a CRL, the last one counts.
 *
 * The invariant: what is in memory is on disk, under the path, but for the last `unsynced` records,
 * or `is_lost` is set.
 */
#include "signer/ledger.h"

#include "base/file.h"
#include "signer/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LEDGER_FLOOR = 3, /* belongs to enum ledger_kind, in files only */
    VERSION = 1,
    HASH_SIZE = 32,
    HEADER_SIZE = 64,
    HEADER_CHECK_AT = 48,
    RECORD_SIZE = 48,
    RECORD_CHECK_AT = 40,
    PLACE_AT = 3,
    UNSYNCED_MAX = 64, /* records; one more has to wait for the disk */
    /* Compacted when opened and when twice the window has been appended since. */
    APPENDED_MAX = 2 * SIGNERD_LEDGER_WINDOW,
    FILE_MAX = HEADER_SIZE + (APPENDED_MAX + SIGNERD_LEDGER_WINDOW + 3) * RECORD_SIZE,
};

struct spent {
    uint32_t serial;
    uint8_t hash[HASH_SIZE];
};

struct ledger {
    char *path;
    int fd;
    off_t size; /* of what counts; a torn record may lie behind it */
    size_t appended;
    unsigned unsynced;
    bool is_lost;
    uint8_t key[HASH_SIZE];
    bool has_ca;
    struct spent ca;
    struct spent list; /* the last CRL; serial 0: none */
    uint32_t floor;    /* every serial number up to it is spent */
    size_t count;
    struct spent spent[SIGNERD_LEDGER_WINDOW]; /* ascending, all above floor */
};

static int append_check(struct buf *buf, size_t from, size_t size, struct err *err)
{
    struct digest check;

    TRY(digest_compute(DIGEST_SHA256, bytes_part(buf_bytes(buf), from, buf->len), &check, err));
    return buf_append(buf, bytes_of(check.value, size), err);
}

static bool has_right_check(struct bytes block, size_t check_at)
{
    struct digest check;

    return digest_compute(DIGEST_SHA256, bytes_part(block, 0, check_at), &check, NULL) == 0 &&
           bytes_equal(bytes_part(block, check_at, block.len),
                       bytes_of(check.value, block.len - check_at));
}

static int append_header(struct buf *buf, const uint8_t key[HASH_SIZE], struct err *err)
{
    static const uint8_t start[16] = {'J', 'P', 'K', 'I', 'L', 'D', 'G', 'R', 0, VERSION};

    TRY(buf_append(buf, BYTES_ARRAY(start), err));
    TRY(buf_append(buf, bytes_of(key, HASH_SIZE), err));
    return append_check(buf, 0, HEADER_SIZE - HEADER_CHECK_AT, err);
}

static int append_record(struct buf *buf, int kind, unsigned place, const struct spent *spent,
                         struct err *err)
{
    size_t from = buf->len;
    const uint8_t start[8] = {(uint8_t)kind,
                              0,
                              0,
                              (uint8_t)place,
                              (uint8_t)(spent->serial >> 24),
                              (uint8_t)(spent->serial >> 16),
                              (uint8_t)(spent->serial >> 8),
                              (uint8_t)spent->serial};

    TRY(buf_append(buf, BYTES_ARRAY(start), err));
    TRY(buf_append(buf, bytes_of(spent->hash, HASH_SIZE), err));
    return append_check(buf, from, RECORD_SIZE - RECORD_CHECK_AT, err);
}

/* Where serial is, or would be inserted. */
static size_t position_of(const struct ledger *ledger, uint32_t serial)
{
    size_t low = 0;
    size_t high = ledger->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (ledger->spent[middle].serial < serial)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct spent *find(const struct ledger *ledger, uint32_t serial)
{
    size_t at = position_of(ledger, serial);

    return at < ledger->count && ledger->spent[at].serial == serial ? &ledger->spent[at] : NULL;
}

/* Into memory. The lowest leaves a full window and becomes the floor. */
static void remember(struct ledger *ledger, const struct spent *spent)
{
    size_t at = position_of(ledger, spent->serial);

    if (spent->serial <= ledger->floor || find(ledger, spent->serial) != NULL)
        return;
    if (ledger->count == SIGNERD_LEDGER_WINDOW) {
        if (at == 0) { /* lower than all that are kept: it is the one that leaves */
            ledger->floor = spent->serial;
            return;
        }
        ledger->floor = ledger->spent[0].serial;
        memmove(ledger->spent, ledger->spent + 1, (ledger->count - 1) * sizeof *ledger->spent);
        ledger->count--;
        at--;
    }
    memmove(ledger->spent + at + 1, ledger->spent + at,
            (ledger->count - at) * sizeof *ledger->spent);
    ledger->spent[at] = *spent;
    ledger->count++;
}

static void raise_floor(struct ledger *ledger, uint32_t floor)
{
    size_t gone = 0;

    if (floor <= ledger->floor)
        return;
    ledger->floor = floor;
    while (gone < ledger->count && ledger->spent[gone].serial <= floor)
        gone++;
    memmove(ledger->spent, ledger->spent + gone, (ledger->count - gone) * sizeof *ledger->spent);
    ledger->count -= gone;
}

static void keep(struct ledger *ledger, enum ledger_kind kind, const struct spent *spent)
{
    switch (kind) {
    case LEDGER_LIST:
        ledger->list = *spent;
        return;
    case LEDGER_CA:
        ledger->has_ca = true;
        ledger->ca = *spent;
        break;
    case LEDGER_CERTIFICATE:
        break;
    }
    remember(ledger, spent);
}

/* ERR_ABSENT for a record that was not written to its end. */
static int load_record(struct ledger *ledger, struct bytes record, struct err *err)
{
    struct spent spent = {0};

    if (record.len < RECORD_SIZE || !has_right_check(record, RECORD_CHECK_AT))
        return FAIL(err, ERR_ABSENT, "a record is damaged");
    for (size_t i = 4; i < 8; i++)
        spent.serial = spent.serial << 8 | record.ptr[i];
    memcpy(spent.hash, record.ptr + 8, HASH_SIZE);
    switch (record.ptr[0]) {
    case LEDGER_CA:
    case LEDGER_CERTIFICATE:
    case LEDGER_LIST:
        keep(ledger, (enum ledger_kind)record.ptr[0], &spent);
        return 0;
    case LEDGER_FLOOR:
        raise_floor(ledger, spent.serial);
        return 0;
    default:
        return FAIL(err, ERR_INPUT, "a record of kind %d, made by a newer version?", record.ptr[0]);
    }
}

static int load_records(struct ledger *ledger, struct bytes rest, struct err *err)
{
    size_t damaged = SIZE_MAX; /* the number of the first one */
    size_t number = 0;

    for (; rest.len > 0; number++) {
        struct bytes record = bytes_part(rest, 0, RECORD_SIZE);
        int rc = load_record(ledger, record, err);

        rest = bytes_part(rest, RECORD_SIZE, rest.len);
        if (rc == -ERR_ABSENT) {
            damaged = damaged < number ? damaged : number;
            continue;
        }
        TRY(rc);
        if (damaged < number - record.ptr[PLACE_AT]) /* there was a sync in between */
            return FAIL(err, ERR_INPUT, "damaged: restore the file or retire the key");
    }
    if (damaged < number && number - damaged > UNSYNCED_MAX)
        return FAIL(err, ERR_INPUT, "damaged: restore the file or retire the key");
    return 0; /* what a crash has torn: its signatures never left */
}

static int check_header(struct bytes file, const struct digest *key, struct err *err)
{
    struct bytes header = bytes_part(file, 0, HEADER_SIZE);

    if (!bytes_start_with(header, BYTES_LITERAL("JPKILDGR")) || header.len < HEADER_SIZE ||
        !has_right_check(header, HEADER_CHECK_AT))
        return FAIL(err, ERR_INPUT, "not a ledger, or damaged");
    if (header.ptr[8] != 0 || header.ptr[9] != VERSION)
        return FAIL(err, ERR_CONFLICT, "made by a newer version");
    if (key != NULL && !bytes_equal(bytes_part(header, 16, HASH_SIZE), digest_bytes(key)))
        return FAIL(err, ERR_INPUT, "belongs to another key");
    return 0;
}

/* Whether the path still leads to the file that is appended to. */
static bool is_in_place(const struct ledger *ledger)
{
    struct stat ours;
    struct stat there;

    return fstat(ledger->fd, &ours) == 0 && lstat(ledger->path, &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

static int replace_file(struct ledger *ledger, struct bytes file, struct err *err)
{
    int fd;

    TRY(file_replace(ledger->path, 0600, file, err));
    fd = open(ledger->path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return FAIL_ERRNO(err, "%s", ledger->path);
    fd_done(&ledger->fd);
    ledger->fd = fd;
    ledger->size = (off_t)file.len;
    ledger->appended = 0;
    ledger->unsynced = 0;
    return 0;
}

/* The whole ledger in its shortest form. */
static int rewrite(struct ledger *ledger, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    const struct spent floor = {.serial = ledger->floor};

    TRY(append_header(&file, ledger->key, err));
    if (ledger->has_ca)
        TRY(append_record(&file, LEDGER_CA, 0, &ledger->ca, err));
    if (ledger->list.serial > 0)
        TRY(append_record(&file, LEDGER_LIST, 0, &ledger->list, err));
    if (ledger->floor > 0)
        TRY(append_record(&file, LEDGER_FLOOR, 0, &floor, err));
    for (size_t i = 0; i < ledger->count; i++)
        if (!ledger->has_ca || ledger->spent[i].serial != ledger->ca.serial)
            TRY(append_record(&file, LEDGER_CERTIFICATE, 0, &ledger->spent[i], err));
    return replace_file(ledger, buf_bytes(&file), err);
}

int ledger_create(const char *path, const struct digest *key, struct err *err)
{
    CLEANUP(buf_done) struct buf there = BUF_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    int rc = file_read(path, FILE_MAX, &there, err);

    if (rc == 0 && (there.len != HEADER_SIZE || check_header(buf_bytes(&there), NULL, NULL) < 0))
        return FAIL(err, ERR_CONFLICT, "%s: holds what a key has signed already", path);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    TRY(append_header(&file, key->value, err));
    return file_replace(path, 0600, buf_bytes(&file), err);
}

int ledger_open(const char *path, const struct digest *key, struct ledger **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(ledger_closep) struct ledger *ledger = NULL;

    TRY(file_read(path, FILE_MAX, &file, err));
    TRY(err_prefix(err, check_header(buf_bytes(&file), key, err), "%s", path));
    ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL)
        return FAIL_NOMEM(err);
    ledger->fd = -1;
    memcpy(ledger->key, key->value, HASH_SIZE);
    TRY(path_format(&ledger->path, err, "%s", path));
    TRY(err_prefix(err,
                   load_records(ledger, bytes_part(buf_bytes(&file), HEADER_SIZE, file.len), err),
                   "%s", path));
    TRY(rewrite(ledger, err));
    *ret = ledger;
    ledger = NULL;
    return 0;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    fd_done(&ledger->fd);
    free_text(&ledger->path);
    free(ledger);
}

void ledger_closep(struct ledger **ledger)
{
    ledger_close(*ledger);
    *ledger = NULL;
}

bool ledger_has_ca(const struct ledger *ledger, struct digest *ret)
{
    if (!ledger->has_ca)
        return false;
    *ret = (struct digest){.alg = DIGEST_SHA256, .len = HASH_SIZE};
    memcpy(ret->value, ledger->ca.hash, HASH_SIZE);
    return true;
}

static int compare_list(const struct ledger *ledger, const struct ledger_entry *entry,
                        bool *ret_known, struct err *err)
{
    const struct spent *last = &ledger->list;

    *ret_known = entry->serial == last->serial &&
                 bytes_equal(bytes_of(last->hash, HASH_SIZE), digest_bytes(&entry->digest));
    if (!*ret_known && entry->serial <= last->serial)
        return FAIL(err, ERR_CONFLICT, "number %u is not higher than the last one, %u",
                    entry->serial, last->serial);
    return 0;
}

/* *ret_known: the same entry is there already. */
static int compare(const struct ledger *ledger, const struct ledger_entry *entry, bool *ret_known,
                   struct err *err)
{
    const struct spent *same = find(ledger, entry->serial);
    struct bytes hash = digest_bytes(&entry->digest);
    bool is_ca_certificate = ledger->has_ca &&
                             bytes_equal(bytes_of(ledger->ca.hash, HASH_SIZE), hash);

    if (entry->kind == LEDGER_LIST)
        return compare_list(ledger, entry, ret_known, err);
    *ret_known = false;
    if (entry->kind == LEDGER_CA && ledger->has_ca) {
        if (!is_ca_certificate)
            return FAIL(err, ERR_CONFLICT, "this key has signed its CA certificate already");
        *ret_known = true;
        return 0;
    }
    if (same != NULL && !bytes_equal(bytes_of(same->hash, HASH_SIZE), hash))
        return FAIL(err, ERR_CONFLICT, "serial number %u was used for other bytes", entry->serial);
    if (same == NULL && entry->serial <= ledger->floor)
        return FAIL(err, ERR_CONFLICT, "serial number %u is spent: all up to %u are", entry->serial,
                    ledger->floor);
    *ret_known = same != NULL;
    return 0;
}

/* At the end of what counts, so that what an earlier failure left there is overwritten. */
static int append(struct ledger *ledger, struct bytes record, struct err *err)
{
    off_t at = ledger->size;

    while (record.len > 0) {
        ssize_t put = pwrite(ledger->fd, record.ptr, record.len, at);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return FAIL_ERRNO(err, "%s: cannot note what is signed", ledger->path);
        record = bytes_part(record, (size_t)put, record.len);
        at += put;
    }
    ledger->size = at;
    ledger->appended++;
    ledger->unsynced++;
    return 0;
}

static int check_in_place(struct ledger *ledger, struct err *err)
{
    ledger->is_lost = ledger->is_lost || !is_in_place(ledger);
    if (ledger->is_lost)
        return FAIL(err, ERR_SYSTEM,
                    "%s: was replaced by somebody, or could not be synced; restart signerd",
                    ledger->path);
    return 0;
}

int ledger_add(struct ledger *ledger, const struct ledger_entry *entry, struct err *err)
{
    CLEANUP(buf_done) struct buf record = BUF_INIT;
    struct spent spent = {.serial = entry->serial};
    bool is_known;

    if (entry->digest.alg != DIGEST_SHA256 || entry->serial == 0)
        return FAIL(err, ERR_USAGE, "a ledger entry without digest or serial number");
    TRY(check_in_place(ledger, err));
    TRY(compare(ledger, entry, &is_known, err));
    if (is_known)
        return 0;
    if (ledger->unsynced == UNSYNCED_MAX)
        TRY(ledger_sync(ledger, err));
    if (ledger->appended >= APPENDED_MAX)
        TRY(rewrite(ledger, err));
    memcpy(spent.hash, entry->digest.value, HASH_SIZE);
    TRY(append_record(&record, (int)entry->kind, ledger->unsynced, &spent, err));
    TRY(append(ledger, buf_bytes(&record), err));
    keep(ledger, entry->kind, &spent);
    return 0;
}

int ledger_sync(struct ledger *ledger, struct err *err)
{
    if (ledger->unsynced == 0)
        return 0;
    TRY(check_in_place(ledger, err));
    if (fdatasync(ledger->fd) < 0) {
        ledger->is_lost = true;
        return FAIL_ERRNO(err, "%s: cannot sync", ledger->path);
    }
    ledger->unsynced = 0;
    return 0;
}

int ledger_note(struct ledger *ledger, const struct ledger_entry *entry, struct err *err)
{
    TRY(ledger_add(ledger, entry, err));
    return ledger_sync(ledger, err);
}
