/* SPDX-License-Identifier: Apache-2.0 */
/* Names of areas, and directories that no card of ours would write. */
#include "client/free.h"

#include "base/hex.h"
#include "client/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* 61 { 4F "ABC", 50 "label", 73 { 80 "who", A1 { 80 01, 81 "law", 82 date }, 82 date, 83, 84 } } */
#define AREA                                                                                       \
    "6138"                                                                                         \
    "4F03414243"                                                                                   \
    "50056C6162656C"                                                                               \
    "732A"                                                                                         \
    "800377686F"                                                                                   \
    "A1128001"                                                                                     \
    "01"                                                                                           \
    "81036C6177"                                                                                   \
    "82083230323530343031"                                                                         \
    "82083230333030333331"                                                                         \
    "83020064"                                                                                     \
    "840101"

static int parse(const char *hex, struct icc_directory *ret)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    assert_int_equal(hex_decode(hex, &file, NULL), 0);
    return icc_directory_parse(buf_bytes(&file), ret, NULL);
}

static void names_that_mean_no_area_are_refused(void **state)
{
    static const char *const names[] = {
        "",     "seal", "SEALS", "SE-L", "印", "F04F4A50", "F04F4A504B492054455354415345414C4C4C",
        "ABCDE"};
    struct icc_aid aid = {.len = 0};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(icc_area_named(names[i], &aid, NULL), -ERR_USAGE);
    assert_int_equal(aid.len, 0);
}

static void a_name_is_the_end_of_an_aid(void **state)
{
    struct icc_aid aid, same;
    char name[5];

    (void)state;
    assert_int_equal(icc_area_named("SEAL", &aid, NULL), 0);
    assert_int_equal(icc_area_named("f04f4a504b492054455354415345414c", &same, NULL), 0);
    assert_int_equal(aid.len, same.len);
    assert_memory_equal(aid.bytes, same.bytes, aid.len);
    icc_area_name(&aid, name);
    assert_string_equal(name, "SEAL");
    assert_int_equal(icc_area_named("A0000001510000", &aid, NULL), 0);
    icc_area_name(&aid, name);
    assert_string_equal(name, "");
}

static void laws_have_names(void **state)
{
    enum icc_basis basis;

    (void)state;
    assert_int_equal(icc_basis_named("custom", &basis, NULL), -ERR_USAGE);
    assert_int_equal(icc_basis_named("rule", &basis, NULL), 0);
    assert_string_equal(icc_basis_name(basis), "rule");
}

/* Every byte of a directory changed to each of a few others: understood, or refused, as a whole. */
static void damaged_directories_are_refused_or_read_as_a_whole(void **state)
{
    static const uint8_t others[] = {0x00, 0x1f, 0x7f, 0x80, 0xff};
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    size_t refused = 0;

    (void)state;
    assert_int_equal(hex_decode(AREA, &file, NULL), 0);
    for (size_t i = 0; i < file.len * sizeof others; i++) {
        CLEANUP(icc_directory_done) struct icc_directory directory = {.count = 0};
        uint8_t *at = &file.ptr[i / sizeof others];
        uint8_t was = *at;
        int rc;

        *at = others[i % sizeof others];
        rc = icc_directory_parse(buf_bytes(&file), &directory, NULL);
        assert_true(rc == -ERR_REMOTE || (rc == 0 && directory.count == 1));
        refused += rc < 0;
        *at = was;
    }
    assert_true(refused > 100);
}

static void directories_cut_off_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct icc_directory directory = {.count = 0};

    (void)state;
    assert_int_equal(hex_decode(AREA, &file, NULL), 0);
    for (size_t len = 1; len < file.len; len++)
        assert_int_equal(icc_directory_parse(bytes_of(file.ptr, len), &directory, NULL),
                         -ERR_REMOTE);
    assert_int_equal(directory.count, 0);
}

static void so_many_areas_are_read_and_no_more(void **state)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    CLEANUP(icc_directory_done) struct icc_directory directory = {.count = 0};
    const char *text;

    (void)state;
    for (int i = 0; i < ICC_AREAS_MAX; i++)
        assert_int_equal(buf_append_text(&hex, AREA, NULL), 0);
    assert_int_equal(buf_text(&hex, &text, NULL), 0);
    assert_int_equal(parse(text, &directory), 0);
    assert_int_equal(directory.count, ICC_AREAS_MAX);
    icc_directory_done(&directory);
    assert_int_equal(buf_append_text(&hex, AREA, NULL), 0);
    assert_int_equal(buf_text(&hex, &text, NULL), 0);
    assert_int_equal(parse(text, &directory), -ERR_REMOTE);
}

static void a_directory_is_read(void **state)
{
    CLEANUP(icc_directory_done) struct icc_directory directory = {.count = 0};

    (void)state;
    assert_int_equal(parse("", &directory), 0);
    assert_int_equal(directory.count, 0);
    assert_int_equal(parse(AREA, &directory), 0);
    assert_int_equal(directory.count, 1);
    assert_int_equal(directory.areas[0].capacity, 100);
    assert_int_equal(directory.areas[0].basis, ICC_ORDINANCE);
    assert_true(directory.areas[0].is_protected);
    assert_true(bytes_equal(buf_bytes(&directory.areas[0].basis_text), BYTES_LITERAL("law")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_mean_no_area_are_refused),
        cmocka_unit_test(a_name_is_the_end_of_an_aid),
        cmocka_unit_test(laws_have_names),
        cmocka_unit_test(damaged_directories_are_refused_or_read_as_a_whole),
        cmocka_unit_test(directories_cut_off_are_refused),
        cmocka_unit_test(so_many_areas_are_read_and_no_more),
        cmocka_unit_test(a_directory_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
