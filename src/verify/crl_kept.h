/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One revocation list as it is kept: taken apart, its signature proven and its entries collected
 * once, the bytes themselves gone. Shared between those who hold it, each of whom gives it back;
 * nobody changes it.
 */
#pragma once

#include "verify/anchors.h"
#include "verify/index_status.h"

#include <sys/stat.h>

struct crl_kept;

/* How much may still be kept; goes down with each list. */
struct crl_room {
    size_t entries;
};

/*
 * A list (DER) that may have been signed by one of the anchors, which must live as long. What
 * cannot be read becomes a kept list that says so. Fails only for trouble of this machine.
 */
MUST_CHECK int crl_kept_make(struct bytes der, const char *name, const struct anchors *anchors,
                             struct crl_room *room, struct crl_kept **ret, struct err *err);
/* The same of a file, whose state is remembered; ERR_ABSENT if it has gone. */
MUST_CHECK int crl_kept_read(const char *path, const char *name, const struct anchors *anchors,
                             struct crl_room *room, struct crl_kept **ret, struct err *err);
struct crl_kept *crl_kept_share(struct crl_kept *kept);
void crl_kept_free(struct crl_kept *kept);
void crl_kept_freep(struct crl_kept **kept);

/* NULL if it could not be read. A list for CAs only covers nothing: see crl_kept_is_for_users. */
const struct revocation_index *crl_kept_index(const struct crl_kept *kept);
bool crl_kept_is_for_users(const struct crl_kept *kept);
/* As it was given. */
const char *crl_kept_name(const struct crl_kept *kept);
/* Whether inode, size and times are those of then; of what is no file all of them are zero. */
bool crl_kept_is_same(const struct crl_kept *kept, const struct stat *now);
size_t crl_kept_entries(const struct crl_kept *kept);
