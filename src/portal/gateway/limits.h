/* SPDX-License-Identifier: Apache-2.0 */
/* What the gateway is limited to; each has a test at the limit and one past it. */
#pragma once

enum {
    GATEWAY_ID_MAX = 32,     /* characters of a client's id */
    GATEWAY_NAME_MAX = 100,  /* characters of its name */
    GATEWAY_RATE_MAX = 1000, /* requests a second that a client may be given */
    GATEWAY_CLIENTS_MAX = 500,
    GATEWAY_RATE_DEFAULT = 20, /* requests a second */
};
