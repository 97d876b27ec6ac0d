/* SPDX-License-Identifier: Apache-2.0 */
#include "note/key.h"

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/digest.h"

#include <string.h>

int note_name_check(struct bytes name, struct err *err)
{
    bool is_name = name.len > 0 && name.len <= NOTE_NAME_MAX;

    for (size_t i = 0; is_name && i < name.len; i++)
        is_name = name.ptr[i] > ' ' && name.ptr[i] < 0x7f && name.ptr[i] != '+';
    if (!is_name)
        return FAIL(err, ERR_INPUT,
                    "a name of a log or witness is 1 to %d letters without + and "
                    "blanks",
                    NOTE_NAME_MAX);
    return 0;
}

/* SHA-256 of the name, a line feed, the algorithm and the key: its beginning. */
static int compute_id(const struct note_key *key, uint8_t ret[NOTE_KEY_ID_SIZE], struct err *err)
{
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    struct digest digest;

    TRY(buf_append_text(&input, key->name, err));
    TRY(buf_append_byte(&input, '\n', err));
    TRY(buf_append_byte(&input, (uint8_t)key->algorithm, err));
    TRY(buf_append(&input, BYTES_ARRAY(key->public), err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&input), &digest, err));
    memcpy(ret, digest.value, NOTE_KEY_ID_SIZE);
    return 0;
}

int note_key_of_spki(const char *name, enum note_algorithm algorithm, struct bytes spki,
                     struct note_key *ret, struct err *err)
{
    struct note_key key = {.algorithm = algorithm};

    TRY(note_name_check(bytes_text(name), err));
    memcpy(key.name, name, strlen(name));
    TRY(ed25519_from_spki(spki, key.public, err));
    TRY(compute_id(&key, key.id, err));
    *ret = key;
    return 0;
}

/* The bytes before the next "+", which is taken as well. */
static bool take_part(struct bytes *rest, struct bytes *ret)
{
    const uint8_t *plus = rest->len == 0 ? NULL : memchr(rest->ptr, '+', rest->len);
    size_t len = plus == NULL ? 0 : (size_t)(plus - rest->ptr);

    if (plus == NULL)
        return false;
    *ret = bytes_part(*rest, 0, len);
    *rest = bytes_part(*rest, len + 1, rest->len);
    return true;
}

/* The algorithm and the key behind it. */
static int take_public(struct bytes base64, struct note_key *key, struct err *err)
{
    CLEANUP(buf_done) struct buf octets = BUF_INIT;

    TRY(base64_decode(BASE64_PADDED, base64, &octets, err));
    if (octets.len != 1 + ED25519_KEY_SIZE ||
        (octets.ptr[0] != NOTE_ED25519 && octets.ptr[0] != NOTE_COSIGNATURE))
        return FAIL(err, ERR_INPUT, "a key of an algorithm that is not known here");
    key->algorithm = (enum note_algorithm)octets.ptr[0];
    memcpy(key->public, octets.ptr + 1, ED25519_KEY_SIZE);
    return 0;
}

static int check_id(struct bytes digits, const struct note_key *key, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;

    TRY(hex_append(&hex, BYTES_ARRAY(key->id), err));
    return bytes_equal(digits, buf_bytes(&hex))
               ? 0
               : FAIL(err, ERR_INPUT, "the id of the key is not that of its name and key");
}

int note_key_parse(struct bytes text, struct note_key *ret, struct err *err)
{
    struct note_key key = {.algorithm = NOTE_ED25519};
    struct bytes name;
    struct bytes id;

    if (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    if (text.len > NOTE_KEY_MAX || !take_part(&text, &name) || !take_part(&text, &id))
        return FAIL(err, ERR_INPUT, "a key of a log or witness is NAME+HEX+BASE64");
    TRY(note_name_check(name, err));
    memcpy(key.name, name.ptr, name.len);
    TRY(take_public(text, &key, err));
    TRY(compute_id(&key, key.id, err));
    TRY(check_id(id, &key, err));
    *ret = key;
    return 0;
}

int note_key_format(const struct note_key *key, struct buf *ret, struct err *err)
{
    uint8_t octets[1 + ED25519_KEY_SIZE];

    octets[0] = (uint8_t)key->algorithm;
    memcpy(octets + 1, key->public, ED25519_KEY_SIZE);
    TRY(buf_append_format(ret, err, "%s+", key->name));
    TRY(hex_append(ret, BYTES_ARRAY(key->id), err));
    TRY(buf_append_byte(ret, '+', err));
    return base64_append(ret, BASE64_PADDED, BYTES_ARRAY(octets), err);
}
