/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists from anybody. What is read lies inside the input; walking it ends. */
#include "fuzz.h"
#include "revocation/crl.h"

static void must_lie_inside(struct bytes part, struct bytes whole)
{
    if (part.len > 0 && (part.ptr < whole.ptr || part.ptr + part.len > whole.ptr + whole.len))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {data, size};
    struct crl crl;
    struct revocation entry;
    uint64_t number;

    if (crl_parse(input, 1 << 20, &crl, NULL) < 0 && crl_parse_tbs(input, &crl, NULL) < 0)
        return 0;
    must_lie_inside(crl.tbs, input);
    must_lie_inside(crl.entries, input);
    must_lie_inside(crl.authority_key_id, input);
    must_lie_inside(crl.distribution_point, input);
    must_lie_inside(crl.signature, input);
    if (crl_number(&crl, &number, NULL) == 0 && crl.number.len > sizeof number)
        abort();
    while (crl_next(&crl.entries, &entry, NULL) == 0) {
        if (entry.serial == 0 || entry.reason >= CRL_REASONS_)
            abort();
    }
    return 0;
}
