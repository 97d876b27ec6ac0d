/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation by lists: every *.crl (DER) in a directory, or one file, and lists in memory. The list
 * that counts is of the CA's key (never only its name), covers the certificate's distribution
 * point or everything, and holds at the time that is asked about; of several the newest.
 *
 * Each list is read and its signature checked once, at the first question; of it remain eight bytes
 * for each entry. A question looks whether names came or went, and once a second whether files
 * changed; what did is read, and all of it takes effect at once. Questions meanwhile are answered
 * from what was there.
 *
 * Threads: any number may ask at the same time. While lists are added, the path is set or all of it
 * is freed, nobody else may use it.
 */
#pragma once

#include "verify/anchors.h"
#include "verify/limits.h"
#include "verify/status.h"

struct crl_lists;

/* What is beyond is not looked at, so that nothing is known where it may be needed. */
struct crl_limits {
    size_t files;   /* in the directory */
    size_t entries; /* of all lists */
};

/* anchors, whose lists are looked for, must outlive it; CAs may still be added to them. */
MUST_CHECK int crl_lists_new(const struct anchors *anchors, const struct crl_limits *limits,
                             struct crl_lists **ret, struct err *err);
void crl_lists_free(struct crl_lists *lists);
void crl_lists_freep(struct crl_lists **lists);
/* NULL: none. What is not there holds no list. */
MUST_CHECK int crl_lists_set_path(struct crl_lists *lists, const char *path, struct err *err);
/* A copy is kept. ERR_INPUT above CRL_MEMORY_MAX; what it is worth is decided by questions. */
MUST_CHECK int crl_lists_add(struct crl_lists *lists, struct bytes der, struct err *err);
/* Whether there is a path or a list. */
bool crl_lists_are_any(const struct crl_lists *lists);

/* lists must outlive the source. */
struct status_source crl_lists_source(const struct crl_lists *lists);
