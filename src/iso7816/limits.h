/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of the wire language of cards. */
#pragma once

enum {
    APDU_SHORT_DATA_MAX = 255, /* ISO 7816-3, 12.1.3: Lc of one byte */
    APDU_SHORT_NE_MAX = 256,   /* Le of one byte, 00 meaning 256 */
    APDU_DATA_MAX = 65535,     /* Lc of two bytes behind a 00 */
    APDU_NE_MAX = 65536,       /* Le of two bytes, 0000 meaning 65536 */
    APDU_COMMAND_MAX = 4 + 3 + APDU_DATA_MAX + 2,
    APDU_RESPONSE_MAX = APDU_NE_MAX + 2, /* data and status word */
    TLV_TAG_MAX = 3,                     /* bytes of a tag */
    TLV_VALUE_MAX = 65535,               /* bytes of a value: lengths in the forms n, 81, 82 */
    TLV_HEADER_MAX = TLV_TAG_MAX + 3,
};
