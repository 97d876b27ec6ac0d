/* SPDX-License-Identifier: Apache-2.0 */
#include "card/install.h"

#include "card/limits.h"
#include "card/scp03.h"
#include "crypto/aes_cbc.h"
#include "iso7816/tlv.h"

#include <string.h>

enum {
    TAG_APPLICATION_PARAMETERS = 0xc9,
    TAG_KEYS = 0xa5,
    TAG_VERSION = 0x80,
    TAG_ENC,
    TAG_MAC,
    TAG_DEK,
    TAG_CHECKS,
    KEYS = 3, /* in a set */
};

static int fail(struct err *err)
{
    return FAIL(err, ERR_INPUT, "the data of an INSTALL command are malformed");
}

/* A field behind its length, which is written as in BER-TLV (11.5.2.3). */
static int take_field(struct bytes *rest, struct bytes *ret, struct err *err)
{
    size_t header = 1;
    size_t len;

    if (rest->len == 0)
        return fail(err);
    len = rest->ptr[0];
    if (len == 0x81 && rest->len > 1) {
        header = 2;
        len = rest->ptr[1];
    } else if (len == 0x82 && rest->len > 2) {
        header = 3;
        len = (size_t)rest->ptr[1] << 8 | rest->ptr[2];
    } else if (len >= 0x80) {
        return fail(err);
    }
    if (len > rest->len - header)
        return fail(err);
    *ret = bytes_part(*rest, header, len);
    *rest = bytes_part(*rest, header + len, rest->len);
    return 0;
}

static bool are_zeros(struct bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] != 0)
            return false;
    }
    return true;
}

int install_parse(struct bytes data, struct install *ret, struct err *err)
{
    struct bytes privileges, parameters, token;
    struct install install;
    struct tlv tlv;

    TRY(take_field(&data, &install.load_file, err));
    TRY(take_field(&data, &install.module, err));
    TRY(take_field(&data, &install.instance, err));
    TRY(take_field(&data, &privileges, err));
    TRY(take_field(&data, &parameters, err));
    TRY(take_field(&data, &token, err));
    if (data.len > 0 || token.len > 0 || (privileges.len != 1 && privileges.len != 3) ||
        !are_zeros(privileges))
        return fail(err);
    if (tlv_next(&parameters, &tlv, NULL) < 0 || tlv.tag != TAG_APPLICATION_PARAMETERS ||
        parameters.len > 0)
        return fail(err);
    install.parameters = tlv.value;
    *ret = install;
    return 0;
}

int install_parse_target(struct bytes data, struct bytes *ret, struct err *err)
{
    struct bytes field, target;

    for (int i = 0; i < 6; i++) {
        TRY(take_field(&data, &field, err));
        if (i == 2)
            target = field;
        else if (field.len > 0)
            return fail(err);
    }
    if (data.len > 0)
        return fail(err);
    *ret = target;
    return 0;
}

/* One key out of its wrapping, compared with its check value. */
static int unwrap_key(struct bytes wrapped, const struct secret *dek,
                      const uint8_t expected[GP_CHECK_SIZE], struct secret *ret, struct err *err)
{
    static const uint8_t zeros[AES_BLOCK] = {0};
    struct bytes cipher = bytes_part(wrapped, 1, wrapped.len);
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    uint8_t check[GP_CHECK_SIZE];
    size_t len = wrapped.len == 0 ? 0 : wrapped.ptr[0];

    if ((len != 16 && len != 24 && len != 32) ||
        cipher.len != (len + AES_BLOCK - 1) / AES_BLOCK * AES_BLOCK)
        return fail(err);
    TRY(aes_cbc_decrypt(dek, zeros, cipher, &plain, err));
    TRY(secret_copy(bytes_part(buf_bytes(&plain), 0, len), &key, err));
    TRY(scp03_check_value(&key, check, err));
    if (!bytes_equal_secret(BYTES_ARRAY(check), bytes_of(expected, GP_CHECK_SIZE)))
        return FAIL(err, ERR_UNTRUSTED, "a key of the operator does not fit its check value");
    *ret = key;
    key = (struct secret)SECRET_INIT;
    return 0;
}

/* The members of A5, in their order and nothing else. */
static int split_keys(struct bytes body, struct bytes ret[KEYS + 2], struct err *err)
{
    struct tlv tlv;

    for (uint32_t i = 0; i < KEYS + 2; i++) {
        if (tlv_next(&body, &tlv, NULL) < 0 || tlv.tag != TAG_VERSION + i)
            return fail(err);
        ret[i] = tlv.value;
    }
    if (body.len > 0 || ret[0].len != 1 || ret[KEYS + 1].len != (size_t)KEYS * GP_CHECK_SIZE)
        return fail(err);
    return 0;
}

static int read_keys(struct bytes body, const struct secret *dek, struct gp_keys *ret,
                     struct err *err)
{
    CLEANUP(secret_done) struct secret enc = SECRET_INIT;
    CLEANUP(secret_done) struct secret mac = SECRET_INIT;
    CLEANUP(secret_done) struct secret own_dek = SECRET_INIT;
    struct bytes members[KEYS + 2];
    const uint8_t *checks;

    TRY(split_keys(body, members, err));
    checks = members[KEYS + 1].ptr;
    TRY(unwrap_key(members[1], dek, checks, &enc, err));
    TRY(unwrap_key(members[2], dek, checks + GP_CHECK_SIZE, &mac, err));
    TRY(unwrap_key(members[3], dek, checks + 2 * GP_CHECK_SIZE, &own_dek, err));
    return gp_keys_make(members[0].ptr[0], &enc, &mac, &own_dek, ret, err);
}

static int read_area(const struct install *install, const struct secret *dek,
                     struct free_area *area, struct err *err)
{
    struct bytes rest = install->parameters;
    struct tlv tlv;

    if (!bytes_equal(install->load_file, INSTALL_LOAD_FILE) ||
        !bytes_equal(install->module, INSTALL_MODULE))
        return FAIL(err, ERR_INPUT, "the card has no such executable");
    if (!free_aid_is_possible(install->instance))
        return FAIL(err, ERR_INPUT, "an area cannot have this AID");
    memcpy(area->aid, install->instance.ptr, install->instance.len);
    area->aid_len = install->instance.len;
    TRY(free_area_read_description(&rest, area, err));
    if (rest.len == 0 && !area->is_protected)
        return 0;
    if (tlv_next(&rest, &tlv, NULL) < 0 || tlv.tag != TAG_KEYS || rest.len > 0)
        return fail(err);
    return read_keys(tlv.value, dek, &area->keys, err);
}

int install_area(const struct install *install, const struct secret *dek, struct free_area *ret,
                 struct err *err)
{
    CLEANUP(free_area_done) struct free_area area = {.aid_len = 0};

    TRY(read_area(install, dek, &area, err));
    *ret = area;
    area = (struct free_area){.aid_len = 0};
    return 0;
}
