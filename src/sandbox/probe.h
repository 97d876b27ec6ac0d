/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a program does its work, asked from outside as its clients would. */
#pragma once

#include <stdbool.h>

enum probe {
    PROBE_NONE,   /* ready once it runs */
    PROBE_SOCKET, /* ready once somebody accepts on the socket */
    PROBE_HTTP,   /* ready once GET /readyz over the socket answers 200 */
};

/* Waits a second at most. */
bool probe_is_ready(enum probe probe, const char *socket);
