/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/acts.h"

const struct audit_act authapp_acts[] = {
    [ACT_CLIENT_ADDED] = {"client.added", "client"},
    [ACT_CLIENT_REMOVED] = {"client.removed", "client"},
    [ACT_CLIENT_SECRET_RENEWED] = {"client.secret-renewed", "client"},
    [ACT_LOGIN_ANSWERED] = {"login.answered", "login"},
    [ACT_LOGIN_REFUSED] = {"login.refused", "login"},
    [ACT_LOGIN_CANCELLED] = {"login.cancelled", "login"},
    [ACT_SIGNING_OPENED] = {"signing.opened", "signing"},
    [ACT_SIGNING_SIGNED] = {"signing.signed", "signing"},
    [ACT_SIGNING_DENIED] = {"signing.denied", "signing"},
    [ACT_GRANT_MADE] = {"grant.made", "grant"},
    [ACT_GRANT_ENDED] = {"grant.ended", "grant"},
};
