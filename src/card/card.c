/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which command goes where. The class and instruction are looked up in one table; everything else
 * about a command is decided by its handler. The invariant every return of card_apdu keeps: the
 * response ends with a status word, and data comes only with 9000.
 */
#include "card/card.h"

#include "card/state.h"

#include <stdlib.h>

static const struct {
    uint8_t cla, ins;
    card_command_fn *run;
} commands[] = {
    {0x00, 0x20, cmd_verify},        {0x00, 0x24, cmd_change_reference_data},
    {0x00, 0x84, cmd_get_challenge}, {0x00, 0xa4, cmd_select},
    {0x00, 0xb0, cmd_read_binary},   {0x00, 0xb2, cmd_read_record},
    {0x00, 0xca, cmd_get_data},      {0x80, 0x2a, cmd_compute_signature},
};

int card_new(struct image *image, const unsigned tries[CARD_PINS_], struct card_storage *storage,
             struct card **ret, struct err *err)
{
    struct card *card = calloc(1, sizeof *card);

    if (card == NULL)
        return FAIL_NOMEM(err);
    card->image = *image;
    wipe(image, sizeof *image);
    for (unsigned pin = 0; pin < CARD_PINS_; pin++)
        card->tries[pin] = tries[pin];
    card->storage = storage;
    *ret = card;
    return 0;
}

void card_free(struct card *card)
{
    if (card == NULL)
        return;
    card->storage->close(card->storage);
    image_done(&card->image);
    free(card);
}

void card_freep(struct card **card)
{
    card_free(*card);
    *card = NULL;
}

void card_reset(struct card *card)
{
    card->applet = NULL;
    card->file = NULL;
    card->verified = 0;
}

static uint16_t run(struct card *card, struct bytes command, struct buf *data)
{
    bool is_known_class = false;
    struct apdu apdu;

    if (apdu_parse(command, &apdu, NULL) < 0)
        return SW_WRONG_LENGTH;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (commands[i].cla != apdu.cla)
            continue;
        is_known_class = true;
        if (commands[i].ins == apdu.ins)
            return commands[i].run(card, &apdu, data);
    }
    return is_known_class ? SW_WRONG_INS : SW_WRONG_CLA;
}

int card_apdu(struct card *card, struct bytes command, struct buf *response, struct err *err)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    uint8_t trailer[2];
    uint16_t sw;

    TRY(buf_reserve(response, sizeof trailer, err));
    sw = run(card, command, &data);
    trailer[0] = (uint8_t)(sw >> 8);
    trailer[1] = (uint8_t)(sw & 0xff);
    if (sw == SW_OK) {
        TRY(buf_reserve(response, data.len + sizeof trailer, err));
        TRY(buf_append(response, buf_bytes(&data), err));
    }
    return buf_append(response, BYTES_ARRAY(trailer), err);
}

const struct node *state_file(const struct card *card, unsigned sfi, enum node_kind kind,
                              uint16_t *ret_sw)
{
    const struct node *node = card->file;

    if (sfi != 0)
        node = card->applet == NULL ? NULL : applet_node_sfi(card->applet, sfi);
    if (node == NULL)
        *ret_sw = sfi == 0 ? SW_NO_CURRENT_FILE : SW_FILE_NOT_FOUND;
    else
        *ret_sw = node->kind == kind ? SW_OK : SW_WRONG_FILE_TYPE;
    return *ret_sw == SW_OK ? node : NULL;
}

bool state_is_open(const struct card *card, const struct node *node)
{
    return node->opened_by == 0 || (node->opened_by & card->verified) != 0;
}

uint16_t state_failed(struct card *card, const struct err *err)
{
    card->failure = *err;
    return err->kind == ERR_SYSTEM ? SW_MEMORY_FAILURE : SW_NO_DIAGNOSIS;
}

bool card_take_failure(struct card *card, struct err *ret)
{
    if (card->failure.kind == ERR_NONE)
        return false;
    *ret = card->failure;
    card->failure = (struct err){.kind = ERR_NONE};
    return true;
}

void card_status_of(const struct image *image, const unsigned tries[CARD_PINS_],
                    struct card_status *ret)
{
    struct card_status status = {.kind = image->kind,
                                 .is_personalised = image_is_personalised(image)};

    for (size_t i = 0; i < sizeof status.serial; i++)
        status.serial[i] = image->serial[i];
    for (unsigned i = 0; i < CARD_KEYS_; i++)
        status.has_key[i] = image->keys[i] != NULL;
    for (unsigned i = 0; i < CARD_DATA_; i++)
        status.has_data[i] = image->data[i].len > 0;
    for (unsigned i = 0; i < CARD_PINS_; i++) {
        status.has_pin[i] = image->pins[i].is_set;
        status.tries[i] = image->pins[i].is_set ? tries[i] : 0;
        status.tries_most[i] = card_node(NODE_PIN, i)->tries;
    }
    *ret = status;
}

void card_status(const struct card *card, struct card_status *ret)
{
    card_status_of(&card->image, card->tries, ret);
}
