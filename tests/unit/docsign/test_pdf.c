/* SPDX-License-Identifier: Apache-2.0 */
/* PDFs whose signature is not where it says, then those that are well made. */
#include "docsign/pdf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* A PDF in pieces, of which a test changes one; %s of dictionary is replaced by the range. */
struct draft {
    const char *before, *middle, *gap, *after;
    int64_t numbers[4]; /* added to what would be right */
    bool is_reversed;   /* /Contents before /ByteRange */
};

static struct draft good(void)
{
    return (struct draft){.before = "%PDF-1.7\n5 0 obj\n<< /Type /Sig ",
                          .middle = " /Filter /Adobe.PPKLite ",
                          .gap = "<300302010500>",
                          .after = " >>\nendobj\n%%EOF\n"};
}

enum { RANGE_SIZE = 64 };

/* Ten digits each, so that the places do not depend on them. */
static void write_range(char ret[RANGE_SIZE], size_t from, size_t to, size_t end,
                        const int64_t added[4])
{
    (void)snprintf(ret, RANGE_SIZE, "/ByteRange [%lld %010lld %010lld %010lld]",
                   (long long)added[0], (long long)from + added[1], (long long)to + added[2],
                   (long long)(end - to) + added[3]);
}

static void build(const struct draft *draft, struct buf *ret)
{
    char range[RANGE_SIZE];
    const int64_t none[4] = {0};
    size_t lead, from, to, end;

    write_range(range, 0, 0, 0, none);
    lead = strlen(draft->before) + (draft->is_reversed ? 0 : strlen(range) + strlen(draft->middle));
    from = lead + strlen("/Contents ");
    to = from + strlen(draft->gap);
    end = to + strlen(draft->after) +
          (draft->is_reversed ? strlen(range) + strlen(draft->middle) : 0);
    write_range(range, from, to, end, draft->numbers);
    assert_int_equal(buf_append_text(ret, draft->before, NULL), 0);
    if (!draft->is_reversed)
        assert_int_equal(buf_append_format(ret, NULL, "%s%s", range, draft->middle), 0);
    assert_int_equal(buf_append_format(ret, NULL, "/Contents %s", draft->gap), 0);
    if (draft->is_reversed)
        assert_int_equal(buf_append_format(ret, NULL, "%s%s", draft->middle, range), 0);
    assert_int_equal(buf_append_text(ret, draft->after, NULL), 0);
}

static void assert_coverage(struct bytes file, enum pdf_coverage coverage)
{
    CLEANUP(pdf_signatures_done) struct pdf_signatures found = {.count = 0};

    assert_int_equal(pdf_parse(file, &found, NULL), 0);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.at[0].coverage, coverage);
    assert_int_equal(found.at[0].contents.len > 0, coverage != PDF_BROKEN);
}

static void assert_draft(const struct draft *draft, enum pdf_coverage coverage)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    build(draft, &file);
    assert_coverage(buf_bytes(&file), coverage);
}

static void what_does_not_begin_as_a_pdf_is_none(void **state)
{
    struct pdf_signatures found;

    (void)state;
    assert_int_equal(pdf_parse(BYTES_LITERAL(""), &found, NULL), -ERR_INPUT);
    assert_int_equal(pdf_parse(BYTES_LITERAL("%PDF"), &found, NULL), -ERR_INPUT);
    assert_int_equal(pdf_parse(BYTES_LITERAL(" %PDF-1.7 /ByteRange [0 1 2 3]"), &found, NULL),
                     -ERR_INPUT);
}

