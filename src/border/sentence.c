/* SPDX-License-Identifier: Apache-2.0 */
#include "border/sentence.h"

#include "base/mo.h"

#include <string.h>

const char *sentence_in(const char *language, struct bytes catalogue, const char *english)
{
    const char *found = NULL;
    struct mo mo;

    if (english == NULL || strcmp(language, "ja") != 0)
        return english;
    /* Some dozens of sentences: reading them again is less than a lock for reading them once. */
    if (mo_parse(catalogue, &mo, NULL) == 0)
        found = mo_find(&mo, english);
    return found == NULL ? english : found;
}
