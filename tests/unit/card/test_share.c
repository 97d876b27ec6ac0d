/* SPDX-License-Identifier: Apache-2.0 */
/* PC/SC's rules without sockets; tests/system/test_softpcsc.py compares them with pcscd's. */
#include "card/share.h"

#include "iso7816/sw.h"
#include "support/memory_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SELECT "\x00\xa4\x04\x0c\x0a\xd3\x92\xf0\x00\x26\x01\x00\x00\x00\x01"
#define VERIFY "\x00\x20\x00\x98\x04"
#define SIGN   "\x80\x2a\x00\x97\x02\x31\x32\x00"

static const uint8_t atr[] = {0x3b, 0x80, 0x80, 0x01}; /* T=0 and T=1 */

struct bench {
    struct memory_storage storage;
    struct slot *slot;
    struct share share;
    struct share_handle first, second, third;
};

static int set_up(void **state)
{
    struct bench *bench = test_calloc(1, sizeof *bench);

    assert_int_equal(slot_new(memory_card_new(&bench->storage), &bench->slot, NULL), 0);
    share_init(&bench->share, bench->slot, BYTES_ARRAY(atr));
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

enum { WAITS = 1 };

/* The code, or WAITS. */
static uint32_t ask(struct bench *bench, struct share_handle *handle, struct wire_request request)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct wire_answer answer;
    struct err failure;

    if (share_ask(&bench->share, handle, &request, &answer, &data, &failure) == SHARE_LATER)
        return WAITS;
    return answer.code;
}

static uint32_t verb(struct bench *bench, struct share_handle *handle, enum wire_verb verb)
{
    return ask(bench, handle, (struct wire_request){.verb = verb});
}

static uint32_t act(struct bench *bench, struct share_handle *handle, enum wire_verb verb,
                    uint8_t action)
{
    return ask(
        bench, handle,
        (struct wire_request){
            .verb = verb, .share = WIRE_SHARED, .protocols = WIRE_T0 | WIRE_T1, .action = action});
}

static uint32_t connect_as(struct bench *bench, struct share_handle *handle, uint8_t share)
{
    return ask(bench, handle,
               (struct wire_request){
                   .verb = WIRE_CONNECT, .share = share, .protocols = WIRE_T0 | WIRE_T1});
}

/* The status word of a command that was answered. */
static unsigned send(struct bench *bench, struct share_handle *handle, struct bytes command)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    const struct wire_request request = {.verb = WIRE_TRANSMIT, .command = command};
    struct wire_answer answer;
    struct err failure;

    assert_int_equal(share_ask(&bench->share, handle, &request, &answer, &data, &failure),
                     SHARE_ANSWERED);
    assert_int_equal(answer.code, WIRE_OK);
    return (unsigned)data.ptr[data.len - 2] << 8 | data.ptr[data.len - 1];
}

static void nothing_is_done_for_a_handle_that_is_not_connected(void **state)
{
    struct bench *bench = *state;

    for (unsigned each = WIRE_RECONNECT; each < WIRE_WATCH; each++)
        assert_int_equal(verb(bench, &bench->first, (enum wire_verb)each), WIRE_INVALID_HANDLE);
    assert_int_equal(verb(bench, &bench->first, WIRE_WATCH), WIRE_OK);
    assert_int_equal(connect_as(bench, &bench->first, WIRE_SHARED), WIRE_OK);
    assert_int_equal(connect_as(bench, &bench->first, WIRE_SHARED), WIRE_INVALID_HANDLE);
    share_drop(&bench->share, &bench->first);
    assert_int_equal(verb(bench, &bench->first, WIRE_STATUS), WIRE_INVALID_HANDLE);
}

