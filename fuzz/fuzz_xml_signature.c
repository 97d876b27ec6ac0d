/* SPDX-License-Identifier: Apache-2.0 */
/* A signed XML document: whatever is read can be prepared again to what was signed. */
#include "docsign/xml_signature.h"
#include "fuzz.h"

FUZZ_TARGET(data, size)
{
    CLEANUP(xml_signed_done) struct xml_signed xml = {.kind = KEY_RSA};
    CLEANUP(buf_done) struct buf info = BUF_INIT;

    if (xml_signature_parse(bytes_of(data, size), &xml, NULL) < 0)
        return 0;
    FUZZ_CHECK(xml_signature_prepare(buf_bytes(&xml.element), xml.kind, &info, NULL) == 0);
    FUZZ_CHECK(bytes_equal(buf_bytes(&info), buf_bytes(&xml.signed_info)));
    return 0;
}
