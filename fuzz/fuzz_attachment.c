/* SPDX-License-Identifier: Apache-2.0 */
/* A file that somebody attaches, with its first octets as its name as well. */
#include "fuzz.h"
#include "portal/application/file.h"

#include <string.h>

FUZZ_TARGET(data, size)
{
    static const char *const heads[] = {"%PDF-", "\xff\xd8\xff", "\x89PNG"};
    const char *type = attachment_type(bytes_of(data, size));
    char name[256] = "";
    bool has_head = false;

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        has_head = has_head || bytes_start_with(bytes_of(data, size), bytes_text(heads[i]));
    if (type != NULL) {
        FUZZ_CHECK(has_head && memmem(data, size, "Rar!\x1a\x07", 6) == NULL);
        FUZZ_CHECK(strchr(attachment_media_type(type), '/') != NULL);
    }
    memcpy(name, data, size < sizeof name - 1 ? size : sizeof name - 1);
    if (attachment_check_name(name, NULL) == 0)
        FUZZ_CHECK(name[0] != '\0' && strpbrk(name, "/\\\n\r\"") == NULL &&
                   strcmp(name, "..") != 0);
    return 0;
}
