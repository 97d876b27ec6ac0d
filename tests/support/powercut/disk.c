/* SPDX-License-Identifier: Apache-2.0 */
#include "disk.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHANGES_MAX = 16384, NUMBER_FIRST = 16 };

/* live: as programs see it; kept: as it lies on the disk. */
struct file {
    uint64_t number; /* 0: there is none in this place */
    uint64_t mark;
    struct buf live, kept;
    mode_t mode;
    unsigned users;
};

/* Which file a name led to when the power went. */
struct mark {
    char text[DISK_NAME_MAX + 1];
    uint64_t mark;
};

struct name {
    char text[DISK_NAME_MAX + 1];
    size_t file;
};

struct names {
    struct name rows[DISK_NAMES_MAX];
    size_t count;
};

enum change_kind { CHANGE_WRITE, CHANGE_SIZE, CHANGE_NAME, CHANGE_NO_NAME, CHANGE_RENAME };

/* Done to the live state and not to the kept one. */
struct change {
    enum change_kind kind;
    size_t file;
    size_t offset; /* CHANGE_WRITE; CHANGE_SIZE: the size */
    struct buf data;
    char name[DISK_NAME_MAX + 1];
    char from[DISK_NAME_MAX + 1]; /* CHANGE_RENAME */
};

struct disk {
    const char *platter;
    bool is_off;
    bool is_full;
    bool kills_now;
    uint64_t last_number;         /* of a file, for ever */
    unsigned operations, counted; /* all, and those that the order counts */
    struct disk_order order;
    char struck[DISK_STRUCK_SIZE];
    uint64_t coin;
    struct file files[DISK_FILES_MAX];
    struct names live, kept;
    struct mark marks[DISK_NAMES_MAX];
    size_t mark_count;
    struct change changes[CHANGES_MAX];
    size_t change_count;
};

/* xorshift64*: the same throws for the same seed, on every machine. */
static bool throw_coin(struct disk *disk)
{
    disk->coin ^= disk->coin >> 12;
    disk->coin ^= disk->coin << 25;
    disk->coin ^= disk->coin >> 27;
    return (disk->coin * 0x2545f4914f6cdd1d) >> 63;
}

static struct name *find(struct names *names, const char *text)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->rows[i].text, text) == 0)
            return &names->rows[i];
    }
    return NULL;
}

static int set_name(struct names *names, const char *text, size_t file)
{
    struct name *row = find(names, text);

    if (row == NULL) {
        if (names->count == DISK_NAMES_MAX)
            return -ENOSPC;
        row = &names->rows[names->count++];
        memcpy(row->text, text, strlen(text) + 1);
    }
    row->file = file;
    return 0;
}

static void remove_name(struct names *names, const char *text)
{
    struct name *row = find(names, text);

    if (row != NULL)
        *row = names->rows[--names->count];
}

static int put(struct buf *contents, size_t offset, struct bytes data)
{
    size_t end = offset + data.len;

    if (end > contents->len) {
        if (buf_reserve(contents, end - contents->len, NULL) < 0)
            return -ENOMEM;
        memset(contents->ptr + contents->len, 0, end - contents->len);
        contents->len = end;
    }
    if (data.len > 0)
        memcpy(contents->ptr + offset, data.ptr, data.len);
    return 0;
}

static int resize(struct buf *contents, size_t size)
{
    if (size > contents->len)
        return put(contents, size, (struct bytes){NULL, 0});
    contents->len = size;
    return 0;
}

static bool is_about_data(const struct change *change)
{
    return change->kind == CHANGE_WRITE || change->kind == CHANGE_SIZE;
}

/* A write reaches the disk in sectors, and each of them does or does not. */
static int keep_sectors(struct disk *disk, const struct change *change, bool some)
{
    struct bytes rest = buf_bytes(&change->data);
    size_t at = change->offset;

    while (rest.len > 0) {
        struct bytes part = bytes_part(rest, 0, DISK_SECTOR - at % DISK_SECTOR);

        if (!some || throw_coin(disk)) {
            int rc = put(&disk->files[change->file].kept, at, part);

            if (rc < 0)
                return rc;
        }
        at += part.len;
        rest = bytes_part(rest, part.len, rest.len);
    }
    return 0;
}

static int keep(struct disk *disk, const struct change *change, bool some)
{
    switch (change->kind) {
    case CHANGE_WRITE:
        return keep_sectors(disk, change, some);
    case CHANGE_SIZE:
        return resize(&disk->files[change->file].kept, change->offset);
    case CHANGE_NAME:
        return set_name(&disk->kept, change->name, change->file);
    case CHANGE_NO_NAME:
        remove_name(&disk->kept, change->name);
        return 0;
    case CHANGE_RENAME:
        remove_name(&disk->kept, change->from);
        return set_name(&disk->kept, change->name, change->file);
    }
    return 0;
}

