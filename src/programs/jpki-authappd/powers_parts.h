/* SPDX-License-Identifier: Apache-2.0 */
/* What a sandbox's build of jpki-authappd consists of besides; see authapp/powers.h. */
#pragma once

#include "authapp/powers.h"

/* ---- powers_people.c: who answers a login ---- */
MUST_CHECK int people_answer_login(struct http_call *call, const char *session,
                                   bool *ret_is_answered, struct err *err);
MUST_CHECK int people_offer(const struct http_call *call, const struct found_login *found,
                            struct page *page, struct err *err);
extern const struct route people_routes[];

/* ---- powers_debug.c: what the provider went by ---- */
MUST_CHECK int debug_explain(const struct http_call *call, struct json *debug, struct err *err);

/* ---- powers_client.c: why a client was believed, or not ---- */
MUST_CHECK int debug_client(const struct http_call *call, const struct http_fields *fields,
                            struct json *debug, struct err *err);

/* ---- powers_token.c: ID tokens that are not as they have to be ---- */
MUST_CHECK int token_change_claims(struct json *claims, struct err *err);
MUST_CHECK int token_change(struct buf *token, struct err *err);
/* Faults that an authorization request asks for are those of the ID token with its nonce. */
void token_remember(const char *nonce);
