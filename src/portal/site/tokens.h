/* SPDX-License-Identifier: Apache-2.0 */
/* What sites are told of people: ID tokens (Core 1.0, 2) and logout tokens (Back-Channel 1.0, 2.4),
 * each for one site alone, signed by signerd. */
#pragma once

#include "portal/portal.h"
#include "portal/site/store.h"

/* Behind the portal's origin: as what it is a provider. */
#define SITE_ISSUER "/sso"

MUST_CHECK int site_id_token(const struct portal *portal, const struct site_login *login,
                             const char *access_token, struct buf *ret, struct err *err);
/* Who an ID token that comes back is of (Core 1.0, 3.1.2.1), which may be old; ERR_UNTRUSTED unless
 * it was made here for this site. */
MUST_CHECK int site_hint_read(const struct portal *portal, const char *site, const char *text,
                              char ret_sub[PORTAL_ID_SIZE], struct err *err);

/*
 * Tell the next site that is due; ERR_ABSENT if none is. One that does not answer is told later,
 * and is no failure here.
 */
MUST_CHECK int site_tell_one(const struct portal *portal, struct err *err);
