/* SPDX-License-Identifier: Apache-2.0 */
/* Records as they come with a personalisation: they lie one behind the other inside the input. */
#include "card/record.h"
#include "fuzz.h"

FUZZ_TARGET(data, size)
{
    struct bytes rest = bytes_of(data, size);
    struct bytes record;

    while (record_next(&rest, &record)) {
        FUZZ_CHECK(record.len >= 2 && fuzz_is_inside(record, data, size));
        FUZZ_CHECK(rest.len == 0 || record.ptr + record.len == rest.ptr);
        FUZZ_CHECK(record.ptr[1] == 0xff || record.len == 2 + (size_t)record.ptr[1]);
    }
    FUZZ_CHECK(rest.len <= size);
    return 0;
}
