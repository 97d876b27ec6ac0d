/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot  = sealed block, in a page of its own so that a torn write cannot reach both
 * block = sequence (8, big-endian), count (1), count * { address (3), tries (1) }, zeros
 *
 * The seal is bound to the card and to the slot, so slots cannot be swapped or taken from another
 * card. An old copy of the whole file cannot be told from a new one: who can write here could as
 * well run another card.
 */
#include "card/counters.h"

#include "base/file.h"
#include "crypto/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    SLOTS = 2,
    SLOT_PITCH = 4096,
    ENTRY_SIZE = 4,
    ENTRIES_OFFSET = 9,
    ENTRIES_MAX = 60,
    BLOCK_SIZE = 256,
    SLOT_SIZE = BLOCK_SIZE + SEAL_OVERHEAD,
    FILE_SIZE = SLOT_PITCH + SLOT_SIZE,
};

_Static_assert(ENTRIES_OFFSET + ENTRIES_MAX * ENTRY_SIZE <= BLOCK_SIZE, "a block holds them all");
_Static_assert((int)CARD_PINS_ <= ENTRIES_MAX, "every PIN has an entry");

static const char context_text[] = "OpenJPKI card counters 1";

struct slot_context {
    uint8_t bytes[sizeof context_text + CARD_ID_SIZE + 1];
};

static struct slot_context slot_context(const uint8_t card_id[CARD_ID_SIZE], unsigned slot)
{
    struct slot_context context;

    memcpy(context.bytes, context_text, sizeof context_text);
    memcpy(context.bytes + sizeof context_text, card_id, CARD_ID_SIZE);
    context.bytes[sizeof context_text + CARD_ID_SIZE] = (uint8_t)slot;
    return context;
}

static void put_big_endian(uint8_t *to, size_t size, uint64_t number)
{
    for (size_t i = 0; i < size; i++)
        to[i] = (uint8_t)(number >> 8 * (size - 1 - i) & 0xff);
}

static uint64_t get_big_endian(const uint8_t *from, size_t size)
{
    uint64_t number = 0;

    for (size_t i = 0; i < size; i++)
        number = number << 8 | from[i];
    return number;
}

/* The slot as it is to be written next, with counters->sequence. */
static int seal_slot(const struct counters *counters, unsigned slot,
                     const unsigned tries[CARD_PINS_], struct buf *ret, struct err *err)
{
    struct slot_context context = slot_context(counters->card_id, slot);
    uint8_t block[BLOCK_SIZE] = {0};

    put_big_endian(block, 8, counters->sequence);
    block[8] = CARD_PINS_;
    for (unsigned pin = 0; pin < CARD_PINS_; pin++) {
        uint8_t *entry = block + ENTRIES_OFFSET + pin * ENTRY_SIZE;

        put_big_endian(entry, 3, card_node_address(NODE_PIN, pin));
        entry[3] = (uint8_t)tries[pin];
    }
    return seal_close(counters->key, BYTES_ARRAY(context.bytes), BYTES_ARRAY(block), ret, err);
}

static void all_tries(unsigned ret[CARD_PINS_])
{
    for (unsigned pin = 0; pin < CARD_PINS_; pin++)
        ret[pin] = card_node(NODE_PIN, pin)->tries;
}

int counters_create(const char *path, const struct secret *key, const uint8_t card_id[CARD_ID_SIZE],
                    struct err *err)
{
    static const uint8_t nothing[FILE_SIZE];
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(buf_done) struct buf slot = BUF_INIT;
    struct counters counters = {.fd = -1, .key = key, .sequence = 1};

    memcpy(counters.card_id, card_id, CARD_ID_SIZE);
    all_tries(counters.tries);
    TRY(seal_slot(&counters, 0, counters.tries, &slot, err));
    TRY(buf_append(&file, buf_bytes(&slot), err));
    TRY(buf_append(&file, bytes_of(nothing, FILE_SIZE - SLOT_SIZE), err));
    return file_replace(path, 0600, buf_bytes(&file), err);
}

/* A PIN may have fewer tries than it began with, never more. */
static int read_entry(const uint8_t *entry, unsigned tries[CARD_PINS_], struct err *err)
{
    uint32_t address = (uint32_t)get_big_endian(entry, 3);
    const struct node *node = card_node_at(address);

    if (node == NULL || node->kind != NODE_PIN || entry[3] > node->tries)
        return FAIL(err, ERR_UNTRUSTED, "the counters name an impossible PIN %06X", address);
    tries[node->index] = entry[3];
    return 0;
}

struct slot {
    uint64_t sequence;
    unsigned tries[CARD_PINS_];
};

