/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/role_feed.h"

enum { HOUR_SECONDS = 3600 };

int role_feed_check(struct bytes key_id, int64_t hours, struct bytes head, struct feed_head *ret,
                    struct err *err)
{
    struct feed_head parsed;

    TRY(feed_head_parse(head, &parsed, err));
    if (!bytes_equal(parsed.signer_key_id, key_id))
        return FAIL(err, ERR_UNTRUSTED, "the feed is to be signed by another key than this one");
    if (bytes_equal(parsed.ca_key_id, key_id))
        return FAIL(err, ERR_UNTRUSTED, "a CA does not sign its feed itself");
    if (parsed.algorithm != KEY_RSA)
        return FAIL(err, ERR_UNTRUSTED, "this key signs with sha256WithRSAEncryption only");
    if (parsed.next_update - parsed.this_update > hours * HOUR_SECONDS)
        return FAIL(err, ERR_UNTRUSTED, "nextUpdate of the feed is later than feed_hours allow");
    *ret = parsed;
    return 0;
}
