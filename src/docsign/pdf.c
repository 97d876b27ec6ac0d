/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures are found by the octets "/ByteRange [": a signature's dictionary cannot be compressed
 * or encrypted there, because the places of its own octets are in it. The numbers lead to the gap,
 * and the gap must be the value of /Contents in the same dictionary.
 */
#include "docsign/pdf.h"

#include "base/hex.h"
#include "docsign/pdf_syntax.h"
#include "x509/der.h"

static const char range_key[] = "/ByteRange", contents_key[] = "/Contents", end_mark[] = "%%EOF";

enum { RANGE = sizeof range_key - 1, CONTENTS = sizeof contents_key - 1, RANGE_NUMBERS = 4 };

/* A /ByteRange as it stands: the first octet, one behind the last, and its numbers. */
struct range {
    size_t from, to;
    size_t numbers[RANGE_NUMBERS];
};

/* The next "/ByteRange [" at *at or behind; *at goes behind it. */
static bool next_range(struct bytes file, size_t *at, struct range *ret)
{
    for (;;) {
        struct bytes rest = bytes_part(file, *at, file.len);
        const uint8_t *hit = rest.len == 0 ? NULL : memmem(rest.ptr, rest.len, range_key, RANGE);
        size_t to;

        if (hit == NULL)
            return false;
        *ret = (struct range){.from = (size_t)(hit - file.ptr)};
        /* Not over comments: in each of them the key could stand again. */
        to = ret->from + RANGE;
        while (to < file.len && pdf_is_space(file.ptr[to]))
            to++;
        *at = to;
        if (to < file.len && file.ptr[to] == '[') {
            ret->to = to + 1;
            return true;
        }
    }
}

static bool read_numbers(struct bytes file, struct range *range)
{
    for (size_t i = 0; i < RANGE_NUMBERS; i++)
        if (!pdf_take_number(file, &range->to, &range->numbers[i]))
            return false;
    range->to = pdf_skip_space(file, range->to);
    return range->to < file.len && file.ptr[range->to++] == ']';
}

/* From the first octet, a gap that has room, and no further than the file goes. */
static bool is_in_file(struct bytes file, const size_t numbers[RANGE_NUMBERS])
{
    return numbers[0] == 0 && numbers[1] < numbers[2] && numbers[2] <= file.len &&
           numbers[3] <= file.len - numbers[2] && numbers[2] - numbers[1] > 2 &&
           numbers[2] - numbers[1] <= PDF_GAP_MAX;
}

/* Where the key stands whose value begins at value; 0 if it is another key. */
static size_t contents_before(struct bytes file, size_t value)
{
    size_t at = value;

    while (at > 0 && pdf_is_space(file.ptr[at - 1]))
        at--;
    if (at < CONTENTS ||
        !bytes_equal(bytes_part(file, at - CONTENTS, CONTENTS), bytes_text(contents_key)))
        return 0;
    return at - CONTENTS;
}

/* Both keys in one dictionary, whichever comes first. */
static bool is_one_dictionary(struct bytes file, const struct range *range)
{
    size_t gap_to = range->numbers[2];
    size_t key = contents_before(file, range->numbers[1]);
    size_t from = key < range->from ? gap_to : range->to;
    size_t to = key < range->from ? range->from : key;

    return key != 0 && from <= to && to - from <= PDF_SPAN_MAX && pdf_is_objects(file, from, to);
}

/* The gap is one string of digits and holds the structure and zeros. */
static bool read_gap(struct bytes gap, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf digits = BUF_INIT;
    CLEANUP(buf_done) struct buf octets = BUF_INIT;
    const char *text;
    struct der outer;
    struct bytes rest;
    size_t used;

    if (gap.ptr[0] != '<' || gap.ptr[gap.len - 1] != '>' ||
        buf_copy(bytes_part(gap, 1, gap.len - 2), &digits, err) < 0)
        return false;
    for (size_t i = 0; i < digits.len; i++)
        if (digits.ptr[i] >= 'A' && digits.ptr[i] <= 'F')
            digits.ptr[i] = (uint8_t)(digits.ptr[i] - 'A' + 'a');
    if (buf_text(&digits, &text, err) < 0 || hex_decode(text, &octets, err) < 0)
        return false;
    rest = buf_bytes(&octets);
    /* What is no DER is kept whole, for whoever reads it to refuse. */
    used = der_next(&rest, &outer, NULL) < 0 ? octets.len : outer.whole.len;
    for (size_t i = used; i < octets.len; i++)
        if (octets.ptr[i] != 0)
            return false;
    return buf_copy(bytes_part(buf_bytes(&octets), 0, used), ret, err) == 0;
}

/* A revision ends with its mark and at most one end of line behind it (7.5.6). */
static bool is_revision(struct bytes file, size_t end)
{
    const size_t mark = sizeof end_mark - 1;

    if (end > 0 && file.ptr[end - 1] == '\n')
        end--;
    if (end > 0 && file.ptr[end - 1] == '\r')
        end--;
    return end >= mark && bytes_equal(bytes_part(file, end - mark, mark), bytes_text(end_mark));
}

static enum pdf_coverage coverage_of(struct bytes file, const size_t numbers[RANGE_NUMBERS])
{
    size_t end = numbers[2] + numbers[3];

    if (end == file.len)
        return PDF_WHOLE;
    return is_revision(file, end) ? PDF_REVISION : PDF_BROKEN;
}

static int read_signature(struct bytes file, struct range *range, struct pdf_signature *ret,
                          struct err *err)
{
    const size_t *numbers = range->numbers;
    enum pdf_coverage coverage;
    struct err why = {0};

    *ret = (struct pdf_signature){.coverage = PDF_BROKEN};
    if (!read_numbers(file, range) || !is_in_file(file, numbers) || !is_one_dictionary(file, range))
        return 0;
    coverage = coverage_of(file, numbers);
    if (coverage == PDF_BROKEN)
        return 0;
    if (!read_gap(bytes_part(file, numbers[1], numbers[2] - numbers[1]), &ret->contents, &why))
        return why.kind == ERR_NOMEM ? err_copy(err, &why) : 0;
    ret->coverage = coverage;
    ret->parts[0] = bytes_part(file, 0, numbers[1]);
    ret->parts[1] = bytes_part(file, numbers[2], numbers[3]);
    return 0;
}

int pdf_parse(struct bytes file, struct pdf_signatures *ret, struct err *err)
{
    CLEANUP(pdf_signatures_done) struct pdf_signatures found = {.count = 0};
    struct range range;
    size_t at = 0;

    if (file.len > PDF_MAX)
        return FAIL(err, ERR_INPUT, "a PDF of more than %d bytes", PDF_MAX);
    if (!bytes_start_with(file, BYTES_LITERAL("%PDF-")))
        return FAIL(err, ERR_INPUT, "this is no PDF");
    while (next_range(file, &at, &range)) {
        if (found.count == PDF_SIGNATURES_MAX)
            return FAIL(err, ERR_INPUT, "a PDF with more than %d signatures", PDF_SIGNATURES_MAX);
        TRY(read_signature(file, &range, &found.at[found.count++], err));
    }
    *ret = found;
    found.count = 0;
    return 0;
}

void pdf_signatures_done(struct pdf_signatures *signatures)
{
    for (size_t i = 0; i < signatures->count; i++)
        buf_done(&signatures->at[i].contents);
    signatures->count = 0;
}
