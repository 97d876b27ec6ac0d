/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/bench.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "reader/reader.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum { COUNT_DEFAULT = 1000, COUNT_MAX = 100000, CARD_MS = 5000, LOOK_EVERY_MS = 20 };

struct apdu {
    int64_t count;
};

static const struct cli_option options[] = {
    {'c', "count", CLI_INT, offsetof(struct apdu, count), N_("N"), N_("how many commands to send")},
    CLI_OPTIONS_END,
};

/* A card that was plugged in a moment ago takes pcscd up to 400 ms to notice. */
static int connect_first(struct reader **ret, struct err *err)
{
    int64_t deadline = monotonic_ms() + CARD_MS;

    for (;;) {
        struct reader_list list;

        TRY(reader_list(&list, err));
        for (size_t i = 0; i < list.count; i++)
            if (list.entries[i].has_card)
                return reader_connect(list.entries[i].name, ret, err);
        if (monotonic_ms() > deadline)
            return FAIL(err, ERR_ABSENT, "no reader has a card in it");
        if (poll(NULL, 0, LOOK_EVERY_MS) < 0 && errno != EINTR)
            return FAIL_ERRNO(err, "poll");
    }
}

static int send_all(struct reader *reader, double *times, size_t count, struct err *err)
{
    /* SELECT the JPKI application (card.md 4.1). */
    static const uint8_t select[] = {0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0,
                                     0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};
    CLEANUP(buf_done) struct buf response = BUF_INIT;

    for (size_t i = 0; i < count; i++) {
        int64_t started = monotonic_us();

        TRY(reader_transmit(reader, BYTES_ARRAY(select), &response, err));
        times[i] = (double)(monotonic_us() - started);
        if (response.len != 2 || response.ptr[0] != 0x90)
            return FAIL(err, ERR_REMOTE, "the card refuses to select its JPKI application");
    }
    return 0;
}

int apdu_measure(size_t count, double *ret_us, struct err *err)
{
    struct reader *reader = NULL;
    double *times = calloc(count, sizeof times[0]);

    if (times == NULL)
        return FAIL_NOMEM(err);
    int rc = connect_first(&reader, err);
    if (rc == 0)
        rc = send_all(reader, times, count, err);
    reader_disconnect(reader, READER_LEAVE);
    if (rc == 0)
        *ret_us = median(times, count);
    free(times);
    return rc;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    const struct apdu *apdu = parsed;
    size_t count = apdu->count == 0 ? COUNT_DEFAULT : (size_t)apdu->count;
    struct err err = {0};
    double us = 0;
    int rc;

    (void)argc;
    (void)argv;
    if (count > COUNT_MAX)
        rc = FAIL(&err, ERR_USAGE, "at most %d commands", COUNT_MAX);
    else
        rc = apdu_measure(count, &us, &err);
    if (rc < 0)
        return exit_report("jpki-bench", &err);
    printf("%.1f us\n", us);
    return EXIT_CODE_DONE;
}

const struct cli_command command_apdu = {
    .path = "apdu",
    .arguments = "",
    .description = N_("send SELECT to the first card again and again; print the median time"),
    .options = options,
    .size = sizeof(struct apdu),
    .run = run,
};
