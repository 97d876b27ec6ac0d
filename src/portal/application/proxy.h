/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody applies for another by a mandate. An application says so, from whoever began it until
 * somebody submits it, and then by whom it was submitted last: its owner, its municipality and its
 * document read of which kind the mandate is and what it is called. Inside this sub-room.
 */
#pragma once

#include "http/member.h"
#include "portal/mandate/mandate.h"

struct application_proxy {
    char mandate[PORTAL_ID_SIZE]; /* "": there is none, the owner applies himself */
    enum mandate_kind kind;
};

static inline bool application_by_proxy(const struct application_proxy *proxy)
{
    return proxy->mandate[0] != '\0';
}

/* As it is kept, in two columns; NULL for the owner himself. */
const char *application_proxy_mandate(const struct application_proxy *proxy);
const char *application_proxy_kind(const struct application_proxy *proxy);
MUST_CHECK int application_proxy_read(const char *mandate, const char *kind,
                                      struct application_proxy *ret, struct err *err);
/* The kind, as people call it, in Japanese or English. */
const char *application_proxy_word(const struct application_proxy *proxy, bool in_english);
/* "proxy" of these members; nothing for the owner himself. */
MUST_CHECK int application_proxy_put(struct json *body, const struct application_proxy *proxy,
                                     struct err *err);
extern const struct http_member application_proxy_members[];
