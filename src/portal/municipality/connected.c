/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/municipality/connected.h"

#include <stdio.h>
#include <string.h>

enum { PREFECTURE_DIGITS = 2 };

/* NULL if there is none. */
static const struct body *prefecture_of(const struct tables *tables, const char *area)
{
    for (size_t i = 0; i < tables->body_count; i++) {
        const struct body *body = &tables->bodies[i];

        if (body->kind == BODY_PREFECTURE && strncmp(body->area, area, PREFECTURE_DIGITS) == 0)
            return body;
    }
    return NULL;
}

int municipality_of_body(const struct tables *tables, const struct body *body,
                         struct municipality *ret, struct err *err)
{
    const struct body *prefecture;
    size_t len;

    if (body->kind != BODY_MUNICIPALITY)
        return FAIL(err, ERR_INPUT, "%s: no municipality", body->code);
    prefecture = prefecture_of(tables, body->area);
    len = prefecture == NULL ? 0 : strlen(prefecture->names.ja);
    if (len == 0 || strncmp(body->names.ja, prefecture->names.ja, len) != 0)
        return FAIL(err, ERR_INPUT, "%s: its name does not begin with its prefecture's",
                    body->code);
    if (strlen(body->names.ja) >= sizeof ret->name)
        return FAIL(err, ERR_INPUT, "%s: its name is too long", body->code);
    (void)snprintf(ret->code, sizeof ret->code, "%s", body->area);
    (void)snprintf(ret->prefecture, sizeof ret->prefecture, "%s", prefecture->names.ja);
    (void)snprintf(ret->name, sizeof ret->name, "%s", body->names.ja + len);
    return 0;
}

const char *municipality_body(const struct tables *tables, const char *municipality)
{
    for (size_t i = 0; i < tables->body_count; i++)
        if (tables->bodies[i].kind == BODY_MUNICIPALITY &&
            strcmp(tables->bodies[i].area, municipality) == 0)
            return tables->bodies[i].code;
    return NULL;
}
