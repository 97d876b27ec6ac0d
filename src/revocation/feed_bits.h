/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bits that bodies of the revocation feed are made of (docs/revocation-feed.md): most
 * significant first, numbers of a fixed width, Elias gamma codes, and ascending serial numbers as
 * Rice codes of their distances.
 */
#pragma once

#include "base/bytes.h"

struct bit_writer {
    struct buf *out;
    uint64_t hold; /* the lowest count bits are not written yet */
    unsigned count;
};

/* width is 1 to 32. */
MUST_CHECK int bits_put(struct bit_writer *writer, uint32_t value, unsigned width, struct err *err);
/* A number from 1: as many zeros as it has bits behind the first, then the number. */
MUST_CHECK int bits_put_gamma(struct bit_writer *writer, uint32_t number, struct err *err);
/*
 * Ascending serial numbers, each once, all at least base: how many is not written. Five bits say
 * how many low bits of each distance stand as they are; nothing is written for none.
 */
MUST_CHECK int bits_put_serials(struct bit_writer *writer, uint32_t base, const uint32_t *serials,
                                size_t count, struct err *err);
/* Zeros up to the next byte. */
MUST_CHECK int bits_finish(struct bit_writer *writer, struct err *err);

struct bit_reader {
    struct bytes rest;
    uint64_t hold; /* the highest count bits were taken from rest, and not used yet */
    unsigned count;
};

/* All of these are ERR_INPUT where bits end before the number does. */
MUST_CHECK int bits_take(struct bit_reader *reader, unsigned width, uint32_t *ret, struct err *err);
MUST_CHECK int bits_take_gamma(struct bit_reader *reader, uint32_t *ret, struct err *err);
/* ERR_INPUT, too, if one of them would be above last. */
MUST_CHECK int bits_take_serials(struct bit_reader *reader, uint32_t base, uint32_t last,
                                 uint32_t *ret, size_t count, struct err *err);
/* ERR_INPUT unless all that is left is less than a byte of zeros. */
MUST_CHECK int bits_end(const struct bit_reader *reader, struct err *err);
/* How many bits are left. */
uint64_t bits_left(const struct bit_reader *reader);
