/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/shown.h"

#include "base/hex.h"
#include "x509/cert.h"
#include "x509/limits.h"

#include <string.h>

/* "%2B" and characters that need no escape. */
static int decode(const char *escaped, struct buf *ret, struct err *err)
{
    for (const char *at = escaped; *at != '\0'; at++) {
        CLEANUP(buf_done) struct buf octet = BUF_INIT;
        char digits[3] = {0};

        if (*at != '%') {
            TRY(buf_append_byte(ret, (uint8_t)*at, err));
            continue;
        }
        if (at[1] == '\0' || at[2] == '\0')
            return FAIL(err, ERR_INPUT, "an escape is cut off");
        memcpy(digits, at + 1, 2);
        TRY(hex_decode(digits, &octet, err));
        TRY(buf_append(ret, buf_bytes(&octet), err));
        at += 2;
    }
    return 0;
}

int shown_read(const char *escaped, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *certificate = NULL;

    if (strlen(escaped) > SHOWN_MAX)
        return FAIL(err, ERR_INPUT, "more than %d characters", SHOWN_MAX);
    TRY(decode(escaped, &pem, err));
    /* nginx leaves the last one away. */
    if (pem.len > 0 && pem.ptr[pem.len - 1] != '\n')
        TRY(buf_append_byte(&pem, '\n', err));
    TRY(x509_cert_parse_file(buf_bytes(&pem), &certificate, err));
    return buf_append(ret, x509_cert_der(certificate), err);
}
