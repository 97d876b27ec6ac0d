/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "platform/kyc/methods.h"

/* Each row is found on its own days, and by nobody else's letter. */
FUZZ_TARGET(data, size)
{
    struct kyc_methods methods;

    if (kyc_methods_parse(bytes_of(data, size), &methods, NULL) < 0)
        return 0;
    FUZZ_CHECK(methods.count <= KYC_METHODS_MAX);
    for (size_t i = 0; i < methods.count; i++) {
        const struct kyc_method *row = &methods.rows[i];

        FUZZ_CHECK(row->letter[0] != '\0' && row->source[0] != '\0');
        if (row->from.year != 0 && kyc_method_is_of(row, row->from))
            FUZZ_CHECK(kyc_methods_find(&methods, row->law, row->method, row->from) == row);
    }
    return 0;
}
