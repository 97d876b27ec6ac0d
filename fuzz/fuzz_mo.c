/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mo.h"

#include <string.h>

#include "fuzz.h"

/* What is found in an accepted catalogue lies inside it, up to its NUL. */
static void look_up(const struct mo *mo, const char *message)
{
    const char *found = mo_find(mo, message);
    const char *start = (const char *)mo->file.ptr;

    if (found == NULL)
        return;
    FUZZ_CHECK(found >= start && found < start + mo->file.len);
    FUZZ_CHECK(memchr(found, '\0', (size_t)(start + mo->file.len - found)) != NULL);
}

FUZZ_TARGET(data, size)
{
    struct mo mo;

    if (mo_parse(bytes_of(data, size), &mo, NULL) < 0)
        return 0;
    look_up(&mo, "");
    look_up(&mo, "card");
    look_up(&mo, "\xff");
    return 0;
}
