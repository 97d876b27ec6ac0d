/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an OpenID provider says of itself (OpenID Connect Discovery 1.0, 3), as tables: each
 * provider has its own.
 */
#pragma once

#include "http/route.h"

struct discovery_endpoint {
    const char *member;
    const char *path; /* behind the issuer */
};
struct discovery_list {
    const char *member;
    const char *const *values; /* ended by NULL */
};
struct discovery_flag {
    const char *member;
    bool value;
};
/* Each table is ended by a NULL member. */
struct discovery {
    const struct discovery_endpoint *endpoints;
    const struct discovery_list *lists;
    const struct discovery_flag *flags;
};
/* 200 with all of it, in this order. */
MUST_CHECK int discovery_reply(struct http_call *call, const char *issuer,
                               const struct discovery *discovery, struct err *err);

/* The members of that body, in the row's own table. */
#define DISCOVERY_ENDPOINT(name_, meaning_)                                                        \
    {                                                                                              \
        (name_), HTTP_TEXT, HTTP_REQUIRED, (meaning_)                                              \
    }
#define DISCOVERY_LIST(name_, meaning_)                                                            \
    {                                                                                              \
        (name_), HTTP_ARRAY, HTTP_REQUIRED, (meaning_)                                             \
    }
#define DISCOVERY_FLAG(name_, meaning_)                                                            \
    {                                                                                              \
        (name_), HTTP_BOOL, HTTP_REQUIRED, (meaning_)                                              \
    }
