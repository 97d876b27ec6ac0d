/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sandbox's build of a daemon does to requests beside its routes; all other builds have none
 * (http_server_options.powers is NULL).
 */
#pragma once

#include "base/err.h"

struct http_call;
struct http_member;
struct http_server_options;
struct route;

enum http_said { HTTP_SAID_IN_QUERY, HTTP_SAID_IN_FIELDS };

struct http_powers {
    /*
     * Before a request is looked at, by the thread that handles it: may sleep. A failure is
     * answered as if the handler had it; with call->allowance.is_over as if the rule had.
     */
    int (*before)(struct http_call *call, struct err *err);
    /* The response as it will be sent, in the same thread. */
    void (*after)(struct http_call *call);
    /* What requests of a row may say to it, for the document of the API; NULL: nothing. */
    const struct http_member *(*said)(const struct http_server_options *options,
                                      const struct route *row, enum http_said where);
};
