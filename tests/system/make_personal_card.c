/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_personal_card DIR [copied|changed]: a card with everything on it, with the PINs and codes of
 * support/personal_card.h.
 *
 * Writes DIR/card (with its counters and key file) and DIR/card-anchors/cv-IDENTIFIER.pem. "copied"
 * has the files of a card with other keys, "changed" files that were changed after they were
 * signed.
 */
#include "base/base64.h"
#include "base/file.h"
#include "base/hex.h"
#include "card/store.h"

#include "support/personal_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *directory;
static enum personal_kind kind;

static void write_root(const struct privkey *root, enum carddata_applet applet)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf digits = BUF_INIT;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    const char *text, *name;

    assert_int_equal(privkey_spki(root, &spki, NULL), 0);
    assert_int_equal(base64_append(&digits, BASE64_PADDED, buf_bytes(&spki), NULL), 0);
    assert_int_equal(buf_text(&digits, &text, NULL), 0);
    assert_int_equal(buf_append_format(&pem, NULL,
                                       "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n",
                                       text),
                     0);
    assert_int_equal(hex_append(&id, cvc_root_id(applet), NULL), 0);
    assert_int_equal(buf_text(&id, &name, NULL), 0);
    assert_int_equal(path_format(&path, NULL, "%s/card-anchors/cv-%s.pem", directory, name), 0);
    assert_int_equal(file_replace(path, 0644, buf_bytes(&pem), NULL), 0);
}

static void write_roots(const struct personal_card *made)
{
    CLEANUP(free_text) char *path = NULL;

    assert_int_equal(path_format(&path, NULL, "%s/card-anchors", directory), 0);
    assert_int_equal(dir_make(path, 0700, NULL), 0);
    write_root(made->person.roots[CARDDATA_TEXT], CARDDATA_TEXT);
    write_root(made->person.roots[CARDDATA_VISUAL], CARDDATA_VISUAL);
}

static void make(void **state)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(card_freep) struct card *card = NULL;
    struct personal_card made;

    (void)state;
    personal_card_make(&made);
    assert_int_equal(path_format(&path, NULL, "%s/card", directory), 0);
    assert_int_equal(store_make(&(struct store_paths){path, NULL}, "0000000000000001", NULL), 0);
    assert_int_equal(store_open(&(struct store_paths){path, NULL}, &card, NULL), 0);
    personal_card_issue(&made, card, PROFILE_AUTH, CARD_KEY_AUTH);
    personal_card_issue(&made, card, PROFILE_SIGN, CARD_KEY_SIGN);
    personal_card_write(&made, card, kind);
    write_roots(&made);
    personal_card_done(&made);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(make)};

    if (argc < 2 || argc > 3) {
        (void)fprintf(stderr, "usage: make_personal_card DIR [copied|changed]\n");
        return 2;
    }
    directory = argv[1];
    kind = PERSONAL_GENUINE;
    if (argc > 2)
        kind = strcmp(argv[2], "copied") == 0 ? PERSONAL_COPY : PERSONAL_CHANGED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
