/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The free area: our client and our software card, which have a half of SCP03 each and share but
 * AES. Two operators are on the card, a municipality and a ministry.
 */
#include "card/issue.h"
#include "card/state.h"
#include "client/free.h"
#include "client/gp.h"
#include "client/icc.h"
#include "iso7816/tlv.h"
#include "reader/backend.h"

#include "support/failalloc.h"
#include "support/memory_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct slot {
    struct reader reader;
    struct card *card;
    unsigned cut_at; /* the nth command from now on finds no power; 0: never */
    unsigned commands;
    struct buf last; /* command */
};

static const uint8_t isd[] = {0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00};
static const struct apdu get_status = {0x80, 0xf2, 0x40, 0x02, BYTES_LITERAL("\x4f\0"), 256, false};
static struct memory_storage storage;
static struct slot slot;
static struct icc *icc;

static int transmit(struct reader *reader, struct bytes command, struct buf *ret, struct err *err)
{
    struct slot *here = (struct slot *)reader;

    here->commands++;
    if (here->cut_at > 0 && here->commands >= here->cut_at) {
        card_reset(here->card);
        return FAIL(err, ERR_ABSENT, "the card was removed");
    }
    buf_clear(&here->last);
    assert_int_equal(buf_append(&here->last, command, NULL), 0);
    return card_apdu(here->card, command, ret, err);
}

static void release(struct reader *reader, enum reader_leave leave)
{
    (void)reader, (void)leave;
}

static const struct reader_ops ops = {transmit, NULL, NULL, release};

static void fill(struct secret *ret, uint8_t first, size_t size)
{
    assert_int_equal(secret_new(size, ret, NULL), 0);
    for (size_t i = 0; i < size; i++)
        ret->ptr[i] = (uint8_t)(first + i);
}

/* Each side has its own copy of keys, made of these bytes. */
static void client_keys(uint8_t first, size_t size, struct icc_keys *ret)
{
    *ret = (struct icc_keys)ICC_KEYS_INIT;
    ret->version = 0x30;
    fill(&ret->enc, first, size);
    fill(&ret->mac, (uint8_t)(first + 0x55), size);
    fill(&ret->dek, (uint8_t)(first + 0xaa), size);
}

enum { ISSUER = 0x11, CITY = 0x22, MINISTRY = 0x33 };

static void put_issuer_keys(void)
{
    CLEANUP(gp_keys_done) struct gp_keys keys = {.version = 0};
    struct secret enc, mac, dek;

    fill(&enc, ISSUER, 16);
    fill(&mac, ISSUER + 0x55, 16);
    fill(&dek, (uint8_t)(ISSUER + 0xaa), 16);
    assert_int_equal(gp_keys_make(0x30, &enc, &mac, &dek, &keys, NULL), 0);
    assert_int_equal(card_put_issuer_keys(slot.card, &keys, NULL), 0);
}

static int insert(void **state)
{
    (void)state;
    slot = (struct slot){.card = memory_card_new(&storage)};
    put_issuer_keys();
    reader_init(&slot.reader, &ops, "slot");
    return icc_open(&slot.reader, &icc, NULL);
}

static int eject(void **state)
{
    (void)state;
    icc_freep(&icc);
    card_freep(&slot.card);
    buf_done(&slot.last);
    storage = (struct memory_storage){.is_broken = false};
    return 0;
}

static int release_keys(void **state)
{
    (void)state;
    memory_card_release_keys();
    return 0;
}

static void describe(const char *name, size_t capacity, bool is_protected, struct icc_area *ret)
{
    *ret = (struct icc_area){
        .basis = ICC_ORDINANCE,
        .basis_date = {2025, 4, 1},
        .expiry = {2030, 3, 31},
        .capacity = capacity,
        .is_protected = is_protected,
    };
    assert_int_equal(icc_area_named(name, &ret->aid, NULL), 0);
    assert_int_equal(buf_append_text(&ret->label, "印鑑登録証", NULL), 0);
    assert_int_equal(buf_append_text(&ret->owner, "見本市", NULL), 0);
    assert_int_equal(buf_append_text(&ret->basis_text, "見本市印鑑条例第10条", NULL), 0);
}

static int create_with(const char *name, size_t capacity, int owner, size_t key_size,
                       struct err *err)
{
    CLEANUP(icc_keys_done) struct icc_keys issuer = ICC_KEYS_INIT;
    CLEANUP(icc_keys_done) struct icc_keys own = ICC_KEYS_INIT;
    CLEANUP(icc_area_done) struct icc_area area = {.capacity = 0};

    client_keys(ISSUER, 16, &issuer);
    describe(name, capacity, owner != 0, &area);
    if (owner != 0)
        client_keys((uint8_t)owner, key_size, &own);
    return icc_free_create(icc, &issuer, &area, owner == 0 ? NULL : &own, err);
}

