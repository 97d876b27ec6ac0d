/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libjpki with our software card and everything on it. Somebody between card and reader changes a
 * byte, or answers in the card's place.
 */
#include "base/base64.h"
#include "base/file.h"
#include "base/hex.h"
#include "client/anchors.h"
#include "libjpki/card.h"
#include "reader/backend.h"

#include "support/element.h"
#include "support/failalloc.h"
#include "support/memory_card.h"
#include "support/personal_card.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOTHING = -1 };

static struct slot {
    struct reader reader;
    struct card *card;
    unsigned commands;
    uint16_t file;         /* selected last */
    uint16_t changed_file; /* whose byte at changed_at arrives with one bit changed */
    int changed_at;        /* NOTHING: none */
    int changes_left;      /* CHANGE KEY commands until one is answered by 6581; NOTHING: none */
} slot;

static struct personal_card genuine, copy;
static struct card *cards[2];
static struct memory_storage storages[2];
static struct tempdir genuine_dir, copy_dir;
static jpki_anchors *genuine_anchors, *copy_anchors, *real_anchors;
static struct jpki_card card;

/* What the table of published CAs says instead of what it would say. */
static const struct known_ca *known;

int __wrap_known_ca_find(struct bytes ca_der, struct known_ca *ret, struct err *err);
int __wrap_known_ca_find(struct bytes ca_der, struct known_ca *ret, struct err *err)
{
    assert_true(ca_der.len > 0);
    if (known == NULL)
        return FAIL(err, ERR_ABSENT, "not known");
    *ret = *known;
    return 0;
}

static void change(struct bytes command, struct buf *answer)
{
    int offset = command.ptr[2] << 8 | command.ptr[3];

    if (slot.changed_at < offset || slot.file != slot.changed_file)
        return;
    if ((size_t)(slot.changed_at - offset) + 2 < answer->len)
        answer->ptr[slot.changed_at - offset] ^= 1;
}

static int answer(struct bytes command, struct buf *ret, struct err *err)
{
    if (command.ptr[1] == 0x32 && slot.changes_left != NOTHING && slot.changes_left-- == 0)
        return buf_append(ret, BYTES_LITERAL("\x65\x81"), err);
    return card_apdu(slot.card, command, ret, err);
}

static int transmit(struct reader *reader, struct bytes command, struct buf *ret, struct err *err)
{
    int rc;

    (void)reader;
    slot.commands++;
    if (command.ptr[1] == 0xA4 && command.ptr[2] == 0x02)
        slot.file = (uint16_t)(command.ptr[5] << 8 | command.ptr[6]);
    spare_allocations(true);
    rc = answer(command, ret, err);
    spare_allocations(false);
    if (rc == 0 && command.ptr[1] == 0xB0 && slot.changed_at != NOTHING)
        change(command, ret);
    return rc;
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

/* cv-IDENTIFIER.pem of a root. */
static void write_root(const struct personal_card *made, enum carddata_applet applet,
                       const struct tempdir *dir)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(buf_done) struct buf name = BUF_INIT;
    char path[TEMPDIR_FILE_SIZE];
    const char *text;

    assert_int_equal(privkey_spki(made->person.roots[applet], &spki, NULL), 0);
    assert_int_equal(buf_append_text(&pem, "-----BEGIN PUBLIC KEY-----\n", NULL), 0);
    assert_int_equal(base64_append(&pem, BASE64_PADDED, buf_bytes(&spki), NULL), 0);
    assert_int_equal(buf_append_text(&pem, "\n-----END PUBLIC KEY-----\n", NULL), 0);
    assert_int_equal(buf_append_text(&name, "cv-", NULL), 0);
    assert_int_equal(hex_append(&name, cvc_root_id(applet), NULL), 0);
    assert_int_equal(buf_append_text(&name, ".pem", NULL), 0);
    assert_int_equal(buf_text(&name, &text, NULL), 0);
    assert_int_equal(file_replace(tempdir_file(dir, text, path), 0600, buf_bytes(&pem), NULL), 0);
}

static void make_anchors(const struct personal_card *made, struct tempdir *dir, jpki_anchors **ret)
{
    *dir = tempdir_make();
    write_root(made, CARDDATA_TEXT, dir);
    write_root(made, CARDDATA_VISUAL, dir);
    assert_int_equal(jpki_anchors_new(ret, NULL), 0);
    assert_int_equal(jpki_anchors_load(*ret, dir->path, NULL), 0);
}

