/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/scope.h"

#include <stdio.h>
#include <string.h>

const char *const scope_names[] = {"openid", "name", "address",          "birthdate",
                                   "gender", "sign", "person_reference", NULL};

unsigned scope_of(const char *text)
{
    unsigned scopes = 0;

    for (unsigned i = 0; i < SCOPES; i++)
        if (text_has_word(text, scope_names[i]))
            scopes |= 1U << i;
    return scopes;
}

void scope_text(unsigned scopes, char ret[SCOPE_TEXT_SIZE])
{
    size_t len = 0;

    ret[0] = '\0';
    for (unsigned i = 0; i < SCOPES; i++)
        if ((scopes & 1U << i) != 0)
            len += (size_t)snprintf(ret + len, SCOPE_TEXT_SIZE - len, "%s%s", len == 0 ? "" : " ",
                                    scope_names[i]);
}
