/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/client/client.h"

#include "authapp/scope.h"
#include "base/utf8.h"
#include "fetch/uri.h"

#include <stdio.h>
#include <string.h>

#define ID_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."

const char *const client_auth_names[] = {"private_key_jwt", "client_secret_basic",
                                         "client_secret_post", NULL};

static const char *const profile_names[] = {"authapp", "basic", NULL};
static const char *const alg_names[] = {"RS256", "PS256", "ES256", NULL};
static const char *const grant_names[] = {"authorization_code", "refresh_token",
                                          "client_credentials", NULL};

/* What is taken where the metadata say nothing, and what a profile leaves no choice of. */
static const struct {
    enum client_auth auth;
    enum jws_alg alg;
    bool is_fixed;
} profiles[CLIENT_PROFILES_] = {
    [CLIENT_AUTHAPP] = {CLIENT_PRIVATE_KEY_JWT, JWS_ES256, true},
    [CLIENT_BASIC] = {CLIENT_SECRET_BASIC, JWS_RS256, false},
};

void client_done(struct client *client)
{
    json_freep(&client->metadata);
}

static int find(const char *const *names, const char *member, const char *text, unsigned *ret,
                struct err *err)
{
    for (unsigned i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], text) != 0)
            continue;
        *ret = i;
        return 0;
    }
    return FAIL(err, ERR_INPUT, "member \"%s\" has a value that is not known here", member);
}

/* One of a list of words; *ret stays if the member is not there. */
static int read_word(const struct client *client, const char *member, const char *const *names,
                     unsigned *ret, struct err *err)
{
    const char *text = NULL;

    if (!json_has(client->metadata, member))
        return 0;
    TRY(json_get_text(client->metadata, member, &text, err));
    return find(names, member, text, ret, err);
}

/* It is shown on people's screens before they give their PIN. */
static int read_name(struct client *client, struct err *err)
{
    const char *name = NULL;

    TRY(json_get_text(client->metadata, "client_name", &name, err));
    if (name[0] == '\0' || strlen(name) > AUTHAPP_NAME_MAX || !utf8_is_shown(bytes_text(name)))
        return FAIL(err, ERR_INPUT,
                    "member \"client_name\" is 1 to %d bytes of UTF-8 without controls",
                    AUTHAPP_NAME_MAX);
    memcpy(client->name, name, strlen(name) + 1);
    return 0;
}

static int read_id(struct client *client, struct err *err)
{
    const char *id = NULL;
    size_t len;

    TRY(json_get_text(client->metadata, "client_id", &id, err));
    len = strlen(id);
    if (len == 0 || len > AUTHAPP_CLIENT_ID_MAX || strspn(id, ID_CHARACTERS) != len)
        return FAIL(err, ERR_INPUT,
                    "member \"client_id\" is 1 to %d letters, digits, hyphens and dots",
                    AUTHAPP_CLIENT_ID_MAX);
    memcpy(client->id, id, len + 1);
    return 0;
}

/* A list of addresses; *ret_count is 0 if the member is not there. */
static int check_uris(const struct client *client, const char *member, size_t *ret_count,
                      struct err *err)
{
    const struct json *list = NULL;
    struct uri uri;

    *ret_count = 0;
    if (!json_has(client->metadata, member))
        return 0;
    TRY(json_get_array(client->metadata, member, &list, err));
    if (json_count(list) > AUTHAPP_URIS_MAX)
        return FAIL(err, ERR_INPUT, "member \"%s\" has more than %d addresses", member,
                    AUTHAPP_URIS_MAX);
    for (size_t i = 0; i < json_count(list); i++) {
        const char *text = json_text(json_at(list, i));

        if (text == NULL)
            return FAIL(err, ERR_INPUT, "member \"%s\" has other items than texts", member);
        TRY(err_prefix(err, uri_parse(text, &uri, err), "member \"%s\"", member));
        if (uri.rest.len == 0)
            return FAIL(err, ERR_INPUT, "member \"%s\" has an address without a path", member);
    }
    *ret_count = json_count(list);
    return 0;
}