/* The one that the disk is at when the power goes. */
static bool is_last_write(const struct disk *disk, size_t at)
{
    for (size_t i = at + 1; i < disk->change_count; i++) {
        if (disk->changes[i].kind == CHANGE_WRITE)
            return false;
    }
    return disk->changes[at].kind == CHANGE_WRITE;
}

static bool survives(struct disk *disk, const struct change *change, enum disk_fate fate)
{
    switch (fate) {
    case DISK_NONE:
        return false;
    case DISK_ALL:
    case DISK_TORN:
        return true;
    case DISK_NAMES:
        return !is_about_data(change);
    case DISK_DATA:
        return is_about_data(change);
    case DISK_SOME:
        return change->kind == CHANGE_WRITE || throw_coin(disk); /* a write: sector by sector */
    }
    return false;
}

/* Keep and forget the changes that are about this file's contents, or about names. */
static int sync_changes(struct disk *disk, bool of_data, size_t file)
{
    size_t left = 0;

    for (size_t i = 0; i < disk->change_count; i++) {
        struct change *change = &disk->changes[i];
        int rc = 0;

        if (is_about_data(change) != of_data || (of_data && change->file != file)) {
            disk->changes[left++] = *change;
            continue;
        }
        rc = keep(disk, change, false);
        buf_done(&change->data);
        if (rc < 0)
            return rc;
    }
    disk->change_count = left;
    return 0;
}

static int clear_platter(const char *platter, struct err *err)
{
    DIR *dir = opendir(platter);
    const struct dirent *entry;

    if (dir == NULL)
        return FAIL_ERRNO(err, "%s", platter);
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_type == DT_REG)
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
    }
    (void)closedir(dir);
    return 0;
}

/* file_replace would sync, and nobody cuts the host's power. */
static int put_on_platter(const struct disk *disk, const struct name *name, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    FILE *file;
    const struct file *from = &disk->files[name->file];
    bool is_whole;

    TRY(path_format(&path, err, "%s/%s", disk->platter, name->text));
    file = fopen(path, "we");
    if (file == NULL)
        return FAIL_ERRNO(err, "%s", path);
    is_whole = from->kept.len == 0 ||
               fwrite(from->kept.ptr, 1, from->kept.len, file) == from->kept.len;
    if (fclose(file) != 0 || !is_whole || chmod(path, from->mode) < 0)
        return FAIL_ERRNO(err, "%s", path);
    return 0;
}

/* Whether contents of this file are not synced. */
static bool is_unsynced(const struct disk *disk, size_t file)
{
    for (size_t i = 0; i < disk->change_count; i++)
        if (is_about_data(&disk->changes[i]) && disk->changes[i].file == file)
            return true;
    return false;
}

/* Remember what was not synced when an order struck. */
static void note_strike(struct disk *disk)
{
    size_t len = 0;

    disk->struck[0] = 0;
    for (size_t i = 0; i < disk->live.count; i++) {
        const struct name *row = &disk->live.rows[i];
        size_t left = sizeof disk->struck - len;

        if (!is_unsynced(disk, row->file) || strlen(row->text) + 2 > left)
            continue;
        len += (size_t)snprintf(disk->struck + len, left, " %s", row->text);
    }
}

static void mark_names(struct disk *disk)
{
    disk->mark_count = disk->kept.count;
    for (size_t i = 0; i < disk->kept.count; i++) {
        const struct name *row = &disk->kept.rows[i];

        memcpy(disk->marks[i].text, row->text, sizeof row->text);
        disk->marks[i].mark = disk->files[row->file].mark;
    }
}

int disk_cut(struct disk *disk, const struct disk_order *how, struct err *err)
{
    if (disk->is_off)
        return 0;
    note_strike(disk);
    disk->is_off = true;
    disk->coin = how->seed * 0x9e3779b97f4a7c15 + 1;
    for (size_t i = 0; i < disk->change_count; i++) {
        struct change *change = &disk->changes[i];

        if (how->fate == DISK_TORN && is_last_write(disk, i))
            change->data.len /= 2;
        if (survives(disk, change, how->fate) && keep(disk, change, how->fate == DISK_SOME) < 0)
            return FAIL_NOMEM(err);
    }
    mark_names(disk);
    TRY(clear_platter(disk->platter, err));
    for (size_t i = 0; i < disk->kept.count; i++)
        TRY(put_on_platter(disk, &disk->kept.rows[i], err));
    return 0;
}

