/* SPDX-License-Identifier: Apache-2.0 */
#include "client/data_cert.h"

#include "client/object.h"

enum {
    TAG_CERTIFICATE = 0x7F21,
    TAG_BODY = 0x5F4E,
    TAG_SIGNATURE = 0x5F37,
    TAG_EXPONENT = 0x90,
    TAG_MODULUS = 0x91,
    MODULUS_SIZE = 256,
    BODY_SIZE = 2 * DATA_KEY_ID_SIZE + DATA_KEY_SIZE,
};

int data_cert_parse(struct bytes object, struct data_cert *ret, struct err *err)
{
    struct object_part body, signature;
    struct bytes rest;

    TRY(object_open(object, TAG_CERTIFICATE, &rest, err));
    TRY(object_take(&rest, TAG_BODY, BODY_SIZE, &body, err));
    TRY(object_take(&rest, TAG_SIGNATURE, DATA_SIGNATURE_SIZE, &signature, err));
    TRY(object_end(rest, err));
    *ret = (struct data_cert){
        .issuer = bytes_part(body.value, 0, DATA_KEY_ID_SIZE),
        .body = body.value,
        .key = bytes_part(body.value, 2 * DATA_KEY_ID_SIZE, DATA_KEY_SIZE),
        .signature = signature.value,
    };
    return 0;
}

int data_key_parse(struct bytes value, struct pubkey **ret, struct err *err)
{
    struct object_part exponent, modulus;
    struct bytes rest = value;

    TRY(object_take(&rest, TAG_EXPONENT, 3, &exponent, err));
    TRY(object_take(&rest, TAG_MODULUS, MODULUS_SIZE, &modulus, err));
    TRY(object_end(rest, err));
    if (!bytes_equal(exponent.value, BYTES_LITERAL("\x01\x00\x01")))
        return FAIL(err, ERR_INPUT, "a card's key with another exponent than 65537");
    return pubkey_from_modulus(modulus.value, ret, err);
}
