/* SPDX-License-Identifier: Apache-2.0 */
/* What a clerk of the sandbox works with: the counter, the authority and the card in the reader. */
#pragma once

#include "fetch/fetch.h"
#include "sandbox/issue.h"
#include "sandbox/seat.h"

struct clerk {
    char *authority, *card; /* sockets */
    struct seat *seats;     /* SEATS_ of them, at the counter */
};

#define CLERK_INIT                                                                                 \
    {                                                                                              \
        NULL, NULL, NULL                                                                           \
    }

/*
 * Only names the sockets, which layout must outlive; control NULL means the card in the reader.
 * *ret is released with clerk_done, also after a failure.
 */
MUST_CHECK int clerk_open(const struct layout *layout, const char *control, struct clerk *ret,
                          struct err *err);
void clerk_done(struct clerk *clerk);

/* One exchange; without a body it is a GET. *ret holds the answer, ret NULL: it does not matter. */
MUST_CHECK int clerk_ask(const char *socket, const char *path, const struct json *body,
                         struct fetch_response *ret, struct err *err);
/* Read at the counter, as a clerk who is logged in. */
MUST_CHECK int clerk_look(const struct clerk *clerk, const char *path, struct fetch_response *ret,
                          struct err *err);
/*
 * Have the counter do something: signed by the first clerk, and confirmed by the second where two
 * have to agree. body and ret may be NULL; *ret holds the answer.
 */
MUST_CHECK int clerk_order(const struct clerk *clerk, const char *path, const struct json *body,
                           struct fetch_response *ret, struct err *err);
/* The card in the reader: *ret is all it says, issued its serial and whether it can sign. */
MUST_CHECK int clerk_read_card(const struct clerk *clerk, struct fetch_response *ret,
                               struct issued *issued, bool *ret_personalised, struct err *err);
/* Where the card's holder is registered: "/v1/residents/ID", released with free_text. */
MUST_CHECK int clerk_find_resident(const struct clerk *clerk, const char *serial, char **ret,
                                   struct err *err);
/* A request id that nobody has used; *ret_text lives in *ret. */
MUST_CHECK int clerk_make_id(struct buf *ret, const char **ret_text, struct err *err);
