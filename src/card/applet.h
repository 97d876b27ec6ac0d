/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is on a card, as tables: applets, and the files, PINs and keys below them (card.md 3).
 * An applet is one file applet_NAME.c and one row in applets[].
 */
#pragma once

#include "base/bytes.h"

/* What a card stores; indexes into struct image. The card file knows them by applet and FID. */
enum card_data {
    CARD_SIGN_CERT,
    CARD_SIGN_CA_CERT,
    CARD_AUTH_CERT,
    CARD_AUTH_CA_CERT,
    CARD_TOKEN,    /* token information */
    CARD_PRESENCE, /* which certificates are there */
    CARD_DATA_     /* how many there are */
};

enum card_pin { CARD_PIN_SIGN, CARD_PIN_AUTH, CARD_PINS_ };
enum card_key { CARD_KEY_SIGN, CARD_KEY_AUTH, CARD_KEYS_ };

#define CARD_PIN_BIT(pin) (1u << (pin))

enum node_kind {
    NODE_DATA, /* transparent EF */
    NODE_PIN,  /* IEF with reference data */
    NODE_KEY,  /* IEF with a private key */
};

/* One EF or IEF; its short identifier is the low five bits of the FID (card.md 3). */
struct node {
    uint16_t fid;
    enum node_kind kind;
    unsigned index; /* enum card_data, card_pin or card_key */
    /* NODE_DATA and NODE_KEY: bits of the PINs of which one must be verified; 0: free. */
    uint32_t opened_by;
    /* NODE_DATA: the file is this long, its contents being followed by filler. */
    size_t size;
    uint8_t filler;
    /* NODE_PIN */
    unsigned tries;
    bool (*accepts)(struct bytes pin); /* what a new PIN must look like */
};

struct applet {
    const char *name;
    uint8_t id; /* in the card file; never renumbered */
    const uint8_t *aid;
    size_t aid_len;
    const struct node *nodes;
    size_t node_count;
    bool is_always_there; /* selectable on a blank card too */
};

extern const struct applet applet_isd;
extern const struct applet applet_jpki;
extern const struct applet applet_free;
extern const struct applet applet_area; /* any operator's */

/* All applets, NULL-terminated. */
extern const struct applet *const applets[];

/* By FID, by short identifier (1 to 30), by what is stored. NULL if there is none. */
const struct node *applet_node(const struct applet *applet, uint16_t fid);
const struct node *applet_node_sfi(const struct applet *applet, unsigned sfi);

/* The row of a stored thing over all applets; there is exactly one each. */
const struct node *card_node(enum node_kind kind, unsigned index);
/* Its name in the card file: applet and FID. */
uint32_t card_node_address(enum node_kind kind, unsigned index);
/* The way back; NULL if no applet has such a file. */
const struct node *card_node_at(uint32_t address);
