/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/crl_shelf.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct crl_shelf {
    atomic_size_t holders;
    size_t anchors_count;    /* CAs there were; another one may vouch for what nobody did */
    struct stat place;       /* of the path; zeros if there is none */
    struct crl_kept **kept;  /* by point, those for everything first */
    struct crl_kept **named; /* the same by name */
    size_t count;
    size_t capacity;
    bool is_cut; /* some were not looked at */
    struct crl_room room;
};

void crl_shelf_free(struct crl_shelf *shelf)
{
    if (shelf == NULL || atomic_fetch_sub(&shelf->holders, 1) > 1)
        return;
    for (size_t i = 0; i < shelf->count; i++)
        crl_kept_free(shelf->kept[i]);
    free(shelf->kept);
    free(shelf->named);
    free(shelf);
}

void crl_shelf_freep(struct crl_shelf **shelf)
{
    crl_shelf_free(*shelf);
    *shelf = NULL;
}

struct crl_shelf *crl_shelf_share(struct crl_shelf *shelf)
{
    (void)atomic_fetch_add(&shelf->holders, 1);
    return shelf;
}

static struct bytes point_of(const struct crl_kept *kept)
{
    const struct revocation_index *index = crl_kept_index(kept);

    return index == NULL ? (struct bytes){NULL, 0} : index->point;
}

static int compare_points(const void *left, const void *right)
{
    const struct crl_kept *const *a = left;
    const struct crl_kept *const *b = right;

    return bytes_compare(point_of(*a), point_of(*b));
}

/* Takes kept over, also on failure. */
static int put(struct crl_shelf *shelf, struct crl_kept *kept, struct err *err)
{
    if (shelf->count == shelf->capacity) {
        size_t capacity = shelf->capacity == 0 ? 16 : shelf->capacity * 2;
        struct crl_kept **grown = calloc(capacity, sizeof(struct crl_kept *));

        if (grown == NULL) {
            crl_kept_free(kept);
            return FAIL_NOMEM(err);
        }
        if (shelf->count > 0)
            memcpy(grown, shelf->kept, shelf->count * sizeof(struct crl_kept *));
        free(shelf->kept);
        shelf->kept = grown;
        shelf->capacity = capacity;
    }
    shelf->kept[shelf->count++] = kept;
    return 0;
}

static int compare_names(const void *left, const void *right)
{
    const struct crl_kept *const *a = left;
    const struct crl_kept *const *b = right;

    return strcmp(crl_kept_name(*a), crl_kept_name(*b));
}

static int compare_with_name(const void *name, const void *right)
{
    const struct crl_kept *const *kept = right;

    return strcmp(name, crl_kept_name(*kept));
}

/* The list of that name if it is the same as before, or NULL; it is still to be shared. */
static struct crl_kept *find_before(const struct crl_shelf *before, const char *name,
                                    const struct stat *now, const struct crl_room *room)
{
    struct crl_kept **found = before == NULL || before->count == 0
                                  ? NULL
                                  : bsearch(name, before->named, before->count,
                                            sizeof before->named[0], compare_with_name);

    return found != NULL && crl_kept_is_same(*found, now) &&
                   crl_kept_entries(*found) <= room->entries
               ? *found
               : NULL;
}

static int put_again(struct crl_shelf *shelf, struct crl_kept *kept, struct err *err)
{
    shelf->room.entries -= crl_kept_entries(kept);
    return put(shelf, crl_kept_share(kept), err);
}

static int put_file(struct crl_shelf *shelf, const struct crl_stock *stock, const char *path,
                    const char *name, const struct crl_shelf *before, struct err *err)
{
    struct crl_kept *kept = NULL;
    struct stat now;
    int rc;

    if (stat(path, &now) < 0)
        return errno == ENOENT ? 0 : FAIL_ERRNO(err, "%s", path);
    kept = find_before(before, name, &now, &shelf->room);
    if (kept != NULL)
        return put_again(shelf, kept, err);
    rc = crl_kept_read(path, name, stock->anchors, &shelf->room, &kept, err);
    if (rc < 0)
        return rc == -ERR_ABSENT ? 0 : rc;
    return put(shelf, kept, err);
}

/* Its name is none that a file in a directory can have. */
static int put_memory(struct crl_shelf *shelf, const struct crl_stock *stock, size_t nth,
                      const struct crl_shelf *before, struct err *err)
{
    static const struct stat no_file;
    CLEANUP(free_text) char *name = NULL;
    struct crl_kept *kept;

    TRY(path_format(&name, err, "/%zu", nth));
    kept = find_before(before, name, &no_file, &shelf->room);
    if (kept != NULL)
        return put_again(shelf, kept, err);
    TRY(crl_kept_make(stock->memory[nth], name, stock->anchors, &shelf->room, &kept, err));
    return put(shelf, kept, err);
}

static int sort(struct crl_shelf *shelf, struct err *err)
{
    if (shelf->count == 0)
        return 0;
    shelf->named = calloc(shelf->count, sizeof(struct crl_kept *));
    if (shelf->named == NULL)
        return FAIL_NOMEM(err);
    memcpy(shelf->named, shelf->kept, shelf->count * sizeof(struct crl_kept *));
    qsort(shelf->kept, shelf->count, sizeof shelf->kept[0], compare_points);
    qsort(shelf->named, shelf->count, sizeof shelf->named[0], compare_names);
    return 0;
}

