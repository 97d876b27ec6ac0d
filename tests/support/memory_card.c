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
    storage->tries[CARD_PIN_AUTH] = 3;
    storage->tries[CARD_PIN_SIGN] = 5;
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
    must(pin_verifier_make(bytes_text(MEMORY_CARD_AUTH_PIN), &image.pins[CARD_PIN_AUTH], NULL));
    must(pin_verifier_make(bytes_text(MEMORY_CARD_SIGN_PIN), &image.pins[CARD_PIN_SIGN], NULL));
    put_keys(&image);
    *ret = image;
}

struct card *memory_card_new(struct memory_storage *storage)
{
    struct image image;

    memory_card_image(&image);
    return new_card(storage, &image);
}
