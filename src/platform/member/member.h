/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members: people who act for a tenant, or for the operator, with a card instead of a key. Somebody
 * who may is invited by a code, which is told once; whoever brings it to a login of the console
 * with a card is that member from then on, by the card, and over its renewals (login/holder.h).
 */
#pragma once

#include "platform/login/login.h"
#include "platform/member/store.h"

struct member_inputs {
    const char *client_id; /* "": of the operator */
    const char *name;      /* who it is, for the others */
    const char *role;      /* one of tenant_roles; of an operator's: "operator" */
};
/* ret_code is told once. ERR_INPUT, naming the field; else as platform_invite_member. */
MUST_CHECK int member_invite(struct platform_store *store, const struct member_inputs *inputs,
                             const struct audit_origin *by, char ret_code[MEMBER_SECRET_SIZE],
                             struct member *ret, struct err *err);

/*
 * Open a login of the console; code is an invitation's, or NULL. ERR_DENIED for one that nobody can
 * accept any more. The secret in ret is for the browser that opens it.
 */
MUST_CHECK int console_open(const struct platform *platform, const char *code,
                            struct opened_login *ret, struct err *err);

enum console_state { CONSOLE_WAITING, CONSOLE_DONE, CONSOLE_EXPIRED };
extern const char *const console_states[]; /* "waiting", "done", "expired", NULL */

/* What a browser shows when it asks for what became of its login. */
struct console_asking {
    const char *login;
    const char *secret;   /* of its opener; NULL: it shows none */
    const char *before;   /* the session that it has; NULL: none */
    const char *trace_id; /* of the request */
};
/*
 * What became of a login, for the browser that opened it; once it is answered, that browser gets a
 * session: ret_token is its new cookie, whatever it had before. ERR_DENIED for another browser, and
 * for somebody who is no member; ERR_CONFLICT as platform_open_session.
 */
MUST_CHECK int console_collect(const struct platform *platform, const struct console_asking *asking,
                               enum console_state *ret, char ret_token[MEMBER_SECRET_SIZE],
                               struct err *err);