static int make_everything(void **state)
{
    (void)state;
    make_card(&genuine, 0, PERSONAL_GENUINE);
    make_card(&copy, 1, PERSONAL_COPY);
    make_anchors(&genuine, &genuine_dir, &genuine_anchors);
    make_anchors(&copy, &copy_dir, &copy_anchors);
    return jpki_anchors_new(&real_anchors, NULL);
}

static int release_everything(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
        card_freep(&cards[i]);
    personal_card_done(&genuine);
    personal_card_done(&copy);
    tempdir_done(&genuine_dir);
    tempdir_done(&copy_dir);
    jpki_anchors_free(genuine_anchors);
    jpki_anchors_free(copy_anchors);
    jpki_anchors_free(real_anchors);
    memory_card_release_keys();
    return 0;
}

static int insert(size_t which)
{
    card_reset(cards[which]);
    slot = (struct slot){.card = cards[which], .changed_at = NOTHING, .changes_left = NOTHING};
    reader_init(&slot.reader, &ops, "slot");
    return icc_open(&slot.reader, &card.icc, NULL);
}

static int start(void **state)
{
    (void)state;
    known = NULL;
    return insert(0);
}

static int stop(void **state)
{
    (void)state;
    icc_freep(&card.icc);
    return 0;
}

static struct jpki_pin typed(const char *text)
{
    return (struct jpki_pin){{(const uint8_t *)text, strlen(text)}, 0};
}

static struct jpki_opening opened_by(enum jpki_pin_kind which)
{
    static const char *const texts[] = {
        [JPKI_PIN_AUTH] = PERSONAL_AUTH_PIN, [JPKI_PIN_SIGN] = PERSONAL_SIGN_PIN,
        [JPKI_PIN_TEXT] = PERSONAL_TEXT_PIN, [JPKI_PIN_JUKI] = PERSONAL_JUKI_PIN,
        [JPKI_PIN_A] = PERSONAL_NUMBER,      [JPKI_PIN_B] = PERSONAL_CODE_B,
        [JPKI_PIN_BIRTH] = PERSONAL_BIRTH,
    };

    return (struct jpki_opening){which, typed(texts[which])};
}

static int read_part(enum jpki_part part, enum jpki_pin_kind which, const jpki_anchors *anchors,
                     jpki_record **ret)
{
    struct jpki_opening opening = opened_by(which);

    return jpki_card_read(&card, part, &opening, anchors, ret, NULL);
}

static int read_number(enum jpki_purpose purpose, enum jpki_pin_kind which,
                       const jpki_anchors *anchors, jpki_record **ret)
{
    struct jpki_opening opening = opened_by(which);

    return jpki_card_read_number(&card, purpose, &opening, anchors, ret, NULL);
}

static int read_number_image(enum jpki_purpose purpose, enum jpki_pin_kind which,
                             const jpki_anchors *anchors, jpki_record **ret)
{
    struct jpki_opening opening = opened_by(which);

    return jpki_card_read_number_image(&card, purpose, &opening, anchors, ret, NULL);
}

/* Every way to data that somebody signed. */
static int read_any(unsigned which, const jpki_anchors *anchors, jpki_record **ret)
{
    switch (which) {
    case 0:
        return read_part(JPKI_PART_ATTRIBUTES, JPKI_PIN_TEXT, anchors, ret);
    case 1:
        return read_part(JPKI_PART_FACE, JPKI_PIN_B, anchors, ret);
    case 2:
        return read_part(JPKI_PART_AGE, JPKI_PIN_BIRTH, anchors, ret);
    case 3:
        return read_number(JPKI_PURPOSE_TAX, JPKI_PIN_TEXT, anchors, ret);
    default:
        return read_number_image(JPKI_PURPOSE_TAX, JPKI_PIN_A, anchors, ret);
    }
}
enum { WAYS = 5 };

static unsigned fields_given_out(const jpki_record *record)
{
    unsigned count = 0;

    for (int field = 0; field < 40; field++) {
        struct jpki_bytes value = jpki_record_bytes(record, (enum jpki_field)field);
        const char *text = jpki_record_text(record, (enum jpki_field)field);

        count += value.size > 0;
        assert_true(text == NULL || strlen(text) == value.size);
        assert_true(value.size > 0 || !jpki_record_is_signed(record, (enum jpki_field)field));
    }
    return count;
}

/* Invalid, for this reason among others, and silent. */
static void assert_invalid(const jpki_record *record, enum jpki_fault fault)
{
    bool is_told = false;
    size_t count = 0;

    assert_int_equal(jpki_record_verdict(record), JPKI_INVALID);
    for (; jpki_record_fault(record, count) != JPKI_FAULT_NONE; count++)
        is_told = is_told || jpki_record_fault(record, count) == fault;
    assert_true(is_told);
    assert_int_equal(fields_given_out(record), 0);
}

