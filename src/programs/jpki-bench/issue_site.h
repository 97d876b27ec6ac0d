/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The issuing side in a new directory: databases of a register and an authority in this process,
 * a jpki-signerd in one of its own, and people of a nation who have asked for certificates.
 */
#pragma once

#include "authority/authority.h"
#include "nation/nation.h"
#include "register/store.h"

#include <sys/types.h>

struct issue_site {
    char *dir, *socket;
    pid_t signerd;
    struct authority authority;
    struct register_store *residents;
    struct municipalities *places;
    struct nation *people;
    struct buf requests; /* PKCS#10 each behind its length in four bytes */
    struct bytes left;   /* those of them that were not taken yet */
};

/* For CLEANUP; nothing runs yet. */
#define ISSUE_SITE_INIT                                                                            \
    {                                                                                              \
        .dir = NULL                                                                                \
    }

/* Start it with this many requests of keys that are all different. */
MUST_CHECK int issue_site_up(struct issue_site *site, size_t requests, struct err *err);
/* The next request. */
MUST_CHECK int issue_site_take(struct issue_site *site, struct bytes *ret, struct err *err);
/* Stop it and remove its directory. */
void issue_site_down(struct issue_site *site);
