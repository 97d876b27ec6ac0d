/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card manager and the free area. Input: what is selected (a byte), the security level (a
 * byte), then commands, each behind a byte of kind and two of length. Kind 0 is sent as it is,
 * others in a wrapping made with the card's own session keys, as only the right host could: what is
 * behind the MAC is reached, too.
 */
#include "card/gp.h"
#include "card/install.h"
#include "card/state.h"
#include "crypto/aes_cbc.h"
#include "crypto/cmac.h"
#include "fuzz.h"
#include "support/memory_card.h"

#include <string.h>

enum { COMMANDS_MAX = 32, HEAD_SIZE = 3, PLAIN_MAX = 239 };

static void fill(struct secret *ret, uint8_t with)
{
    FUZZ_CHECK(secret_new(16, ret, NULL) == 0);
    memset(ret->ptr, with, ret->len);
}

static void set_keys(struct gp_keys *keys, uint8_t with)
{
    struct secret enc, mac, dek;

    fill(&enc, with);
    fill(&mac, (uint8_t)(with + 1));
    fill(&dek, (uint8_t)(with + 2));
    gp_keys_done(keys);
    FUZZ_CHECK(gp_keys_make(1, &enc, &mac, &dek, keys, NULL) == 0);
}

static void add_area(struct image *image, const char *aid, bool is_protected)
{
    struct free_area area = {.basis = FREE_RULE,
                             .basis_date = {2026, 1, 1},
                             .expiry = {2030, 1, 1},
                             .capacity = 1000,
                             .is_protected = is_protected};

    area.aid_len = strlen(aid);
    memcpy(area.aid, aid, area.aid_len);
    set_keys(&area.keys, 0x20);
    FUZZ_CHECK(buf_append_text(&area.label, "label", NULL) == 0);
    FUZZ_CHECK(buf_append_text(&area.owner, "owner", NULL) == 0);
    FUZZ_CHECK(buf_append_text(&area.basis_text, "law", NULL) == 0);
    FUZZ_CHECK(buf_append_text(&area.contents, "contents", NULL) == 0);
    FUZZ_CHECK(free_areas_add(&image->areas, &area, NULL) == 0);
}

static const char *const aids[] = {"\xa0\0\0\1\x51\0\0", "\xf0OJPKI TESTD", "\xf0OJPKI TESTASEAL",
                                   "\xf0OJPKI TESTAOPEN"};
static const size_t aid_sizes[] = {7, 12, 16, 16};

/* One card for all runs, because its keys take long to make; each finds it as new. */
static struct card *new_card(void)
{
    static struct memory_storage storage;
    static struct card *card;

    if (card == NULL)
        card = memory_card_new(&storage);
    card_reset(card);
    set_keys(&card->image.issuer, 0x10);
    free_areas_done(&card->image.areas);
    add_area(&card->image, aids[2], true);
    add_area(&card->image, aids[3], false);
    return card;
}

static void send(struct card *card, struct bytes command)
{
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct bytes data;
    struct apdu apdu;
    uint16_t sw = 0;

    FUZZ_CHECK(card_apdu(card, command, &response, NULL) == 0);
    FUZZ_CHECK(apdu_split(buf_bytes(&response), &data, &sw, NULL) == 0);
    FUZZ_CHECK(sw >= 0x6000 && (sw == 0x9000 || data.len == 0));
    if (apdu_parse(command, &apdu, NULL) == 0)
        FUZZ_CHECK(data.len <= (apdu.ne == 0 ? APDU_SHORT_NE_MAX : apdu.ne));
}

static void select_by_aid(struct card *card, unsigned which)
{
    CLEANUP(buf_done) struct buf command = BUF_INIT;
    const struct apdu apdu = {
        .ins = 0xa4, .p1 = 0x04, .p2 = 0x0c, .data = bytes_of(aids[which], aid_sizes[which])};

    FUZZ_CHECK(apdu_build(&apdu, &command, NULL) == 0);
    send(card, buf_bytes(&command));
}

/* A channel as after a right authentication. */
static void open_channel(struct card *card, uint8_t level)
{
    struct scp03 *channel = &card->gp.channel;

    scp03_close(channel);
    fill(&channel->enc, 0x41);
    fill(&channel->mac, 0x42);
    fill(&channel->rmac, 0x43);
    channel->level = level & 0x33;
    channel->state = SCP03_OPEN;
}

