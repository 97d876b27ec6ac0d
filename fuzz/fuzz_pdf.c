/* SPDX-License-Identifier: Apache-2.0 */
#include "docsign/cms.h"
#include "docsign/pdf.h"
#include "fuzz.h"

/* What is signed lies in the file, in order, and with the gap it is all of a revision. */
static void check(const struct pdf_signature *signature, const uint8_t *data, size_t size)
{
    const struct bytes *parts = signature->parts;
    struct cms cms;

    if (signature->coverage == PDF_BROKEN) {
        FUZZ_CHECK(parts[0].len == 0 && signature->contents.len == 0);
        return;
    }
    FUZZ_CHECK(parts[0].ptr == data && fuzz_is_inside(parts[1], data, size));
    FUZZ_CHECK(parts[1].len == 0 || parts[1].ptr > data + parts[0].len);
    FUZZ_CHECK(data[parts[0].len] == '<');
    FUZZ_CHECK(parts[1].len == 0 || parts[1].ptr[-1] == '>');
    FUZZ_CHECK((parts[1].ptr + parts[1].len == data + size) == (signature->coverage == PDF_WHOLE));
    FUZZ_CHECK(2 * signature->contents.len < size);
    (void)!cms_parse_any(buf_bytes(&signature->contents), &cms, NULL);
}

FUZZ_TARGET(data, size)
{
    CLEANUP(pdf_signatures_done) struct pdf_signatures found = {.count = 0};

    if (pdf_parse(bytes_of(data, size), &found, NULL) < 0)
        return 0;
    FUZZ_CHECK(found.count <= PDF_SIGNATURES_MAX);
    for (size_t i = 0; i < found.count; i++)
        check(&found.at[i], data, size);
    return 0;
}
