/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attributes' table of offsets is not signed, so it is checked for its size and never used.
 * The digest of the number is over its file with the filler, which has one length and one value
 * (card.md 3.2), so the filler is added here instead of being read.
 */
#include "client/text.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "client/file.h"
#include "client/icc.h"
#include "client/object.h"

enum {
    EF_NUMBER = 0x0001,
    EF_ATTRIBUTES = 0x0002,
    EF_DIGESTS = 0x0003,
    EF_CERTIFICATE = 0x0004,
    EF_CARD_KEY = 0x0007,
    TAG_NUMBER = 0xFF10,
    TAG_ATTRIBUTES = 0xFF20,
    TAG_DIGESTS = 0xFF30,
    TAG_CERTIFICATE = 0x7F21,
    TAG_CARD_KEY = 0xFF50,
    DIGEST_SIZE = 32,
};

/* Where each part of struct text_files comes from. */
struct source {
    uint16_t fid;
    uint32_t tag;
    size_t offset;
    bool may_be_missing;
    const char *title;
};

static const struct source number_source = {
    EF_NUMBER, TAG_NUMBER, offsetof(struct text_files, number), false, N_("the individual number")};
static const struct source attributes_source = {EF_ATTRIBUTES, TAG_ATTRIBUTES,
                                                offsetof(struct text_files, attributes), false,
                                                N_("the attributes")};
/* Whether check code B opens the first of these is not certain (card.md 12). */
static const struct source proof_sources[] = {
    {EF_DIGESTS, TAG_DIGESTS, offsetof(struct text_files, digests), true,
     N_("the issuer's signature")},
    {EF_CERTIFICATE, TAG_CERTIFICATE, offsetof(struct text_files, certificate), false,
     N_("the issuer's certificate")},
    {EF_CARD_KEY, TAG_CARD_KEY, offsetof(struct text_files, card_key), true,
     N_("the card's own key")},
};

static int read_source(struct icc *icc, const struct source *source, struct text_files *files,
                       struct err *err)
{
    struct buf *ret = (struct buf *)((char *)files + source->offset);
    struct err why = {0};
    int rc = icc_read_object(icc, source->fid, source->tag, ICC_DATA_MAX, ret, &why);

    if (rc == 0 || (source->may_be_missing && (rc == -ERR_DENIED || icc_is_missing(&why))))
        return 0;
    return err_prefix(err, err_copy(err, &why), "%s", err_message(source->title));
}

static int read_files(struct icc *icc, unsigned parts, struct text_files *ret, struct err *err)
{
    if ((parts & TEXT_NUMBER) != 0)
        TRY(read_source(icc, &number_source, ret, err));
    if ((parts & TEXT_ATTRIBUTES) != 0)
        TRY(read_source(icc, &attributes_source, ret, err));
    for (size_t i = 0; i < sizeof proof_sources / sizeof proof_sources[0]; i++)
        TRY(read_source(icc, &proof_sources[i], ret, err));
    return card_proof_ask(icc, &ret->proof, err);
}

static int parse_number(struct bytes object, struct bytes *ret, struct err *err)
{
    struct bytes rest = object;
    struct object_part part;

    TRY(object_take(&rest, TAG_NUMBER, TEXT_NUMBER_SIZE, &part, err));
    TRY(object_end(rest, err));
    TRY(object_digits(part.value, err));
    *ret = part.value;
    return 0;
}

static int parse_attributes(struct bytes object, struct text_attributes *ret, struct err *err)
{
    struct object_part table, name, address, birth, sex;
    struct bytes rest;

    TRY(object_open(object, TAG_ATTRIBUTES, &rest, err));
    TRY(object_take(&rest, 0xDF21, 8, &table, err));
    TRY(object_take(&rest, 0xDF22, OBJECT_ANY_SIZE, &name, err));
    TRY(object_take(&rest, 0xDF23, OBJECT_ANY_SIZE, &address, err));
    TRY(object_take(&rest, 0xDF24, 8, &birth, err));
    TRY(object_take(&rest, 0xDF25, 1, &sex, err));
    TRY(object_end(rest, err));
    TRY(object_digits(birth.value, err));
    TRY(object_digits(sex.value, err));
    if (!utf8_is_valid(name.value) || !utf8_is_valid(address.value))
        return FAIL(err, ERR_INPUT, "name or address on the card is not UTF-8");
    *ret = (struct text_attributes){name.value, address.value, birth.value, sex.value,
                                    object_span(&name, &sex)};
    return 0;
}

struct digests {
    struct bytes number, attributes;
    struct bytes content; /* both, as they are signed */
    struct bytes signature;
};

