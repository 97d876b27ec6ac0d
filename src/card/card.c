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
    {0x00, 0x20, cmd_verify},
    {0x00, 0x24, cmd_change_reference_data},
    {0x00, 0x84, cmd_get_challenge},
    {0x00, 0x88, cmd_internal_authenticate},
    {0x00, 0xa4, cmd_select},
    {0x00, 0xb0, cmd_read_binary},
    {0x00, 0xb2, cmd_read_record},
    {0x00, 0xca, cmd_get_data},
    {0x80, 0x2a, cmd_compute_signature},
    {0x80, 0x32, cmd_change_key},
    {0x80, 0xa2, cmd_verify_certificate},
    {0x80, 0xae, cmd_set_session_key},
    {0x80, 0xfc, cmd_last_command},
};

enum { CLA_SECURE_MESSAGING = 0x0c, CLA_PROPRIETARY = 0x80, INS_SELECT = 0xa4, SFI_MAX = 30 };

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
    card->options = card->image.options;
    card->storage = storage;
    card->forged_offset = -1;
    *ret = card;
    return 0;
}

void card_free(struct card *card)
{
    if (card == NULL)
        return;
    gp_leave(&card->gp);
    card->storage->close(card->storage);
    for (size_t i = 0; i < CARD_FORGED_KEYS; i++)
        privkey_free(card->forged_keys[i]);
    image_done(&card->image);
    free(card);
}

void card_freep(struct card **card)
{
    card_free(*card);
    *card = NULL;
}

int card_set_options(struct card *card, const char *text, struct err *err)
{
    return card_options_parse(bytes_text(text), &card->options, err);
}

void card_reset(struct card *card)
{
    card->applet = NULL;
    card->file = NULL;
    card->verified = 0;
    gp_leave(&card->gp);
    card->is_used = false;
}

int card_destroy(struct card *card, struct err *err)
{
    struct image rest;

    TRY(image_init(&rest, card->image.serial, err));
    rest.kind = card->image.kind;
    rest.options = card->image.options;
    rest.is_dead = true;
    TRY(card->storage->save_image(card->storage, &rest, err));
    image_done(&card->image);
    card->image = rest;
    card_reset(card);
    return 0;
}

/* Nobody opened a session for it (card.md 4.1). */
static bool is_secure_messaging(uint8_t cla)
{
    return (cla & CLA_SECURE_MESSAGING) != 0 &&
           (cla & ~(CLA_SECURE_MESSAGING | CLA_PROPRIETARY)) == 0;
}

static uint16_t dispatch(struct card *card, const struct apdu *apdu, struct buf *data)
{
    bool is_known_class = false;
    uint16_t sw;

    if (gp_command(card, apdu, data, &sw))
        return sw;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (commands[i].cla != apdu->cla)
            continue;
        is_known_class = true;
        if (commands[i].ins == apdu->ins)
            return commands[i].run(card, apdu, data);
    }
    if (is_secure_messaging(apdu->cla))
        return apdu->ins == INS_SELECT ? SW_NO_SECURE_MESSAGING : SW_NO_SESSION;
    return is_known_class ? SW_WRONG_INS : SW_WRONG_CLA;
}

/*
 * A dead card says 6F00 to everything: no diagnosis, and nothing that a client could take for a
 * wrong PIN, a missing file or an unknown command and work around.
 */
static uint16_t run(struct card *card, struct bytes command, struct buf *data)
{
    bool is_first = !card->is_used;
    struct apdu apdu;

    card->is_used = true;
    if (card->image.is_dead ||
        (is_first && state_option(card, OPTION_FIRST_COMMAND) == FIRST_COMMAND_6F00))
        return SW_NO_DIAGNOSIS;
    if (apdu_parse(command, &apdu, NULL) < 0)
        return SW_WRONG_LENGTH;
    return dispatch(card, &apdu, data);
}

int card_apdu(struct card *card, struct bytes command, struct buf *response, struct err *err)
{
    size_t before = response->len;
    uint8_t trailer[2];
    uint16_t sw;

    TRY(buf_reserve(response, sizeof trailer, err));
    sw = run(card, command, response);
    if (sw != SW_OK && response->len > before) {
        wipe(response->ptr + before, response->len - before);
        response->len = before;
    }
    trailer[0] = (uint8_t)(sw >> 8);
    trailer[1] = (uint8_t)(sw & 0xff);
    return buf_append(response, BYTES_ARRAY(trailer), err);
}

