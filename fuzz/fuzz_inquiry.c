/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/inquiry.h"
#include "fuzz.h"

/* What is taken is written again as it was: an inquiry has one spelling. */
FUZZ_TARGET(data, size)
{
    char again[INQUIRY_LEN + 1];
    struct inquiry inquiry;

    if (inquiry_decode(bytes_of(data, size), &inquiry, NULL) < 0)
        return 0;
    FUZZ_CHECK(code_is("TM", inquiry.info) && code_is_body(inquiry.asker));
    FUZZ_CHECK(inquiry_encode(&inquiry, again, NULL) == 0);
    FUZZ_CHECK(bytes_equal(bytes_of(data, size), bytes_of(again, INQUIRY_LEN)));
    return 0;
}
