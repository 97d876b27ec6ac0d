/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit of the HTTP server. Each is tested at the limit and one past it. */
#pragma once

enum {
    HTTP_TARGET_MAX = 4096,          /* bytes of path and query as sent: 414 */
    HTTP_FIELDS_MAX = 64,            /* header fields of a request: 431 */
    HTTP_FIELDS_BYTES_MAX = 8192,    /* their names and values: 431 */
    HTTP_PARAMS_MAX = 4,             /* ":name" segments of a route */
    HTTP_QUERY_MAX = 16,             /* query parameters: 400 */
    HTTP_BODY_DEFAULT = 64 * 1024,   /* bytes of a body, where the route says nothing: 413 */
    HTTP_BODY_MAX = 4 * 1024 * 1024, /* what a route may ask for */
    HTTP_DISCARD_MAX = 64 * 1024,    /* read past a refused body to deliver the 413, then cut */
    HTTP_LINGER_BYTES = 1024 * 1024, /* read after an answer that did not wait for the body */
    HTTP_LINGER_MAX = 64,            /* connections that end so; one more: the oldest is cut */
    HTTP_REPLY_FIELDS_MAX = 12,      /* header fields a handler may add */
    HTTP_LOCATION_MAX = 4096,        /* bytes of the address of a redirect */
    HTTP_ROUTES_MAX = 256,
    HTTP_PAGES_MAX = 32,                   /* files of an application for browsers */
    HTTP_PAGE_BYTES_MAX = 2 * 1024 * 1024, /* of one of them */
    HTTP_MEMBERS_MAX = 48,                 /* of the JSON object a route takes */
    HTTP_DEPTH_MAX = 16, /* objects and arrays in each other, in what http/writer.h writes */

    HTTP_WORKERS_DEFAULT = 4,
    HTTP_WORKERS_MAX = 256,
    HTTP_COMPANY_MAX = 8,    /* requests that are handled together */
    HTTP_QUEUE_DEFAULT = 64, /* requests that wait for a worker; one more is a 503 */
    HTTP_QUEUE_MAX = 4096,
    HTTP_CONNECTIONS_DEFAULT = 512, /* one more: the longest idle, or slowest sender, gives way */
    HTTP_CONNECTIONS_MAX = 4096,

    /* Deadlines of one connection, each for a whole phase: trickling bytes do not extend them. */
    HTTP_HEAD_MS = 30 * 1000, /* idle time and the header of the next request */
    HTTP_BODY_MS = 15 * 1000,
    HTTP_WORK_MS = 30 * 1000,       /* waiting for a worker and its work: 503 */
    HTTP_WRITE_MS = 15 * 1000,      /* taking the response */
    HTTP_WRITE_LEAST = 1024 * 1024, /* bytes of a file, in that time: then it begins anew */
    HTTP_WAIT_MS = 25 * 1000,       /* for a bell (http/bell.h), below HTTP_WORK_MS */
    HTTP_LINGER_MS = 2 * 1000,      /* reading on after a refusal, so that it arrives; then cut */
    HTTP_RETRY_AFTER_S = 1,         /* what a 503 asks the client to wait */
};