static int copy(struct bytes text, char ret[FETCH_URI_MAX + 1], struct err *err)
{
    if (text.len > FETCH_URI_MAX)
        return FAIL(err, ERR_INPUT, "an address of more than %d characters", FETCH_URI_MAX);
    memcpy(ret, text.ptr, text.len);
    ret[text.len] = '\0';
    return 0;
}

/*
 * The host of the sector's address, else the one host of all redirect URIs (Core 1.0, 8.1). This
 * computer is everybody's host: there a client has a sector of its own, which no host's name is.
 */
static int read_sector(struct client *client, const struct json *redirects, struct err *err)
{
    const char *explicit = client_text(client, "sector_identifier_uri");
    char own[AUTHAPP_CLIENT_ID_MAX + 2];
    struct uri uri;

    if (explicit != NULL) {
        TRY(err_prefix(err, uri_parse(explicit, &uri, err), "member \"sector_identifier_uri\""));
        return copy(uri.host, client->sector, err);
    }
    (void)snprintf(own, sizeof own, "/%s", client->id);
    for (size_t i = 0; i < json_count(redirects); i++) {
        struct bytes sector;

        TRY(uri_parse(json_text(json_at(redirects, i)), &uri, err));
        sector = uri.is_loopback ? bytes_text(own) : uri.host;
        if (i > 0 && !bytes_equal(sector, bytes_text(client->sector)))
            return FAIL(err, ERR_INPUT,
                        "redirect URIs of several hosts need a \"sector_identifier_uri\"");
        memcpy(client->sector, sector.ptr, sector.len);
        client->sector[sector.len] = '\0';
    }
    return 0;
}

static int read_addresses(struct client *client, struct err *err)
{
    static const char *const single[] = {"backchannel_logout_uri", "jwks_uri", NULL};
    CLEANUP(buf_done) struct buf origin = BUF_INIT;
    const struct json *redirects = NULL;
    struct uri uri;
    size_t count;

    TRY(check_uris(client, "post_logout_redirect_uris", &count, err));
    for (size_t i = 0; single[i] != NULL; i++)
        if (client_text(client, single[i]) != NULL)
            TRY(err_prefix(err, uri_parse(client_text(client, single[i]), &uri, err),
                           "member \"%s\"", single[i]));
    TRY(check_uris(client, "redirect_uris", &count, err));
    if (count == 0)
        return FAIL(err, ERR_INPUT, "member \"redirect_uris\" is missing");
    TRY(json_get_array(client->metadata, "redirect_uris", &redirects, err));
    TRY(uri_parse(json_text(json_at(redirects, 0)), &uri, err));
    TRY(uri_origin(&uri, &origin, err));
    TRY(copy(buf_bytes(&origin), client->origin, err));
    return read_sector(client, redirects, err);
}

static int check_keys(const struct client *client, struct err *err)
{
    const struct json *set = NULL;
    const struct json *keys = NULL;
    bool has_set = json_has(client->metadata, "jwks");
    bool has_address = client_text(client, "jwks_uri") != NULL;

    if (client->auth != CLIENT_PRIVATE_KEY_JWT)
        return 0;
    if (has_set == has_address)
        return FAIL(err, ERR_INPUT, "private_key_jwt needs one of \"jwks\" and \"jwks_uri\"");
    if (has_address)
        return 0;
    TRY(json_get_object(client->metadata, "jwks", &set, err));
    TRY(json_get_array(set, "keys", &keys, err));
    for (size_t i = 0; i < json_count(keys); i++)
        TRY(jwk_check_public(json_at(keys, i), err));
    return json_count(keys) > 0 ? 0 : FAIL(err, ERR_INPUT, "member \"jwks\" has no key");
}

