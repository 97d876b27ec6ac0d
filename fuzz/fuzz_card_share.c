/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three PC/SC handles that ask for anything in any order, while the card comes and goes: five bytes
 * a step, whose handle and then a request. Whoever has a transaction is connected, and whoever has
 * the card for itself is alone.
 */
#include "card/share.h"
#include "fuzz.h"
#include "support/memory_card.h"

enum { HANDLES = 3, STEP = 5, CHANGE = 3, DEATH = 4 };

static struct slot *new_slot(void)
{
    static struct memory_storage storage;
    struct slot *slot;

    FUZZ_CHECK(slot_new(memory_card_new(&storage), &slot, NULL) == 0);
    return slot;
}

static void check(const struct share *share)
{
    bool has_owner = share->locked_by == NULL;
    unsigned exclusive = 0;
    unsigned count = 0;

    for (const struct share_handle *each = share->handles; each != NULL; each = each->next) {
        FUZZ_CHECK(each->is_connected && ++count <= HANDLES);
        has_owner = has_owner || each == share->locked_by;
        exclusive += each->mode == WIRE_EXCLUSIVE;
    }
    FUZZ_CHECK(has_owner && (share->locks == 0) == (share->locked_by == NULL));
    FUZZ_CHECK(exclusive == 0 || count == 1);
}

static void ask(struct share *share, struct share_handle *handle, const uint8_t step[STEP])
{
    static const uint8_t command[] = {0x00, 0x84, 0x00, 0x00, 0x04};
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct wire_request request;
    struct wire_answer answer;
    struct err failure;

    if (wire_parse_request(bytes_of(step + 1, WIRE_REQUEST_SIZE), &request, NULL) < 0)
        return;
    if (request.verb == WIRE_TRANSMIT)
        request.command = BYTES_ARRAY(command);
    if (share_ask(share, handle, &request, &answer, &data, &failure) == SHARE_LATER)
        FUZZ_CHECK(share->locked_by != NULL && share->locked_by != handle);
    FUZZ_CHECK(answer.code != WIRE_OK || request.verb != WIRE_TRANSMIT || data.len >= 2 ||
               share->locked_by != NULL);
}

FUZZ_TARGET(data, size)
{
    static const uint8_t atr[] = {0x3b, 0x80, 0x80, 0x01};
    static struct slot *slot;
    struct share_handle handles[HANDLES] = {{false, 0, SHARE_NO_NEWS, NULL}};
    struct share share;

    if (slot == NULL)
        slot = new_slot();
    slot_insert(slot, true);
    share_init(&share, slot, BYTES_ARRAY(atr));
    for (size_t at = 0; at + STEP <= size; at += STEP) {
        unsigned what = data[at] % (HANDLES + 2);

        if (what == CHANGE)
            slot_insert(slot, data[at + 1] % 2 == 0);
        else if (what == DEATH)
            share_drop(&share, &handles[data[at + 1] % HANDLES]);
        else
            ask(&share, &handles[what], data + at);
        check(&share);
    }
    return 0;
}
