/* SPDX-License-Identifier: Apache-2.0 */
#include "card/slot.h"

#include "base/file.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { GARBAGE = 0xa5 };

struct slot {
    pthread_mutex_t mutex; /* guards everything below but changed_fd */
    struct card *card;
    bool is_inserted;
    struct slot_trouble trouble;
    int64_t answered; /* since the trouble was asked for */
    uint64_t changes; /* of is_inserted */
    int changed_fd;
};

static const struct slot_trouble no_trouble = SLOT_NO_TROUBLE;

int slot_new(struct card *card, struct slot **ret, struct err *err)
{
    struct slot *slot = calloc(1, sizeof *slot);

    if (slot == NULL)
        return FAIL_NOMEM(err);
    slot->changed_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (slot->changed_fd < 0) {
        free(slot);
        return FAIL_ERRNO(err, "cannot make an eventfd");
    }
    (void)pthread_mutex_init(&slot->mutex, NULL);
    slot->card = card;
    slot->is_inserted = true;
    slot->trouble = no_trouble;
    *ret = slot;
    return 0;
}

void slot_free(struct slot *slot)
{
    if (slot == NULL)
        return;
    card_free(slot->card);
    fd_done(&slot->changed_fd);
    (void)pthread_mutex_destroy(&slot->mutex);
    free(slot);
}

void slot_freep(struct slot **slot)
{
    slot_free(*slot);
    *slot = NULL;
}

struct card *slot_lock(struct slot *slot)
{
    (void)pthread_mutex_lock(&slot->mutex);
    return slot->card;
}

void slot_unlock(struct slot *slot)
{
    (void)pthread_mutex_unlock(&slot->mutex);
}

/* With the mutex held. */
static void change(struct slot *slot, bool inserted)
{
    const uint64_t one = 1;

    slot->is_inserted = inserted;
    slot->changes++;
    slot->trouble = no_trouble;
    card_reset(slot->card);
    (void)!write(slot->changed_fd, &one, sizeof one); /* full is readable, too */
}

/* With the mutex held; true once `after` commands were answered properly. */
static bool is_due(const struct slot *slot, int64_t after)
{
    return after >= 0 && slot->answered >= after;
}

static enum slot_outcome transmit(struct slot *slot, struct bytes command, struct buf *response,
                                  struct err *ret_failure)
{
    size_t before = response->len;

    if (!slot->is_inserted)
        return SLOT_ABSENT;
    if (is_due(slot, slot->trouble.remove_after)) {
        change(slot, false);
        return SLOT_ABSENT;
    }
    if (is_due(slot, slot->trouble.mute_after))
        return SLOT_MUTE;
    /* Without memory for an answer the card says nothing, as one that lost power would. */
    if (card_apdu(slot->card, command, response, ret_failure) < 0)
        return SLOT_MUTE;
    (void)card_take_failure(slot->card, ret_failure);
    if (is_due(slot, slot->trouble.garbage_after))
        memset(response->ptr + before, GARBAGE, response->len - before);
    slot->answered++;
    return SLOT_ANSWERED;
}

enum slot_outcome slot_transmit(struct slot *slot, struct bytes command, struct buf *response,
                                struct err *ret_failure)
{
    enum slot_outcome outcome;

    *ret_failure = (struct err){.kind = ERR_NONE};
    (void)slot_lock(slot);
    outcome = transmit(slot, command, response, ret_failure);
    slot_unlock(slot);
    return outcome;
}

void slot_reset(struct slot *slot)
{
    card_reset(slot_lock(slot));
    slot_unlock(slot);
}

bool slot_is_inserted(struct slot *slot)
{
    bool is_inserted;

    (void)slot_lock(slot);
    is_inserted = slot->is_inserted;
    slot_unlock(slot);
    return is_inserted;
}

void slot_insert(struct slot *slot, bool inserted)
{
    (void)slot_lock(slot);
    change(slot, inserted);
    slot_unlock(slot);
}

void slot_trouble(struct slot *slot, const struct slot_trouble *trouble)
{
    (void)slot_lock(slot);
    slot->trouble = *trouble;
    slot->answered = 0;
    slot_unlock(slot);
}

int64_t slot_latency_ms(struct slot *slot)
{
    int64_t latency_ms;

    (void)slot_lock(slot);
    latency_ms = slot->trouble.latency_ms;
    slot_unlock(slot);
    return latency_ms;
}

uint64_t slot_changes(struct slot *slot)
{
    uint64_t changes;

    (void)slot_lock(slot);
    changes = slot->changes;
    slot_unlock(slot);
    return changes;
}

int slot_changed_fd(const struct slot *slot)
{
    return slot->changed_fd;
}

void slot_changed_clear(struct slot *slot)
{
    uint64_t count;

    (void)!read(slot->changed_fd, &count, sizeof count);
}