static void dir_done(DIR **dir)
{
    if (*dir != NULL)
        (void)closedir(*dir);
}

static bool is_list_name(const char *name)
{
    size_t len = strlen(name);

    return len > 4 && strcmp(name + len - 4, ".crl") == 0;
}

static int put_directory(struct crl_shelf *shelf, const struct crl_stock *stock,
                         const struct crl_shelf *before, struct err *err)
{
    CLEANUP(dir_done) DIR *dir = opendir(stock->path);
    const struct dirent *entry;
    size_t files = 0;

    if (dir == NULL)
        return FAIL_ERRNO(err, "%s", stock->path);
    while ((entry = readdir(dir)) != NULL) {
        CLEANUP(free_text) char *file = NULL;

        if (!is_list_name(entry->d_name))
            continue;
        if (++files > stock->limits->files) {
            shelf->is_cut = true;
            return 0;
        }
        TRY(path_format(&file, err, "%s/%s", stock->path, entry->d_name));
        TRY(put_file(shelf, stock, file, entry->d_name, before, err));
    }
    return 0;
}

/* What is not there is zeros. */
static int look_at(const char *path, struct stat *ret, struct err *err)
{
    memset(ret, 0, sizeof *ret);
    if (path != NULL && stat(path, ret) < 0) {
        memset(ret, 0, sizeof *ret);
        if (errno != ENOENT)
            return FAIL_ERRNO(err, "%s", path);
    }
    return 0;
}

static int fill(struct crl_shelf *shelf, const struct crl_stock *stock,
                const struct crl_shelf *before, struct err *err)
{
    for (size_t i = 0; i < stock->memory_count; i++)
        TRY(put_memory(shelf, stock, i, before, err));
    TRY(look_at(stock->path, &shelf->place, err));
    if (S_ISDIR(shelf->place.st_mode))
        TRY(put_directory(shelf, stock, before, err));
    else if (shelf->place.st_mode != 0)
        TRY(put_file(shelf, stock, stock->path, ".", before, err));
    return sort(shelf, err);
}

int crl_shelf_make(const struct crl_stock *stock, const struct crl_shelf *before,
                   struct crl_shelf **ret, struct err *err)
{
    CLEANUP(crl_shelf_freep) struct crl_shelf *shelf = calloc(1, sizeof *shelf);

    if (shelf == NULL)
        return FAIL_NOMEM(err);
    atomic_init(&shelf->holders, 1);
    shelf->room.entries = stock->limits->entries;
    shelf->anchors_count = anchors_count(stock->anchors);
    if (before != NULL && before->anchors_count != shelf->anchors_count)
        before = NULL;
    TRY(fill(shelf, stock, before, err));
    *ret = shelf;
    shelf = NULL;
    return 0;
}

int crl_shelf_is_stale(const struct crl_shelf *shelf, const struct crl_stock *stock, bool *ret,
                       struct err *err)
{
    const struct stat *then = &shelf->place;
    struct stat now;

    TRY(look_at(stock->path, &now, err));
    *ret = shelf->anchors_count != anchors_count(stock->anchors) || now.st_dev != then->st_dev ||
           now.st_ino != then->st_ino || now.st_size != then->st_size ||
           now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
           now.st_mtim.tv_nsec != then->st_mtim.tv_nsec ||
           now.st_ctim.tv_sec != then->st_ctim.tv_sec ||
           now.st_ctim.tv_nsec != then->st_ctim.tv_nsec;
    return 0;
}

/* The first that covers no place before this one. */
static size_t lower_bound(const struct crl_shelf *shelf, struct bytes point)
{
    size_t low = 0;
    size_t left = shelf->count;

    while (left > 0) {
        size_t half = left / 2;

        if (bytes_compare(point_of(shelf->kept[low + half]), point) < 0) {
            low += half + 1;
            left -= half + 1;
        } else {
            left = half;
        }
    }
    return low;
}

static void search_point(const struct crl_shelf *shelf, struct bytes point,
                         struct index_search *search)
{
    for (size_t i = lower_bound(shelf, point);
         i < shelf->count && bytes_equal(point_of(shelf->kept[i]), point); i++) {
        const struct revocation_index *index = crl_kept_index(shelf->kept[i]);

        if (index == NULL) /* it may be the list that is needed */
            report_add(&search->problems, REASON_CRL_UNREADABLE);
        else if (crl_kept_is_for_users(shelf->kept[i]))
            index_search_look(search, index);
    }
}

void crl_shelf_search(const struct crl_shelf *shelf, struct index_search *search)
{
    static const struct bytes everything;
    struct bytes point = x509_cert_tbs(search->question->cert)->distribution_point;

    if (shelf->is_cut)
        report_add(&search->problems, REASON_CRL_UNREADABLE);
    search_point(shelf, everything, search);
    if (point.len > 0)
        search_point(shelf, point, search);
}
