/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Relying parties, as their operators describe them: the metadata of OpenID Connect Registration
 * 1.0, 2, with a profile of ours. What a profile demands is in client.c.
 */
#pragma once

#include "authapp/limits.h"
#include "base/json.h"
#include "crypto/jws.h"
#include "fetch/limits.h"

enum client_profile {
    CLIENT_AUTHAPP, /* state, nonce, PKCE and private_key_jwt; ES256 */
    CLIENT_BASIC,   /* what OpenID Connect demands of a provider at least */
    CLIENT_PROFILES_
};
enum client_auth { CLIENT_PRIVATE_KEY_JWT, CLIENT_SECRET_BASIC, CLIENT_SECRET_POST, CLIENT_AUTHS_ };
enum client_grant {
    GRANT_CODE = 1 << 0,
    GRANT_REFRESH = 1 << 1,
    GRANT_CREDENTIALS = 1 << 2,
};

struct client {
    char id[AUTHAPP_CLIENT_ID_MAX + 1];
    char name[AUTHAPP_NAME_MAX + 1]; /* as people read it before they give their PIN */
    char sector[FETCH_URI_MAX + 2];  /* what pseudonyms are for: a host, or "/" and client_id */
    char origin[FETCH_URI_MAX + 1];  /* of its first redirect URI, for people */
    enum client_profile profile;
    enum client_auth auth;
    enum jws_alg id_token_alg;
    unsigned scopes; /* that it may ask for */
    unsigned grants;
    struct json *metadata; /* all of it */
    bool has_secret;
    struct digest secret; /* SHA-256 */
};

/*
 * ERR_INPUT, naming the member, for metadata that is incomplete, unknown, or not as the profile
 * demands.
 */
MUST_CHECK int client_parse(struct bytes text, struct client *ret, struct err *err);
void client_done(struct client *client);

/* Whether an address is one of a list of the client's: "redirect_uris", ... */
bool client_has_uri(const struct client *client, const char *list, const char *uri);
/* A text of the metadata; NULL if it is not there. */
const char *client_text(const struct client *client, const char *member);

extern const char *const client_auth_names[]; /* "private_key_jwt", ...; ends with NULL */
