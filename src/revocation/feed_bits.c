/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Rice code (R. F. Rice, 1979) of a distance is its high bits in unary, ones ended by a zero,
 * and its low bits as they are. Distances between random members of a dense range are geometric,
 * for which no code with whole bits does better.
 */
#include "revocation/feed_bits.h"

enum { WIDTH_MAX = 32, LOW_BITS = 5, LOW_MAX = 31, HOLD_BITS = 64, BYTE_BITS = 8 };

int bits_put(struct bit_writer *writer, uint32_t value, unsigned width, struct err *err)
{
    writer->hold = writer->hold << width | value;
    writer->count += width;
    while (writer->count >= BYTE_BITS) {
        writer->count -= BYTE_BITS;
        TRY(buf_append_byte(writer->out, (uint8_t)(writer->hold >> writer->count), err));
    }
    return 0;
}

static unsigned bits_in(uint32_t number)
{
    return number == 0 ? 0 : WIDTH_MAX - (unsigned)__builtin_clz(number);
}

int bits_put_gamma(struct bit_writer *writer, uint32_t number, struct err *err)
{
    unsigned width = bits_in(number);

    if (width == 0)
        return FAIL(err, ERR_USAGE, "zero has no gamma code");
    if (width > 1)
        TRY(bits_put(writer, 0, width - 1, err));
    return bits_put(writer, number, width, err);
}

static int put_ones(struct bit_writer *writer, uint32_t count, struct err *err)
{
    for (; count >= LOW_MAX; count -= LOW_MAX)
        TRY(bits_put(writer, UINT32_MAX >> 1, LOW_MAX, err));
    return bits_put(writer, (uint32_t)((UINT64_C(2) << count) - 2), count + 1, err);
}

static uint64_t size_with(unsigned low, uint32_t base, const uint32_t *serials, size_t count)
{
    uint64_t size = (uint64_t)count * (low + 1);

    for (size_t i = 0; i < count; i++) {
        size += (serials[i] - base) >> low;
        base = serials[i] + 1;
    }
    return size;
}

/* Near the logarithm of the mean distance; which of three is looked up. */
static unsigned best_low(uint32_t base, const uint32_t *serials, size_t count)
{
    uint64_t mean = ((uint64_t)serials[count - 1] - base + 1) / count;
    unsigned middle = bits_in(mean > UINT32_MAX ? UINT32_MAX : (uint32_t)mean);
    unsigned best = middle;
    uint64_t least = UINT64_MAX;

    for (unsigned low = middle < 2 ? 0 : middle - 2; low <= middle && low <= LOW_MAX; low++) {
        uint64_t size = size_with(low, base, serials, count);

        if (size < least) {
            least = size;
            best = low;
        }
    }
    return best;
}

int bits_put_serials(struct bit_writer *writer, uint32_t base, const uint32_t *serials,
                     size_t count, struct err *err)
{
    unsigned low;

    if (count == 0)
        return 0;
    low = best_low(base, serials, count);
    TRY(bits_put(writer, low, LOW_BITS, err));
    for (size_t i = 0; i < count; i++) {
        uint32_t distance = serials[i] - base;

        if (serials[i] < base)
            return FAIL(err, ERR_USAGE, "serial numbers of a feed are not in ascending order");
        TRY(put_ones(writer, distance >> low, err));
        if (low > 0)
            TRY(bits_put(writer, distance & ((UINT32_C(1) << low) - 1), low, err));
        base = serials[i] + 1;
    }
    return 0;
}

int bits_finish(struct bit_writer *writer, struct err *err)
{
    return writer->count == 0 ? 0 : bits_put(writer, 0, BYTE_BITS - writer->count, err);
}

static void fill(struct bit_reader *reader)
{
    while (reader->count <= HOLD_BITS - BYTE_BITS && reader->rest.len > 0) {
        reader->hold |= (uint64_t)*reader->rest.ptr << (HOLD_BITS - BYTE_BITS - reader->count);
        reader->count += BYTE_BITS;
        reader->rest.ptr++;
        reader->rest.len--;
    }
}

static int fail_short(struct err *err)
{
    return FAIL(err, ERR_INPUT, "a body of the feed that ends too early");
}

/* width is 0 to 32. */
static int take(struct bit_reader *reader, unsigned width, uint32_t *ret, struct err *err)
{
    fill(reader);
    if (reader->count < width)
        return fail_short(err);
    *ret = width == 0 ? 0 : (uint32_t)(reader->hold >> (HOLD_BITS - width));
    reader->hold <<= width;
    reader->count -= width;
    return 0;
}

int bits_take(struct bit_reader *reader, unsigned width, uint32_t *ret, struct err *err)
{
    return take(reader, width, ret, err);
}

/* Equal bits up to the first other one, which is taken, too; at most max of them. */
static int take_unary(struct bit_reader *reader, bool of_ones, uint32_t max, uint32_t *ret,
                      struct err *err)
{
    uint64_t count = 0;

    for (;;) {
        uint64_t others;
        unsigned run;

        fill(reader);
        others = of_ones ? ~reader->hold : reader->hold;
        run = others == 0 ? HOLD_BITS : (unsigned)__builtin_clzll(others);
        if (run < reader->count) {
            reader->hold = reader->hold << run << 1;
            reader->count -= run + 1;
            count += run;
            break;
        }
        if (reader->rest.len == 0)
            return fail_short(err);
        count += reader->count;
        reader->hold = 0;
        reader->count = 0;
    }
    if (count > max)
        return FAIL(err, ERR_INPUT, "a number in the feed is too large");
    *ret = (uint32_t)count;
    return 0;
}

int bits_take_gamma(struct bit_reader *reader, uint32_t *ret, struct err *err)
{
    uint32_t width;
    uint32_t rest;

    TRY(take_unary(reader, false, LOW_MAX, &width, err));
    TRY(take(reader, width, &rest, err));
    *ret = UINT32_C(1) << width | rest;
    return 0;
}

int bits_take_serials(struct bit_reader *reader, uint32_t base, uint32_t last, uint32_t *ret,
                      size_t count, struct err *err)
{
    uint64_t next = base;
    uint32_t low;

    if (count == 0)
        return 0;
    TRY(take(reader, LOW_BITS, &low, err));
    for (size_t i = 0; i < count; i++) {
        uint32_t high;
        uint32_t rest;

        TRY(take_unary(reader, true, UINT32_MAX >> low, &high, err));
        TRY(take(reader, low, &rest, err));
        next += (uint64_t)high << low | rest;
        if (next > last)
            return FAIL(err, ERR_INPUT, "a serial number in the feed is out of its range");
        ret[i] = (uint32_t)next++;
    }
    return 0;
}

uint64_t bits_left(const struct bit_reader *reader)
{
    return (uint64_t)reader->rest.len * BYTE_BITS + reader->count;
}

int bits_end(const struct bit_reader *reader, struct err *err)
{
    if (bits_left(reader) >= BYTE_BITS || reader->hold != 0)
        return FAIL(err, ERR_INPUT, "something stands behind a body of the feed");
    return 0;
}