/* Ranges that leave out more than the signature, or less, or lead out of the file. */
static void a_range_that_is_not_all_but_the_signature_is_broken(void **state)
{
    static const int64_t wrong[][4] = {
        {1, 0, 0, 0},  {0, -1, 0, 0}, {0, 1, 0, 0},       {0, 0, -1, 0},
        {0, 0, 1, 0},  {0, 0, 0, 1},  {0, 0, 0, -2},      {0, -10, 0, 0},
        {0, 0, 0, -4}, {0, 0, 5, -5}, {0, 0, 0, 1 << 30}, {0, 1 << 30, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct draft draft = good();

        memcpy(draft.numbers, wrong[i], sizeof draft.numbers);
        assert_draft(&draft, PDF_BROKEN);
    }
}

/* Signature wrapping: what is between the parts has to be the signature and nothing else. */
static void a_gap_that_is_no_string_of_digits_is_broken(void **state)
{
    static const char *const gaps[] = {
        "<30030201050>",
        "<3003020105 00>",
        "<300302010500> >> << /Contents <00>",
        "(300302010500)",
        "<30030201050g>",
        "<300302010500>>",
        "<<300302010500>>",
        "<>",
        "<30030201050001>",
        "<300302010500>%<00>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof gaps / sizeof gaps[0]; i++) {
        struct draft draft = good();

        draft.gap = gaps[i];
        assert_draft(&draft, PDF_BROKEN);
    }
}

/* The numbers in one dictionary, the signature in another, as in wrapped ones. */
static void keys_of_two_dictionaries_are_broken(void **state)
{
    static const char *const middles[] = {
        " >>\nendobj\n6 0 obj\n<< ",
        " >> << ",
        " /Prop << ",
        " ] ",
        " (",
        " endobj ",
        " /M (text\\) ",
    };

    (void)state;
    for (size_t i = 0; i < sizeof middles / sizeof middles[0]; i++)
        for (unsigned reversed = 0; reversed < 2; reversed++) {
            struct draft draft = good();

            draft.middle = middles[i];
            draft.is_reversed = reversed == 1;
            assert_draft(&draft, PDF_BROKEN);
        }
}

static void another_key_than_contents_holds_no_signature(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    const struct draft draft = good();
    uint8_t *key;

    (void)state;
    build(&draft, &file);
    key = memmem(file.ptr, file.len, "/Contents", strlen("/Contents"));
    memcpy(key, "/Kontents", strlen("/Kontents"));
    assert_coverage(buf_bytes(&file), PDF_BROKEN);
}

static void numbers_that_are_none_are_broken(void **state)
{
    static const char *const files[] = {
        "%PDF-1.7\n<< /ByteRange [0 1 2] /Contents <00> >>",
        "%PDF-1.7\n<< /ByteRange [0 1 2 3",
        "%PDF-1.7\n<< /ByteRange [",
        "%PDF-1.7\n<< /ByteRange [0 1 2 3 4] /Contents <00> >>",
        "%PDF-1.7\n<< /ByteRange [0 a 2 3] /Contents <00> >>",
        "%PDF-1.7\n<< /ByteRange [0 0 0 0] /Contents <00> >>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        assert_coverage(bytes_text(files[i]), PDF_BROKEN);
}

static void what_is_added_behind_a_revision_makes_it_an_earlier_one(void **state)
{
    static const char *const ends[] = {"%%EOF\n", "%%EOF\r\n", "%%EOF\r", "%%EOF"};

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        CLEANUP(buf_done) struct buf file = BUF_INIT;
        struct draft draft = good();

        draft.after = ends[i];
        build(&draft, &file);
        assert_coverage(buf_bytes(&file), PDF_WHOLE);
        assert_int_equal(buf_append_text(&file, "x", NULL), 0);
        assert_coverage(buf_bytes(&file), PDF_REVISION);
    }
}

/* A part of the file that is no revision anybody could have seen. */
static void a_beginning_that_is_no_revision_is_broken(void **state)
{
    static const char *const ends[] = {" >>\nendobj\n", "%%EOF\n\n", "%%EOF ", "%EOF\n"};

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        CLEANUP(buf_done) struct buf file = BUF_INIT;
        struct draft draft = good();

        draft.after = ends[i];
        build(&draft, &file);
        assert_int_equal(buf_append_text(&file, "x", NULL), 0);
        assert_coverage(buf_bytes(&file), PDF_BROKEN);
    }
}

