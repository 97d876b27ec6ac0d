/* SPDX-License-Identifier: Apache-2.0 */
/* The acts of a portal as its audit log names them. Inside this room only. */
#pragma once

#include "audit/audit.h"

enum portal_act {
    /* account/ */
    ACT_ACCOUNT_MADE,
    ACT_ACCOUNT_LINKED, /* to the code by which the exchange knows a person; maybe a new one */
    ACT_SESSION_OPENED,
    ACT_SESSION_ENDED, /* why: "logout", "elsewhere", "everywhere", "provider", "replaced" */
    /* selfinfo/ */
    ACT_SELFINFO_REQUESTED,
};

extern const struct audit_act portal_acts[];