int disk_stop(struct disk *disk, struct err *err)
{
    return disk_cut(disk, &(struct disk_order){.fate = DISK_ALL}, err);
}

static void forget(struct disk *disk)
{
    for (size_t i = 0; i < DISK_FILES_MAX; i++) {
        buf_done(&disk->files[i].live);
        buf_done(&disk->files[i].kept);
        disk->files[i].number = 0;
    }
    for (size_t i = 0; i < disk->change_count; i++)
        buf_done(&disk->changes[i].data);
    disk->change_count = 0;
    disk->live.count = disk->kept.count = 0;
}

/* -ENOSPC if all places are taken. */
static int new_file(struct disk *disk, mode_t mode, size_t *ret)
{
    size_t at = 0;

    while (at < DISK_FILES_MAX && disk->files[at].number != 0)
        at++;
    if (at == DISK_FILES_MAX)
        return -ENOSPC;
    disk->last_number++;
    disk->files[at] = (struct file){
        .number = disk->last_number, .mark = disk->last_number, .mode = mode & 07777};
    *ret = at;
    return 0;
}

static void give_mark(const struct disk *disk, const char *name, struct file *file)
{
    for (size_t i = 0; i < disk->mark_count; i++)
        if (strcmp(disk->marks[i].text, name) == 0)
            file->mark = disk->marks[i].mark;
}

static int load(struct disk *disk, const char *name, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    struct file *file;
    struct stat st;
    size_t at;

    TRY(path_format(&path, err, "%s/%s", disk->platter, name));
    if (stat(path, &st) < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (strlen(name) > DISK_NAME_MAX || new_file(disk, st.st_mode, &at) < 0)
        return FAIL(err, ERR_INPUT, "%s: too many files or too long a name", name);
    file = &disk->files[at];
    give_mark(disk, name, file);
    TRY(file_read(path, DISK_SIZE_MAX, &file->kept, err));
    TRY(buf_copy(buf_bytes(&file->kept), &file->live, err));
    if (set_name(&disk->live, name, at) < 0 || set_name(&disk->kept, name, at) < 0)
        return FAIL(err, ERR_INPUT, "%s: too many names", name);
    return 0;
}

int disk_power_on(struct disk *disk, struct err *err)
{
    DIR *dir = opendir(disk->platter);
    const struct dirent *entry;
    int rc = 0;

    if (dir == NULL)
        return FAIL_ERRNO(err, "%s", disk->platter);
    forget(disk);
    while (rc == 0 && (entry = readdir(dir)) != NULL) {
        if (entry->d_type == DT_REG)
            rc = load(disk, entry->d_name, err);
    }
    (void)closedir(dir);
    disk->is_off = rc < 0;
    disk->is_full = false;
    disk_order(disk, &(struct disk_order){.nth = 0});
    return rc;
}

int disk_new(const char *platter, struct disk **ret, struct err *err)
{
    struct disk *disk = calloc(1, sizeof *disk);
    int rc;

    if (disk == NULL)
        return FAIL_NOMEM(err);
    disk->platter = platter;
    disk->last_number = NUMBER_FIRST;
    rc = disk_power_on(disk, err);
    if (rc < 0)
        disk_free(disk);
    else
        *ret = disk;
    return rc;
}

void disk_free(struct disk *disk)
{
    forget(disk);
    free(disk);
}

void disk_fill(struct disk *disk, bool is_full)
{
    disk->is_full = is_full;
}

void disk_order(struct disk *disk, const struct disk_order *order)
{
    disk->order = *order;
    disk->operations = disk->counted = 0;
    disk->struck[0] = 0;
    disk->kills_now = false;
}

bool disk_is_off(const struct disk *disk)
{
    return disk->is_off;
}

unsigned disk_operations(const struct disk *disk)
{
    return disk->operations;
}

unsigned disk_pending(const struct disk *disk)
{
    return (unsigned)disk->change_count;
}

bool disk_kills_now(const struct disk *disk)
{
    return disk->kills_now;
}

const char *disk_struck(const struct disk *disk)
{
    return disk->struck;
}

static uint64_t number(const struct disk *disk, size_t file)
{
    return disk->files[file].number;
}

static struct file *file_of(struct disk *disk, uint64_t file)
{
    for (size_t i = 0; file != 0 && !disk->is_off && i < DISK_FILES_MAX; i++)
        if (disk->files[i].number == file)
            return &disk->files[i];
    return NULL;
}

static bool has_name(const struct names *names, size_t file)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->rows[i].file == file)
            return true;
    return false;
}

