/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an issuer writes on our software card, and what our client reads from it: three rooms that
 * share no code meet over APDUs. Somebody between card and reader changes one bit at a time.
 */
#include "card/issue.h"
#include "client/common.h"
#include "client/gp.h"
#include "client/pin.h"
#include "client/text.h"
#include "client/visual.h"
#include "reader/backend.h"

#include "support/element.h"
#include "support/memory_card.h"
#include "support/personal_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { NOTHING = -1 };

struct slot {
    struct reader reader;
    struct card *card;
    uint16_t file;         /* selected last */
    uint16_t changed_file; /* whose byte at changed_at arrives with one bit changed */
    int changed_at;        /* NOTHING: none */
};

static struct personal_card genuine, copy;
static struct card *cards[2];
static struct memory_storage storages[2];
static struct data_roots *genuine_roots, *copy_roots;
static const struct data_roots *roots; /* that are trusted */
static struct slot slot;

static void change(struct bytes command, struct buf *answer)
{
    int offset = command.ptr[2] << 8 | command.ptr[3];

    if (slot.changed_at < offset || slot.file != slot.changed_file)
        return;
    if ((size_t)(slot.changed_at - offset) + 2 < answer->len)
        answer->ptr[slot.changed_at - offset] ^= 1;
}

static int transmit(struct reader *reader, struct bytes command, struct buf *ret, struct err *err)
{
    (void)reader;
    if (command.ptr[1] == 0xA4 && command.ptr[2] == 0x02)
        slot.file = (uint16_t)(command.ptr[5] << 8 | command.ptr[6]);
    TRY(card_apdu(slot.card, command, ret, err));
    if (command.ptr[1] == 0xB0 && slot.changed_at != NOTHING)
        change(command, ret);
    return 0;
}

static void release(struct reader *reader, enum reader_leave leave)
{
    (void)reader, (void)leave;
}

static const struct reader_ops ops = {.transmit = transmit, .free = release};

static void make_card(struct personal_card *made, size_t which, enum personal_kind kind)
{
    personal_card_make(made);
    cards[which] = memory_card_new_blank(&storages[which]);
    personal_card_issue(made, cards[which], PROFILE_AUTH, CARD_KEY_AUTH);
    personal_card_issue(made, cards[which], PROFILE_SIGN, CARD_KEY_SIGN);
    personal_card_write(made, cards[which], kind);
}

static void make_roots(const struct personal_card *made, struct data_roots **ret)
{
    assert_int_equal(data_roots_new(ret, NULL), 0);
    for (int i = 0; i < CARDDATA_APPLETS_; i++) {
        CLEANUP(buf_done) struct buf spki = BUF_INIT;

        assert_int_equal(privkey_spki(made->person.roots[i], &spki, NULL), 0);
        assert_int_equal(
            data_roots_add(*ret, cvc_root_id((enum carddata_applet)i), buf_bytes(&spki), NULL), 0);
    }
}

static int make_everything(void **state)
{
    (void)state;
    make_card(&genuine, 0, PERSONAL_GENUINE);
    make_card(&copy, 1, PERSONAL_COPY);
    make_roots(&genuine, &genuine_roots);
    make_roots(&copy, &copy_roots);
    return 0;
}

static int release_everything(void **state)
{
    (void)state;
    card_freep(&cards[0]);
    card_freep(&cards[1]);
    personal_card_done(&genuine);
    personal_card_done(&copy);
    data_roots_freep(&genuine_roots);
    data_roots_freep(&copy_roots);
    memory_card_release_keys();
    return 0;
}

static int start(void **state)
{
    (void)state;
    card_reset(cards[0]);
    slot = (struct slot){.card = cards[0], .changed_at = NOTHING};
    roots = genuine_roots;
    return 0;
}

static void open_slot(struct icc **ret)
{
    struct err err = {.text = ""};

    reader_init(&slot.reader, &ops, "slot");
    if (icc_open(&slot.reader, ret, &err) < 0)
        fail_msg("%s", err.text);
}

static int enter(struct icc *icc, enum icc_pin pin, const char *typed, struct err *err)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;

    TRY(secret_copy(bytes_text(typed), &secret, err));
    TRY(icc_pin_normalise(pin, &secret, err));
    return icc_pin_verify(icc, pin, &secret, false, err);
}

