/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "x509/holder.h"

/* Attributes that are accepted are written again as the same bytes. */
FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct holder holder;
    struct caldate birth;

    if (holder_parse(bytes_of(data, size), &holder, NULL) < 0 || holder_check(&holder, NULL) < 0)
        return 0;
    FUZZ_CHECK(holder_build(&holder, &again, NULL) == 0);
    FUZZ_CHECK(bytes_equal(buf_bytes(&again), bytes_of(data, size)));
    if (holder_birth_date(holder.birth, &birth, NULL) == 0)
        FUZZ_CHECK(caldate_is_valid(birth));
    return 0;
}
