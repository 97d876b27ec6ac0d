/* SPDX-License-Identifier: Apache-2.0 */
#include "support/card_data.h"

#include "support/element.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SUBJECT                                                                                    \
    "9000034\x08\x05"                                                                              \
    "001\0\0\0\0"

static void put(struct buf *ret, uint32_t tag, struct bytes value)
{
    assert_int_equal(tlv_append(ret, tag, value, NULL), 0);
}

static void join(struct buf *ret, struct bytes more)
{
    assert_int_equal(buf_append(ret, more, NULL), 0);
}

/* The object with this tag around what inner holds, which is released. */
static void wrap(struct buf *ret, uint32_t tag, struct buf *inner)
{
    put(ret, tag, buf_bytes(inner));
    buf_done(inner);
}

void test_card_sign(const struct privkey *key, struct bytes content, struct buf *ret)
{
    struct digest digest;

    assert_int_equal(digest_compute(DIGEST_SHA256, content, &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, ret, NULL), 0);
}

void test_card_prove(const struct privkey *key, struct card_proof *ret)
{
    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_LITERAL("any"), &ret->challenge, NULL), 0);
    if (key != NULL)
        assert_int_equal(privkey_sign(key, &ret->challenge, &ret->signature, NULL), 0);
}

static void put_signature(struct buf *ret, uint32_t tag, const struct privkey *key,
                          struct bytes content)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    test_card_sign(key, content, &signature);
    put(ret, tag, buf_bytes(&signature));
}

/* The 265 bytes of a public key. */
static void append_key(struct buf *ret, const struct privkey *key)
{
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    CLEANUP(buf_done) struct buf modulus = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(pubkey_modulus(public, &modulus, NULL), 0);
    put(ret, 0x90, BYTES_LITERAL("\x01\x00\x01"));
    put(ret, 0x91, buf_bytes(&modulus));
}

static void put_key(struct buf *ret, uint32_t tag, const struct privkey *key)
{
    CLEANUP(buf_done) struct buf value = BUF_INIT;

    append_key(&value, key);
    put(ret, tag, buf_bytes(&value));
}

static void make_certificate(struct test_card_data *data)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct buf inner = BUF_INIT;

    join(&body, BYTES_LITERAL(TEST_CARD_ROOT_ID));
    join(&body, BYTES_LITERAL(SUBJECT));
    append_key(&body, data->issuer);
    put(&inner, 0x5F4E, buf_bytes(&body));
    put_signature(&inner, 0x5F37, data->root, buf_bytes(&body));
    wrap(&data->certificate, 0x7F21, &inner);
}

static void make_attributes(struct test_card_data *data, struct buf *ret_signed)
{
    struct buf inner = BUF_INIT;

    put(&inner, 0xDF21, BYTES_LITERAL("\0\x0E\0\x20\0\x59\0\x64"));
    put(ret_signed, 0xDF22, BYTES_LITERAL(TEST_CARD_NAME));
    put(ret_signed, 0xDF23, BYTES_LITERAL(TEST_CARD_ADDRESS));
    put(ret_signed, 0xDF24, BYTES_LITERAL("19900415"));
    put(ret_signed, 0xDF25, BYTES_LITERAL("2"));
    join(&inner, buf_bytes(ret_signed));
    wrap(&data->attributes, 0xFF20, &inner);
}

static void put_digest(struct buf *ret, uint32_t tag, struct bytes content)
{
    struct digest digest;

    assert_int_equal(digest_compute(DIGEST_SHA256, content, &digest, NULL), 0);
    put(ret, tag, digest_bytes(&digest));
}

static void make_text(struct test_card_data *data)
{
    CLEANUP(buf_done) struct buf signed_part = BUF_INIT;
    CLEANUP(buf_done) struct buf card_key = BUF_INIT;
    struct buf inner = BUF_INIT;

    put(&data->number, 0xFF10, BYTES_LITERAL(TEST_CARD_NUMBER));
    make_attributes(data, &signed_part);
    put_digest(&inner, 0xDF31, BYTES_LITERAL("\xFF\x10\x0C" TEST_CARD_NUMBER "\xFF\xFF"));
    put_digest(&inner, 0xDF32, buf_bytes(&signed_part));
    put_signature(&inner, 0xDF33, data->issuer, buf_bytes(&inner));
    wrap(&data->digests, 0xFF30, &inner);
    put_key(&card_key, 0xDF51, data->card);
    join(&inner, buf_bytes(&card_key));
    put_signature(&inner, 0xDF52, data->issuer, buf_bytes(&card_key));
    wrap(&data->card_key, 0xFF50, &inner);
}

/* card.md 3.3: three hashes in a DigestInfo that is meant for one. */
static void put_face_signature(struct buf *ret, const struct privkey *key,
                               const struct bytes hashed[3])
{
    CLEANUP(buf_done) struct buf message = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;

    join(&message, BYTES_LITERAL("\x30\x71\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
                                 "\x05\x00\x04\x60"));
    for (size_t i = 0; i < 3; i++) {
        struct digest digest;

        assert_int_equal(digest_compute(DIGEST_SHA256, hashed[i], &digest, NULL), 0);
        join(&message, digest_bytes(&digest));
    }
    assert_int_equal(privkey_sign_raw(key, buf_bytes(&message), &signature, NULL), 0);
    put(ret, 0xDF28, buf_bytes(&signature));
}

