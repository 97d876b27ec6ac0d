/* SPDX-License-Identifier: Apache-2.0 */
/* What reader and writer of lists share about the bytes of an entry. */
#pragma once

#include <stdint.h>

enum {
    UTC_TIME_DER = 15, /* bytes of a UTCTime with tag and length */
    REASON_DER = 14,   /* bytes of crlEntryExtensions with a reason and nothing else */
};

/* crlEntryExtensions { reasonCode } up to the octet of the reason. */
static const uint8_t reason_der[REASON_DER - 1] = {0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55,
                                                   0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01};
