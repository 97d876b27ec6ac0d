/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/fault_act.h"

#include "client/pin.h"
#include "sandbox/act.h"

#include <string.h>

static const char other_address[] = "東京都千代田区見本町二丁目９番９号";
static const char other_municipality[] = "13101";

/* Neither is anybody's. */
static int type_wrong(struct icc *icc, enum icc_pin which, struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    int rc;

    TRY(secret_copy(bytes_text(which == ICC_PIN_SIGN ? "WRONG999" : "9999"), &pin, err));
    TRY(icc_begin(icc, &txn, err));
    rc = icc_pin_verify(icc, which, &pin, true, err);
    if (rc == 0)
        return FAIL(err, ERR_CONFLICT, "the PIN that was to be wrong is right");
    return rc == -ERR_DENIED ? 0 : rc;
}

static int use_up(const struct hand *hand, enum icc_pin which, unsigned left, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    unsigned tries = 0;

    TRY(hand_open(hand, &icc, err));
    TRY(icc_pin_tries(icc, which, &tries, err));
    for (; tries > left; tries--)
        TRY(type_wrong(icc, which, err));
    return 0;
}

static int at_counter(const struct hand_options *options, const struct hand *hand,
                      const struct persona *persona, const struct act_told *told, struct err *err)
{
    struct act_told with = *told;
    struct acted acted = {.revocation = ""};

    with.control = hand->control;
    with.leaves_card = true;
    return act_on_persona(options->layout, persona, &with, &acted, err);
}

int fault_act(const struct hand_options *options, const struct persona *persona,
              enum named_fault fault, struct err *err)
{
    static const struct {
        enum named_fault fault;
        enum icc_pin pin;
        unsigned left;
        struct act_told told; /* act NULL: the PIN is used up */
    } rows[] = {
        {NAMED_PIN_LAST_TRY, ICC_PIN_AUTH, 1, {NULL}},
        {NAMED_PIN_LOCKED, ICC_PIN_AUTH, 0, {NULL}},
        {NAMED_SIGN_PIN_LOCKED, ICC_PIN_SIGN, 0, {NULL}},
        {NAMED_CARD_SUSPENDED, ICC_PIN_AUTH, 0, {.act = "loss"}},
        {NAMED_AUTH_REVOKED, ICC_PIN_AUTH, 0, {.act = "revoke"}},
        {NAMED_SIGN_REVOKED_BY_MOVE,
         ICC_PIN_AUTH,
         0,
         {.act = "move", .address = other_address, .municipality = other_municipality}},
    };
    CLEANUP(hand_done) struct hand hand = HAND_INIT;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].fault != fault)
            continue;
        TRY(hand_take(options, persona, &hand, err));
        return rows[i].told.act == NULL ? use_up(&hand, rows[i].pin, rows[i].left, err)
                                        : at_counter(options, &hand, persona, &rows[i].told, err);
    }
    return FAIL(err, ERR_INPUT, "%s is not done to a card", named_faults[fault].name);
}