static int read_profile(struct client *client, struct err *err)
{
    unsigned profile = CLIENT_PROFILES_;
    unsigned auth;
    unsigned alg;

    TRY(read_word(client, "profile", profile_names, &profile, err));
    if (profile == CLIENT_PROFILES_)
        return FAIL(err, ERR_INPUT, "member \"profile\" is authapp or basic");
    auth = profiles[profile].auth;
    alg = profiles[profile].alg;
    TRY(read_word(client, "token_endpoint_auth_method", client_auth_names, &auth, err));
    TRY(read_word(client, "id_token_signed_response_alg", alg_names, &alg, err));
    if (profiles[profile].is_fixed &&
        (auth != profiles[profile].auth || alg != profiles[profile].alg))
        return FAIL(err, ERR_INPUT, "profile authapp has private_key_jwt and ES256");
    if (alg == JWS_PS256)
        return FAIL(err, ERR_INPUT, "ID tokens are signed by ES256 or RS256");
    client->profile = (enum client_profile)profile;
    client->auth = (enum client_auth)auth;
    client->id_token_alg = (enum jws_alg)alg;
    return 0;
}

static int read_grants(struct client *client, struct err *err)
{
    const struct json *list = NULL;
    unsigned grant;

    client->grants = GRANT_CODE;
    if (!json_has(client->metadata, "grant_types"))
        return 0;
    TRY(json_get_array(client->metadata, "grant_types", &list, err));
    client->grants = 0;
    for (size_t i = 0; i < json_count(list); i++) {
        const char *text = json_text(json_at(list, i));

        TRY(find(grant_names, "grant_types", text == NULL ? "" : text, &grant, err));
        client->grants |= 1U << grant;
    }
    return 0;
}

static int read_scopes(struct client *client, struct err *err)
{
    const char *text = NULL;
    bool is_body = false;

    TRY(json_get_text(client->metadata, "scope", &text, err));
    client->scopes = scope_of(text);
    if ((client->scopes & SCOPE_OPENID) == 0)
        return FAIL(err, ERR_INPUT, "member \"scope\" has no openid");
    if (json_has(client->metadata, "person_reference"))
        TRY(json_get_bool(client->metadata, "person_reference", &is_body, err));
    if ((client->scopes & SCOPE_PERSON_REFERENCE) != 0 && !is_body)
        return FAIL(err, ERR_INPUT,
                    "scope person_reference is for public bodies, marked by \"person_reference\"");
    return 0;
}

static int read(struct client *client, struct err *err)
{
    static const char *const known[] = {"client_id",
                                        "client_name",
                                        "profile",
                                        "redirect_uris",
                                        "post_logout_redirect_uris",
                                        "token_endpoint_auth_method",
                                        "id_token_signed_response_alg",
                                        "jwks",
                                        "jwks_uri",
                                        "scope",
                                        "grant_types",
                                        "sector_identifier_uri",
                                        "backchannel_logout_uri",
                                        "person_reference",
                                        NULL};

    TRY(json_only(client->metadata, known, err));
    TRY(read_id(client, err));
    TRY(read_name(client, err));
    TRY(read_profile(client, err));
    TRY(read_grants(client, err));
    TRY(read_scopes(client, err));
    TRY(read_addresses(client, err));
    return check_keys(client, err);
}

int client_parse(struct bytes text, struct client *ret, struct err *err)
{
    CLEANUP(client_done) struct client client = {.metadata = NULL};

    if (text.len > AUTHAPP_METADATA_MAX)
        return FAIL(err, ERR_INPUT, "metadata of more than %d bytes", AUTHAPP_METADATA_MAX);
    TRY(json_parse(text, &client.metadata, err));
    TRY(read(&client, err));
    *ret = client;
    client.metadata = NULL;
    return 0;
}

bool client_has_uri(const struct client *client, const char *list, const char *uri)
{
    const struct json *all = NULL;

    if (json_get_array(client->metadata, list, &all, NULL) < 0)
        return false;
    for (size_t i = 0; i < json_count(all); i++)
        if (uri_matches(json_text(json_at(all, i)), uri))
            return true;
    return false;
}

const char *client_text(const struct client *client, const char *member)
{
    const char *text = NULL;

    return json_get_text(client->metadata, member, &text, NULL) == 0 ? text : NULL;
}
