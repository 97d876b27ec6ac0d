/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Published lists as files without a name, from which they are sent, in whole or in parts, as often
 * as somebody asks. A nation's list is taken out of the database once, and not for each part.
 */
#include "authority/store_sqlite.h"

#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void shelf_init(struct shelf *shelf)
{
    (void)pthread_mutex_init(&shelf->lock, NULL);
    for (size_t i = 0; i < SHELF_PLACES; i++)
        shelf->places[i] = (struct shelf_place){.fd = -1};
    shelf->uses = 0;
}

void shelf_done(struct shelf *shelf)
{
    for (size_t i = 0; i < SHELF_PLACES; i++)
        fd_done(&shelf->places[i].fd);
    (void)pthread_mutex_destroy(&shelf->lock);
}

/* The one that had this list, or else the one that nobody has wanted for longest. */
static struct shelf_place *place_for(struct shelf *shelf, const char *name)
{
    struct shelf_place *oldest = &shelf->places[0];

    for (size_t i = 0; i < SHELF_PLACES; i++) {
        struct shelf_place *place = &shelf->places[i];

        if (place->fd >= 0 && strcmp(place->name, name) == 0)
            return place;
        if (place->used < oldest->used)
            oldest = place;
    }
    return oldest;
}

static int fill(struct authority_store *store, const char *name, struct shelf_place *place,
                struct err *err)
{
    CLEANUP(fd_done) int fd = -1;
    int64_t file;
    off_t size;

    TRY(authority_store_scratch(store, &fd, err));
    TRY(authority_copy_crl(store, name, fd, NULL, &file, err));
    size = lseek(fd, 0, SEEK_END);
    if (size < 0)
        return FAIL_ERRNO(err, "a list cannot be measured");
    fd_done(&place->fd);
    *place = (struct shelf_place){.fd = fd, .file = file, .size = (size_t)size};
    (void)snprintf(place->name, sizeof place->name, "%s", name);
    fd = -1;
    return 0;
}

static int open_place(const struct shelf_place *place, struct open_crl *ret, struct err *err)
{
    int fd = fcntl(place->fd, F_DUPFD_CLOEXEC, 0);

    if (fd < 0)
        return FAIL_ERRNO(err, "a list cannot be opened once more");
    *ret = (struct open_crl){.fd = fd, .size = place->size, .file = place->file};
    return 0;
}

/* Whoever wants another list meanwhile waits: two at once would take as long, and twice the disk.
 */
int authority_open_crl(struct authority_store *store, const char *name, struct open_crl *ret,
                       struct err *err)
{
    struct shelf *shelf = &store->shelf;
    struct shelf_place *place;
    int64_t file;
    int rc;

    TRY(crl_find_file(store, name, &file, NULL, err));
    (void)pthread_mutex_lock(&shelf->lock);
    place = place_for(shelf, name);
    rc = place->fd >= 0 && place->file == file ? 0 : fill(store, name, place, err);
    place->used = ++shelf->uses;
    if (rc == 0)
        rc = open_place(place, ret, err);
    (void)pthread_mutex_unlock(&shelf->lock);
    return rc;
}
