/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_carddata DIR: the personal files of a card, by keys of this run: DIR/APPLET-FID for each;
 * DIR/root-text.der, DIR/root-visual.der and DIR/key-text.der, DIR/key-visual.der are the public
 * keys of the roots and of the card (SubjectPublicKeyInfo).
 */
#include "base/file.h"
#include "support/cardholder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const char *directory;

static void write_file(struct bytes data, const char *name)
{
    CLEANUP(free_text) char *path = NULL;

    assert_int_equal(path_format(&path, NULL, "%s/%s", directory, name), 0);
    assert_int_equal(file_replace(path, 0600, data, NULL), 0);
}

static void write_key(const struct privkey *key, const char *name)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    write_file(buf_bytes(&spki), name);
}

static void make(void **state)
{
    CLEANUP(carddata_files_done) struct carddata_files files = {.count = 0};
    struct test_cardholder made;

    (void)state;
    test_cardholder_make(&made);
    write_key(made.roots[CARDDATA_TEXT], "root-text.der");
    write_key(made.roots[CARDDATA_VISUAL], "root-visual.der");
    write_key(made.keys[CARDDATA_TEXT], "key-text.der");
    write_key(made.keys[CARDDATA_VISUAL], "key-visual.der");
    assert_int_equal(carddata_build(&made.issue, &files, NULL), 0);
    for (size_t i = 0; i < files.count; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "%s-%04x", files.list[i].applet, files.list[i].fid);
        write_file(buf_bytes(&files.list[i].contents), name);
    }
    test_cardholder_done(&made);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(make)};

    if (argc != 2) {
        (void)fprintf(stderr, "usage: make_carddata DIR\n");
        return 2;
    }
    directory = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
