/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes and tokens: random texts, of which only hashes are kept. What the platform told of a holder
 * is sealed under such a text, so that a copy of the database opens nothing of it.
 */
#pragma once

#include "authapp/authapp.h"
#include "authapp/token/store.h"

struct new_token {
    char text[AUTHAPP_SECRET_SIZE];
    struct token row;
};
void new_token_done(struct new_token *token);

/* attributes: JSON to be opened with the text again; NULL: none. */
MUST_CHECK int token_make(enum token_kind kind, unsigned scopes, int64_t expires_at,
                          const struct json *attributes, struct new_token *ret, struct err *err);
/* The attributes behind a token; NULL if there are none. ERR_UNTRUSTED if it is not its text. */
MUST_CHECK int token_attributes(const struct found_token *found, const char *text,
                                struct json **ret, struct err *err);
/* ERR_ABSENT if there is no such token. */
MUST_CHECK int token_find(const struct authapp *authapp, const char *text, struct found_token *ret,
                          struct err *err);
/* Whether it counts now: in its time, not used, its grant not over. */
bool token_counts(const struct authapp *authapp, const struct found_token *found);

/*
 * The pseudonym of a holder for a sector: HMAC of what the platform calls him, by a key of the
 * sector's own (Core 1.0, 8.1).
 */
MUST_CHECK int subject_make(const struct authapp *authapp, const char *sector, const char *holder,
                            char ret[SUBJECT_SIZE], struct err *err);
