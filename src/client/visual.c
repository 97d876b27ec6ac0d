/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each file carries the card's public key among what the issuer has signed, so each is judged in
 * the same three steps: the issuer's key, the issuer's signature, the card's.
 */
#include "client/visual.h"

#include "base/i18n.h"
#include "client/file.h"
#include "client/icc.h"
#include "client/object.h"

#include <string.h>

enum {
    EF_CERTIFICATE = 0x0004,
    TAG_CERTIFICATE = 0x7F21,
    HASH_SIZE = 32,
    HASHES_SIZE = 3 * HASH_SIZE,
};

/* What is signed: the issuer's signature is over content, or over three hashes of it. */
struct signed_part {
    struct bytes card_key, signature;
    struct bytes content;
    struct bytes face[3]; /* of the card face: data, printed texts, photo */
};

typedef int parse_fn(struct bytes object, struct visual_contents *ret, struct signed_part *ret_part,
                     struct err *err);

/* The table of offsets is not signed and never used. */
static int parse_face(struct bytes object, struct visual_contents *ret,
                      struct signed_part *ret_part, struct err *err)
{
    struct object_part table, birth, sex, key, name, address, photo, signature, expiry, code;
    struct bytes rest;

    TRY(object_open(object, 0xFF20, &rest, err));
    TRY(object_take(&rest, 0xDF21, 18, &table, err));
    TRY(object_take(&rest, 0xDF22, 8, &birth, err));
    TRY(object_take(&rest, 0xDF23, 1, &sex, err));
    TRY(object_take(&rest, 0xDF24, DATA_KEY_SIZE, &key, err));
    TRY(object_take(&rest, 0xDF25, OBJECT_ANY_SIZE, &name, err));
    TRY(object_take(&rest, 0xDF26, OBJECT_ANY_SIZE, &address, err));
    TRY(object_take(&rest, 0xDF27, OBJECT_ANY_SIZE, &photo, err));
    TRY(object_take(&rest, 0xDF28, DATA_SIGNATURE_SIZE, &signature, err));
    TRY(object_take(&rest, 0xDF29, 8, &expiry, err));
    TRY(object_take(&rest, 0xDF2A, OBJECT_ANY_SIZE, &code, err));
    TRY(object_end(rest, err));
    TRY(object_digits(birth.value, err));
    TRY(object_digits(sex.value, err));
    TRY(object_digits(expiry.value, err));
    *ret = (struct visual_contents){.birth = birth.value,
                                    .sex = sex.value,
                                    .name = name.value,
                                    .address = address.value,
                                    .photo = photo.value,
                                    .expiry = expiry.value,
                                    .security_code = code.value};
    *ret_part = (struct signed_part){
        .card_key = key.value,
        .signature = signature.value,
        .face = {object_span(&birth, &key), object_span(&name, &address), photo.whole}};
    return 0;
}

static int parse_age(struct bytes object, struct visual_contents *ret, struct signed_part *ret_part,
                     struct err *err)
{
    struct object_part birth, key, signature;
    struct bytes rest;

    TRY(object_open(object, 0xFF10, &rest, err));
    TRY(object_take(&rest, 0xDF11, 8, &birth, err));
    TRY(object_take(&rest, 0xDF12, DATA_KEY_SIZE, &key, err));
    TRY(object_take(&rest, 0xDF13, DATA_SIGNATURE_SIZE, &signature, err));
    TRY(object_end(rest, err));
    TRY(object_digits(birth.value, err));
    *ret = (struct visual_contents){.birth = birth.value};
    *ret_part = (struct signed_part){
        .card_key = key.value, .signature = signature.value, .content = object_span(&birth, &key)};
    return 0;
}

static int parse_number(struct bytes object, struct visual_contents *ret,
                        struct signed_part *ret_part, struct err *err)
{
    struct object_part number, key, signature;
    struct bytes rest;