static int create(const char *name, size_t capacity, int owner, struct err *err)
{
    return create_with(name, capacity, owner, 16, err);
}

static int write_as(int who, const char *name, struct bytes contents, struct err *err)
{
    CLEANUP(icc_keys_done) struct icc_keys keys = ICC_KEYS_INIT;
    struct icc_aid aid;

    client_keys((uint8_t)who, 16, &keys);
    assert_int_equal(icc_area_named(name, &aid, NULL), 0);
    return icc_free_write(icc, &aid, &keys, contents, err);
}

static int write_text(const char *name, const char *contents)
{
    return write_as(ISSUER, name, bytes_text(contents), NULL);
}

static int delete (const char *name, struct err *err)
{
    CLEANUP(icc_keys_done) struct icc_keys issuer = ICC_KEYS_INIT;
    struct icc_aid aid;

    client_keys(ISSUER, 16, &issuer);
    assert_int_equal(icc_area_named(name, &aid, NULL), 0);
    return icc_free_delete(icc, &issuer, &aid, err);
}

/* who 0: without keys */
static int read_as(int who, size_t key_size, const char *name, struct buf *ret, struct err *err)
{
    CLEANUP(icc_keys_done) struct icc_keys keys = ICC_KEYS_INIT;
    struct icc_aid aid;

    if (who != 0)
        client_keys((uint8_t)who, key_size, &keys);
    assert_int_equal(icc_area_named(name, &aid, NULL), 0);
    buf_done(ret);
    return icc_free_read(icc, &aid, who == 0 ? NULL : &keys, ret, err);
}

static void assert_contents(int who, const char *name, const char *expected)
{
    CLEANUP(buf_done) struct buf got = BUF_INIT;

    assert_int_equal(read_as(who, 16, name, &got, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&got), bytes_text(expected)));
}

static void two_operators(void)
{
    assert_int_equal(create("SEAL", 100, CITY, NULL), 0);
    assert_int_equal(create("CIVS", 100, MINISTRY, NULL), 0);
    assert_int_equal(write_text("SEAL", "seal 12345"), 0);
    assert_int_equal(write_text("CIVS", "civil servant 67890"), 0);
}

/* The issuer's channel to the ISD, for commands that the client would not send. */
struct desk {
    struct icc_txn txn;
    struct icc_channel channel;
};

static void open_desk(struct desk *desk, enum icc_channel_level level)
{
    CLEANUP(icc_keys_done) struct icc_keys issuer = ICC_KEYS_INIT;

    *desk = (struct desk){.channel = ICC_CHANNEL_INIT};
    client_keys(ISSUER, 16, &issuer);
    assert_int_equal(icc_begin(icc, &desk->txn, NULL), 0);
    assert_int_equal(icc_select_application(icc, BYTES_ARRAY(isd), NULL), 0);
    assert_int_equal(icc_channel_open(icc, &issuer, level, &desk->channel, NULL), 0);
}

/* The city's channel to its own area. */
static void open_area(struct desk *desk, enum icc_channel_level level)
{
    CLEANUP(icc_keys_done) struct icc_keys keys = ICC_KEYS_INIT;
    struct icc_aid aid;

    *desk = (struct desk){.channel = ICC_CHANNEL_INIT};
    client_keys(CITY, 16, &keys);
    assert_int_equal(icc_area_named("SEAL", &aid, NULL), 0);
    assert_int_equal(icc_begin(icc, &desk->txn, NULL), 0);
    assert_int_equal(icc_select_application(icc, bytes_of(aid.bytes, aid.len), NULL), 0);
    assert_int_equal(icc_channel_open(icc, &keys, level, &desk->channel, NULL), 0);
}

static void close_desk(struct desk *desk)
{
    icc_channel_done(&desk->channel);
    icc_end(&desk->txn);
}

static uint16_t send(struct desk *desk, struct apdu apdu, struct buf *ret)
{
    CLEANUP(buf_done) struct buf unused = BUF_INIT;
    uint16_t sw = 0;

    assert_int_equal(
        icc_channel_transmit(icc, &desk->channel, &apdu, ret == NULL ? &unused : ret, &sw, NULL),
        0);
    return sw;
}

static uint16_t send_plain(struct apdu apdu)
{
    uint16_t sw = 0;

    assert_int_equal(icc_transmit(icc, &apdu, NULL, &sw, NULL), 0);
    return sw;
}

static void without_issuer_keys_nothing_is_made(void **state)
{
    (void)state;
    gp_keys_done(&slot.card->image.issuer);
    assert_int_equal(create("SEAL", 100, CITY, NULL), -ERR_ABSENT);
    assert_int_equal(slot.card->image.areas.count, 0);
}

