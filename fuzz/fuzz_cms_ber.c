/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cms_ber.h"
#include "docsign/cms.h"
#include "fuzz.h"

/* What is written is no longer BER, has no document in it, and is written as it is the next time.
 */
FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf once = BUF_INIT;
    CLEANUP(buf_done) struct buf twice = BUF_INIT;
    struct cms_signers found;
    struct bytes rest;
    struct der outer;
    size_t used;

    if (cms_decode_ber(bytes_of(data, size), &once, &used, NULL) < 0)
        return 0;
    FUZZ_CHECK(used > 0 && used <= size);
    rest = buf_bytes(&once);
    FUZZ_CHECK(der_next(&rest, &outer, NULL) == 0 && rest.len == 0);
    if (cms_parse_signers(buf_bytes(&once), &found, NULL) < 0)
        return 0;
    FUZZ_CHECK(!found.at[0].is_attached);
    FUZZ_CHECK(cms_decode_ber(buf_bytes(&once), &twice, &used, NULL) == 0 && used == once.len);
    FUZZ_CHECK(bytes_equal(buf_bytes(&once), buf_bytes(&twice)));
    return 0;
}
