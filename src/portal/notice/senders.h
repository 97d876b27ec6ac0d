/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services and sites that may send somebody notices (letter.h): those that he has a consent or a
 * linkage with now, and whether he wants to hear of them. A switch stays as it is when the consent
 * or linkage ends, so whoever gives it again is not written to again. Inside this room only.
 */
#pragma once

#include "audit/audit.h"
#include "portal/portal.h"

/* An array of {id, kind, name, name_en, is_off}. */
MUST_CHECK int notice_senders(const struct portal *portal, const char *account, struct json **ret,
                              struct err *err);
/* ERR_ABSENT unless it is one of those. */
MUST_CHECK int notice_sender_switch(const struct portal *portal, const char *account,
                                    const char *id, bool is_off, const struct audit_origin *by,
                                    struct err *err);
