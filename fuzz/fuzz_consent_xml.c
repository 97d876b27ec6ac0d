/* SPDX-License-Identifier: Apache-2.0 */
/* A consent in XML: whatever is read is written again as it was. */
#include "docsign/consent_xml.h"
#include "fuzz.h"

FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct consent_text text;

    if (consent_xml_parse(bytes_of(data, size), &text, NULL) < 0)
        return 0;
    FUZZ_CHECK(consent_xml_write(&text, &again, NULL) == 0);
    FUZZ_CHECK(bytes_equal(buf_bytes(&again), bytes_of(data, size)));
    FUZZ_CHECK((text.attributes == 0) == text.is_withdrawal);
    return 0;
}
