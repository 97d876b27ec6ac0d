/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out at any point of a session: the card is let go, outputs are untouched. */
#include "client/cert.h"
#include "client/icc.h"
#include "client/pin.h"
#include "client/sign.h"
#include "reader/backend.h"

#include "support/failalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A card that knows one answer per instruction. */
struct fake {
    struct reader reader;
    bool pin_is_open, was_reset;
    unsigned transactions, verifies;
};

static struct fake fake;

static int answer(struct bytes command, struct buf *ret, struct err *err)
{
    static const uint8_t cert[] = {0x30, 0x02, 0x05, 0x00, 0x90, 0x00};
    static const char token[] = "JPKIAPICCTOKEN2                 \x90";
    uint8_t signature[258] = {0};

    signature[256] = 0x90;
    switch (command.ptr[1]) {
    case 0x20:
        return buf_append(ret, command.len == 4 ? BYTES_LITERAL("\x63\xc5") : bytes_of("\x90", 2),
                          err);
    case 0x2A:
        return buf_append(ret, BYTES_ARRAY(signature), err);
    case 0xB0:
        return buf_append(ret, command.ptr[4] == 0xA0 ? bytes_of(token, 34) : BYTES_ARRAY(cert),
                          err);
    default:
        return buf_append(ret, bytes_of("\x90", 2), err);
    }
}

static int transmit(struct reader *reader, struct bytes command, struct buf *ret, struct err *err)
{
    (void)reader;
    if (command.ptr[1] == 0x20 && command.len > 4) {
        fake.pin_is_open = true;
        fake.verifies++;
    }
    if (command.ptr[1] == 0xA4 && command.len > 5 && command.ptr[5] == 0xA0)
        fake.pin_is_open = false;
    return answer(command, ret, err);
}

static int begin(struct reader *reader, bool *ret_was_reset, struct err *err)
{
    (void)reader, (void)err;
    *ret_was_reset = false;
    fake.transactions++;
    return 0;
}

static void end(struct reader *reader)
{
    (void)reader;
    fake.transactions--;
}

static void release(struct reader *reader, enum reader_leave leave)
{
    (void)reader;
    fake.was_reset = leave == READER_RESET;
}

static const struct reader_ops ops = {transmit, begin, end, release};

static int session(struct buf *ret_cert, struct buf *ret_signature, struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    struct digest digest = {.alg = DIGEST_SHA256, .len = 32};

    fake = (struct fake){.verifies = 0};
    reader_init(&fake.reader, &ops, "fake");
    TRY(icc_open(&fake.reader, &icc, err));
    TRY(icc_begin(icc, &txn, err));
    TRY(secret_copy(BYTES_LITERAL("ABC123"), &pin, err));
    TRY(icc_pin_verify(icc, ICC_PIN_SIGN, &pin, false, err));
    TRY(icc_read_cert(icc, ICC_CERT_SIGN, ret_cert, err));
    return icc_sign(icc, ICC_KEY_SIGN, &digest, ret_signature, err);
}

static void every_failed_allocation_leaves_the_card_closed_and_let_go(void **state)
{
    unsigned failures = 0;

    (void)state;
    for (unsigned nth = 1;; nth++) {
        CLEANUP(buf_done) struct buf cert = BUF_INIT;
        CLEANUP(buf_done) struct buf signature = BUF_INIT;
        struct err err = {0};
        int rc;

        fail_allocation(nth);
        rc = session(&cert, &signature, &err);
        if (!allocation_has_failed())
            break;
        fail_allocation(0);
        failures++;
        assert_int_equal(fake.transactions, 0);
        assert_true(fake.verifies <= 1);
        /* What a PIN opened is closed by SELECT, or else by a reset. */
        assert_true(!fake.pin_is_open || fake.was_reset);
        if (rc == 0)
            continue; /* it failed in that SELECT, when all was done */
        assert_int_equal(rc, -ERR_NOMEM);
        assert_int_equal(err.kind, ERR_NOMEM);
        assert_null(signature.ptr);
    }
    fail_allocation(0);
    assert_true(failures > 20);
    assert_int_equal(fake.verifies, 1);
    assert_false(fake.pin_is_open || fake.was_reset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_leaves_the_card_closed_and_let_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
