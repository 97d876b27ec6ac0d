/* SPDX-License-Identifier: Apache-2.0 */
/* Out of memory at every allocation: nothing half done, nothing leaked. */
#include "base/file.h"
#include "card/issue.h"
#include "card/ownca.h"
#include "card/state.h"
#include "card/store.h"
#include "support/failalloc.h"
#include "support/memory_card.h"
#include "support/pki.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

static struct test_pki pki;
static struct x509_cert *certs[CARD_KEYS_];

static void issue(enum card_key key, enum profile_kind kind)
{
    struct profile_inputs inputs = test_pki_inputs(&pki, kind);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(privkey_spki(memory_card_key(key), &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    test_pki_issue(&pki, kind, &inputs, &certs[key]);
}

/* A card of its own each time; the allocator fails only inside the call in question. */
static int personalise(void *context)
{
    const struct card_personalisation with = {
        .files =
            {
                [CARD_AUTH_CERT] = x509_cert_der(certs[CARD_KEY_AUTH]),
                [CARD_AUTH_CA_CERT] = x509_cert_der(pki.certs[PROFILE_AUTH_CA]),
                [CARD_SIGN_CERT] = x509_cert_der(certs[CARD_KEY_SIGN]),
                [CARD_SIGN_CA_CERT] = x509_cert_der(pki.certs[PROFILE_SIGN_CA]),
                [CARD_TEXT_NUMBER] = BYTES_LITERAL("\xff\x10\x0c"
                                                   "123456789018"),
            },
        .pins =
            {
                [CARD_PIN_AUTH] = bytes_text(MEMORY_CARD_AUTH_PIN),
                [CARD_PIN_SIGN] = bytes_text(MEMORY_CARD_SIGN_PIN),
                [CARD_PIN_TEXT] = bytes_text(MEMORY_CARD_TEXT_PIN),
            },
        .token = {TOKEN_LABEL_PLASTIC, "OpenJPKI TEST", "SOFTCARD", NULL},
    };
    struct card *card = context;
    int rc = card_personalise(card, &with, NULL);

    assert_int_equal(image_is_personalised(&card->image), rc == 0);
    if (rc < 0)
        assert_int_equal(card->image.data[CARD_TOKEN].len, 0);
    return rc;
}

static void a_card_is_personalised_wholly_or_not(void **state)
{
    struct memory_storage storage;
    CLEANUP(card_freep) struct card *card = memory_card_new_keyed(&storage);

    (void)state;
    assert_true(every_failed_allocation(personalise, card) > 5);
}

static int request(void *context)
{
    CLEANUP(buf_done) struct buf made = BUF_INIT;
    int rc = card_request(context, CARD_KEY_AUTH, &made, NULL);

    assert_int_equal(made.ptr != NULL, rc == 0);
    return rc;
}

static void a_request_is_made_wholly_or_not(void **state)
{
    struct memory_storage storage;
    CLEANUP(card_freep) struct card *card = memory_card_new_keyed(&storage);

    (void)state;
    assert_true(every_failed_allocation(request, card) > 5);
}

static int open_stored(void *context)
{
    struct card *card = NULL;
    int rc = store_open(context, &card, NULL);

    assert_int_equal(card != NULL, rc == 0);
    card_free(card); /* also gives the lock back, or the next attempt would meet it */
    return rc;
}

static void a_card_is_opened_and_unlocked_at_every_failure(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];
    struct store_paths paths = {tempdir_file(&dir, "card", path), NULL};
    CLEANUP(image_done) struct image image = {.serial = ""};
    struct card *card;

    (void)state;
    assert_int_equal(store_make(&paths, "A1", NULL), 0);
    assert_int_equal(store_open(&paths, &card, NULL), 0);
    memory_card_image(&image);
    assert_int_equal(card->storage->save_image(card->storage, &image, NULL), 0);
    card_free(card);
    assert_true(every_failed_allocation(open_stored, &paths) > 10);
}

/* A command has an answer or no effect that anybody saw; a lost try is allowed. */
static void a_wrong_pin_costs_its_try_at_every_failure(void **state)
{
    static const uint8_t select[] = {0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0,
                                     0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};
    static const uint8_t wrong[] = {0x00, 0x20, 0x00, 0x9b, 0x06, 'A', 'B', 'C', '1', '2', '4'};
    struct memory_storage storage;
    CLEANUP(card_freep) struct card *card = memory_card_new(&storage);

    (void)state;
    for (unsigned nth = 1;; nth++) {
        CLEANUP(buf_done) struct buf response = BUF_INIT;
        unsigned before = storage.tries[CARD_PIN_SIGN];
        int rc;

        assert_int_equal(card_apdu(card, BYTES_ARRAY(select), &response, NULL), 0);
        buf_done(&response);
        fail_allocation(nth);
        rc = card_apdu(card, BYTES_ARRAY(wrong), &response, NULL);
        if (!allocation_has_failed()) {
            fail_allocation(0);
            assert_int_equal(rc, 0);
            assert_int_equal(storage.tries[CARD_PIN_SIGN], before - 1);
            return;
        }
        fail_allocation(0);
        assert_true(rc == -ERR_NOMEM || response.len == 2);
        assert_in_range(storage.tries[CARD_PIN_SIGN], before - 1, before);
        assert_int_equal(card->verified, 0);
    }
}

/* Files, counters and objects are in memory already; only the caller's buffer has to hold them. */
static void an_answer_without_crypto_asks_for_no_memory(void **state)
{
    static const struct {
        uint8_t bytes[15];
        size_t len;
    } commands[] = {
        {{0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0, 0, 0, 0x01}, 15},
        {{0x00, 0x20, 0x00, 0x98}, 4},       /* how many tries */
        {{0x00, 0xb0, 0x8a, 0x00, 0x00}, 5}, /* 256 bytes */
        {{0x00, 0xb0, 0x06, 0x00, 0x00}, 5}, /* filler */
        {{0x00, 0xca, 0x00, 0x45, 0x00}, 5},
        {{0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 1, 1, 1, 0x00}, 15},
        {{0x00, 0xb2, 0x01, 0x0c, 0x00}, 5},
        {{0x00, 0xff, 0x00, 0x00}, 4},
    };
    struct memory_storage storage;
    CLEANUP(card_freep) struct card *card = memory_card_new(&storage);
    CLEANUP(buf_done) struct buf response = BUF_INIT;

    (void)state;
    assert_int_equal(buf_reserve(&response, APDU_SHORT_NE_MAX + 2, NULL), 0);
    fail_allocation(1);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        buf_clear(&response);
        assert_int_equal(
            card_apdu(card, bytes_of(commands[i].bytes, commands[i].len), &response, NULL), 0);
        assert_true(response.len >= 2);
    }
    assert_false(allocation_has_failed());
    fail_allocation(0);
}