unsigned state_option(const struct card *card, enum card_option option)
{
    return card_option(&card->options, option);
}

/* Certificate, key and password for signatures are there together, or may be. */
static bool is_of_sign(const struct node *node)
{
    enum node_kind storage = node_storage(node->kind);

    return (storage == NODE_DATA && node->index == CARD_SIGN_CERT) ||
           (storage == NODE_PIN && node->index == CARD_PIN_SIGN) ||
           (storage == NODE_KEY && node->index == CARD_KEY_SIGN);
}

const struct node *state_find(const struct card *card, uint16_t fid)
{
    const struct node *node = card->applet == NULL ? NULL : applet_file(card->applet, fid);

    if (node != NULL && is_of_sign(node) && card->image.data[CARD_SIGN_CERT].len == 0 &&
        state_option(card, OPTION_MISSING_SIGN_CERTIFICATE) == MISSING_SIGN_CERTIFICATE_NO_PIN)
        return NULL;
    return node;
}

const struct node *state_any_file(const struct card *card, unsigned sfi, uint16_t *ret_sw)
{
    const struct node *node = card->file;

    if (sfi != 0)
        node = sfi > SFI_MAX ? NULL : state_find(card, (uint16_t)sfi);
    *ret_sw = SW_OK;
    if (node == NULL)
        *ret_sw = sfi == 0 ? SW_NO_CURRENT_FILE : SW_FILE_NOT_FOUND;
    return node;
}

const struct node *state_file(const struct card *card, unsigned sfi, enum node_kind kind,
                              uint16_t *ret_sw)
{
    const struct node *node = state_any_file(card, sfi, ret_sw);

    if (node == NULL || node->kind == kind)
        return node;
    *ret_sw = SW_WRONG_FILE_TYPE;
    return NULL;
}

/* Of the table, but for what depends on the card. */
static uint32_t opened_by(const struct card *card, const struct node *node)
{
    bool is_data = node_storage(node->kind) == NODE_DATA;

    if (is_data && node->index == CARD_AUTH_CERT && card_kind_rules(card->image.kind)->is_phone)
        return CARD_PIN_BIT(CARD_PIN_AUTH); /* card.md 7 */
    if (is_data && node->index == CARD_TEXT_DIGESTS &&
        state_option(card, OPTION_TEXT_0003_BY_B) == TEXT_0003_BY_B_NO)
        return node->opened_by & ~CARD_PIN_BIT(CARD_PIN_TEXT_B);
    return node->opened_by;
}

bool state_is_open(const struct card *card, const struct node *node)
{
    uint32_t pins = opened_by(card, node);

    return pins == 0 || (pins & card->verified) != 0;
}

uint16_t state_answer(struct card *card, struct bytes answer, struct buf *data)
{
    struct err err;

    return buf_append(data, answer, &err) < 0 ? state_failed(card, &err) : SW_OK;
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
                                 .options = image->options,
                                 .is_dead = image->is_dead,
                                 .is_personalised = image_is_personalised(image)};

    for (size_t i = 0; i < sizeof status.serial; i++)
        status.serial[i] = image->serial[i];
    for (unsigned i = 0; i < CARD_KEYS_; i++) {
        status.has_key[i] = image->keys[i] != NULL;
        status.has_new_key[i] = image->new_keys[i] != NULL;
    }
    for (unsigned i = 0; i < CARD_DATA_; i++) {
        status.has_data[i] = image->data[i].len > 0;
        status.data_size[i] = image->data[i].len;
    }
    for (unsigned i = 0; i < CARD_PINS_; i++) {
        status.has_pin[i] = image->pins[i].is_set;
        status.tries[i] = image->pins[i].is_set ? tries[i] : 0;
        status.tries_most[i] = image_tries(image, card_node(NODE_PIN, i));
        if (status.tries[i] > status.tries_most[i])
            status.tries[i] = status.tries_most[i];
    }
    *ret = status;
}

void card_status(const struct card *card, struct card_status *ret)
{
    card_status_of(&card->image, card->tries, ret);
    ret->options = card->options;
}
