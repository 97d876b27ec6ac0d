/* SPDX-License-Identifier: Apache-2.0 */
#include "carddata/cvc.h"

#include "crypto/pubkey.h"
#include "iso7816/tlv.h"

#include <string.h>

enum {
    TAG_CERTIFICATE = 0x7f21,
    TAG_BODY = 0x5f4e,
    TAG_SIGNATURE = 0x5f37,
    TAG_EXPONENT = 0x90,
    TAG_MODULUS = 0x91,
    MODULUS_SIZE = 256,
};

/* Seven characters for whose key it is, two bytes and three characters as on real cards, zeros. */
static const uint8_t root_ids[CARDDATA_APPLETS_][CVC_KEY_ID_SIZE] = {
    [CARDDATA_TEXT] = {'9', '0', '0', '0', '0', '3', '3', 8, 5, '0', '0', '1'},
    [CARDDATA_VISUAL] = {'9', '0', '0', '0', '0', '2', '3', 8, 5, '0', '0', '1'},
};
static const uint8_t subject_ids[CARDDATA_APPLETS_][CVC_KEY_ID_SIZE] = {
    [CARDDATA_TEXT] = {'9', '0', '0', '0', '0', '3', '4', 8, 5, '0', '0', '1'},
    [CARDDATA_VISUAL] = {'9', '0', '0', '0', '0', '2', '4', 8, 5, '0', '0', '1'},
};

struct bytes cvc_root_id(enum carddata_applet applet)
{
    return bytes_of(root_ids[applet], CVC_KEY_ID_SIZE);
}

struct bytes cvc_subject_id(enum carddata_applet applet)
{
    return bytes_of(subject_ids[applet], CVC_KEY_ID_SIZE);
}

static const uint8_t exponent[] = {0x01, 0x00, 0x01};

int cvc_append_key(struct buf *buf, struct bytes spki, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(buf_done) struct buf modulus = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    TRY(pubkey_from_spki_rsa(spki, &key, err));
    TRY(pubkey_modulus(key, &modulus, err));
    if (modulus.len != MODULUS_SIZE)
        return FAIL(err, ERR_INPUT, "a card's key has 2048 bits, not %zu", pubkey_bits(key));
    TRY(tlv_append(&out, TAG_EXPONENT, BYTES_ARRAY(exponent), err));
    TRY(tlv_append(&out, TAG_MODULUS, buf_bytes(&modulus), err));
    return buf_append(buf, buf_bytes(&out), err);
}

/* The one header that comes before a range of this size in these structures. */
static bool take(struct bytes *rest, struct bytes header, size_t size, struct bytes *ret)
{
    if (!bytes_start_with(*rest, header) || rest->len - header.len < size)
        return false;
    *ret = bytes_part(*rest, header.len, size);
    *rest = bytes_part(*rest, header.len + size, rest->len);
    return true;
}

int cvc_key_parse(struct bytes key, struct pubkey **ret, struct err *err)
{
    static const uint8_t header[] = {TAG_EXPONENT, 0x03, 0x01, 0x00, 0x01,
                                     TAG_MODULUS,  0x82, 0x01, 0x00};
    struct bytes modulus;

    if (!take(&key, BYTES_ARRAY(header), MODULUS_SIZE, &modulus) || key.len != 0)
        return FAIL(err, ERR_INPUT, "not a key as a card writes it (card.md 3.2)");
    return pubkey_from_modulus(modulus, ret, err);
}

int cvc_build_body(struct bytes issuer_id, struct bytes subject_id, struct bytes spki,
                   struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    if (issuer_id.len != CVC_KEY_ID_SIZE || subject_id.len != CVC_KEY_ID_SIZE)
        return FAIL(err, ERR_USAGE, "a key id has %d bytes", CVC_KEY_ID_SIZE);
    TRY(buf_append(&out, issuer_id, err));
    TRY(buf_append(&out, subject_id, err));
    TRY(cvc_append_key(&out, spki, err));
    buf_move(ret, &out);
    return 0;
}

int cvc_assemble(struct bytes body, struct bytes signature, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf parts = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    if (body.len != CVC_BODY_SIZE || signature.len != CVC_SIGNATURE_SIZE)
        return FAIL(err, ERR_USAGE, "not the body and signature of a CV certificate");
    TRY(tlv_append(&parts, TAG_BODY, body, err));
    TRY(tlv_append(&parts, TAG_SIGNATURE, signature, err));
    TRY(tlv_append(&out, TAG_CERTIFICATE, buf_bytes(&parts), err));
    buf_move(ret, &out);
    return 0;
}

int cvc_parse_body(struct bytes body, struct cvc *ret, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    struct cvc cvc = {
        .body = body,
        .issuer_id = bytes_part(body, 0, CVC_KEY_ID_SIZE),
        .subject_id = bytes_part(body, CVC_KEY_ID_SIZE, CVC_KEY_ID_SIZE),
        .key = bytes_part(body, 2 * CVC_KEY_ID_SIZE, body.len),
    };

    if (body.len != CVC_BODY_SIZE)
        return FAIL(err, ERR_INPUT, "the body of a CV certificate has %d bytes, not %zu",
                    CVC_BODY_SIZE, body.len);
    TRY(cvc_key_parse(cvc.key, &key, err));
    *ret = cvc;
    return 0;
}

int cvc_parse(struct bytes whole, struct cvc *ret, struct err *err)
{
    static const uint8_t body_header[] = {0x7f, 0x21, 0x82, 0x02, 0x33,
                                          0x5f, 0x4e, 0x82, 0x01, 0x29};
    static const uint8_t signature_header[] = {0x5f, 0x37, 0x82, 0x01, 0x00};
    struct bytes body;
    struct bytes signature;
    struct cvc cvc;

    if (!take(&whole, BYTES_ARRAY(body_header), CVC_BODY_SIZE, &body) ||
        !take(&whole, BYTES_ARRAY(signature_header), CVC_SIGNATURE_SIZE, &signature) ||
        whole.len != 0)
        return FAIL(err, ERR_INPUT, "not a CV certificate (card.md 3.2, EF 0004)");
    TRY(cvc_parse_body(body, &cvc, err));
    cvc.signature = signature;
    *ret = cvc;
    return 0;
}

int cvc_verify(const struct cvc *cvc, const struct pubkey *root, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, cvc->body, &digest, err));
    return pubkey_verify(root, &digest, cvc->signature, err);
}
