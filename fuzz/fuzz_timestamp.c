/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a timestamp authority answers, and tokens that anybody hands over: read by the roots of
 * nobody, so whatever is in there, nothing is ever believed.
 */
#include "crypto/timestamp.h"

#include "fuzz.h"

#include <openssl/err.h>

/* Of nobody: its key is gone. */
static const char root[] = "-----BEGIN CERTIFICATE-----\n"
                           "MIIBbzCCARWgAwIBAgIUJHiIiP6IODDqM7BUBX21yPUEQqcwCgYIKoZIzj0EAwIw\n"
                           "ETEPMA0GA1UEAwwGTm9ib2R5MCAXDTI2MTEyNjE1MDE0NFoYDzIxMjYxMTAyMTUw\n"
                           "MTQ0WjARMQ8wDQYDVQQDDAZOb2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
                           "AAT4sd/GunZF0uY7TX6wFC9w23Vsagat3c0w676ea4FYXIyDQWYqW9F4rR/aCk7M\n"
                           "Lq7ZH4EQzDFXH5Wy8wEUK3ZJo0kwRzAOBgNVHQ8BAf8EBAMCB4AwFgYDVR0lAQH/\n"
                           "BAwwCgYIKwYBBQUHAwgwHQYDVR0OBBYEFHM3URA2zbjeU7mACUfNcKjReSgDMAoG\n"
                           "CCqGSM49BAMCA0gAMEUCIQCcaEKNnGDznz4LX9QI7KiD/LDYRS4TpSujF1xaV3HA\n"
                           "NgIgMI2pRHP9s95r1vm7JtFb2AMqTmrw0jXFBRWnT+/4vrY=\n"
                           "-----END CERTIFICATE-----\n";

FUZZ_TARGET(data, size)
{
    CLEANUP(timestamp_roots_freep) struct timestamp_roots *roots = NULL;
    CLEANUP(timestamp_roots_freep) struct timestamp_roots *read = NULL;
    CLEANUP(buf_done) struct buf query = BUF_INIT;
    CLEANUP(buf_done) struct buf token = BUF_INIT;
    struct bytes text = bytes_of(data, size);
    int64_t time;

    FUZZ_CHECK(timestamp_roots_read(BYTES_LITERAL(root), &roots, NULL) == 0);
    FUZZ_CHECK(timestamp_ask(BYTES_LITERAL("a report"), &query, NULL) == 0);
    FUZZ_CHECK(timestamp_receive(buf_bytes(&query), text, roots, &token, NULL) < 0);
    FUZZ_CHECK(token.len == 0);
    FUZZ_CHECK(timestamp_check(text, BYTES_LITERAL("a report"), roots, &time, NULL) < 0);
    if (timestamp_roots_read(text, &read, NULL) == 0)
        FUZZ_CHECK(size > 0 && size <= TIMESTAMP_ROOTS_MAX);
    FUZZ_CHECK(ERR_peek_error() == 0);
    return 0;
}
