/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BER-TLV as the card speaks it (ISO 7816-4, 5.2.2): one- to three-byte tags, definite lengths up
 * to 65535, which need not be minimal (card.md 3). Values are not looked into.
 */
#pragma once

#include "base/bytes.h"
#include "iso7816/limits.h"

struct tlv {
    uint32_t tag;       /* tag bytes as written: 0x30, 0x5F20, 0xDF8101 */
    struct bytes value; /* points into the input */
};

/*
 * Take the first element off *rest. On success *ret holds it and *rest starts after it; on failure
 * neither is touched. An empty *rest is ERR_ABSENT, everything else ERR_INPUT: so are filler bytes
 * (00 or FF), which start no element.
 */
MUST_CHECK int tlv_next(struct bytes *rest, struct tlv *ret, struct err *err);

/* The first element with this tag among those of whole. ERR_ABSENT if there is none. */
MUST_CHECK int tlv_find(struct bytes whole, uint32_t tag, struct tlv *ret, struct err *err);

/*
 * How many bytes the first element has in all, header and value, from its first bytes: at most
 * TLV_HEADER_MAX of them are needed. For files that are longer than the object in them.
 */
MUST_CHECK int tlv_total(struct bytes head, size_t *ret, struct err *err);

/* Append an element with the shortest length. ERR_USAGE past TLV_VALUE_MAX or for no tag. */
MUST_CHECK int tlv_append(struct buf *buf, uint32_t tag, struct bytes value, struct err *err);
