/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP client: one exchange with a limit on everything. http and https only, no redirects, no
 * proxy, no cookies, no credentials from the environment. Any thread may call it.
 */
#pragma once

#include "base/json.h"
#include "fetch/limits.h"

struct fetch_field {
    const char *name;
    const char *value;
};

/* A body that is not JSON. */
struct fetch_content {
    const char *type; /* "application/ocsp-request" */
    struct bytes data;
};

struct fetch_request {
    const char *method;                  /* "GET", "POST", ...; NULL: GET, or POST with a body */
    const char *socket;                  /* path of a Unix socket; NULL: url is absolute */
    const char *url;                     /* with a socket: path and query ("/v1/cas/sign") */
    const struct json *body;             /* NULL: none */
    const struct fetch_content *content; /* instead of body; NULL: none */
    const char *accept;                  /* media types of the answer; NULL: JSON */
    const char *traceparent;             /* of the request that causes this one; NULL: none */
    const struct fetch_field *fields; /* further header fields, ended by a NULL name; NULL: none */
    int timeout_ms;                   /* all tries together; 0: FETCH_TIMEOUT_MS */
    size_t limit;                     /* bytes of the answer; 0: FETCH_BODY_DEFAULT */
    const int *file;    /* gets the body of a 2xx answer, which may be long; NULL: memory */
    unsigned retries;   /* further tries after a failure to connect, a cut or a 5xx */
    char *problem;      /* FETCH_PROBLEM_SIZE; gets the type of a refusal's problem, or "" */
    bool is_public;     /* only to addresses of the Internet at large: the url is a stranger's */
    bool is_idempotent; /* this POST or PATCH may be sent twice; without it retries are refused */
};

struct fetch_response {
    unsigned status;
    struct buf body;   /* empty if a file has it */
    struct json *json; /* the body, where its type is JSON; else NULL */
};

#define FETCH_RESPONSE_INIT                                                                        \
    {                                                                                              \
        0, BUF_INIT, NULL                                                                          \
    }

/*
 * 0 for a 2xx answer. Everything else is a failure whose detail is the HTTP status (0: there was
 * no answer) and whose text is the peer's own sentence if it sent a problem (RFC 9457):
 * ERR_INPUT 400 and other 4xx, ERR_DENIED 401 403, ERR_ABSENT 404 410, ERR_CONFLICT 409,
 * ERR_UNTRUSTED 422 of that kind, ERR_REMOTE 3xx, 408, 429, 5xx, unreachable, late, oversized or
 * malformed. ERR_USAGE for a request that must not be sent.
 */
MUST_CHECK int fetch(const struct fetch_request *request, struct fetch_response *ret,
                     struct err *err);
void fetch_response_done(struct fetch_response *response);

/* Percent-encode text as one path segment or query value and append it (RFC 3986, 2.3). */
MUST_CHECK int fetch_escape(struct buf *buf, const char *text, struct err *err);
