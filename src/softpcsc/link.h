/* SPDX-License-Identifier: Apache-2.0 */
/* The library's end of a connection to a card's PC/SC socket. Blocks. */
#pragma once

#include "softpcsc/wire.h"

struct link {
    int fd;        /* -1: none */
    struct buf in; /* the last answer, and what came after it */
    size_t taken;  /* bytes of the last answer */
};

#define LINK_INIT                                                                                  \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* ERR_ABSENT or ERR_REMOTE if no card is served there. */
MUST_CHECK int link_open(struct link *link, const char *path, struct err *err);
void link_close(struct link *link);

MUST_CHECK int link_send(struct link *link, const struct wire_request *request, struct err *err);
/* The next answer; its ranges live until the next call. Any failure: the link is of no more use. */
MUST_CHECK int link_receive(struct link *link, struct wire_answer *ret, struct err *err);
/* Whether something came that link_receive has not taken yet, so that poll() would not tell. */
bool link_has_more(const struct link *link);
/* Send and receive. */
MUST_CHECK int link_ask(struct link *link, const struct wire_request *request,
                        struct wire_answer *ret, struct err *err);
