/* SPDX-License-Identifier: Apache-2.0 */
/*
 * body    = serial [kind] [options] [dead] *entry
 * serial  = 80 text
 * kind    = 84 name                               a card without one is of plastic
 * options = 85 text                               those that are not as usual
 * dead    = 86 nothing                            it was tampered with
 * entry   = A1 { 82 address, 83 contents }          a data file
 *         | A2 { 82 address, 83 salt || hash }      a PIN
 *         | A3 { 82 address, 83 PrivateKeyInfo }    a key pair
 *         | A4 { 82 address, 83 PrivateKeyInfo }    the one that will replace it; sign and auth
 *         | B0 { keys }                             of the issuer (card/gp_keys.h)
 *         | B1 { area }                             in the free area (card/free.h)
 * address = applet id (1), FID (2)
 *
 * Only what is there has an entry, in the order of the tables, so an image has one spelling.
 */
#include "card/image.h"

#include "iso7816/tlv.h"

#include <string.h>

enum {
    TAG_SERIAL = 0x80,
    TAG_ADDRESS = 0x82,
    TAG_CONTENTS = 0x83,
    TAG_KIND = 0x84,
    TAG_OPTIONS = 0x85,
    TAG_DEAD = 0x86,
    TAG_DATA = 0xa1,
    TAG_PIN = 0xa2,
    TAG_KEY = 0xa3,
    TAG_NEW_KEY = 0xa4,
    TAG_ISSUER = 0xb0,
    TAG_AREA = 0xb1,
    ADDRESS_SIZE = 3,
};

int image_check_serial(const char *serial, struct err *err)
{
    size_t len = strlen(serial);

    if (len == 0 || len > CARD_SERIAL_MAX)
        return FAIL(err, ERR_INPUT, "the serial has %zu characters, 1 to %d are possible", len,
                    CARD_SERIAL_MAX);
    for (size_t i = 0; i < len; i++) {
        bool is_digit = serial[i] >= '0' && serial[i] <= '9';
        bool is_letter = (serial[i] >= 'A' && serial[i] <= 'Z') ||
                         (serial[i] >= 'a' && serial[i] <= 'z');

        if (!is_digit && !is_letter)
            return FAIL(err, ERR_INPUT, "the serial has characters besides letters and digits");
    }
    return 0;
}

int image_init(struct image *image, const char *serial, struct err *err)
{
    struct image blank = {.serial = ""};

    TRY(image_check_serial(serial, err));
    memcpy(blank.serial, serial, strlen(serial));
    *image = blank;
    return 0;
}

bool image_is_personalised(const struct image *image)
{
    return image->data[CARD_AUTH_CERT].len > 0;
}

bool image_key_is_replaceable(enum card_key key)
{
    return key == CARD_KEY_SIGN || key == CARD_KEY_AUTH;
}

bool image_has(const struct image *image, const struct node *node)
{
    enum node_kind storage = node_storage(node->kind);

    if (storage == NODE_DATA)
        return image->data[node->index].len > 0;
    if (storage == NODE_PIN)
        return image->pins[node->index].is_set;
    return storage == NODE_KEY && image->keys[node->index] != NULL;
}

bool image_has_free_area(const struct image *image)
{
    return image_is_personalised(image) && !card_kind_rules(image->kind)->is_phone;
}

int image_check_expiry(const struct image *image, struct caldate last, struct err *err)
{
    const struct buf *expiry = &image->data[CARD_MF_EXPIRY];
    char digits[sizeof "YYYYMMDD"] = "";
    struct caldate own;

    if (expiry->len != sizeof digits - 1)
        return 0;
    memcpy(digits, expiry->ptr, expiry->len);
    if (caldate_parse_basic(digits, &own, NULL) == 0 && caldate_compare(last, own) > 0)
        return FAIL(err, ERR_INPUT, "an area cannot be valid longer than the card");
    return 0;
}

unsigned image_tries(const struct image *image, const struct node *pin)
{
    return pin->index == CARD_PIN_BIRTH ? card_option(&image->options, OPTION_BIRTH_TRIES)
                                        : pin->tries;
}