static void what_does_not_open_it_is_not_sent(void **state)
{
    static const struct {
        enum jpki_part part;
        enum jpki_pin_kind pins[6];
    } rows[] = {
        {JPKI_PART_ATTRIBUTES,
         {JPKI_PIN_AUTH, JPKI_PIN_SIGN, JPKI_PIN_JUKI, JPKI_PIN_A, JPKI_PIN_BIRTH}},
        {JPKI_PART_FACE,
         {JPKI_PIN_AUTH, JPKI_PIN_SIGN, JPKI_PIN_TEXT, JPKI_PIN_JUKI, JPKI_PIN_BIRTH}},
        {JPKI_PART_AGE, {JPKI_PIN_AUTH, JPKI_PIN_SIGN, JPKI_PIN_TEXT, JPKI_PIN_A, JPKI_PIN_B}},
    };
    unsigned before = slot.commands;
    jpki_record *record = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t j = 0; rows[i].pins[j] != 0; j++)
            assert_int_equal(read_part(rows[i].part, rows[i].pins[j], genuine_anchors, &record),
                             -JPKI_ERROR_USAGE);
    for (int part = 0; part <= 4; part += 4)
        assert_int_equal(read_part((enum jpki_part)part, JPKI_PIN_TEXT, genuine_anchors, &record),
                         -JPKI_ERROR_USAGE);
    assert_int_equal(read_number(JPKI_PURPOSE_TAX, JPKI_PIN_B, genuine_anchors, &record),
                     -JPKI_ERROR_USAGE);
    assert_int_equal(read_number_image(JPKI_PURPOSE_TAX, JPKI_PIN_TEXT, genuine_anchors, &record),
                     -JPKI_ERROR_USAGE);
    assert_int_equal(slot.commands, before);
    assert_null(record);
}

static void a_number_is_read_for_lawful_purposes_only(void **state)
{
    static const int unlawful[] = {0, 5, -1, 1000};
    unsigned before = slot.commands;
    jpki_record *record = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof unlawful / sizeof unlawful[0]; i++) {
        enum jpki_purpose purpose = (enum jpki_purpose)unlawful[i];

        assert_int_equal(read_number(purpose, JPKI_PIN_TEXT, genuine_anchors, &record),
                         -JPKI_ERROR_USAGE);
        assert_int_equal(read_number_image(purpose, JPKI_PIN_A, genuine_anchors, &record),
                         -JPKI_ERROR_USAGE);
    }
    assert_int_equal(slot.commands, before);
    for (int purpose = JPKI_PURPOSE_SOCIAL_SECURITY; purpose <= JPKI_PURPOSE_ORDINANCE; purpose++) {
        assert_int_equal(
            read_number((enum jpki_purpose)purpose, JPKI_PIN_A, genuine_anchors, &record), 0);
        assert_string_equal(jpki_record_text(record, JPKI_FIELD_NUMBER), PERSONAL_NUMBER);
        assert_int_equal(fields_given_out(record), 1);
        jpki_record_free(record);
        record = NULL;
    }
}

static void no_other_way_leads_to_the_number(void **state)
{
    (void)state;
    for (unsigned way = 0; way < WAYS - 2; way++) {
        jpki_record *record = NULL;

        assert_int_equal(read_any(way, genuine_anchors, &record), 0);
        assert_int_equal(jpki_record_verdict(record), JPKI_VALID);
        assert_int_equal(jpki_record_bytes(record, JPKI_FIELD_NUMBER).size, 0);
        assert_int_equal(jpki_record_bytes(record, JPKI_FIELD_NUMBER_IMAGE).size, 0);
        jpki_record_free(record);
    }
}

