/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each structure is a row: the elements it consists of, in their order, and a claim about each
 * value. Only the shortest form of an element is taken, so that no two structures say the same.
 */
#include "signer/role_card.h"

#include "base/caltime.h"
#include "base/hex.h"
#include "crypto/pubkey.h"
#include "iso7816/tlv.h"

#include <string.h>

enum {
    KEY_BITS = 2048,
    KEY_HEAD_SIZE = 9,
    KEY_SIZE = KEY_HEAD_SIZE + KEY_BITS / 8,
    BODY_SIZE = 2 * CV_KEY_ID_SIZE + KEY_SIZE,
    HASH_SIZE = 32,
    FACE_SIZE = 3 * HASH_SIZE,
    DATE_SIZE = 8,
    PARTS_MAX = 2,
    TAG_BODY = 0x5f4e,
    TAG_SIGNATURE = 0x5f37,
    TAG_CERTIFICATE = 0x7f21,
};

/* A public key on a card: exponent 65537 in tag 90, the modulus in tag 91. */
static const uint8_t key_head[KEY_HEAD_SIZE] = {0x90, 0x03, 0x01, 0x00, 0x01,
                                                0x91, 0x82, 0x01, 0x00};

/* A key id as it has to be: 'd' is any digit, every other byte itself. */
static const uint8_t id_form[CV_KEY_ID_SIZE] = {'9', '0', '0', '0', 'd', 'd',
                                                'd', 8,   5,   'd', 'd', 'd'};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

int cv_key_id_parse(const char *text, uint8_t ret[CV_KEY_ID_SIZE], struct err *err)
{
    CLEANUP(buf_done) struct buf id = BUF_INIT;

    TRY(hex_decode(text, &id, err));
    if (id.len != CV_KEY_ID_SIZE)
        return FAIL(err, ERR_INPUT, "a key id has %d hexadecimal digits", 2 * CV_KEY_ID_SIZE);
    for (size_t i = 0; i < CV_KEY_ID_SIZE; i++)
        if (id_form[i] == 'd' ? !is_digit(id.ptr[i]) : id.ptr[i] != id_form[i])
            return FAIL(err, ERR_INPUT,
                        "%s is not a key id of OpenJPKI: 9000, three digits, 08 05, three digits, "
                        "zeros",
                        text);
    memcpy(ret, id.ptr, CV_KEY_ID_SIZE);
    return 0;
}

/* The six digits that key ids differ in, and one more, because a ledger counts from 1. */
static uint32_t number_of(const uint8_t id[CV_KEY_ID_SIZE])
{
    uint32_t number = 0;

    for (size_t i = 0; i < CV_KEY_ID_SIZE; i++)
        if (id_form[i] == 'd')
            number = number * 10 + (uint32_t)(id[i] - '0');
    return number + 1;
}

/* Claims about one value; spki is the signing key's own. */

static bool is_hash(struct bytes value, struct bytes spki)
{
    (void)spki;
    return value.len == HASH_SIZE;
}

/* RSA-2048 with e = 65537, of somebody else; an even modulus is nobody's. */
static bool is_key(struct bytes value, struct bytes spki)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;

    return value.len == KEY_SIZE && bytes_start_with(value, BYTES_ARRAY(key_head)) &&
           (value.ptr[KEY_SIZE - 1] & 1) == 1 &&
           pubkey_from_modulus(bytes_part(value, KEY_HEAD_SIZE, value.len), &key, NULL) == 0 &&
           pubkey_bits(key) == KEY_BITS && !bytes_equal(pubkey_spki(key), spki);
}

static bool is_date(struct bytes value, struct bytes spki)
{
    char text[DATE_SIZE + 1] = {0};
    struct caldate date;

    (void)spki;
    if (value.len != DATE_SIZE)
        return false;
    memcpy(text, value.ptr, DATE_SIZE);
    return caldate_parse_basic(text, &date, NULL) == 0;
}

/* A PNG of 72 by 12 points, black and white, from its first to its last chunk (card.md 3.3). */
static bool is_picture(struct bytes value, struct bytes spki)
{
    static const uint8_t head[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0,  13, 'I',
                                   'H',  'D', 'R', 0,   0,    0,    72,   0,    0, 0, 12, 1,  0};
    static const uint8_t tail[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};

    (void)spki;
    return value.len >= sizeof head + sizeof tail && value.len <= SIGNERD_PICTURE_MAX &&
           bytes_start_with(value, BYTES_ARRAY(head)) &&
           bytes_equal(bytes_part(value, value.len - sizeof tail, sizeof tail), BYTES_ARRAY(tail));
}

struct part {
    uint32_t tag; /* 0: no more */
    bool (*holds)(struct bytes value, struct bytes spki);
    const char *otherwise;
};

static const char no_hash[] = "a digest of card data is not SHA-256";
static const char no_key[] = "the card's key is not RSA of 2048 bits with e = 65537";
static const char no_date[] = "a birth date is none";
static const char no_picture[] = "the picture of the number is not a PNG of 72 by 12 points";

static const struct structure {
    enum signer_kind kind;
    enum card_applet applet;
    const char *name;
    struct part parts[PARTS_MAX];
    size_t size; /* of one that has no parts */
} structures[] = {
    {SIGNER_CARD_DIGESTS,
     CARD_APPLET_TEXT,
     "card-digests",
     {{0xdf31, is_hash, no_hash}, {0xdf32, is_hash, no_hash}},
     0},
    {SIGNER_CARD_KEY, CARD_APPLET_TEXT, "card-key", {{0xdf51, is_key, no_key}, {0}}, 0},
    {SIGNER_CARD_AGE,
     CARD_APPLET_VISUAL,
     "card-age",
     {{0xdf11, is_date, no_date}, {0xdf12, is_key, no_key}},
     0},
    {SIGNER_CARD_FACE, CARD_APPLET_VISUAL, "card-face", {{0}, {0}}, FACE_SIZE},
    {SIGNER_CARD_NUMBER,
     CARD_APPLET_VISUAL,
     "card-number",
     {{0xdf41, is_picture, no_picture}, {0xdf42, is_key, no_key}},
     0},
};

