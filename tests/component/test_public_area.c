/* SPDX-License-Identifier: Apache-2.0 */
/* libjpki and the free area of our software card, on which our client has put two operators. */
#include "base/hex.h"
#include "card/issue.h"
#include "client/free.h"
#include "libjpki/card.h"
#include "reader/backend.h"

#include "support/failalloc.h"
#include "support/memory_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { VERSION = 0x30, KEY_SIZE = 16, ISSUER = 0x11, CITY = 0x22 };

static struct memory_storage storage;
static struct card *inserted;
static struct reader reader;
static struct jpki_card card;
static bool renames_seal; /* in what arrives */

static int transmit(struct reader *from, struct bytes command, struct buf *ret, struct err *err)
{
    uint8_t *name;
    int rc;

    (void)from;
    spare_allocations(true);
    rc = card_apdu(inserted, command, ret, err);
    spare_allocations(false);
    name = renames_seal ? memmem(ret->ptr, ret->len, "SEAL", 4) : NULL;
    if (name != NULL)
        *name = 's';
    return rc;
}

static void release(struct reader *from, enum reader_leave leave)
{
    (void)from, (void)leave;
}

static const struct reader_ops ops = {.transmit = transmit, .free = release};

static void fill(struct secret *ret, int byte)
{
    assert_int_equal(secret_new(KEY_SIZE, ret, NULL), 0);
    memset(ret->ptr, byte, KEY_SIZE);
}

static void make_keys(int who, struct icc_keys *ret)
{
    *ret = (struct icc_keys)ICC_KEYS_INIT;
    ret->version = VERSION;
    fill(&ret->enc, who);
    fill(&ret->mac, who + 0x40);
    fill(&ret->dek, who + 0x80);
}

static void put_issuer_keys(void)
{
    CLEANUP(gp_keys_done) struct gp_keys keys = {.version = 0};
    struct secret enc, mac, dek;

    fill(&enc, ISSUER);
    fill(&mac, ISSUER + 0x40);
    fill(&dek, ISSUER + 0x80);
    assert_int_equal(gp_keys_make(VERSION, &enc, &mac, &dek, &keys, NULL), 0);
    assert_int_equal(card_put_issuer_keys(inserted, &keys, NULL), 0);
}

static void create(const char *name, enum icc_basis basis, int owner)
{
    CLEANUP(icc_keys_done) struct icc_keys issuer = ICC_KEYS_INIT;
    CLEANUP(icc_keys_done) struct icc_keys own = ICC_KEYS_INIT;
    CLEANUP(icc_area_done)
    struct icc_area area = {.basis = basis,
                            .basis_date = {2025, 4, 1},
                            .expiry = {2030, 3, 31},
                            .capacity = 100,
                            .is_protected = owner != 0};

    make_keys(ISSUER, &issuer);
    if (owner != 0)
        make_keys(owner, &own);
    assert_int_equal(icc_area_named(name, &area.aid, NULL), 0);
    assert_int_equal(buf_append_text(&area.label, "印鑑登録証", NULL), 0);
    assert_int_equal(buf_append_text(&area.owner, "見本市", NULL), 0);
    assert_int_equal(buf_append_text(&area.basis_text, "見本市印鑑条例第10条", NULL), 0);
    assert_int_equal(icc_free_create(card.icc, &issuer, &area, owner == 0 ? NULL : &own, NULL), 0);
    assert_int_equal(icc_free_write(card.icc, &area.aid, &issuer, bytes_text("contents"), NULL), 0);
}

static int insert(void **state)
{
    (void)state;
    inserted = memory_card_new(&storage);
    put_issuer_keys();
    reader_init(&reader, &ops, "slot");
    return icc_open(&reader, &card.icc, NULL);
}

static int eject(void **state)
{
    (void)state;
    icc_freep(&card.icc);
    card_freep(&inserted);
    storage = (struct memory_storage){.is_broken = false};
    return 0;
}

static int release_keys(void **state)
{
    (void)state;
    memory_card_release_keys();
    return 0;
}

struct seen {
    unsigned count, wanted;
    char names[4][40];
};

static int see(void *context, const jpki_area *area)
{
    struct seen *seen = context;

    assert_true(seen->count < 4);
    strcpy(seen->names[seen->count], jpki_area_text(area, JPKI_AREA_NAME));
    return ++seen->count == seen->wanted;
}

static void a_card_without_areas_has_none(void **state)
{
    struct seen seen = {.wanted = 9};
    jpki_data *data = NULL;

    (void)state;
    assert_int_equal(jpki_card_areas(&card, see, &seen, NULL), 0);
    assert_int_equal(seen.count, 0);
    assert_int_equal(jpki_card_read_area(&card, "SEAL", &data, NULL), -JPKI_ERROR_ABSENT);
    assert_null(data);
}

static void what_can_be_no_name_is_told(void **state)
{
    static const char *const names[] = {"", "seal", "SEALS", "D3-1", "D39210003100010"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        jpki_data *data = NULL;

        assert_int_equal(jpki_card_read_area(&card, names[i], &data, NULL), -JPKI_ERROR_USAGE);
        assert_null(data);
    }
}

static void areas_are_listed_until_no_more_are_wanted(void **state)
{
    struct seen all = {.wanted = 9};
    struct seen one = {.wanted = 1};

    (void)state;
    create("SEAL", ICC_ORDINANCE, 0);
    create("CIVS", ICC_RULE, CITY);
    assert_int_equal(jpki_card_areas(&card, see, &all, NULL), 0);
    assert_int_equal(all.count, 2);
    assert_string_equal(all.names[0], "SEAL");
    assert_string_equal(all.names[1], "CIVS");
    assert_int_equal(jpki_card_areas(&card, see, &one, NULL), 0);
    assert_int_equal(one.count, 1);
}