/* As if all that is about a file had come to the disk, where it left no trace. */
static void forget_file(struct disk *disk, size_t file)
{
    size_t left = 0;

    for (size_t i = 0; i < disk->change_count; i++) {
        if (disk->changes[i].file == file)
            buf_done(&disk->changes[i].data);
        else
            disk->changes[left++] = disk->changes[i];
    }
    disk->change_count = left;
    buf_done(&disk->files[file].live);
    buf_done(&disk->files[file].kept);
    disk->files[file].number = 0;
}

/* Files that nobody has open and that have no name, neither now nor on the disk. */
static void forget_lost_files(struct disk *disk)
{
    for (size_t i = 0; i < DISK_FILES_MAX; i++)
        if (disk->files[i].number != 0 && disk->files[i].users == 0 && !has_name(&disk->live, i) &&
            !has_name(&disk->kept, i))
            forget_file(disk, i);
}

void disk_open(struct disk *disk, uint64_t file)
{
    struct file *found = file_of(disk, file);

    if (found != NULL)
        found->users++;
}

void disk_close(struct disk *disk, uint64_t file)
{
    struct file *found = file_of(disk, file);

    if (found == NULL)
        return;
    found->users--;
    forget_lost_files(disk);
}

/* Whether the order is about this file. */
static bool is_meant(const struct disk *disk, size_t file)
{
    const char *start = disk->order.name;

    for (size_t i = 0; i < disk->live.count; i++)
        if (disk->live.rows[i].file == file &&
            strncmp(disk->live.rows[i].text, start, strlen(start)) == 0)
            return true;
    return start[0] == 0;
}

/* Called at the end of each operation that writes; what it changed is still pending. */
static int counted(struct disk *disk, size_t file)
{
    disk->kills_now = false;
    disk->operations++;
    if (!is_meant(disk, file) || ++disk->counted != disk->order.nth)
        return 0;
    disk->kills_now = disk->order.is_kill;
    if (disk->kills_now) {
        note_strike(disk);
        return 0;
    }
    if (disk_cut(disk, &disk->order, NULL) < 0)
        abort(); /* a test that cannot know what survived must not go on */
    return -EIO;
}

static struct change *new_change(struct disk *disk, enum change_kind kind, size_t file)
{
    struct change *change = &disk->changes[disk->change_count];

    if (disk->change_count == CHANGES_MAX)
        return NULL;
    *change = (struct change){.kind = kind, .file = file};
    disk->change_count++;
    return change;
}

static int change_name(struct disk *disk, enum change_kind kind, size_t file, const char *name)
{
    struct change *change;

    if (strlen(name) > DISK_NAME_MAX)
        return -ENAMETOOLONG;
    change = new_change(disk, kind, file);
    if (change == NULL)
        return -ENOSPC;
    memcpy(change->name, name, strlen(name) + 1);
    return 0;
}

int disk_find(struct disk *disk, const char *name, uint64_t *ret_file)
{
    const struct name *row = find(&disk->live, name);

    if (disk->is_off)
        return -EIO;
    if (row == NULL)
        return -ENOENT;
    *ret_file = number(disk, row->file);
    return 0;
}

int disk_name_at(struct disk *disk, size_t index, const char **ret_name, uint64_t *ret_file)
{
    if (disk->is_off)
        return -EIO;
    if (index >= disk->live.count)
        return -ENOENT;
    *ret_name = disk->live.rows[index].text;
    *ret_file = number(disk, disk->live.rows[index].file);
    return 0;
}

int disk_look(struct disk *disk, uint64_t file, struct disk_stat *ret)
{
    const struct file *found = file_of(disk, file);
    unsigned names = 0;

    if (found == NULL)
        return -EIO;
    for (size_t i = 0; i < disk->live.count; i++)
        names += &disk->files[disk->live.rows[i].file] == found;
    *ret = (struct disk_stat){found->mode, names, found->live.len, found->mark};
    return 0;
}

int disk_read(struct disk *disk, uint64_t file, size_t offset, size_t len, struct bytes *ret)
{
    const struct file *found = file_of(disk, file);

    if (found == NULL)
        return -EIO;
    *ret = bytes_part(buf_bytes(&found->live), offset, len);
    return 0;
}

