/* SPDX-License-Identifier: Apache-2.0 */
#include "reader/reader.h"
#include "reader/replay.h"

#include "fuzz.h"

/* Whatever a recording says, a command gets an answer that could be one, or a failure. */
FUZZ_TARGET(data, size)
{
    static const uint8_t query[] = {0x00, 0x20, 0x00, 0x80};
    struct reader *reader = NULL;
    bool was_reset;

    if (replay_open(bytes_of(data, size), &reader, NULL) < 0)
        return 0;
    for (int i = 0; i < 3 && reader_begin(reader, &was_reset, NULL) == 0; i++) {
        CLEANUP(buf_done) struct buf answer = BUF_INIT;

        if (reader_transmit(reader, BYTES_ARRAY(query), &answer, NULL) == 0)
            FUZZ_CHECK(answer.len >= 2);
        reader_end(reader);
    }
    reader_disconnect(reader, READER_LEAVE);
    return 0;
}
