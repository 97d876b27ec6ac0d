/* SPDX-License-Identifier: Apache-2.0 */
/* What notices are limited to; each has a test at the limit and one past it. */
#pragma once

enum {
    NOTICE_NAME_MAX = 100, /* characters of a name in a notice */
    NOTICE_LINK_MAX = 100, /* characters of the page that a notice leads to */
};
