/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of a test's own, removed with everything in it when its scope ends. */
#pragma once

enum { TEMPDIR_PATH_SIZE = 64, TEMPDIR_FILE_SIZE = 104 };

struct tempdir {
    char path[TEMPDIR_PATH_SIZE]; /* short, so that sockets fit into sun_path */
};

/* CLEANUP(tempdir_done) struct tempdir dir = tempdir_make(); a failure ends the test. */
struct tempdir tempdir_make(void);
void tempdir_done(struct tempdir *dir);
/* "DIR/NAME" in the caller's array, which it returns. */
const char *tempdir_file(const struct tempdir *dir, const char *name, char ret[TEMPDIR_FILE_SIZE]);