static void encrypt(const struct scp03 *channel, struct buf *data)
{
    static const uint8_t zeros[AES_BLOCK] = {0};
    const uint8_t block[AES_BLOCK] = {[15] = (uint8_t)(channel->commands + 1)};
    CLEANUP(buf_done) struct buf iv = BUF_INIT;
    CLEANUP(buf_done) struct buf cipher = BUF_INIT;

    FUZZ_CHECK(buf_append_byte(data, 0x80, NULL) == 0);
    while (data->len % AES_BLOCK != 0)
        FUZZ_CHECK(buf_append_byte(data, 0, NULL) == 0);
    FUZZ_CHECK(aes_cbc_encrypt(&channel->enc, zeros, BYTES_ARRAY(block), &iv, NULL) == 0);
    FUZZ_CHECK(aes_cbc_encrypt(&channel->enc, iv.ptr, buf_bytes(data), &cipher, NULL) == 0);
    buf_done(data);
    buf_move(data, &cipher);
}

/* With another kind than 1 the MAC is wrong by one bit. */
static void send_wrapped(struct card *card, const struct apdu *plain, uint8_t kind)
{
    const struct scp03 *channel = &card->gp.channel;
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    CLEANUP(buf_done) struct buf command = BUF_INIT;
    struct apdu wrapped = *plain;
    uint8_t mac[CMAC_SIZE];

    FUZZ_CHECK(buf_append(&data, bytes_part(plain->data, 0, PLAIN_MAX), NULL) == 0);
    if (data.len > 0 && (channel->level & SCP03_C_DECRYPTION) != 0)
        encrypt(channel, &data);
    wrapped.cla |= 0x04;
    {
        const uint8_t head[] = {wrapped.cla, wrapped.ins, wrapped.p1, wrapped.p2,
                                (uint8_t)(data.len + SCP03_MAC_SIZE)};
        const struct bytes pieces[] = {BYTES_ARRAY(channel->chain), BYTES_ARRAY(head),
                                       buf_bytes(&data)};

        FUZZ_CHECK(cmac_compute(&channel->mac, pieces, 3, mac, NULL) == 0);
    }
    mac[0] ^= kind == 1 ? 0 : 1;
    FUZZ_CHECK(buf_append(&data, bytes_of(mac, SCP03_MAC_SIZE), NULL) == 0);
    wrapped.data = buf_bytes(&data);
    wrapped.is_extended = false;
    FUZZ_CHECK(apdu_build(&wrapped, &command, NULL) == 0);
    send(card, buf_bytes(&command));
    if (kind != 1)
        FUZZ_CHECK(channel->state != SCP03_OPEN);
}

/* What must hold after any command. */
static void check(struct card *card)
{
    struct free_areas *areas = &card->image.areas;
    size_t sum = 0;

    FUZZ_CHECK(areas->count <= CARD_FREE_AREAS_MAX);
    for (size_t i = 0; i < areas->count; i++) {
        const struct free_area *area = &areas->list[i];
        struct bytes aid = bytes_of(area->aid, area->aid_len);

        sum += area->capacity;
        FUZZ_CHECK(area->contents.len <= area->capacity);
        FUZZ_CHECK(free_aid_is_possible(aid) && free_area_find(areas, aid) == area);
        FUZZ_CHECK(!area->is_protected || gp_keys_are_set(&area->keys));
    }
    FUZZ_CHECK(sum <= CARD_FREE_CAPACITY);
}

static void send_one(struct card *card, uint8_t kind, struct bytes command)
{
    struct apdu apdu;

    if (kind == 0 || card->gp.channel.state != SCP03_OPEN || apdu_parse(command, &apdu, NULL) < 0 ||
        apdu.ne > APDU_SHORT_NE_MAX)
        send(card, command);
    else
        send_wrapped(card, &apdu, kind);
    check(card);
}

FUZZ_TARGET(data, size)
{
    struct card *card = new_card();
    struct bytes rest = bytes_part(bytes_of(data, size), 2, size);
    struct install install;
    struct bytes target;

    if (size < 2)
        return 0;
    (void)!install_parse(rest, &install, NULL);
    (void)!install_parse_target(rest, &target, NULL);
    select_by_aid(card, data[0] % 4);
    if (data[1] != 0)
        open_channel(card, data[1]);
    for (int i = 0; i < COMMANDS_MAX && rest.len >= HEAD_SIZE; i++) {
        size_t len = (size_t)rest.ptr[1] << 8 | rest.ptr[2];
        struct bytes command = bytes_part(rest, HEAD_SIZE, len);

        send_one(card, rest.ptr[0], command);
        rest = bytes_part(rest, HEAD_SIZE + command.len, rest.len);
    }
    return 0;
}
