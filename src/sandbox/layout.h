/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory of a sandbox: where it is, that it is ours, that only one supervisor uses it, and
 * how it is emptied again.
 *
 *   .jpki-sandbox   the marker: without it a directory is never touched
 *   lock            held (fcntl) by the running supervisor
 *   plugged         name of the persona whose card is in the reader; a request to the supervisor
 *   clock           how far the sandbox's time is ahead (clock_file.h)
 *   state/          what runs, written by the supervisor (state.h)
 *   trace/          steps that the programs of this run did (base/trace.h)
 *   providers/      keys of the platform's providers
 *   issuer-keys/    keys for the free areas of the personas' cards
 *   certificates/   of responders, verifiers and the keys of card data
 *   card-anchors/   public keys of the roots of card data, for those who read cards
 *   page/           socket of the start page
 *   signer-ca/ signer-ocsp/ signer-token/ signer-card/ authority/ register/ ocsp/ platform/
 * authapp/ pcscd/ card/    what belongs to one program, and its socket clerks/         cards of the
 * register's clerks, and their sockets conf/ log/ anchors/ personas/ programs/       copies of the
 * programs, where their users cannot reach the originals (stage.h)
 *
 * As root the directory is 0710 with a group of its own, because each program has its own user;
 * a plain user's is 0700.
 */
#pragma once

#include "base/bytes.h"

#include <sys/types.h>

struct layout {
    char *dir;    /* absolute, no trailing slash */
    int lock_fd;  /* -1 while not locked */
    int watch_fd; /* the lock file, to look at; -1: opened each time */
};

#define LAYOUT_INIT                                                                                \
    {                                                                                              \
        NULL, -1, -1                                                                               \
    }

/*
 * The directory asked for, or where NULL: /run/jpki-sandbox as root, else
 * $XDG_RUNTIME_DIR/jpki-sandbox, else /tmp/jpki-sandbox-UID. Nothing is made. ERR_INPUT if the path
 * leaves no room for sockets.
 */
MUST_CHECK int layout_init(const char *dir, struct layout *ret, struct err *err);
/* Unlocks; accepts an empty one. */
void layout_done(struct layout *layout);

/*
 * Make the directory with its marker, or accept the one that is there. ERR_CONFLICT if a
 * directory is there that is not a sandbox and not empty, or if another version made it;
 * ERR_INPUT if other users are needed and cannot get there.
 */
MUST_CHECK int layout_claim(const struct layout *layout, struct err *err);
/* The same, and everything below it. */
MUST_CHECK int layout_make(const struct layout *layout, struct err *err);
/* ERR_ABSENT if there is no sandbox in this directory. */
MUST_CHECK int layout_check(const struct layout *layout, struct err *err);

/* ERR_CONFLICT, naming the process, if another supervisor uses the directory. */
MUST_CHECK int layout_lock(struct layout *layout, struct err *err);
/*
 * For whoever is about to give up the rights to look: layout_running goes on to tell whether the
 * supervisor of now, or a later one of this directory, runs.
 */
MUST_CHECK int layout_watch(struct layout *layout, struct err *err);
/* For the holder of the lock: false once somebody has removed the directory. */
bool layout_is_there(const struct layout *layout);
/* The supervisor's process id; 0 if none runs, -1 if it cannot be seen from here. */
MUST_CHECK int layout_supervisor(const struct layout *layout, pid_t *ret, struct err *err);
/* The same for those who need one: ERR_ABSENT if there is no sandbox or none runs. */
MUST_CHECK int layout_running(const struct layout *layout, pid_t *ret, struct err *err);

/*
 * Remove what a sandbox made, so that the next start begins afresh. The caller holds the lock.
 * Only a directory with our marker is touched, and in it only our own files and folders; links
 * are removed, never followed, and no other file system is entered.
 */
MUST_CHECK int layout_reset(const struct layout *layout, struct err *err);

/* "DIR/" and a path below it; release with free_text. */
MUST_CHECK int layout_path(const struct layout *layout, const char *below, char **ret,
                           struct err *err);
