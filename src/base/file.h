/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: read with a limit, replaced so that power loss leaves the old or the new one. */
#pragma once

#include "base/bytes.h"

#include <sys/types.h>

/* Closes a descriptor that is not -1: CLEANUP(fd_done) int fd = -1; */
void fd_done(int *fd);

/*
 * The contents of a regular file of at most limit bytes. ERR_ABSENT if there is none, ERR_INPUT
 * if it is larger or not a regular file.
 */
MUST_CHECK int file_read(const char *path, size_t limit, struct buf *ret, struct err *err);
/* The same from an open descriptor up to its end, which may be a pipe. */
MUST_CHECK int file_read_fd(int fd, size_t limit, struct buf *ret, struct err *err);

/*
 * Replace path durably: written beside it, synced, renamed over it, directory synced; or nothing
 * is changed. A link is replaced itself. ERR_INPUT for a device, a pipe or a directory.
 */
MUST_CHECK int file_replace(const char *path, mode_t mode, struct bytes data, struct err *err);
/* The same by draft, a synced file in the same folder; it stays where it is on failure. */
MUST_CHECK int file_replace_by(const char *path, const char *draft, struct err *err);
/* Whether file_replace would, as far as that is known before: ERR_INPUT as of it. */
MUST_CHECK int file_may_replace(const char *path, struct err *err);
/* Like file_replace, but ERR_CONFLICT if path exists, decided by the kernel (link). */
MUST_CHECK int file_create(const char *path, mode_t mode, struct bytes data, struct err *err);

/*
 * Put on the disk what names the directory of path has. A name that was seen may still be lost
 * otherwise, if whoever made it was killed before it had it synced.
 */
MUST_CHECK int file_sync_folder(const char *path, struct err *err);
/* A file without a name in a folder: gone when its descriptor is closed. */
MUST_CHECK int file_scratch(const char *folder, int *ret_fd, struct err *err);
/* Nothing is left in the file, and writing begins at its start. */
MUST_CHECK int file_empty(int fd, struct err *err);
/* write() until all is out. */
MUST_CHECK int file_write_all(int fd, struct bytes data, struct err *err);

/* mkdir that accepts an existing directory of our own; the mode is set either way. */
MUST_CHECK int dir_make(const char *path, mode_t mode, struct err *err);

/* Allocate "DIR/NAME" (printf style); release with free_text. */
MUST_CHECK int path_format(char **ret, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The absolute path of the folder that an existing file or socket lies in, without links; release
 * with free_text.
 */
MUST_CHECK int path_folder(const char *path, char **ret, struct err *err);
