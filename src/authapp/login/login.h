/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logins (design 5, F3): a browser opens one, a card answers it in 60 seconds, once, by somebody
 * who sees the browser's screen, and the result goes to that browser alone.
 */
#pragma once

#include "authapp/authapp.h"
#include "authapp/login/request.h"
#include "authapp/login/store.h"

/* A login with what belongs to it; release with found_login_done. */
struct found_login {
    struct login login;
    struct client client;
    struct json *json; /* of the request */
    struct auth_request request;
};
void found_login_done(struct found_login *found);

/* Open one; ret_cookie is what the browser has to show later. */
MUST_CHECK int oidc_login_open(const struct authapp *authapp, const struct client *client,
                               const struct auth_request *request,
                               char ret_session[AUTHAPP_ID_SIZE],
                               char ret_cookie[AUTHAPP_SECRET_SIZE], struct err *err);
/* ERR_ABSENT if there is no such login. */
MUST_CHECK int oidc_login_find(const struct authapp *authapp, const char *session,
                               struct found_login *ret, struct err *err);
/* ERR_DENIED unless this is the browser that opened it. */
MUST_CHECK int oidc_login_check_browser(const struct found_login *found, const char *cookie,
                                        struct err *err);
/* Whether its time is over before anybody answered. */
bool oidc_login_is_late(const struct authapp *authapp, const struct found_login *found);

/* What somebody says who was given the address of a login and its code. */
struct login_answer {
    const char *session, *code;
    bool is_denied;          /* the holder does not want to; the others are NULL */
    const char *certificate; /* JWE for the platform */
    const char *signature;   /* base64 */
    const struct json *sign; /* NULL: none */
    const char *trace_id;
};
/*
 * Take the answer and ring the bell. ERR_DENIED for a wrong code. ERR_UNTRUSTED, and the login is
 * over, if the platform says that the card's answer does not hold; ERR_REMOTE if it cannot be found
 * out now: the login stays open. ERR_CONFLICT if it was answered.
 */
MUST_CHECK int oidc_login_answer(const struct authapp *authapp, const struct login_answer *answer,
                                 struct err *err);
/* The browser does not want to wait any longer. ERR_CONFLICT if it was answered. */
MUST_CHECK int oidc_login_cancel(const struct authapp *authapp, const struct found_login *found,
                                 const char *trace_id, struct err *err);
/* What the platform told of whoever answered: {"holder", and "attributes" if they were asked for}.
 */
MUST_CHECK int oidc_login_holder(const struct authapp *authapp, const struct found_login *found,
                                 struct json **ret, struct err *err);