static void a_pin_that_one_handle_showed_counts_for_another(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(connect_as(bench, &bench->first, WIRE_SHARED), WIRE_OK);
    assert_int_equal(connect_as(bench, &bench->second, WIRE_SHARED), WIRE_OK);
    assert_int_equal(send(bench, &bench->first, BYTES_LITERAL(SELECT)), SW_OK);
    assert_int_equal(send(bench, &bench->second, BYTES_LITERAL(SIGN)), 0x6982);
    assert_int_equal(send(bench, &bench->first, BYTES_LITERAL(VERIFY MEMORY_CARD_AUTH_PIN)), SW_OK);
    assert_int_equal(send(bench, &bench->second, BYTES_LITERAL(SIGN)), SW_OK);
    assert_int_equal(act(bench, &bench->first, WIRE_DISCONNECT, WIRE_LEAVE), WIRE_OK);
    assert_int_equal(send(bench, &bench->second, BYTES_LITERAL(SIGN)), SW_OK);
    assert_int_equal(act(bench, &bench->second, WIRE_DISCONNECT, WIRE_RESET), WIRE_OK);
    assert_int_equal(connect_as(bench, &bench->third, WIRE_SHARED), WIRE_OK);
    assert_int_equal(send(bench, &bench->third, BYTES_LITERAL(SIGN)), 0x6a82);
}

static void a_transaction_keeps_all_others_waiting(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(connect_as(bench, &bench->first, WIRE_SHARED), WIRE_OK);
    assert_int_equal(connect_as(bench, &bench->second, WIRE_SHARED), WIRE_OK);
    assert_int_equal(verb(bench, &bench->first, WIRE_BEGIN), WIRE_OK);
    assert_int_equal(verb(bench, &bench->first, WIRE_BEGIN), WIRE_OK); /* one in the other */
    for (int ends = 0; ends < 2; ends++) {
        assert_int_equal(verb(bench, &bench->second, WIRE_BEGIN), WAITS);
        assert_int_equal(verb(bench, &bench->second, WIRE_TRANSMIT), WAITS);
        assert_int_equal(act(bench, &bench->second, WIRE_RECONNECT, WIRE_LEAVE), WAITS);
        assert_int_equal(act(bench, &bench->second, WIRE_DISCONNECT, WIRE_RESET), WAITS);
        assert_int_equal(connect_as(bench, &bench->third, WIRE_SHARED), WAITS);
        assert_int_equal(act(bench, &bench->second, WIRE_END, WIRE_LEAVE), WIRE_NOT_TRANSACTED);
        assert_int_equal(act(bench, &bench->first, WIRE_END, WIRE_LEAVE), WIRE_OK);
    }
    assert_int_equal(verb(bench, &bench->second, WIRE_BEGIN), WIRE_OK);
    assert_int_equal(verb(bench, &bench->first, WIRE_BEGIN), WAITS);
    share_drop(&bench->share, &bench->second); /* its process died */
    assert_int_equal(verb(bench, &bench->first, WIRE_BEGIN), WIRE_RESET_CARD);
}

static void a_reset_is_told_until_one_connects_again(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(connect_as(bench, &bench->first, WIRE_SHARED), WIRE_OK);
    assert_int_equal(connect_as(bench, &bench->second, WIRE_SHARED), WIRE_OK);
    assert_int_equal(act(bench, &bench->first, WIRE_RECONNECT, WIRE_RESET), WIRE_OK);
    assert_int_equal(verb(bench, &bench->first, WIRE_STATUS), WIRE_OK);
    for (int times = 0; times < 2; times++) {
        assert_int_equal(verb(bench, &bench->second, WIRE_TRANSMIT), WIRE_RESET_CARD);
        assert_int_equal(verb(bench, &bench->second, WIRE_BEGIN), WIRE_RESET_CARD);
        assert_int_equal(verb(bench, &bench->second, WIRE_STATUS), WIRE_RESET_CARD);
    }
    assert_int_equal(act(bench, &bench->second, WIRE_RECONNECT, WIRE_LEAVE), WIRE_OK);
    assert_int_equal(verb(bench, &bench->second, WIRE_STATUS), WIRE_OK);
}

