/* SPDX-License-Identifier: Apache-2.0 */
/* What a service applies with: whatever is taken is taken again as it is kept, and means the same.
 */
#include "fuzz.h"
#include "portal/operator/client.h"

FUZZ_TARGET(data, size)
{
    static const struct digest shown = {.alg = DIGEST_SHA256, .len = 32};
    CLEANUP(json_freep) struct json *sent = NULL;
    CLEANUP(operator_client_done) struct operator_client kept = {.metadata = NULL};
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct json *uris;

    if (json_parse(bytes_of(data, size), &sent, NULL) < 0 ||
        http_members_check(sent, operator_metadata_members, NULL) < 0 ||
        operator_check(sent, &shown, NULL) < 0)
        return 0;
    FUZZ_CHECK(json_write(sent, &text, NULL) == 0);
    FUZZ_CHECK(json_parse(buf_bytes(&text), &kept.metadata, NULL) == 0);
    FUZZ_CHECK(operator_check(kept.metadata, &shown, NULL) == 0);
    FUZZ_CHECK(json_get_array(kept.metadata, "redirect_uris", &uris, NULL) == 0);
    for (size_t i = 0; i < json_count(uris); i++)
        FUZZ_CHECK(operator_has_redirect(&kept, json_text(json_at(uris, i))));
    FUZZ_CHECK(!operator_may_use(&kept, "procedure-search"));
    return 0;
}
