/* SPDX-License-Identifier: Apache-2.0 */
#include "carddata/cvc.h"
#include "crypto/pubkey.h"
#include "fuzz.h"

/* Whatever is accepted has one spelling: put together again it is what it was. */
static void check_again(const struct cvc *cvc, struct bytes whole)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    CLEANUP(buf_done) struct buf again = BUF_INIT;

    FUZZ_CHECK(cvc_key_parse(cvc->key, &key, NULL) == 0);
    FUZZ_CHECK(cvc_build_body(cvc->issuer_id, cvc->subject_id, pubkey_spki(key), &body, NULL) == 0);
    FUZZ_CHECK(bytes_equal(buf_bytes(&body), cvc->body));
    if (cvc->signature.len == 0)
        return;
    FUZZ_CHECK(cvc_assemble(cvc->body, cvc->signature, &again, NULL) == 0);
    FUZZ_CHECK(bytes_equal(buf_bytes(&again), whole));
}

FUZZ_TARGET(data, size)
{
    struct bytes input = bytes_of(data, size);
    struct cvc cvc;

    if (cvc_parse_body(input, &cvc, NULL) == 0)
        check_again(&cvc, input);
    if (cvc_parse(input, &cvc, NULL) == 0) {
        FUZZ_CHECK(fuzz_is_inside(cvc.body, data, size));
        FUZZ_CHECK(fuzz_is_inside(cvc.signature, data, size));
        check_again(&cvc, input);
    }
    return 0;
}