/* Where an element of a file begins that is changed, and what is said of it. */
static void of_changed_data_nothing_is_given_out(void **state)
{
    static const struct {
        unsigned way;
        const char *applet;
        uint16_t fid, tag;
        enum jpki_fault fault;
    } rows[] = {
        {0, "text", 0x0002, 0xDF24, JPKI_FAULT_ATTRIBUTES_CHANGED},
        {0, "text", 0x0003, 0xDF33, JPKI_FAULT_SIGNATURE_BROKEN},
        {0, "text", 0x0004, 0x5F37, JPKI_FAULT_CERTIFICATE_FORGED},
        {0, "text", 0x0007, 0xDF52, JPKI_FAULT_CARD_KEY_FORGED},
        {1, "visual", 0x0002, 0xDF25, JPKI_FAULT_SIGNATURE_BROKEN},
        {1, "visual", 0x0002, 0xDF27, JPKI_FAULT_SIGNATURE_BROKEN},
        {1, "visual", 0x0004, 0x5F37, JPKI_FAULT_CERTIFICATE_FORGED},
        {2, "visual", 0x0001, 0xDF11, JPKI_FAULT_SIGNATURE_BROKEN},
        {3, "text", 0x0001, 0xFF10, JPKI_FAULT_NUMBER_CHANGED},
        {4, "visual", 0x0005, 0xDF41, JPKI_FAULT_SIGNATURE_BROKEN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes file = carddata_files_find(&genuine.files, rows[i].applet, rows[i].fid);
        struct bytes value = element_value(file, rows[i].tag);
        jpki_record *record = NULL;

        assert_true(value.len > 7);
        slot.changed_file = rows[i].fid;
        slot.changed_at = (int)(value.ptr - file.ptr) + 7;
        assert_int_equal(read_any(rows[i].way, genuine_anchors, &record), 0);
        assert_invalid(record, rows[i].fault);
        jpki_record_free(record);
    }
}

static void of_a_copied_card_nothing_is_given_out(void **state)
{
    (void)state;
    icc_freep(&card.icc);
    assert_int_equal(insert(1), 0);
    for (unsigned way = 0; way < WAYS; way++) {
        jpki_record *record = NULL;

        assert_int_equal(read_any(way, copy_anchors, &record), 0);
        assert_invalid(record, JPKI_FAULT_CARD_COPIED);
        jpki_record_free(record);
    }
}

static void without_its_root_a_card_is_unknown_and_the_root_is_named(void **state)
{
    (void)state;
    for (unsigned way = 0; way < WAYS; way++) {
        bool is_text = way == 0 || way == 3;
        struct bytes root = cvc_root_id(is_text ? CARDDATA_TEXT : CARDDATA_VISUAL);
        jpki_record *record = NULL;
        struct jpki_bytes named;

        assert_int_equal(read_any(way, real_anchors, &record), 0);
        assert_int_equal(jpki_record_verdict(record), JPKI_INDETERMINATE);
        assert_int_equal(jpki_record_fault(record, 0), JPKI_FAULT_ISSUER_UNKNOWN);
        assert_int_equal(jpki_record_fault(record, 1), JPKI_FAULT_NONE);
        named = jpki_record_issuer_key_id(record);
        assert_int_equal(named.size, root.len);
        assert_memory_equal(named.data, root.ptr, root.len);
        assert_true(fields_given_out(record) > 0);
        jpki_record_free(record);
    }
}

static void assert_genuine(const jpki_record *record, unsigned fields)
{
    assert_int_equal(jpki_record_verdict(record), JPKI_VALID);
    assert_int_equal(jpki_record_fault(record, 0), JPKI_FAULT_NONE);
    assert_int_equal(fields_given_out(record), fields);
}

static void attributes_are_given_out(void **state)
{
    static const enum jpki_pin_kind pins[] = {JPKI_PIN_TEXT, JPKI_PIN_B};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        jpki_record *record = NULL;

        assert_int_equal(read_part(JPKI_PART_ATTRIBUTES, pins[i], genuine_anchors, &record), 0);
        assert_genuine(record, 4);
        assert_string_equal(jpki_record_text(record, JPKI_FIELD_NAME), "番号　花子");
        assert_string_equal(jpki_record_text(record, JPKI_FIELD_ADDRESS),
                            "東京都千代田区見本町一丁目２番３号");
        assert_string_equal(jpki_record_text(record, JPKI_FIELD_BIRTH), "19900415");
        assert_string_equal(jpki_record_text(record, JPKI_FIELD_SEX), "2");
        for (int field = JPKI_FIELD_NAME; field <= JPKI_FIELD_SEX; field++)
            assert_true(jpki_record_is_signed(record, (enum jpki_field)field));
        jpki_record_free(record);
    }
}

