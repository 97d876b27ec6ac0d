/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VERIFY with the right PIN: the try it costs is on disk before the PIN is looked at, and given
 * back on disk before the answer (docs/decisions/0016). So it can be no faster than that is.
 */
#include "programs/jpki-bench/bench.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/rand.h"
#include "card/card.h"
#include "card/counters.h"
#include "crypto/seal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT = 100, WRITES = 2, WRITE_SIZE = 256 + SEAL_OVERHEAD, PITCH = 4096 };

/* A directory with the counters of a card in it, and a file to write without one. */
struct bench_dir {
    char path[32];
    char counters[64], bare[64];
};

static void bench_dir_done(struct bench_dir *dir)
{
    (void)unlink(dir->counters);
    (void)unlink(dir->bare);
    (void)rmdir(dir->path);
}

static int bench_dir_make(struct bench_dir *ret, struct err *err)
{
    (void)snprintf(ret->path, sizeof ret->path, "/tmp/jpki-bench-pin-XXXXXX");
    if (mkdtemp(ret->path) == NULL)
        return FAIL_ERRNO(err, "/tmp");
    (void)snprintf(ret->counters, sizeof ret->counters, "%s/counters", ret->path);
    (void)snprintf(ret->bare, sizeof ret->bare, "%s/bare", ret->path);
    return 0;
}

/* The counters of a real card on disk; nothing else is saved here. */
struct storage {
    struct card_storage ops;
    struct counters counters;
};

static int save_tries(struct card_storage *ops, const unsigned tries[CARD_PINS_], struct err *err)
{
    return counters_save(&((struct storage *)ops)->counters, tries, err);
}

static int save_image(struct card_storage *ops, const struct image *image, struct err *err)
{
    (void)ops, (void)image;
    return FAIL(err, ERR_USAGE, "only PIN counters are saved here");
}

static void close_storage(struct card_storage *ops)
{
    counters_done(&((struct storage *)ops)->counters);
}

/* Takes storage. Has a PIN, and that one file which makes it somebody's. */
static int make_card(struct storage *storage, struct card **ret, struct err *err)
{
    struct image image = {.serial = "BENCH"};
    int rc = pin_verifier_make(BYTES_LITERAL("1234"), &image.pins[CARD_PIN_AUTH], err);

    if (rc == 0)
        rc = buf_append_text(&image.data[CARD_AUTH_CERT], "a certificate", err);
    if (rc == 0)
        rc = card_new(&image, storage->counters.tries, &storage->ops, ret, err);
    if (rc < 0)
        close_storage(&storage->ops);
    image_done(&image);
    return rc;
}

static int expect_ok(struct card *card, struct bytes command, struct err *err)
{
    CLEANUP(buf_done) struct buf response = BUF_INIT;

    TRY(card_apdu(card, command, &response, err));
    if (!bytes_equal(buf_bytes(&response), BYTES_LITERAL("\x90\x00")))
        return FAIL(err, ERR_REMOTE, "the card refuses a command");
    return 0;
}

static int time_card(struct card *card, double *ret_us, struct err *err)
{
    static const uint8_t select[] = {0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0,
                                     0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};
    static const uint8_t verify[] = {0x00, 0x20, 0x00, 0x98, 0x04, '1', '2', '3', '4'};
    int64_t started;

    TRY(expect_ok(card, BYTES_ARRAY(select), err));
    started = monotonic_us();
    for (int i = 0; i < COUNT; i++)
        TRY(expect_ok(card, BYTES_ARRAY(verify), err));
    *ret_us = (double)(monotonic_us() - started) / COUNT;
    return 0;
}

/* As many bytes as often to the same places. */
static int time_bare(int fd, double *ret_us, struct err *err)
{
    static const uint8_t block[WRITE_SIZE];
    int64_t started = monotonic_us();

    for (int i = 0; i < COUNT * WRITES; i++) {
        off_t at = i % 2 == 0 ? PITCH : 0;

        if (pwrite(fd, block, sizeof block, at) != (ssize_t)sizeof block || fdatasync(fd) < 0)
            return FAIL_ERRNO(err, "cannot write");
    }
    *ret_us = (double)(monotonic_us() - started) / COUNT;
    return 0;
}

static int open_counters(const struct bench_dir *dir, const struct secret *key,
                         struct counters *ret, struct err *err)
{
    static const uint8_t id[CARD_ID_SIZE];

    TRY(counters_create(dir->counters, key, id, err));
    return counters_open(dir->counters, key, id, COUNTERS_OWN, ret, err);
}

int bench_pin_verify(struct bench_result *ret, struct err *err)
{
    static const uint8_t nothing[PITCH + WRITE_SIZE];
    CLEANUP(bench_dir_done) struct bench_dir dir = {.path = ""};
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    struct storage storage = {{save_tries, save_image, close_storage}, COUNTERS_INIT};
    CLEANUP(card_freep) struct card *card = NULL;
    CLEANUP(fd_done) int bare = -1;
    double ours[BENCH_ROUNDS];
    double limit[BENCH_ROUNDS];

    TRY(bench_dir_make(&dir, err));
    TRY(secret_new(SEAL_KEY_SIZE, &key, err));
    TRY(rand_fill(key.ptr, key.len, err));
    TRY(open_counters(&dir, &key, &storage.counters, err));
    TRY(make_card(&storage, &card, err));
    TRY(file_replace(dir.bare, 0600, BYTES_ARRAY(nothing), err));
    bare = open(dir.bare, O_RDWR | O_CLOEXEC);
    if (bare < 0)
        return FAIL_ERRNO(err, "%s", dir.bare);
    for (int round = 0; round < BENCH_ROUNDS; round++) {
        TRY(time_card(card, &ours[round], err));
        TRY(time_bare(bare, &limit[round], err));
    }
    *ret = (struct bench_result){
        .ours = median(ours, BENCH_ROUNDS),
        .limit = median(limit, BENCH_ROUNDS),
        .unit = "us",
        .note = "VERIFY with the right PIN, counters on disk; limit: the two writes and fdatasyncs "
                "that it takes, without a card, in the same directory",
    };
    return 0;
}