/* The card proves itself first, so keys that it does not know cost none of its tries. */
static void wrong_issuer_keys_are_noticed_before_the_card_counts(void **state)
{
    struct err err;

    (void)state;
    two_operators();
    for (int i = 0; i < CARD_GP_TRIES + 1; i++)
        assert_int_equal(write_as(CITY, "SEAL", BYTES_LITERAL("mine"), &err), -ERR_DENIED);
    assert_non_null(strstr(err.text, "does not know these keys"));
    assert_int_equal(slot.card->image.issuer.tries, CARD_GP_TRIES);
    assert_contents(CITY, "SEAL", "seal 12345");
}

/* Guessing is bounded, also across power cuts; reading the challenge alone costs nothing. */
static void wrong_authentications_shut_the_keys_at_last(void **state)
{
    static const uint8_t zeros[16] = {0};
    const struct apdu update = {.cla = 0x80, .ins = 0x50, .data = {zeros, 8}, .ne = 256};
    const struct apdu guess = {.cla = 0x84, .ins = 0x82, .p1 = 0x33, .data = {zeros, 16}};

    (void)state;
    for (unsigned i = 0; i < CARD_GP_TRIES; i++) {
        CLEANUP(icc_end) struct icc_txn txn = {NULL};

        card_reset(slot.card);
        assert_int_equal(icc_begin(icc, &txn, NULL), 0);
        assert_int_equal(icc_select_application(icc, BYTES_ARRAY(isd), NULL), 0);
        assert_int_equal(send_plain(update), 0x9000);
        assert_int_equal(send_plain(update), 0x9000);
        assert_int_equal(slot.card->image.issuer.tries, CARD_GP_TRIES - i);
        assert_int_equal(send_plain(guess), 0x6982);
        assert_int_equal(send_plain(guess), 0x6985);
        assert_int_equal(slot.card->image.issuer.tries, CARD_GP_TRIES - i - 1);
    }
    assert_int_equal(create("SEAL", 100, CITY, NULL), -ERR_DENIED);
    assert_int_equal(slot.card->image.areas.count, 0);
}

static void a_right_authentication_gives_the_tries_back(void **state)
{
    (void)state;
    slot.card->image.issuer.tries = 1;
    assert_int_equal(create("SEAL", 100, CITY, NULL), 0);
    assert_int_equal(slot.card->image.issuer.tries, CARD_GP_TRIES);
}

/* The number of the last channel is on disk before the challenge leaves; past its end is none. */
static void channels_are_numbered_and_numbers_end(void **state)
{
    uint32_t before;

    (void)state;
    before = slot.card->image.issuer.sequence;
    assert_int_equal(create("SEAL", 100, CITY, NULL), 0);
    assert_int_equal(slot.card->image.issuer.sequence, before + 1);
    assert_int_equal(delete ("SEAL", NULL), 0);
    assert_int_equal(slot.card->image.issuer.sequence, before + 2);
    slot.card->image.issuer.sequence = 0xfffffe;
    assert_int_equal(create("SEAL", 100, CITY, NULL), 0);
    assert_int_equal(create("CIVS", 100, CITY, NULL), -ERR_REMOTE);
    storage.is_broken = true;
    assert_int_equal(read_as(CITY, 16, "SEAL", &slot.last, NULL), -ERR_REMOTE);
    assert_int_equal(slot.card->image.areas.list[0].keys.sequence, 0);
}

static void an_operators_keys_open_nothing_of_another(void **state)
{
    CLEANUP(buf_done) struct buf got = BUF_INIT;

    (void)state;
    two_operators();
    assert_int_equal(read_as(MINISTRY, 16, "SEAL", &got, NULL), -ERR_DENIED);
    assert_int_equal(read_as(CITY, 16, "CIVS", &got, NULL), -ERR_DENIED);
    assert_int_equal(read_as(ISSUER, 16, "SEAL", &got, NULL), -ERR_DENIED);
    assert_int_equal(read_as(0, 0, "SEAL", &got, NULL), -ERR_DENIED);
    assert_int_equal(got.len, 0);
    assert_int_equal(write_as(CITY, "SEAL", BYTES_LITERAL("mine"), NULL), -ERR_DENIED);
    assert_contents(CITY, "SEAL", "seal 12345");
    assert_contents(MINISTRY, "CIVS", "civil servant 67890");
}

/* A channel to one area is none to the next, not even with the same keys. */
static void a_channel_ends_where_another_area_is_selected(void **state)
{
    struct desk desk;
    struct icc_aid other;

    (void)state;
    two_operators();
    assert_int_equal(create("THRD", 100, CITY, NULL), 0);
    assert_int_equal(write_text("THRD", "third"), 0);
    assert_int_equal(icc_area_named("THRD", &other, NULL), 0);
    open_area(&desk, ICC_CHANNEL_ALL);
    assert_int_equal(send(&desk, (struct apdu){.ins = 0xb0, .p1 = 0x81, .ne = 256}, NULL), 0x9000);
    assert_int_equal(icc_select_application(icc, bytes_of(other.bytes, other.len), NULL), 0);
    assert_int_equal(send(&desk, (struct apdu){.ins = 0xb0, .p1 = 0x81, .ne = 256}, NULL), 0x6982);
    close_desk(&desk);
}

