/* SPDX-License-Identifier: Apache-2.0 */
/* What municipalities are limited to; each has a test at the limit and one past it. */
#pragma once

enum {
    MUNICIPALITY_KEYS_MAX = 16,     /* keys of a municipality that are not revoked */
    MUNICIPALITY_KEY_NAME_MAX = 64, /* characters of the name of one */
};
