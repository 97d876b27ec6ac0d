/* SPDX-License-Identifier: Apache-2.0 */
#include "docsign/cms.h"
#include "fuzz.h"

static void check(const struct cms *cms, const uint8_t *data, size_t size)
{
    struct digest digest;

    FUZZ_CHECK(cms->certificate_count <= CMS_CERTIFICATES_MAX);
    for (size_t i = 0; i < cms->certificate_count; i++)
        FUZZ_CHECK(fuzz_is_inside(cms->certificates[i], data, size));
    FUZZ_CHECK((cms->signer_key_id.len > 0) != (cms->signer_serial.len > 0));
    FUZZ_CHECK(cms->message_digest.len == digest_size(cms->digest_alg));
    FUZZ_CHECK(fuzz_is_inside(cms->message_digest, data, size));
    FUZZ_CHECK(fuzz_is_inside(cms->signature, data, size));
    FUZZ_CHECK(fuzz_is_inside(cms->attributes, data, size) && cms->attributes.len > 0);
    FUZZ_CHECK(cms_attributes_digest(cms, &digest, NULL) == 0);
}

/* What is read of each signer lies in the input, and what he hashed can be hashed again. */
FUZZ_TARGET(data, size)
{
    struct cms_signers found;
    struct cms one;
    bool is_detached;

    if (cms_parse_signers(bytes_of(data, size), &found, NULL) < 0)
        return 0;
    FUZZ_CHECK(found.count > 0 && found.count <= CMS_SIGNERS_MAX);
    is_detached = !found.at[0].is_attached;
    FUZZ_CHECK((cms_parse_any(bytes_of(data, size), &one, NULL) == 0) == (found.count == 1));
    FUZZ_CHECK((cms_parse(bytes_of(data, size), &one, NULL) == 0) ==
               (found.count == 1 && is_detached));
    for (size_t i = 0; i < found.count; i++)
        check(&found.at[i], data, size);
    return 0;
}