/* An operator reads; GlobalPlatform's commands are for the issuer's ISD alone. */
static void an_operator_cannot_write(void **state)
{
    static const uint8_t instructions[] = {0xe6, 0xe2, 0xe4, 0xf2, 0xd6, 0xd0};
    struct desk desk;

    (void)state;
    two_operators();
    open_area(&desk, ICC_CHANNEL_ALL);
    for (size_t i = 0; i < sizeof instructions; i++)
        assert_int_equal(
            send(&desk,
                 (struct apdu){
                     .cla = 0x80, .ins = instructions[i], .p1 = 0x80, .data = BYTES_LITERAL("x")},
                 NULL),
            0x6d00);
    close_desk(&desk);
    assert_contents(CITY, "SEAL", "seal 12345");
}

static void levels_below_what_a_command_needs_are_refused(void **state)
{
    const struct apdu store = {.cla = 0x80, .ins = 0xe2, .p1 = 0x80, .data = BYTES_LITERAL("x")};
    const struct apdu install = {.cla = 0x80, .ins = 0xe6, .p1 = 0x20, .data = BYTES_LITERAL("x")};
    const struct apdu remove = {.cla = 0x80, .ins = 0xe4, .data = BYTES_LITERAL("x")};
    struct desk desk;

    (void)state;
    two_operators();
    open_desk(&desk, ICC_CHANNEL_C_MAC);
    assert_int_equal(send(&desk, install, NULL), 0x6982);
    assert_int_equal(send(&desk, store, NULL), 0x6982);
    assert_int_equal(send(&desk, remove, NULL), 0x6982);
    assert_int_equal(send(&desk, get_status, NULL), 0x9000);
    assert_int_equal(send_plain(get_status), 0x6982); /* and beside the channel, which ends it */
    assert_int_equal(send(&desk, get_status, NULL), 0x6982);
    close_desk(&desk);
    open_desk(&desk, ICC_CHANNEL_COMMANDS);
    assert_int_equal(send(&desk, install, NULL), 0x6a80); /* past the level: no such data */
    close_desk(&desk);
}

/* Reading what is protected wants answers encrypted, too. */
static void contents_leave_the_card_encrypted_or_not_at_all(void **state)
{
    static const enum icc_channel_level levels[] = {ICC_CHANNEL_C_MAC, ICC_CHANNEL_COMMANDS,
                                                    ICC_CHANNEL_MACS};

    (void)state;
    two_operators();
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        struct desk desk;

        open_area(&desk, levels[i]);
        assert_int_equal(send(&desk, (struct apdu){.ins = 0xb0, .p1 = 0x81, .ne = 256}, NULL),
                         0x6982);
        close_desk(&desk);
    }
}

static void a_replayed_command_ends_the_channel(void **state)
{
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct desk desk;
    struct apdu replay;

    (void)state;
    two_operators();
    open_desk(&desk, ICC_CHANNEL_ALL);
    assert_int_equal(send(&desk, get_status, NULL), 0x9000);
    assert_int_equal(buf_copy(buf_bytes(&slot.last), &again, NULL), 0);
    assert_int_equal(apdu_parse(buf_bytes(&again), &replay, NULL), 0);
    assert_int_equal(send_plain(replay), 0x6982);
    assert_int_equal(send(&desk, get_status, NULL), 0x6982);
    close_desk(&desk);
}

static void the_capacity_of_the_card_is_kept(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(create("A", CARD_FREE_CAPACITY - 10, 0, NULL), 0);
    assert_int_equal(create("B", 11, 0, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "not enough room"));
    assert_int_equal(create("B", 10, 0, NULL), 0);
    assert_int_equal(create("C", 1, 0, NULL), -ERR_INPUT);
    assert_int_equal(delete ("A", NULL), 0);
    assert_int_equal(create("C", CARD_FREE_CAPACITY - 9, 0, NULL), -ERR_INPUT);
    assert_int_equal(create("C", CARD_FREE_CAPACITY - 10, 0, NULL), 0);
}

static void the_capacity_of_an_area_is_kept(void **state)
{
    static uint8_t contents[CARD_FREE_CAPACITY + 1];
    CLEANUP(buf_done) struct buf got = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof contents; i++)
        contents[i] = (uint8_t)(i * 7);
    assert_int_equal(create("BIG", CARD_FREE_CAPACITY, CITY, NULL), 0);
    assert_int_equal(write_as(ISSUER, "BIG", BYTES_LITERAL("before"), NULL), 0);
    assert_int_equal(write_as(ISSUER, "BIG", BYTES_ARRAY(contents), NULL), -ERR_INPUT);
    assert_contents(CITY, "BIG", "before");
    assert_int_equal(write_as(ISSUER, "BIG", bytes_of(contents, CARD_FREE_CAPACITY), NULL), 0);
    assert_int_equal(read_as(CITY, 16, "BIG", &got, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&got), bytes_of(contents, CARD_FREE_CAPACITY)));
}

