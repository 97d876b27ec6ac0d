/* SPDX-License-Identifier: Apache-2.0 */
/* An API to write down. The card's stands apart: its room and the register's use the same words. */
#pragma once

#include "http/server.h"

struct api {
    const struct http_about *about;
    const struct route *routes;        /* one table, */
    const struct route *const *tables; /* or several, ended by NULL */
};

extern const struct api openapi_card;