static void sizes_have_limits(void **state)
{
    CLEANUP(buf_done) struct buf big = BUF_INIT;
    CLEANUP(buf_done) struct buf many = BUF_INIT;
    CLEANUP(pdf_signatures_done) struct pdf_signatures found = {.count = 0};

    (void)state;
    assert_int_equal(buf_append_text(&big, "%PDF-", NULL), 0);
    assert_int_equal(buf_reserve(&big, PDF_MAX, NULL), 0);
    memset(big.ptr + big.len, ' ', PDF_MAX);
    big.len = PDF_MAX;
    assert_int_equal(pdf_parse(buf_bytes(&big), &found, NULL), 0);
    assert_int_equal(found.count, 0);
    big.len++;
    assert_int_equal(pdf_parse(buf_bytes(&big), &found, NULL), -ERR_INPUT);
    assert_int_equal(buf_append_text(&many, "%PDF-", NULL), 0);
    for (size_t i = 0; i < PDF_SIGNATURES_MAX; i++)
        assert_int_equal(buf_append_text(&many, "/ByteRange [", NULL), 0);
    assert_int_equal(pdf_parse(buf_bytes(&many), &found, NULL), 0);
    assert_int_equal(found.count, PDF_SIGNATURES_MAX);
    assert_int_equal(buf_append_text(&many, "/ByteRange [", NULL), 0);
    assert_int_equal(pdf_parse(buf_bytes(&many), &found, NULL), -ERR_INPUT);
}

static void the_gap_and_what_is_before_it_have_limits(void **state)
{
    static const size_t gaps[] = {PDF_GAP_MAX, PDF_GAP_MAX + 2};
    static const size_t spans[] = {PDF_SPAN_MAX, PDF_SPAN_MAX + 1};
    char *text = malloc(PDF_GAP_MAX + 3);

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < 2; i++) {
        struct draft draft = good();

        (void)snprintf(text, PDF_GAP_MAX + 3, "<3003020105%0*d>", (int)gaps[i] - 12, 0);
        draft.gap = text;
        assert_draft(&draft, i == 0 ? PDF_WHOLE : PDF_BROKEN);
    }
    for (size_t i = 0; i < 2; i++) {
        struct draft draft = good();

        memset(text, ' ', spans[i]);
        text[spans[i]] = '\0';
        draft.middle = text;
        assert_draft(&draft, i == 0 ? PDF_WHOLE : PDF_BROKEN);
    }
    free(text);
}

static void a_well_made_signature_is_over_all_but_itself(void **state)
{
    (void)state;
    for (unsigned reversed = 0; reversed < 2; reversed++) {
        CLEANUP(buf_done) struct buf file = BUF_INIT;
        CLEANUP(pdf_signatures_done) struct pdf_signatures found = {.count = 0};
        struct draft draft = good();

        draft.is_reversed = reversed == 1;
        draft.gap = "<30030201050000000000>";
        build(&draft, &file);
        assert_int_equal(pdf_parse(buf_bytes(&file), &found, NULL), 0);
        assert_int_equal(found.count, 1);
        assert_int_equal(found.at[0].coverage, PDF_WHOLE);
        assert_int_equal(found.at[0].parts[0].len + strlen(draft.gap) + found.at[0].parts[1].len,
                         file.len);
        /* Without the padding. */
        assert_true(
            bytes_equal(buf_bytes(&found.at[0].contents), BYTES_LITERAL("\x30\x03\x02\x01\x05")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_begin_as_a_pdf_is_none),
        cmocka_unit_test(a_range_that_is_not_all_but_the_signature_is_broken),
        cmocka_unit_test(a_gap_that_is_no_string_of_digits_is_broken),
        cmocka_unit_test(keys_of_two_dictionaries_are_broken),
        cmocka_unit_test(another_key_than_contents_holds_no_signature),
        cmocka_unit_test(numbers_that_are_none_are_broken),
        cmocka_unit_test(what_is_added_behind_a_revision_makes_it_an_earlier_one),
        cmocka_unit_test(a_beginning_that_is_no_revision_is_broken),
        cmocka_unit_test(sizes_have_limits),
        cmocka_unit_test(the_gap_and_what_is_before_it_have_limits),
        cmocka_unit_test(a_well_made_signature_is_over_all_but_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
