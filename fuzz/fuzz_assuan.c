/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "programs/jpki/ask/assuan.h"

/* What fits is never longer than it was escaped, and what does not fit changes nothing. */
FUZZ_TARGET(data, size)
{
    CLEANUP(secret_done) struct secret to = SECRET_INIT;
    struct assuan_line line;
    size_t len = 0;

    if (assuan_parse(bytes_of(data, size), &line, NULL) < 0)
        return 0;
    FUZZ_CHECK(size <= ASSUAN_LINE_MAX);
    FUZZ_CHECK(line.rest.len == 0 ||
               (line.rest.ptr >= data && line.rest.ptr + line.rest.len <= data + size));
    FUZZ_CHECK(secret_new(64, &to, NULL) == 0);
    if (assuan_decode(line.rest, &to, &len, NULL) == 0)
        FUZZ_CHECK(len <= line.rest.len && len <= 64);
    else
        FUZZ_CHECK(len == 0);
    return 0;
}
