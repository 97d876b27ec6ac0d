/* SPDX-License-Identifier: Apache-2.0 */
#include "support/memory_card.h"

#include "card/token.h"

#include <stdlib.h>
#include <string.h>

/* Copied in as DER, so that each card owns its keys. */
static struct secret key_ders[CARD_KEYS_];
static struct privkey *keys[CARD_KEYS_];

static void must(int rc)
{
    if (rc < 0)
        abort();
}

static int save_tries(struct card_storage *storage, const unsigned tries[CARD_PINS_],
                      struct err *err)
{
    struct memory_storage *memory = (struct memory_storage *)storage;

    if (memory->is_broken)
        return FAIL(err, ERR_SYSTEM, "the disk is broken");
    for (int i = 0; i < CARD_PINS_; i++)
        memory->tries[i] = tries[i];
    memory->saved_tries++;
    return 0;
}

static int save_image(struct card_storage *storage, const struct image *image, struct err *err)
{
    struct memory_storage *memory = (struct memory_storage *)storage;

    (void)image;
    if (memory->is_broken)
        return FAIL(err, ERR_SYSTEM, "the disk is broken");
    memory->saved_images++;
    return 0;
}

static void close_storage(struct card_storage *storage)
{
    (void)storage;
}

uint8_t memory_card_cert_byte(enum card_data which, size_t offset)
{
    bool is_ca = which == CARD_AUTH_CA_CERT || which == CARD_SIGN_CA_CERT;
    size_t inside = (is_ca ? MEMORY_CARD_CA_CERT_SIZE : MEMORY_CARD_CERT_SIZE) - 4;
    const uint8_t head[4] = {0x30, 0x82, (uint8_t)(inside >> 8), (uint8_t)(inside & 0xff)};

    return offset < 4 ? head[offset] : (uint8_t)(((size_t)which + 1) * 31 + offset * 7);
}

static void put_cert(struct image *image, enum card_data which, size_t size)
{
    for (size_t i = 0; i < size; i++)
        must(buf_append_byte(&image->data[which], memory_card_cert_byte(which, i), NULL));
}

/* Contents of the other applets, as far as they have a shape; the rest is one byte repeated. */
static const struct {
    enum card_data which;
    struct bytes contents;
} personal[] = {
    {CARD_TEXT_NUMBER, BYTES_LITERAL("\xff\x10\x0c" MEMORY_CARD_CODE_A)},
    {CARD_COMMON_RECORD, BYTES_LITERAL(MEMORY_CARD_RECORD)},
    {CARD_JUKI_KEYREF, BYTES_LITERAL(MEMORY_CARD_KEYREF)},
    {CARD_MF_ID, BYTES_LITERAL("TEST0000000001")},
};

enum { PERSONAL_SIZE = 300 };

static void put_personal_files(struct image *image)
{
    for (size_t i = 0; i < sizeof personal / sizeof personal[0]; i++)
        must(buf_copy(personal[i].contents, &image->data[personal[i].which], NULL));
    for (unsigned i = CARD_PRESENCE + 1; i < CARD_DATA_; i++) {
        struct buf *file = &image->data[i];
        size_t size = card_node(NODE_DATA, i)->size;
        bool is_shaped = file->len > 0;

        while (!is_shaped && !card_node(NODE_DATA, i)->is_all_filler &&
               file->len < (size < PERSONAL_SIZE ? size : PERSONAL_SIZE))
            must(buf_append_byte(file, (uint8_t)(i + 1), NULL));
    }
}

