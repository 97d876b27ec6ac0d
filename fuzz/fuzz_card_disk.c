/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands into a card on disk, framed as in fuzz_card_apdu.c.
 * Whatever fails on the way, the card
 * opens again, tells what it told before, and no PIN has lost a try that nobody made.
 */
#include "base/file.h"
#include "card/state.h"
#include "card/store.h"
#include "fuzz.h"
#include "support/memory_card.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { COMMANDS_MAX = 32, FILE_SIZE_MAX = 1 << 20, PARTS = 3 };

static char folder[] = "/tmp/jpki-fuzz-XXXXXX";
static char names[PARTS][sizeof folder + 16];
static const struct store_paths paths = {names[0], NULL};
static struct buf parts[PARTS];

static void remove_files(void)
{
    for (int i = 0; i < PARTS; i++) {
        (void)unlink(names[i]);
        buf_done(&parts[i]);
    }
    (void)rmdir(folder);
}

/* The files of a personalised card, made once; it has no keys, which take long to load. */
static void make_parts(void)
{
    static const char *const suffixes[PARTS] = {"", ".counters", ".key"};
    CLEANUP(card_freep) struct card *card = NULL;
    struct image image;

    FUZZ_CHECK(mkdtemp(folder) != NULL && atexit(remove_files) == 0);
    for (int i = 0; i < PARTS; i++)
        (void)snprintf(names[i], sizeof names[i], "%s/card%s", folder, suffixes[i]);
    FUZZ_CHECK(store_make(&paths, "A1", NULL) == 0);
    FUZZ_CHECK(store_open(&paths, &card, NULL) == 0);
    memory_card_image(&image);
    for (unsigned i = 0; i < CARD_KEYS_; i++)
        privkey_freep(&image.keys[i]);
    FUZZ_CHECK(card->storage->save_image(card->storage, &image, NULL) == 0);
    image_done(&image);
    memory_card_release_keys();
    for (int i = 0; i < PARTS; i++)
        FUZZ_CHECK(file_read(names[i], FILE_SIZE_MAX, &parts[i], NULL) == 0);
}

static struct card *open_card(void)
{
    struct card *card = NULL;

    FUZZ_CHECK(store_open(&paths, &card, NULL) == 0);
    return card;
}

static struct card *new_card(void)
{
    if (parts[0].len == 0)
        make_parts();
    for (int i = 0; i < PARTS; i++)
        FUZZ_CHECK(file_replace(names[i], 0600, buf_bytes(&parts[i]), NULL) == 0);
    return open_card();
}

/* Commands that may have done something although they failed. */
struct open_ends {
    unsigned verifies, changes;
};

static void send(struct card *card, struct bytes command, struct open_ends *ends)
{
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    bool is_pin = command.len > 4 && command.ptr[1] == 0x20;
    unsigned before[CARD_PINS_];
    struct bytes data;
    uint16_t sw = SW_NO_DIAGNOSIS;

    memcpy(before, card->tries, sizeof before);
    if (!fuzz_failed(card_apdu(card, command, &response, NULL)))
        FUZZ_CHECK(apdu_split(buf_bytes(&response), &data, &sw, NULL) == 0);
    FUZZ_CHECK((sw != SW_MEMORY_FAILURE && sw != SW_NO_DIAGNOSIS) || fuzz_fault_met());
    for (unsigned pin = 0; pin < CARD_PINS_; pin++) {
        FUZZ_CHECK(card->tries[pin] <= before[pin] || (is_pin && sw == SW_OK));
        FUZZ_CHECK(card->tries[pin] >= before[pin] || is_pin);
    }
    if (sw == SW_MEMORY_FAILURE || sw == SW_NO_DIAGNOSIS) {
        ends->verifies += is_pin;
        ends->changes += command.len > 4 && command.ptr[1] == 0x24;
    }
}

/* What is on the disk is what the card had in mind, but for commands that failed. */
static void compare(const struct card *card, const struct card *again, const struct open_ends *ends)
{
    for (unsigned pin = 0; pin < CARD_PINS_; pin++) {
        const struct pin_verifier *told = &card->image.pins[pin];
        const struct pin_verifier *kept = &again->image.pins[pin];

        FUZZ_CHECK(again->tries[pin] <= card->tries[pin] || ends->verifies > 0);
        FUZZ_CHECK(again->tries[pin] + ends->verifies >= card->tries[pin]);
        FUZZ_CHECK(ends->changes > 0 || memcmp(told->hash, kept->hash, PIN_HASH_SIZE) == 0);
        FUZZ_CHECK(told->is_set == kept->is_set);
    }
}

FUZZ_TARGET(data, size)
{
    struct card *card = new_card();
    struct open_ends ends = {0};
    struct bytes rest = bytes_of(data, size);
    struct card had; /* PINs and tries only */
    struct card *again;

    fuzz_start_faults();
    for (int i = 0; i < COMMANDS_MAX && rest.len >= 2; i++) {
        struct bytes command = bytes_part(rest, 2, (size_t)rest.ptr[0] << 8 | rest.ptr[1]);

        rest = bytes_part(rest, 2 + command.len, rest.len);
        if (command.len == 1)
            card_reset(card);
        else
            send(card, command, &ends);
    }
    fuzz_stop_faults();
    had = *card;
    card_free(card);
    again = open_card();
    compare(&had, again, &ends);
    card_free(again);
    return 0;
}
