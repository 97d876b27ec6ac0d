/* SPDX-License-Identifier: Apache-2.0 */
/* A card that a forger made, in a slot; the memory card is the one it should be. */
#include "card/limits.h"
#include "card/slot.h"
#include "support/memory_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SELECT_TEXT "\x00\xa4\x04\x0c\x0a\xd3\x92\x10\x00\x31\x00\x01\x01\x04\x08"
#define SELECT_JPKI "\x00\xa4\x04\x0c\x0a\xd3\x92\xf0\x00\x26\x01\x00\x00\x00\x01"
#define VERIFY_TEXT "\x00\x20\x00\x91\x04" MEMORY_CARD_TEXT_PIN
#define VERIFY_AUTH "\x00\x20\x00\x98\x04" MEMORY_CARD_AUTH_PIN
#define SIGN_TEXT   "\x80\x2a\x00\x93\x02\x31\x32\x00"
#define SIGN_AUTH   "\x80\x2a\x00\x97\x02\x31\x32\x00"
#define READ_0002   "\x00\xb0\x82\x00\x00"
#define READ_BEHIND "\x00\xb0\x82\x08\x10"
#define READ_0001   "\x00\xb0\x81\x00\x00"

struct bench {
    struct memory_storage storage;
    struct slot *slot;
};

static int set_up(void **state)
{
    struct bench *bench = test_calloc(1, sizeof *bench);

    assert_int_equal(slot_new(memory_card_new(&bench->storage), &bench->slot, NULL), 0);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    slot_free(bench->slot);
    test_free(bench);
    return 0;
}

/* The answer of the last of up to three commands, all of which must succeed. */
static void say(struct bench *bench, const struct bytes *commands, size_t count, struct buf *ret)
{
    struct err failure;

    for (size_t i = 0; i < count; i++) {
        buf_clear(ret);
        assert_int_equal(slot_transmit(bench->slot, commands[i], ret, &failure), SLOT_ANSWERED);
        assert_memory_equal(ret->ptr + ret->len - 2, "\x90\x00", 2);
    }
}

static void say_to_text(struct bench *bench, struct bytes command, struct buf *ret)
{
    const struct bytes commands[] = {BYTES_LITERAL(SELECT_TEXT), BYTES_LITERAL(VERIFY_TEXT),
                                     command};

    say(bench, commands, 3, ret);
}

static void sign_with_auth(struct bench *bench, struct buf *ret)
{
    const struct bytes commands[] = {BYTES_LITERAL(SELECT_JPKI), BYTES_LITERAL(VERIFY_AUTH),
                                     BYTES_LITERAL(SIGN_AUTH)};

    say(bench, commands, 3, ret);
}

static void ask_for(struct bench *bench, const char *text)
{
    struct slot_trouble trouble = SLOT_NO_TROUBLE;

    assert_int_equal(slot_trouble_parse(text, &trouble, NULL), 0);
    assert_int_equal(slot_trouble(bench->slot, &trouble, NULL), 0);
}

static void what_is_no_trouble_is_refused(void **state)
{
    static const char *const wrong[] = {"",          "latency_ms",     "latency_ms=",
                                        "=1",        "latency_ms=-1",  "latency_ms=1x",
                                        "copied=2",  "latency_ms= 1",  "latency_ms=1,",
                                        "nothing=1", "latency_ms=1,x", "forged_byte=65536"};
    struct slot_trouble trouble = SLOT_NO_TROUBLE;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(slot_trouble_parse(wrong[i], &trouble, NULL), -ERR_INPUT);
    assert_int_equal(trouble.latency_ms, 0);
    assert_int_equal(slot_trouble_parse("latency_ms=60000,forged_byte=65535", &trouble, NULL), 0);
    assert_int_equal(trouble.latency_ms, SLOT_LATENCY_MAX_MS);
    assert_int_equal(trouble.forged_byte, 65535);
    assert_int_equal(trouble.remove_after, -1);
}

static void one_byte_of_the_attributes_is_not_what_was_signed(void **state)
{
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf before = BUF_INIT;
    CLEANUP(buf_done) struct buf after = BUF_INIT;

    say_to_text(bench, BYTES_LITERAL(READ_0002), &before);
    ask_for(bench, "forged_byte=9");
    say_to_text(bench, BYTES_LITERAL(READ_0002), &after);
    assert_int_equal(after.ptr[9], before.ptr[9] ^ 1);
    after.ptr[9] ^= 1;
    assert_true(bytes_equal(buf_bytes(&before), buf_bytes(&after)));
    say_to_text(bench, BYTES_LITERAL(READ_BEHIND), &after); /* the second byte of a part */
    assert_int_equal(after.ptr[0], before.ptr[8]);
    assert_int_equal(after.ptr[1], before.ptr[9] ^ 1);
    say_to_text(bench, BYTES_LITERAL(READ_0001), &after); /* another file */
    ask_for(bench, "forged_byte=0");
    say_to_text(bench, BYTES_LITERAL(READ_0001), &before);
    assert_true(bytes_equal(buf_bytes(&before), buf_bytes(&after)));
}

/* RSA signatures of PKCS#1 v1.5 are the same for the same key. */
static void a_copied_card_signs_with_keys_of_its_own(void **state)
{
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf auth = BUF_INIT;
    CLEANUP(buf_done) struct buf now = BUF_INIT;

    say_to_text(bench, BYTES_LITERAL(SIGN_TEXT), &text);
    sign_with_auth(bench, &auth);
    ask_for(bench, "copied=1");
    say_to_text(bench, BYTES_LITERAL(SIGN_TEXT), &now);
    assert_int_equal(now.len, text.len);
    assert_false(bytes_equal(buf_bytes(&now), buf_bytes(&text)));
    sign_with_auth(bench, &now);
    assert_true(bytes_equal(buf_bytes(&now), buf_bytes(&auth)));
    slot_insert(bench->slot, false);
    slot_insert(bench->slot, true);
    say_to_text(bench, BYTES_LITERAL(SIGN_TEXT), &now);
    assert_true(bytes_equal(buf_bytes(&now), buf_bytes(&text)));
    assert_int_equal(bench->storage.saved_images, 0);
}

static int release_keys(void **state)
{
    (void)state;
    memory_card_release_keys();
    return 0;
}

#define trouble_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_trouble_is_refused),
        trouble_test(one_byte_of_the_attributes_is_not_what_was_signed),
        trouble_test(a_copied_card_signs_with_keys_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, release_keys);
}