/* ERR_UNTRUSTED for a slot that is torn, empty, or not ours. */
static int read_slot(const struct counters *counters, unsigned number, struct bytes file,
                     struct slot *ret, struct err *err)
{
    struct slot_context context = slot_context(counters->card_id, number);
    struct bytes sealed = bytes_part(file, (size_t)number * SLOT_PITCH, SLOT_SIZE);
    CLEANUP(secret_done) struct secret block = SECRET_INIT;
    struct slot slot;

    if (sealed.len != SLOT_SIZE)
        return FAIL(err, ERR_UNTRUSTED, "slot %u is cut off", number);
    TRY(seal_open(counters->key, BYTES_ARRAY(context.bytes), sealed, &block, err));
    if (block.ptr[8] > ENTRIES_MAX)
        return FAIL(err, ERR_UNTRUSTED, "slot %u is malformed", number);
    all_tries(slot.tries);
    slot.sequence = get_big_endian(block.ptr, 8);
    for (unsigned i = 0; i < block.ptr[8]; i++)
        TRY(read_entry(block.ptr + ENTRIES_OFFSET + i * ENTRY_SIZE, slot.tries, err));
    *ret = slot;
    return 0;
}

/* The valid slot with the highest sequence number wins. */
static int read_newest(struct counters *counters, struct bytes file, struct err *err)
{
    bool is_found = false;

    for (unsigned number = 0; number < SLOTS; number++) {
        struct slot slot;
        int rc = read_slot(counters, number, file, &slot, err);

        if (rc == -ERR_UNTRUSTED || (rc == 0 && is_found && slot.sequence <= counters->sequence))
            continue;
        TRY(rc);
        is_found = true;
        counters->sequence = slot.sequence;
        counters->durable = number;
        memcpy(counters->tries, slot.tries, sizeof slot.tries);
    }
    if (!is_found)
        return FAIL(err, ERR_UNTRUSTED, "both copies are damaged or belong to another card");
    return 0;
}

static int lock(int fd, const char *path, struct err *err)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        return FAIL(err, ERR_CONFLICT, "%s: the card is in use by another process", path);
    return FAIL_ERRNO(err, "%s: cannot lock", path);
}

/*
 * A process that was killed may have left numbers that the disk does not have. They must be there
 * before anybody is told, and before the next save overwrites the slot that the disk does have.
 */
static int take_over(int fd, const char *path, struct err *err)
{
    TRY(lock(fd, path, err));
    if (fdatasync(fd) < 0)
        return FAIL_ERRNO(err, "%s: cannot sync", path);
    return 0;
}

int counters_open(const char *path, const struct secret *key, const uint8_t card_id[CARD_ID_SIZE],
                  enum counters_mode mode, struct counters *ret, struct err *err)
{
    CLEANUP(counters_done) struct counters counters = {.fd = -1, .key = key};
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    int flags = mode == COUNTERS_OWN ? O_RDWR : O_RDONLY;

    memcpy(counters.card_id, card_id, CARD_ID_SIZE);
    counters.fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW);
    if (counters.fd < 0 && errno == ENOENT)
        return FAIL(err, ERR_ABSENT, "%s: missing; a card does not open without its counters",
                    path);
    if (counters.fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (mode == COUNTERS_OWN)
        TRY(take_over(counters.fd, path, err));
    TRY(err_prefix(err, file_read_fd(counters.fd, FILE_SIZE, &file, err), "%s", path));
    TRY(err_prefix(err, read_newest(&counters, buf_bytes(&file), err), "%s", path));
    *ret = counters;
    counters.fd = -1;
    return 0;
}

int counters_save(struct counters *counters, const unsigned tries[CARD_PINS_], struct err *err)
{
    CLEANUP(buf_done) struct buf slot = BUF_INIT;
    unsigned number = (counters->durable + 1) % SLOTS;
    struct bytes rest;

    /* Even a failed attempt may have reached the disk, so its number is never used again. */
    counters->sequence++;
    TRY(seal_slot(counters, number, tries, &slot, err));
    for (rest = buf_bytes(&slot); rest.len > 0;) {
        off_t at = (off_t)number * SLOT_PITCH + (off_t)(slot.len - rest.len);
        ssize_t put = pwrite(counters->fd, rest.ptr, rest.len, at);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return FAIL_ERRNO(err, "the PIN counters could not be written");
        rest = bytes_part(rest, (size_t)put, rest.len);
    }
    if (fdatasync(counters->fd) < 0)
        return FAIL_ERRNO(err, "the PIN counters could not be synced");
    counters->durable = number;
    memcpy(counters->tries, tries, sizeof counters->tries);
    return 0;
}

void counters_done(struct counters *counters)
{
    fd_done(&counters->fd);
}