static int make_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    issue(CARD_KEY_AUTH, PROFILE_AUTH);
    issue(CARD_KEY_SIGN, PROFILE_SIGN);
    return 0;
}

static int release_pki(void **state)
{
    (void)state;
    for (int i = 0; i < CARD_KEYS_; i++)
        x509_cert_freep(&certs[i]);
    test_pki_done(&pki);
    memory_card_release_keys();
    return 0;
}

static int open_own_ca(void *context)
{
    CLEANUP(ownca_freep) struct ownca *ca = NULL;
    int rc = ownca_open(context, KEY_RSA, 0, &ca, NULL);

    assert_int_equal(ca != NULL, rc == 0);
    return rc;
}

static void an_own_ca_is_opened_wholly_or_not(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    CLEANUP(ownca_freep) struct ownca *ca = NULL;

    (void)state;
    assert_int_equal(ownca_open(dir.path, KEY_RSA, TEST_PKI_NOW, &ca, NULL), 0);
    assert_true(every_failed_allocation(open_own_ca, dir.path) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_personalised_wholly_or_not),
        cmocka_unit_test(a_request_is_made_wholly_or_not),
        cmocka_unit_test(a_card_is_opened_and_unlocked_at_every_failure),
        cmocka_unit_test(a_wrong_pin_costs_its_try_at_every_failure),
        cmocka_unit_test(an_answer_without_crypto_asks_for_no_memory),
        cmocka_unit_test(an_own_ca_is_opened_wholly_or_not),
    };

    return cmocka_run_group_tests(tests, make_pki, release_pki);
}
