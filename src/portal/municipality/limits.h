/* SPDX-License-Identifier: Apache-2.0 */
/* What municipalities are limited to; each has a test at the limit and one past it. */
#pragma once

enum {
    MUNICIPALITY_KEYS_MAX = 16,     /* keys of a municipality that are not revoked */
    MUNICIPALITY_KEY_NAME_MAX = 64, /* characters of the name of one */
    MUNICIPALITY_STAFF_MAX = 64,    /* people who work for a municipality or are invited */
    MUNICIPALITY_INVITATION_DAYS_MAX = 3650,
    MUNICIPALITY_DRAFTS_MAX = 200,   /* texts that a municipality has drafts of */
    MUNICIPALITY_VERSIONS_MAX = 100, /* that are kept of each; the oldest goes */
};
