/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/client/jwks.h"

#include "fetch/jwks.h"

int client_keys(const struct authapp *authapp, const struct client *client, const struct jws *jws,
                struct json **ret, struct err *err)
{
    const struct jwks_place place = {.url = client_text(client, "jwks_uri"),
                                     .is_public = authapp_is_public(authapp)};
    const struct json *inline_set = NULL;

    if (place.url != NULL)
        return jwks_cache_get(authapp->kept->jwks, &place, jws->kid, clock_now(authapp->clock), ret,
                              err);
    TRY(json_get_object(client->metadata, "jwks", &inline_set, err));
    return json_duplicate(inline_set, ret, err);
}
