/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/origin.h"

#include "fuzz.h"

#include <string.h>

/* An origin is a URL without a path, and the same origin. */
FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    struct origin origin, again;
    const char *text, *path;

    FUZZ_CHECK(buf_copy(bytes_of(data, size), &url, NULL) == 0);
    if (buf_text(&url, &text, NULL) < 0 || origin_parse(text, &origin, &path, NULL) < 0)
        return 0;
    FUZZ_CHECK(path >= text && path <= text + size && (path[0] == '/' || path[0] == '\0'));
    FUZZ_CHECK(origin_parse(origin.text, &again, &path, NULL) == 0);
    FUZZ_CHECK(strcmp(origin.text, again.text) == 0 && path[0] == '\0');
    return 0;
}