void image_done(struct image *image)
{
    for (int i = 0; i < CARD_DATA_; i++)
        buf_done(&image->data[i]);
    for (int i = 0; i < CARD_KEYS_; i++) {
        privkey_freep(&image->keys[i]);
        privkey_freep(&image->new_keys[i]);
    }
    gp_keys_done(&image->issuer);
    free_areas_done(&image->areas);
    wipe(image, sizeof *image);
}

static int put_entry(struct buf *out, uint32_t tag, uint32_t address, struct bytes contents,
                     struct err *err)
{
    const uint8_t name[ADDRESS_SIZE] = {(uint8_t)(address >> 16), (uint8_t)(address >> 8 & 0xff),
                                        (uint8_t)(address & 0xff)};
    CLEANUP(buf_done) struct buf entry = BUF_INIT;

    TRY(tlv_append(&entry, TAG_ADDRESS, BYTES_ARRAY(name), err));
    TRY(tlv_append(&entry, TAG_CONTENTS, contents, err));
    return tlv_append(out, tag, buf_bytes(&entry), err);
}

static int put_pin(struct buf *out, unsigned pin, const struct pin_verifier *verifier,
                   struct err *err)
{
    uint8_t both[PIN_SALT_SIZE + PIN_HASH_SIZE];

    if (!verifier->is_set)
        return 0;
    memcpy(both, verifier->salt, PIN_SALT_SIZE);
    memcpy(both + PIN_SALT_SIZE, verifier->hash, PIN_HASH_SIZE);
    return put_entry(out, TAG_PIN, card_node_address(NODE_PIN, pin), BYTES_ARRAY(both), err);
}

static int put_key(struct buf *out, uint32_t tag, unsigned key, const struct privkey *pair,
                   struct err *err)
{
    CLEANUP(secret_done) struct secret der = SECRET_INIT;

    if (pair == NULL)
        return 0;
    TRY(privkey_export(pair, &der, err));
    return put_entry(out, tag, card_node_address(NODE_KEY, key), secret_bytes(&der), err);
}

/* The issuer's keys and the operators' areas. */
static int put_free(struct buf *out, const struct image *image, struct err *err)
{
    if (gp_keys_are_set(&image->issuer)) {
        CLEANUP(buf_done) struct buf keys = BUF_INIT;

        TRY(gp_keys_write(&image->issuer, &keys, err));
        TRY(tlv_append(out, TAG_ISSUER, buf_bytes(&keys), err));
    }
    for (size_t i = 0; i < image->areas.count; i++) {
        CLEANUP(buf_done) struct buf area = BUF_INIT;

        TRY(free_area_write(&image->areas.list[i], &area, err));
        TRY(tlv_append(out, TAG_AREA, buf_bytes(&area), err));
    }
    return 0;
}

/* What comes once and only if it is unusual. */
static int put_manner(struct buf *out, const struct image *image, struct err *err)
{
    CLEANUP(buf_done) struct buf options = BUF_INIT;

    if (image->kind != CARD_PLASTIC)
        TRY(tlv_append(out, TAG_KIND, bytes_text(card_kind_rules(image->kind)->name), err));
    TRY(card_options_append(&image->options, &options, err));
    if (options.len > 0)
        TRY(tlv_append(out, TAG_OPTIONS, buf_bytes(&options), err));
    return image->is_dead ? tlv_append(out, TAG_DEAD, bytes_of(NULL, 0), err) : 0;
}

int image_write(const struct image *image, struct secret *ret_body, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT; /* wiped as it grows and at the end */

    TRY(tlv_append(&out, TAG_SERIAL, bytes_text(image->serial), err));
    TRY(put_manner(&out, image, err));
    for (unsigned i = 0; i < CARD_DATA_; i++) {
        if (image->data[i].len > 0)
            TRY(put_entry(&out, TAG_DATA, card_node_address(NODE_DATA, i),
                          buf_bytes(&image->data[i]), err));
    }
    for (unsigned i = 0; i < CARD_PINS_; i++)
        TRY(put_pin(&out, i, &image->pins[i], err));
    for (unsigned i = 0; i < CARD_KEYS_; i++)
        TRY(put_key(&out, TAG_KEY, i, image->keys[i], err));
    for (unsigned i = 0; i < CARD_KEYS_; i++)
        TRY(put_key(&out, TAG_NEW_KEY, i, image->new_keys[i], err));
    TRY(put_free(&out, image, err));
    if (out.len > CARD_BODY_MAX)
        return FAIL(err, ERR_INPUT, "the card is full: %zu bytes, %d fit", out.len, CARD_BODY_MAX);
    return secret_copy(buf_bytes(&out), ret_body, err);
}

