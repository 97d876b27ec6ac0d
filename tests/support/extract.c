/* SPDX-License-Identifier: Apache-2.0 */
#include "support/extract.h"

#include "support/child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { EXTRACT_MS = 60000, NO_SUCH_PROGRAM = 127 };

void extract_text(struct bytes pdf, struct buf *ret)
{
    static const char *const argv[] = {"pdftotext", "-layout", "-", "-", NULL};
    CLEANUP(child_result_done) struct child_result result = child_run(argv, pdf, EXTRACT_MS);

    if (result.exit_code == NO_SUCH_PROGRAM)
        skip();
    if (result.exit_code != 0)
        fail_msg("%.*s", (int)result.err.len, (const char *)result.err.ptr);
    buf_move(ret, &result.out);
}

unsigned extract_count(const struct buf *text, const char *part)
{
    struct bytes rest = buf_bytes(text);
    const uint8_t *found;
    unsigned count = 0;

    while (rest.len > 0 && (found = memmem(rest.ptr, rest.len, part, strlen(part))) != NULL) {
        const size_t done = (size_t)(found - rest.ptr) + strlen(part);

        rest = bytes_part(rest, done, rest.len - done);
        count++;
    }
    return count;
}
