/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card with keys of the next generation (card.md 6.3): the same commands, ECDSA with P-384 and
 * SHA-384. The judge is openssl(1), which also plays the CA.
 */
#include "base/file.h"
#include "base/hex.h"
#include "card/issue.h"
#include "card/state.h"
#include "support/card_bench.h"
#include "support/child.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { TIMEOUT_MS = 20000 };

static struct tempdir dir;
static struct memory_storage storage;
static struct card *card;
static struct buf cert = BUF_INIT, other = BUF_INIT, ca = BUF_INIT, stranger = BUF_INIT;

/* A command line of a shell in the directory; true if it ends with 0. */
static bool shell(const char *command)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    struct child_result result;
    const char *text;
    bool is_done;

    assert_int_equal(buf_append_format(&line, NULL, "cd %s && %s", dir.path, command), 0);
    assert_int_equal(buf_text(&line, &text, NULL), 0);
    result = child_run((const char *const[]){"sh", "-c", text, NULL}, bytes_of(NULL, 0),
                       TIMEOUT_MS);
    is_done = result.exit_code == 0;
    child_result_done(&result);
    return is_done;
}

static void put_file(const char *name, struct bytes contents)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(file_replace(tempdir_file(&dir, name, path), 0600, contents, NULL), 0);
}

static void get_file(const char *name, struct buf *ret)
{
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(file_read(tempdir_file(&dir, name, path), 65536, ret, NULL), 0);
}

#define CA(name)                                                                                   \
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384 -nodes "                \
    "-addext keyUsage=critical,keyCertSign "                                                       \
    "-subj /CN=" name " -keyout " name ".key -out " name ".der -outform DER -days 9"
#define ISSUE(name)                                                                                \
    "echo keyUsage=critical,digitalSignature > ext && openssl x509 -req -in request.der -inform "  \
    "DER -extfile ext -CA " name ".der -CAkey " name                                               \
    ".key -CAcreateserial -sha384 -days 9 -out " name ".cert -outform DER"

/* A card whose auth key was made and certified, twice by different CAs. */
static int make_everything(void **state)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf request = BUF_INIT;

    (void)state;
    dir = tempdir_make();
    card = memory_card_new_blank(&storage);
    assert_int_equal(card_set_options(card, "algorithm=p384", NULL), 0);
    assert_int_equal(card_make_key(card, CARD_KEY_AUTH, &spki, NULL), 0);
    put_file("spki.der", buf_bytes(&spki));
    assert_int_equal(card_request(card, CARD_KEY_AUTH, &request, NULL), 0);
    put_file("request.der", buf_bytes(&request));
    assert_true(shell(CA("ca") " && " CA("stranger")));
    assert_true(shell(ISSUE("ca") " && " ISSUE("stranger")));
    get_file("ca.cert", &cert);
    get_file("stranger.cert", &other);
    get_file("ca.der", &ca);
    get_file("stranger.der", &stranger);
    return 0;
}

static int release_everything(void **state)
{
    (void)state;
    card_freep(&card);
    buf_done(&cert);
    buf_done(&other);
    buf_done(&ca);
    buf_done(&stranger);
    tempdir_done(&dir);
    return 0;
}

static void openssl_takes_the_request(void **state)
{
    (void)state;
    assert_true(shell("openssl req -in request.der -inform DER -verify -noout"));
    assert_true(shell("openssl pkey -pubin -inform DER -in spki.der -noout -text | grep P-384"));
}

static void the_other_applets_keep_rsa(void **state)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    (void)state;
    assert_int_equal(card_make_key(card, CARD_KEY_TEXT, &spki, NULL), 0);
    assert_int_equal(privkey_kind(card->image.keys[CARD_KEY_TEXT]), KEY_RSA);
    assert_int_equal(privkey_kind(card->image.keys[CARD_KEY_AUTH]), KEY_P384);
}

static int personalise(const struct buf *with_cert, const struct buf *with_ca)
{
    const struct card_personalisation with = {
        .files =
            {
                [CARD_AUTH_CERT] = buf_bytes(with_cert),
                [CARD_AUTH_CA_CERT] = buf_bytes(with_ca),
                [CARD_SIGN_CA_CERT] = buf_bytes(&ca),
            },
        .pins = {[CARD_PIN_AUTH] = BYTES_LITERAL(MEMORY_CARD_AUTH_PIN)},
        .token = {NULL, "OpenJPKI TEST", "SOFTCARD", NULL},
    };

    return card_personalise(card, &with, NULL);
}

