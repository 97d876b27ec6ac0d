/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One card shared by several PC/SC handles, as pcscd shares it: common selection and PIN states,
 * transactions that keep the others waiting, exclusive use, and news of resets and removals to
 * handles that did not cause them. No I/O; who calls it keeps a request that has to wait and asks
 * again.
 */
#pragma once

#include "card/slot.h"
#include "softpcsc/wire.h"

/* What happened to the card behind a handle's back, until it connects again. */
enum share_news { SHARE_NO_NEWS, SHARE_WAS_RESET, SHARE_WAS_REMOVED };

/* Embedded in what stands for a program's handle; all zero at first. */
struct share_handle {
    bool is_connected;
    uint8_t mode; /* WIRE_SHARED, WIRE_EXCLUSIVE, WIRE_DIRECT */
    enum share_news news;
    struct share_handle *next;
};

struct share {
    struct slot *slot;
    struct bytes atr;
    struct share_handle *handles; /* connected ones */
    struct share_handle *locked_by;
    unsigned locks;   /* how often it began a transaction and did not end it */
    uint8_t protocol; /* the active one; 0: not chosen yet */
    uint64_t changes; /* of the slot, as far as the handles were told */
};

/* Nothing is answered yet: somebody's transaction is in the way. */
enum share_outcome { SHARE_ANSWERED, SHARE_LATER };

void share_init(struct share *share, struct slot *slot, struct bytes atr);
/*
 * Do what is asked. Response data is appended to data; answer->data is left to the caller.
 * *ret_failure as slot_transmit gives it. WIRE_WATCH gives the state, like WIRE_STATUS of a handle
 * without news; what else it and WIRE_TRACE mean is the caller's.
 */
enum share_outcome share_ask(struct share *share, struct share_handle *handle,
                             const struct wire_request *request, struct wire_answer *answer,
                             struct buf *data, struct err *ret_failure);
/* The state of the reader, for those who watch. */
void share_state(const struct share *share, struct wire_answer *ret);
/* A handle's program is gone. As under pcscd, the end of its transaction resets the card. */
void share_drop(struct share *share, struct share_handle *handle);
/* Tell the handles if the card was pulled out or put in since; share_ask does so by itself. */
void share_notice(struct share *share);
/* The card is powered off, because somebody else gets it or nobody has used it for a while. */
void share_power_off(struct share *share);
