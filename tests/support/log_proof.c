/* SPDX-License-Identifier: Apache-2.0 */
#include "support/log_proof.h"

#include "base/hex.h"
#include "crypto/mac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct merkle_hash log_proof_hash(const struct json *json, const char *key)
{
    CLEANUP(buf_done) struct buf hash = BUF_INIT;
    struct merkle_hash ret;
    const char *text;

    assert_int_equal(json_get_text(json, key, &text, NULL), 0);
    assert_int_equal(hex_decode(text, &hash, NULL), 0);
    assert_int_equal(hash.len, sizeof ret.value);
    memcpy(ret.value, hash.ptr, hash.len);
    return ret;
}

struct merkle_proof log_proof_path(const struct json *tree)
{
    struct merkle_proof path = {.count = 0};
    const struct json *hashes;

    assert_int_equal(json_get_array(tree, "inclusion", &hashes, NULL), 0);
    for (size_t i = 0; i < json_count(hashes); i++) {
        CLEANUP(buf_done) struct buf hash = BUF_INIT;

        assert_int_equal(hex_decode(json_text(json_at(hashes, i)), &hash, NULL), 0);
        memcpy(path.at[path.count++].value, hash.ptr, hash.len);
    }
    return path;
}

/* Whether the audit log's record was made for this text. */
bool log_proof_is_about(const struct json *proof, const struct json *record, const char *text)
{
    const struct merkle_hash salt = log_proof_hash(proof, "salt");
    const struct merkle_hash commitment = log_proof_hash(record, "commitment");
    const struct bytes pieces[] = {bytes_text("log-record"), bytes_text(text), {NULL, 0}};
    struct digest mac;

    assert_int_equal(mac_salted(BYTES_ARRAY(salt.value), pieces, &mac, NULL), 0);
    return bytes_equal(digest_bytes(&mac), BYTES_ARRAY(commitment.value));
}
