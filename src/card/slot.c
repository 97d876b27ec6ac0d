/* SPDX-License-Identifier: Apache-2.0 */
#include "card/slot.h"

#include "base/file.h"
#include "card/limits.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { GARBAGE = 0xa5, TROUBLE_NAME_SIZE = 32 };

struct slot {
    pthread_mutex_t mutex; /* guards what is below but changed_fd and those behind it */
    struct card *card;
    bool is_inserted;
    struct slot_trouble trouble;
    int64_t answered; /* since the trouble was asked for */
    uint64_t changes; /* of is_inserted */
    int changed_fd;
    slot_observe_fn *observe; /* this and its context: of the thread that transmits */
    void *observe_context;
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
    card_forge_text(slot->card, no_trouble.forged_byte);
    (void)!card_forge_keys(slot->card, false, NULL); /* cannot fail */
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
    size_t before = response->len;
    enum slot_outcome outcome;

    *ret_failure = (struct err){.kind = ERR_NONE};
    (void)slot_lock(slot);
    outcome = transmit(slot, command, response, ret_failure);
    slot_unlock(slot);
    if (slot->observe != NULL)
        slot->observe(slot->observe_context, command,
                      bytes_part(buf_bytes(response), before, response->len));
    return outcome;
}

void slot_observe(struct slot *slot, slot_observe_fn *observe, void *context)
{
    slot->observe = observe;
    slot->observe_context = context;
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

int slot_trouble(struct slot *slot, const struct slot_trouble *trouble, struct err *err)
{
    struct card *card = slot_lock(slot);
    int rc = card_forge_keys(card, trouble->copied != 0, err);

    if (rc == 0) {
        card_forge_text(card, trouble->forged_byte);
        slot->trouble = *trouble;
        slot->answered = 0;
    }
    slot_unlock(slot);
    return rc;
}

static const struct {
    const char *name;
    size_t offset;
    int64_t most;
} troubles[] = {
    {"remove_after", offsetof(struct slot_trouble, remove_after), INT64_MAX},
    {"garbage_after", offsetof(struct slot_trouble, garbage_after), INT64_MAX},
    {"mute_after", offsetof(struct slot_trouble, mute_after), INT64_MAX},
    {"latency_ms", offsetof(struct slot_trouble, latency_ms), SLOT_LATENCY_MAX_MS},
    {"forged_byte", offsetof(struct slot_trouble, forged_byte), UINT16_MAX},
    {"copied", offsetof(struct slot_trouble, copied), 1},
};

int slot_trouble_put(struct slot_trouble *trouble, const char *name, int64_t value, struct err *err)
{
    for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
        if (strcmp(troubles[i].name, name) != 0)
            continue;
        if (value < 0 || value > troubles[i].most)
            return FAIL(err, ERR_INPUT, "%s is a number from 0 to %" PRId64, name,
                        troubles[i].most);
        memcpy((char *)trouble + troubles[i].offset, &value, sizeof value);
        return 0;
    }
    return FAIL(err, ERR_INPUT,
                "there is no trouble called %.40s; there are %s, %s, %s, %s, %s and %s", name,
                troubles[0].name, troubles[1].name, troubles[2].name, troubles[3].name,
                troubles[4].name, troubles[5].name);
}

static int put_one(struct slot_trouble *trouble, const char *text, size_t len, struct err *err)
{
    char name[TROUBLE_NAME_SIZE];
    const char *equals = memchr(text, '=', len);
    char *end;
    long long value;

    if (equals == NULL || (size_t)(equals - text) >= sizeof name || !isdigit((uint8_t)equals[1]))
        return FAIL(err, ERR_INPUT, "a trouble is NAME=NUMBER, not \"%.*s\"",
                    (int)(len < TROUBLE_NAME_SIZE ? len : TROUBLE_NAME_SIZE), text);
    memcpy(name, text, (size_t)(equals - text));
    name[equals - text] = 0;
    errno = 0;
    value = strtoll(equals + 1, &end, 10);
    if (errno != 0 || end != text + len)
        return FAIL(err, ERR_INPUT, "%s is a number", name);
    return slot_trouble_put(trouble, name, value, err);
}

int slot_trouble_parse(const char *text, struct slot_trouble *trouble, struct err *err)
{
    struct slot_trouble all = *trouble;

    for (const char *at = text; at != NULL;) {
        const char *comma = strchr(at, ',');

        TRY(put_one(&all, at, comma == NULL ? strlen(at) : (size_t)(comma - at), err));
        at = comma == NULL ? NULL : comma + 1;
    }
    *trouble = all;
    return 0;
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