static void so_many_areas_and_no_more(void **state)
{
    static const char *const names[] = {"1", "2", "3", "4", "5", "6", "7", "AAAA", "9"};
    CLEANUP(buf_done) struct buf registry = BUF_INIT;
    struct desk desk;
    struct bytes rest;
    struct tlv tlv;
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < CARD_FREE_AREAS_MAX; i++)
        assert_int_equal(create(names[i], 10, 0, NULL), 0);
    assert_int_equal(create(names[CARD_FREE_AREAS_MAX], 10, 0, NULL), -ERR_INPUT);
    open_desk(&desk, ICC_CHANNEL_ALL);
    assert_int_equal(send(&desk, get_status, &registry), 0x9000);
    for (rest = buf_bytes(&registry); tlv_next(&rest, &tlv, NULL) == 0; count++)
        assert_int_equal(tlv.tag, 0xe3);
    assert_int_equal(count, CARD_FREE_AREAS_MAX);
    close_desk(&desk);
}

static void repeat(struct buf *text, size_t len)
{
    buf_clear(text);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(buf_append_byte(text, 'x', NULL), 0);
}

/* Each text at its limit and one past it; the other two at theirs, so that all fit together. */
static void texts_are_so_long_and_no_longer(void **state)
{
    static const size_t limits[] = {CARD_FREE_LABEL_MAX, CARD_FREE_OPERATOR_MAX,
                                    CARD_FREE_BASIS_MAX};

    (void)state;
    for (size_t long_one = 0; long_one <= 3; long_one++) {
        CLEANUP(icc_keys_done) struct icc_keys issuer = ICC_KEYS_INIT;
        CLEANUP(icc_area_done) struct icc_area area = {.capacity = 0};
        struct buf *const texts[] = {&area.label, &area.owner, &area.basis_text};

        client_keys(ISSUER, 16, &issuer);
        describe("TEXT", 10, false, &area);
        for (size_t i = 0; i < 3; i++)
            repeat(texts[i], limits[i] + (i == long_one ? 1 : 0));
        assert_int_equal(icc_free_create(icc, &issuer, &area, NULL, NULL),
                         long_one < 3 ? -ERR_INPUT : 0);
    }
}

static void texts_have_no_control_characters(void **state)
{
    static const char *const texts[] = {"a\nb", "\x1b[31m", "\xc2\x85", "\xff", "\xed\xa0\x80"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CLEANUP(icc_keys_done) struct icc_keys issuer = ICC_KEYS_INIT;
        CLEANUP(icc_area_done) struct icc_area area = {.capacity = 0};

        client_keys(ISSUER, 16, &issuer);
        describe("TEXT", 10, false, &area);
        buf_clear(&area.label);
        assert_int_equal(buf_append_text(&area.label, texts[i], NULL), 0);
        assert_int_equal(icc_free_create(icc, &issuer, &area, NULL, NULL), -ERR_INPUT);
    }
    assert_int_equal(slot.card->image.areas.count, 0);
}

static void a_chain_of_installs_is_so_long_and_no_longer(void **state)
{
    static const uint8_t zeros[CARD_INSTALL_MAX] = {0};
    struct apdu more = {.cla = 0x80, .ins = 0xe6, .p1 = 0x8c, .data = {zeros, 128}};
    struct desk desk;

    (void)state;
    open_desk(&desk, ICC_CHANNEL_COMMANDS);
    for (size_t sent = 0; sent < CARD_INSTALL_MAX; sent += more.data.len)
        assert_int_equal(send(&desk, more, NULL), 0x9000);
    more.data.len = 1;
    assert_int_equal(send(&desk, more, NULL), 0x6a84);
    assert_int_equal(send(&desk, more, NULL), 0x9000); /* the first of a new one */
    more.p1 = 0x0c;
    assert_int_equal(send(&desk, more, NULL), 0x6a80);
    close_desk(&desk);
}

