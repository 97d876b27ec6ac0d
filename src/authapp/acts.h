/* SPDX-License-Identifier: Apache-2.0 */
/* The acts of an OpenID provider as its audit log names them. Inside this room only. */
#pragma once

#include "audit/audit.h"

enum authapp_act {
    ACT_CLIENT_ADDED,
    ACT_CLIENT_REMOVED,
    ACT_CLIENT_SECRET_RENEWED,
    ACT_LOGIN_ANSWERED, /* the outcome is the platform's verdict, in the next one as well */
    ACT_LOGIN_REFUSED,  /* or "wrong-codes" */
    ACT_LOGIN_CANCELLED,
    ACT_SIGNING_OPENED,
    ACT_SIGNING_SIGNED, /* the card's signature is there; what it is worth says a platform */
    ACT_SIGNING_DENIED, /* why: "by-holder", "in-browser", "wrong-codes" */
    ACT_GRANT_MADE,
    ACT_GRANT_ENDED, /* why: "revoked", "logout", "code-replayed", "refresh-replayed" */
};

extern const struct audit_act authapp_acts[];
