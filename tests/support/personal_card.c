/* SPDX-License-Identifier: Apache-2.0 */
#include "support/personal_card.h"

#include "card/applet.h"

#include "support/element.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

void personal_card_make(struct personal_card *made)
{
    *made = (struct personal_card){.files.count = 0};
    test_pki_make_some(&made->pki, 1U << PROFILE_SIGN_CA | 1U << PROFILE_AUTH_CA);
    test_cardholder_make(&made->person);
}

void personal_card_done(struct personal_card *made)
{
    carddata_files_done(&made->files);
    test_cardholder_done(&made->person);
    test_pki_done(&made->pki);
}

void personal_card_issue(struct personal_card *made, struct card *card, enum profile_kind kind,
                         enum card_key key)
{
    struct profile_inputs inputs = test_pki_inputs(&made->pki, kind);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(card_make_key(card, key, &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    x509_cert_freep(&made->pki.certs[kind]);
    test_pki_issue(&made->pki, kind, &inputs, &made->pki.certs[kind]);
}

/* The issuer signs what it is told to be the card's keys. */
static void build_files(struct personal_card *made, struct card *card, enum personal_kind kind)
{
    struct carddata_issue issue = made->person.issue;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf visual = BUF_INIT;
    CLEANUP(buf_done) struct buf common = BUF_INIT;
    struct err err = {.text = ""};

    assert_int_equal(card_make_key(card, CARD_KEY_TEXT, &text, NULL), 0);
    assert_int_equal(card_make_key(card, CARD_KEY_VISUAL, &visual, NULL), 0);
    assert_int_equal(card_make_key(card, CARD_KEY_COMMON, &common, NULL), 0);
    if (kind != PERSONAL_COPY) {
        issue.text_key = buf_bytes(&text);
        issue.visual_key = buf_bytes(&visual);
    }
    carddata_files_done(&made->files);
    if (carddata_build(&issue, &made->files, &err) < 0)
        fail_msg("%s", err.text);
}

/* The first byte of the value of an element in a file. */
static uint8_t *value_of(struct personal_card *made, const char *applet, uint16_t fid, uint16_t tag)
{
    struct bytes file = carddata_files_find(&made->files, applet, fid);
    struct bytes value = element_value(file, tag);

    assert_true(value.len > 0);
    for (size_t i = 0; i < made->files.count; i++)
        if (made->files.list[i].contents.ptr == file.ptr)
            return made->files.list[i].contents.ptr + (value.ptr - file.ptr);
    fail_msg("no file %04X", fid);
    return NULL;
}

/* The last byte of a character stays one; so does the digit of a year. */
static void change_files(struct personal_card *made)
{
    memcpy(value_of(made, "text", 0x0001, 0xFF10), "900000000015", 12);
    value_of(made, "text", 0x0002, 0xDF23)[2] ^= 1;
    value_of(made, "visual", 0x0001, 0xDF11)[3] ^= 1;
    value_of(made, "visual", 0x0002, 0xDF27)[200] ^= 1;
}

static void add_files(const struct carddata_files *files, struct card_personalisation *with)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct carddata_file *file = &files->list[i];
        const struct node *node = card_data_named(file->applet, file->fid);

        assert_non_null(node);
        with->files[node->index] = buf_bytes(&file->contents);
    }
}

void personal_card_write(struct personal_card *made, struct card *card, enum personal_kind kind)
{
    struct card_personalisation with = {
        .pins =
            {
                [CARD_PIN_AUTH] = BYTES_LITERAL(PERSONAL_AUTH_PIN),
                [CARD_PIN_SIGN] = BYTES_LITERAL(PERSONAL_SIGN_PIN),
                [CARD_PIN_TEXT] = BYTES_LITERAL(PERSONAL_TEXT_PIN),
                [CARD_PIN_TEXT_A] = BYTES_LITERAL(PERSONAL_NUMBER),
                [CARD_PIN_TEXT_B] = BYTES_LITERAL(PERSONAL_CODE_B),
                [CARD_PIN_VISUAL_A] = BYTES_LITERAL(PERSONAL_NUMBER),
                [CARD_PIN_VISUAL_B] = BYTES_LITERAL(PERSONAL_CODE_B),
                [CARD_PIN_BIRTH] = BYTES_LITERAL(PERSONAL_BIRTH),
                [CARD_PIN_COMMON] = BYTES_LITERAL(PERSONAL_JUKI_PIN),
                [CARD_PIN_JUKI] = BYTES_LITERAL(PERSONAL_JUKI_PIN),
            },
        .token = {TOKEN_LABEL_PLASTIC, "OpenJPKI TEST", "SOFTCARD", NULL},
    };
    struct err err = {.text = ""};

    build_files(made, card, kind);
    if (kind == PERSONAL_CHANGED)
        change_files(made);
    add_files(&made->files, &with);
    with.files[CARD_AUTH_CERT] = x509_cert_der(made->pki.certs[PROFILE_AUTH]);
    with.files[CARD_AUTH_CA_CERT] = x509_cert_der(made->pki.certs[PROFILE_AUTH_CA]);
    with.files[CARD_SIGN_CERT] = x509_cert_der(made->pki.certs[PROFILE_SIGN]);
    with.files[CARD_SIGN_CA_CERT] = x509_cert_der(made->pki.certs[PROFILE_SIGN_CA]);
    if (card_personalise(card, &with, &err) < 0)
        fail_msg("%s", err.text);
}