static int read_text(enum icc_pin pin, const char *typed, unsigned parts, struct text_data *ret,
                     struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    open_slot(&icc);
    TRY(icc_begin_app(icc, ICC_APP_TEXT, &txn, err));
    if (typed != NULL)
        TRY(enter(icc, pin, typed, err));
    return text_read(icc, parts, roots, ret, err);
}

static int read_visual(enum icc_pin pin, const char *typed, enum visual_part part,
                       struct visual_data *ret, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    open_slot(&icc);
    TRY(icc_begin_app(icc, ICC_APP_VISUAL, &txn, err));
    TRY(enter(icc, pin, typed, err));
    return visual_read(icc, part, roots, ret, err);
}

enum { BOTH = TEXT_NUMBER | TEXT_ATTRIBUTES };

static void each_code_opens_what_it_should_and_no_more(void **state)
{
    static const struct {
        enum icc_pin pin;
        const char *typed;
        unsigned parts;
        int rc;
    } rows[] = {
        {ICC_PIN_TEXT, NULL, TEXT_NUMBER, -ERR_DENIED},
        {ICC_PIN_TEXT, NULL, TEXT_ATTRIBUTES, -ERR_DENIED},
        {ICC_PIN_TEXT, "9999", BOTH, -ERR_DENIED},
        {ICC_PIN_A, PERSONAL_NUMBER, TEXT_ATTRIBUTES, -ERR_DENIED},
        {ICC_PIN_B, "1990-04-15 2035 2285", TEXT_NUMBER, -ERR_DENIED},
        {ICC_PIN_TEXT, PERSONAL_TEXT_PIN, BOTH, 0},
        {ICC_PIN_A, "1234 5678 9018", TEXT_NUMBER, 0},
        {ICC_PIN_B, "1990-04-15 2035 2285", TEXT_ATTRIBUTES, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(text_data_done) struct text_data data = {.number = SECRET_INIT};

        card_reset(cards[0]);
        assert_int_equal(read_text(rows[i].pin, rows[i].typed, rows[i].parts, &data, NULL),
                         rows[i].rc);
        assert_int_equal(data.number.len > 0, rows[i].rc == 0 && rows[i].parts != TEXT_ATTRIBUTES);
    }
}

static void the_text_is_what_was_written_and_proven(void **state)
{
    CLEANUP(text_data_done) struct text_data data = {.number = SECRET_INIT};
    const struct cardholder *holder = &genuine.person.holder;

    (void)state;
    assert_int_equal(read_text(ICC_PIN_TEXT, PERSONAL_TEXT_PIN, BOTH, &data, NULL), 0);
    assert_true(authenticity_is_proven(&data.authenticity));
    assert_true(bytes_equal(secret_bytes(&data.number), holder->mynumber));
    assert_true(bytes_equal(data.attributes.name, holder->name));
    assert_true(bytes_equal(data.attributes.address, holder->address));
    assert_true(bytes_equal(data.attributes.birth, BYTES_LITERAL("19900415")));
    assert_true(bytes_equal(data.attributes.sex, BYTES_LITERAL("2")));
}

static void the_face_is_what_was_written_and_proven(void **state)
{
    static const struct {
        enum icc_pin pin;
        const char *typed;
    } codes[] = {{ICC_PIN_A, PERSONAL_NUMBER}, {ICC_PIN_B, "1990-04-15 2035 2285"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(visual_data_done) struct visual_data data = {.files.object = BUF_INIT};

        assert_int_equal(read_visual(codes[i].pin, codes[i].typed, VISUAL_FACE, &data, NULL), 0);
        assert_true(authenticity_is_proven(&data.authenticity));
        assert_true(bytes_equal(data.contents.photo, genuine.person.holder.photo));
        assert_true(bytes_equal(data.contents.birth, BYTES_LITERAL("19900415")));
        assert_true(bytes_equal(data.contents.expiry, BYTES_LITERAL("20350415")));
        assert_true(bytes_start_with(data.contents.name, BYTES_LITERAL("\x89PNG")));
        assert_true(bytes_start_with(data.contents.address, BYTES_LITERAL("\x89PNG")));
        assert_true(bytes_start_with(data.contents.security_code, BYTES_LITERAL("\x89PNG")));
    }
}

static void birth_date_and_number_image_have_codes_of_their_own(void **state)
{
    CLEANUP(visual_data_done) struct visual_data age = {.files.object = BUF_INIT};
    CLEANUP(visual_data_done) struct visual_data number = {.files.object = BUF_INIT};
    CLEANUP(visual_data_done) struct visual_data none = {.files.object = BUF_INIT};

    (void)state;
    assert_int_equal(read_visual(ICC_PIN_BIRTH, "1990-04-16", VISUAL_AGE, &none, NULL),
                     -ERR_DENIED);
    assert_int_equal(read_visual(ICC_PIN_BIRTH, "1990-04-15", VISUAL_AGE, &age, NULL), 0);
    assert_true(authenticity_is_proven(&age.authenticity));
    assert_true(bytes_equal(age.contents.birth, BYTES_LITERAL("19900415")));
    card_reset(cards[0]);
    assert_int_equal(read_visual(ICC_PIN_B, PERSONAL_CODE_B, VISUAL_NUMBER, &none, NULL),
                     -ERR_DENIED);
    assert_int_equal(read_visual(ICC_PIN_A, PERSONAL_NUMBER, VISUAL_NUMBER, &number, NULL), 0);
    assert_true(authenticity_is_proven(&number.authenticity));
    assert_true(bytes_start_with(number.contents.number, BYTES_LITERAL("\x89PNG")));
}

static struct bytes part_of(const char *applet, uint16_t fid, uint16_t tag)
{
    struct bytes value = element_value(carddata_files_find(&genuine.files, applet, fid), tag);

    assert_true(value.len > 0);
    return value;
}

static bool is_in(const uint8_t *at, struct bytes part)
{
    return at >= part.ptr && at < part.ptr + part.len;
}

/* What nobody signs: offsets, expiry, the image of the security code (card.md 3.2, 3.3). */
static bool is_signed(const char *applet, uint16_t fid, const uint8_t *at)
{
    if (fid != 0x0002)
        return true;
    if (is_in(at, part_of(applet, fid, 0xDF21)))
        return false;
    return strcmp(applet, "visual") != 0 ||
           (!is_in(at, part_of(applet, fid, 0xDF29)) && !is_in(at, part_of(applet, fid, 0xDF2A)));
}

typedef int read_fn(struct authenticity *ret);

static int read_all_text(struct authenticity *ret)
{
    CLEANUP(text_data_done) struct text_data data = {.number = SECRET_INIT};

    TRY(read_text(ICC_PIN_TEXT, PERSONAL_TEXT_PIN, BOTH, &data, NULL));
    *ret = data.authenticity;
    return 0;
}

static int read_part(enum icc_pin pin, const char *typed, enum visual_part part,
                     struct authenticity *ret)
{
    CLEANUP(visual_data_done) struct visual_data data = {.files.object = BUF_INIT};

    TRY(read_visual(pin, typed, part, &data, NULL));
    *ret = data.authenticity;
    return 0;
}

static int read_face(struct authenticity *ret)
{
    return read_part(ICC_PIN_B, PERSONAL_CODE_B, VISUAL_FACE, ret);
}

static int read_age(struct authenticity *ret)
{
    return read_part(ICC_PIN_BIRTH, PERSONAL_BIRTH, VISUAL_AGE, ret);
}

static int read_number_image(struct authenticity *ret)
{
    return read_part(ICC_PIN_A, PERSONAL_NUMBER, VISUAL_NUMBER, ret);
}

/* Refused as malformed, or never believed; what nobody signs changes nothing. */
static void assert_changed(const char *applet, uint16_t fid, size_t at, read_fn *read)
{
    struct bytes file = carddata_files_find(&genuine.files, applet, fid);
    struct authenticity found = {.has = {false}};
    int rc;

    slot.changed_file = fid;
    slot.changed_at = (int)at;
    rc = read(&found);
    slot.changed_at = NOTHING;
    if (rc < 0)
        assert_true(rc == -ERR_REMOTE || rc == -ERR_ABSENT);
    else if (is_signed(applet, fid, file.ptr + at))
        assert_false(authenticity_is_proven(&found));
    else
        assert_true(authenticity_is_proven(&found));
}

/* Bits all over each file that counts, and each of the first 40 bytes. */
static void no_changed_bit_is_believed(void **state)
{
    static const struct {
        const char *applet;
        uint16_t fid;
        read_fn *read;
        size_t step;
    } rows[] = {
        {"text", 0x0001, read_all_text, 1},        {"text", 0x0002, read_all_text, 3},
        {"text", 0x0003, read_all_text, 17},       {"text", 0x0004, read_all_text, 31},
        {"text", 0x0007, read_all_text, 31},       {"visual", 0x0001, read_age, 31},
        {"visual", 0x0002, read_face, 487},        {"visual", 0x0004, read_age, 41},
        {"visual", 0x0005, read_number_image, 47},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes file = carddata_files_find(&genuine.files, rows[i].applet, rows[i].fid);

        assert_true(file.len > 10);
        for (size_t at = 0; at < file.len; at += at < 40 ? 1 : rows[i].step) {
            /* Filler behind the number is never read. */
            if (rows[i].fid == 0x0001 && strcmp(rows[i].applet, "text") == 0 && at >= 15)
                break;
            assert_changed(rows[i].applet, rows[i].fid, at, rows[i].read);
        }
    }
}

static void without_its_root_the_card_is_unknown_and_the_key_is_named(void **state)
{
    CLEANUP(data_roots_freep) struct data_roots *pinned = NULL;
    struct authenticity found = {.has = {false}};

    (void)state;
    assert_int_equal(data_roots_new(&pinned, NULL), 0);
    roots = pinned;
    assert_int_equal(read_all_text(&found), 0);
    assert_true(found.has[DATA_ISSUER_UNKNOWN] && !authenticity_is_forged(&found));
    assert_true(bytes_equal(BYTES_ARRAY(found.issuer), cvc_root_id(CARDDATA_TEXT)));
    assert_int_equal(read_face(&found), 0);
    assert_true(found.has[DATA_ISSUER_UNKNOWN] && !authenticity_is_forged(&found));
    assert_true(bytes_equal(BYTES_ARRAY(found.issuer), cvc_root_id(CARDDATA_VISUAL)));
}

static void assert_copied(read_fn *read)
{
    struct authenticity found = {.has = {false}};

    assert_int_equal(read(&found), 0);
    assert_true(found.has[DATA_CARD_COPIED]);
    found.has[DATA_CARD_COPIED] = false;
    assert_true(authenticity_is_proven(&found)); /* and nothing else is wrong */
}

static void a_copied_card_is_found_in_each_application(void **state)
{
    (void)state;
    slot.card = cards[1];
    roots = copy_roots;
    assert_copied(read_all_text);
    assert_copied(read_face);
    assert_copied(read_age);
    assert_copied(read_number_image);
}

static void what_the_card_says_about_itself_needs_no_code(void **state)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(card_objects_done) struct card_objects objects = {{BUF_INIT}};
    struct common_record record;

    (void)state;
    open_slot(&icc);
    assert_int_equal(common_read_record(icc, &record, NULL), 0);
    assert_string_equal(record.manufacture_number, "900000000000018");
    assert_string_equal(record.municipality, "13101");
    assert_string_equal(record.expiry, "20350415");
    assert_int_equal(common_read_objects(icc, &objects, NULL), 0);
    for (int i = 0; i < CARD_OBJECTS_; i++)
        assert_true(objects.objects[i].len > 0);
}

static void codes_have_counters_of_their_own_in_each_application(void **state)
{
    CLEANUP(visual_data_done) struct visual_data data = {.files.object = BUF_INIT};
    CLEANUP(icc_freep) struct icc *icc = NULL;
    unsigned text = 0;
    unsigned visual = 0;

    (void)state;
    assert_int_equal(read_visual(ICC_PIN_B, "1990-04-15 2035 2286", VISUAL_FACE, &data, NULL),
                     -ERR_DENIED);
    open_slot(&icc);
    assert_int_equal(icc_pin_tries_in(icc, ICC_PIN_B, ICC_APP_TEXT, &text, NULL), 0);
    assert_int_equal(icc_pin_tries_in(icc, ICC_PIN_B, ICC_APP_VISUAL, &visual, NULL), 0);
    assert_int_equal(text, 10);
    assert_int_equal(visual, 9);
}

/* The issuer's keys, on the card and in the client's hands. */
static void put_issuer_keys(struct icc_keys *ret)
{
    enum { VERSION = 0x30, SIZE = 16 };
    CLEANUP(gp_keys_done) struct gp_keys keys = {.version = 0};
    struct secret *const mine[] = {&ret->enc, &ret->mac, &ret->dek};
    struct secret card[3];

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(secret_new(SIZE, mine[i], NULL), 0);
        memset(mine[i]->ptr, (int)(0x11 * (i + 1)), SIZE);
        assert_int_equal(secret_copy(secret_bytes(mine[i]), &card[i], NULL), 0);
    }
    ret->version = VERSION;
    assert_int_equal(gp_keys_make(VERSION, &card[0], &card[1], &card[2], &keys, NULL), 0);
    assert_int_equal(card_put_issuer_keys(slot.card, &keys, NULL), 0);
}