static const char *const pins[CARD_PINS_] = {
    [CARD_PIN_SIGN] = MEMORY_CARD_SIGN_PIN,   [CARD_PIN_AUTH] = MEMORY_CARD_AUTH_PIN,
    [CARD_PIN_TEXT] = MEMORY_CARD_TEXT_PIN,   [CARD_PIN_TEXT_A] = MEMORY_CARD_CODE_A,
    [CARD_PIN_TEXT_B] = MEMORY_CARD_CODE_B,   [CARD_PIN_BIRTH] = MEMORY_CARD_BIRTH_PIN,
    [CARD_PIN_VISUAL_B] = MEMORY_CARD_CODE_B, [CARD_PIN_VISUAL_A] = MEMORY_CARD_CODE_A,
    [CARD_PIN_COMMON] = MEMORY_CARD_JUKI_PIN, [CARD_PIN_JUKI] = MEMORY_CARD_JUKI_PIN,
};

const char *memory_card_pin(enum card_pin pin)
{
    return pins[pin];
}

static void put_pins(struct image *image)
{
    for (int i = 0; i < CARD_PINS_; i++) {
        if (pins[i] != NULL)
            must(pin_verifier_make(bytes_text(pins[i]), &image->pins[i], NULL));
    }
}

static void put_files(struct image *image)
{
    const struct token_info info = {TOKEN_LABEL_PLASTIC, "OpenJPKI TEST", "SOFTCARD",
                                    image->serial};
    uint8_t token[TOKEN_SIZE];
    uint8_t presence[PRESENCE_SIZE];

    must(token_build(&info, token, NULL));
    presence_build(true, true, presence);
    must(buf_copy(BYTES_ARRAY(token), &image->data[CARD_TOKEN], NULL));
    must(buf_copy(BYTES_ARRAY(presence), &image->data[CARD_PRESENCE], NULL));
    put_cert(image, CARD_SIGN_CERT, MEMORY_CARD_CERT_SIZE);
    put_cert(image, CARD_AUTH_CERT, MEMORY_CARD_CERT_SIZE);
    put_cert(image, CARD_SIGN_CA_CERT, MEMORY_CARD_CA_CERT_SIZE);
    put_cert(image, CARD_AUTH_CA_CERT, MEMORY_CARD_CA_CERT_SIZE);
    put_personal_files(image);
}

static void make_keys(void)
{
    for (int i = 0; i < CARD_KEYS_; i++) {
        if (keys[i] != NULL)
            continue;
        must(privkey_generate(2048, &keys[i], NULL));
        must(privkey_export(keys[i], &key_ders[i], NULL));
    }
}

static void put_keys(struct image *image)
{
    make_keys();
    for (int i = 0; i < CARD_KEYS_; i++)
        must(privkey_import(secret_bytes(&key_ders[i]), &image->keys[i], NULL));
}

const struct privkey *memory_card_key(enum card_key key)
{
    make_keys();
    return keys[key];
}

void memory_card_release_keys(void)
{
    for (int i = 0; i < CARD_KEYS_; i++) {
        privkey_freep(&keys[i]);
        secret_done(&key_ders[i]);
    }
}

static struct card *new_card(struct memory_storage *storage, struct image *image)
{
    struct card *card;

    *storage = (struct memory_storage){
        .storage = {save_tries, save_image, close_storage},
    };
    for (unsigned i = 0; i < CARD_PINS_; i++)
        storage->tries[i] = card_node(NODE_PIN, i)->tries;
    must(card_new(image, storage->tries, &storage->storage, &card, NULL));
    return card;
}

struct card *memory_card_new_blank(struct memory_storage *storage)
{
    struct image image = {.serial = "TEST0000000001"};

    return new_card(storage, &image);
}

struct card *memory_card_new_keyed(struct memory_storage *storage)
{
    struct image image = {.serial = "TEST0000000001"};

    put_keys(&image);
    return new_card(storage, &image);
}

void memory_card_image(struct image *ret)
{
    struct image image = {.serial = "TEST0000000001"};

    put_files(&image);
    put_pins(&image);
    put_keys(&image);
    *ret = image;
}

struct card *memory_card_new(struct memory_storage *storage)
{
    struct image image;

    memory_card_image(&image);
    return new_card(storage, &image);
}
