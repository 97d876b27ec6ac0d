/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has happened since a set of revocations was made, on top of it: a set of millions is not
 * made again for each event. Immutable; 16 bytes for each certificate that something happened to.
 */
#pragma once

#include "ocsp/pending.h"
#include "revocation/set.h"

struct overlay;

/*
 * A new overlay: what was in old (NULL: nothing), and then these events, which are sorted by it.
 * set is below (NULL: nothing). ERR_INPUT for an event that cannot follow what was before: only
 * what is not revoked can be revoked, only a hold can be lifted, or become a revocation for another
 * reason.
 */
MUST_CHECK int overlay_apply(const struct revocation_set *set, const struct overlay *old,
                             struct pending *events, struct overlay **ret, struct err *err);
void overlay_free(struct overlay *overlay);
void overlay_freep(struct overlay **overlay);
/* Certificates in it; 0 for NULL. */
size_t overlay_count(const struct overlay *overlay);

/* ERR_ABSENT if the serial is not revoked; either layer may be NULL. */
MUST_CHECK int overlay_find(const struct revocation_set *set, const struct overlay *overlay,
                            uint32_t serial, struct revocation *ret, struct err *err);
/* Both layers as one set; ERR_INPUT as revocation_set_new. */
MUST_CHECK int overlay_flatten(const struct revocation_set *set, const struct overlay *overlay,
                               struct revocation_set **ret, struct err *err);