/* Who may read a file is on the disk at once: what is tested here are contents and names. */
int disk_chmod(struct disk *disk, uint64_t file, mode_t mode)
{
    struct file *found = file_of(disk, file);

    if (found == NULL)
        return -EIO;
    found->mode = mode & 07777;
    return 0;
}

int disk_create(struct disk *disk, const char *name, mode_t mode, uint64_t *ret_file)
{
    size_t file;
    int rc;

    if (disk->is_off)
        return -EIO;
    if (find(&disk->live, name) != NULL)
        return -EEXIST;
    if (disk->is_full)
        return -ENOSPC;
    rc = new_file(disk, mode, &file);
    if (rc < 0)
        return rc;
    rc = change_name(disk, CHANGE_NAME, file, name);
    if (rc == 0)
        rc = set_name(&disk->live, name, file);
    if (rc < 0) {
        forget_file(disk, file);
        return rc;
    }
    *ret_file = number(disk, file);
    return counted(disk, file);
}

int disk_write(struct disk *disk, uint64_t file, size_t offset, struct bytes data)
{
    struct file *found = file_of(disk, file);
    struct change *change;

    if (found == NULL)
        return -EIO;
    if (offset > DISK_SIZE_MAX || data.len > DISK_SIZE_MAX - offset)
        return -EFBIG;
    if (disk->is_full && offset + data.len > found->live.len)
        return -ENOSPC;
    change = new_change(disk, CHANGE_WRITE, (size_t)(found - disk->files));
    if (change == NULL)
        return -ENOSPC;
    change->offset = offset;
    if (buf_append(&change->data, data, NULL) < 0 || put(&found->live, offset, data) < 0)
        return -ENOMEM;
    return counted(disk, (size_t)(found - disk->files));
}

int disk_resize(struct disk *disk, uint64_t file, size_t size)
{
    struct file *found = file_of(disk, file);
    struct change *change;

    if (found == NULL)
        return -EIO;
    if (size > DISK_SIZE_MAX)
        return -EFBIG;
    if (disk->is_full && size > found->live.len)
        return -ENOSPC;
    change = new_change(disk, CHANGE_SIZE, (size_t)(found - disk->files));
    if (change == NULL)
        return -ENOSPC;
    change->offset = size;
    if (resize(&found->live, size) < 0)
        return -ENOMEM;
    return counted(disk, (size_t)(found - disk->files));
}

int disk_link(struct disk *disk, uint64_t file, const char *name)
{
    struct file *found = file_of(disk, file);
    int rc;

    if (found == NULL)
        return -EIO;
    if (find(&disk->live, name) != NULL)
        return -EEXIST;
    rc = change_name(disk, CHANGE_NAME, (size_t)(found - disk->files), name);
    if (rc == 0)
        rc = set_name(&disk->live, name, (size_t)(found - disk->files));
    return rc < 0 ? rc : counted(disk, (size_t)(found - disk->files));
}

int disk_unlink(struct disk *disk, const char *name)
{
    const struct name *row = find(&disk->live, name);
    size_t file;
    int rc;

    if (disk->is_off)
        return -EIO;
    if (row == NULL)
        return -ENOENT;
    file = row->file;
    rc = change_name(disk, CHANGE_NO_NAME, file, name);
    if (rc < 0)
        return rc;
    remove_name(&disk->live, name);
    return counted(disk, file);
}

int disk_rename(struct disk *disk, const char *from, const char *to)
{
    const struct name *row = find(&disk->live, from);
    size_t file;
    int rc;

    if (disk->is_off)
        return -EIO;
    if (row == NULL)
        return -ENOENT;
    file = row->file;
    rc = change_name(disk, CHANGE_RENAME, file, to);
    if (rc < 0)
        return rc;
    memcpy(disk->changes[disk->change_count - 1].from, from, strlen(from) + 1);
    remove_name(&disk->live, from);
    rc = set_name(&disk->live, to, file);
    return rc < 0 ? rc : counted(disk, file);
}

/* A cut in here finds nothing synced yet, or by the order's fate all or a part of it. */
static int counted_sync(struct disk *disk, bool of_data, size_t file)
{
    int rc = counted(disk, file);

    return rc < 0 ? rc : sync_changes(disk, of_data, file);
}

int disk_sync(struct disk *disk, uint64_t file)
{
    const struct file *found = file_of(disk, file);

    return found == NULL ? -EIO : counted_sync(disk, true, (size_t)(found - disk->files));
}

int disk_sync_names(struct disk *disk)
{
    int rc = disk->is_off ? -EIO : counted_sync(disk, false, DISK_FILES_MAX);

    if (rc == 0)
        forget_lost_files(disk);
    return rc;
}
