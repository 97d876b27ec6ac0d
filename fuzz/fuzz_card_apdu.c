/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands into a personalised card, each framed as on the wire: two bytes of length and as many
 * of command. Of the commands of one byte 00, 01 and 02 reset the card, as vpcd's do; and so that
 * what lies behind PINs is reached, 1x selects an applet and verifies its PINs, 2x makes it a card
 * of another kind, and 4x or 5x changes a disputed behaviour.
 */
#include "card/state.h"
#include "fuzz.h"
#include "support/memory_card.h"

enum {
    COMMANDS_MAX = 64,
    CONTROL_MAX = 2,
    CONTROL_LOG_IN = 0x10,
    CONTROL_KIND = 0x20,
    CONTROL_OPTION = 0x40,
    CONTROL_END = 0x60,
};

static uint16_t send(struct card *card, struct bytes command, struct bytes *ret_data,
                     struct buf *response)
{
    uint16_t sw = 0;

    buf_clear(response);
    FUZZ_CHECK(card_apdu(card, command, response, NULL) == 0);
    FUZZ_CHECK(apdu_split(buf_bytes(response), ret_data, &sw, NULL) == 0);
    return sw;
}

/* What must hold after any command. */
static void check(const struct memory_storage *storage, struct bytes command, struct bytes data,
                  uint16_t sw, const unsigned before[CARD_PINS_])
{
    struct apdu apdu;

    FUZZ_CHECK(sw >= 0x6000 && (sw == 0x9000 || data.len == 0));
    for (unsigned pin = 0; pin < CARD_PINS_; pin++) {
        FUZZ_CHECK(storage->tries[pin] <= card_node(NODE_PIN, pin)->tries);
        /* Only a VERIFY that succeeds gives tries back. */
        if (storage->tries[pin] > before[pin])
            FUZZ_CHECK(sw == 0x9000 && command.len > 4 && command.ptr[1] == 0x20);
    }
    /* Never more than was asked for; the very first answer may be 6F00. */
    if (apdu_parse(command, &apdu, NULL) == 0)
        FUZZ_CHECK(data.len <= (apdu.ne == 0 ? APDU_SHORT_NE_MAX : apdu.ne));
    else
        FUZZ_CHECK(sw == 0x6700 || sw == 0x6f00);
}

/* What READ BINARY gave was there to be read by whoever verified what is verified. */
static void check_permission(const struct card *card, struct bytes command, struct bytes data)
{
    if (data.len == 0 || command.ptr[1] != 0xb0)
        return;
    FUZZ_CHECK(card->file != NULL && card->file->kind == NODE_DATA);
    FUZZ_CHECK(state_is_open(card, card->file));
}

static void log_in(struct card *card, const struct applet *applet)
{
    card->applet = applet;
    card->file = NULL;
    card->verified = 0;
    for (unsigned pin = 0; pin < CARD_PINS_; pin++) {
        if (card_node_applet(NODE_PIN, pin) == applet &&
            memory_card_pin((enum card_pin)pin) != NULL)
            card->verified |= CARD_PIN_BIT(pin);
    }
}

/* The next value of an option, or the usual one behind the last. */
static void change_option(struct card *card, unsigned option)
{
    const struct card_option_row *row = &card_option_rows[option];
    unsigned *chosen = &card->options.chosen[option];

    if (row->words == NULL)
        *chosen = *chosen == 0 ? row->least + 1 : 0;
    else if (row->words[++*chosen] == NULL)
        *chosen = 0;
}

/* True for a command of one byte that means something here. */
static bool control(struct card *card, struct bytes command)
{
    unsigned count = 0;
    unsigned what;

    if (command.len != 1 || command.ptr[0] >= CONTROL_END)
        return false;
    what = command.ptr[0];
    while (applets[count] != NULL)
        count++;
    if (what <= CONTROL_MAX)
        card_reset(card);
    else if (what >= CONTROL_OPTION)
        change_option(card, (what - CONTROL_OPTION) % CARD_OPTIONS_);
    else if (what >= CONTROL_KIND)
        card->image.kind = (enum card_kind)((what - CONTROL_KIND) % CARD_KINDS_);
    else if (what >= CONTROL_LOG_IN)
        log_in(card, applets[(what - CONTROL_LOG_IN) % count]);
    else
        return false;
    return true;
}

/* One card for all runs, because its keys take long to load; each run finds it as new. */
static struct card *new_card(struct memory_storage **ret_storage)
{
    static struct memory_storage storage;
    static struct pin_verifier pins[CARD_PINS_];
    static struct card *card;

    if (card == NULL) {
        card = memory_card_new(&storage);
        for (unsigned pin = 0; pin < CARD_PINS_; pin++)
            pins[pin] = card->image.pins[pin];
    }
    card_reset(card);
    card->options = (struct card_options){.chosen = {0}};
    card->image.kind = CARD_PLASTIC;
    for (unsigned pin = 0; pin < CARD_PINS_; pin++) {
        card->image.pins[pin] = pins[pin];
        card->tries[pin] = storage.tries[pin] = card_node(NODE_PIN, pin)->tries;
    }
    *ret_storage = &storage;
    return card;
}

FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct memory_storage *storage;
    struct card *card = new_card(&storage);
    struct bytes rest = bytes_of(data, size);

    for (int i = 0; i < COMMANDS_MAX && rest.len >= 2; i++) {
        size_t len = (size_t)rest.ptr[0] << 8 | rest.ptr[1];
        struct bytes command = bytes_part(rest, 2, len);
        unsigned before[CARD_PINS_];
        struct bytes answer;
        uint16_t sw;

        for (unsigned pin = 0; pin < CARD_PINS_; pin++)
            before[pin] = storage->tries[pin];
        rest = bytes_part(rest, 2 + command.len, rest.len);
        if (control(card, command))
            continue;
        sw = send(card, command, &answer, &response);
        check(storage, command, answer, sw, before);
        check_permission(card, command, answer);
    }
    return 0;
}