/* Blocks come in turn, for an area that was named, in one channel. */
static void blocks_of_contents_come_in_turn(void **state)
{
    static const uint8_t target[] = {0,   0,   16,  0xf0, 'O', 'J', 'P', 'K', 'I', ' ', 'T',
                                     'E', 'S', 'T', 'A',  'S', 'E', 'A', 'L', 0,   0,   0};
    const struct apdu name = {.cla = 0x80, .ins = 0xe6, .p1 = 0x20, .data = BYTES_ARRAY(target)};
    struct apdu block = {.cla = 0x80, .ins = 0xe2, .data = BYTES_LITERAL("part")};
    struct desk desk;

    (void)state;
    two_operators();
    open_desk(&desk, ICC_CHANNEL_COMMANDS);
    assert_int_equal(send(&desk, block, NULL), 0x6985); /* for whom? */
    assert_int_equal(send(&desk, name, NULL), 0x9000);
    block.p2 = 1;
    assert_int_equal(send(&desk, block, NULL), 0x6a86);
    block.p2 = 0;
    assert_int_equal(send(&desk, block, NULL), 0x9000);
    assert_int_equal(send(&desk, block, NULL), 0x6a86); /* again, which drops the chain */
    block.p1 = 0x80;
    block.p2 = 1;
    assert_int_equal(send(&desk, block, NULL), 0x6a86);
    block.p1 = 0x81;
    block.p2 = 0;
    assert_int_equal(send(&desk, block, NULL), 0x6a86);
    block.p1 = 0;
    assert_int_equal(send(&desk, block, NULL), 0x9000);
    close_desk(&desk);
    open_desk(&desk, ICC_CHANNEL_COMMANDS);
    block.p1 = 0x80;
    block.p2 = 1;
    assert_int_equal(send(&desk, block, NULL), 0x6985); /* another channel goes on with nothing */
    close_desk(&desk);
    assert_contents(CITY, "SEAL", "seal 12345");
}

/* A key of the operator's that was changed on its way, or is under another DEK. */
static void operators_keys_must_fit_their_check_values(void **state)
{
    CLEANUP(icc_keys_done) struct icc_keys issuer = ICC_KEYS_INIT;
    CLEANUP(icc_keys_done) struct icc_keys own = ICC_KEYS_INIT;
    CLEANUP(icc_area_done) struct icc_area area = {.capacity = 0};

    (void)state;
    client_keys(ISSUER, 16, &issuer);
    client_keys(CITY, 16, &own);
    describe("SEAL", 10, true, &area);
    issuer.dek.ptr[3] ^= 1;
    assert_int_equal(icc_free_create(icc, &issuer, &area, &own, NULL), -ERR_INPUT);
    issuer.dek.ptr[3] ^= 1;
    assert_int_equal(icc_free_create(icc, &issuer, &area, NULL, NULL), -ERR_INPUT); /* no keys */
    assert_int_equal(icc_free_create(icc, &issuer, &area, &own, NULL), 0);
}

static void answers_longer_than_asked_for_are_refused(void **state)
{
    const struct apdu left = {.cla = 0x80, .ins = 0xca, .p1 = 0xff, .p2 = 0x21, .ne = 5};
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    (void)state;
    assert_int_equal(icc_begin(icc, &txn, NULL), 0);
    assert_int_equal(icc_select_application(icc, BYTES_ARRAY(isd), NULL), 0);
    assert_int_equal(send_plain(left), 0x6700);
}

static void an_area_is_made_once(void **state)
{
    (void)state;
    two_operators();
    assert_int_equal(create("SEAL", 100, MINISTRY, NULL), -ERR_CONFLICT);
    assert_contents(CITY, "SEAL", "seal 12345");
}

static void what_is_not_there_is_said_so(void **state)
{
    CLEANUP(buf_done) struct buf got = BUF_INIT;
    CLEANUP(icc_directory_done) struct icc_directory directory = {.count = 0};

    (void)state;
    assert_int_equal(write_text("NONE", "x"), -ERR_ABSENT);
    assert_int_equal(delete ("NONE", NULL), -ERR_ABSENT);
    assert_int_equal(read_as(0, 0, "NONE", &got, NULL), -ERR_ABSENT);
    assert_int_equal(icc_free_list(icc, &directory, NULL), 0);
    assert_int_equal(directory.count, 0);
    assert_int_equal(directory.left, CARD_FREE_CAPACITY);
    slot.card->image.kind = CARD_ANDROID;
    assert_int_equal(icc_free_list(icc, &directory, NULL), -ERR_ABSENT);
    assert_int_equal(create("SEAL", 1, 0, NULL), -ERR_REMOTE);
}

static void no_area_outlives_its_card(void **state)
{
    struct buf *expiry = &slot.card->image.data[CARD_MF_EXPIRY];

    (void)state;
    buf_clear(expiry);
    assert_int_equal(buf_append_text(expiry, "20300330", NULL), 0);
    assert_int_equal(create("SEAL", 100, CITY, NULL), -ERR_INPUT);
    buf_clear(expiry);
    assert_int_equal(buf_append_text(expiry, "20300331", NULL), 0);
    assert_int_equal(create("SEAL", 100, CITY, NULL), 0);
}

