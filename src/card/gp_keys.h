/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One key set of GlobalPlatform SCP03: the issuer's, or that of an operator in the free area; and
 * what has to last with it. As TLV in the card file and in what an operator's area is made from.
 */
#pragma once

#include "base/secret.h"

struct gp_keys {
    uint8_t version;             /* 01 to 7F; 0: there are none */
    struct secret enc, mac, dek; /* AES, all of one size */
    uint32_t sequence;           /* channels begun, 24 bits (Amendment D, 6.2.2.1) */
    unsigned tries;              /* wrong authentications that are still allowed in a row */
};

bool gp_keys_are_set(const struct gp_keys *keys);
/* Takes the keys on success. ERR_INPUT for sizes that are none of AES, or several, or a version. */
MUST_CHECK int gp_keys_make(uint8_t version, struct secret *enc, struct secret *mac,
                            struct secret *dek, struct gp_keys *ret, struct err *err);
MUST_CHECK int gp_keys_copy(const struct gp_keys *from, struct gp_keys *ret, struct err *err);
void gp_keys_done(struct gp_keys *keys);

/*
 * In the card file: 80 version, 81 ENC, 82 MAC, 83 DEK, 84 sequence (3), 85 tries (1). Reading is
 * ERR_INPUT for anything writing would not write.
 */
MUST_CHECK int gp_keys_write(const struct gp_keys *keys, struct buf *ret, struct err *err);
MUST_CHECK int gp_keys_read(struct bytes body, struct gp_keys *ret, struct err *err);
