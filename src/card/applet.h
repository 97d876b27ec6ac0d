/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is on a card, as tables: applets, and the files, PINs and keys below them (card.md 3).
 * An applet is one file applet_NAME.c and one row in applets[].
 */
#pragma once

#include "card/pin.h"

/* What a card stores; indexes into struct image. The card file knows them by applet and FID. */
enum card_data {
    CARD_SIGN_CERT,
    CARD_SIGN_CA_CERT,
    CARD_AUTH_CERT,
    CARD_AUTH_CA_CERT,
    CARD_TOKEN,    /* token information */
    CARD_PRESENCE, /* which certificates are there */
    CARD_JPKI_0009,
    CARD_TEXT_NUMBER,
    CARD_TEXT_ATTRS,
    CARD_TEXT_DIGESTS,
    CARD_TEXT_CVC,
    CARD_TEXT_INFO,
    CARD_TEXT_SM_KEY, /* public, for session keys */
    CARD_TEXT_KEY,    /* public, of CARD_KEY_TEXT, signed */
    CARD_TEXT_0008,
    CARD_VISUAL_AGE,
    CARD_VISUAL_FACE,
    CARD_VISUAL_INFO,
    CARD_VISUAL_CVC,
    CARD_VISUAL_NUMBER,
    CARD_VISUAL_0006,
    CARD_JUKI_KEYREF,   /* records */
    CARD_COMMON_RECORD, /* records */
    CARD_COMMON_KEYREF,
    CARD_MF_ISSUER, /* from here on: objects of GET DATA */
    CARD_MF_ID,
    CARD_MF_RECOGNITION,
    CARD_MF_MUNICIPALITY,
    CARD_MF_EXPIRY,
    CARD_MF_00F7,
    CARD_MF_00F8,
    CARD_MF_CVC, /* 7F21 */
    CARD_MF_ATR, /* 5F51 */
    CARD_DATA_   /* how many there are */
};

enum card_pin {
    CARD_PIN_SIGN,
    CARD_PIN_AUTH,
    CARD_PIN_TEXT,
    CARD_PIN_TEXT_A, /* check code A: the individual number */
    CARD_PIN_TEXT_B, /* check code B: birth date, expiry, security code */
    CARD_PIN_TEXT_0012,
    CARD_PIN_BIRTH,
    CARD_PIN_VISUAL_B,
    CARD_PIN_VISUAL_A,
    CARD_PIN_COMMON,
    CARD_PIN_JUKI,
    CARD_PINS_
};

enum card_key {
    CARD_KEY_SIGN,
    CARD_KEY_AUTH,
    CARD_KEY_TEXT,
    CARD_KEY_VISUAL,
    CARD_KEY_COMMON, /* for INTERNAL AUTHENTICATE */
    CARD_KEYS_
};

#define CARD_PIN_BIT(pin) (1u << (pin))

enum node_kind {
    NODE_DATA,    /* transparent EF */
    NODE_RECORDS, /* EF of simple TLV records, one behind the other */
    NODE_OBJECT,  /* of GET DATA; no file */
    NODE_PIN,     /* IEF with reference data */
    NODE_KEY,     /* IEF with a private key */
    NODE_SHUT,    /* transparent EF that nobody can read */
    NODE_QUERY,   /* IEF of which only is known that it answers a VERIFY query */
    NODE_OPAQUE,  /* IEF of which only is known that it can be selected */
};

/* One EF or IEF; its short identifier is the low five bits of the FID (card.md 3). */
struct node {
    uint16_t fid; /* NODE_OBJECT: the tag */
    enum node_kind kind;
    unsigned index; /* enum card_data, card_pin or card_key; 0 for the last three kinds */
    /* Files and keys: bits of the PINs of which one must be verified; 0: free. */
    uint32_t opened_by;
    /* Files: how long it is, its contents being followed by filler; records and objects: at most */
    size_t size;
    uint8_t filler;
    bool is_all_filler; /* NODE_DATA: it can be read also without contents */
    /* NODE_PIN */
    unsigned tries;              /* 0: blocked from the beginning */
    const struct pin_form *form; /* NULL: never set */
};

struct applet {
    const char *name; /* as JSON has it: "text" */
    uint8_t id;       /* in the card file; never renumbered */
    const uint8_t *aid;
    size_t aid_len;
    const struct node *nodes;
    size_t node_count;
    uint16_t default_key; /* of COMPUTE DIGITAL SIGNATURE with P2 00; 0: none */
    bool is_always_there; /* selectable on a blank card too */
};

extern const struct applet applet_isd;
extern const struct applet applet_jpki;
extern const struct applet applet_text;
extern const struct applet applet_visual;
extern const struct applet applet_juki;
extern const struct applet applet_common;

/* All applets, NULL-terminated. */
extern const struct applet *const applets[];

/* By FID or tag. NULL if there is none; objects are no files. */
const struct node *applet_node(const struct applet *applet, uint16_t fid);
const struct node *applet_file(const struct applet *applet, uint16_t fid);

/* What of struct image a node of this kind is about: NODE_DATA, NODE_PIN or NODE_KEY, or itself. */
enum node_kind node_storage(enum node_kind kind);
/*
 * A data file by name: "text" and 0001; "mf" and the tag for the objects of GET DATA. NULL if there
 * is none.
 */
const struct node *card_data_named(const char *applet, uint16_t fid);
/* The applet that owns a stored thing; storage is NODE_DATA, NODE_PIN or NODE_KEY. */
const struct applet *card_node_applet(enum node_kind storage, unsigned index);

/* The row of a stored thing over all applets; there is exactly one each. */
const struct node *card_node(enum node_kind storage, unsigned index);
/* Its name in the card file: applet and FID. */
uint32_t card_node_address(enum node_kind storage, unsigned index);
/* The way back; NULL if no applet has such a file. */
const struct node *card_node_at(uint32_t address);