    TRY(object_open(object, 0xFF40, &rest, err));
    TRY(object_take(&rest, 0xDF41, OBJECT_ANY_SIZE, &number, err));
    TRY(object_take(&rest, 0xDF42, DATA_KEY_SIZE, &key, err));
    TRY(object_take(&rest, 0xDF43, DATA_SIGNATURE_SIZE, &signature, err));
    TRY(object_end(rest, err));
    *ret = (struct visual_contents){.number = number.value};
    *ret_part = (struct signed_part){
        .card_key = key.value, .signature = signature.value, .content = object_span(&number, &key)};
    return 0;
}

static const struct {
    uint16_t fid;
    uint32_t tag;
    parse_fn *parse;
    const char *title;
} parts[] = {
    [VISUAL_FACE] = {0x0002, 0xFF20, parse_face, N_("the card face")},
    [VISUAL_AGE] = {0x0001, 0xFF10, parse_age, N_("the date of birth")},
    [VISUAL_NUMBER] = {0x0005, 0xFF40, parse_number, N_("the image of the individual number")},
};

/*
 * A DigestInfo that says SHA-256 and has three such hashes in it (card.md 3.3). It is built here
 * and compared as a whole, so its odd form gives nobody anything to play with.
 */
static int check_face(struct authenticity *authenticity, const struct pubkey *key,
                      const struct signed_part *part, struct err *err)
{
    static const uint8_t prefix[] = {0x30, 0x71, 0x30, 0x0d, 0x06,       0x09, 0x60,
                                     0x86, 0x48, 0x01, 0x65, 0x03,       0x04, 0x02,
                                     0x01, 0x05, 0x00, 0x04, HASHES_SIZE};
    CLEANUP(buf_done) struct buf message = BUF_INIT;

    TRY(buf_append(&message, BYTES_ARRAY(prefix), err));
    for (size_t i = 0; i < sizeof part->face / sizeof part->face[0]; i++) {
        struct digest digest;

        TRY(digest_compute(DIGEST_SHA256, part->face[i], &digest, err));
        TRY(buf_append(&message, digest_bytes(&digest), err));
    }
    return authenticity_note(authenticity, DATA_SIGNATURE_BROKEN,
                             pubkey_verify_encoded(key, buf_bytes(&message), part->signature, err));
}

int visual_judge(struct visual_data *data, enum visual_part part, const struct data_roots *roots,
                 struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(pubkey_freep) struct pubkey *card_key = NULL;
    struct authenticity *found = &data->authenticity;
    struct signed_part signed_part;

    TRY(parts[part].parse(buf_bytes(&data->files.object), &data->contents, &signed_part, err));
    TRY(authenticity_open(found, buf_bytes(&data->files.certificate), roots, &key, err));
    TRY(data_key_parse(signed_part.card_key, &card_key, err));
    if (part == VISUAL_FACE)
        TRY(check_face(found, key, &signed_part, err));
    else
        TRY(authenticity_check(found, DATA_SIGNATURE_BROKEN, key, signed_part.content,
                               signed_part.signature, err));
    return card_proof_judge(&data->files.proof, card_key, found, err);
}

int visual_read(struct icc *icc, enum visual_part part, const struct data_roots *roots,
                struct visual_data *ret, struct err *err)
{
    CLEANUP(visual_data_done) struct visual_data data = {.files.object = BUF_INIT};

    TRY(err_prefix(err,
                   icc_read_object(icc, parts[part].fid, parts[part].tag, ICC_DATA_MAX,
                                   &data.files.object, err),
                   "%s", err_message(parts[part].title)));
    TRY(err_prefix(err,
                   icc_read_object(icc, EF_CERTIFICATE, TAG_CERTIFICATE, ICC_DATA_MAX,
                                   &data.files.certificate, err),
                   "%s", err_message(N_("the issuer's certificate"))));
    TRY(card_proof_ask(icc, &data.files.proof, err));
    TRY(object_of_card(visual_judge(&data, part, roots, err), err));
    *ret = data;
    data = (struct visual_data){.files.object = BUF_INIT};
    return 0;
}

void visual_data_done(struct visual_data *data)
{
    buf_done(&data->files.object);
    buf_done(&data->files.certificate);
    card_proof_done(&data->files.proof);
}
