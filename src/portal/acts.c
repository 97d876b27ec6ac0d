/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/acts.h"

const struct audit_act portal_acts[] = {
    [ACT_ACCOUNT_MADE] = {"account.made", "account"},
    [ACT_ACCOUNT_LINKED] = {"account.linked", "account"},
    [ACT_SESSION_OPENED] = {"session.opened", "session"},
    [ACT_SESSION_ENDED] = {"session.ended", "session"},
    [ACT_SELFINFO_REQUESTED] = {"selfinfo.requested", "selfinfo-request"},
};