static void make_face(struct test_card_data *data)
{
    CLEANUP(buf_done) struct buf person = BUF_INIT;
    CLEANUP(buf_done) struct buf texts = BUF_INIT;
    CLEANUP(buf_done) struct buf photo = BUF_INIT;
    struct buf inner = BUF_INIT;

    put(&person, 0xDF22, BYTES_LITERAL("19900415"));
    put(&person, 0xDF23, BYTES_LITERAL("2"));
    put_key(&person, 0xDF24, data->card);
    put(&texts, 0xDF25, BYTES_LITERAL("image of the name"));
    put(&texts, 0xDF26, BYTES_LITERAL("image of the address"));
    put(&photo, 0xDF27, BYTES_LITERAL("photo"));
    put(&inner, 0xDF21, BYTES_LITERAL("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    join(&inner, buf_bytes(&person));
    join(&inner, buf_bytes(&texts));
    join(&inner, buf_bytes(&photo));
    put_face_signature(&inner, data->issuer,
                       (struct bytes[]){buf_bytes(&person), buf_bytes(&texts), buf_bytes(&photo)});
    put(&inner, 0xDF29, BYTES_LITERAL("20350415"));
    put(&inner, 0xDF2A, BYTES_LITERAL("image of the code"));
    wrap(&data->face, 0xFF20, &inner);
}

/* One element and the card's key, signed: the age and the number's image. */
static void make_signed(struct test_card_data *data, uint32_t tag, uint32_t first,
                        struct bytes value, struct buf *ret)
{
    struct buf inner = BUF_INIT;

    put(&inner, first, value);
    put_key(&inner, first + 1, data->card);
    put_signature(&inner, first + 2, data->issuer, buf_bytes(&inner));
    wrap(ret, tag, &inner);
}

static void add_root(struct test_card_data *data)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(data_roots_new(&data->roots, NULL), 0);
    assert_int_equal(privkey_spki(data->root, &spki, NULL), 0);
    assert_int_equal(
        data_roots_add(data->roots, BYTES_LITERAL(TEST_CARD_ROOT_ID), buf_bytes(&spki), NULL), 0);
}

void test_card_data_make(struct test_card_data *data)
{
    *data = (struct test_card_data){.root = NULL};
    assert_int_equal(privkey_generate(2048, &data->root, NULL), 0);
    assert_int_equal(privkey_generate(2048, &data->issuer, NULL), 0);
    assert_int_equal(privkey_generate(2048, &data->card, NULL), 0);
    assert_int_equal(privkey_generate(2048, &data->stranger, NULL), 0);
    add_root(data);
    make_certificate(data);
    make_text(data);
    make_face(data);
    make_signed(data, 0xFF10, 0xDF11, BYTES_LITERAL("19900415"), &data->age);
    make_signed(data, 0xFF40, 0xDF41, BYTES_LITERAL("image of the number"), &data->number_image);
}

void test_card_data_done(struct test_card_data *data)
{
    struct buf *const bufs[] = {&data->number,   &data->attributes, &data->digests,
                                &data->face,     &data->age,        &data->number_image,
                                &data->card_key, &data->certificate};

    for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++)
        buf_done(bufs[i]);
    privkey_freep(&data->root);
    privkey_freep(&data->issuer);
    privkey_freep(&data->card);
    privkey_freep(&data->stranger);
    data_roots_freep(&data->roots);
}

static void copy(const struct buf *from, struct buf *to)
{
    assert_int_equal(buf_copy(buf_bytes(from), to, NULL), 0);
}

void test_card_text(const struct test_card_data *data, const struct privkey *key,
                    struct text_data *ret)
{
    *ret = (struct text_data){.number = SECRET_INIT};
    copy(&data->number, &ret->files.number);
    copy(&data->attributes, &ret->files.attributes);
    copy(&data->digests, &ret->files.digests);
    copy(&data->certificate, &ret->files.certificate);
    copy(&data->card_key, &ret->files.card_key);
    test_card_prove(key, &ret->files.proof);
}

void test_card_visual(const struct test_card_data *data, enum visual_part part,
                      const struct privkey *key, struct visual_data *ret)
{
    static const size_t offsets[] = {
        [VISUAL_FACE] = offsetof(struct test_card_data, face),
        [VISUAL_AGE] = offsetof(struct test_card_data, age),
        [VISUAL_NUMBER] = offsetof(struct test_card_data, number_image),
    };

    *ret = (struct visual_data){.files.object = BUF_INIT};
    copy((const struct buf *)((const char *)data + offsets[part]), &ret->files.object);
    copy(&data->certificate, &ret->files.certificate);
    test_card_prove(key, &ret->files.proof);
}

uint8_t *test_card_value(struct buf *object, uint16_t tag)
{
    struct bytes value = element_value(buf_bytes(object), tag);

    assert_true(value.len > 0);
    return object->ptr + (value.ptr - object->ptr);
}