/* Every area of a card file, and what the directory says, come back as they were. */
static void the_card_file_keeps_areas_and_counters(void **state)
{
    CLEANUP(secret_done) struct secret body = SECRET_INIT;
    CLEANUP(secret_done) struct secret again = SECRET_INIT;
    struct image image = {.serial = ""};

    (void)state;
    two_operators();
    assert_int_equal(create("OPEN", 10, 0, NULL), 0);
    assert_contents(CITY, "SEAL", "seal 12345");
    assert_int_equal(image_write(&slot.card->image, &body, NULL), 0);
    assert_int_equal(image_read(secret_bytes(&body), &image, NULL), 0);
    assert_int_equal(image.areas.count, 3);
    assert_int_equal(image.areas.list[0].keys.sequence, 1);
    assert_int_equal(image.issuer.sequence, 5);
    assert_int_equal(image_write(&image, &again, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&body), secret_bytes(&again)));
    image_done(&image);
}

/* Power is cut before each command of a write in turn: the old contents or the new. */
static void a_cut_write_leaves_old_or_new(void **state)
{
    uint8_t contents[1000];
    int rc;

    (void)state;
    memset(contents, 'n', sizeof contents);
    assert_int_equal(create("BIG", sizeof contents, 0, NULL), 0);
    assert_int_equal(write_text("BIG", "old"), 0);
    slot.cut_at = 1;
    do {
        CLEANUP(buf_done) struct buf got = BUF_INIT;
        unsigned cut_at = slot.cut_at;

        slot.commands = 0;
        rc = write_as(ISSUER, "BIG", BYTES_ARRAY(contents), NULL);
        slot.cut_at = 0;
        assert_int_equal(read_as(0, 0, "BIG", &got, NULL), 0);
        assert_true(
            bytes_equal(buf_bytes(&got), rc == 0 ? BYTES_ARRAY(contents) : BYTES_LITERAL("old")));
        slot.cut_at = cut_at + 1;
    } while (rc < 0);
    assert_true(slot.cut_at > 8); /* it took that many commands */
}

/* One attempt each with the nth allocation of client and card failing; true if it came to that. */
static bool write_without_memory(unsigned nth, const struct icc_aid *aid, const char *text,
                                 int *ret_rc)
{
    CLEANUP(icc_keys_done) struct icc_keys issuer = ICC_KEYS_INIT;
    bool has_failed;

    client_keys(ISSUER, 16, &issuer);
    fail_allocation(nth);
    *ret_rc = icc_free_write(icc, aid, &issuer, bytes_text(text), NULL);
    has_failed = allocation_has_failed();
    fail_allocation(0);
    return has_failed;
}

static void without_memory_the_contents_are_old_or_new(void **state)
{
    char known[8] = "none";
    struct icc_aid aid;
    unsigned nth = 0;
    bool has_failed;

    (void)state;
    two_operators();
    assert_int_equal(icc_area_named("SEAL", &aid, NULL), 0);
    assert_int_equal(write_text("SEAL", known), 0);
    do {
        CLEANUP(buf_done) struct buf got = BUF_INIT;
        char text[8];
        int rc;

        (void)snprintf(text, sizeof text, "%u", ++nth);
        has_failed = write_without_memory(nth, &aid, text, &rc);
        assert_int_equal(read_as(CITY, 16, "SEAL", &got, NULL), 0);
        if (bytes_equal(buf_bytes(&got), bytes_text(text)))
            strcpy(known, text);
        else
            assert_true(rc < 0 && bytes_equal(buf_bytes(&got), bytes_text(known)));
    } while (has_failed);
    assert_true(nth > 50);
}

static void without_memory_nothing_is_listed_or_read(void **state)
{
    CLEANUP(icc_keys_done) struct icc_keys keys = ICC_KEYS_INIT;
    struct icc_aid aid;
    bool has_failed = true;

    (void)state;
    two_operators();
    client_keys(CITY, 16, &keys);
    assert_int_equal(icc_area_named("SEAL", &aid, NULL), 0);
    for (unsigned nth = 1; has_failed; nth++) {
        CLEANUP(icc_directory_done) struct icc_directory directory = {.count = 0};
        CLEANUP(buf_done) struct buf got = BUF_INIT;
        int listed, read;

        fail_allocation(nth);
        listed = icc_free_list(icc, &directory, NULL);
        read = icc_free_read(icc, &aid, &keys, &got, NULL);
        has_failed = allocation_has_failed();
        fail_allocation(0);
        assert_int_equal(directory.count, listed == 0 ? 2 : 0);
        assert_int_equal(got.len, read == 0 ? strlen("seal 12345") : 0);
        assert_true(listed < 0 || directory.left == CARD_FREE_CAPACITY - 200);
    }
}

static void a_broken_disk_leaves_the_old_contents(void **state)
{
    struct err err;

    (void)state;
    two_operators();
    storage.is_broken = true;
    assert_int_equal(write_as(ISSUER, "SEAL", BYTES_LITERAL("new"), &err), -ERR_REMOTE);
    assert_int_equal(err.detail, 0x6581);
    assert_int_equal(create("OPEN", 10, 0, NULL), -ERR_REMOTE);
    storage.is_broken = false;
    assert_contents(CITY, "SEAL", "seal 12345");
    assert_int_equal(slot.card->image.areas.count, 2);
}

