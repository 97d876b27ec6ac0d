/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sandbox's build of the provider does besides (programs/jpki-authappd/powers.c); in all
 * other builds authapp.powers is NULL. Nothing here skips a check: a login that is answered for the
 * developer is answered by a software card, over the protocol for cards.
 */
#pragma once

#include "authapp/login/login.h"
#include "http/route.h"

struct page;

struct authapp_powers {
    /*
     * A login was opened: have somebody answer it, if the request or the sandbox says who.
     * ERR_INPUT if there is nobody of that name.
     */
    int (*answer_login)(struct http_call *call, const char *session, bool *ret_is_answered,
                        struct err *err);
    /* More for the page that waits: a choice of people who answer. */
    int (*offer_people)(const struct http_call *call, const struct found_login *found,
                        struct page *page, struct err *err);
    /* Register an address of this computer for a client that comes with it; ERR_DENIED if not. */
    int (*register_uri)(const struct authapp *authapp, struct client *client, const char *uri,
                        struct err *err);
    /* The claims of an ID token before it is signed, and the token behind it. */
    int (*change_claims)(struct json *claims, struct err *err);
    int (*change_token)(struct buf *token, struct err *err);
};

/* The login of the browser that asks; an answer is there if it is not its own. */
MUST_CHECK int login_find_own(struct http_call *call, struct found_login *ret, bool *ret_is_own,
                              struct err *err);
