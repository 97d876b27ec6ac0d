/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-authappd/powers.h"

#include "authapp/routes.h"
#include "fetch/uri.h"
#include "programs/jpki-authappd/powers_parts.h"
#include "sandbox/page_host.h"
#include "sandbox/powers_http.h"

#include <stdlib.h>
#include <string.h>

enum { TABLES_MAX = 24 };

static bool is_of_this_computer(const char *text)
{
    static const char scheme[] = "http://";
    char host[FETCH_URI_MAX + 1];
    struct uri uri;
    size_t len;

    if (uri_parse(text, &uri, NULL) < 0 || strncmp(text, scheme, sizeof scheme - 1) != 0)
        return false;
    text += sizeof scheme - 1;
    len = strcspn(text, "/?#");
    if (len >= sizeof host)
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    return page_host_is_local(host);
}

/* For this request: what is kept of the client stays as it was registered. */
static int register_uri(const struct authapp *authapp, struct client *client, const char *uri,
                        struct err *err)
{
    const struct powers_page *page = powers_http_page();
    const struct json *known = NULL;
    struct json *list = NULL;

    (void)authapp;
    if (page == NULL || !powers_is_loose(page) || uri == NULL || !is_of_this_computer(uri))
        return FAIL(err, ERR_DENIED, "only addresses of this computer register themselves");
    TRY(json_get_array(client->metadata, "redirect_uris", &known, err));
    TRY(json_duplicate(known, &list, err));
    CLEANUP(json_freep) struct json *own = list;
    TRY(json_add_text(own, uri, err));
    return json_put(client->metadata, "redirect_uris", json_steal(&own), err);
}

void authappd_attach(struct authapp *authapp)
{
    static const struct authapp_powers powers = {
        .answer_login = people_answer_login,
        .offer_people = people_offer,
        .register_uri = register_uri,
        .change_claims = token_change_claims,
        .change_token = token_change,
    };

    powers_http_explain(debug_explain);
    authapp->powers = powers_http_page() == NULL ? NULL : &powers;
}

const struct route *const *authappd_routes(void)
{
    static const struct route *tables[TABLES_MAX];
    size_t count = 0;

    for (; authapp_routes[count] != NULL && count < TABLES_MAX - 2; count++)
        tables[count] = authapp_routes[count];
    tables[count++] = people_routes;
    tables[count] = NULL;
    return tables;
}