static void certificates_of_others_are_refused(void **state)
{
    struct buf cut = {cert.ptr, cert.len - 1, 0};

    (void)state;
    assert_int_equal(personalise(&cert, &stranger), -ERR_UNTRUSTED);
    assert_int_equal(personalise(&other, &ca), -ERR_UNTRUSTED);
    assert_int_equal(personalise(&ca, &ca), -ERR_UNTRUSTED); /* over another key */
    assert_int_equal(personalise(&cut, &ca), -ERR_INPUT);
    assert_int_equal(personalise(&cert, &cut), -ERR_INPUT);
}

static uint16_t sign(struct card_bench *bench, uint8_t p1, struct bytes input)
{
    return bench_apdu(bench, (struct apdu){0x80, 0x2a, p1, 0x97, input, 256, false});
}

static bool is_signed(const struct card_bench *bench)
{
    put_file("signature", buf_bytes(&bench->data));
    return shell("openssl dgst -sha384 -verify spki.pem -signature signature message");
}

static void digests_and_messages_are_signed(void **state)
{
    struct card_bench bench = {.card = card};
    struct digest digest;
    static const uint8_t long_input[49];

    (void)state;
    assert_int_equal(personalise(&cert, &ca), 0);
    put_file("message", bytes_text("text"));
    assert_true(shell("openssl pkey -pubin -inform DER -in spki.der -out spki.pem"));
    assert_int_equal(digest_compute(DIGEST_SHA384, bytes_text("text"), &digest, NULL), 0);
    bench_select(&bench, &applet_jpki);
    assert_int_equal(sign(&bench, 0, digest_bytes(&digest)), SW_SECURITY_STATUS);
    assert_int_equal(bench_verify(&bench, 0x98, MEMORY_CARD_AUTH_PIN), SW_OK);
    assert_int_equal(sign(&bench, 0, bytes_of(long_input, 47)), SW_CONDITIONS);
    assert_int_equal(sign(&bench, 0, bytes_of(long_input, 49)), SW_CONDITIONS);
    assert_int_equal(sign(&bench, 2, bytes_of(long_input, 32)), SW_CONDITIONS);
    assert_int_equal(sign(&bench, 1, bytes_text("text")), SW_CONDITIONS);
    assert_int_equal(sign(&bench, 4, digest_bytes(&digest)), SW_CONDITIONS);
    assert_int_equal(sign(&bench, 5, bytes_text("text")), SW_CONDITIONS);
    assert_int_equal(sign(&bench, 6, bytes_text("text")), SW_WRONG_P1P2);
    assert_int_equal(sign(&bench, 0, digest_bytes(&digest)), SW_OK);
    assert_true(is_signed(&bench));
    bench.data.ptr[bench.data.len - 1] ^= 1;
    assert_false(is_signed(&bench));
    assert_int_equal(sign(&bench, 2, digest_bytes(&digest)), SW_OK);
    assert_true(is_signed(&bench));
    assert_int_equal(sign(&bench, 3, bytes_text("text")), SW_OK);
    assert_true(is_signed(&bench));
    buf_done(&bench.data);
}

static void such_a_key_goes_through_the_card_file(void **state)
{
    CLEANUP(image_done) struct image back = {.serial = ""};
    CLEANUP(secret_done) struct secret body = SECRET_INIT;
    CLEANUP(buf_done) struct buf before = BUF_INIT;
    CLEANUP(buf_done) struct buf after = BUF_INIT;

    (void)state;
    assert_int_equal(image_write(&card->image, &body, NULL), 0);
    assert_int_equal(image_read(secret_bytes(&body), &back, NULL), 0);
    assert_int_equal(privkey_spki(card->image.keys[CARD_KEY_AUTH], &before, NULL), 0);
    assert_int_equal(privkey_spki(back.keys[CARD_KEY_AUTH], &after, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&before), buf_bytes(&after)));
}

static void other_curves_are_no_keys_of_cards(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct privkey *key;

    (void)state;
    assert_true(shell("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 "
                      "-outform DER | openssl pkcs8 -topk8 -nocrypt -inform DER -outform DER "
                      "-out p256.der"));
    get_file("p256.der", &der);
    assert_int_equal(privkey_import(buf_bytes(&der), &key, NULL), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_takes_the_request),
        cmocka_unit_test(the_other_applets_keep_rsa),
        cmocka_unit_test(certificates_of_others_are_refused),
        cmocka_unit_test(digests_and_messages_are_signed),
        cmocka_unit_test(such_a_key_goes_through_the_card_file),
        cmocka_unit_test(other_curves_are_no_keys_of_cards),
    };

    return cmocka_run_group_tests(tests, make_everything, release_everything);
}
