/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The slot the card is in: whether it is inserted, and the troubles that tests ask for. Shared by
 * the thread that serves readers and those that serve the control socket.
 */
#pragma once

#include "card/card.h"

struct slot;

/* Each but the last three happens instead of the answer to a command, after so many; -1: never. */
struct slot_trouble {
    int64_t remove_after;  /* the card is pulled out */
    int64_t garbage_after; /* answers of the right length, all bytes A5, until it is pulled out */
    int64_t mute_after;    /* no answers until it is pulled out */
    int64_t latency_ms;    /* each answer is so late, at most SLOT_LATENCY_MAX_MS */
    int64_t forged_byte;   /* card_forge_text(); -1: none */
    int64_t copied;        /* card_forge_keys(), if not 0 */
};

#define SLOT_NO_TROUBLE                                                                            \
    {                                                                                              \
        -1, -1, -1, 0, -1, 0                                                                       \
    }

/* By the name of its member. ERR_INPUT for another name, a negative value, or one too large. */
MUST_CHECK int slot_trouble_put(struct slot_trouble *trouble, const char *name, int64_t value,
                                struct err *err);
/* NAME=VALUE, or several with commas between them, into *trouble. ERR_INPUT as above. */
MUST_CHECK int slot_trouble_parse(const char *text, struct slot_trouble *trouble, struct err *err);

enum slot_outcome {
    SLOT_ANSWERED,
    SLOT_MUTE,   /* say nothing */
    SLOT_ABSENT, /* there is no card (any more) */
};

/* Takes card on success. */
MUST_CHECK int slot_new(struct card *card, struct slot **ret, struct err *err);
void slot_free(struct slot *slot);
void slot_freep(struct slot **slot);

/*
 * A command from a reader. For SLOT_ANSWERED the response is appended; *ret_failure gets what
 * card_take_failure() gave (kind ERR_NONE: nothing).
 */
enum slot_outcome slot_transmit(struct slot *slot, struct bytes command, struct buf *response,
                                struct err *ret_failure);
/*
 * Be told of each command and its answer (empty: there was none), whichever way they went, by who
 * calls slot_transmit. NULL: of none. Before anything is transmitted.
 */
typedef void slot_observe_fn(void *context, struct bytes command, struct bytes response);
void slot_observe(struct slot *slot, slot_observe_fn *observe, void *context);
/* Power on, off, or reset. */
void slot_reset(struct slot *slot);

bool slot_is_inserted(struct slot *slot);
/* Pull the card out or put it in; ends all troubles. */
void slot_insert(struct slot *slot, bool inserted);
/* In the place of all that were asked for before. */
MUST_CHECK int slot_trouble(struct slot *slot, const struct slot_trouble *trouble, struct err *err);

/* For work on the card itself; nobody else sees it in between. */
struct card *slot_lock(struct slot *slot);
void slot_unlock(struct slot *slot);

/* How late the answer to a command has to leave. */
int64_t slot_latency_ms(struct slot *slot);

/* How often it was pulled out or put in so far. */
uint64_t slot_changes(struct slot *slot);
/* An eventfd that becomes readable when the card is pulled out or put in. */
int slot_changed_fd(const struct slot *slot);
void slot_changed_clear(struct slot *slot);
