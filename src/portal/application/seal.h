/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of people who sign an application through the authentication app: they encrypt them
 * to the portal, because the document has to hold the certificate (docs/decisions/0094). Nobody in
 * between reads them. Inside this sub-room.
 */
#pragma once

#include "portal/portal.h"

/* What a compact JWE holds. ERR_UNTRUSTED if it is encrypted to another key. */
MUST_CHECK int portal_seal_open(const struct portal *portal, const char *compact, struct buf *ret,
                                struct err *err);
