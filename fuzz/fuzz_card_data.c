/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a card says about its holder. The first byte says what it is: a part of the face (0 to 2),
 * the text (3), a record of the common application (4), a CV certificate (5), a key (6). Text and
 * face are several files, each with its length in two bytes in front.
 */
#include "client/common.h"
#include "client/text.h"
#include "client/visual.h"

#include "fuzz.h"

enum { TEXT = 3, RECORD, CERTIFICATE, KEY };

static bool take_file(struct bytes *rest, struct buf *ret)
{
    size_t len;

    if (rest->len < 2)
        return false;
    len = (size_t)rest->ptr[0] << 8 | rest->ptr[1];
    *rest = bytes_part(*rest, 2, rest->len);
    if (buf_append(ret, bytes_part(*rest, 0, len), NULL) < 0)
        return false;
    *rest = bytes_part(*rest, len, rest->len);
    return true;
}

/* A signature over nothing, so that the proof is judged too. */
static bool take_proof(struct bytes *rest, struct card_proof *ret)
{
    ret->challenge = (struct digest){.alg = DIGEST_SHA256, .len = 32};
    return take_file(rest, &ret->signature);
}

static void fuzz_face(enum visual_part part, const struct data_roots *roots, struct bytes rest)
{
    CLEANUP(visual_data_done) struct visual_data data = {.files.object = BUF_INIT};

    if (!take_file(&rest, &data.files.object) || !take_file(&rest, &data.files.certificate) ||
        !take_proof(&rest, &data.files.proof))
        return;
    if (visual_judge(&data, part, roots, NULL) < 0)
        return;
    FUZZ_CHECK(part == VISUAL_NUMBER || data.contents.birth.len == 8);
    FUZZ_CHECK(data.contents.photo.len <= data.files.object.len);
    /* No input can be signed by a root that is pinned. */
    FUZZ_CHECK(!authenticity_is_proven(&data.authenticity));
}

static void fuzz_text(const struct data_roots *roots, struct bytes rest)
{
    CLEANUP(text_data_done) struct text_data data = {.number = SECRET_INIT};

    if (!take_file(&rest, &data.files.number) || !take_file(&rest, &data.files.attributes) ||
        !take_file(&rest, &data.files.digests) || !take_file(&rest, &data.files.certificate) ||
        !take_file(&rest, &data.files.card_key) || !take_proof(&rest, &data.files.proof))
        return;
    if (text_judge(&data, TEXT_NUMBER | TEXT_ATTRIBUTES, roots, NULL) < 0)
        return;
    FUZZ_CHECK(data.number.len == 12 && data.attributes.birth.len == 8);
    FUZZ_CHECK(data.attributes.signed_part.len < data.files.attributes.len);
    FUZZ_CHECK(!authenticity_is_proven(&data.authenticity));
}

FUZZ_TARGET(data, size)
{
    CLEANUP(data_roots_freep) struct data_roots *roots = NULL;
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    struct bytes rest = {data + 1, size - 1};
    struct common_record record;
    struct data_cert cert;

    if (size == 0 || data_roots_new(&roots, NULL) < 0)
        return 0;
    if (data[0] < TEXT)
        fuzz_face((enum visual_part)data[0], roots, rest);
    if (data[0] == TEXT)
        fuzz_text(roots, rest);
    if (data[0] == RECORD && common_parse_record(rest, &record, NULL) == 0)
        FUZZ_CHECK(record.manufacture_number[COMMON_NUMBER_SIZE] == '\0');
    if (data[0] == CERTIFICATE && data_cert_parse(rest, &cert, NULL) == 0)
        FUZZ_CHECK(cert.body.ptr == cert.issuer.ptr && cert.key.len == DATA_KEY_SIZE);
    if (data[0] == KEY && data_key_parse(rest, &key, NULL) == 0)
        FUZZ_CHECK(pubkey_bits(key) == 2048);
    return 0;
}
