/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/mandate/shown.h"

const struct http_form mandate_name_form = {"^.{1,40}$", "1 to 40 characters"};

static int put_time(struct json *body, const char *member, int64_t at, struct err *err)
{
    return at == 0 ? json_put_null(body, member, err) : json_put_int(body, member, at, err);
}

static int put_word(struct json *body, const char *member, const char *text, struct err *err)
{
    return text == NULL || text[0] == '\0' ? json_put_null(body, member, err)
                                           : json_put_text(body, member, text, err);
}

static int put_scopes(struct json *body, unsigned scopes, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (unsigned i = 0; mandate_scopes[i] != NULL; i++)
        if ((scopes & 1U << i) != 0)
            TRY(json_add_text(list, mandate_scopes[i], err));
    return json_put(body, "scopes", json_steal(&list), err);
}

int mandate_put(struct json *body, const struct mandate *mandate, struct err *err)
{
    TRY(json_put_text(body, "id", mandate->id, err));
    TRY(json_put_text(body, "kind", mandate_kinds[mandate->kind], err));
    TRY(put_scopes(body, mandate->scopes, err));
    TRY(json_put_int(body, "made_at", mandate->made_at, err));
    TRY(put_time(body, "begun_at", mandate->begun_at, err));
    TRY(json_put_int(body, "ends_at", mandate->ends_at, err));
    TRY(put_time(body, "ended_at", mandate->ended_at, err));
    TRY(put_word(body, "ended_by", mandate->ended_by, err));
    TRY(put_time(body, "used_at", mandate->used_at, err));
    return put_word(body, "municipality", mandate->municipality, err);
}
