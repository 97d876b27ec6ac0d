/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The software card: a state machine that takes a command APDU and gives a response. It does no
 * I/O of its own; what must last goes through struct card_storage (card/store.h has the one on
 * disk). Not thread-safe: one caller at a time.
 */
#pragma once

#include "card/image.h"

/* Where lasting changes go. Each is durable when it returns 0. */
struct card_storage {
    int (*save_tries)(struct card_storage *storage, const unsigned tries[CARD_PINS_],
                      struct err *err);
    int (*save_image)(struct card_storage *storage, const struct image *image, struct err *err);
    void (*close)(struct card_storage *storage); /* releases it */
};

struct card;

/* Takes *image and storage on success; both stay the caller's on failure. */
MUST_CHECK int card_new(struct image *image, const unsigned tries[CARD_PINS_],
                        struct card_storage *storage, struct card **ret, struct err *err);
void card_free(struct card *card);
void card_freep(struct card **card);

/*
 * NAME=VALUE[,NAME=VALUE...], in the place of what the card file says and without changing it.
 * ERR_INPUT as of card_options_parse.
 */
MUST_CHECK int card_set_options(struct card *card, const char *text, struct err *err);
/*
 * Somebody tried to get at the inside (S27): keys, PINs and files are destroyed, for ever, and
 * every command fails. Durable when it returns 0.
 */
MUST_CHECK int card_destroy(struct card *card, struct err *err);

/*
 * Troubles for tests of whoever verifies what a card says. Byte offset of the file with the
 * holder's attributes (text 0002) has another lowest bit in answers; -1: none has.
 */
void card_forge_text(struct card *card, int64_t offset);
/* The keys of the text and visual applets are others than the files say, as on a copied card. */
MUST_CHECK int card_forge_keys(struct card *card, bool is_forged, struct err *err);

/* Power off, power on, reset: nothing is selected and no PIN is verified any more. */
void card_reset(struct card *card);

/*
 * Answer one command of any bytes. The response, 2 to APDU_RESPONSE_MAX bytes, is appended to
 * *response. PIN counters are durable before it returns. Fails only for lack of memory, and then
 * the command had no effect that the caller must know about but a lost try.
 */
MUST_CHECK int card_apdu(struct card *card, struct bytes command, struct buf *response,
                         struct err *err);

/*
 * A card that cannot write answers 6581, one that fails inside 6F00. This takes the reason of the
 * last such answer, for the log of whoever runs the card; false if there was none.
 */
bool card_take_failure(struct card *card, struct err *ret);

struct card_status {
    char serial[CARD_SERIAL_MAX + 1];
    enum card_kind kind;
    struct card_options options; /* as the card file has them */
    bool is_dead;
    bool is_personalised;
    bool has_key[CARD_KEYS_];
    bool has_new_key[CARD_KEYS_]; /* one that waits for its certificate */
    bool has_data[CARD_DATA_];
    size_t data_size[CARD_DATA_]; /* bytes, without filler */
    bool has_pin[CARD_PINS_];
    unsigned tries[CARD_PINS_];      /* left; 0 where no PIN is set */
    unsigned tries_most[CARD_PINS_]; /* after a right PIN */
};

void card_status(const struct card *card, struct card_status *ret);
/* The same for a card that is not opened. */
void card_status_of(const struct image *image, const unsigned tries[CARD_PINS_],
                    struct card_status *ret);
