/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/test_names.h"

#include <stdbool.h>
#include <string.h>

static const char word[] = "TEST";

static bool goes_on(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

int sandbox_check_ca_name(const char *name, struct err *err)
{
    for (const char *at = strstr(name, word); at != NULL; at = strstr(at + 1, word))
        if ((at == name || !goes_on(at[-1])) && !goes_on(at[sizeof word - 1]))
            return 0;
    return FAIL(err, ERR_INPUT,
                "a sandbox works only for CAs with the word TEST in their names, not for '%s'",
                name);
}