/* The protocol and the i of a card's recognition data: the end of an object identifier in 64. */
static void announced(struct icc *icc, uint8_t ret[2])
{
    CLEANUP(card_objects_done) struct card_objects objects = {{BUF_INIT}};
    struct bytes rest;
    struct tlv element;
    struct bytes oid = bytes_of(NULL, 0);

    assert_int_equal(common_read_objects(icc, &objects, NULL), 0);
    rest = element_value(buf_bytes(&objects.objects[CARD_OBJECT_RECOGNITION]), 0x73);
    while (tlv_next(&rest, &element, NULL) == 0)
        if (element.tag == 0x64)
            oid = element_value(element.value, 0x06);
    assert_int_equal(oid.len, 9);
    memcpy(ret, oid.ptr + 7, 2);
}

/* Who prepares a session by what 0066 says must find that the card does just that. */
static void the_secure_channel_is_the_one_that_is_announced(void **state)
{
    static const uint8_t isd[] = {0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00};
    static const struct apdu update = {0x80, 0x50, 0, 0, BYTES_LITERAL("12345678"), 256, false};
    enum { PROTOCOL_AT = 11, SIZE_WITH_SEQUENCE = 32 };
    CLEANUP(icc_keys_done) struct icc_keys keys = ICC_KEYS_INIT;
    CLEANUP(icc_channel_done) struct icc_channel channel = ICC_CHANNEL_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    uint16_t sw = 0;
    uint8_t said[2];

    (void)state;
    put_issuer_keys(&keys);
    open_slot(&icc);
    announced(icc, said);
    assert_int_equal(said[0], 3);
    assert_int_equal(icc_begin(icc, &txn, NULL), 0);
    assert_int_equal(icc_select_application(icc, BYTES_ARRAY(isd), NULL), 0);
    assert_int_equal(icc_transmit(icc, &update, &answer, &sw, NULL), 0);
    assert_memory_equal(answer.ptr + PROTOCOL_AT, said, sizeof said);
    /* Bit 5: the challenge can be foretold, so a sequence counter follows (Amendment D, 5.1). */
    assert_int_equal(answer.len == SIZE_WITH_SEQUENCE, (said[1] & 0x10) != 0);
    /* Bits 6 and 7: answers have a MAC and are encrypted. */
    assert_int_equal(said[1] & 0x60, 0x60);
    assert_int_equal(icc_channel_open(icc, &keys, ICC_CHANNEL_ALL, &channel, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_code_opens_what_it_should_and_no_more, start),
        cmocka_unit_test_setup(no_changed_bit_is_believed, start),
        cmocka_unit_test_setup(without_its_root_the_card_is_unknown_and_the_key_is_named, start),
        cmocka_unit_test_setup(a_copied_card_is_found_in_each_application, start),
        cmocka_unit_test_setup(the_text_is_what_was_written_and_proven, start),
        cmocka_unit_test_setup(the_face_is_what_was_written_and_proven, start),
        cmocka_unit_test_setup(birth_date_and_number_image_have_codes_of_their_own, start),
        cmocka_unit_test_setup(what_the_card_says_about_itself_needs_no_code, start),
        cmocka_unit_test_setup(the_secure_channel_is_the_one_that_is_announced, start),
        cmocka_unit_test_setup(codes_have_counters_of_their_own_in_each_application, start),
    };

    return cmocka_run_group_tests(tests, make_everything, release_everything);
}