static int assert_described(void *context, const jpki_area *area)
{
    const enum jpki_area_basis *basis = context;

    assert_string_equal(jpki_area_text(area, JPKI_AREA_LABEL), "印鑑登録証");
    assert_string_equal(jpki_area_text(area, JPKI_AREA_OPERATOR), "見本市");
    assert_string_equal(jpki_area_text(area, JPKI_AREA_LAW), "見本市印鑑条例第10条");
    assert_string_equal(jpki_area_text(area, JPKI_AREA_SINCE), "2025-04-01");
    assert_string_equal(jpki_area_text(area, JPKI_AREA_EXPIRY), "2030-03-31");
    for (int field = 0; field <= 7; field += 7)
        assert_null(jpki_area_text(area, (enum jpki_area_field)field));
    assert_int_equal(jpki_area_capacity(area), 100);
    assert_int_equal(jpki_area_basis(area), *basis);
    assert_int_equal(jpki_area_is_protected(area) != 0, *basis == JPKI_BASIS_PRIVATE);
    return 1;
}

static void an_area_is_described(void **state)
{
    static const enum icc_basis inside[] = {ICC_ORDINANCE, ICC_RULE, ICC_PRIVATE};
    static const enum jpki_area_basis outside[] = {JPKI_BASIS_ORDINANCE, JPKI_BASIS_RULE,
                                                   JPKI_BASIS_PRIVATE};

    for (size_t i = 0; i < 3; i++) {
        enum jpki_area_basis basis = outside[i];

        create("SEAL", inside[i], inside[i] == ICC_PRIVATE ? CITY : 0);
        assert_int_equal(jpki_card_areas(&card, assert_described, &basis, NULL), 0);
        assert_int_equal(eject(state), 0);
        assert_int_equal(insert(state), 0);
    }
}

/* What is in another operator's range has no short name. */
static void an_area_without_a_short_name_has_its_aid(void **state)
{
    CLEANUP(buf_done) struct buf digits = BUF_INIT;
    struct seen seen = {.wanted = 9};
    struct icc_aid aid;
    const char *text;
    jpki_data *data = NULL;

    (void)state;
    create("SEAL", ICC_ORDINANCE, 0);
    assert_int_equal(icc_area_named("SEAL", &aid, NULL), 0);
    assert_int_equal(hex_append(&digits, bytes_of(aid.bytes, aid.len), NULL), 0);
    assert_int_equal(buf_text(&digits, &text, NULL), 0);
    assert_int_equal(jpki_card_read_area(&card, text, &data, NULL), 0);
    jpki_data_free(data);
    renames_seal = true;
    assert_int_equal(jpki_card_areas(&card, see, &seen, NULL), 0);
    renames_seal = false;
    memcpy(digits.ptr + 2 * (aid.len - 4), "73", 2); /* "sEAL" */
    assert_string_equal(seen.names[0], text);
}

static void what_is_open_is_read_and_what_is_not_is_denied(void **state)
{
    jpki_data *data = NULL;
    struct jpki_error error = {0};

    (void)state;
    create("SEAL", ICC_ORDINANCE, 0);
    create("CIVS", ICC_RULE, CITY);
    assert_int_equal(jpki_card_read_area(&card, "CIVS", &data, &error), -JPKI_ERROR_DENIED);
    assert_string_equal(error.text, "only the operator's keys open this area");
    assert_null(data);
    assert_int_equal(jpki_card_read_area(&card, "SEAL", &data, NULL), 0);
    assert_int_equal(jpki_data_bytes(data).size, 8);
    assert_memory_equal(jpki_data_bytes(data).data, "contents", 8);
    jpki_data_free(data);
}

static int list(void)
{
    struct seen seen = {.wanted = 9};
    int rc = jpki_card_areas(&card, see, &seen, NULL);

    assert_true(rc < 0 || seen.count == 1);
    return rc;
}

static int read_seal(void)
{
    jpki_data *data = NULL;
    int rc = jpki_card_read_area(&card, "SEAL", &data, NULL);

    assert_int_equal(rc == 0, data != NULL);
    jpki_data_free(data);
    return rc;
}

/* The last allocations leave the application; without them the card is reset when released. */
static void every_failed_allocation_is_survived(void **state)
{
    static int (*const attempts[])(void) = {list, read_seal};

    (void)state;
    create("SEAL", ICC_ORDINANCE, 0);
    for (size_t i = 0; i < 2; i++) {
        unsigned nth = 0;
        bool has_failed;

        do {
            int rc;

            fail_allocation(++nth);
            rc = attempts[i]();
            has_failed = allocation_has_failed();
            fail_allocation(0);
            assert_true(rc == 0 || (has_failed && rc == -JPKI_ERROR_NOMEM));
        } while (has_failed);
        assert_in_range(nth, 8, 1000);
    }
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, insert, eject)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_card_without_areas_has_none),
        TEST(what_can_be_no_name_is_told),
        TEST(areas_are_listed_until_no_more_are_wanted),
        TEST(an_area_is_described),
        TEST(an_area_without_a_short_name_has_its_aid),
        TEST(what_is_open_is_read_and_what_is_not_is_denied),
        TEST(every_failed_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, release_keys);
}
