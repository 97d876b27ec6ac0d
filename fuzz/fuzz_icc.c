/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card that answers what the input says, into the client. The input is a list of answers, each
 * with one byte of length in front; where the list ends, the card is gone.
 */
#include "client/cert.h"
#include "client/icc.h"
#include "client/pin.h"
#include "client/sign.h"
#include "reader/backend.h"

#include "fuzz.h"

struct fake {
    struct reader reader;
    struct bytes input;
    unsigned pins; /* VERIFYs with data since the last empty one */
};

static int transmit(struct reader *reader, struct bytes command, struct buf *ret, struct err *err)
{
    struct fake *fake = (struct fake *)reader;
    size_t len;

    if (command.ptr[1] == 0x20) {
        /* A PIN is sent once, and only after its counter was asked for. */
        fake->pins = command.len == 4 ? 0 : fake->pins + 1;
        FUZZ_CHECK(fake->pins <= 1);
    }
    if (fake->input.len == 0)
        return FAIL(err, ERR_ABSENT, "the card was removed");
    len = fake->input.ptr[0];
    fake->input = bytes_part(fake->input, 1, fake->input.len);
    TRY(buf_append(ret, bytes_part(fake->input, 0, len), err));
    fake->input = bytes_part(fake->input, len, fake->input.len);
    return 0;
}

static void release(struct reader *reader, enum reader_leave leave)
{
    (void)reader, (void)leave;
}

static const struct reader_ops ops = {.transmit = transmit, .free = release};

static void use_pin(struct icc *icc, enum icc_pin pin, struct bytes typed)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    struct digest digest = {.alg = DIGEST_SHA256, .len = 32};

    if (secret_copy(typed, &secret, NULL) < 0 || icc_begin(icc, &txn, NULL) < 0)
        return;
    if (icc_pin_verify(icc, pin, &secret, true, NULL) == 0 &&
        icc_sign(icc, pin == ICC_PIN_AUTH ? ICC_KEY_AUTH : ICC_KEY_SIGN, &digest, &signature,
                 NULL) == 0)
        FUZZ_CHECK(signature.len >= ICC_SIGNATURE_MIN && signature.len <= ICC_SIGNATURE_MAX);
}

static void use_card(struct fake *fake)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    struct icc_presence presence;
    unsigned tries;

    if (icc_open(&fake->reader, &icc, NULL) < 0)
        return;
    (void)!icc_read_presence(icc, &presence, NULL);
    if (icc_pin_tries(icc, ICC_PIN_SIGN, &tries, NULL) == 0)
        FUZZ_CHECK(tries <= 15);
    for (int which = ICC_CERT_SIGN; which <= ICC_CERT_AUTH_CA; which++) {
        CLEANUP(buf_done) struct buf cert = BUF_INIT;

        if (icc_read_cert(icc, (enum icc_cert)which, &cert, NULL) == 0)
            FUZZ_CHECK(cert.len >= 2 && cert.len <= ICC_OBJECT_MAX && cert.ptr[0] == 0x30);
    }
    use_pin(icc, ICC_PIN_AUTH, BYTES_LITERAL("1234"));
    use_pin(icc, ICC_PIN_SIGN, BYTES_LITERAL("ABC123"));
}

FUZZ_TARGET(data, size)
{
    struct fake fake = {.input = {data, size}};

    reader_init(&fake.reader, &ops, "fuzz");
    fuzz_start_faults();
    use_card(&fake);
    fuzz_stop_faults();
    return 0;
}
