/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"
#include "fuzz.h"

/* What is accepted is what would be written. */
FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct digest digest;

    if (digestinfo_parse(bytes_of(data, size), &digest, NULL) < 0)
        return 0;
    FUZZ_CHECK(digestinfo_build(&digest, &again, NULL) == 0);
    FUZZ_CHECK(bytes_equal(buf_bytes(&again), bytes_of(data, size)));
    return 0;
}
