/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What daemons ask jpki-signerd to sign, but for what the targets tbs, card_tbs, jws and party are
 * about: 20 octets for the key's identifier, then what is to be signed, which is put to every kind
 * of key. What one would sign, no other does, and a certificate none.
 */
#include "fuzz.h"
#include "signer/role_feed.h"
#include "signer/role_note.h"
#include "signer/role_ocsp.h"
#include "x509/tbs.h"

#include <string.h>

enum { KEY_ID_LEN = 20, HOURS = 48, HOUR_SECONDS = 3600 };

#define ORIGIN "log.openjpki.test/seed"

static bool signs_feed(struct bytes key_id, struct bytes message)
{
    struct feed_head head;

    if (role_feed_check(key_id, HOURS, message, &head, NULL) < 0)
        return false;
    FUZZ_CHECK(bytes_equal(head.signer_key_id, key_id) && !bytes_equal(head.ca_key_id, key_id));
    FUZZ_CHECK(head.next_update > head.this_update);
    FUZZ_CHECK(head.next_update - head.this_update <= HOURS * HOUR_SECONDS);
    FUZZ_CHECK(fuzz_is_inside(head.ca_key_id, message.ptr, message.len));
    FUZZ_CHECK(fuzz_is_inside(head.body_digest, message.ptr, message.len));
    return true;
}

/* What is signed says of each certificate until when, and of none for longer than it may. */
static bool signs_response(struct bytes key_id, struct bytes message)
{
    struct ocsp_response response;

    if (role_ocsp_check_response(key_id, HOURS, message, NULL) < 0)
        return false;
    FUZZ_CHECK(ocsp_response_parse_data(message, &response, NULL) == 0);
    FUZZ_CHECK(response.count >= 1 && bytes_equal(response.responder_key_hash, key_id));
    for (size_t i = 0; i < response.count; i++) {
        const struct ocsp_single *single = &response.singles[i];

        FUZZ_CHECK(single->this_update <= response.produced_at);
        FUZZ_CHECK(single->next_update <= single->this_update + HOURS * HOUR_SECONDS);
        FUZZ_CHECK(single->status == OCSP_UNKNOWN || single->next_update > single->this_update);
    }
    return true;
}

static bool signs_checkpoint(struct bytes message)
{
    uint32_t records = 0;

    if (role_checkpoint_check(ORIGIN, message, &records, NULL) < 0)
        return false;
    FUZZ_CHECK(records >= 1 && bytes_start_with(message, bytes_text(ORIGIN "\n")));
    return true;
}

static bool signs_cosignature(struct bytes message)
{
    if (role_cosignature_check("other.test " ORIGIN "\nthird.test", message, NULL) < 0)
        return false;
    FUZZ_CHECK(bytes_start_with(message, bytes_text("cosignature/v1\n")));
    return true;
}

FUZZ_TARGET(data, size)
{
    unsigned signed_by = 0;
    struct bytes key_id, message;
    struct tbs tbs;

    if (size < KEY_ID_LEN)
        return 0;
    key_id = bytes_of(data, KEY_ID_LEN);
    message = bytes_of(data + KEY_ID_LEN, size - KEY_ID_LEN);
    signed_by += signs_feed(key_id, message);
    signed_by += signs_response(key_id, message);
    signed_by += role_ocsp_check_request(message, NULL) == 0;
    signed_by += signs_checkpoint(message);
    signed_by += signs_cosignature(message);
    signed_by += tbs_parse(message, &tbs, NULL) == 0;
    FUZZ_CHECK(signed_by <= 1);
    return 0;
}
