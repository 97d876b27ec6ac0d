/* SPDX-License-Identifier: Apache-2.0 */
#include "docsign/cms.h"
#include "fuzz.h"

/* What is read lies in the input, and what the signer hashed can be hashed again. */
FUZZ_TARGET(data, size)
{
    struct digest digest;
    struct cms cms;

    if (cms_parse(bytes_of(data, size), &cms, NULL) < 0)
        return 0;
    FUZZ_CHECK(cms.certificate_count <= CMS_CERTIFICATES_MAX);
    for (size_t i = 0; i < cms.certificate_count; i++)
        FUZZ_CHECK(fuzz_is_inside(cms.certificates[i], data, size));
    FUZZ_CHECK((cms.signer_key_id.len > 0) != (cms.signer_serial.len > 0));
    FUZZ_CHECK(cms.message_digest.len == digest_size(cms.digest_alg));
    FUZZ_CHECK(fuzz_is_inside(cms.message_digest, data, size));
    FUZZ_CHECK(fuzz_is_inside(cms.signature, data, size));
    FUZZ_CHECK(fuzz_is_inside(cms.attributes, data, size) && cms.attributes.len > 0);
    FUZZ_CHECK(cms_attributes_digest(&cms, &digest, NULL) == 0);
    return 0;
}