static int read_serial(struct bytes *rest, struct image *image, struct err *err)
{
    struct tlv tlv;

    TRY(tlv_next(rest, &tlv, err));
    if (tlv.tag != TAG_SERIAL || tlv.value.len > CARD_SERIAL_MAX)
        return FAIL(err, ERR_INPUT, "the contents do not begin with a serial");
    if (tlv.value.len > 0)
        memcpy(image->serial, tlv.value.ptr, tlv.value.len);
    return image_check_serial(image->serial, err);
}

static int read_data(struct image *image, const struct node *node, struct bytes contents,
                     struct err *err)
{
    if (contents.len == 0 || contents.len > node->size || image->data[node->index].len > 0)
        return FAIL(err, ERR_INPUT, "file %04X is repeated or has a wrong size", node->fid);
    return buf_copy(contents, &image->data[node->index], err);
}

static int read_pin(struct image *image, const struct node *node, struct bytes contents,
                    struct err *err)
{
    struct pin_verifier *verifier = &image->pins[node->index];

    if (contents.len != PIN_SALT_SIZE + PIN_HASH_SIZE || verifier->is_set || node->form == NULL)
        return FAIL(err, ERR_INPUT, "PIN %04X is repeated or malformed", node->fid);
    memcpy(verifier->salt, contents.ptr, PIN_SALT_SIZE);
    memcpy(verifier->hash, contents.ptr + PIN_SALT_SIZE, PIN_HASH_SIZE);
    verifier->is_set = true;
    return 0;
}

static int read_key(struct image *image, const struct node *node, struct bytes contents,
                    struct err *err)
{
    if (image->keys[node->index] != NULL)
        return FAIL(err, ERR_INPUT, "key %04X is repeated", node->fid);
    return privkey_import(contents, &image->keys[node->index], err);
}

static int read_new_key(struct image *image, const struct node *node, struct bytes contents,
                        struct err *err)
{
    struct privkey **place = &image->new_keys[node->index];

    if (!image_key_is_replaceable((enum card_key)node->index) || *place != NULL)
        return FAIL(err, ERR_INPUT, "new key %04X is repeated or misplaced", node->fid);
    return privkey_import(contents, place, err);
}

static const struct {
    uint32_t tag;
    enum node_kind kind;
    int (*read)(struct image *image, const struct node *node, struct bytes contents,
                struct err *err);
} entry_kinds[] = {
    {TAG_DATA, NODE_DATA, read_data},
    {TAG_PIN, NODE_PIN, read_pin},
    {TAG_KEY, NODE_KEY, read_key},
    {TAG_NEW_KEY, NODE_KEY, read_new_key},
};

/* The two members of an entry, in their order and nothing else. */
static int split_entry(struct bytes entry, uint32_t *ret_address, struct bytes *ret_contents,
                       struct err *err)
{
    struct tlv address, contents;

    TRY(tlv_next(&entry, &address, err));
    TRY(tlv_next(&entry, &contents, err));
    if (address.tag != TAG_ADDRESS || address.value.len != ADDRESS_SIZE ||
        contents.tag != TAG_CONTENTS || entry.len > 0)
        return FAIL(err, ERR_INPUT, "an entry of the card file is malformed");
    *ret_address = (uint32_t)address.value.ptr[0] << 16 | (uint32_t)address.value.ptr[1] << 8 |
                   address.value.ptr[2];
    *ret_contents = contents.value;
    return 0;
}

static int read_issuer(struct image *image, struct bytes body, struct err *err)
{
    if (gp_keys_are_set(&image->issuer))
        return FAIL(err, ERR_INPUT, "the issuer's keys are repeated");
    return gp_keys_read(body, &image->issuer, err);
}

