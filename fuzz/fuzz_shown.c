/* SPDX-License-Identifier: Apache-2.0 */
/* What a proxy passes on of a TLS client's certificate: what is read is one, and nothing else. */
#include "fuzz.h"
#include "x509/cert.h"
#include "x509/shown.h"

FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(shown_bare_done) struct shown_bare shown = SHOWN_BARE_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *certificate = NULL;
    const char *escaped;
    bool is_taken;

    FUZZ_CHECK(buf_append(&text, bytes_of(data, size), NULL) == 0);
    if (buf_text(&text, &escaped, NULL) < 0)
        return 0;
    is_taken = shown_take_bare(escaped, &shown, NULL) == 0;
    FUZZ_CHECK(is_taken == (shown.der.len > 0));
    if (shown_read(escaped, &der, NULL) == 0) {
        FUZZ_CHECK(x509_cert_parse(buf_bytes(&der), &certificate, NULL) == 0);
        FUZZ_CHECK(is_taken && bytes_equal(buf_bytes(&der), buf_bytes(&shown.der)));
    } else
        FUZZ_CHECK(der.len == 0);
    return 0;
}
