/* SPDX-License-Identifier: Apache-2.0 */
/* Files and data objects of the application that a transaction is for. */
#pragma once

#include "base/bytes.h"

struct icc;

/*
 * The BER-TLV object that file fid begins with, header and value, which must have this tag. Its
 * length is taken from its own header, not minimal ones too; filler behind it is not read (card.md
 * 3). ERR_ABSENT if there is no such file or nothing in it, ERR_DENIED if a PIN has to be verified
 * first, ERR_REMOTE for anything else than such an object of at most max bytes.
 */
MUST_CHECK int icc_read_object(struct icc *icc, uint16_t fid, uint32_t tag, size_t max,
                               struct buf *ret, struct err *err);
/* At least one of the first len bytes of a file, at most 256, whatever is in it. */
MUST_CHECK int icc_read_start(struct icc *icc, uint16_t fid, size_t len, struct buf *ret,
                              struct err *err);
/* READ RECORD by number from the file with this short identifier (card.md 4.1). */
MUST_CHECK int icc_read_record(struct icc *icc, uint8_t sfi, uint8_t number, struct buf *ret,
                               struct err *err);
/* GET DATA (card.md 3.7). ERR_ABSENT if the card has no such object. */
MUST_CHECK int icc_get_data(struct icc *icc, uint16_t tag, struct buf *ret, struct err *err);