static void everybody_may_read_the_directory(void **state)
{
    CLEANUP(icc_directory_done) struct icc_directory directory = {.count = 0};
    struct icc_area *area;
    char name[5];

    (void)state;
    two_operators();
    assert_int_equal(icc_free_list(icc, &directory, NULL), 0);
    assert_int_equal(directory.count, 2);
    assert_int_equal(directory.left, CARD_FREE_CAPACITY - 200);
    area = &directory.areas[0];
    icc_area_name(&area->aid, name);
    assert_string_equal(name, "SEAL");
    assert_true(bytes_equal(buf_bytes(&area->label), BYTES_LITERAL("印鑑登録証")));
    assert_true(bytes_equal(buf_bytes(&area->owner), BYTES_LITERAL("見本市")));
    assert_true(bytes_equal(buf_bytes(&area->basis_text), BYTES_LITERAL("見本市印鑑条例第10条")));
    assert_int_equal(area->basis, ICC_ORDINANCE);
    assert_int_equal(area->capacity, 100);
    assert_true(area->is_protected);
    assert_int_equal(caldate_compare(area->expiry, (struct caldate){2030, 3, 31}), 0);
    assert_int_equal(caldate_compare(area->basis_date, (struct caldate){2025, 4, 1}), 0);
}

static void keys_of_all_sizes_work(void **state)
{
    static const size_t sizes[] = {16, 24, 32};
    static const char *const names[] = {"K16", "K24", "K32"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        CLEANUP(buf_done) struct buf got = BUF_INIT;

        assert_int_equal(create_with(names[i], 100, CITY, sizes[i], NULL), 0);
        assert_int_equal(write_text(names[i], names[i]), 0);
        assert_int_equal(read_as(CITY, sizes[i], names[i], &got, NULL), 0);
        assert_true(bytes_equal(buf_bytes(&got), bytes_text(names[i])));
    }
}

static void contents_for_all_need_no_keys(void **state)
{
    (void)state;
    assert_int_equal(create("OPEN", 500, 0, NULL), 0);
    assert_contents(0, "OPEN", "");
    assert_int_equal(write_text("OPEN", "for all"), 0);
    assert_contents(0, "OPEN", "for all");
    assert_int_equal(write_text("OPEN", ""), 0);
    assert_contents(0, "OPEN", "");
}

static void others_areas_stay_when_one_goes(void **state)
{
    (void)state;
    two_operators();
    assert_int_equal(create("OPEN", 50, 0, NULL), 0);
    assert_int_equal(delete ("SEAL", NULL), 0);
    assert_contents(MINISTRY, "CIVS", "civil servant 67890");
    assert_contents(0, "OPEN", "");
    assert_int_equal(delete ("SEAL", NULL), -ERR_ABSENT);
}

#define card_test(f) cmocka_unit_test_setup_teardown(f, insert, eject)

int main(void)
{
    const struct CMUnitTest tests[] = {
        card_test(without_issuer_keys_nothing_is_made),
        card_test(wrong_issuer_keys_are_noticed_before_the_card_counts),
        card_test(wrong_authentications_shut_the_keys_at_last),
        card_test(a_right_authentication_gives_the_tries_back),
        card_test(channels_are_numbered_and_numbers_end),
        card_test(an_operators_keys_open_nothing_of_another),
        card_test(a_channel_ends_where_another_area_is_selected),
        card_test(an_operator_cannot_write),
        card_test(levels_below_what_a_command_needs_are_refused),
        card_test(contents_leave_the_card_encrypted_or_not_at_all),
        card_test(a_replayed_command_ends_the_channel),
        card_test(the_capacity_of_the_card_is_kept),
        card_test(the_capacity_of_an_area_is_kept),
        card_test(so_many_areas_and_no_more),
        card_test(texts_are_so_long_and_no_longer),
        card_test(texts_have_no_control_characters),
        card_test(a_chain_of_installs_is_so_long_and_no_longer),
        card_test(blocks_of_contents_come_in_turn),
        card_test(operators_keys_must_fit_their_check_values),
        card_test(answers_longer_than_asked_for_are_refused),
        card_test(an_area_is_made_once),
        card_test(what_is_not_there_is_said_so),
        card_test(no_area_outlives_its_card),
        card_test(the_card_file_keeps_areas_and_counters),
        card_test(a_cut_write_leaves_old_or_new),
        card_test(without_memory_the_contents_are_old_or_new),
        card_test(without_memory_nothing_is_listed_or_read),
        card_test(a_broken_disk_leaves_the_old_contents),
        card_test(everybody_may_read_the_directory),
        card_test(keys_of_all_sizes_work),
        card_test(contents_for_all_need_no_keys),
        card_test(others_areas_stay_when_one_goes),
    };

    return cmocka_run_group_tests(tests, NULL, release_keys);
}
