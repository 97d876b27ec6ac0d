/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/site/list.h"

#include "base/file.h"
#include "base/utf8.h"
#include "fetch/uri.h"

#include <stdlib.h>
#include <string.h>

#define ID_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

void sites_freep(struct sites **sites)
{
    if (*sites != NULL)
        json_freep(&(*sites)->json);
    free(*sites);
    *sites = NULL;
}

const struct site_row *sites_find(const struct sites *sites, const char *id)
{
    for (size_t i = 0; sites != NULL && i < sites->count; i++)
        if (strcmp(sites->at[i].id, id) == 0)
            return &sites->at[i];
    return NULL;
}

/* Words that stand in the exchange log, where "|" parts them. */
static int read_words(const struct json *json, const char *member, const char **ret,
                      struct err *err)
{
    TRY(json_get_text(json, member, ret, err));
    return **ret != '\0' && strlen(*ret) <= SITE_WORDS_MAX && strchr(*ret, '|') == NULL &&
                   utf8_is_shown(bytes_text(*ret))
               ? 0
               : FAIL(err, ERR_INPUT, "%s: 1 to %d bytes without \"|\"", member, SITE_WORDS_MAX);
}

static int read_address(const struct json *json, const char *member, const char **ret,
                        struct err *err)
{
    struct uri uri;

    TRY(json_get_text(json, member, ret, err));
    return err_prefix(err, uri_parse(*ret, &uri, err), "%s", member);
}

/* Either where the keys are, or they themselves. */
static int read_keys(const struct json *json, struct site_row *ret, struct err *err)
{
    if (json_has(json, "jwks") == json_has(json, "jwks_uri"))
        return FAIL(err, ERR_INPUT, "jwks or jwks_uri: one of them");
    return json_has(json, "jwks") ? json_get_object(json, "jwks", &ret->jwks, err)
                                  : read_address(json, "jwks_uri", &ret->jwks_uri, err);
}

static int read_site(const struct json *json, const struct sites *before, struct site_row *ret,
                     struct err *err)
{
    static const char *const members[] = {"id",      "name",     "name_en",       "lead",
                                          "lead_en", "address",  "redirect_uri",  "logout_uri",
                                          "jwks",    "jwks_uri", "sends_notices", NULL};
    size_t len;

    TRY(json_only(json, members, err));
    TRY(json_get_text(json, "id", &ret->id, err));
    len = strlen(ret->id);
    if (len == 0 || len > SITE_ID_MAX || strspn(ret->id, ID_LETTERS) != len)
        return FAIL(err, ERR_INPUT, "id: 1 to %d small letters, digits, hyphens", SITE_ID_MAX);
    if (sites_find(before, ret->id) != NULL)
        return FAIL(err, ERR_INPUT, "id: there are two of \"%s\"", ret->id);
    TRY(read_words(json, "name", &ret->name.ja, err));
    TRY(read_words(json, "name_en", &ret->name.en, err));
    TRY(read_words(json, "lead", &ret->lead.ja, err));
    TRY(read_words(json, "lead_en", &ret->lead.en, err));
    TRY(read_address(json, "address", &ret->address, err));
    TRY(read_address(json, "redirect_uri", &ret->redirect_uri, err));
    TRY(read_address(json, "logout_uri", &ret->logout_uri, err));
    ret->sends_notices = false;
    if (json_has(json, "sends_notices"))
        TRY(json_get_bool(json, "sends_notices", &ret->sends_notices, err));
    return read_keys(json, ret, err);
}

int sites_parse(struct bytes text, struct sites **ret, struct err *err)
{
    static const char *const members[] = {"sites", NULL};
    CLEANUP(sites_freep) struct sites *sites = calloc(1, sizeof *sites);
    const struct json *list;

    if (sites == NULL)
        return FAIL_NOMEM(err);
    TRY(json_parse(text, &sites->json, err));
    TRY(json_only(sites->json, members, err));
    TRY(json_get_array(sites->json, "sites", &list, err));
    if (json_count(list) > SITES_MAX)
        return FAIL(err, ERR_INPUT, "more than %d sites", SITES_MAX);
    for (size_t i = 0; i < json_count(list); i++) {
        TRY(err_prefix(err, read_site(json_at(list, i), sites, &sites->at[i], err), "site %zu",
                       i + 1));
        sites->count++;
    }
    *ret = sites;
    sites = NULL;
    return 0;
}

int sites_load(const char *path, struct sites **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(file_read(path, SITES_FILE_MAX, &text, err));
    return sites_parse(buf_bytes(&text), ret, err);
}