static const struct structure *structure_of(enum signer_kind kind)
{
    for (size_t i = 0; i < sizeof structures / sizeof structures[0]; i++)
        if (structures[i].kind == kind)
            return &structures[i];
    return NULL;
}

const char *role_card_name(enum signer_kind kind)
{
    const struct structure *structure = structure_of(kind);

    return structure == NULL ? NULL : structure->name;
}

/* The next element, which has this tag and the shortest length there is. */
static int take(struct bytes *rest, uint32_t tag, struct bytes *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf shortest = BUF_INIT;
    struct tlv element;
    struct bytes after = *rest;

    if (tlv_next(&after, &element, NULL) < 0 || element.tag != tag)
        return FAIL(err, ERR_INPUT, "element %X is missing", (unsigned)tag);
    TRY(tlv_append(&shortest, tag, element.value, err));
    if (shortest.len != rest->len - after.len)
        return FAIL(err, ERR_INPUT, "the length of element %X is not in its shortest form",
                    (unsigned)tag);
    *rest = after;
    *ret = element.value;
    return 0;
}

int role_card_check(const struct card_rules *rules, struct bytes spki, enum signer_kind kind,
                    struct bytes tbs, struct err *err)
{
    const struct structure *structure = structure_of(kind);

    if (structure == NULL || structure->applet != rules->applet)
        return FAIL(err, ERR_UNTRUSTED, "structures of kind %d belong to the other applet",
                    (int)kind);
    if (structure->size != 0)
        return tbs.len == structure->size
                   ? 0
                   : FAIL(err, ERR_INPUT, "the hashes of a face have %zu bytes", structure->size);
    for (size_t i = 0; i < PARTS_MAX && structure->parts[i].tag != 0; i++) {
        struct bytes value;

        TRY(take(&tbs, structure->parts[i].tag, &value, err));
        if (!structure->parts[i].holds(value, spki))
            return FAIL(err, ERR_UNTRUSTED, "%s", structure->parts[i].otherwise);
    }
    if (tbs.len > 0)
        return FAIL(err, ERR_INPUT, "%zu bytes behind the structure", tbs.len);
    return 0;
}

static bool is_subject(const struct card_rules *rules, struct bytes id)
{
    for (size_t i = 0; i < rules->subject_count; i++)
        if (bytes_equal(id, BYTES_ARRAY(rules->subjects[i])))
            return true;
    return false;
}

int role_card_check_certificate(const struct card_rules *rules, struct bytes spki,
                                struct bytes body, uint32_t *ret_number, struct err *err)
{
    struct bytes subject = bytes_part(body, CV_KEY_ID_SIZE, CV_KEY_ID_SIZE);

    if (body.len != BODY_SIZE)
        return FAIL(err, ERR_INPUT, "the body of a CV certificate has %d bytes", BODY_SIZE);
    if (!bytes_equal(bytes_part(body, 0, CV_KEY_ID_SIZE), BYTES_ARRAY(rules->key_id)))
        return FAIL(err, ERR_UNTRUSTED, "the issuer of the CV certificate is not this key");
    if (!is_subject(rules, subject))
        return FAIL(err, ERR_UNTRUSTED, "the subject of the CV certificate is not in subjects");
    if (!is_key(bytes_part(body, 2 * CV_KEY_ID_SIZE, KEY_SIZE), spki))
        return FAIL(err, ERR_UNTRUSTED,
                    "the key in the CV certificate is not another's RSA of 2048 bits with "
                    "e = 65537");
    *ret_number = number_of(subject.ptr);
    return 0;
}

/* RFC 8017, 9.2, with a string three times as long as SHA-256 gives. */
int role_card_face_info(struct bytes hashes, struct buf *ret, struct err *err)
{
    static const uint8_t head[] = {0x30, 0x71, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,     0x01,
                                   0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, FACE_SIZE};
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    TRY(buf_append(&out, BYTES_ARRAY(head), err));
    TRY(buf_append(&out, hashes, err));
    buf_move(ret, &out);
    return 0;
}

int role_card_body(const struct card_rules *root, const struct card_rules *subject,
                   struct bytes subject_spki, struct buf *ret, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(buf_done) struct buf modulus = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    TRY(pubkey_from_spki_rsa(subject_spki, &key, err));
    TRY(pubkey_modulus(key, &modulus, err));
    TRY(buf_append(&out, BYTES_ARRAY(root->key_id), err));
    TRY(buf_append(&out, BYTES_ARRAY(subject->key_id), err));
    TRY(buf_append(&out, BYTES_ARRAY(key_head), err));
    TRY(buf_append(&out, buf_bytes(&modulus), err));
    buf_move(ret, &out);
    return 0;
}

int role_card_assemble(struct bytes body, struct bytes signature, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf inside = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    TRY(tlv_append(&inside, TAG_BODY, body, err));
    TRY(tlv_append(&inside, TAG_SIGNATURE, signature, err));
    TRY(tlv_append(&out, TAG_CERTIFICATE, buf_bytes(&inside), err));
    buf_move(ret, &out);
    return 0;
}
