/* SPDX-License-Identifier: Apache-2.0 */
/* The card's inside, for the files that implement its commands. */
#pragma once

#include "card/card.h"
#include "card/gp.h"
#include "iso7816/apdu.h"
#include "iso7816/sw.h"

enum { CARD_FORGED_KEYS = 2 };

struct card {
    struct image image;
    unsigned tries[CARD_PINS_];  /* as on disk, or fewer */
    struct card_options options; /* those of the image, or what card_set_options() said */
    struct card_storage *storage;

    int64_t forged_offset;                         /* of text 0002; -1: none */
    struct privkey *forged_keys[CARD_FORGED_KEYS]; /* of text and visual; NULL: their own */

    /* Gone at card_reset(). */
    const struct applet *applet; /* NULL: none selected */
    const struct node *file;     /* current EF or IEF of it; NULL: none */
    uint32_t verified;           /* bits of the PINs verified in this applet */
    bool is_used;                /* a command came */

    struct gp gp; /* the card manager and the free area */

    struct err failure; /* kind ERR_NONE: none */
};

/* A command: appends response data (at most apdu->ne bytes where that counts), gives the SW. */
typedef uint16_t card_command_fn(struct card *card, const struct apdu *apdu, struct buf *data);

card_command_fn cmd_select, cmd_read_binary, cmd_read_record;          /* cmd_file.c */
card_command_fn cmd_get_data, cmd_last_command;                        /* cmd_object.c */
card_command_fn cmd_set_session_key, cmd_verify_certificate;           /* the same */
card_command_fn cmd_verify, cmd_change_reference_data, cmd_change_key; /* cmd_pin.c */
card_command_fn cmd_compute_signature, cmd_internal_authenticate;      /* cmd_key.c */
card_command_fn cmd_get_challenge;                                     /* the same */

/* P2 of commands about a file: 80 the current one, 80|SFI one by its short identifier. */
enum { P2_IS_LOCAL = 0x80, SFI_MASK = 0x1f, SW_SIZE = 2 };

/* A file of the selected applet, as far as this kind of card has it; NULL otherwise. */
const struct node *state_find(const struct card *card, uint16_t fid);
/*
 * The file a command means: the current one for sfi 0, else by short identifier. *ret_sw is SW_OK,
 * or 6986 for no current file, 6A82 for no such file.
 */
const struct node *state_any_file(const struct card *card, unsigned sfi, uint16_t *ret_sw);
/* The same, and 6981 if it is of another kind. */
const struct node *state_file(const struct card *card, unsigned sfi, enum node_kind kind,
                              uint16_t *ret_sw);
/* Whether the PINs verified so far open this file or key. */
bool state_is_open(const struct card *card, const struct node *node);
/* The value of an option, as card/options.h names them. */
unsigned state_option(const struct card *card, enum card_option option);
/* The key to sign with. */
const struct privkey *state_key(const struct card *card, unsigned index);
/* Forge what was read of a file from offset, as card_forge_text() wants it. */
void state_forge(const struct card *card, const struct node *node, size_t offset, uint8_t *answer,
                 size_t len);
/* Append response data; the SW to answer with. */
uint16_t state_answer(struct card *card, struct bytes answer, struct buf *data);
/* Keep the reason for card_take_failure() and give the SW for it. */
uint16_t state_failed(struct card *card, const struct err *err);