static void the_face_is_given_out_and_what_nobody_signed_is_told(void **state)
{
    static const struct {
        enum jpki_field field;
        bool is_signed;
    } images[] = {
        {JPKI_FIELD_NAME_IMAGE, true},
        {JPKI_FIELD_ADDRESS_IMAGE, true},
        {JPKI_FIELD_SECURITY_CODE_IMAGE, false},
    };
    struct bytes photo = genuine.person.holder.photo;
    jpki_record *record = NULL;

    (void)state;
    assert_int_equal(read_part(JPKI_PART_FACE, JPKI_PIN_A, genuine_anchors, &record), 0);
    assert_genuine(record, 7);
    for (size_t i = 0; i < 3; i++) {
        struct jpki_bytes image = jpki_record_bytes(record, images[i].field);

        assert_memory_equal(image.data, "\x89PNG", 4);
        assert_null(jpki_record_text(record, images[i].field));
        assert_int_equal(jpki_record_is_signed(record, images[i].field) != 0, images[i].is_signed);
    }
    assert_int_equal(jpki_record_bytes(record, JPKI_FIELD_PHOTO).size, photo.len);
    assert_memory_equal(jpki_record_bytes(record, JPKI_FIELD_PHOTO).data, photo.ptr, photo.len);
    assert_true(jpki_record_is_signed(record, JPKI_FIELD_PHOTO));
    assert_string_equal(jpki_record_text(record, JPKI_FIELD_BIRTH), "19900415");
    assert_string_equal(jpki_record_text(record, JPKI_FIELD_EXPIRY), "20350415");
    assert_false(jpki_record_is_signed(record, JPKI_FIELD_EXPIRY));
    jpki_record_free(record);
}

static void codes_are_made_of_what_people_know(void **state)
{
    jpki_data *birth = NULL;
    jpki_record *record = NULL;
    struct jpki_opening opening = {JPKI_PIN_BIRTH, {.flags = 0}};

    (void)state;
    assert_int_equal(jpki_code_birth("1990-04-15", &birth, NULL), 0);
    opening.pin.text = jpki_data_bytes(birth);
    assert_int_equal(jpki_card_read(&card, JPKI_PART_AGE, &opening, genuine_anchors, &record, NULL),
                     0);
    assert_genuine(record, 1);
    assert_string_equal(jpki_record_text(record, JPKI_FIELD_BIRTH), "19900415");
    jpki_record_free(record);
    jpki_data_free(birth);
}

static void the_common_record_is_nobodys_word(void **state)
{
    jpki_record *record = NULL;

    (void)state;
    assert_int_equal(jpki_card_read_common(&card, &record, NULL), 0);
    assert_int_equal(jpki_record_verdict(record), JPKI_INDETERMINATE);
    assert_int_equal(jpki_record_fault(record, 0), JPKI_FAULT_NOT_SIGNED);
    assert_int_equal(jpki_record_issuer_key_id(record).size, 0);
    assert_int_equal(fields_given_out(record), 3);
    assert_string_equal(jpki_record_text(record, JPKI_FIELD_MANUFACTURE_NUMBER), "900000000000018");
    assert_string_equal(jpki_record_text(record, JPKI_FIELD_MUNICIPALITY), "13101");
    assert_string_equal(jpki_record_text(record, JPKI_FIELD_EXPIRY), "20350415");
    for (int field = 0; field < 20; field++)
        assert_false(jpki_record_is_signed(record, (enum jpki_field)field));
    jpki_record_free(record);
}

static unsigned tries_of(enum jpki_pin_kind which)
{
    unsigned left = 99;

    assert_int_equal(jpki_card_tries(&card, which, &left, NULL), 0);
    return left;
}

static void every_pin_is_counted_and_checked(void **state)
{
    static const unsigned most[] = {
        [JPKI_PIN_AUTH] = 3, [JPKI_PIN_SIGN] = 5, [JPKI_PIN_TEXT] = 3,   [JPKI_PIN_JUKI] = 3,
        [JPKI_PIN_A] = 10,   [JPKI_PIN_B] = 10,   [JPKI_PIN_BIRTH] = 10,
    };
    static const char *const wrong[] = {
        [JPKI_PIN_AUTH] = "0000",    [JPKI_PIN_SIGN] = "WRONG1",    [JPKI_PIN_TEXT] = "0000",
        [JPKI_PIN_JUKI] = "0000",    [JPKI_PIN_A] = "900000000015", [JPKI_PIN_B] = "02041520352286",
        [JPKI_PIN_BIRTH] = "020416",
    };

    (void)state;
    for (int which = JPKI_PIN_AUTH; which <= JPKI_PIN_BIRTH; which++) {
        enum jpki_pin_kind kind = (enum jpki_pin_kind)which;
        struct jpki_opening right = opened_by(kind);
        struct jpki_pin bad = typed(wrong[which]);

        assert_int_equal(tries_of(kind), most[which]);
        assert_int_equal(jpki_card_check_pin(&card, kind, &bad, NULL), -JPKI_ERROR_DENIED);
        assert_int_equal(tries_of(kind), most[which] - 1);
        assert_int_equal(jpki_card_check_pin(&card, kind, &right.pin, NULL), 0);
        assert_int_equal(tries_of(kind), most[which]);
    }
}

