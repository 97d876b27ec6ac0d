/* SPDX-License-Identifier: Apache-2.0 */
/* A consent as its holder signed it: what is read of it keeps its own rules. */
#include "authority/consent/consent.h"
#include "fuzz.h"

FUZZ_TARGET(data, size)
{
    CLEANUP(json_freep) struct json *json = NULL;
    struct consent_document document;

    if (json_parse(bytes_of(data, size), &json, NULL) < 0 ||
        consent_parse(json, &document, NULL) < 0)
        return 0;
    FUZZ_CHECK(document.verifier != NULL && document.provider != NULL && document.service != NULL);
    FUZZ_CHECK((document.attributes == 0) == document.is_withdrawal);
    FUZZ_CHECK(document.attributes < 1U << ATTRIBUTES_);
    return 0;
}
