/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom a clerk may look at: what roles one has to have for it, and of which residents. Those who
 * are on their way are seen everywhere, because the counter where they arrive has to find them.
 */
#pragma once

#include "register/routes.h"

enum {
    /* Who looks for people, and whoever looks at one, or at a card. */
    SIGHT_SEARCH = CLERK_ROLE_BIT(ROLE_REGISTRAR) | CLERK_ROLE_BIT(ROLE_ISSUER),
    SIGHT_READ = SIGHT_SEARCH | CLERK_ROLE_BIT(ROLE_APPROVER),
    SIGHT_NUMBER = CLERK_ROLE_BIT(ROLE_REGISTRAR), /* works with individual numbers */
    SIGHT_LOSS = CLERK_ROLE_BIT(ROLE_LOSS_LINE),
};

/* The session of a call, whose clerk has one of the roles; refused with clerk-role. */
MUST_CHECK int sight_session(const struct http_call *call, unsigned roles, struct session *ret,
                             struct err *err);
/* All of it for somebody who looks at a resident, or at a card, by its id; ERR_ABSENT: none. */
MUST_CHECK int sight_resident(const struct http_call *call, const char *id, struct resident *ret,
                              struct err *err);
MUST_CHECK int sight_card(const struct http_call *call, const char *serial, struct card *ret,
                          struct err *err);