static void the_lower_counter_of_two_is_told(void **state)
{
    struct jpki_opening wrong = {JPKI_PIN_B, typed("02041520352286")};
    jpki_record *record = NULL;

    (void)state;
    /* The face is in the second of its places. */
    assert_int_equal(jpki_card_read(&card, JPKI_PART_FACE, &wrong, genuine_anchors, &record, NULL),
                     -JPKI_ERROR_DENIED);
    assert_null(record);
    assert_int_equal(tries_of(JPKI_PIN_B), 9);
    wrong.pin = opened_by(JPKI_PIN_B).pin;
    assert_int_equal(jpki_card_check_pin(&card, JPKI_PIN_B, &wrong.pin, NULL), 0);
    assert_int_equal(tries_of(JPKI_PIN_B), 10);
}

static int change_pin(enum jpki_pin_kind which, const char *old, const char *replacement,
                      struct jpki_error *error)
{
    struct jpki_pin before = typed(old);

    return jpki_card_change_pin(&card, which, &before, typed(replacement).text, error);
}

static void codes_and_bad_pins_are_not_changed(void **state)
{
    static const struct {
        enum jpki_pin_kind which;
        const char *old, *replacement;
        enum jpki_error_kind kind;
        bool is_sent;
    } rows[] = {
        {JPKI_PIN_A, PERSONAL_NUMBER, "900000000015", JPKI_ERROR_USAGE, false},
        {JPKI_PIN_B, PERSONAL_CODE_B, "02041520352286", JPKI_ERROR_USAGE, false},
        {JPKI_PIN_BIRTH, PERSONAL_BIRTH, "020416", JPKI_ERROR_USAGE, false},
        {(enum jpki_pin_kind)8, "1234", "5678", JPKI_ERROR_USAGE, false},
        {JPKI_PIN_AUTH, PERSONAL_AUTH_PIN, "123", JPKI_ERROR_DENIED, false},
        {JPKI_PIN_AUTH, PERSONAL_AUTH_PIN, "12345678901234567", JPKI_ERROR_DENIED, false},
        {JPKI_PIN_AUTH, PERSONAL_AUTH_PIN, "", JPKI_ERROR_DENIED, false},
        {JPKI_PIN_SIGN, PERSONAL_SIGN_PIN, "ABCDEF", JPKI_ERROR_DENIED, false},
        {JPKI_PIN_JUKI, PERSONAL_JUKI_PIN, PERSONAL_JUKI_PIN, JPKI_ERROR_DENIED, true},
        {JPKI_PIN_TEXT, PERSONAL_TEXT_PIN, "0415", JPKI_ERROR_DENIED, true}, /* the birth date */
        {JPKI_PIN_AUTH, "0000", "5678", JPKI_ERROR_DENIED, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned before = slot.commands;

        assert_int_equal(change_pin(rows[i].which, rows[i].old, rows[i].replacement, NULL),
                         -(int)rows[i].kind);
        assert_int_equal(slot.commands > before, rows[i].is_sent);
    }
    for (int which = JPKI_PIN_AUTH; which <= JPKI_PIN_BIRTH; which++) {
        struct jpki_opening right = opened_by((enum jpki_pin_kind)which);

        assert_int_equal(jpki_card_check_pin(&card, right.which, &right.pin, NULL), 0);
    }
}

static void a_pin_is_changed_in_all_its_places(void **state)
{
    static const struct {
        enum jpki_pin_kind which;
        const char *old, *replacement;
    } rows[] = {
        {JPKI_PIN_AUTH, PERSONAL_AUTH_PIN, "5678"},
        {JPKI_PIN_SIGN, PERSONAL_SIGN_PIN, "zyx987"},
        {JPKI_PIN_TEXT, PERSONAL_TEXT_PIN, "5678"},
        {JPKI_PIN_JUKI, PERSONAL_JUKI_PIN, "5678"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct jpki_pin old = typed(rows[i].old);
        struct jpki_pin replacement = typed(rows[i].replacement);

        assert_int_equal(change_pin(rows[i].which, rows[i].old, rows[i].replacement, NULL), 0);
        assert_int_equal(jpki_card_check_pin(&card, rows[i].which, &old, NULL), -JPKI_ERROR_DENIED);
        assert_int_equal(jpki_card_check_pin(&card, rows[i].which, &replacement, NULL), 0);
        assert_int_equal(change_pin(rows[i].which, rows[i].replacement, rows[i].old, NULL), 0);
        assert_int_equal(jpki_card_check_pin(&card, rows[i].which, &old, NULL), 0);
    }
}

/* The other place must not be behind. */
static void with_one_place_at_its_last_try_nothing_is_changed(void **state)
{
    struct jpki_pin right = opened_by(JPKI_PIN_JUKI).pin;
    struct jpki_error error = {0};

    (void)state;
    for (int i = 0; i < 2; i++) {
        CLEANUP(icc_end) struct icc_txn txn = {NULL};
        const struct apdu select = {
            .ins = 0xA4, .p1 = 2, .p2 = 0x0C, .data = BYTES_LITERAL("\x00\x1c")};
        const struct apdu verify = {.ins = 0x20, .p2 = 0x80, .data = BYTES_LITERAL("0000")};
        uint16_t sw;

        assert_int_equal(icc_begin_app(card.icc, ICC_APP_COMMON, &txn, NULL), 0);
        assert_int_equal(icc_transmit(card.icc, &select, NULL, &sw, NULL), 0);
        assert_int_equal(icc_transmit(card.icc, &verify, NULL, &sw, NULL), 0);
    }
    assert_int_equal(tries_of(JPKI_PIN_JUKI), 1);
    assert_int_equal(change_pin(JPKI_PIN_JUKI, PERSONAL_JUKI_PIN, "5678", &error),
                     -JPKI_ERROR_DENIED);
    assert_non_null(strstr(error.text, "only one try is left"));
    assert_null(strstr(error.text, "--")); /* a program may have no options */
    right.flags = JPKI_LAST_TRY;
    assert_int_equal(jpki_card_check_pin(&card, JPKI_PIN_JUKI, &right, NULL), 0);
    assert_int_equal(tries_of(JPKI_PIN_JUKI), 3);
}

static void a_half_changed_pin_is_told(void **state)
{
    struct jpki_pin right = opened_by(JPKI_PIN_JUKI).pin;
    struct jpki_error error = {0};

    (void)state;
    slot.changes_left = 1;
    assert_int_equal(change_pin(JPKI_PIN_JUKI, PERSONAL_JUKI_PIN, "5678", &error),
                     -JPKI_ERROR_REMOTE);
    assert_non_null(strstr(error.text, "was changed in the application 'juki'"));
    assert_non_null(strstr(error.text, "not in 'common'"));
    assert_null(strstr(error.text, "--"));
    slot.changes_left = 1; /* the way back fails in the second place, which has the old one */
    assert_int_equal(change_pin(JPKI_PIN_JUKI, "5678", PERSONAL_JUKI_PIN, &error),
                     -JPKI_ERROR_DENIED);
    slot.changes_left = NOTHING;
    assert_int_equal(jpki_card_check_pin(&card, JPKI_PIN_JUKI, &right, NULL), 0);
}

static void a_published_authority_has_its_generation(void **state)
{
    static const struct known_ca sign_3 = {true, 3};
    unsigned generation = 99;

    (void)state;
    assert_int_equal(jpki_card_authority(&card, (enum jpki_use)3, &generation, NULL),
                     -JPKI_ERROR_USAGE);
    assert_int_equal(generation, 99);
    assert_int_equal(jpki_card_authority(&card, JPKI_USE_SIGN, &generation, NULL), 0);
    assert_int_equal(generation, 0); /* of a test PKI */
    known = &sign_3;
    assert_int_equal(jpki_card_authority(&card, JPKI_USE_SIGN, &generation, NULL), 0);
    assert_int_equal(generation, 3);
    assert_int_equal(jpki_card_authority(&card, JPKI_USE_AUTH, &generation, NULL), 0);
    assert_int_equal(generation, 0); /* one that is not for that */
}

static void anchors_that_contradict_or_are_not_there_are_refused(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];
    jpki_anchors *anchors = NULL;

    (void)state;
    assert_int_equal(jpki_anchors_new(&anchors, NULL), 0);
    assert_int_equal(jpki_anchors_load(anchors, "/nowhere", NULL), -JPKI_ERROR_ABSENT);
    assert_int_equal(jpki_anchors_load(anchors, genuine_dir.path, NULL), 0);
    assert_int_equal(jpki_anchors_load(anchors, genuine_dir.path, NULL), 0); /* the same again */
    assert_int_equal(jpki_anchors_load(anchors, copy_dir.path, NULL), -JPKI_ERROR_UNTRUSTED);
    tempdir_file(&dir, "cv-00000000000000000000000000000000.pem", path);
    assert_int_equal(file_replace(path, 0600, BYTES_LITERAL("no key"), NULL), 0);
    assert_int_equal(jpki_anchors_load(anchors, dir.path, NULL), -JPKI_ERROR_INPUT);
    jpki_anchors_free(anchors);
}

/* Outside, memory has another number. */
static int inside(int rc)
{
    return rc == -JPKI_ERROR_NOMEM ? -ERR_NOMEM : rc;
}

static int load_attempt(void *context)
{
    jpki_anchors *anchors = NULL;
    int rc = jpki_anchors_new(&anchors, NULL);

    (void)context;
    if (rc == 0)
        rc = jpki_anchors_load(anchors, genuine_dir.path, NULL);
    jpki_anchors_free(anchors);
    return inside(rc);
}

/*
 * A record that is there was judged. The last allocations close what the PIN has opened; without
 * them the card is reset when it is released (client/icc.h), and the record stands.
 */
static bool read_without_memory(unsigned way, unsigned nth)
{
    jpki_record *record = NULL;
    bool has_failed;
    int rc;

    card_reset(slot.card);
    fail_allocation(nth);
    rc = read_any(way, genuine_anchors, &record);
    has_failed = allocation_has_failed();
    fail_allocation(0);
    assert_true(rc == 0 || (has_failed && rc == -JPKI_ERROR_NOMEM));
    assert_int_equal(rc == 0, record != NULL);
    if (rc == 0)
        assert_int_equal(jpki_record_verdict(record), JPKI_VALID);
    jpki_record_free(record);
    return has_failed;
}

static int common_attempt(void *context)
{
    jpki_record *record = NULL;
    int rc = jpki_card_read_common(&card, &record, NULL);

    (void)context;
    assert_int_equal(rc == 0, record != NULL);
    jpki_record_free(record);
    return inside(rc);
}

static int count_attempt(void *context)
{
    unsigned left = 99;
    int rc = jpki_card_tries(&card, JPKI_PIN_JUKI, &left, NULL);

    (void)context;
    assert_int_equal(left, rc == 0 ? 3 : 99);
    return inside(rc);
}

static int authority_attempt(void *context)
{
    unsigned generation = 99;
    int rc = jpki_card_authority(&card, JPKI_USE_SIGN, &generation, NULL);

    (void)context;
    assert_int_equal(generation, rc == 0 ? 0 : 99);
    return inside(rc);
}

static int code_attempt(void *context)
{
    jpki_data *code = NULL;
    int rc = jpki_code_b("1990-04-15", "2035", "2285", &code, NULL);

    (void)context;
    assert_int_equal(rc == 0, code != NULL);
    jpki_data_free(code);
    return inside(rc);
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    assert_in_range(every_failed_allocation(load_attempt, NULL), 10, 1000);
    for (unsigned way = 0; way < WAYS; way++) {
        unsigned nth = 1;

        while (read_without_memory(way, nth))
            nth++;
        assert_in_range(nth, 30, 1000);
    }
    assert_in_range(every_failed_allocation(common_attempt, NULL), 4, 1000);
    assert_in_range(every_failed_allocation(count_attempt, NULL), 6, 1000);
    assert_in_range(every_failed_allocation(authority_attempt, NULL), 6, 1000);
    assert_in_range(every_failed_allocation(code_attempt, NULL), 2, 10);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_does_not_open_it_is_not_sent),
        TEST(a_number_is_read_for_lawful_purposes_only),
        TEST(no_other_way_leads_to_the_number),
        TEST(of_changed_data_nothing_is_given_out),
        TEST(of_a_copied_card_nothing_is_given_out),
        TEST(without_its_root_a_card_is_unknown_and_the_root_is_named),
        TEST(attributes_are_given_out),
        TEST(the_face_is_given_out_and_what_nobody_signed_is_told),
        TEST(codes_are_made_of_what_people_know),
        TEST(the_common_record_is_nobodys_word),
        TEST(every_pin_is_counted_and_checked),
        TEST(the_lower_counter_of_two_is_told),
        TEST(codes_and_bad_pins_are_not_changed),
        TEST(a_pin_is_changed_in_all_its_places),
        TEST(with_one_place_at_its_last_try_nothing_is_changed),
        TEST(a_half_changed_pin_is_told),
        TEST(a_published_authority_has_its_generation),
        TEST(anchors_that_contradict_or_are_not_there_are_refused),
        TEST(every_failed_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, make_everything, release_everything);
}
