/* SPDX-License-Identifier: Apache-2.0 */
/* What clerks' programs accept at most. Each is tested at the limit and one past it. */
#pragma once

enum {
    CLERK_TEXT_MAX = 256,       /* bytes of an origin, an id, a token, a name */
    CLERK_BODY_MAX = 24 * 1024, /* bytes of what is told with an order */
};
