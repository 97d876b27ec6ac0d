/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of a card's free area, as the client reads it. */
#include "client/free.h"
#include "fuzz.h"

#include "base/utf8.h"

FUZZ_TARGET(data, size)
{
    CLEANUP(icc_directory_done) struct icc_directory directory = {.count = 0};

    if (icc_directory_parse(bytes_of(data, size), &directory, NULL) < 0)
        return 0;
    FUZZ_CHECK(directory.count <= ICC_AREAS_MAX);
    for (size_t i = 0; i < directory.count; i++) {
        const struct icc_area *area = &directory.areas[i];
        char name[5];

        icc_area_name(&area->aid, name);
        FUZZ_CHECK(icc_basis_name(area->basis) != NULL);
        FUZZ_CHECK(area->label.len > 0 && utf8_is_valid(buf_bytes(&area->label)));
        FUZZ_CHECK(area->owner.len > 0 && utf8_is_valid(buf_bytes(&area->owner)));
        FUZZ_CHECK(caldate_is_valid(area->expiry) && caldate_is_valid(area->basis_date));
    }
    return 0;
}
