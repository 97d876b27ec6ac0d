/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Endpoints as rows. The row is the only registration: who may call it, which query parameters
 * and which JSON body or media type it takes are checked before the handler runs, and what it
 * answers before that is sent. So an endpoint without an access decision, with an unchecked JSON
 * body, or with an answer that nobody has declared cannot be written. A row takes JSON or raw bytes
 * or no body. The document of the API is made of the rows (http/openapi.h).
 */
#pragma once

#include "http/member.h"
#include "http/request.h"
#include "http/response.h"

struct route;
struct http_problem;        /* http/problem.h */
struct http_server_options; /* http/server.h */

/* A call that waits for a bell. */
struct http_pause {
    bool is_possible; /* by a worker of a server with a bell that is not stopping */
    bool is_wanted;
    uint64_t rings;   /* wait until there were more */
    int64_t until_ms; /* monotonic; 0: it has not waited yet */
    uint64_t note;    /* the handler's own, for when it is called again; 0 at first */
};

/* What is left to whoever calls, for the fields RateLimit and RateLimit-Policy of the answer. */
struct http_allowance {
    bool is_there;
    bool is_over;             /* this call is one too many: 429 */
    int64_t limit, remaining; /* calls a second */
    int64_t wait_s;           /* until it may call again */
};

/* One request on its way: what a handler gets. */
struct http_call {
    const struct route *route;
    struct http_request request;
    struct http_response response;
    void *context; /* the server's, shared by all workers */
    void *worker;  /* this worker's own: a database connection; NULL in an inline handler */
    const struct http_server_options *options;
    struct http_pause pause; /* for http_wait and the pool */
    struct http_allowance allowance;
};

/*
 * Wait for the server's bell to ring once more than rings, and ms at most in all, HTTP_WAIT_MS or
 * five sixths of the server's work_ms at most. True: return 0 with no response, and be called again
 * then. False: it is over, or cannot be: answer now. Only once the handler knows what it would
 * answer, and has kept nothing but call->pause.note.
 */
MUST_CHECK bool http_wait(struct http_call *call, uint64_t rings, int64_t ms);

/* Fills call->response, or fails: the failure becomes a problem body (http/problem.h). */
typedef int http_handler_fn(struct http_call *call, struct err *err);

/* How one of several calls went: as if a handler had returned rc. */
struct http_outcome {
    int rc;
    struct err err;
};
/*
 * The same for 2 to HTTP_COMPANY_MAX calls that were waiting for a worker, of rows with this
 * function, for what is cheaper to do once than for each. None of them may wait for a bell. The
 * outcomes are zeroed before.
 */
typedef void http_company_fn(struct http_call *const *calls, struct http_outcome *outcomes,
                             size_t count);

/*
 * Called by the polling thread for a complete request whose access, query and body are as the row
 * says: true if the response is filled. False, with the response untouched: a worker handles it.
 * Never blocks.
 */
typedef bool http_quick_fn(struct http_call *call);

/* A rule about who may call. check gives ERR_DENIED with a sentence that says what is missing. */
struct http_access {
    const char *name; /* in documents and tests */
    int (*check)(const struct http_call *call, struct err *err);
    const char *meaning; /* one sentence for the document */
    bool is_bearer;      /* by a key in the field Authorization (RFC 6750) */
    const char *cookie;  /* by this cookie, of a browser's session; or else by is_bearer; or NULL */
    /*
     * Once a call, behind check: what is left to whoever calls. If it fails with is_over, the
     * answer is a 429 with its sentence. NULL: as much as he likes.
     */
    int (*charge)(struct http_call *call, struct http_allowance *ret, struct err *err);
};

extern const struct http_access http_anyone;
/* The peer of a Unix socket whose uid is in the server's list (http_server_options.uids). */
extern const struct http_access http_listed_peer;
/* The same for another list: for rules that let in more. */
bool http_peer_is_in(const struct http_call *call, const uid_t *uids, size_t count);

/* As the type of an answer: whatever the file is that is answered with. */
#define HTTP_ANY_TYPE "*/*"

/* One way in which a call succeeds. */
struct http_answer {
    unsigned status;                   /* 200 to 299, 304, 416; is_foreign: up to 499 */
    const char *meaning;               /* a phrase for the document */
    const struct http_member *members; /* of the JSON object; NULL: there is none */
    const char *type;                  /* media type of a body that is no such object; or NULL */
};

/* A kind of failure in a row's fails. */
#define HTTP_FAIL(kind) (1U << (kind))

struct route {
    enum http_method method;
    /* ":name" catches one segment, literal segments go first; see http/router.h for "*name". */
    const char *path;
    const struct http_access *access; /* checked before the handler runs */
    const struct http_member *body;   /* JSON; NULL: takes none; is_foreign: of a form as well */
    http_handler_fn *handle;
    const char *operation; /* its name in the document: letters and digits, unlike all others */
    const char *summary;   /* what it does, one phrase */
    const struct http_answer *answers; /* ends with status 0 */
    /* Kinds of failure of the handler that it may have: HTTP_FAIL of denied, absent, conflict,
     * untrusted. All others can happen to every request. */
    unsigned fails;
    const struct http_problem *problems; /* failures with names (http/problem.h); NULL: none */
    const struct http_member *query;     /* texts and integers; NULL: takes none */
    const struct http_member *headers;   /* texts: fields that the handler looks at; NULL: none */
    size_t body_max;                     /* 0: HTTP_BODY_DEFAULT */
    bool is_inline;              /* cheap and never blocks: answered by the polling thread */
    http_quick_fn *quick;        /* what need not wait for a worker; NULL: nothing */
    const char *body_type;       /* media type of a body that is taken as it is; NULL: takes none */
    http_company_fn *handle_all; /* beside handle; NULL: calls are handled one by one */
    /*
     * Somebody else has written down what it takes and answers (OAuth): redirects and failures with
     * a body of their own are among its answers, and query parameters and what a form has are not
     * held against the table, which says them for the document alone: the handler gets them as they
     * were sent (request.raw_query).
     */
    bool is_foreign;
};
/* A table ends with a row whose path is NULL. */