static int read_area(struct image *image, struct bytes body, struct err *err)
{
    CLEANUP(free_area_done) struct free_area area = {.aid_len = 0};
    int rc;

    TRY(free_area_read(body, &area, err));
    rc = free_areas_add(&image->areas, &area, err);
    return rc == -ERR_CONFLICT || rc == -ERR_ABSENT
               ? FAIL(err, ERR_INPUT, "an area of the card file is repeated or too large")
               : rc;
}

static int read_entry(struct image *image, const struct tlv *entry, struct err *err)
{
    if (entry->tag == TAG_ISSUER)
        return read_issuer(image, entry->value, err);
    if (entry->tag == TAG_AREA)
        return read_area(image, entry->value, err);
    for (size_t i = 0; i < sizeof entry_kinds / sizeof entry_kinds[0]; i++) {
        const struct node *node;
        struct bytes contents;
        uint32_t address;

        if (entry_kinds[i].tag != entry->tag)
            continue;
        TRY(split_entry(entry->value, &address, &contents, err));
        node = card_node_at(address);
        if (node == NULL || node_storage(node->kind) != entry_kinds[i].kind)
            return FAIL(err, ERR_INPUT, "the card file names an unknown file %06X", address);
        return entry_kinds[i].read(image, node, contents, err);
    }
    return FAIL(err, ERR_INPUT, "the card file has an unknown entry %X", entry->tag);
}

static int read_kind(struct image *image, struct bytes text, struct err *err)
{
    char name[CARD_NAME_MAX + 1] = "";

    if (text.len > CARD_NAME_MAX)
        return FAIL(err, ERR_INPUT, "the card file names no kind of card");
    if (text.len > 0)
        memcpy(name, text.ptr, text.len);
    TRY(card_kind_named(name, &image->kind, err));
    if (image->kind == CARD_PLASTIC || strlen(name) != text.len)
        return FAIL(err, ERR_INPUT, "the card file names its kind in another way than ours do");
    return 0;
}

/* Only in the spelling in which they are written. */
static int read_options(struct image *image, struct bytes text, struct err *err)
{
    CLEANUP(buf_done) struct buf again = BUF_INIT;

    if (text.len > CARD_OPTIONS_TEXT_MAX)
        return FAIL(err, ERR_INPUT, "the options of the card have %zu bytes", text.len);
    TRY(card_options_parse(text, &image->options, err));
    TRY(card_options_append(&image->options, &again, err));
    if (!bytes_equal(buf_bytes(&again), text))
        return FAIL(err, ERR_INPUT, "the options of the card are in no order of ours");
    return 0;
}

static int read_dead(struct image *image, struct bytes nothing, struct err *err)
{
    if (nothing.len > 0)
        return FAIL(err, ERR_INPUT, "the card is dead in a way that is not ours");
    image->is_dead = true;
    return 0;
}

/* What comes once, in this order and before the entries, and may be missing. */
static int read_manner(struct bytes *rest, struct image *image, struct err *err)
{
    static const struct {
        uint8_t tag;
        int (*read)(struct image *image, struct bytes value, struct err *err);
    } rows[] = {{TAG_KIND, read_kind}, {TAG_OPTIONS, read_options}, {TAG_DEAD, read_dead}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tlv tlv;

        if (rest->len == 0 || rest->ptr[0] != rows[i].tag)
            continue;
        TRY(tlv_next(rest, &tlv, err));
        TRY(rows[i].read(image, tlv.value, err));
    }
    return 0;
}

static int read_all(struct bytes body, struct image *image, struct err *err)
{
    struct tlv entry;

    TRY(read_serial(&body, image, err));
    TRY(read_manner(&body, image, err));
    while (body.len > 0) {
        TRY(tlv_next(&body, &entry, err));
        TRY(read_entry(image, &entry, err));
    }
    return 0;
}

int image_read(struct bytes body, struct image *ret, struct err *err)
{
    struct image image = {.serial = ""};
    int rc = read_all(body, &image, err);

    if (rc < 0) {
        image_done(&image);
        return rc == -ERR_ABSENT ? FAIL(err, ERR_INPUT, "the contents of the card file are cut off")
                                 : rc;
    }
    *ret = image;
    wipe(&image, sizeof image);
    return 0;
}
