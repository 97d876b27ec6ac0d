/* SPDX-License-Identifier: Apache-2.0 */
/* An ID token that comes back and says who is meant (Core 1.0, 3.1.2.1; RP-Initiated Logout 1.0,
 * 2). */
#pragma once

#include "authapp/authapp.h"
#include "authapp/token/store.h"

struct hint {
    char client_id[AUTHAPP_CLIENT_ID_MAX + 1]; /* that it was made for */
    char sub[SUBJECT_SIZE];
    char sid[AUTHAPP_ID_SIZE];
};
/* ERR_UNTRUSTED unless it is an ID token of ours; it may be old. */
MUST_CHECK int hint_read(const struct authapp *authapp, const char *text, struct hint *ret,
                         struct err *err);