static int parse_digests(struct bytes object, struct digests *ret, struct err *err)
{
    struct object_part number, attributes, signature;
    struct bytes rest;

    TRY(object_open(object, TAG_DIGESTS, &rest, err));
    TRY(object_take(&rest, 0xDF31, DIGEST_SIZE, &number, err));
    TRY(object_take(&rest, 0xDF32, DIGEST_SIZE, &attributes, err));
    TRY(object_take(&rest, 0xDF33, DATA_SIGNATURE_SIZE, &signature, err));
    TRY(object_end(rest, err));
    *ret = (struct digests){number.value, attributes.value, object_span(&number, &attributes),
                            signature.value};
    return 0;
}

static int compare_digest(struct authenticity *authenticity, enum data_fault fault,
                          struct bytes content, struct bytes expected, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, content, &digest, err));
    if (!bytes_equal(digest_bytes(&digest), expected))
        authenticity->has[fault] = true;
    return 0;
}

static int compare_number(struct authenticity *authenticity, const struct buf *object,
                          struct bytes expected, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    TRY(buf_append(&file, buf_bytes(object), err));
    TRY(buf_append(&file, BYTES_LITERAL("\xff\xff"), err));
    return compare_digest(authenticity, DATA_NUMBER_CHANGED, buf_bytes(&file), expected, err);
}

static int judge_digests(struct text_data *data, unsigned parts, const struct pubkey *key,
                         struct err *err)
{
    struct authenticity *found = &data->authenticity;
    struct digests digests;

    if (data->files.digests.len == 0) {
        found->has[DATA_SIGNATURE_NOT_READABLE] = true;
        return 0;
    }
    TRY(parse_digests(buf_bytes(&data->files.digests), &digests, err));
    TRY(authenticity_check(found, DATA_SIGNATURE_BROKEN, key, digests.content, digests.signature,
                           err));
    if ((parts & TEXT_NUMBER) != 0)
        TRY(compare_number(found, &data->files.number, digests.number, err));
    if ((parts & TEXT_ATTRIBUTES) != 0)
        TRY(compare_digest(found, DATA_ATTRIBUTES_CHANGED, data->attributes.signed_part,
                           digests.attributes, err));
    return 0;
}

static int judge_card(struct text_data *data, const struct pubkey *key, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *card_key = NULL;
    struct object_part part, signature;
    struct bytes rest;

    if (data->files.card_key.len == 0) {
        data->authenticity.has[DATA_CARD_NOT_PROVEN] = true;
        return 0;
    }
    TRY(object_open(buf_bytes(&data->files.card_key), TAG_CARD_KEY, &rest, err));
    TRY(object_take(&rest, 0xDF51, DATA_KEY_SIZE, &part, err));
    TRY(object_take(&rest, 0xDF52, DATA_SIGNATURE_SIZE, &signature, err));
    TRY(object_end(rest, err));
    TRY(data_key_parse(part.value, &card_key, err));
    TRY(authenticity_check(&data->authenticity, DATA_CARD_KEY_FORGED, key, part.whole,
                           signature.value, err));
    return card_proof_judge(&data->files.proof, card_key, &data->authenticity, err);
}

int text_judge(struct text_data *data, unsigned parts, const struct data_roots *roots,
               struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    struct bytes number;

    if ((parts & TEXT_NUMBER) != 0) {
        TRY(parse_number(buf_bytes(&data->files.number), &number, err));
        TRY(secret_copy(number, &data->number, err));
    }
    if ((parts & TEXT_ATTRIBUTES) != 0)
        TRY(parse_attributes(buf_bytes(&data->files.attributes), &data->attributes, err));
    TRY(authenticity_open(&data->authenticity, buf_bytes(&data->files.certificate), roots, &key,
                          err));
    TRY(judge_digests(data, parts, key, err));
    return judge_card(data, key, err);
}

int text_read(struct icc *icc, unsigned parts, const struct data_roots *roots,
              struct text_data *ret, struct err *err)
{
    CLEANUP(text_data_done) struct text_data data = {.number = SECRET_INIT};

    TRY(read_files(icc, parts, &data.files, err));
    TRY(object_of_card(text_judge(&data, parts, roots, err), err));
    *ret = data;
    data = (struct text_data){.number = SECRET_INIT};
    return 0;
}

void text_data_done(struct text_data *data)
{
    buf_done(&data->files.number);
    buf_done(&data->files.attributes);
    buf_done(&data->files.digests);
    buf_done(&data->files.certificate);
    buf_done(&data->files.card_key);
    card_proof_done(&data->files.proof);
    secret_done(&data->number);
}