static void exclusive_use_is_for_one(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(connect_as(bench, &bench->first, WIRE_EXCLUSIVE), WIRE_OK);
    assert_int_equal(connect_as(bench, &bench->second, WIRE_SHARED), WIRE_SHARING_VIOLATION);
    assert_int_equal(act(bench, &bench->first, WIRE_RECONNECT, WIRE_LEAVE), WIRE_OK); /* shared */
    assert_int_equal(connect_as(bench, &bench->second, WIRE_EXCLUSIVE), WIRE_SHARING_VIOLATION);
    assert_int_equal(connect_as(bench, &bench->second, WIRE_SHARED), WIRE_OK);
    assert_int_equal(ask(bench, &bench->first,
                         (struct wire_request){.verb = WIRE_RECONNECT,
                                               .share = WIRE_EXCLUSIVE,
                                               .protocols = WIRE_T1}),
                     WIRE_SHARING_VIOLATION);
}

static void a_removal_is_told_to_all_and_ends_transactions(void **state)
{
    struct bench *bench = *state;
    struct wire_answer now;

    assert_int_equal(connect_as(bench, &bench->first, WIRE_SHARED), WIRE_OK);
    assert_int_equal(connect_as(bench, &bench->second, WIRE_SHARED), WIRE_OK);
    assert_int_equal(verb(bench, &bench->first, WIRE_BEGIN), WIRE_OK);
    slot_insert(bench->slot, false);
    slot_insert(bench->slot, true); /* nobody looked in between */
    assert_int_equal(verb(bench, &bench->first, WIRE_STATUS), WIRE_REMOVED_CARD);
    assert_int_equal(act(bench, &bench->second, WIRE_RECONNECT, WIRE_LEAVE), WIRE_OK);
    assert_int_equal(verb(bench, &bench->second, WIRE_BEGIN), WIRE_OK);
    slot_insert(bench->slot, false);
    assert_int_equal(act(bench, &bench->second, WIRE_RECONNECT, WIRE_LEAVE), WIRE_NO_SMARTCARD);
    assert_int_equal(connect_as(bench, &bench->third, WIRE_SHARED), WIRE_NO_SMARTCARD);
    assert_int_equal(connect_as(bench, &bench->third, WIRE_DIRECT), WIRE_OK);
    share_state(&bench->share, &now);
    assert_int_equal(now.state, WIRE_ABSENT);
    assert_int_equal(now.atr.len, 0);
    assert_int_equal(now.counter, 3);
}

/* ISO 7816-3, 8.2.3 */
static void protocols_are_those_of_the_atr(void **state)
{
    static const struct {
        const char *atr;
        size_t len;
        uint8_t offered;
    } cards[] = {
        {"\x3b\x00", 2, WIRE_T0},
        {"\x3b", 1, WIRE_T0},
        {"\x3b\x80\x80\x01", 4, WIRE_T0 | WIRE_T1},
        {"\x3b\xe0\x00\xff\x81\x31\xfe\x45\x14", 9, WIRE_T1},
        {"\x3b\x80", 2, WIRE_T0}, /* cut off */
        {"\x3b\x80\x8f", 3, WIRE_T0},
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof cards / sizeof cards[0]; i++) {
        for (uint8_t wanted = WIRE_T0; wanted <= WIRE_T1; wanted++) {
            struct wire_request request = {
                .verb = WIRE_CONNECT, .share = WIRE_SHARED, .protocols = wanted};
            bool is_offered = (cards[i].offered & wanted) != 0;

            share_init(&bench->share, bench->slot, bytes_of(cards[i].atr, cards[i].len));
            assert_int_equal(ask(bench, &bench->first, request),
                             is_offered ? WIRE_OK : WIRE_PROTO_MISMATCH);
            share_drop(&bench->share, &bench->first);
        }
    }
}

static int release_keys(void **state)
{
    (void)state;
    memory_card_release_keys();
    return 0;
}

#define share_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        share_test(nothing_is_done_for_a_handle_that_is_not_connected),
        share_test(a_pin_that_one_handle_showed_counts_for_another),
        share_test(a_transaction_keeps_all_others_waiting),
        share_test(a_reset_is_told_until_one_connects_again),
        share_test(exclusive_use_is_for_one),
        share_test(a_removal_is_told_to_all_and_ends_transactions),
        share_test(protocols_are_those_of_the_atr),
    };

    return cmocka_run_group_tests(tests, NULL, release_keys);
}
