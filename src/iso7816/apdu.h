/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command and response APDUs (ISO 7816-3, 12.1): all four cases, short and extended lengths.
 * Pure: no input or output. Command chaining and secure messaging are not known here.
 */
#pragma once

#include "base/bytes.h"
#include "iso7816/limits.h"

enum { APDU_HEADER_SIZE = 4 }; /* CLA INS P1 P2 */

struct apdu {
    uint8_t cla, ins, p1, p2;
    struct bytes data; /* borrowed; empty: no Lc field */
    size_t ne;         /* bytes expected, 1 to APDU_NE_MAX; 0: no Le field */
    bool is_extended;  /* how the lengths were (parse) or shall be (build) written */
};

/*
 * Take a command apart. ret->data points into command. An Le behind the data is accepted with any
 * P2, because clients send it with SELECT P2=0C (card.md 9.1). ERR_INPUT if the lengths do not
 * add up.
 */
MUST_CHECK int apdu_parse(struct bytes command, struct apdu *ret, struct err *err);

/*
 * Append a command to ret. Lengths that do not fit the short form are written extended even where
 * is_extended is false. ERR_USAGE past APDU_DATA_MAX or APDU_NE_MAX.
 */
MUST_CHECK int apdu_build(const struct apdu *apdu, struct buf *ret, struct err *err);

/*
 * Split a response into data and status word. *ret_data (may be empty) points into response.
 * ERR_INPUT if it is shorter than a status word or longer than APDU_RESPONSE_MAX.
 */
MUST_CHECK int apdu_split(struct bytes response, struct bytes *ret_data, uint16_t *ret_sw,
                          struct err *err);
